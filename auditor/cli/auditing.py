"""The commands that look at a database: audit, collect, doctor, demo."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auditor.cli import console
from auditor.cli.options import (
    ConfigOption,
    FailOnOption,
    LockTimeoutOption,
    NoColorOption,
    NoSampleOption,
    OutputOption,
    QuietOption,
    SlowLogOption,
    StatementTimeoutOption,
    TargetArgument,
    TimeBudgetOption,
)
from auditor.text import visible

if TYPE_CHECKING:
    from auditor.application import AuditDone


def audit(
    target: Annotated[
        str, typer.Argument(metavar="TARGET", help="A URL, a name from auditor.toml, env:VARIABLE, or a snapshot file.")
    ],
    output: OutputOption = None,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="CHECK", help="Checks or pillars to run; globs.")
    ] = None,
    skip: Annotated[
        list[str] | None, typer.Option("--skip", metavar="CHECK", help="Checks or pillars to leave out; globs.")
    ] = None,
    fail_on: FailOnOption = None,
    fail_new: Annotated[bool, typer.Option("--fail-new", help="Exit 1 on findings not in the baseline.")] = False,
    min_score: Annotated[
        float | None, typer.Option("--min-score", metavar="SCORE", help="Exit 1 below it (0 to 100).")
    ] = None,
    min_coverage: Annotated[
        float | None, typer.Option("--min-coverage", metavar="SHARE", help="Exit 4 below it (0 to 1).")
    ] = None,
    baseline: Annotated[Path | None, typer.Option("--baseline", metavar="FILE", help="Accepted risks.")] = None,
    calibration: Annotated[
        Path | None, typer.Option("--calibration", metavar="PROOF", help="Estimate by a rehearsal's speeds.")
    ] = None,
    config: ConfigOption = None,
    erd: Annotated[bool, typer.Option("--erd", help="Draw an entity-relationship diagram.")] = False,
    all_databases: Annotated[bool, typer.Option("--all-databases", help="One report per database.")] = False,
    slow_log: SlowLogOption = None,
    statement_timeout: StatementTimeoutOption = None,
    lock_timeout: LockTimeoutOption = None,
    time_budget: TimeBudgetOption = None,
    no_sample: NoSampleOption = False,
    quiet: QuietOption = False,
    no_color: NoColorOption = False,
) -> int:
    """Audit a database, or a snapshot of one, and write the reports."""
    from auditor.application import AuditFailed, AuditRequest, Settings, run_audits
    from auditor.gates import DONE

    console.configure(color=not no_color, quiet=quiet)
    settings = Settings.merge(
        config, output=output, only=only, skip=skip, fail_on=fail_on, fail_new=fail_new or None, min_score=min_score,
        min_coverage=min_coverage, baseline=str(baseline) if baseline else None, statement_timeout=statement_timeout,
        lock_timeout=lock_timeout, time_budget=time_budget, sample=False if no_sample else None,
        calibration=str(calibration) if calibration else None,
    )  # fmt: skip
    request = AuditRequest(target=target, settings=settings, erd=erd, all_databases=all_databases, slow_log=slow_log)
    statuses = []
    with console.progress() as update:
        for done in run_audits(request, update, console.say):
            if isinstance(done, AuditFailed):
                message = f"{done.database}: {done.error.message}"
                statuses.append(console.report_error(message, done.error.hint, done.error.status))
                continue
            statuses.append(_report(done))
    return max(statuses, key=_gravity, default=DONE)


def _gravity(status: int) -> int:
    """Order exit statuses by what they tell: a fault, then a target not reached, a failed gate, low coverage."""
    return (0, 4, 1, 3, 2).index(status)


def collect(
    target: TargetArgument,
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE", help="Where to; .gz and .zst compress, - is stdout.")
    ] = Path("snapshot.json.zst"),
    config: ConfigOption = None,
    slow_log: SlowLogOption = None,
    statement_timeout: StatementTimeoutOption = None,
    lock_timeout: LockTimeoutOption = None,
    time_budget: TimeBudgetOption = None,
    no_sample: NoSampleOption = False,
    quiet: QuietOption = False,
    no_color: NoColorOption = False,
) -> int:
    """Collect a snapshot, to audit it later or elsewhere."""
    from auditor.application import Settings, collect_target, find_target
    from auditor.outputs import write_stdout
    from auditor.storage import check_writable, encode_snapshot, pack, write_file

    console.configure(color=not no_color, quiet=quiet)
    settings = Settings.merge(
        config, statement_timeout=statement_timeout, lock_timeout=lock_timeout, time_budget=time_budget,
        sample=False if no_sample else None,
    )  # fmt: skip
    options = settings.collect_options(slow_log)
    if str(output) != "-":
        check_writable(output)
    with console.progress() as update:
        snapshot = collect_target(find_target(target, settings, console.say), options, update)
    data = encode_snapshot(snapshot)
    if str(output) == "-":
        write_stdout(data)
        return 0
    write_file(output, pack(output.name, data))
    ok = sum(probe.outcome == "ok" for probe in snapshot.probes)
    console.say(f"{ok} of {len(snapshot.probes)} probes answered; the snapshot is in {output}")
    return 0


def doctor(
    target: TargetArgument,
    config: ConfigOption = None,
    statement_timeout: StatementTimeoutOption = None,
    lock_timeout: LockTimeoutOption = None,
    no_color: NoColorOption = False,
) -> int:
    """Tell what the role may not see, and print the exact grants."""
    from auditor.application import Settings, collect_target, find_target

    console.configure(color=not no_color)
    settings = Settings.merge(config, statement_timeout=statement_timeout, lock_timeout=lock_timeout)
    options = settings.collect_options(None)
    with console.progress() as update:
        snapshot = collect_target(find_target(target, settings, console.say), options, update)
    wanting = [probe for probe in snapshot.probes if probe.outcome != "ok" or probe.reason]
    ok = sum(probe.outcome == "ok" for probe in snapshot.probes)
    console.say(f"{ok} of {len(snapshot.probes)} probes answered")
    for probe in wanting:
        state = "partly" if probe.outcome == "ok" else str(probe.outcome)
        console.say(f"  {probe.probe:22} {state:12} {probe.reason or ''}")
    statements = (statement for probe in wanting if probe.grant for statement in _split(probe.grant))
    grants = list(dict.fromkeys(statements))
    console.say("Grants that would show more:" if grants else "No grant would show more.")
    if grants:
        console.show("\n".join(f"{visible(grant)};" for grant in grants))
    return 0


def _split(grant: str) -> list[str]:
    """Part the statements of a grant at the semicolons that stand outside quoted names."""
    parts = re.findall(r"""(?:[^"'`;]|"[^"]*"|'[^']*'|`[^`]*`)+""", grant)
    return [part.strip() for part in parts if part.strip()]


def demo(
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FOLDER", help="Where to.")] = Path("demo"),
    rehearsal: Annotated[bool, typer.Option("--rehearsal/--no-rehearsal", help="Prove its plan as well.")] = True,
    quiet: QuietOption = False,
    no_color: NoColorOption = False,
) -> int:
    """Audit a sample database on an embedded server."""
    from auditor.application import AuditDone, AuditRequest, Settings, run_audits
    from auditor.gates import DONE
    from auditor.registry import load_connectors
    from auditor.rehearsal import rehearse_audit

    console.configure(color=not no_color, quiet=quiet)
    connector = next(found for found in load_connectors().values() if found.demonstrates)
    settings = Settings(folder=output)
    status = DONE
    with connector.demo(console.say) as url:
        console.say("auditing it")
        request = AuditRequest(target=url, settings=settings, erd=True)
        with console.progress() as update:
            for done in run_audits(request, update, lambda _note: None):
                if isinstance(done, AuditDone):
                    status = _report(done)
        if rehearsal and isinstance(done, AuditDone) and connector.rehearses:
            console.say("rehearsing its plan on another one, which takes a minute")
            proved = rehearse_audit(done, url, settings, lambda _note: None)
            console.print_proof(proved.proof, proved.written)
            for error in proved.errors:
                console.report_error(error.message, error.hint, error.status)
            status = max(status, proved.status)
    return status


def _report(done: AuditDone) -> int:
    """Print the verdict of an audit, the gates that failed and the files that could not be written."""
    console.print_verdict(done.audit, done.written, to_stdout=not done.to_stdout)
    for sentence in done.failures:
        console.tell(visible(f"gate: {sentence}"))
    for error in done.errors:
        console.report_error(error.message, error.hint, error.status)
    return done.status

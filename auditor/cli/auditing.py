"""The commands that look at a database: audit, collect, doctor, demo."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from auditor.cli import console
from auditor.cli.options import (
    ConfigOption,
    LockTimeoutOption,
    NoColorOption,
    OutputOption,
    QuietOption,
    SeverityName,
    SlowLogOption,
    StatementTimeoutOption,
    TargetArgument,
)


def audit(
    target: Annotated[
        str, typer.Argument(metavar="TARGET|FILE", help="A URL, a name from auditor.toml, env:VARIABLE, or a snapshot.")
    ],
    output: OutputOption = None,
    only: Annotated[list[str] | None, typer.Option("--only", help="Checks or pillars to run; globs.")] = None,
    skip: Annotated[list[str] | None, typer.Option("--skip", help="Checks or pillars to leave out; globs.")] = None,
    fail_on: Annotated[SeverityName | None, typer.Option("--fail-on", help="Exit 1 on findings this grave.")] = None,
    fail_new: Annotated[bool, typer.Option("--fail-new", help="Exit 1 on findings not in the baseline.")] = False,
    min_score: Annotated[float | None, typer.Option("--min-score", min=0, max=100, help="Exit 1 below it.")] = None,
    min_coverage: Annotated[
        float | None, typer.Option("--min-coverage", min=0, max=1, help="Exit 4 below this share (0 to 1).")
    ] = None,
    baseline: Annotated[Path | None, typer.Option("--baseline", help="Accepted risks.")] = None,
    config: ConfigOption = None,
    erd: Annotated[bool, typer.Option("--erd", help="Draw an entity-relationship diagram.")] = False,
    all_databases: Annotated[bool, typer.Option("--all-databases", help="One report per database.")] = False,
    slow_log: SlowLogOption = None,
    statement_timeout: StatementTimeoutOption = None,
    lock_timeout: LockTimeoutOption = None,
    quiet: QuietOption = False,
    no_color: NoColorOption = False,
) -> int:
    """Audit a database, or a snapshot of one, and write the reports."""
    from auditor.application import AuditRequest, Settings, run_audits
    from auditor.gates import DONE

    console.configure(color=not no_color, quiet=quiet)
    settings = Settings.merge(
        config, output=output, only=only, skip=skip, fail_on=fail_on.value if fail_on else None,
        fail_new=fail_new or None, min_score=min_score, min_coverage=min_coverage,
        baseline=str(baseline) if baseline else None, statement_timeout=statement_timeout, lock_timeout=lock_timeout,
    )  # fmt: skip
    request = AuditRequest(target=target, settings=settings, erd=erd, all_databases=all_databases, slow_log=slow_log)
    statuses = []
    with console.progress() as update:
        for done in run_audits(request, update, console.say):
            update("", "", 0, 0)
            stream = sys.stderr if done.to_stdout else sys.stdout
            console.print_verdict(done.audit, done.written, stream)
            for sentence in done.failures:
                console.say(f"gate: {sentence}")
            statuses.append(done.status)
    return max(statuses, key=_gravity, default=DONE)


def _gravity(status: int) -> int:
    """Order exit statuses by what they tell: a fault, then a target not reached, a failed gate, low coverage."""
    return (0, 4, 1, 3, 2).index(status)


def collect(
    target: TargetArgument,
    output: Annotated[
        Path, typer.Option("-o", "--output", help="The file; .gz and .zst compress, - is stdout.")
    ] = Path("snapshot.json.zst"),
    config: ConfigOption = None,
    slow_log: SlowLogOption = None,
    statement_timeout: StatementTimeoutOption = None,
    lock_timeout: LockTimeoutOption = None,
    quiet: QuietOption = False,
    no_color: NoColorOption = False,
) -> int:
    """Collect a snapshot, to audit it later or elsewhere."""
    from auditor.application import Settings, collect_target
    from auditor.storage import encode_snapshot, pack, write_file

    console.configure(color=not no_color, quiet=quiet)
    settings = Settings.merge(config, statement_timeout=statement_timeout, lock_timeout=lock_timeout)
    with console.progress() as update:
        snapshot = collect_target(settings.target(target), settings.collect_options(slow_log), update)
    data = encode_snapshot(snapshot)
    if str(output) == "-":
        sys.stdout.buffer.write(data)
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
    from auditor.application import Settings, collect_target
    from auditor.text import visible

    console.configure(color=not no_color, quiet=False)
    settings = Settings.merge(config, statement_timeout=statement_timeout, lock_timeout=lock_timeout)
    with console.progress() as update:
        snapshot = collect_target(settings.target(target), settings.collect_options(None), update)
    wanting = [probe for probe in snapshot.probes if probe.outcome != "ok" or probe.reason]
    ok = len(snapshot.probes) - sum(probe.outcome != "ok" for probe in snapshot.probes)
    console.say(f"{ok} of {len(snapshot.probes)} probes answered")
    for probe in wanting:
        state = "partly" if probe.outcome == "ok" else str(probe.outcome)
        console.say(f"  {probe.probe:22} {state:12} {visible(probe.reason or '')}")
    grants = list(dict.fromkeys(probe.grant for probe in wanting if probe.grant))
    console.say("Grants that would show more:" if grants else "No grant would show more.")
    for grant in grants:
        for statement in grant.split("; "):
            print(f"{statement.rstrip(';')};")
    return 0


def demo(
    output: Annotated[Path, typer.Option("-o", "--output", help="The folder for the reports.")] = Path("demo"),
    quiet: QuietOption = False,
    no_color: NoColorOption = False,
) -> int:
    """Start an embedded server with a sample database, audit it and write the reports."""
    from auditor.application import AuditRequest, Settings, run_audits
    from auditor.registry import load_connectors

    console.configure(color=not no_color, quiet=quiet)
    connector = next(iter(load_connectors().values()))
    settings = Settings(folder=output)
    console.say("Starting an embedded server and filling it with six years of a shop's life …")
    with connector.demo() as url:
        console.say("Auditing it …")
        with console.progress() as update:
            for done in run_audits(AuditRequest(target=url, settings=settings, erd=True), update, console.say):
                console.print_verdict(done.audit, done.written, sys.stdout)
    return 0

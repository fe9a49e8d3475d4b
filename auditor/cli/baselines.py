"""The commands about accepted risks: baseline create, update, prune."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from auditor.cli import console

commands = typer.Typer(help="Accept risks, with a reason and an end.", no_args_is_help=True, rich_markup_mode=None)

DEFAULT = Path("auditor-baseline.json")
ReportArgument = Annotated[Path, typer.Argument(metavar="REPORT", help="A report as JSON or HTML.")]
FileOption = Annotated[Path, typer.Option("--baseline", "-b", help="The baseline file.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why the findings are accepted.")]
OwnerOption = Annotated[str, typer.Option("--owner", help="Who accepts them.")]
UntilOption = Annotated[str | None, typer.Option("--until", metavar="DATE", help="The last day, as YYYY-MM-DD.")]
OnlyOption = Annotated[list[str] | None, typer.Option("--only", help="Only findings of these checks; globs.")]


@commands.command()
def create(
    report: ReportArgument, reason: ReasonOption, baseline: FileOption = DEFAULT, owner: OwnerOption = "",
    until: UntilOption = None, only: OnlyOption = None,
) -> int:  # fmt: skip
    """Start a baseline from the findings of a report."""
    from auditor.baseline import Baseline
    from auditor.errors import UsageError

    if baseline.exists():
        raise UsageError(f"{baseline} exists", "add to it with: auditor baseline update")
    return _accept(Baseline(), report, reason, baseline, owner, until, only)


@commands.command()
def update(
    report: ReportArgument, reason: ReasonOption, baseline: FileOption = DEFAULT, owner: OwnerOption = "",
    until: UntilOption = None, only: OnlyOption = None,
) -> int:  # fmt: skip
    """Accept the findings of a report that are not in the baseline yet."""
    from auditor.baseline import read_baseline

    return _accept(read_baseline(baseline), report, reason, baseline, owner, until, only)


@commands.command()
def prune(report: ReportArgument, baseline: FileOption = DEFAULT) -> int:
    """Drop entries that expired or that no finding answers to any more."""
    from auditor.baseline import read_baseline
    from auditor.model.facts import moment
    from auditor.reports import load_report
    from auditor.storage import write_file

    audit, old = load_report(report), read_baseline(baseline)
    collected = moment(audit.target.collected_at)
    pruned = old.pruned(audit.findings, collected.date() if collected else date.min)
    write_file(baseline, pruned.encode())
    console.say(
        f"{len(old.accepted) - len(pruned.accepted)} entries dropped, {len(pruned.accepted)} kept in {baseline}"
    )
    return 0


def _accept(
    start: object, report: Path, reason: str, path: Path, owner: str, until: str | None, only: list[str] | None
) -> int:
    import fnmatch

    from auditor.baseline import Baseline
    from auditor.errors import UsageError
    from auditor.reports import load_report
    from auditor.storage import write_file

    assert isinstance(start, Baseline)  # noqa: S101 -- the callers' types, kept lazy for start-up
    if until is not None:
        try:
            date.fromisoformat(until)
        except ValueError as error:
            raise UsageError(f"--until {until} is not a date", "write it as YYYY-MM-DD") from error
    findings = [
        finding
        for finding in load_report(report).findings
        if not only or any(fnmatch.fnmatchcase(finding.check, pattern) for pattern in only)
    ]
    result = start.with_findings(findings, reason=reason, owner=owner, until=until)
    write_file(path, result.encode())
    console.say(f"{len(result.accepted) - len(start.accepted)} findings accepted in {path}")
    return 0

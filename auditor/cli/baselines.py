"""The commands about accepted risks: baseline create, update, prune."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auditor.cli import console

if TYPE_CHECKING:
    from auditor.baseline import Baseline

commands = typer.Typer(help="Accept risks, with a reason and an end.", no_args_is_help=True, rich_markup_mode=None)

DEFAULT = Path("auditor-baseline.json")
ReportArgument = Annotated[Path, typer.Argument(metavar="REPORT", help="A report as JSON or HTML.")]
FileOption = Annotated[Path, typer.Option("--baseline", "-b", metavar="FILE", help="The baseline file.")]
ReasonOption = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why the findings are accepted.")]
OwnerOption = Annotated[str, typer.Option("--owner", metavar="NAME", help="Who accepts them.")]
UntilOption = Annotated[str | None, typer.Option("--until", metavar="DATE", help="The last day, as YYYY-MM-DD.")]
OnlyOption = Annotated[
    list[str] | None, typer.Option("--only", metavar="CHECK", help="Only findings of these checks; globs.")
]


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
    from auditor.baseline import assessed_by, day_of, read_baseline
    from auditor.reports import load_report
    from auditor.storage import write_file
    from auditor.text import count

    audit, old = load_report(report), read_baseline(baseline)
    pruned = old.pruned(audit.findings, day_of(audit), assessed_by(audit))
    write_file(baseline, pruned.encode())
    dropped = count(len(old.accepted) - len(pruned.accepted), "entry", "entries")
    console.say(f"{dropped} dropped, {len(pruned.accepted)} kept in {baseline}")
    return 0


def _accept(
    start: Baseline, report: Path, reason: str, path: Path, owner: str, until: str | None, only: list[str] | None
) -> int:
    from auditor.baseline import accept
    from auditor.reports import load_report
    from auditor.storage import write_file
    from auditor.text import count

    result = accept(start, load_report(report), reason=reason, owner=owner, until=until, only=only or ())
    write_file(path, result.encode())
    console.say(f"{count(len(result.accepted) - len(start.accepted), 'finding')} accepted in {path}")
    return 0

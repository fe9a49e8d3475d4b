"""The commands that work on reports: render and diff."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from auditor.cli import console
from auditor.cli.options import NoColorOption, OutputOption, QuietOption
from auditor.diff import Difference, compare
from auditor.text import quantity, visible

ReportArgument = Annotated[Path, typer.Argument(metavar="REPORT", help="A report as JSON or HTML.")]


def render(report: ReportArgument, output: OutputOption = None, quiet: QuietOption = False) -> int:
    """Render a report again, from its JSON or from the HTML itself."""
    from auditor.outputs import parse_outputs, write_outputs
    from auditor.reports import load_report

    console.configure(color=True, quiet=quiet)
    outputs = parse_outputs(output or ["html"])
    for path in write_outputs(load_report(report), outputs):
        console.say(str(path))
    return 0


def diff(
    old: ReportArgument,
    new: ReportArgument,
    json: Annotated[bool, typer.Option("--json", help="Print the difference as JSON.")] = False,
    fail_new: Annotated[bool, typer.Option("--fail-new", help="Exit 1 when there are new findings.")] = False,
    no_color: NoColorOption = False,
) -> int:
    """Show what changed between two audits."""
    import msgspec

    from auditor.reports import load_report

    console.configure(color=not no_color, quiet=False)
    difference = compare(load_report(old), load_report(new))
    if json:
        print(msgspec.json.format(msgspec.json.encode(difference)).decode())
    else:
        _print_difference(difference)
    return 1 if fail_new and difference.new else 0


def _print_difference(difference: Difference) -> None:
    before, after = (quantity(score) for score in (difference.score_before, difference.score_after))
    lost = f"{difference.lost_before:.1f} → {difference.lost_after:.1f}"
    print(f"Score {before} → {after} (points lost by checks assessed both times: {lost})")
    for word, findings in (("new", difference.new), ("resolved", difference.resolved)):
        print(f"{len(findings)} {word}")
        for finding in findings:
            print(f"  {finding.severity:8} {finding.check:28} {visible(finding.subject.name)}")
    print(f"{len(difference.persisting)} persisting")
    lists = {
        "no longer assessed": difference.newly_unassessed,
        "assessed for the first time": difference.newly_assessed,
        "checks added": difference.checks_added,
        "checks removed": difference.checks_removed,
    }
    for word, names in lists.items():
        if names:
            print(f"{word}: {', '.join(names)}")

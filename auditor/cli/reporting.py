"""The commands that work on reports: render and diff."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auditor.cli import console
from auditor.cli.options import OutputOption, QuietOption

if TYPE_CHECKING:
    from auditor.diff import Difference

ReportArgument = Annotated[Path, typer.Argument(metavar="REPORT", help="A report as JSON or HTML.")]
OldArgument = Annotated[Path, typer.Argument(metavar="OLD", help="The earlier report, as JSON or HTML.")]
NewArgument = Annotated[Path, typer.Argument(metavar="NEW", help="The later report, as JSON or HTML.")]


def render(report: ReportArgument, output: OutputOption = None, quiet: QuietOption = False) -> int:
    """Render a report again, from its JSON or from the HTML itself.

    Without a path the file goes beside the report, and without a format it is HTML.
    """
    from auditor.outputs import check_outputs, parse_outputs, write_outputs
    from auditor.reports import load_report

    console.configure(quiet=quiet)
    outputs = parse_outputs(output or ["html"], report.parent, report.name.partition(".")[0] or "report")
    audit = load_report(report)
    check_outputs(outputs)
    written, errors = write_outputs(audit, outputs)
    for path in written:
        console.say(str(path))
    return max((console.report_error(error.message, error.hint, error.status) for error in errors), default=0)


def diff(
    old: OldArgument,
    new: NewArgument,
    json: Annotated[bool, typer.Option("--json", help="Print the difference as JSON.")] = False,
    fail_new: Annotated[bool, typer.Option("--fail-new", help="Exit 1 when there are new findings.")] = False,
) -> int:
    """Show what changed between two audits."""
    import msgspec

    from auditor.diff import compare, doubts
    from auditor.reports import load_report

    before, after = load_report(old), load_report(new)
    for doubt in doubts(before, after):
        console.say(f"note: {doubt}")
    difference = compare(before, after)
    if json:
        console.show(msgspec.json.format(msgspec.json.encode(difference)).decode())
    else:
        console.show("\n".join(_lines(difference)))
    return 1 if fail_new and difference.new else 0


def _lines(difference: Difference) -> list[str]:
    from auditor.text import quantity, visible

    before, after = (quantity(score) for score in (difference.score_before, difference.score_after))
    lost = f"{difference.lost_before:.1f} → {difference.lost_after:.1f}"
    lines = [f"Score {before} → {after} (points lost by checks assessed both times: {lost})"]
    for word, findings in (("new", difference.new), ("resolved", difference.resolved)):
        lines.append(f"{len(findings)} {word}")
        lines += [
            f"  {finding.severity:8} {visible(finding.check):28} {visible(finding.subject.name)}"
            for finding in findings
        ]
    lines.append(f"{len(difference.persisting)} persisting")
    lists = {
        "no longer assessed": difference.newly_unassessed,
        "assessed for the first time": difference.newly_assessed,
        "checks added": difference.checks_added,
        "checks removed": difference.checks_removed,
    }
    lines += [f"{word}: {visible(', '.join(names))}" for word, names in lists.items() if names]
    return lines

"""When a run counts as failed: thresholds over an audit, and the exit status that tells."""

from __future__ import annotations

from msgspec import Struct

from auditor.model.report import Audit
from auditor.model.vocabulary import Outcome, Severity
from auditor.text import count

DONE, GATE_FAILED, FAULT, UNREACHABLE, LOW_COVERAGE, INTERRUPTED = 0, 1, 2, 3, 4, 130


class Gates(Struct, frozen=True, kw_only=True):
    """Thresholds. ``fail_new`` fails on any finding that the baseline does not accept, whatever its severity.

    ``min_score`` is on the scale of the score (0 to 100), ``min_coverage`` a share (0 to 1).
    """

    fail_on: Severity | None = None
    fail_new: bool = False
    min_score: float | None = None
    min_coverage: float | None = None


def judge(audit: Audit, gates: Gates) -> tuple[int, list[str]]:
    """Return the exit status and a sentence for each gate that failed.

    A check that raised outweighs every gate: the tool itself failed. A failed gate outweighs low coverage.
    """
    errors = [result for result in audit.checks if result.outcome is Outcome.ERROR]
    open_findings = [finding for finding in audit.findings if finding.suppressed is None]
    failed: list[str] = []
    if gates.fail_on is not None:
        grave = [finding for finding in open_findings if finding.severity.rank <= gates.fail_on.rank]
        if grave:
            failed.append(f"{count(len(grave), 'finding is', 'findings are')} {gates.fail_on} or graver")
    if gates.fail_new and open_findings:
        failed.append(f"{count(len(open_findings), 'finding is', 'findings are')} not in the baseline")
    overall = audit.score.overall
    if gates.min_score is not None and (overall is None or overall < gates.min_score):
        failed.append(
            f"there is no score, and {gates.min_score:g} is asked for" if overall is None
            else f"the score {overall:g} is below {gates.min_score:g}"
        )  # fmt: skip
    low = gates.min_coverage is not None and audit.score.coverage < gates.min_coverage
    sentences = [f"the check {result.check} itself failed: {result.reason}" for result in errors] + failed
    if low:
        sentences.append(f"the coverage {_tenths(audit.score.coverage)} is below {_tenths(gates.min_coverage or 0)}")
    status = FAULT if errors else GATE_FAILED if failed else LOW_COVERAGE if low else DONE
    return status, sentences


def _tenths(share: float) -> str:
    """Write a share in per cent, rounded down to a tenth, so that what is below a limit reads so."""
    return f"{int(share * 1000 + 1e-9) / 10:g}%"

"""What changed between two audits, like for like."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from auditor.model.finding import Finding
from auditor.model.report import Audit
from auditor.model.vocabulary import Outcome

_ASSESSED = (Outcome.PASSED, Outcome.FAILED)


class Difference(Struct, frozen=True, kw_only=True):
    """Findings that appeared, went and stayed; checks that can no longer, or can now, be assessed; the score's move.

    ``lost_before`` and ``lost_after`` count points lost by the checks that were assessed in both audits, so that lost
    evidence does not pass for progress. ``checks_added`` and ``checks_removed`` are changes of the rule set.
    """

    new: tuple[Finding, ...]
    resolved: tuple[Finding, ...]
    persisting: tuple[Finding, ...]
    newly_unassessed: tuple[str, ...]
    newly_assessed: tuple[str, ...]
    checks_added: tuple[str, ...]
    checks_removed: tuple[str, ...]
    score_before: float | None
    score_after: float | None
    lost_before: float
    lost_after: float


def compare(old: Audit, new: Audit) -> Difference:
    """Compare two audits of the same database.

    A finding whose check was not assessed in the new audit is not resolved: it is left out, and the check is listed.
    """
    before, after = _open(old.findings), _open(new.findings)
    assessed_before = {result.check for result in old.checks if result.outcome in _ASSESSED}
    assessed_after = {result.check for result in new.checks if result.outcome in _ASSESSED}
    names_before, names_after = ({result.check for result in audit.checks} for audit in (old, new))
    both = assessed_before & assessed_after
    return Difference(
        new=tuple(finding for mark, finding in after.items() if mark not in before),
        resolved=tuple(
            finding for mark, finding in before.items() if mark not in after and finding.check in assessed_after
        ),
        persisting=tuple(finding for mark, finding in after.items() if mark in before),
        newly_unassessed=tuple(sorted((assessed_before - assessed_after) & names_after)),
        newly_assessed=tuple(sorted((assessed_after - assessed_before) & names_before)),
        checks_added=tuple(sorted(names_after - names_before)),
        checks_removed=tuple(sorted(names_before - names_after)),
        score_before=old.score.overall,
        score_after=new.score.overall,
        lost_before=round(sum(result.lost for result in old.checks if result.check in both), 4),
        lost_after=round(sum(result.lost for result in new.checks if result.check in both), 4),
    )


def doubts(old: Audit, new: Audit) -> list[str]:
    """Say what makes a comparison of two audits doubtful."""
    said = []
    if (old.target.engine, old.target.name) != (new.target.engine, new.target.name):
        said.append(f"the audits are of two databases: {old.target.name} and {new.target.name}")
    if old.target.collected_at > new.target.collected_at:
        said.append(f"the first audit ({old.target.collected_at}) is later than the second ({new.target.collected_at})")
    return said


def _open(findings: Sequence[Finding]) -> dict[str, Finding]:
    return {finding.fingerprint: finding for finding in findings if finding.suppressed is None}

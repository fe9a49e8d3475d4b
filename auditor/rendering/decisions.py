"""The few decisions that matter, and what the findings are worth: a summary of what the audit states.

Findings that ask for the same kind of change are one decision, and so are those of one check when the kind says little
by itself. The gravest come first; among equals the one that wins most of the score for its effort and risk, by what the
plan says of its steps, then the one with most findings.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from auditor.model.finding import Finding, Subject
from auditor.model.vocabulary import Severity
from auditor.rendering.view import Cost, View, anchor, cost_of
from auditor.rendering.words import deadline
from auditor.text import duration, size

MOST, LEAST = 5, 3
"""How many decisions a reader is asked for. Below the least, low severities are called up as well."""

_TOGETHER: Mapping[str, str] = {
    "add-index": "Build {n} missing indexes",
    "drop-index": "Drop {n} indexes that earn nothing",
    "rebuild-index": "Rebuild {n} indexes",
    "add-primary-key": "Give {n} tables a primary key",
    "add-foreign-key": "Declare {n} missing foreign keys",
    "validate-constraint": "Validate {n} constraints",
    "repack-table": "Give back the wasted space of {n} tables",
    "vacuum-table": "Vacuum {n} tables",
}
"""Kinds of operations that are one decision whatever check proposes them."""

_GIVE_BACK = frozenset({"drop-index", "rebuild-index", "repack-table", "vacuum-table"})
"""Those of them that give back bytes."""


DEPLOY_HOURS, APPROVAL_HOURS, STEP_HOURS = 8.0, 2.0, 0.1
"""What a change of the application, a step that cannot be undone and any other step ask of people, as a rule of thumb
for comparing decisions: it is never shown."""


class Decision(Struct, frozen=True, kw_only=True):
    """A decision: what, what it buys, what it costs. ``card`` is the anchor of the first card that explains it."""

    title: str
    severity: Severity
    subjects: tuple[Subject, ...]
    findings: int
    advice: str
    buys: tuple[str, ...]
    cost: Cost
    card: str


class Worth(Struct, frozen=True, kw_only=True):
    """What the open findings add up to. An object that several findings speak of counts once, at its highest figure.

    ``bytes`` can be given back; ``seconds`` of database time in the statistics window are at stake; ``deadlines`` are
    (date, finding), the nearest first.
    """

    bytes: int
    seconds: float
    deadlines: tuple[tuple[str, Finding], ...]


def decisions(view: View) -> Sequence[Decision]:
    """Name the three to five decisions that matter most."""
    groups: dict[tuple[str, bool], list[Finding]] = defaultdict(list)
    for finding in view.open:
        critical = finding.severity is Severity.CRITICAL
        groups[_topic(finding, by_check=critical), critical].append(finding)
    ranked = sorted(
        groups.items(), key=lambda item: (_gravest(item[1]).rank, -_yield(view, item[1]), -len(item[1]), item[0])
    )
    weighty = [item for item in ranked if _gravest(item[1]).rank <= Severity.MEDIUM.rank]
    chosen = weighty[:MOST] if len(weighty) >= LEAST else ranked[:LEAST]
    return [_decision(view, topic, findings) for (topic, _), findings in chosen]


def worth(view: View) -> Worth:
    """Add up what the open findings are worth."""
    dated = sorted(
        ((finding.impact.deadline, finding) for finding in view.open if finding.impact.deadline),
        key=lambda pair: (pair[0], pair[1].fingerprint),
    )
    return Worth(
        bytes=int(_sum_by_subject((f.subject, f.impact.bytes) for f in view.open)),
        seconds=_sum_by_subject((f.subject, f.impact.milliseconds) for f in view.open) / 1000,
        deadlines=tuple(dated),
    )


def _topic(finding: Finding, *, by_check: bool) -> str:
    """Name the kind of change that a finding asks for; its check, where one thing is replaced by another."""
    kinds = [operation.partition(":")[0] for operation in finding.operations]
    replaced = len({kind in _GIVE_BACK for kind in kinds}) > 1
    return kinds[0] if kinds and kinds[0] in _TOGETHER and not (by_check or replaced) else f"check {finding.check}"


def _gravest(findings: Iterable[Finding]) -> Severity:
    return min((finding.severity for finding in findings), key=lambda severity: severity.rank)


def _lost(view: View, findings: Iterable[Finding]) -> float:
    checks = {finding.check for finding in findings}
    return sum(view.results[check].lost for check in sorted(checks) if check in view.results)


def _yield(view: View, findings: Sequence[Finding]) -> float:
    """Points of the score for an hour of work and waiting; what nobody has planned counts as a change of code."""
    cost = cost_of(view.steps_for(findings))
    hours = STEP_HOURS * len(cost.steps) + DEPLOY_HOURS * cost.by_application + APPROVAL_HOURS * len(cost.final)
    hours += ((cost.seconds or 0.0) + (cost.waiting or 0.0)) / 3600
    return _lost(view, findings) / (1.0 + (hours if cost.steps else DEPLOY_HOURS))


def _decision(view: View, topic: str, findings: Sequence[Finding]) -> Decision:
    ordered = sorted(findings, key=lambda finding: (finding.severity.rank, finding.check, finding.subject))
    first = ordered[0]
    operations = {operation for finding in findings for operation in finding.operations}
    number = sum(operation.startswith(f"{topic}:") for operation in operations)
    if number > 1:
        title = _TOGETHER[topic].format(n=number)
    else:
        titles = {finding.title for finding in findings}
        result = view.results.get(first.check)
        title = first.title if len(titles) == 1 or result is None else result.title
    return Decision(
        title=title, severity=first.severity, findings=len(findings), advice=first.recommendation,
        subjects=tuple(dict.fromkeys(finding.subject for finding in ordered)),
        buys=tuple(_buys(view, topic, ordered)), cost=cost_of(view.steps_for(ordered)),
        card=anchor("check", f"{first.check}-{first.severity}"),
    )  # fmt: skip


def _buys(view: View, topic: str, findings: Sequence[Finding]) -> Iterable[str]:
    if view.audit.score.cap in {finding.check for finding in findings}:
        yield "lifts what holds the score down"
    deadlines = sorted(finding.impact.deadline for finding in findings if finding.impact.deadline)
    if deadlines:
        yield "averts " + deadline(deadlines[0], view.audit.target.collected_at)
    given_back = _sum_by_subject((finding.subject, finding.impact.bytes) for finding in findings)
    if given_back and (topic in _GIVE_BACK or topic not in _TOGETHER):
        yield f"gives back {size(given_back)}"
    milliseconds = _sum_by_subject((finding.subject, finding.impact.milliseconds) for finding in findings)
    if milliseconds:
        yield f"up to {duration(milliseconds / 1000)} of database time in the window"
    risks = list(dict.fromkeys(finding.impact.risk for finding in findings if finding.impact.risk))
    if risks:
        yield f"ends the risk: {risks[0]}" + (f" (and {len(risks) - 1} more)" if len(risks) > 1 else "")
    here = Counter(finding.check for finding in findings)
    whole = [check for check in sorted(here) if here[check] == view.by_check[check]]
    points = sum(view.results[check].lost for check in whole if check in view.results)
    if points >= 0.05:
        yield f"wins {points:.1f} points before caps"


def _sum_by_subject(figures: Iterable[tuple[Subject, float | None]]) -> float:
    highest: dict[Subject, float] = {}
    for subject, figure in figures:
        if figure is not None:
            highest[subject] = max(figure, highest.get(subject, 0.0))
    return sum(highest.values())

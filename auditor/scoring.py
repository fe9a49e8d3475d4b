"""The score: what was measured, with what could not be measured beside it, never hidden in it.

A check looks at units of exposure w. With x the exposure that violates the rule (each unit to its degree), u the
exposure that could not be judged and t the whole, the check earns between ``1 - sqrt((x + u) / t)`` and
``1 - sqrt(x / t)`` of its weight. The square root makes the first offenders cost most, so that a large estate cannot
bury a few bad tables. The lower figure is earned (E), the distance between the two is not assessed (G), the rest is
lost (L). Weights are those of the severity times the confidence. In a pillar

    assessed = E / (E + L)          floor    = E / (E + L + G)
    ceiling  = (E + G) / (E + L + G)  coverage = (E + L) / (E + L + G)

and each figure of the whole is the mean over the pillars. An open critical finding that is certain caps a score at 49,
an open high one at 89; checks of those severities that could not be assessed in full cap the floor alike. So a fix
never lowers the score, lost evidence never raises the floor, and doubling the database changes nothing. Accepted risks
leave the sum.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from msgspec import Struct

from auditor.model.finding import Finding
from auditor.model.report import PillarScore, Score
from auditor.model.vocabulary import Confidence, Pillar, Severity

CAPS: Mapping[Severity, float] = {Severity.CRITICAL: 49.0, Severity.HIGH: 89.0}
GRADES = ((90.0, "good"), (50.0, "needs work"), (0.0, "at risk"))
PROVISIONAL_COVERAGE = 0.8


class Violation(Struct, frozen=True, kw_only=True):
    """A unit with its exposure and, by fingerprint, the degree (0 to 1) of each of its flaws."""

    weight: float
    marks: Mapping[str, float]


class Tally(Struct, frozen=True, kw_only=True):
    """What a check brings to the score: exposure that was judged (violations included) and that could not be."""

    check: str
    pillar: str
    severity: Severity
    confidence: Confidence
    exposure: float
    unknown: float
    violations: tuple[Violation, ...] = ()


class Sums(Struct, frozen=True, kw_only=True):
    """A check's or a pillar's weight, split into earned, lost and not assessed."""

    earned: float = 0.0
    lost: float = 0.0
    grey: float = 0.0

    @property
    def known(self) -> float:
        """The weight of what was assessed."""
        return self.earned + self.lost

    @property
    def whole(self) -> float:
        """The weight of all that applies."""
        return self.earned + self.lost + self.grey


def extent(tally: Tally, accepted: Collection[str] = ()) -> float:
    """The exposure-weighted share of what a check judged that is flawed, accepted flaws left out."""
    total, violated, _ = _exposures(tally, accepted)
    return violated / total if total else 0.0


def _exposures(tally: Tally, accepted: Collection[str]) -> tuple[float, float, float]:
    """Return the exposure that counts, how much of it is violated, and how much could not be judged."""
    total, violated = tally.exposure, 0.0
    for violation in tally.violations:
        open_marks = [degree for mark, degree in violation.marks.items() if mark not in accepted]
        if open_marks:
            violated += violation.weight * max(open_marks)
        else:
            total -= violation.weight
    return max(0.0, total), violated, tally.unknown


def sums(tally: Tally, accepted: Collection[str] = ()) -> Sums:
    """Split a check's weight into earned, lost and not assessed."""
    total, violated, unknown = _exposures(tally, accepted)
    whole = total + unknown
    weight = tally.severity.weight * tally.confidence.weight
    if whole <= 0 or weight <= 0:
        return Sums()
    low = 1.0 - math.sqrt(min(1.0, (violated + unknown) / whole))
    high = 1.0 - math.sqrt(min(1.0, violated / whole))
    return Sums(earned=weight * low, lost=weight * (1.0 - high), grey=weight * (high - low))


def score(tallies: Sequence[Tally], findings: Iterable[Finding]) -> tuple[Score, Mapping[str, float]]:
    """Score an audit: the scorecard, and the points of 100 that each check loses before caps."""
    findings = tuple(findings)
    accepted = {finding.fingerprint for finding in findings if finding.suppressed is not None}
    card, ledger = _score(tallies, findings, accepted)
    if accepted:
        as_if_open, _ = _score(tallies, findings, frozenset())
        card = Score(**{**{name: getattr(card, name) for name in card.__struct_fields__},
                        "if_accepted_open": as_if_open.overall})  # fmt: skip
    return card, ledger


def _score(
    tallies: Sequence[Tally], findings: Sequence[Finding], accepted: Collection[str]
) -> tuple[Score, Mapping[str, float]]:
    parts = {tally.check: sums(tally, accepted) for tally in tallies}
    by_pillar: dict[str, list[Tally]] = defaultdict(list)
    for tally in tallies:
        if parts[tally.check].whole > 0:
            by_pillar[tally.pillar].append(tally)
    totals = {pillar: _total(parts[tally.check] for tally in group) for pillar, group in by_pillar.items()}
    known = [total for total in totals.values() if total.known > 0]
    ledger = {
        tally.check: 100.0 * parts[tally.check].lost / totals[pillar].known / len(known)
        for pillar, group in by_pillar.items() if totals[pillar].known > 0
        for tally in group
    }  # fmt: skip
    open_findings = [finding for finding in findings if finding.fingerprint not in accepted]
    cap, capping = _cap(open_findings)
    blind = min((CAPS.get(t.severity, 100.0) for t in tallies if t.unknown > 0 and _sure(t)), default=100.0)
    assessed = _mean(100.0 * total.earned / total.known for total in known)
    coverage = _mean(total.known / total.whole for total in totals.values()) or 0.0
    overall = None if assessed is None else _down(min(assessed, cap))
    floor = _mean(100.0 * total.earned / total.whole for total in totals.values())
    ceiling = _mean(100.0 * (total.earned + total.grey) / total.whole for total in totals.values())
    card = Score(
        overall=overall,
        grade="not assessed" if overall is None else next(word for limit, word in GRADES if overall >= limit),
        coverage=round(coverage, 4),
        floor=None if floor is None else _down(min(floor, cap, blind)),
        ceiling=None if ceiling is None else _down(min(ceiling, cap)),
        provisional=coverage < PROVISIONAL_COVERAGE or blind <= CAPS[Severity.CRITICAL],
        pillars=tuple(
            _pillar(pillar, totals[pillar], open_findings, ledger, by_pillar[pillar])
            for pillar in map(str, Pillar) if pillar in totals
        ),
        cap=capping if assessed is not None and cap < assessed else None,
    )  # fmt: skip
    return card, ledger


def _pillar(
    pillar: str, total: Sums, findings: Sequence[Finding], ledger: Mapping[str, float], tallies: Sequence[Tally]
) -> PillarScore:
    cap, _ = _cap([finding for finding in findings if finding.pillar == pillar])
    worst = sorted((tally.check for tally in tallies if ledger.get(tally.check, 0.0) > 0),
                   key=lambda check: (-ledger[check], check))  # fmt: skip
    return PillarScore(
        pillar=pillar,
        score=_down(min(100.0 * total.earned / total.known, cap)) if total.known > 0 else None,
        coverage=round(total.known / total.whole, 4),
        earned=round(total.earned, 4), lost=round(total.lost, 4), grey=round(total.grey, 4),
        worst=tuple(worst[:3]),
    )  # fmt: skip


def _cap(findings: Sequence[Finding]) -> tuple[float, str | None]:
    """Return the cap that open, certain findings set, and the check that sets it."""
    capping = [finding for finding in findings if finding.severity in CAPS and finding.confidence is Confidence.CERTAIN]
    if not capping:
        return 100.0, None
    gravest = min(capping, key=lambda finding: (finding.severity.rank, finding.check))
    return CAPS[gravest.severity], gravest.check


def _sure(tally: Tally) -> bool:
    return tally.confidence is Confidence.CERTAIN


def _total(parts: Iterable[Sums]) -> Sums:
    parts = tuple(parts)
    return Sums(
        earned=math.fsum(part.earned for part in parts),
        lost=math.fsum(part.lost for part in parts),
        grey=math.fsum(part.grey for part in parts),
    )


def _mean(values: Iterable[float]) -> float | None:
    values = tuple(values)
    return math.fsum(values) / len(values) if values else None


def _down(value: float) -> float:
    """Round down to one decimal, so that nothing open ever shows as 100. The slack absorbs floating-point noise."""
    return math.floor(value * 10.0 + 1e-9) / 10.0

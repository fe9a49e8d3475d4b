"""The properties that a score must have whatever the database: bounded, monotone, honest about what was not seen."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from auditor.model.finding import Finding, Impact, Subject, Suppression
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.scoring import Tally, Violation, score


def _finding(tally: Tally, mark: str, *, accepted: bool = False) -> Finding:
    return Finding(
        check=tally.check, fingerprint=mark, title="t", pillar=tally.pillar, severity=tally.severity,
        confidence=tally.confidence, subject=Subject(kind="table", name=mark), related=(), evidence=(), impact=Impact(),
        explanation="", recommendation="", operations=(),
        suppressed=Suppression(reason="known") if accepted else None,
    )  # fmt: skip


def _findings(tallies: list[Tally]) -> list[Finding]:
    return [_finding(tally, mark) for tally in tallies for violation in tally.violations for mark in violation.marks]


@st.composite
def audits(draw: st.DrawFn) -> list[Tally]:
    tallies = []
    for number in range(draw(st.integers(1, 12))):
        weights = draw(st.lists(st.floats(1, 12), max_size=12))
        violated = draw(st.sets(st.integers(0, max(0, len(weights) - 1)), max_size=len(weights)))
        tallies.append(
            Tally(
                check=f"c{number}", pillar=draw(st.sampled_from(list(Pillar))).value,
                severity=draw(st.sampled_from(list(Severity))), confidence=draw(st.sampled_from(list(Confidence))),
                exposure=sum(weights), unknown=draw(st.sampled_from([0.0, 0.0, 1.0, 7.5])),
                violations=tuple(
                    Violation(weight=weights[i], marks={f"c{number}-{i}": draw(st.floats(0.05, 1))})
                    for i in sorted(violated) if i < len(weights)
                ),
            )
        )  # fmt: skip
    return tallies


def _with_violation(tallies: list[Tally]) -> tuple[int, Tally] | None:
    return next(((i, tally) for i, tally in enumerate(tallies) if tally.violations), None)


@given(audits())
@settings(max_examples=300, deadline=None)
def test_figures_are_bounded_and_ordered(tallies: list[Tally]) -> None:
    card, _ = score(tallies, _findings(tallies))
    assert 0 <= card.coverage <= 1
    for figure in (card.overall, card.floor, card.ceiling):
        assert figure is None or 0 <= figure <= 100
    if card.floor is not None and card.ceiling is not None:
        assert card.floor <= card.ceiling


@given(audits())
@settings(max_examples=300, deadline=None)
def test_mending_a_flaw_never_lowers_any_figure(tallies: list[Tally]) -> None:
    found = _with_violation(tallies)
    if found is None:
        return
    number, tally = found
    mended = [*tallies]
    mended[number] = replace(tally, violations=tally.violations[1:])
    before, _ = score(tallies, _findings(tallies))
    after, _ = score(mended, _findings(mended))
    for name in ("overall", "floor", "ceiling"):
        old, new = getattr(before, name), getattr(after, name)
        assert old is None or new >= old


@given(audits(), st.data())
@settings(max_examples=300, deadline=None)
def test_losing_evidence_never_raises_the_floor(tallies: list[Tally], data: st.DataObject) -> None:
    before, _ = score(tallies, _findings(tallies))
    number = data.draw(st.integers(0, len(tallies) - 1))
    tally = tallies[number]
    blind = [*tallies]
    if data.draw(st.booleans()):
        blind[number] = replace(tally, exposure=0.0, unknown=tally.exposure + tally.unknown, violations=())
    elif tally.violations:
        lost = tally.violations[0]
        blind[number] = replace(
            tally, exposure=tally.exposure - lost.weight, unknown=tally.unknown + lost.weight,
            violations=tally.violations[1:],
        )  # fmt: skip
    after, _ = score(blind, _findings(blind))
    assert before.floor is None or after.floor is None or after.floor <= before.floor + 1e-9
    assert after.coverage <= before.coverage + 1e-9


@given(audits())
@settings(max_examples=200, deadline=None)
def test_doubling_the_database_changes_nothing(tallies: list[Tally]) -> None:
    doubled = [
        replace(
            tally, exposure=2 * tally.exposure, unknown=2 * tally.unknown,
            violations=tally.violations + tuple(
                Violation(weight=v.weight, marks={f"{m}-b": d for m, d in v.marks.items()}) for v in tally.violations
            ),
        )
        for tally in tallies
    ]  # fmt: skip
    before, _ = score(tallies, _findings(tallies))
    after, _ = score(doubled, _findings(doubled))
    for name in ("overall", "floor", "ceiling", "coverage"):
        old, new = getattr(before, name), getattr(after, name)
        assert (old is None) == (new is None)
        assert old is None or abs(old - new) <= 0.1


@given(audits())
@settings(max_examples=200, deadline=None)
def test_the_ledger_adds_up_to_what_is_missing(tallies: list[Tally]) -> None:
    card, ledger = score(tallies, [])
    if card.overall is not None:
        assert abs(100 - sum(ledger.values()) - card.overall) <= 0.1 + 1e-6


def _tally(check: str, severity: Severity, *, units: int, flawed: int) -> Tally:
    return Tally(
        check=check, pillar="integrity", severity=severity, confidence=Confidence.CERTAIN, exposure=float(units),
        unknown=0.0, violations=tuple(Violation(weight=1.0, marks={f"{check}-{n}": 1.0}) for n in range(flawed)),
    )  # fmt: skip


def test_a_critical_finding_cannot_hide_among_many_passes() -> None:
    tallies = [_tally("bad", Severity.CRITICAL, units=1000, flawed=1)]
    tallies += [_tally(f"good{n}", Severity.HIGH, units=1000, flawed=0) for n in range(50)]
    card, _ = score(tallies, _findings(tallies))
    assert card.overall == 49
    assert card.cap == "bad"


def test_what_was_not_assessed_neither_passes_nor_fails() -> None:
    blind = Tally(
        check="blind", pillar="integrity", severity=Severity.HIGH, confidence=Confidence.CERTAIN, exposure=0, unknown=1
    )
    card, _ = score([_tally("fine", Severity.HIGH, units=10, flawed=0), blind], [])
    assert card.overall == 100
    assert card.floor == 50
    assert card.coverage == 0.5
    assert card.provisional


def test_nothing_assessed_has_no_score() -> None:
    blind = Tally(
        check="blind", pillar="integrity", severity=Severity.HIGH, confidence=Confidence.CERTAIN, exposure=0, unknown=1
    )
    card, _ = score([blind], [])
    assert card.overall is None
    assert card.grade == "not assessed"


def test_accepted_risks_leave_the_sum_and_are_told_apart() -> None:
    tally = _tally("risk", Severity.CRITICAL, units=2, flawed=1)
    card, _ = score([tally], [_finding(tally, "risk-0", accepted=True)])
    assert card.overall == 100
    assert card.if_accepted_open is not None
    assert card.if_accepted_open <= 49


def test_anything_open_shows_below_a_hundred() -> None:
    tallies = [_tally("one", Severity.LOW, units=10_000_000, flawed=1)]
    card, _ = score(tallies, _findings(tallies))
    assert card.overall is not None
    assert card.overall < 100

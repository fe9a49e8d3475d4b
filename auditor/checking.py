"""Running checks over a snapshot: walks the units, states outcomes, and never lets silence stand for health."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from auditor.model.check import LoadedCheck, known_of
from auditor.model.facts import Facts
from auditor.model.finding import (
    FOR_OTHERS,
    CheckResult,
    Evidence,
    Finding,
    Flaw,
    Subject,
    Unknown,
    Verdict,
    fingerprint,
)
from auditor.model.operation import AnyOperation
from auditor.model.units import Unit
from auditor.model.vocabulary import Outcome, ProbeOutcome
from auditor.parallel import can_fork, share_out
from auditor.scoring import Tally, Violation


class CheckRun(Struct, frozen=True, kw_only=True):
    """What running one check gave: its result, its findings, the operations that they propose, and what to score."""

    result: CheckResult
    tally: Tally
    findings: tuple[Finding, ...] = ()
    operations: tuple[AnyOperation, ...] = ()


class _Counts:
    """The running sums of one check: units and exposure looked at, what was flawed, what could not be judged."""

    def __init__(self, of: int = 0, exposure: float = 0.0) -> None:
        self.of = of
        self.examined = of
        self.exposure = exposure
        self.unknown_exposure = 0.0
        self.violations: list[Violation] = []
        self.unknown: Unknown | None = None


_WORTH_A_COPY = 20_000
"""Columns and indexes from which on two processes are faster than one: the copy of a process takes some 30 ms."""


def run_checks(
    checks: Sequence[LoadedCheck],
    facts: Facts,
    limits: Mapping[str, Mapping[str, float]] | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> list[CheckRun]:
    """Run checks, in their order. ``limits`` override thresholds, by check.

    ``progress`` hears of each check before it runs: its id, its number, and how many there are. A large catalog is
    shared out between two processes.
    """

    def task(number: int, loaded: LoadedCheck) -> CheckRun:
        if progress is not None and os.getpid() == here:
            progress(loaded.id, number, len(checks))
        return run_check(loaded, facts, (limits or {}).get(loaded.id))

    here = os.getpid()
    tasks = [partial(task, number, loaded) for number, loaded in enumerate(checks, start=1)]
    if len(facts.columns) + len(facts.indexes) < _WORTH_A_COPY or not can_fork():
        return [task() for task in tasks]
    _gather_what_is_shared(checks, facts)
    return share_out(tasks)


def _gather_what_is_shared(checks: Sequence[LoadedCheck], facts: Facts) -> None:
    """Gather the units that several checks look at before there are two processes that would each do it."""
    often = Counter(id(loaded.check.unit) for loaded in checks)
    for loaded in checks:
        if often[id(loaded.check.unit)] > 1:
            with suppress(Exception):  # it is told when the check runs
                _population(loaded.check.unit, facts)


def run_check(loaded: LoadedCheck, facts: Facts, limits: Mapping[str, float] | None = None) -> CheckRun:
    """Run one check. ``limits`` override its thresholds.

    An exception of the judge becomes the outcome ``error``: it is in the report and in the exit status.
    """
    run = _run_check(loaded, facts, limits)
    return replace(run, result=replace(run.result, title=facts.capabilities.terms.prose(run.result.title)))


def _run_check(loaded: LoadedCheck, facts: Facts, limits: Mapping[str, float] | None) -> CheckRun:
    check, counts, terms = loaded.check, _Counts(), facts.capabilities.terms
    if check.engines and facts.target.engine not in check.engines:
        return _run(loaded, Outcome.NOT_APPLICABLE, counts, f"{FOR_OTHERS[0]}{facts.target.engine}")
    needed = check.needed(facts.probes)
    missing = [name for name in needed if name not in facts.probes]
    if missing:
        return _run(loaded, Outcome.NOT_APPLICABLE, counts, f"{FOR_OTHERS[1]}{', '.join(missing)}")
    for name in needed:
        probe = facts.probes[name]
        if probe.outcome is not ProbeOutcome.OK:
            reason = f"the probe {name} was {probe.outcome}: {probe.reason or 'no reason given'}"
            return _run(loaded, Outcome.NOT_ASSESSED, counts, reason, probe.grant)
    findings: list[Finding] = []
    operations: dict[str, AnyOperation] = {}
    try:
        items, exposure = _population(check.unit, facts)
        counts = _Counts(len(items), exposure)
        judge = partial(loaded.judge, **limits) if limits else loaded.judge
        for item in items:
            verdicts = iter(judge(item, facts))
            for first in verdicts:  # most units are sound, and give none
                _weigh(loaded, facts, item, [first, *verdicts], counts, findings, operations)
    except Exception as error:  # noqa: BLE001 -- whatever a check raises must be told, not lost
        return _run(loaded, Outcome.ERROR, counts, f"{type(error).__name__}: {error}")
    unknown = counts.unknown or Unknown(reason="")
    doubt = terms.prose(unknown.reason)  # names of probes, which other reasons tell, are no prose
    if not counts.of:
        return _run(loaded, Outcome.NOT_APPLICABLE, counts, f"there are no {terms.prose(check.unit.plural)} to look at")
    if not counts.examined:
        return _run(loaded, Outcome.NOT_ASSESSED, counts, doubt, unknown.grant)
    outcome = Outcome.FAILED if findings else Outcome.PASSED
    run = _run(loaded, outcome, counts, doubt or None, unknown.grant)
    findings.sort(key=lambda finding: (finding.severity.rank, finding.subject))
    return replace(run, findings=tuple(findings), operations=tuple(operations.values()))


def _population(unit: Unit, facts: Facts) -> tuple[list[Any], float]:
    """Every unit of a kind, and the exposure of all together: the same for each check that looks at them."""

    def gather() -> tuple[list[Any], float]:
        items = list(unit.items(facts))
        return items, math.fsum(unit.weight(facts, item) for item in items)

    return facts.once(id(unit), gather)


def _weigh(  # noqa: PLR0917 -- what it reads, then what it fills
    loaded: LoadedCheck, facts: Facts, item: Any, verdicts: Sequence[Verdict], counts: _Counts,
    findings: list[Finding], operations: dict[str, AnyOperation],
) -> None:  # fmt: skip
    """Note the verdicts on one unit. A unit with a flaw was examined, even where something else could not be seen."""
    unit = loaded.check.unit
    marks: dict[str, float] = {}
    for verdict in verdicts:
        if isinstance(verdict, Unknown):
            counts.unknown = counts.unknown or verdict
            continue
        finding = _finding(loaded, verdict, _called(verdict.subject or unit.subject(item), facts), facts)
        marks[finding.fingerprint] = _degree(loaded, finding, verdict)
        findings.append(finding)
        operations.update({operation.id: operation for operation in verdict.operations})
    weight = unit.weight(facts, item)
    if marks:
        counts.violations.append(Violation(weight=weight, marks=marks))
    else:
        counts.examined -= 1
        counts.exposure = max(0.0, counts.exposure - weight)
        counts.unknown_exposure += weight


def _called(subject: Subject, facts: Facts) -> Subject:
    """The subject as the engine calls it: where a database is what others call a schema, it is one."""
    if subject.kind == "schema" and facts.capabilities.database_is_schema:
        return Subject(kind="database", name=subject.name)
    return Subject(kind=facts.capabilities.terms.word(subject.kind), name=subject.name)


def _told(evidence: Evidence, facts: Facts) -> Evidence:
    """The evidence in the engine's words, from that of the probes it names which the engine has."""
    probe, terms = evidence.probe, facts.capabilities.terms
    return replace(
        evidence,
        name=terms.prose(evidence.name),
        unit=None if evidence.unit is None else terms.word(evidence.unit),
        probe=known_of(probe, facts.probes) if probe and "|" in probe else probe,
    )


def _degree(loaded: LoadedCheck, finding: Finding, flaw: Flaw) -> float:
    """How far the unit violates the rule: less when the flaw is milder or less sure than the check's default."""
    full = loaded.check.severity.weight * loaded.check.confidence.weight
    own = finding.severity.weight * finding.confidence.weight
    return min(1.0, max(0.0, flaw.degree)) * (min(1.0, own / full) if full else 0.0)


def _finding(loaded: LoadedCheck, flaw: Flaw, subject: Subject, facts: Facts) -> Finding:
    check = loaded.check
    names = {part for one in (subject, *flaw.related) for part in one.name.split(".")}

    def said(text: str) -> str:
        return facts.capabilities.terms.prose(text, names)

    return Finding(
        check=loaded.id,
        fingerprint=fingerprint(loaded.id, subject, flaw.discriminator),
        title=said(flaw.title or check.title),
        pillar=check.pillar.value,
        severity=flaw.severity or check.severity,
        confidence=flaw.confidence or check.confidence,
        subject=subject,
        related=tuple(_called(one, facts) for one in flaw.related),
        evidence=tuple(_told(one, facts) for one in flaw.evidence),
        impact=replace(flaw.impact, risk=said(flaw.impact.risk)) if flaw.impact.risk else flaw.impact,
        explanation=said(flaw.explanation),
        recommendation=said(flaw.recommendation),
        operations=tuple(operation.id for operation in flaw.operations),
    )


def _run(
    loaded: LoadedCheck, outcome: Outcome, counts: _Counts, reason: str | None, grant: str | None = None
) -> CheckRun:
    check = loaded.check
    assessed = outcome in (Outcome.PASSED, Outcome.FAILED)
    lost = outcome in (Outcome.NOT_ASSESSED, Outcome.ERROR)
    tally = Tally(
        check=loaded.id, pillar=check.pillar.value, severity=check.severity, confidence=check.confidence,
        exposure=counts.exposure if assessed else 0.0,
        unknown=counts.unknown_exposure if assessed else 1.0 if lost else 0.0,
        violations=tuple(counts.violations) if assessed else (),
    )  # fmt: skip
    result = CheckResult(
        check=loaded.id, title=check.title if outcome is Outcome.FAILED else check.passed,
        pillar=check.pillar.value, severity=check.severity, confidence=check.confidence,
        outcome=outcome, examined=counts.examined, of=counts.of, reason=reason, grant=grant,
    )  # fmt: skip
    return CheckRun(result=result, tally=tally)

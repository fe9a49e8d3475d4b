"""Running checks over a snapshot: walks the units, states outcomes, and never lets silence stand for health."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from auditor.model.check import LoadedCheck
from auditor.model.facts import Facts
from auditor.model.finding import CheckResult, Finding, Flaw, Subject, Unknown, fingerprint
from auditor.model.operation import AnyOperation
from auditor.model.vocabulary import Outcome, ProbeOutcome
from auditor.scoring import Tally, Violation


class CheckRun(Struct, frozen=True, kw_only=True):
    """What running one check gave: its result, its findings, the operations that they propose, and what to score."""

    result: CheckResult
    tally: Tally
    findings: tuple[Finding, ...] = ()
    operations: tuple[AnyOperation, ...] = ()


class _Counts:
    """The running sums of one check: units and exposure looked at, what was flawed, what could not be judged."""

    def __init__(self) -> None:
        self.of = 0
        self.examined = 0
        self.exposure = 0.0
        self.unknown_exposure = 0.0
        self.violations: list[Violation] = []
        self.unknown: Unknown | None = None


def run_check(loaded: LoadedCheck, facts: Facts, limits: Mapping[str, float] | None = None) -> CheckRun:
    """Run one check. ``limits`` override its thresholds.

    An exception of the judge becomes the outcome ``error``: it is in the report and in the exit status.
    """
    check, counts = loaded.check, _Counts()
    if check.engines and facts.target.engine not in check.engines:
        return _run(loaded, Outcome.NOT_APPLICABLE, counts, f"it does not apply to {facts.target.engine}")
    missing = [name for name in check.needs if name not in facts.probes]
    if missing:
        return _run(loaded, Outcome.NOT_APPLICABLE, counts, f"this engine has no {', '.join(missing)}")
    for name in check.needs:
        probe = facts.probes[name]
        if probe.outcome is not ProbeOutcome.OK:
            reason = f"the probe {name} was {probe.outcome}: {probe.reason or 'no reason given'}"
            return _run(loaded, Outcome.NOT_ASSESSED, counts, reason, probe.grant)
    findings: list[Finding] = []
    operations: dict[str, AnyOperation] = {}
    try:
        for item in check.unit.items(facts):
            for flaw, finding in _judge(loaded, facts, item, dict(limits or {}), counts):
                findings.append(finding)
                operations.update({operation.id: operation for operation in flaw.operations})
    except Exception as error:  # noqa: BLE001 -- whatever a check raises must be told, not lost
        return _run(loaded, Outcome.ERROR, counts, f"{type(error).__name__}: {error}")
    unknown = counts.unknown or Unknown(reason="")
    if not counts.of:
        return _run(loaded, Outcome.NOT_APPLICABLE, counts, f"there are no {check.unit.plural} to look at")
    if not counts.examined:
        return _run(loaded, Outcome.NOT_ASSESSED, counts, unknown.reason, unknown.grant)
    outcome = Outcome.FAILED if findings else Outcome.PASSED
    run = _run(loaded, outcome, counts, unknown.reason or None, unknown.grant)
    findings.sort(key=lambda finding: (finding.severity.rank, finding.subject))
    return replace(run, findings=tuple(findings), operations=tuple(operations.values()))


def _judge(
    loaded: LoadedCheck, facts: Facts, item: Any, limits: dict[str, float], counts: _Counts
) -> Iterable[tuple[Flaw, Finding]]:
    """Judge one unit, and add it to the counts once all its verdicts are in."""
    check = loaded.check
    weight = check.unit.weight(facts, item)
    marks: dict[str, float] = {}
    known = True
    for verdict in loaded.judge(item, facts, **limits):
        if isinstance(verdict, Unknown):
            known = False
            counts.unknown = counts.unknown or verdict
            continue
        finding = _finding(loaded, verdict, verdict.subject or check.unit.subject(item))
        marks[finding.fingerprint] = _degree(loaded, finding, verdict)
        yield verdict, finding
    counts.of += 1
    if known or marks:
        counts.examined += 1
        counts.exposure += weight
        if marks:
            counts.violations.append(Violation(weight=weight, marks=marks))
    else:
        counts.unknown_exposure += weight


def _degree(loaded: LoadedCheck, finding: Finding, flaw: Flaw) -> float:
    """How far the unit violates the rule: less when the flaw is milder or less sure than the check's default."""
    full = loaded.check.severity.weight * loaded.check.confidence.weight
    own = finding.severity.weight * finding.confidence.weight
    return min(1.0, max(0.0, flaw.degree)) * (min(1.0, own / full) if full else 0.0)


def _finding(loaded: LoadedCheck, flaw: Flaw, subject: Subject) -> Finding:
    check = loaded.check
    return Finding(
        check=loaded.id,
        fingerprint=fingerprint(loaded.id, subject, flaw.discriminator),
        title=flaw.title or check.title,
        pillar=check.pillar.value,
        severity=flaw.severity or check.severity,
        confidence=flaw.confidence or check.confidence,
        subject=subject,
        related=flaw.related,
        evidence=flaw.evidence,
        impact=flaw.impact,
        explanation=flaw.explanation,
        recommendation=flaw.recommendation,
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

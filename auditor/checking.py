"""Running checks over a snapshot: walks the units, states outcomes, and never lets silence stand for health."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from auditor.model.check import LoadedCheck
from auditor.model.facts import Facts
from auditor.model.finding import CheckResult, Finding, Flaw, Subject, Unknown, fingerprint
from auditor.model.operation import AnyOperation
from auditor.model.vocabulary import Outcome, ProbeOutcome


class CheckRun(Struct, frozen=True, kw_only=True):
    """What running one check gave: its result, its findings and the operations that they propose."""

    result: CheckResult
    findings: tuple[Finding, ...] = ()
    operations: tuple[AnyOperation, ...] = ()


class _Tally:
    """The running sums of one check: exposure looked at, exposure flawed."""

    def __init__(self) -> None:
        self.of = 0
        self.examined = 0
        self.exposure = 0.0
        self.violated = 0.0
        self.flawed: dict[str, float] = {}
        self.unknown: Unknown | None = None


def run_check(loaded: LoadedCheck, facts: Facts, limits: Mapping[str, float] | None = None) -> CheckRun:
    """Run one check. ``limits`` override its thresholds.

    An exception of the judge becomes the outcome ``error``: it is in the report and in the exit status.
    """
    check = loaded.check
    if check.engines and facts.target.engine not in check.engines:
        return _run(loaded, Outcome.NOT_APPLICABLE, reason=f"it does not apply to {facts.target.engine}")
    missing = [name for name in check.needs if name not in facts.probes]
    if missing:
        return _run(loaded, Outcome.NOT_APPLICABLE, reason=f"this engine has no {', '.join(missing)}")
    for name in check.needs:
        probe = facts.probes[name]
        if probe.outcome is not ProbeOutcome.OK:
            reason = f"the probe {name} was {probe.outcome}: {probe.reason or 'no reason given'}"
            return _run(loaded, Outcome.NOT_ASSESSED, reason=reason, grant=probe.grant)
    tally = _Tally()
    findings: list[Finding] = []
    operations: dict[str, AnyOperation] = {}
    try:
        for item in check.unit.items(facts):
            for flaw, subject in _judge(loaded, facts, item, dict(limits or {}), tally):
                findings.append(_finding(loaded, flaw, subject))
                operations.update({operation.id: operation for operation in flaw.operations})
    except Exception as error:  # noqa: BLE001 -- whatever a check raises must be told, not lost
        return _run(loaded, Outcome.ERROR, tally, reason=f"{type(error).__name__}: {error}")
    findings.sort(key=lambda finding: (finding.severity.rank, finding.subject))
    if not tally.of:
        return _run(loaded, Outcome.NOT_APPLICABLE, tally, reason=f"there are no {check.unit.plural} to look at")
    if not tally.examined and not findings:
        unknown = tally.unknown or Unknown(reason="nothing could be examined")
        return _run(loaded, Outcome.NOT_ASSESSED, tally, reason=unknown.reason, grant=unknown.grant)
    outcome = Outcome.FAILED if findings else Outcome.PASSED
    partial = tally.unknown
    return CheckRun(
        result=_result(
            loaded, outcome, tally,
            reason=partial.reason if partial else None, grant=partial.grant if partial else None,
        ),
        findings=tuple(findings), operations=tuple(operations.values()),
    )  # fmt: skip


def _judge(
    loaded: LoadedCheck, facts: Facts, item: Any, limits: dict[str, float], tally: _Tally
) -> Iterable[tuple[Flaw, Subject]]:
    unit = loaded.check.unit
    weight = unit.weight(facts, item)
    degree, known = 0.0, True
    for verdict in loaded.judge(item, facts, **limits):
        if isinstance(verdict, Unknown):
            known = False
            tally.unknown = tally.unknown or verdict
            continue
        degree = max(degree, min(1.0, max(0.0, verdict.degree)))
        yield verdict, verdict.subject or unit.subject(item)
    tally.of += 1
    if known or degree:
        tally.examined += 1
        tally.exposure += weight
        tally.violated += weight * degree


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


def _result(
    loaded: LoadedCheck, outcome: Outcome, tally: _Tally, reason: str | None = None, grant: str | None = None
) -> CheckResult:
    return CheckResult(
        check=loaded.id, title=loaded.check.title if outcome is Outcome.FAILED else loaded.check.passed,
        pillar=loaded.check.pillar.value, severity=loaded.check.severity, confidence=loaded.check.confidence,
        outcome=outcome, examined=tally.examined, of=tally.of, reason=reason, grant=grant,
        extent=tally.violated / tally.exposure if tally.exposure else 0.0,
    )  # fmt: skip


def _run(
    loaded: LoadedCheck, outcome: Outcome, tally: _Tally | None = None, *, reason: str, grant: str | None = None
) -> CheckRun:
    return CheckRun(result=_result(loaded, outcome, tally or _Tally(), reason, grant))

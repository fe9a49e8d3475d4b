"""From a snapshot to an audit: check, accept, score, plan. A pure function: no input, no output, no clock."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from auditor import __version__
from auditor.baseline import Baseline
from auditor.checking import CheckRun, run_checks
from auditor.connector import Recipe
from auditor.documentation import pages_of
from auditor.errors import UsageError
from auditor.inventory import draw_diagram, take_inventory
from auditor.model.calibration import Calibration
from auditor.model.check import LoadedCheck
from auditor.model.facts import Facts
from auditor.model.finding import CheckResult, Finding
from auditor.model.operation import AnyOperation
from auditor.model.report import Audit, Tool
from auditor.model.snapshot import Snapshot
from auditor.model.vocabulary import Outcome, Severity
from auditor.planning import make_plan
from auditor.registry import connector_for, load_checks
from auditor.scoring import extent, score
from auditor.suggest import nearest
from auditor.wishes import look_up


class Selection(Struct, frozen=True, kw_only=True):
    """Which checks run, with which limits. Patterns are globs over ids and pillars; ``skip`` wins over ``only``."""

    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    limits: dict[str, dict[str, float]] = {}


def audit_snapshot(
    snapshot: Snapshot,
    selection: Selection | None = None,
    baseline: Baseline | None = None,
    *,
    wishes: Sequence[AnyOperation] = (),
    calibration: Calibration | None = None,
    diagram: bool = False,
    progress: Callable[[str, int, int], None] | None = None,
) -> Audit:
    """Judge a snapshot. ``wishes`` are operations that are planned although no finding proposes them.

    ``calibration`` is what the estimates of the plan rest on, None for the engine's default.

    Raises:
        UsageError: the selection names a check or limit that does not exist, a wish names a table or column that is
            not there, no connector knows the engine, or the calibration is another engine's.

    """
    selection = selection or Selection()
    checks = select(load_checks(), selection)
    connector = connector_for(snapshot.target.engine)
    if calibration is not None and calibration.engine != connector.engine:
        raise UsageError(f"the calibration is one of {calibration.engine}, and what is audited is {connector.title}")
    facts = Facts(snapshot, calibration)
    look_up(wishes, facts)
    runs = run_checks(checks, facts, selection.limits, progress)
    return assemble(facts, runs, baseline or Baseline(), connector.recipes(), wishes, diagram=diagram)


def assemble(
    facts: Facts,
    runs: Sequence[CheckRun],
    baseline: Baseline,
    recipes: Mapping[str, Recipe],
    wishes: Sequence[AnyOperation] = (),
    *,
    diagram: bool = False,
) -> Audit:
    """Make an audit of what the checks gave: accept risks, score, plan, and add the inventory."""
    found = [finding for run in runs for finding in run.findings]
    findings = baseline.apply(found, facts.now.date())
    card, ledger = score([run.tally for run in runs], findings)
    accepted = {finding.fingerprint for finding in findings if finding.suppressed is not None}
    results = [
        replace(
            run.result, extent=round(extent(run.tally, accepted), 6), lost=round(ledger.get(run.result.check, 0.0), 4)
        )
        for run in runs
    ]
    # What is only good to know is told, and left out of the plan: nobody carries out a plan of hundreds of niceties.
    open_findings = [finding for finding in findings if finding.suppressed is None]
    planned = [finding for finding in open_findings if finding.severity is not Severity.INFO]
    wanted = {operation for finding in planned for operation in finding.operations}
    operations: dict[str, AnyOperation] = {}
    for run in runs:
        operations.update({operation.id: operation for operation in run.operations if operation.id in wanted})
    return Audit(
        tool=Tool(name="auditor", version=__version__),
        target=facts.target,
        score=card,
        findings=tuple(sorted(findings, key=_gravity)),
        checks=tuple(_by_outcome(results)),
        probes=facts.snapshot.probes,
        plan=make_plan(facts, tuple(operations.values()), planned, recipes, wishes),
        inventory=take_inventory(facts),
        documentation=pages_of(results, facts.target.engine, facts.capabilities.terms),
        terms=facts.capabilities.terms,
        diagram=draw_diagram(facts) if diagram else None,
    )


def select(checks: Mapping[str, LoadedCheck], selection: Selection) -> list[LoadedCheck]:
    """Choose the checks that run, in the order of their ids.

    Raises:
        UsageError: a pattern matches nothing, or a limit does not exist; the message offers the nearest name.

    """
    pillars = {loaded.check.pillar.value for loaded in checks.values()}
    for pattern in (*selection.only, *selection.skip):
        if not fnmatch.filter([*checks, *pillars], pattern):
            raise UsageError(
                f"no check or pillar is called {pattern!r}",
                nearest(pattern, [*checks, *pillars]) or "list them with: auditor checks",
            )
    for identifier, limits in selection.limits.items():
        if identifier not in checks:
            raise UsageError(f"no check is called {identifier!r} (limits)", nearest(identifier, checks))
        for name in limits:
            if name not in checks[identifier].limits:
                known = checks[identifier].limits
                raise UsageError(f"the check {identifier} has no limit {name!r}", nearest(name, known))

    def matches(loaded: LoadedCheck, patterns: Sequence[str]) -> bool:
        names = (loaded.id, loaded.check.pillar.value)
        return any(fnmatch.fnmatchcase(name, pattern) for name in names for pattern in patterns)

    return [
        loaded
        for loaded in checks.values()
        if (not selection.only or matches(loaded, selection.only)) and not matches(loaded, selection.skip)
    ]


def _gravity(finding: Finding) -> tuple[bool, int, str, str, str]:
    return (
        finding.suppressed is not None,
        finding.severity.rank,
        finding.check,
        finding.subject.name,
        finding.fingerprint,
    )


def _by_outcome(results: Sequence[CheckResult]) -> list[CheckResult]:
    order = (Outcome.ERROR, Outcome.FAILED, Outcome.NOT_ASSESSED, Outcome.PASSED, Outcome.NOT_APPLICABLE)
    return sorted(results, key=lambda result: (order.index(result.outcome), -result.lost, result.check))

"""From a target to a snapshot: run every probe, tell what became of it, assemble what came."""

from __future__ import annotations

from auditor.connector import CollectOptions, Progress
from auditor.model.snapshot import ProbeResult, Snapshot
from auditor.model.vocabulary import ProbeOutcome
from auditor.target import Target
from auditor_connectors.mongodb.assemble import snapshot
from auditor_connectors.mongodb.grants import grant_of
from auditor_connectors.mongodb.probe import Probe, Row
from auditor_connectors.mongodb.probes import PROBES
from auditor_connectors.mongodb.session import Session
from auditor_connectors.mongodb.slowlog import read_slow_log
from auditor_connectors.slowlog import read_beside


def collect(target: Target, options: CollectOptions, progress: Progress | None = None) -> Snapshot:
    """Read the target.

    Raises:
        UsageError: the URL has an option that is unknown or has a wrong value, or the log file cannot be read.
        UnreachableError: the deployment cannot be reached, refuses the login or has no such database.

    """
    slow_log, log_result = read_beside(options.slow_log, read_slow_log)
    results: list[ProbeResult] = []
    raw: dict[str, list[Row]] = {}
    with Session(target, options) as session:
        for number, probe in enumerate(PROBES, start=1):
            result = _read(session, probe, raw)
            results.append(result)
            if progress is not None:
                progress(result, number, len(PROBES) + 1)
    results.append(log_result)
    if progress is not None:
        progress(log_result, len(results), len(results))
    return snapshot(raw, results, session.identity, slow_log)


def databases(target: Target, options: CollectOptions) -> list[str]:
    """Name the databases of the deployment that can be audited one by one, sorted.

    Raises:
        UsageError: the URL has an option that is unknown or has a wrong value.
        UnreachableError: the deployment cannot be reached or refuses the login.

    """
    with Session(target, options) as session:
        return session.databases()


def _read(session: Session, probe: Probe, raw: dict[str, list[Row]]) -> ProbeResult:
    """Run a probe and keep its rows."""
    answer = session.run(probe)
    if answer.outcome is ProbeOutcome.OK:
        raw[probe.name] = answer.rows
    hidden = answer.outcome is ProbeOutcome.DENIED or (answer.reason or "").endswith("may not be read")
    return ProbeResult(
        probe=probe.name,
        outcome=answer.outcome,
        rows=len(answer.rows),
        milliseconds=answer.milliseconds,
        reason=answer.reason,
        grant=grant_of(probe, session.identity) if hidden else None,
    )

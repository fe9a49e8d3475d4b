"""From a target to a snapshot: run every probe, tell what became of it, assemble what came."""

from __future__ import annotations

from auditor.connector import CollectOptions, Progress
from auditor.errors import UsageError
from auditor.model.snapshot import ProbeResult, Snapshot
from auditor.model.vocabulary import ProbeOutcome
from auditor.target import Target
from auditor_connectors.redis.assemble import snapshot
from auditor_connectors.redis.assemble.server import logical_databases
from auditor_connectors.redis.grants import grant_of
from auditor_connectors.redis.probe import Probe, Row
from auditor_connectors.redis.probes import PROBES
from auditor_connectors.redis.session import Session


def collect(target: Target, options: CollectOptions, progress: Progress | None = None) -> Snapshot:
    """Read the target.

    Raises:
        UsageError: the URL has an option that is unknown or has a wrong value, or a log file is given.
        UnreachableError: the server cannot be reached or refuses the login.

    """
    if options.slow_log is not None:
        raise UsageError("this engine writes no log of slow commands", "leave --slow-log out: its own list is read")
    results: list[ProbeResult] = []
    raw: dict[str, list[Row]] = {}
    with Session(target, options) as session:
        for number, probe in enumerate(PROBES, start=1):
            result = _read(session, probe, raw)
            results.append(result)
            if progress is not None:
                progress(result, number, len(PROBES))
    return snapshot(raw, results, session.identity)


def databases(target: Target, options: CollectOptions) -> list[str]:
    """Name the numbered databases that have keys.

    Raises:
        UsageError: the URL has an option that is unknown or has a wrong value.
        UnreachableError: the server cannot be reached or refuses the login.

    """
    with Session(target, options) as session:
        return [database.name for database in logical_databases(session.identity.info)]


def _read(session: Session, probe: Probe, raw: dict[str, list[Row]]) -> ProbeResult:
    """Run a probe and keep its rows."""
    answer = session.run(probe)
    if answer.outcome is ProbeOutcome.OK:
        raw[probe.name] = answer.rows
    return ProbeResult(
        probe=probe.name,
        outcome=answer.outcome,
        rows=len(answer.rows),
        milliseconds=answer.milliseconds,
        reason=answer.reason,
        grant=grant_of(probe, session.identity) if answer.outcome is ProbeOutcome.DENIED else None,
    )

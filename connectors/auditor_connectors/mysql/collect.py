"""From a target to a snapshot: run every probe, tell what became of it, assemble what came."""

from __future__ import annotations

from auditor.connector import CollectOptions, Progress
from auditor.model.snapshot import ProbeResult, Snapshot
from auditor.model.vocabulary import ProbeOutcome
from auditor.target import Target
from auditor_connectors.mysql.assemble import snapshot
from auditor_connectors.mysql.assemble.server import variables
from auditor_connectors.mysql.probe import Probe, Row
from auditor_connectors.mysql.probes import PROBES
from auditor_connectors.mysql.probes.statistics import USERSTAT
from auditor_connectors.mysql.probes.workload import LOG_TABLE
from auditor_connectors.mysql.session import Session
from auditor_connectors.mysql.slowlog import from_table, read_slow_log
from auditor_connectors.mysql.switches import counts_by_userstat, logs_to_table
from auditor_connectors.mysql.visibility import forbidden, review
from auditor_connectors.slowlog import read_beside


def collect(target: Target, options: CollectOptions, progress: Progress | None = None) -> Snapshot:
    """Read the target.

    Raises:
        UsageError: the URL has an option that is unknown or has a wrong value, or the log file cannot be read.
        UnreachableError: the server cannot be reached, refuses the login or has no such database.

    """
    slow_log, log_result = read_beside(options.slow_log, read_slow_log)
    results: list[ProbeResult] = []
    raw: dict[str, list[Row]] = {}
    with Session(target, options) as session:
        identity = session.identity
        for number, usual in enumerate(PROBES, start=1):
            probe = USERSTAT.get(usual.name, usual) if counts_by_userstat(raw) else usual
            result = _read(session, probe, raw)
            results.append(result)
            if progress is not None:
                progress(result, number, len(PROBES) + 1)
        if slow_log is None and logs_to_table(variables(raw)):
            log_result = _read(session, LOG_TABLE, raw)
            slow_log = from_table(raw[LOG_TABLE.name]) if LOG_TABLE.name in raw else None
    results.append(log_result)
    if progress is not None:
        progress(log_result, len(results), len(results))
    return snapshot(raw, results, identity, slow_log)


def databases(target: Target, options: CollectOptions) -> list[str]:
    """Name the databases of the server that can be audited one by one, sorted.

    Raises:
        UsageError: the URL has an option that is unknown or has a wrong value.
        UnreachableError: the server cannot be reached or refuses the login.

    """
    with Session(target, options) as session:
        return session.databases()


def _read(session: Session, probe: Probe, raw: dict[str, list[Row]]) -> ProbeResult:
    """Run a probe and keep its rows, unless the account may not see what it is about: the server would hide it."""
    barred = forbidden(probe, session.identity, raw)
    if barred is not None:
        return ProbeResult(probe=probe.name, outcome=barred.outcome, reason=barred.reason, grant=barred.grant)
    answer = session.run(probe)
    result = ProbeResult(
        probe=probe.name,
        outcome=answer.outcome,
        rows=len(answer.rows),
        milliseconds=answer.milliseconds,
        reason=answer.reason,
    )
    if answer.outcome is not ProbeOutcome.OK:
        return result
    raw[probe.name] = answer.rows
    seen = review(probe, session.identity, raw)
    if seen is None:
        return result
    if seen.outcome is not ProbeOutcome.OK:
        del raw[probe.name]
    return ProbeResult(
        probe=probe.name,
        outcome=seen.outcome,
        rows=result.rows,
        milliseconds=result.milliseconds,
        reason=seen.reason,
        grant=seen.grant,
    )

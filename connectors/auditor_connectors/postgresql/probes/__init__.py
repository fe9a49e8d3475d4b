"""Every probe, in running order: the server first, because what it says is known even when all else fails."""

from __future__ import annotations

from auditor_connectors.postgresql.probe import Probe
from auditor_connectors.postgresql.probes import catalog, replication, security, server, statistics, workload
from auditor_connectors.postgresql.probes.catalog import LOCKED_RELATIONS

PROBES: tuple[Probe, ...] = (
    *server.PROBES,
    *catalog.PROBES,
    *statistics.PROBES,
    *security.PROBES,
    *workload.PROBES,
    *replication.PROBES,
)

SLOW_LOG = Probe(
    name="slow-log",
    purpose="read a log file of the server that lies here: slow statements, errors, waits, spills",
    privilege="the file (--slow-log)",
    missing="no log file was given (--slow-log FILE)",
)

__all__ = ["LOCKED_RELATIONS", "PROBES", "SLOW_LOG"]

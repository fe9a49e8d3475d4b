"""Every probe, in running order: first the server and its settings, which tell what of the rest is switched on."""

from __future__ import annotations

from auditor_connectors.mysql.probe import Probe
from auditor_connectors.mysql.probes import catalog, replication, security, server, statistics, storage, workload

PROBES: tuple[Probe, ...] = (
    *server.PROBES,
    *catalog.PROBES,
    *statistics.PROBES,
    *storage.PROBES,
    *workload.PROBES,
    *replication.PROBES,
    *security.PROBES,
)

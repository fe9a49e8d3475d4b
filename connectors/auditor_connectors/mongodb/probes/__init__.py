"""Every probe, in the order in which they run. Adding one is adding it to the list of its file."""

from __future__ import annotations

from auditor_connectors.mongodb.probe import Probe
from auditor_connectors.mongodb.probes import accounts, catalog, indexes, replication, samples, server, workload

PROBES: tuple[Probe, ...] = (
    *server.PROBES,
    *replication.PROBES,
    *accounts.PROBES,
    *catalog.PROBES,
    *indexes.PROBES,
    *workload.PROBES,
    *samples.PROBES,  # last: what it reads is counted by the others
)

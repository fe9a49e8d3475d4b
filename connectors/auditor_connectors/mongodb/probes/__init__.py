"""Every probe, in the order in which they run. Adding one is adding it to the list of its file."""

from __future__ import annotations

from auditor_connectors.mongodb.probe import Probe
from auditor_connectors.mongodb.probes import (
    accounts,
    catalog,
    indexes,
    replication,
    samples,
    server,
    sharding,
    workload,
)

PROBES: tuple[Probe, ...] = (
    *server.PROBES,
    *replication.PROBES,
    *sharding.PROBES,
    *accounts.PROBES,
    *workload.PROBES,  # early: the profiler keeps what the others send, in the place of what it kept before
    *catalog.PROBES,
    *indexes.PROBES,
    *samples.PROBES,  # last: what it reads is counted by the others
)

"""Every probe, in the order in which they run."""

from __future__ import annotations

from auditor_connectors.redis.probe import Probe
from auditor_connectors.redis.probes import access, deployment, keys, server, workload

PROBES: tuple[Probe, ...] = (
    *server.PROBES, *deployment.PROBES, *access.PROBES, *keys.PROBES, *workload.PROBES,
)  # fmt: skip

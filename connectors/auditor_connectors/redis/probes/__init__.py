"""Every probe, in the order in which they run."""

from __future__ import annotations

from auditor_connectors.redis.probe import Probe
<<<<<<< HEAD
from auditor_connectors.redis.probes import access, deployment, server, workload

PROBES: tuple[Probe, ...] = (*server.PROBES, *deployment.PROBES, *access.PROBES, *workload.PROBES)
=======
from auditor_connectors.redis.probes import access, deployment, keys, server

PROBES: tuple[Probe, ...] = (*server.PROBES, *deployment.PROBES, *access.PROBES, *keys.PROBES)
>>>>>>> wt-keys

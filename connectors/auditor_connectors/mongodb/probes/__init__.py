"""Every probe, in the order in which they run. Adding one is adding it to the list of its file."""

from __future__ import annotations

from auditor_connectors.mongodb.probe import Probe
from auditor_connectors.mongodb.probes import catalog, samples, server

PROBES: tuple[Probe, ...] = (*server.PROBES, *catalog.PROBES, *samples.PROBES)

"""From rows to records: pure functions, from what the probes brought to the snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import auditor
from auditor.model.catalog import Catalog
from auditor.model.security import Security
from auditor.model.snapshot import Capabilities, ProbeResult, Snapshot, TargetInfo, Terms
from auditor.model.workload import Workload
from auditor_connectors.redis.assemble.deployment import extensions, roles, sessions
from auditor_connectors.redis.assemble.keyspace import keyspace
from auditor_connectors.redis.assemble.server import commands, errors, report_of, server, uptime
from auditor_connectors.redis.assemble.workload import channels, latency, slow_log
from auditor_connectors.redis.flavour import detect
from auditor_connectors.redis.probe import Raw
from auditor_connectors.redis.session import Identity

ALL = "all databases"
_SECONDS_PER_DAY = 86400.0


def snapshot(raw: Raw, results: Sequence[ProbeResult], identity: Identity) -> Snapshot:
    """Put together everything that the probes brought; what they did not bring stays unknown."""
    flavour = detect(identity)
    counted = uptime(report_of(raw))
    since = identity.moment - timedelta(seconds=counted) if counted is not None else None
    product = flavour.name if flavour is not None else "Redis"
    return Snapshot(
        tool_version=auditor.__version__,
        target=TargetInfo(
            engine="redis",
            product=product,
            flavour=flavour.name if flavour is not None else None,
            managed=flavour is not None and flavour.managed,
            version=identity.version_text,
            name=ALL if identity.database is None else f"database {identity.database}",
            collected_at=identity.moment.isoformat(),
            stats_since=None if since is None else since.isoformat(),
            stats_days=None if counted is None else counted / _SECONDS_PER_DAY,
        ),
        capabilities=Capabilities(
            terms=Terms(table="key pattern", row="key", column="element", reference="reference", script="bash"),
            own_versions=flavour is not None and flavour.own_versions,
        ),
        probes=tuple(results),
        server=server(raw, identity),
        keyspace=keyspace(raw, identity),
        catalog=Catalog(extensions=extensions(raw)),
        security=Security(roles=roles(raw)),
        workload=Workload(
            sessions=sessions(raw), slow_log=slow_log(raw), commands=commands(raw), errors=errors(raw),
            latency=latency(raw), channels=channels(raw),
        ),
    )  # fmt: skip

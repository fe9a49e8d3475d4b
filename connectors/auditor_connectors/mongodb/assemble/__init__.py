"""From rows to records: pure functions, from what the probes brought to the snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import auditor
from auditor.model.catalog import Catalog
from auditor.model.snapshot import Capabilities, ProbeResult, Snapshot, TargetInfo, Terms
from auditor_connectors.mongodb.assemble.accounts import security
from auditor_connectors.mongodb.assemble.catalog import indexes, schemas, tables, views
from auditor_connectors.mongodb.assemble.server import first, server, uptime_seconds
from auditor_connectors.mongodb.assemble.sharding import distributed
from auditor_connectors.mongodb.assemble.totals import ReadLog
from auditor_connectors.mongodb.assemble.usage import counted, used
from auditor_connectors.mongodb.assemble.values import iso
from auditor_connectors.mongodb.assemble.workload import workload
from auditor_connectors.mongodb.flavour import detect
from auditor_connectors.mongodb.probe import Raw
from auditor_connectors.mongodb.session import Identity

ALL = "all databases"
_SECONDS_PER_DAY = 86400.0


def snapshot(raw: Raw, results: Sequence[ProbeResult], identity: Identity, read: ReadLog | None = None) -> Snapshot:
    """Put together everything that the probes brought; what they did not bring stays unknown."""
    flavour = detect(identity)
    uptime = uptime_seconds(first(raw, "server-status"))
    since = identity.moment - timedelta(seconds=uptime) if uptime is not None else None
    return Snapshot(
        tool_version=auditor.__version__,
        target=TargetInfo(
            engine="mongodb",
            product="MongoDB",
            flavour=flavour.name if flavour is not None else None,
            managed=flavour is not None and flavour.managed,
            version=identity.version_text,
            name=identity.database or ALL,
            collected_at=iso(identity.moment) or "",
            stats_since=iso(since),
            stats_days=None if uptime is None else uptime / _SECONDS_PER_DAY,
        ),
        capabilities=Capabilities(
            terms=Terms(table="collection", row="document", column="field", reference="reference", script="javascript"),
            own_versions=flavour is not None and flavour.own_versions,
            partial_indexes=True,
            decimal_type="decimal",
            database_is_schema=True,
            mirrored_indexes=True,
            counts_by_index=True,
        ),
        probes=tuple(results),
        server=server(raw, identity),
        catalog=Catalog(
            schemas=schemas(raw),
            tables=distributed(counted(tables(raw), raw), raw),
            indexes=used(indexes(raw), raw, complete=_told_whole(results, "index-usage")),
            views=views(raw),
        ),
        security=security(raw),
        workload=workload(raw, read),
    )


def _told_whole(results: Sequence[ProbeResult], probe: str) -> bool:
    """Whether a probe could see all that it is about."""
    return any(result.probe == probe and result.reason is None for result in results)

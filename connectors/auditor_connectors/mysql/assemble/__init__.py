"""From rows to records: pure functions, from what the probes brought to the snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import auditor
from auditor.model.catalog import Catalog
from auditor.model.snapshot import Capabilities, ProbeResult, Snapshot, TargetInfo
from auditor.model.workload import SlowLog
from auditor_connectors.mysql.assemble.indexes import constraints, indexes
from auditor_connectors.mysql.assemble.objects import jobs, routines, schemas, triggers, views
from auditor_connectors.mysql.assemble.security import security
from auditor_connectors.mysql.assemble.server import server, status, variables
from auditor_connectors.mysql.assemble.tables import sequences, tables
from auditor_connectors.mysql.assemble.values import iso
from auditor_connectors.mysql.assemble.workload import workload
from auditor_connectors.mysql.flavour import detect
from auditor_connectors.mysql.probe import Raw
from auditor_connectors.mysql.session import Identity

ALL = "all databases"
_SECONDS_PER_DAY = 86400.0
_PRODUCTS = {"mysql": "MySQL", "mariadb": "MariaDB"}
_UUID = 100700
"""The version of MariaDB that brought the type: https://mariadb.com/kb/en/uuid-data-type/"""

_PAGE_BYTES = 16384
"""What innodb_page_size is by default."""


def snapshot(raw: Raw, results: Sequence[ProbeResult], identity: Identity, slow_log: SlowLog | None = None) -> Snapshot:
    """Put together everything that the probes brought; what they did not bring stays unknown."""
    settings = variables(raw)
    flavour, managed, own_versions = detect(identity, settings)
    uptime = status(raw).get("uptime", "")
    since = identity.moment - timedelta(seconds=int(uptime)) if uptime.isdigit() else None
    page_bytes = int(settings.get("innodb_page_size") or _PAGE_BYTES)
    return Snapshot(
        tool_version=auditor.__version__,
        target=TargetInfo(
            engine=identity.product,
            product=_PRODUCTS[identity.product],
            flavour=flavour,
            managed=managed,
            version=identity.version_text,
            name=identity.database or ALL,
            collected_at=iso(identity.moment) or "",
            stats_since=iso(since),
            stats_days=None if since is None else int(uptime) / _SECONDS_PER_DAY,
        ),
        capabilities=Capabilities(
            language="mysql",
            uuid_type="uuid" if identity.product == "mariadb" and identity.version >= _UUID else "binary(16)",
            decimal_type="decimal(19,4)",
            page_bytes=page_bytes,
            own_versions=own_versions,
            database_is_schema=True,
            columns_anew=True,
            columns_fold=True,  # a digest writes a name that is a keyword in upper case
        ),
        probes=tuple(results),
        server=server(raw, identity),
        catalog=Catalog(
            schemas=schemas(raw),
            tables=tables(raw),
            indexes=indexes(raw, page_bytes),
            constraints=constraints(raw),
            sequences=sequences(raw),
            views=views(raw),
            routines=routines(raw),
            triggers=triggers(raw),
            jobs=jobs(raw),
        ),
        security=security(raw),
        workload=workload(raw, slow_log),
    )

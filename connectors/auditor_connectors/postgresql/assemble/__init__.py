"""From rows to records: pure functions, from what the probes brought to the snapshot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

import auditor
from auditor.model.snapshot import Capabilities, ProbeResult, Snapshot, TargetInfo
from auditor.model.workload import SlowLog
from auditor_connectors.postgresql.assemble.catalog import catalog
from auditor_connectors.postgresql.assemble.security import security
from auditor_connectors.postgresql.assemble.server import server
from auditor_connectors.postgresql.assemble.values import iso
from auditor_connectors.postgresql.assemble.workload import workload
from auditor_connectors.postgresql.flavour import detect
from auditor_connectors.postgresql.probe import Raw

_SECONDS_PER_DAY = 86400.0
_CAPABILITIES = Capabilities(
    language="postgres",
    promotes_indexes=True,
    partial_indexes=True,
    casts=True,
    idle_transaction_timeout="idle_in_transaction_session_timeout",
)
_EXTENSIONS = ("TimescaleDB", "Citus")
"""Flavours that are extensions of the original: its versions and support dates are theirs."""


class Identity(Struct, frozen=True, kw_only=True):
    """What the server said at the login: its version as number and text, the database, the role, and its clock."""

    version: int
    version_text: str
    database: str
    role: str
    moment: datetime


def snapshot(
    raw: Raw, results: Callable[[], Sequence[ProbeResult]], identity: Identity, slow_log: SlowLog | None = None
) -> Snapshot:
    """Put together everything that the probes brought; what they did not bring stays unknown.

    ``results`` tells what became of the probes; it is asked last.
    """
    objects = catalog(raw, identity.version)  # first, because it is long work for which the last probes are not needed
    target = _target(raw, identity)
    own_versions = target.managed or target.flavour not in (None, *_EXTENSIONS)
    return Snapshot(
        tool_version=auditor.__version__,
        target=target,
        capabilities=replace(_CAPABILITIES, own_versions=own_versions),
        probes=tuple(results()),
        server=server(raw),
        catalog=objects,
        security=security(raw),
        workload=workload(raw, slow_log),
    )


def _target(raw: Raw, identity: Identity) -> TargetInfo:
    since = _counting_since(raw)
    flavour, managed = detect(raw)
    return TargetInfo(
        engine="postgresql",
        product="PostgreSQL",
        flavour=flavour,
        managed=managed,
        version=identity.version_text.split(" ", 1)[0],
        name=identity.database,
        collected_at=iso(identity.moment) or "",
        stats_since=iso(since),
        stats_days=None if since is None else (identity.moment - since).total_seconds() / _SECONDS_PER_DAY,
    )


def _counting_since(raw: Raw) -> datetime | None:
    """When the counters of this database began: their reset, else the oldest event that they are known to have seen."""
    current = next((row for row in raw.get("databases", ()) if row["current"]), None)
    if current is None or current["stats_reset"] is not None:
        return None if current is None else current["stats_reset"]
    seen = [current["witnessed_since"]]
    for row in raw.get("table-usage", ()):
        seen += (row.last_vacuum, row.last_autovacuum, row.last_analyze, row.last_autoanalyze)
        seen += (row.last_seq_scan, row.last_idx_scan)
    seen += (row.last_idx_scan for row in raw.get("index-usage", ()))
    return min((moment for moment in seen if moment is not None), default=None)

"""From rows to records: archiving, replication slots, replicas, publications, subscriptions."""

from __future__ import annotations

from auditor.model.server import Archiver, Conflicts, Publication, Replica, Slot, Subscription
from auditor_connectors.postgresql.assemble.values import iso
from auditor_connectors.postgresql.probe import Raw, Row

_OPERATIONS = ("insert", "update", "delete", "truncate")


def archiver(raw: Raw) -> Archiver | None:
    """What continuous archiving did."""
    for row in raw.get("archiver", ()):
        return Archiver(
            archived=row["archived_count"] or 0,
            failed=row["failed_count"] or 0,
            last_archived_at=iso(row["last_archived_time"]),
            last_failed_at=iso(row["last_failed_time"]),
            since=iso(row["stats_reset"]),
        )
    return None


def slots(raw: Raw) -> tuple[Slot, ...]:
    """The replication slots, by name."""
    return tuple(_slot(row) for row in raw.get("slots", ()))


def _slot(row: Row) -> Slot:
    return Slot(
        name=row["slot_name"],
        kind="logical" if row["slot_type"] == "logical" else "physical",
        plugin=row["plugin"],
        database=row["database"],
        active=bool(row["active"]),
        temporary=bool(row["temporary"]),
        retained_bytes=row["retained_bytes"],
        status=row.get("wal_status"),
        safe_bytes=row.get("safe_wal_size"),
        inactive_since=iso(row.get("inactive_since")),
        invalidation=_invalidation(row),
        horizon_age=row["horizon_age"],
        failover=row.get("failover"),
    )


def _invalidation(row: Row) -> str | None:
    """Why a slot is of no use any more; before version 17 the server says it only through other columns."""
    if row.get("invalidation_reason"):
        return str(row["invalidation_reason"])
    if row.get("conflicting"):
        return "conflict"
    return "wal_removed" if row.get("wal_status") == "lost" else None


def replicas(raw: Raw) -> tuple[Replica, ...]:
    """The receivers, by name. One whose details are hidden from the session is still there, without a name."""
    return tuple(
        Replica(
            name=row["application_name"] or "",
            state=row["state"],
            sync=row["sync_state"],
            lag_bytes=row["lag_bytes"],
            lag_seconds=row["lag_seconds"],
            horizon_age=row["horizon_age"],
            slot=row["slot"],
            logical=row["slot_type"] == "logical",
        )
        for row in raw.get("replicas", ())
    )


def publications(raw: Raw) -> tuple[Publication, ...]:
    """The publications, by name."""
    return tuple(
        Publication(
            name=row["name"],
            all_tables=row["all_tables"],
            operations=tuple(operation for operation in _OPERATIONS if row[f"pub{operation}"]),
            tables=tuple((schema, table) for schema, table in row["tables"] or ()),
        )
        for row in raw.get("publications", ())
    )


def subscriptions(raw: Raw) -> tuple[Subscription, ...]:
    """The subscriptions of this database, by name."""
    return tuple(
        Subscription(
            name=row["name"],
            enabled=row["enabled"],
            publications=tuple(row["publications"] or ()),
            apply_errors=row.get("apply_error_count"),
            sync_errors=row.get("sync_error_count"),
            slot=row["slot"],
        )
        for row in raw.get("subscriptions", ())
    )


def conflicts(raw: Raw) -> Conflicts | None:
    """The queries that replay cancelled, over all databases."""
    rows = raw.get("conflicts")
    if rows is None:
        return None

    def total(column: str) -> int:
        return sum(row.get(column) or 0 for row in rows)

    return Conflicts(
        tablespace=total("confl_tablespace"),
        lock=total("confl_lock"),
        snapshot=total("confl_snapshot"),
        buffer_pin=total("confl_bufferpin"),
        deadlock=total("confl_deadlock"),
        logical_slot=total("confl_active_logicalslot"),
    )

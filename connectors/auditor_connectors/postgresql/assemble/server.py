"""From rows to records: the server with its settings, databases and counters, and what the session saw only in part."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath
from typing import Literal

from auditor.model.server import (
    Checkpoints,
    Collation,
    Database,
    IoStatistics,
    LargeObjects,
    LogStatistics,
    Server,
    Setting,
)
from auditor_connectors.postgresql.assemble import replication
from auditor_connectors.postgresql.assemble.values import iso, masked, measure, pairs, whole
from auditor_connectors.postgresql.probe import Raw, Row

_CONTEXTS: dict[str, Literal["fixed", "restart", "reload"]] = {
    "internal": "fixed",
    "postmaster": "restart",
    "sighup": "reload",
}
_PROVIDERS = {"b": "builtin", "c": "libc", "i": "icu", "d": "default"}
_MONITOR = "GRANT pg_monitor TO {role}"


def server(raw: Raw) -> Server:
    """Put together what the probes brought of the server; what they did not bring stays unknown."""
    identity = _first(raw, "server")
    control = _first(raw, "control-file")
    settings = _settings(raw)
    checksums = next((setting.value == "on" for setting in settings if setting.name == "data_checksums"), None)
    encryption = [control[name] for name in ("ssl", "gss_encrypted") if control.get(name) is not None]
    return Server(
        version_number=identity.get("version_number") or 0,
        version_text=identity.get("version_text") or "",
        in_recovery=bool(identity.get("in_recovery")),
        started_at=iso(identity.get("started_at")),
        session_role=identity.get("session_role"),
        session_superuser=bool(identity.get("session_superuser")),
        session_encrypted=any(encryption) if encryption else None,
        system_identifier=control.get("system_identifier"),
        data_checksums=checksums,
        log_bytes=whole(_first(raw, "log-directory").get("bytes")),
        notification_queue_usage=control.get("notification_queue_usage"),
        settings=settings,
        file_errors=tuple(_file_error(row) for row in raw.get("file-settings", ())),
        databases=tuple(_database(row) for row in raw.get("databases", ())),
        collations=tuple(_collation(row) for row in raw.get("collations", ())),
        slots=replication.slots(raw),
        replicas=replication.replicas(raw),
        publications=replication.publications(raw),
        subscriptions=replication.subscriptions(raw),
        archiver=replication.archiver(raw),
        checkpoints=_checkpoints(raw),
        log_statistics=_log_statistics(raw),
        io=tuple(_input_output(row) for row in raw.get("io", ()) if _moved(row)),
        conflicts=replication.conflicts(raw),
        large_objects=_large_objects(raw),
        event_triggers=tuple(row["name"] for row in raw.get("event-triggers", ())),
    )


def partial(raw: Raw) -> dict[str, tuple[str, str | None]]:
    """Say which probes were ``ok`` and yet saw only a part: probe → (what is missing, the grant that would show it)."""
    identity = _first(raw, "server")
    if not identity or identity.get("session_superuser"):
        return {}
    found: dict[str, tuple[str, str | None]] = {}
    if not identity.get("reads_all_settings"):
        found["settings"] = ("parameters that only superusers may see are missing", _MONITOR)
    if not identity.get("reads_all_stats"):
        if any(row["statement"] == "<insufficient privilege>" for row in raw.get("sessions", ())):
            found["sessions"] = ("state and statement of other roles' sessions are hidden", _MONITOR)
        if any(row["bytes"] is None for row in raw.get("databases", ())):
            found["databases"] = ("the sizes of databases to which the role may not connect are hidden", _MONITOR)
        if "statements" in raw:
            found["statements"] = (
                "the texts of other roles' statements are hidden: those entries are left out",
                _MONITOR,
            )
        if raw.get("replicas"):
            found["replicas"] = ("state and lag of the replicas are hidden", _MONITOR)
        if raw.get("progress"):
            found["progress"] = ("the tables that other roles' maintenance works on are hidden", _MONITOR)
    if any(row["hidden"] for row in raw.get("foreign-servers", ())):
        found["foreign-servers"] = ("only a superuser sees whether other roles' user mappings store passwords", None)
    return found


def _first(raw: Raw, probe: str) -> Row:
    """The only row of a probe, empty where there is none."""
    rows = raw.get(probe)
    return rows[0] if rows else {}


def _settings(raw: Raw) -> tuple[Setting, ...]:
    """The parameters as other sessions of this database have them.

    What the client or the role of this session brought along hides the server's value, which stays unknown. Where the
    session itself set something, what stood there before is known, and where that came from is found out.
    """
    role = _first(raw, "server").get("session_role")
    database: Row = next((row for row in raw.get("databases", ()) if row["current"]), {})
    of_role = _assigned(
        setting
        for row in raw.get("roles", ())
        if row["name"] == role
        for entry in row["settings"] or ()
        if entry["database"] in (None, database.get("name"))
        for setting in entry["settings"]
    )
    of_database = _assigned(database.get("settings") or ())
    found = []
    for row in raw.get("settings", ()):
        name, source = row["name"], row["source"] or "default"
        if source == "session":
            if name.lower() in of_role:
                source = "user"
            elif name.lower() in of_database:
                source = "database"
            else:
                source = "default" if row["value"] == row["boot_val"] else "configuration file"
        if source not in ("client", "user", "database user"):
            found.append(_setting(row, source))
    return tuple(found)


def _assigned(settings: Iterable[str]) -> set[str]:
    """The names in settings of the form ``name=value``."""
    return {setting.partition("=")[0].lower() for setting in settings}


def _setting(row: Row, source: str) -> Setting:
    name, value, unit, boot = row["name"], row["value"] or "", row["unit"] or None, row["boot_val"]
    size, duration = measure(value, unit)
    return Setting(
        name=name,
        value=masked(name, value),
        unit=unit,
        boot=None if boot is None else masked(name, boot),
        source=source,
        context=_CONTEXTS.get(row["context"], "session"),
        pending_restart=bool(row["pending_restart"]),
        bytes=size,
        seconds=duration,
    )


def _file_error(row: Row) -> str:
    place = f"{PurePath(row['sourcefile'] or 'configuration file').name}:{row['sourceline']}"
    return f"{place} {row['name']}: {row['error']}" if row["name"] else f"{place}: {row['error']}"


def _database(row: Row) -> Database:
    return Database(
        name=row["name"],
        current=row["current"],
        template=row["template"],
        allow_connections=row["allow_connections"],
        owner=row["owner"],
        encoding=row["encoding"],
        collation=row.get("locale") or row["collation"],
        character_type=row["character_type"],
        locale_provider=_PROVIDERS.get(row.get("locale_provider") or "c"),
        collation_version=row.get("collation_version"),
        collation_version_actual=row.get("collation_version_actual"),
        bytes=row["bytes"],
        connection_limit=row["connection_limit"],
        transaction_age=row["transaction_age"],
        multixact_age=row["multixact_age"],
        settings=pairs(row["settings"]),
        sessions=row.get("numbackends"),
        commits=row.get("xact_commit"),
        rollbacks=row.get("xact_rollback"),
        blocks_read=row.get("blks_read"),
        blocks_hit=row.get("blks_hit"),
        temp_files=row.get("temp_files"),
        temp_bytes=row.get("temp_bytes"),
        deadlocks=row.get("deadlocks"),
        conflicts=row.get("conflicts"),
        checksum_failures=row.get("checksum_failures"),
        sessions_total=row.get("sessions"),
        sessions_abandoned=row.get("sessions_abandoned"),
        sessions_fatal=row.get("sessions_fatal"),
        sessions_killed=row.get("sessions_killed"),
        stats_since=iso(row.get("stats_reset")),
    )


def _collation(row: Row) -> Collation:
    return Collation(
        schema=row["schema"],
        name=row["name"],
        provider=_PROVIDERS.get(row["provider"]),
        recorded=row["recorded"],
        actual=row["actual"],
        indexes=tuple((schema, index) for schema, index in row["indexes"]),
    )


def _checkpoints(raw: Raw) -> Checkpoints | None:
    """The counters under the names that they have had since version 17, or before."""
    row = _first(raw, "checkpoints")
    if not row:
        return None
    return Checkpoints(
        timed=row.get("num_timed", row.get("checkpoints_timed")) or 0,
        requested=row.get("num_requested", row.get("checkpoints_req")) or 0,
        write_ms=row.get("write_time", row.get("checkpoint_write_time")),
        sync_ms=row.get("sync_time", row.get("checkpoint_sync_time")),
        buffers_checkpoint=row.get("buffers_written", row.get("buffers_checkpoint")),
        buffers_background=row.get("buffers_clean"),
        buffers_backend=row.get("buffers_backend"),
        buffers_allocated=row.get("buffers_alloc"),
        background_limit_hits=row.get("maxwritten_clean"),
        since=iso(row.get("stats_reset")),
    )


def _log_statistics(raw: Raw) -> LogStatistics | None:
    row = _first(raw, "log-statistics")
    if not row:
        return None
    return LogStatistics(
        records=row["wal_records"] or 0,
        full_pages=row["wal_fpi"] or 0,
        bytes=whole(row["wal_bytes"]) or 0,
        buffers_full=row["wal_buffers_full"],
        since=iso(row["stats_reset"]),
    )


def _moved(row: Row) -> bool:
    """Whether anything at all was counted in a row of I/O statistics."""
    return any(row[name] for name in ("reads", "writes", "extends", "hits", "evictions"))


def _input_output(row: Row) -> IoStatistics:
    return IoStatistics(
        backend=row["backend_type"],
        object=row["object"],
        context=row["context"],
        reads=row["reads"] or 0,
        writes=row["writes"] or 0,
        extends=row["extends"] or 0,
        hits=row["hits"] or 0,
        evictions=row["evictions"] or 0,
        read_ms=row["read_time"],
        write_ms=row["write_time"],
    )


def _large_objects(raw: Raw) -> LargeObjects | None:
    row = _first(raw, "large-objects")
    return LargeObjects(count=row["count"], bytes=row["bytes"]) if row else None

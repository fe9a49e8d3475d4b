"""The server: its settings, its counters, its machine."""

from __future__ import annotations

from typing import Any

from auditor.model.server import Database, Server, Setting
from auditor_connectors.mongodb.assemble.values import flat, masked, whole
from auditor_connectors.mongodb.probe import Raw, Row
from auditor_connectors.mongodb.session import Identity

_MEGABYTE = 1 << 20
_NOT_PARAMETERS = frozenset({"ok", "$clusterTime", "operationTime"})


def first(raw: Raw, probe: str) -> Row:
    """The only row of a probe, {} where it brought none."""
    rows = raw.get(probe, ())
    return rows[0] if rows else {}


def server(raw: Raw, identity: Identity) -> Server:
    """What is known of the server itself."""
    status, host = first(raw, "server-status"), first(raw, "host").get("system", {})
    limit = whole(host.get("memLimitMB")) or whole(host.get("memSizeMB"))
    uptime = status.get("uptime")
    return Server(
        version_number=identity.version,
        version_text=identity.version_text,
        in_recovery=identity.topology == "replica-set" and not identity.primary,
        session_role=identity.user,
        memory_bytes=None if limit is None else limit * _MEGABYTE,
        cpus=whole(host.get("numCores")),
        counters=counters(status),
        counters_seconds=float(uptime) if uptime is not None else None,
        settings=settings(raw),
        databases=databases(raw, identity),
    )


def settings(raw: Raw) -> tuple[Setting, ...]:
    """Options of the start by their dotted names, and parameters by "setParameter." and theirs."""
    given = {path: masked(path, value) for path, value in flat(first(raw, "options"))}
    found = {name: Setting(name=name, value=value, source="file", context="restart") for name, value in given.items()}
    for path, value in flat(first(raw, "parameters")):
        name = f"setParameter.{path}"
        if path not in _NOT_PARAMETERS and name not in found:
            found[name] = Setting(name=name, value=masked(path, value))
    return tuple(found[name] for name in sorted(found))


def counters(status: Row) -> dict[str, float]:
    """The numbers of the server's status by their dotted paths."""
    return {path: float(value) for path, value in flat(status) if _is_number(value)}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)


def databases(raw: Raw, identity: Identity) -> tuple[Database, ...]:
    """The audited databases."""
    return tuple(
        Database(name=row["name"], current=row["name"] == identity.database, bytes=whole(row.get("sizeOnDisk")))
        for row in sorted(raw.get("database-sizes", ()), key=lambda row: str(row["name"]))
    )

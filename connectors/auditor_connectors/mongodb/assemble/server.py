"""The server: its settings, its counters, its machine."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from auditor.model.server import Database, Server, Setting, Warned
from auditor_connectors.mongodb.assemble.replication import members, settings_of_the_set
from auditor_connectors.mongodb.assemble.sharding import balancing, shards
from auditor_connectors.mongodb.assemble.values import flat, iso, masked, whole
from auditor_connectors.mongodb.probe import Raw, Row
from auditor_connectors.mongodb.session import Identity, Topology

_MEGABYTE = 1 << 20
_ROLES: Mapping[Topology, Literal["standalone", "member", "router"]] = {
    "standalone": "standalone", "replica-set": "member", "sharded": "router",
}  # fmt: skip
_HOSTS = frozenset({"sharding.configDB", "security.ldap.servers"})
_NOT_PARAMETERS = frozenset({"ok", "$clusterTime", "operationTime"})


def first(raw: Raw, probe: str) -> Row:
    """The only row of a probe, {} where it brought none."""
    rows = raw.get(probe, ())
    return rows[0] if rows else {}


def server(raw: Raw, identity: Identity) -> Server:
    """What is known of the server itself."""
    status, host = first(raw, "server-status"), first(raw, "host").get("system", {})
    limit = whole(host.get("memLimitMB")) or whole(host.get("memSizeMB"))
    until = status.get("security", {}).get("SSLServerCertificateExpirationDate")
    return Server(
        version_number=identity.version,
        version_text=identity.version_text,
        in_recovery=identity.topology == "replica-set" and not identity.primary,
        session_role=identity.user,
        session_authenticated=identity.authenticated,
        role=_ROLES[identity.topology],
        memory_bytes=None if limit is None else limit * _MEGABYTE,
        cpus=whole(host.get("numCores")),
        counters=counters(status),
        counters_seconds=uptime_seconds(status),
        totals=_totals(status),
        tls=tls(raw),
        tls_until=iso(until) if isinstance(until, datetime) else None,
        settings=settings(raw),
        databases=databases(raw, identity),
        members=members(raw),
        shards=shards(raw),
        balancing=balancing(raw),
        warnings=tuple(
            Warned(topic=row["topic"], found=_number(row["currentValue"]), wanted=_number(row["recommendedMinimum"]))
            for row in sorted(raw.get("startup-warnings", ()), key=lambda row: str(row["topic"]))
        ),
    )


def _totals(status: Row) -> Database | None:
    """What is counted for all databases together: pages that the cache was asked for, and connections."""
    cache, opened = status.get("wiredTiger", {}).get("cache", {}), status.get("connections", {}).get("totalCreated")
    asked, missed = cache.get("pages requested from the cache"), cache.get("pages read into cache")
    if not status:
        return None
    return Database(
        name="",
        blocks_read=whole(missed),
        blocks_hit=None if asked is None or missed is None else max(0, int(asked) - int(missed)),
        sessions_total=whole(opened),
    )


def tls(raw: Raw) -> bool | None:
    """Whether clients can encrypt their connections; None where its options may not be read."""
    if "options" not in raw:
        return None
    network = first(raw, "options").get("net", {})
    mode = network.get("tls", network.get("ssl", {})).get("mode", "disabled")
    return bool(mode != "disabled")


def uptime_seconds(status: Row) -> float | None:
    """For how long the server has been counting."""
    exact = status.get("uptimeMillis")
    return float(exact) / 1000 if exact is not None else status.get("uptime")


def settings(raw: Raw) -> tuple[Setting, ...]:
    """Options of the start by their dotted names, parameters by "setParameter." and theirs, and those of the set."""
    given = {path: masked(path, value) for path, value in flat(first(raw, "options")) if path not in _HOSTS}
    found = {name: Setting(name=name, value=value, source="file", context="restart") for name, value in given.items()}
    for path, value in flat(first(raw, "parameters")):
        name, running = f"setParameter.{path}", masked(path, value)
        if path in _NOT_PARAMETERS or (name in found and _same(found[name].value, running)):
            continue
        source = "runtime" if name in found else "default"  # somebody changed it since the start
        found[name] = Setting(name=name, value=running, source=source)
    for name, value in settings_of_the_set(raw):
        found[name] = Setting(name=name, value=masked(name, value), source="set")
    return tuple(found[name] for name in sorted(found))


def _same(given: str, running: str) -> bool:
    """Whether a value as it was given is the one in force: numbers are written in several ways."""
    try:
        return float(given) == float(running)
    except ValueError:
        return given.lower() == running.lower()


def counters(status: Row) -> dict[str, float]:
    """The numbers of the server's status by their dotted paths."""
    return {path: float(value) for path, value in flat(status) if _is_number(value)}


def _number(value: Any) -> float | None:
    return float(value) if _is_number(value) else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)


def databases(raw: Raw, identity: Identity) -> tuple[Database, ...]:
    """The audited databases."""
    return tuple(
        Database(name=row["name"], current=row["name"] == identity.database, bytes=whole(row.get("sizeOnDisk")))
        for row in sorted(raw.get("database-sizes", ()), key=lambda row: str(row["name"]))
    )

"""From rows to records: the server with its variables and replicas."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from auditor.model.server import Replica, Server, Setting
from auditor_connectors.mysql.assemble.values import iso, masked
from auditor_connectors.mysql.probe import Raw, Row
from auditor_connectors.mysql.session import Identity

_DEFAULTS = frozenset({"compiled", "compile-time"})
"""How the products call a value that nobody set."""


def variables(raw: Raw) -> Mapping[str, str]:
    """The global variables by name, in lower case."""
    return {name.lower(): value for name, value, _, _ in map(_columns, raw.get("settings", ()))}


def status(raw: Raw) -> Mapping[str, str]:
    """The counters of the server by name, in lower case."""
    return {row["Variable_name"].lower(): row["Value"] or "" for row in raw.get("status", ())}


def server(raw: Raw, identity: Identity) -> Server:
    """Put together what the probes brought of the server; what they did not bring stays unknown."""
    counters = status(raw)
    uptime = counters.get("uptime", "")
    started = identity.moment - timedelta(seconds=int(uptime)) if uptime.isdigit() else None
    cipher = counters.get("ssl_cipher")
    return Server(
        version_number=identity.version,
        version_text=identity.version_comment,
        in_recovery=any(row["user"] == "system user" for row in raw.get("replicas", ())),
        started_at=iso(started),
        session_role=identity.account,
        session_superuser=identity.privileges.globally("SUPER"),
        session_encrypted=None if cipher is None else bool(cipher),
        settings=tuple(sorted(map(_setting, raw.get("settings", ())), key=lambda setting: setting.name)),
        replicas=_replicas(raw, counters),
    )


def _columns(row: Row) -> tuple[str, str, str | None, str | None]:
    """Name, value, default and origin of a variable; SHOW tells the first two only."""
    if "Variable_name" in row:
        return row["Variable_name"], row["Value"] or "", None, None
    return row["name"], row["value"] or "", row["boot"], row["source"]


def _setting(row: Row) -> Setting:
    name, value, boot, source = _columns(row)
    origin = (source or "unknown").lower()
    return Setting(
        name=name.lower(),
        value=masked(name, value),
        boot=None if boot is None else masked(name, boot),
        source="default" if origin in _DEFAULTS else origin,
    )


def _replicas(raw: Raw, counters: Mapping[str, str]) -> tuple[Replica, ...]:
    """The servers that take the binary log, and the other members of a Galera cluster. None of them tells its lag."""
    found = [
        Replica(name=f"{row['user']} ({row['id']})", state="streaming")
        for row in raw.get("replicas", ())
        if row["user"] != "system user"
    ]
    members = counters.get("wsrep_cluster_size", "")
    others = int(members) - 1 if members.isdigit() and "replicas" in raw else 0
    found += [Replica(name=f"cluster member {number}", state="streaming") for number in range(1, others + 1)]
    return tuple(found)

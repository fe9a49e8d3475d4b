"""From rows to records: sessions and statements."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from auditor.model.workload import Session, SlowLog, Statement, Workload
from auditor_connectors.mysql.assemble.values import iso
from auditor_connectors.mysql.literals import redact
from auditor_connectors.mysql.probe import Raw, Row

_IDLE = "Sleep"
_CLIENTS = frozenset({"Sleep", "Query", "Execute", "Fetch", "Prepare", "Statistics", "Ping", "Init DB", "Field List",
                      "Change user", "Close stmt", "Reset stmt", "Long Data", "Quit", "Connect"})  # fmt: skip
"""The commands of the protocol that applications send; the others are those of replication and background work."""


_ENCRYPTED = {"SSL/TLS": True, "TCP/IP": False}
_PICOSECONDS = 1e9  # of a millisecond
_KINDS = {
    "select": "select", "values": "select", "table": "select", "with": "select", "insert": "insert",
    "replace": "insert", "update": "update", "delete": "delete",
}  # fmt: skip
_FIRST = re.compile(r"[\s(]*([A-Za-z]+)")
_NAMED = re.compile(r"(`(?:[^`]|``)+`|\w)\s+\.\s+(?=`|\w)")
_MANY = re.compile(r"\(\s*\.\.\.\s*\)|\.\.\.")


def workload(raw: Raw, slow_log: SlowLog | None = None) -> Workload:
    """Put together what the probes brought of activity."""
    counted = raw.get("statements", ())
    first = counted[0] if counted else {}
    info = next(iter(raw.get("statements-info", ())), {})
    return Workload(
        sessions=_sessions(raw),
        statements=tuple(map(_statement, counted)),
        statements_evicted=int(info.get("evicted") or 0) if "statements-info" in raw else None,
        statements_total_ms=_milliseconds(first.get("total_wait")),
        statements_total_calls=None if not first else int(first["total_calls"]),
        slow_log=slow_log,
    )


def _statement(row: Row) -> Statement:
    """A digest. The same one in two databases is two entries, and its identifier says in which."""
    text = _tidy(row["text"] or "")
    calls = int(row["calls"])
    total = _milliseconds(row["wait"]) or 0.0
    match = _FIRST.match(text)
    kind = _KINDS.get(match[1].lower(), "utility") if match else "other"
    rows = row["sent"] if kind == "select" else row["affected"]
    return Statement(
        id=f"{row['digest'][:16]}@{row['schema']}",
        text=redact(text),
        kind=kind,
        database=row["schema"],
        calls=calls,
        total_ms=total,
        mean_ms=round(total / calls, 3) if calls else 0.0,
        minimum_ms=_milliseconds(row["minimum_wait"]),
        maximum_ms=_milliseconds(row["maximum_wait"]),
        rows=int(rows or 0),
        rows_examined=_count(row["examined"]),
        unindexed=_count(row["unindexed"]),
        full_joins=_count(row["full_joins"]),
        temp_tables_disk=_count(row["disk_tables"]),
        sort_passes=_count(row["passes"]),
        errors=_count(row["errors"]),
        since=_moment(row["first_seen"]),
    )


def _count(value: Any) -> int | None:
    return None if value is None else int(value)


def _tidy(digest: str) -> str:
    """A digest as somebody would write it: names without blanks around their dots, one mark for lists of values."""
    return _MANY.sub(lambda match: "(?)" if match[0].startswith("(") else "?", _NAMED.sub(r"\1.", digest))


def _milliseconds(picoseconds: Any) -> float | None:
    return None if picoseconds is None else round(float(picoseconds) / _PICOSECONDS, 3)


def _moment(value: Any) -> str | None:
    """A moment that the server wrote in the zone of the session, which is UTC."""
    return iso(value.replace(tzinfo=UTC)) if isinstance(value, datetime) else None


def _sessions(raw: Raw) -> tuple[Session, ...]:
    """The sessions, with what other probes tell of them."""
    connections = {row["id"]: row for row in raw.get("connections", ())}
    waits: dict[int, dict[int, float]] = defaultdict(dict)
    for row in raw.get("locks", ()):
        waits[row["waiting"]][row["blocking"]] = float(row["seconds"] or 0)
    return tuple(
        _session(row, connections.get(row["id"], {}), waits.get(row["id"], {})) for row in raw.get("sessions", ())
    )


def _session(row: Row, connection: Row, waits: Mapping[int, float]) -> Session:
    """A session. The server tells how long it has been in its state: asleep, or at its statement."""
    command, seconds = row["command"], float(row["seconds"] or 0)
    client = command in _CLIENTS and row["user"] not in ("system user", "event_scheduler")
    opened = row["transaction_seconds"]
    idle = command == _IDLE
    return Session(
        id=row["id"],
        kind="client" if client else command.lower(),
        user=row["user"],
        database=row["database"],
        client=row["client"],
        application=connection.get("program") or None,
        encrypted=_ENCRYPTED.get(connection.get("connection") or ""),
        state=("idle in transaction" if opened is not None else "idle") if idle else "active",
        transaction_seconds=None if opened is None else max(0.0, float(opened)),
        query_seconds=None if idle else max(0.0, seconds),
        state_seconds=max(0.0, seconds),
        wait_event=row["state"] or None,
        blocked_by=tuple(sorted(waits)),
        waiting_seconds=max(waits.values(), default=None),
        statement=redact(row["statement"]) or None if row["statement"] else None,
    )

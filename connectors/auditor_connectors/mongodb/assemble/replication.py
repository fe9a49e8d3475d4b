"""The members of a replica set, by their numbers: where they run is not kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from auditor.model.server import Member
from auditor_connectors.mongodb.assemble.values import flat, whole
from auditor_connectors.mongodb.probe import Raw, Row

_CATCHING_UP = frozenset({"secondary", "recovering", "startup2", "rollback"})
_NO_SETTINGS = frozenset({"_id", "version", "term", "protocolVersion"})


def members(raw: Raw) -> tuple[Member, ...]:
    """Every member, by its number."""
    rows = [row for row in raw.get("members", ()) if "member" in row]
    logs = {row["member"]: row for row in raw.get("change-logs", ())}
    newest = _newest([row["status"] for row in rows])
    return tuple(
        _member(row["member"], row["status"], logs.get(row["member"]["_id"]), newest)
        for row in sorted(rows, key=lambda row: int(row["member"]["_id"]))
    )


def _newest(states: list[Row]) -> datetime | None:
    """The moment of the primary's last write; without a primary that of the member which has the latest."""
    known = [one for one in states if isinstance(one.get("optimeDate"), datetime)]
    primary = [one["optimeDate"] for one in known if one.get("stateStr") == "PRIMARY"]
    return max(primary or [one["optimeDate"] for one in known], default=None)


def _member(config: Row, status: Row, log: Row | None, newest: datetime | None) -> Member:
    state = _state(status)
    optime = status.get("optimeDate")
    lag = None
    if state in _CATCHING_UP and newest is not None and isinstance(optime, datetime) and optime.timestamp() > 0:
        lag = max(0.0, (newest - optime).total_seconds())
    first, last = log["ends"] if log else (None, None)
    sizes = log["sizes"] if log else {}
    return Member(
        name=f"member {config['_id']}",
        state=state,
        votes=int(config.get("votes", 1)),
        priority=float(config.get("priority", 1)),
        arbiter=bool(config.get("arbiterOnly")),
        hidden=bool(config.get("hidden")),
        builds_indexes=bool(config.get("buildIndexes", True)),
        delay_seconds=float(config.get("secondaryDelaySecs") or config.get("slaveDelay") or 0),
        lag_seconds=lag,
        log_seconds=None if first is None or last is None else float(last - first),
        log_bytes=whole(sizes.get("size")),
        log_limit_bytes=whole(sizes.get("maxSize")),
    )


def _state(status: Row) -> str | None:
    if status.get("health") == 0:
        return "unreachable"
    text = status.get("stateStr")
    return None if text is None else str(text).lower()


def settings_of_the_set(raw: Raw) -> Iterator[tuple[str, Any]]:
    """What the configuration of the set and the defaults for reads and writes say, by dotted names of their own."""
    for row in raw.get("members", ()):
        for path, value in flat(row.get("config", {})):
            if isinstance(value, bool | int | float) and path not in _NO_SETTINGS:
                yield f"replSetConfig.{path}", value
    for row in raw.get("default-concerns", ()):
        for path, value in flat(row):
            if path.startswith("default") and isinstance(value, str | int | float):
                yield f"defaultRWConcern.{path}", value

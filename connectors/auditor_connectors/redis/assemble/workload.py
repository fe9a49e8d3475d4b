"""What the servers were doing: commands that were slow or large, what held the servers up, channels of messages."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime

from auditor.model.workload import Channels, LatencyEvent, SlowEntry, SlowKind, SlowLog
from auditor_connectors.redis.probe import Raw, Row


def slow_log(raw: Raw) -> SlowLog | None:
    """The shapes of the slow commands and of the large ones, summed up over all servers, what takes most first."""
    if "slow-log" not in raw and "large-log" not in raw:
        return None
    rows = [*raw.get("slow-log", ()), *raw.get("large-log", ())]
    logs = [row for row in rows if "text" not in row and row["kind"] == "slow"]
    moments = [row[name] for row in logs for name in ("first", "last") if row[name] is not None]
    shapes: dict[tuple[SlowKind, str], list[Row]] = defaultdict(list)
    for row in rows:
        if "text" in row:
            shapes[row["kind"], row["text"]].append(row)
    entries = [_entry(kind, text, told) for (kind, text), told in shapes.items()]
    lines = sum(row["length"] for row in logs)
    return SlowLog(
        format="slowlog",
        lines=lines,
        skipped=max(0, lines - sum(row["read"] for row in logs)),
        first=_moment(min(moments, default=None)),
        last=_moment(max(moments, default=None)),
        entries=tuple(sorted(entries, key=lambda entry: (entry.kind, -entry.total_ms, -entry.bytes, entry.text))),
    )


def _entry(kind: SlowKind, text: str, rows: list[Row]) -> SlowEntry:
    count, total = sum(row["count"] for row in rows), sum(row["total"] for row in rows)
    most = max(row["most"] for row in rows)
    if kind == "slow":
        return SlowEntry(kind=kind, text=text, count=count, total_ms=total / 1000, maximum_ms=most / 1000)
    return SlowEntry(kind=kind, text=text, count=count, bytes=total)


def latency(raw: Raw) -> tuple[LatencyEvent, ...]:
    """What held the servers up: of each kind the latest and the longest of all of them."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in raw.get("latency", ()):
        found[row["event"]].append(row)
    return tuple(
        LatencyEvent(
            name=name,
            at=_moment(max(row["at"] for row in rows)),
            last_ms=float(max(rows, key=lambda row: row["at"])["last"]),
            maximum_ms=float(max(row["most"] for row in rows)),
        )
        for name, rows in sorted(found.items())
    )


def channels(raw: Raw) -> Channels | None:
    """Who listens to messages; None where that could not be counted."""
    return next((Channels(**row) for row in raw.get("channels", ())), None)


def _moment(seconds: int | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()

"""From rows to records: operations under way, those that were kept, and what the profiler keeps."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from msgspec.structs import replace

from auditor.model.workload import Progress, Session, Trace, Workload
from auditor_connectors.mongodb.assemble.totals import ReadLog, Totals, logged
from auditor_connectors.mongodb.assemble.values import iso, whole
from auditor_connectors.mongodb.probe import APPLICATION, Raw, Row
from auditor_connectors.mongodb.shapes.masking import Mask, masked_log
from auditor_connectors.mongodb.shapes.operations import shape_of

_MICROSECONDS = 1e6
_MEMBER = 10_000_000
"""What sets the numbers of the connections of one member apart from those of the next."""
_LEVELS: tuple[Literal["off", "slow", "all"], ...] = ("off", "slow", "all")


def workload(raw: Raw, read: ReadLog | None = None) -> Workload:
    """Put together what the probes brought of activity; a log file stands in where the profiler kept nothing."""
    traces, kept = _traces(raw), raw.get("profile", ())
    profiled = [row for row in kept if row["kept"] == "profile"]
    counted = Totals() if read is None or profiled else read.totals
    for row in profiled or (logged(kept) if read is None else ()):
        counted.add(row)
    masks, audited = _masks(raw), {row["name"] for row in raw.get("database-sizes", ())}
    totals = counted.of(audited or None, masks)
    threshold = _threshold(traces, bool(profiled))
    statements = totals.statements()
    return Workload(
        sessions=tuple(_sessions(raw.get("operations", ()), masks)),
        statements=statements,
        statements_since=iso(totals.since),
        statements_evicted=totals.evicted if statements else None,
        statements_total_ms=totals.milliseconds if statements else None,
        statements_total_calls=totals.calls if statements else None,
        statements_threshold_ms=threshold if statements else None,
        slow_log=None if read is None else masked_log(read.log, masks),
        progress=tuple(_progress(raw.get("operations", ()))),
        traces=traces,
    )


def _masks(raw: Raw) -> list[Mask]:
    """What hides names of fields that are data, of each collection that the sample found to have some."""
    return [
        Mask(row["collection"], row["documents"].dynamic) for row in raw.get("fields", ()) if row["documents"].dynamic
    ]


def _threshold(traces: Iterable[Trace], profiled: bool) -> float | None:
    """Milliseconds below which calls were not counted, None where all of them were."""
    limits = [trace.slower_than_ms or 0.0 for trace in traces if not profiled or trace.level != "all"]
    return max(limits, default=None if profiled else 0.0) or None


def _traces(raw: Raw) -> tuple[Trace, ...]:
    """What each database keeps; of several members, the one that keeps most."""
    found: dict[str, Trace] = {}
    for row in raw.get("profiler", ()):
        trace = Trace(
            database=row["database"],
            level=_LEVELS[min(2, max(0, int(row["level"])))],
            slower_than_ms=None if row["slowms"] is None else float(row["slowms"]),
            sampled=float(row["sampleRate"]),
            entries=whole(row["entries"]) or 0,
            bytes=whole(row["bytes"]),
            bytes_maximum=whole(row["maximum"]),
        )
        known = found.get(trace.database)
        if known is None or _LEVELS.index(trace.level) > _LEVELS.index(known.level):
            found[trace.database] = trace
    return tuple(found[name] for name in sorted(found))


def _sessions(rows: Iterable[Row], masks: Iterable[Mask]) -> Iterator[Session]:
    """Operations of clients, and transactions that wait for theirs."""
    for row in rows:
        transaction = row.get("transaction", {})
        if row.get("appName") == APPLICATION or "connectionId" not in row or row.get("op") == "none":
            continue
        active = bool(row.get("active"))
        if not active and not transaction:
            continue
        found = _session(row, transaction, active)
        for mask in masks:
            found = replace(found, statement=mask.text(found.statement)) if found.statement else found
        yield found


def _session(row: Row, transaction: Mapping[str, Any], active: bool) -> Session:
    database, _, target = str(row.get("ns", "")).partition(".")
    running = row.get("microsecs_running")
    opened, idle = transaction.get("timeOpenMicros"), transaction.get("timeInactiveMicros")
    command = row.get("command") or {}
    command = row.get("cursor", {}).get("originatingCommand", command) if "getMore" in command else command
    shape = shape_of(database, command, op=str(row.get("op")), target=target)
    users = row.get("effectiveUsers") or ()
    host = str(row.get("client", "")).rpartition(":")[0]
    in_transaction = "autocommit" in transaction.get("parameters", {})
    return Session(
        id=row["member"] * _MEMBER + int(row["connectionId"]),
        kind="client" if _is_client(row) else "replication",
        user=str(users[0].get("user")) if users else None,
        database=database or None,
        application=row.get("appName"),
        client="loopback" if host.startswith(("127.", "[::1]", "::1")) else "network" if host else "local",
        state="active" if active else "idle in transaction",
        transaction_seconds=float(opened) / _MICROSECONDS if in_transaction and opened is not None else None,
        query_seconds=float(running) / _MICROSECONDS if active and running is not None else None,
        state_seconds=float(idle) / _MICROSECONDS if not active and idle is not None else None,
        wait_event="lock" if row.get("waitingForLock") else None,
        statement=shape.text if shape is not None else next(iter(command), None),
    )


def _is_client(row: Row) -> bool:
    """Whether an application sent it: members ask each other in commands that nobody else waits in."""
    command = row.get("command") or {}
    awaited = bool(command.keys() & {"hello", "isMaster", "ismaster"}) or "awaitData" in str(command.get("tailable"))
    internal = str(row.get("ns", "")).startswith("local.") or any(
        user.get("user") == "__system" for user in row.get("effectiveUsers") or ()
    )
    return not awaited and not internal


def _progress(rows: Iterable[Row]) -> Iterator[Progress]:
    """Index builds, each once: every member builds its own copy."""
    longest: dict[tuple[str, str], Progress] = {}
    for row in rows:
        command = row.get("command") or {}
        if "createIndexes" not in command or row.get("op") not in ("command", "none"):
            continue
        database, collection = str(command.get("$db") or row["ns"].partition(".")[0]), str(command["createIndexes"])
        for spec in command.get("indexes", ()):
            name, done = str(spec.get("name", "")), row.get("progress", {})
            found = Progress(
                kind="create-index",
                session=int(row.get("connectionId") or zlib.crc32(name.encode())),
                database=database,
                schema=database,
                name=f"{collection}.{name}",
                phase=str(row.get("msg", "")).partition(":")[2].partition(":")[0].strip() or None,
                seconds=float(row.get("microsecs_running") or 0) / _MICROSECONDS,
                done=whole(done.get("done")),
                total=whole(done.get("total")),
            )
            known = longest.get((database, found.name or ""))
            if known is None or (found.total is not None, found.seconds or 0) > (
                known.total is not None,
                known.seconds or 0,
            ):
                longest[database, found.name or ""] = found
    yield from (longest[key] for key in sorted(longest))

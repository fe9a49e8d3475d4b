"""What the server is doing and has done: operations now, those that were kept, how often each collection was used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from bson import json_util
from pymongo.errors import OperationFailure

from auditor_connectors.mongodb.assemble.values import AWARE
from auditor_connectors.mongodb.probe import APPLICATION, NotHereError, Probe, Role, Row
from auditor_connectors.mongodb.session import Member, Session

_MONITOR = Role("clusterMonitor")
_NEWEST = 5_000
"""Operations that are read of what one database of one member keeps."""
_SLOW = '"Slow query"'
_BLIND = (
    "no operation of an application is recorded: the profiler keeps none, and the newest 1,024 lines of the log tell "
    "of none that was slow; give the whole log with --slow-log, or let the profiler keep a sample"
)
_UNREAD = {"execStats": 0, "locks": 0, "storage": 0, "flowControl": 0, "command.documents": 0, "command.lsid": 0}


def asked(session: Session) -> list[Member | None]:
    """The members that are asked by themselves; None alone is the server that the session is connected to."""
    members: list[Member | None] = [*session.members()]
    absent, there = session.absent
    if session.identity.topology == "sharded":
        session.tell("one member of each shard answered for all of its members")
    elif absent > 0 and session.identity.topology == "replica-set":
        session.tell(f"{absent} of {there} members could not be asked")
    return members or [None]


def _everywhere(session: Session) -> list[tuple[str, Member | None]]:
    return [(database, member) for member in asked(session) for database in session.audited]


def _traces(session: Session) -> list[Row]:
    def told(item: tuple[str, Member | None]) -> Iterator[Row]:
        database, member = item
        answer = session.command(database, "profile", -1, on=member)
        kept: Row = {}
        with suppress(OperationFailure):  # monitoring reads what the profiler kept, and may not ask for its size
            kept = session.command(database, "collStats", "system.profile", on=member)
        yield {"database": database, "level": answer["was"], "slowms": answer.get("slowms"),
               "sampleRate": answer.get("sampleRate", 1.0), "filtered": "filter" in answer,
               "entries": kept.get("count", 0), "bytes": kept.get("size"), "maximum": kept.get("maxSize")}  # fmt: skip

    return list(session.each(_everywhere(session), told))


def _kept(session: Session) -> list[Row]:
    """What the profiler kept; where it kept nothing, what the newest lines of the log tell of slow operations."""
    known: set[str] = set()

    def read(item: tuple[str, Member | None]) -> Iterator[Row]:
        database, member = item
        found = session.rows(
            database, "find", "system.profile", on=member, most=_NEWEST, filter={"appName": {"$ne": APPLICATION}},
            sort={"$natural": -1}, limit=_NEWEST, projection=_UNREAD,
        )  # fmt: skip
        for row in found:
            known.add(database)
            yield {**row, "kept": "profile"}

    rows = list(session.each(_everywhere(session), read))
    blind = set(session.audited) - known
    if blind:
        rows += session.each(asked(session), lambda member: _logged(session, member, blind))
        session.tell(
            f"the profiler kept nothing of an application in {len(blind)} of {len(session.audited)} databases: of "
            "these only the slow operations in the newest 1,024 lines of the log are known"
        )
    if not rows and session.options.slow_log is None:
        raise NotHereError(_BLIND)
    return rows


def _logged(session: Session, member: Member | None, databases: set[str]) -> Iterator[Row]:
    for line in session.command("admin", "getLog", "global", on=member)["log"]:
        if _SLOW not in line:
            continue
        try:
            entry = json_util.loads(line, json_options=AWARE)
        except ValueError:  # the server cut it
            continue
        about = entry.get("attr", {})
        known = str(about.get("ns", "")).partition(".")[0] in databases
        if known and about.get("appName") != APPLICATION:
            yield {**entry, "kept": "log"}


_SHOWN = (
    "type", "desc", "connectionId", "appName", "active", "secs_running", "microsecs_running", "op", "ns", "command",
    "cursor", "waitingForLock", "transaction", "msg", "progress", "client", "effectiveUsers", "numYields",
    "planSummary", "prepareReadConflicts", "writeConflicts", "secs_waiting",
)  # fmt: skip
_OPERATIONS = 2_000


def _operations(session: Session) -> list[Row]:
    stages: list[Row] = [
        {"$currentOp": {"allUsers": True, "idleSessions": True}},
        {"$match": {"appName": {"$ne": APPLICATION}, "$or": [
            {"connectionId": {"$exists": True}}, {"transaction": {"$exists": True}},
            {"command.createIndexes": {"$exists": True}},
        ]}},
        {"$project": dict.fromkeys(_SHOWN, 1)},
        {"$limit": _OPERATIONS},
    ]  # fmt: skip

    def read(member: Member | None) -> Iterator[Row]:
        for row in session.aggregate("admin", 1, stages, on=member):
            yield {"member": 0 if member is None else member.number, **row}

    return list(session.each(asked(session), read))


def _usage(session: Session) -> list[Row]:
    wanted = set(session.audited)

    def read(member: Member | None) -> Iterator[Row]:
        for namespace, counts in session.command("admin", "top", on=member)["totals"].items():
            database, _, name = namespace.partition(".")
            if isinstance(counts, dict) and database in wanted and not name.startswith("system."):
                yield {"database": database, "name": name, "counts": _counts(counts)}

    return list(session.each(asked(session), read))


def _counts(counts: dict[str, Any]) -> dict[str, int]:
    names = ("readLock", "writeLock", "queries", "getmore", "insert", "update", "remove", "commands")
    return {name: int(counts.get(name, {}).get("count", 0)) for name in names}


PROBES = (
    Probe(name="operations", purpose="list operations, transactions and index builds that are under way",
          read=_operations, role=_MONITOR),
    Probe(name="profiler", purpose="read from when on the profiler and the log keep operations, never to change it",
          read=_traces, role=_MONITOR),
    Probe(name="profile", purpose="read the newest operations that the profiler kept, else the slow ones of the log",
          read=_kept, role=_MONITOR),
    Probe(name="collection-usage", purpose="read how often each collection was read and written", read=_usage,
          role=_MONITOR),
)  # fmt: skip

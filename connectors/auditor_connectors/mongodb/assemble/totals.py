"""Count operations by their shape: what the profiler keeps of each, and what the log tells of the slow ones."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from auditor.model.workload import SlowLog, Statement
from auditor_connectors.mongodb.assemble.values import iso
from auditor_connectors.mongodb.probe import APPLICATION, SYSTEM_DATABASES
from auditor_connectors.mongodb.shapes.masking import Mask
from auditor_connectors.mongodb.shapes.operations import Shape, explained, shape_of
from auditor_connectors.tallies import SHAPES

_TOOLS = frozenset({APPLICATION, "mongodump", "mongoexport"})
"""Programs that read everything because that is what they are for."""
KEPT = 500
"""Statements that are told of: those that took most time, and of the others those that read most."""


_SUMS = (
    "calls", "milliseconds", "rows", "documents", "keys", "scans", "sorts", "spills", "replans", "conflicts", "errors",
    "bytes", "plans",
)  # fmt: skip


class _Total(Struct):
    """What was counted of one shape."""

    shape: Shape
    calls: int = 0
    milliseconds: float = 0.0
    minimum: float | None = None
    maximum: float = 0.0
    rows: int = 0
    documents: int = 0
    keys: int = 0
    scans: int = 0
    sorts: int = 0
    spills: int = 0
    replans: int = 0
    conflicts: int = 0
    errors: int = 0
    bytes: int = 0
    plans: Counter[str] = field(default_factory=Counter)
    since: datetime | None = None


class Totals:
    """The totals by shape, of which those that took least time give way when there are too many."""

    def __init__(self) -> None:
        self.calls = 0
        self.milliseconds = 0.0
        self.since: datetime | None = None
        self.evicted = 0
        self._totals: dict[tuple[str, str], _Total] = {}

    def of(self, databases: Container[str] | None, masks: Iterable[Mask] = ()) -> Totals:
        """What was counted of some databases, None for all, with what is data among names hidden.

        Shapes that nothing else told apart are one then.
        """
        found = Totals()
        found.evicted = self.evicted
        for total in self._totals.values():
            if databases is None or total.shape.database in databases:
                found._take(total, [mask for mask in masks if mask.collection in total.shape.text])
        return found

    def _take(self, total: _Total, masks: Iterable[Mask]) -> None:
        for mask in masks:
            plans: Counter[str] = Counter()
            for plan, count in total.plans.items():
                plans[mask.plan(plan)] += count
            total = replace(total, shape=mask.shape(total.shape), plans=plans)
        known = self._totals.get((total.shape.database, total.shape.text))
        self._totals[total.shape.database, total.shape.text] = total if known is None else _together(known, total)
        self.calls += total.calls
        self.milliseconds += total.milliseconds
        self.since = min(filter(None, (self.since, total.since)), default=None)

    def add(self, row: Mapping[str, Any]) -> Shape | None:
        """Count an operation as the profiler describes it; None if it is none of an application.

        Later batches of a result belong to the operation that began it.
        """
        database, _, target = str(row.get("ns", "")).partition(".")
        command = row.get("originatingCommand") or row.get("command")
        if row.get("appName") in _TOOLS or database in SYSTEM_DATABASES or not isinstance(command, Mapping):
            return None
        if target.startswith(("system.", "$cmd")) and "getMore" not in command:
            return None
        shape = shape_of(database, command, op=str(row.get("op")), target=target)
        if shape is not None:
            self._count(self._total(shape), row)
        return shape

    def _total(self, shape: Shape) -> _Total:
        key = (shape.database, shape.text)
        if key not in self._totals:
            if len(self._totals) >= 2 * SHAPES:
                self._fold()
            self._totals[key] = _Total(shape)
        return self._totals[key]

    def _count(self, total: _Total, row: Mapping[str, Any]) -> None:
        took, begins = float(row.get("millis") or 0), "originatingCommand" not in row
        moment = row.get("ts")
        if isinstance(moment, datetime):
            total.since = min(moment, total.since or moment)
            self.since = min(moment, self.since or moment)
        self.milliseconds += took
        total.milliseconds += took
        total.rows += _rows(total.shape.kind, row)
        total.documents += _number(row, "docsExamined")
        total.keys += _number(row, "keysExamined")
        total.bytes += _number(row, "responseLength")
        total.conflicts += _number(row, "writeConflicts")
        if not begins:
            return
        self.calls += 1
        total.calls += 1
        total.minimum = took if total.minimum is None else min(took, total.minimum)
        total.maximum = max(took, total.maximum)
        plan = str(row.get("planSummary", ""))
        total.plans[plan] += 1
        total.scans += "COLLSCAN" in plan
        total.sorts += bool(row.get("hasSortStage"))
        total.spills += bool(row.get("usedDisk"))
        total.replans += bool(row.get("replanned"))
        total.errors += bool(row.get("errCode") or row.get("errName"))

    def _fold(self) -> None:
        ranked = sorted(self._totals.items(), key=lambda item: (-item[1].milliseconds, item[0]))
        self.evicted += len(ranked) - SHAPES
        self._totals = dict(ranked[:SHAPES])

    def statements(self) -> tuple[Statement, ...]:
        """The statements that cost most, those that took most time first."""
        called = [total for total in self._totals.values() if total.calls]
        dearest = sorted(called, key=lambda total: (-total.milliseconds, total.shape.text))
        largest = sorted(called, key=lambda total: (-total.documents, total.shape.text))
        kept = {id(total) for total in (*dearest[:KEPT], *largest[: KEPT // 5])}
        return tuple(map(_statement, (total for total in dearest if id(total) in kept)))


def _together(one: _Total, other: _Total) -> _Total:
    """Two totals of one shape."""
    sums = {name: getattr(one, name) + getattr(other, name) for name in _SUMS}
    return replace(
        one,
        **sums,
        minimum=min((value for value in (one.minimum, other.minimum) if value is not None), default=None),
        maximum=max(one.maximum, other.maximum),
        since=min(filter(None, (one.since, other.since)), default=None),
    )


def _statement(total: _Total) -> Statement:
    shape, calls = total.shape, total.calls
    plan = next((explained(plan) for plan, _ in total.plans.most_common(1) if plan), None)
    return Statement(
        id=f"{hashlib.sha256(shape.text.encode()).hexdigest()[:16]}@{shape.database}",
        text=shape.text,
        kind=shape.kind,
        database=shape.database,
        calls=calls,
        total_ms=round(total.milliseconds, 3),
        mean_ms=round(total.milliseconds / calls, 3),
        minimum_ms=total.minimum,
        maximum_ms=total.maximum,
        rows=total.rows,
        rows_examined=total.documents,
        keys_examined=total.keys,
        unindexed=total.scans,
        sorts=total.sorts,
        spills=total.spills,
        replans=total.replans,
        conflicts=total.conflicts,
        errors=total.errors,
        bytes=total.bytes,
        plan=plan,
        parsed=shape.parsed,
        since=iso(total.since),
    )


def _number(row: Mapping[str, Any], name: str) -> int:
    value = row.get(name)
    return int(value) if isinstance(value, int | float) else 0


def _rows(kind: str, row: Mapping[str, Any]) -> int:
    """The documents that an operation returned or changed."""
    names = {"select": "nreturned", "insert": "ninserted", "update": "nModified", "delete": "ndeleted"}
    return _number(row, names[kind])


def logged(lines: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """The slow operations among the entries of a log, with the names that the profiler has for what they tell.

    https://www.mongodb.com/docs/manual/reference/log-messages/#logging-slow-operations
    """
    for line in lines:
        found = line.get("attr")
        if line.get("msg") == "Slow query" and isinstance(found, Mapping):
            yield {
                **found, "op": found.get("type"), "millis": found.get("durationMillis"),
                "responseLength": found.get("reslen"), "ts": line.get("t"),
            }  # fmt: skip


class ReadLog(Struct, frozen=True):
    """What a log told, and of each shape of operation in it what a profiler would tell."""

    log: SlowLog
    totals: Totals

    @property
    def lines(self) -> int:
        """How many lines the log has."""
        return self.log.lines

"""From rows to records: sessions, locks, maintenance under way, statements."""

from __future__ import annotations

import re
from typing import Any, Literal

from auditor.model.workload import Lock, PreparedTransaction, Progress, Session, SlowLog, Statement, Workload
from auditor_connectors.postgresql.assemble.values import iso
from auditor_connectors.postgresql.literals import redact
from auditor_connectors.postgresql.probe import Raw, Row

_HIDDEN = "<insufficient privilege>"
_LOCKS: dict[str, Literal["relation", "advisory", "transaction"]] = {
    "relation": "relation",
    "advisory": "advisory",
    "transactionid": "transaction",
    "virtualxid": "transaction",
}
_KINDS = {
    "select": "select",
    "values": "select",
    "table": "select",
    "insert": "insert",
    "update": "update",
    "delete": "delete",
    "merge": "merge",
}
_WORD = re.compile(r'"(?:[^"]|"")*"|[()]|[A-Za-z_]\w*')


def workload(raw: Raw, slow_log: SlowLog | None = None) -> Workload:
    """Put together what the probes brought of activity; every text is without literals from here on."""
    statements = raw.get("statements") or [{}]
    info = (raw.get("statements-info") or [{}])[0]
    return Workload(
        sessions=tuple(_session(row) for row in raw.get("sessions", ())),
        locks=tuple(_lock(row) for row in raw.get("locks", ())),
        prepared_transactions=tuple(PreparedTransaction(**row) for row in raw.get("prepared-transactions", ())),
        statements=tuple(_statement(row) for row in statements if row.get("text")),
        statements_since=iso(info.get("stats_reset")),
        statements_evicted=info.get("evicted"),
        statements_total_ms=statements[0].get("database_ms"),
        statements_total_calls=statements[0].get("database_calls"),
        slow_log=slow_log,
        progress=tuple(Progress(**row) for row in raw.get("progress", ())),
    )


def statement_kind(text: str) -> str:
    """What a statement without literals does: select, insert, update, delete, merge, utility, or other if empty.

    Of a statement that opens with WITH the main part counts, not the parts that it names.
    """
    depth, opened = 0, False
    for match in _WORD.finditer(text):
        word = match.group().lower()
        if word in "()":
            depth += 1 if word == "(" else -1
        elif not opened and word == "with":
            opened, depth = True, 0
        elif not opened:
            return _KINDS.get(word, "utility")
        elif depth == 0 and word in _KINDS:
            return _KINDS[word]
    return "other"


def _session(row: Row) -> Session:
    visible = row["statement"] != _HIDDEN
    # Of a hidden session the server tells the user, if it has one: background processes have none.
    kind = row["backend_type"] or ("client backend" if row["user"] else "background")
    return Session(
        id=row["pid"],
        kind="client" if kind == "client backend" else kind,
        user=row["user"],
        database=row["database"],
        application=row["application"] or None,
        client=row["client"],
        encrypted=row["encrypted"],
        state=row["state"],
        transaction_seconds=_age(row["transaction_seconds"]),
        query_seconds=_age(row["query_seconds"]),
        state_seconds=_age(row["state_seconds"]),
        connected_seconds=_age(row["connected_seconds"]),
        wait_type=row["wait_type"],
        wait_event=row["wait_event"],
        horizon_age=row["horizon_age"],
        blocked_by=tuple(sorted(set(row["blocked_by"] or ()))),
        waiting_seconds=_age(row["waiting_seconds"]),
        statement=redact(row["statement"]) or None if row["statement"] and visible else None,
        details_visible=visible,
    )


def _age(seconds: float | None) -> float | None:
    """Seconds to the millisecond; what began while the probe ran is not younger than nothing."""
    return None if seconds is None else round(max(0.0, seconds), 3)


def _lock(row: Row) -> Lock:
    return Lock(
        session=row["pid"],
        kind=_LOCKS.get(row["locktype"], "other"),
        mode=row["mode"],
        granted=row["granted"],
        schema=row["schema"],
        name=row["name"],
    )


def _statement(row: Row) -> Statement:
    # The main part of a statement may come after the place where its text is cut.
    whole = redact(row["text"], limit=len(row["text"]) + 1)
    return Statement(
        id=row["queryid"] if row["top_level"] else row["queryid"] + "/nested",
        text=redact(row["text"]),
        kind=statement_kind(whole),
        user=row["user"],
        database=row["database"],
        top_level=row["top_level"],
        calls=row["calls"],
        total_ms=_rounded(row["total_ms"]) or 0.0,
        mean_ms=_rounded(row["mean_ms"]) or 0.0,
        minimum_ms=_rounded(row["minimum_ms"]),
        maximum_ms=_rounded(row["maximum_ms"]),
        deviation_ms=_rounded(row["deviation_ms"]),
        planning_ms=_rounded(row["planning_ms"]),
        rows=row["rows"],
        blocks_hit=row["blocks_hit"],
        blocks_read=row["blocks_read"],
        blocks_dirtied=row["blocks_dirtied"],
        temp_blocks_read=row["temp_blocks_read"],
        temp_blocks_written=row["temp_blocks_written"],
        read_ms=_rounded(row["read_ms"]),
        wal_bytes=row["wal_bytes"],
        wal_full_pages=row["wal_full_pages"],
        jit_ms=_rounded(row["jit_ms"]),
        since=iso(row["since"]),
    )


def _rounded(value: Any) -> float | None:
    """Milliseconds to the microsecond, which is as far as the server measures."""
    return None if value is None else round(float(value), 3)

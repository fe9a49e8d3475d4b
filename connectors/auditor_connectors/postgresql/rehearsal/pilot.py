"""Measures how fast a rehearsal's server works, on tables of its own and before any step: what estimates rest on.

It does in small, and alone, what the steps of a plan do, with statements like theirs: it changes the catalog, checks
rows, builds indexes, updates and copies rows in batches, and vacuums. Nothing of it stays.
"""

# ruff: noqa: S608 -- SQL is what this file writes; no name in it comes from elsewhere

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import NamedTuple

from auditor.model.calibration import Calibration
from auditor.model.facts import Facts
from auditor_connectors.postgresql.recipes.backfilling import in_batches
from auditor_connectors.postgresql.recipes.estimates import BACKFILL_DUTY, DEFAULT
from auditor_connectors.postgresql.recipes.steps import SHORT_TIMEOUTS
from auditor_connectors.postgresql.rehearsal.sessions import Connection
from auditor_connectors.postgresql.rehearsal.standby import Standby

ROWS = 60_000
"""Rows of about a hundred bytes: enough for a scan of milliseconds, few enough for all of it to take seconds."""

_SCHEMA = "auditor_pilot"
_TIMES = 7  # how often what takes milliseconds is done; the median counts
_INDEXED = ("reference", "note", "moment")


class Cost(NamedTuple):
    """What a piece of work took: seconds, bytes of the log, and the bytes of its table with indexes before it."""

    seconds: float
    log: int
    size: int


def measure(connection: Connection, facts: Facts, standby: Standby | None) -> Calibration:
    """Measure, over a connection in autocommit mode, on a server of which ``facts`` know the version.

    Without a standby the rate of replay is that of the default calibration; the spread is that in any case.
    """
    pilot = _Pilot(connection, facts)
    replayed = DEFAULT.replay_bytes_per_second
    with pilot.schema():
        if standby is not None:
            with standby.held() as held:
                found = pilot.measure()
            replayed = held.bytes_per_second
        else:
            found = pilot.measure()
    version = connection.info.parameter_status("server_version") or ""
    today = datetime.now(UTC).date().isoformat()
    return found(f"calibration measured in a rehearsal ({version}, {today}, {ROWS:,} rows)", replayed)


class _Pilot:
    def __init__(self, connection: Connection, facts: Facts) -> None:
        self._connection, self._facts = connection, facts

    @contextmanager
    def schema(self) -> Iterator[None]:
        """The schema that all of it is in."""
        self._run("SET client_min_messages = error")
        self._run(f"DROP SCHEMA IF EXISTS {_SCHEMA} CASCADE")
        self._run(f"CREATE SCHEMA {_SCHEMA}")
        try:
            yield
        finally:
            self._run(f"DROP SCHEMA {_SCHEMA} CASCADE")
            self._run("RESET client_min_messages")

    def measure(self) -> Callable[[str, float], Calibration]:
        """Do all of it; the value makes a calibration of it, given its label and the rate of replay."""
        self._fill("first")
        heap = self._value("SELECT pg_relation_size('{0}')", "first")
        brief = self._typical("ALTER TABLE {0} ALTER COLUMN value SET DEFAULT {1}")
        for number in range(_TIMES):
            self._run(f"ALTER TABLE {_SCHEMA}.first ADD CONSTRAINT c{number} CHECK (value >= 0) NOT VALID")
        scan = self._typical("ALTER TABLE {0} VALIDATE CONSTRAINT c{1}")
        rate = heap / max(0.0005, scan.seconds - brief.seconds)

        def scans(seconds: float) -> float:
            return max(0.0, seconds - brief.seconds) * rate / heap

        build = statistics.mean(
            self._cost(f"CREATE INDEX CONCURRENTLY ON {_SCHEMA}.first ({name})", "first").seconds for name in _INDEXED
        )
        indexed = self._update("first")
        vacuum = self._cost(f"VACUUM {_SCHEMA}.first", "first")
        grown = self._value("SELECT pg_relation_size('{0}')", "first")
        self._fill("second")
        self._run(f"CREATE TABLE {_SCHEMA}.copy (LIKE {_SCHEMA}.second INCLUDING ALL)")
        copied = self._batches("second", f"INSERT INTO {_SCHEMA}.copy SELECT * FROM {{0}} WHERE {{1}} FOR SHARE")
        self._run("CHECKPOINT")
        frozen = self._cost(f"VACUUM (FREEZE) {_SCHEMA}.copy", "copy")
        self._fill("third")
        plain = self._update("third")
        width, others = heap / ROWS, len(_INDEXED)
        # What those of one index take. The row itself takes something, whatever the noise of two measurements.
        entries = min(max(0.0, indexed.seconds - plain.seconds) / others, 0.9 * plain.seconds) * BACKFILL_DUTY
        entry = ((indexed.log - indexed.size) - (plain.log - plain.size)) / ROWS / others

        def calibration(label: str, replayed: float) -> Calibration:
            return Calibration(
                engine=DEFAULT.engine,
                label=label,
                scan_bytes_per_second=round(rate),
                brief_seconds=round(brief.seconds, 4),
                index_scans=round(scans(build), 2),
                update_scans=round(scans(plain.seconds * BACKFILL_DUTY - entries), 2),
                entry_seconds=round(entries / ROWS, 8),
                copy_scans=round(scans(copied.seconds) * BACKFILL_DUTY, 2),
                vacuum_scans=round(scans(vacuum.seconds) * heap / grown, 2),
                spread=DEFAULT.spread,
                log_row_bytes=max(0, round((plain.log - plain.size) / ROWS - width - entry)),
                log_entry_bytes=max(0, round(entry)),
                log_copy_bytes=max(0, round((copied.log - heap) / ROWS - width)),
                log_freeze_share=round(frozen.log / heap, 3),
                log_brief_bytes=brief.log,
                replay_bytes_per_second=round(replayed),
            )

        return calibration

    def _fill(self, table: str) -> None:
        self._run(
            f"CREATE TABLE {_SCHEMA}.{table}"
            " (id int PRIMARY KEY, reference int, value int, moment timestamptz, note text)"
        )
        self._run(
            f"INSERT INTO {_SCHEMA}.{table} SELECT i, i * 7919 % {ROWS}, i % 100, now() - i * interval '1 minute',"
            f" md5(i::text) FROM generate_series(1, {ROWS}) i"
        )
        self._run(f"VACUUM ANALYZE {_SCHEMA}.{table}")

    def _update(self, table: str) -> Cost:
        return self._batches(table, "UPDATE {0} SET value = value + 1 WHERE {1}")

    def _batches(self, table: str, work: str) -> Cost:
        """Work on every row in batches, each page of which was not written since a checkpoint."""
        block = in_batches(self._facts, (_SCHEMA, table), work.format, "pilot")
        self._run("CHECKPOINT")
        return self._cost(block, table)

    def _typical(self, statement: str) -> Cost:
        """The median of a brief statement, which is given its number, in a transaction with its timeouts."""
        costs = []
        for number in range(_TIMES):
            with self._costing("first") as cost, self._connection.transaction():
                for one in (*SHORT_TIMEOUTS, statement.format(f"{_SCHEMA}.first", number)):
                    self._run(one)
            costs += cost
        return sorted(costs)[_TIMES // 2]

    def _cost(self, statement: str, table: str) -> Cost:
        with self._costing(table) as cost:
            self._run(statement)
        return cost[0]

    @contextmanager
    def _costing(self, table: str) -> Iterator[list[Cost]]:
        found: list[Cost] = []
        size = self._value("SELECT pg_total_relation_size('{0}')", table)
        before = self._value("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint")
        started = time.monotonic()
        yield found
        seconds = time.monotonic() - started
        after = self._value("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint")
        found.append(Cost(seconds, after - before, size))

    def _run(self, statement: str) -> None:
        self._connection.execute(statement.encode())

    def _value(self, query: str, table: str = "") -> int:
        row = self._connection.execute(query.format(f"{_SCHEMA}.{table}").encode()).fetchone()
        return 0 if row is None else int(row[0])

"""Estimates of steps: their range, what they write to the log, what replicas feel, and the calibration behind them."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from auditor.model import operation as op
from auditor.model.catalog import Catalog, Column
from auditor.model.facts import Facts
from auditor.model.plan import Step
from auditor.model.server import Replica, Setting
from auditor.model.statistics import ColumnStatistics
from auditor.planning import make_plan
from auditor_connectors.postgresql.recipes import RECIPES, estimates
from tests.collecting import collect
from tests.planning_facts import SCHEMA, facts_of, table_of
from tests.servers import Database

T = {"schema": SCHEMA, "table": "orders"}
OPERATIONS = (
    op.AddIndex(**T, columns=("item",)),
    op.AddCheck(**T, name="positive", expression="b > 0"),
    op.ChangeColumnType(**T, column="order_id", from_type="integer", to_type="bigint"),
)


def steps_of(facts: Facts) -> dict[str, Step]:
    return {step.title: step for step in make_plan(facts, OPERATIONS, [], RECIPES).steps}


def find(found: dict[str, Step], words: str) -> Step:
    (step,) = (step for title, step in found.items() if words in title)
    return step


def with_server(facts: Facts, **parts: Any) -> Facts:
    return Facts(replace(facts.snapshot, server=replace(facts.server, **parts)), facts.calibration)


def test_a_step_takes_longer_at_worst_and_writes_to_the_log() -> None:
    found = steps_of(facts_of(Catalog(tables=(table_of("orders"),))))
    for step in found.values():
        if step.audience == "database":
            assert step.duration_seconds is not None
            assert step.duration_p90_seconds is not None
            assert step.duration_p90_seconds >= step.duration_seconds * 2.99
            assert step.wal_bytes is not None
            assert step.replica_lag_seconds is None, "no replica is known"
    build, declared = find(found, "Build the index"), find(found, "Declare the constraint")
    assert build.wal_bytes == build.disk_bytes
    assert declared.duration_p90_seconds == pytest.approx(0.53), "a change of the catalog, and one wait for the lock"
    fill = find(found, "Convert the old rows")
    assert fill.wal_bytes == 1_000_000 * (200 + 180) + 200_000_000
    assert fill.disk_bytes == 200_000_000
    assert "WAL: 380 bytes a row" in fill.basis
    assert find(found, "Check the old rows").wal_bytes == 0


def test_replicas_lag_by_what_they_cannot_replay_and_by_locks() -> None:
    facts = with_server(facts_of(Catalog(tables=(table_of("orders"),))), replicas=(Replica(name="standby"),))
    found = steps_of(facts)
    assert find(found, "Convert the old rows").replica_lag_seconds == 0, "it rests half of the time"
    assert find(found, "Check the old rows").replica_lag_seconds == 0
    declared = find(found, "Declare the constraint")
    assert declared.replica_lag_seconds == 30
    assert "wait 30 s at most" in declared.basis
    never = Setting(name="max_standby_streaming_delay", value="-1", unit="ms", seconds=-0.001)
    endless = find(steps_of(with_server(facts, settings=(never,))), "Declare the constraint")
    assert endless.replica_lag_seconds is None
    assert "without end" in endless.basis


def test_a_measured_calibration_takes_the_place_of_the_default_one() -> None:
    facts = facts_of(Catalog(tables=(table_of("orders"),)))
    slow = replace(estimates.DEFAULT, label="rehearsal of 2 May", scan_bytes_per_second=100e6, spread=2.0)
    before, now = (find(steps_of(Facts(facts.snapshot, one)), "Build the index") for one in (None, slow))
    assert before.duration_seconds == pytest.approx(5.01)
    assert "default calibration of 200 MB/s" in before.basis
    assert now.duration_seconds == pytest.approx(10.01)
    assert now.duration_p90_seconds == pytest.approx(20.02)
    assert "rehearsal of 2 May of 100 MB/s" in now.basis


def test_an_index_whose_keys_repeat_is_small_from_version_13_on() -> None:
    def item(distinct: float) -> Column:
        statistics = ColumnStatistics(average_width=4, distinct=distinct)
        return Column(name="item", position=1, type="integer", family="integer", bits=32, statistics=statistics)

    def size(distinct: float, version: int = 180000, *, unique: bool = False) -> float | None:
        table = replace(table_of("orders"), columns=(item(distinct),))
        facts = facts_of(Catalog(tables=(table,)), version)
        return estimates.index_disk(facts, table, ("item",), unique=unique).value

    plain = 22_222_222
    assert size(1e6) == size(77, 120000) == size(77, unique=True) == plain
    repeated = size(77)
    assert repeated is not None
    assert repeated == pytest.approx(6.8e6, rel=0.05)


def test_the_log_grows_about_as_said(database: Database) -> None:
    """Of the large steps on a real server: the update of every row above all."""
    database.run(
        "CREATE SCHEMA s",
        "CREATE TABLE s.orders (id int PRIMARY KEY, item int, order_id int, b int, note text)",
        "INSERT INTO s.orders SELECT g, g % 77, g, g % 10 + 1, 'a note on ' || g FROM generate_series(1, 40000) g",
        "VACUUM ANALYZE s.orders",
        "CHECKPOINT",
    )
    steps = make_plan(Facts(collect(database.url)), OPERATIONS, [], RECIPES).steps
    large = 0
    with database.connect() as connection:
        for step in steps:
            before = connection.execute("SELECT pg_current_wal_lsn()").fetchone()
            assert before is not None
            if step.transactional:
                with connection.transaction():
                    for statement in step.statements:
                        connection.execute(statement.encode())
            else:
                for statement in step.statements:
                    connection.execute(statement.encode())
            connection.execute("RESET ALL")
            grown = connection.execute("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), %s)::bigint", before).fetchone()
            assert grown is not None
            if step.wal_bytes is not None and max(step.wal_bytes, grown[0]) > 200_000:
                large += 1
                assert grown[0] / 2 < step.wal_bytes < grown[0] * 2, step.title
    assert large >= 2

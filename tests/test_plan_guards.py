"""Leaves the backfills out of plans on real servers: the switches refuse, so that nothing half done takes over."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

import psycopg
import pytest

from auditor.model.operation import ExtractJson
from auditor_connectors.postgresql.recipes import estimates
from auditor_connectors.postgresql.rehearsal.state import shape
from tests.collecting import eventually
from tests.guarding import refuses, steps_of, taking
from tests.scenarios import SCENARIOS
from tests.scenarios.base import Scenario
from tests.servers import AnyServer, Database, fresh_database
from tests.test_plan_runs import Runner, plan_of, prepared

BATCHES = "WHILE page < pages LOOP"  # what every backfill consists of
BACKFILLED = (
    "surrogate key", "wider keys without an index", "two families of keys in one table", "other types",
    "a durable copy that others refer to", "a companion", "rows for numbered columns", "rows for lists",
    "a companion that is merged", "a companion without a required column",
)  # fmt: skip


@pytest.mark.parametrize("name", BACKFILLED)
def test_there_is_no_switch_without_its_backfill(name: str, server: AnyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimates, "SMALL_TABLE_BYTES", 0)
    monkeypatch.setattr(estimates, "TINY_TABLE_BYTES", 0)
    scenario = SCENARIOS[name]
    with fresh_database(server) as database, prepared(database, scenario), Runner(database) as runner:
        plan = plan_of(database, scenario)
        fills = [step for step in steps_of(plan) if any(BATCHES in one for one in step.statements)]
        swaps = taking(plan, fills)
        assert swaps
        for step in steps_of(plan):
            if step in fills or refuses(runner.ask, step):
                continue
            assert step not in swaps, step.title
            with contextlib.suppress(psycopg.Error):  # what looks for a constraint that was refused, for instance
                runner.run(step, alone=False)


@pytest.mark.parametrize("major", [14, 18])
def test_an_index_that_is_half_built_on_partitions_is_taken_back_from_anywhere(
    major: int, server_of: Callable[[int], AnyServer]
) -> None:
    scenario = SCENARIOS["partitioned indexes"]
    with fresh_database(server_of(major)) as database, prepared(database, scenario), Runner(database) as runner:
        long = 0
        for step in steps_of(plan_of(database, scenario)):
            if "ATTACH PARTITION" in "\n".join(step.statements):
                # Such a statement locks a partition against writers: it stands where it can be given up.
                assert not any(" ON ONLY " in statement for statement in step.statements)
                before = shape(runner.connection)
                for count in range(3, len(step.statements)):  # after the two timeouts
                    for statement in step.statements[:count]:
                        runner.connection.execute(statement.encode())
                    runner.undo(step)
                    assert shape(runner.connection) == before, step.statements[count - 1]
                    long += 1
            runner.run(step)
        assert long > 5


@pytest.mark.parametrize("part", ["events_p2024_01", "events_p2024_02_a"])
def test_what_an_interrupted_rebuild_leaves_on_a_partition_is_found_and_taken_away(
    part: str, database: Database
) -> None:
    scenario = SCENARIOS["partitioned indexes"]
    long = "é" * 30 + "_" * 3  # names that are too long are cut before _ccnew is put behind them
    with prepared(database, scenario), Runner(database) as runner, database.connect() as other:
        database.run(f'ALTER INDEX shop.events_p2024_02_a_id_idx RENAME TO "{long}"')
        plan = plan_of(database, scenario)
        step = next(one for one in steps_of(plan) if one.statements[-1].startswith("REINDEX"))
        with other.transaction():  # an older transaction that has written keeps a rebuild from its end
            other.execute(f"LOCK TABLE shop.{part} IN ROW EXCLUSIVE MODE".encode())
            for index in ("ready", "whole") if part == "events_p2024_01" else ("whole",):
                assert runner.ask(step.verify or "") is runner.ask(step.precondition or "") is True, index
                runner.connection.execute("SET statement_timeout = '300ms'")
                with pytest.raises(psycopg.errors.QueryCanceled):
                    runner.connection.execute(f"REINDEX INDEX CONCURRENTLY shop.{index}".encode())
        assert runner.ask(step.verify or "") is runner.ask(step.precondition or "") is False
        runner.undo(step)
        assert runner.ask(step.verify or "") is runner.ask(step.precondition or "") is True
        runner.run(step, alone=False)


def test_a_row_that_moves_to_another_page_while_old_rows_are_filled_is_filled_too(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(estimates, "SMALL_TABLE_BYTES", 0)
    monkeypatch.setattr(estimates, "TINY_TABLE_BYTES", 0)
    busy = "CREATE TABLE shop.busy (id int PRIMARY KEY, mood text, doc jsonb)"
    rows = "INSERT INTO shop.busy SELECT i, 'a', jsonb_build_object('n', i) FROM generate_series(1, 900) i"
    extract = ExtractJson(schema="shop", table="busy", column="doc", keys=("n",), type="integer")
    scenario = Scenario(setup=(busy, rows), operations=(extract,))
    with prepared(database, scenario), Runner(database) as runner, database.connect() as client:
        steps = steps_of(plan_of(database, scenario))
        fill = next(number for number, step in enumerate(steps) if BATCHES in "\n".join(step.statements))
        for step in steps[:fill]:
            runner.run(step)
        client.execute("BEGIN")
        client.execute("SELECT FROM shop.busy WHERE id = 1 FOR UPDATE")  # the batches do not get on
        filling = threading.Thread(target=runner.run, args=(steps[fill],), kwargs={"alone": False})
        process = runner.connection.info.backend_pid
        filling.start()
        with database.connect() as other:
            waits = f"SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = {process}"
            eventually(lambda: other.execute(waits.encode()).fetchone() == (True,), "the wait for a row")
            other.execute("UPDATE shop.busy SET mood = repeat('b', 99) WHERE id > 1")
        client.execute("COMMIT")
        filling.join()
        assert client.execute("SELECT count(*) FROM shop.busy WHERE n IS DISTINCT FROM id").fetchone() == (0,)

"""Leaves the backfills out of plans on real servers: the switches refuse, so that nothing half done takes over."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import psycopg
import pytest

from auditor_connectors.postgresql.recipes import estimates
from auditor_connectors.postgresql.rehearsal.state import shape
from tests.guarding import refuses, steps_of, taking
from tests.scenarios import SCENARIOS
from tests.servers import AnyServer, fresh_database
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
                before = shape(runner.connection)
                for count in range(3, len(step.statements)):  # after the two timeouts
                    for statement in step.statements[:count]:
                        runner.connection.execute(statement.encode())
                    runner.undo(step)
                    assert shape(runner.connection) == before, step.statements[count - 1]
                    long += 1
            runner.run(step)
        assert long > 5

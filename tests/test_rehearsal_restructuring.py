"""Rehearses the operations that give data another shape, with clients at work, and what writers of either shape see."""

from __future__ import annotations

import pytest

from auditor.connector import RehearsalOptions
from auditor.model import operation as op
from auditor.model.facts import Facts
from auditor.model.plan import Plan
from auditor.planning import make_plan
from auditor_connectors.postgresql.recipes import RECIPES, estimates
from auditor_connectors.postgresql.rehearsal import rehearse_on
from tests.collecting import collect
from tests.servers import Database
from tests.test_plan_runs import Runner, steps_of
from tests.test_rehearsal_plans import TIMED, failed_marks, passed_marks

OPTIONS = RehearsalOptions(baseline_seconds=1.0)


@pytest.fixture(autouse=True)
def everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimates, "SMALL_TABLE_BYTES", 0)
    monkeypatch.setattr(estimates, "TINY_TABLE_BYTES", 0)


def planned(database: Database, *operations: op.AnyOperation) -> Plan:
    database.run("ANALYZE")
    return make_plan(Facts(collect(database.url)), list(operations), [], RECIPES)


def test_values_and_keys_move_while_clients_work(database: Database) -> None:
    database.run(
        "CREATE SCHEMA shop",
        "CREATE TYPE shop.mood AS ENUM ('sad', 'ok', 'happy')",
        "CREATE TABLE shop.busy (id serial PRIMARY KEY, mood shop.mood NOT NULL DEFAULT 'ok', doc jsonb, value int)",
        "INSERT INTO shop.busy (mood, doc, value) SELECT (enum_range(NULL::shop.mood))[1 + i % 3], "
        "jsonb_build_object('n', i, 'rest', 'x'), i FROM generate_series(1, 3000) i",
    )
    busy = {"schema": "shop", "table": "busy", "column": "mood"}
    plan = planned(
        database,
        op.EnumToLookup(**busy),
        op.ExtractJson(**(busy | {"column": "doc"}), keys=("n",), type="integer", index=True),
    )
    proof = rehearse_on(database.url, plan, OPTIONS, lambda _: None)
    assert failed_marks(proof) <= TIMED, proof.marks
    assert passed_marks(proof) >= {"M2", "M3", "M5", "M6", "M7", "M8", "M13"}
    left = {one.reason for one in proof.steps if one.outcome == "not-rehearsed"}
    assert left == {"it changes the application, which is not here"}


def test_a_key_and_its_column_stay_alike_whoever_writes(database: Database) -> None:
    database.run(
        "CREATE SCHEMA shop",
        "CREATE TABLE shop.docs (id int PRIMARY KEY, doc jsonb)",
        """INSERT INTO shop.docs VALUES (1, '{"a": {"n": "7"}}'), (2, '{}'), (3, NULL)""",
    )
    plan = planned(database, op.ExtractJson(schema="shop", table="docs", column="doc", keys=("a", "n"), type="integer"))
    steps = steps_of(plan)
    last = next(number for number, step in enumerate(steps) if "alone decide" in step.title)
    state = "SELECT concat_ws(' ', n, doc) FROM shop.docs WHERE id = %d"
    with Runner(database) as runner:

        def written(statement: str, number: int) -> str:
            runner.connection.execute(statement.encode())
            return str(runner.ask(state % number))

        for step in steps[:last]:
            runner.run(step)
        assert runner.ask(state % 1) == '7 {"a": {"n": "7"}}'  # as it was written, a text
        assert written("UPDATE shop.docs SET n = 8 WHERE id = 1", 1) == '8 {"a": {"n": 8}}'
        assert written('UPDATE shop.docs SET doc = \'{"a": {"n": 9}}\' WHERE id = 1', 1) == '9 {"a": {"n": 9}}'
        assert written("UPDATE shop.docs SET n = NULL WHERE id = 1", 1) == '{"a": {}}'
        assert written("UPDATE shop.docs SET n = 5 WHERE id = 2", 2) == '5 {"a": {"n": 5}}'
        assert written("UPDATE shop.docs SET n = 6 WHERE id = 3", 3) == '6 {"a": {"n": 6}}'
        assert written('INSERT INTO shop.docs VALUES (4, \'{"a": {"n": "many"}}\')', 4) == '{"a": {"n": "many"}}'
        assert written("INSERT INTO shop.docs VALUES (5, '[1]', 3)", 5) == "3 [1]"
        runner.run(steps[last])
        assert written("UPDATE shop.docs SET doc = '{}' WHERE id = 2", 2) == '5 {"a": {"n": 5}}'
        for step in steps[last + 1 :]:
            runner.run(step)
        # What never fitted is nobody's but the document's, and stays there.
        assert runner.ask(state % 4) == '{"a": {"n": "many"}}'
        assert runner.ask(state % 2) == '5 {"a": {}}'

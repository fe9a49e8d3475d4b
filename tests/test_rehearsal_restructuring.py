"""Rehearses the operations that give data another shape, with clients at work, and what writers of either shape see."""

from __future__ import annotations

import psycopg
import pytest

from auditor.checking import run_check
from auditor.connector import RehearsalOptions
from auditor.model import operation as op
from auditor.model.facts import Facts
from auditor.model.plan import Plan
from auditor.planning import make_plan
from auditor.registry import load_checks
from auditor_connectors.postgresql.recipes import RECIPES, estimates
from auditor_connectors.postgresql.rehearsal import rehearse_on
from tests.collecting import collect
from tests.servers import Database
from tests.test_plan_runs import Runner, steps_of
from tests.test_rehearsal_plans import TIMED, failed_marks, passed_marks, reasons

# Sessions are ended in the middle of steps: beside other tests these would not be where they are thought to be.
pytestmark = pytest.mark.timing

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
        "CREATE VIEW shop.parts AS SELECT id % 50 AS part, count(*) AS rows, max(value) FROM shop.busy GROUP BY 1",
    )
    busy = {"schema": "shop", "table": "busy", "column": "mood"}
    plan = planned(
        database,
        op.EnumToLookup(**busy),
        op.ExtractJson(**(busy | {"column": "doc"}), keys=("n",), type="integer", index=True),
        op.MaterialiseView(schema="shop", view="parts", key=("part",), minutes=60),
    )
    proof = rehearse_on(database.url, plan, OPTIONS, lambda _: None)
    assert failed_marks(proof) <= TIMED, reasons(proof)
    assert passed_marks(proof) >= {"M2", "M3", "M5", "M6", "M7", "M8", "M13"}
    left = {one.reason for one in proof.steps if one.outcome == "not-rehearsed"}
    assert left == {"it changes the application, which is not here", "people or programs outside the database do it"}
    keeping = {step.id for step in plan.steps if step.operation == "materialise-view:shop.parts" and step.statements}
    assert [one.outcome for one in proof.steps if one.step in keeping] == ["rehearsed"] * 4


def test_a_key_and_its_column_stay_alike_whoever_writes(database: Database) -> None:
    database.run(
        "CREATE SCHEMA shop",
        "CREATE TABLE shop.docs (id int PRIMARY KEY, doc jsonb)",
        """INSERT INTO shop.docs VALUES (1, '{"a": {"n": "7"}}'), (2, '{}'), (3, NULL), (6, '{"a": {"n": "1"}}')""",
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
            if "of the old rows" in step.title:  # a row that moves before its turn may never have one
                assert runner.ask(state % 6) == '{"a": {"n": "1"}}'
                assert written("UPDATE shop.docs SET id = id WHERE id = 6", 6) == '1 {"a": {"n": "1"}}'
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


PRICES = (
    "CREATE SCHEMA shop",
    """CREATE TABLE shop.prices (id serial PRIMARY KEY, product int NOT NULL, valid_from date NOT NULL, valid_to date,
         amount int, UNIQUE (product, valid_from))""",
    """INSERT INTO shop.prices (product, valid_from, valid_to, amount) SELECT i % 30, date '2020-01-01' + i,
         CASE WHEN i < 2970 THEN date '2020-01-31' + i END, i % 7 FROM generate_series(0, 2999) i""",
)
EXCLUSION = op.AddExclusion(schema="shop", table="prices", columns=("product",), period=("valid_from", "valid_to"))


PROFILES = (
    "CREATE TABLE shop.people (id int PRIMARY KEY, name text)",
    "CREATE TABLE shop.profiles (person_id int PRIMARY KEY REFERENCES shop.people, bio text, score int NOT NULL)",
    "INSERT INTO shop.people SELECT i, 'p' || i FROM generate_series(1, 2000) i",
    "INSERT INTO shop.profiles SELECT i, 'b' || i, i % 9 FROM generate_series(1, 2000, 2) i",
)
MERGE = op.MergeTables(schema="shop", table="people", other="profiles")
YEARS = tuple(
    statement
    for year in (2023, 2024)
    for statement in (
        f"CREATE TABLE shop.sales_{year} (id serial PRIMARY KEY, code text UNIQUE, amount int CHECK (amount > 0))",
        f"INSERT INTO shop.sales_{year} (code, amount) SELECT 'c' || i, i FROM generate_series(1, 2000) i",
    )
)
CLONES = op.MergeClones(
    schema="shop", into="sales", discriminator="year", values={"sales_2023": "2023", "sales_2024": "2024"}
)


def test_overlaps_are_forbidden_and_tables_are_merged_while_clients_work(database: Database) -> None:
    database.run(*PRICES, *PROFILES, *YEARS, "ANALYZE")
    snapshot = collect(database.url)
    check = load_checks()["exclusion-missing-ranges"]
    outcome = run_check(check, Facts(snapshot))
    assert [one.operations for one in outcome.findings] == [(EXCLUSION.id,)]
    assert list(outcome.operations) == [EXCLUSION]
    plan = planned(database, EXCLUSION, MERGE, CLONES)
    proof = rehearse_on(database.url, plan, OPTIONS, lambda _: None)
    assert failed_marks(proof) <= TIMED, reasons(proof)
    assert passed_marks(proof) >= {"M2", "M3", "M5", "M6", "M7", "M8", "M13"}
    rehearsed = {one.step for one in proof.steps if one.outcome == "rehearsed"}
    assert {step.id for step in steps_of(plan) if step.id not in rehearsed} == {
        step.id for step in steps_of(plan) if step.audience == "application" and step.operation != EXCLUSION.id
    }


def test_a_row_that_overlaps_one_not_copied_yet_stops_the_copying_until_it_is_mended(database: Database) -> None:
    database.run(*PRICES)
    steps = steps_of(planned(database, EXCLUSION))
    copying = next(number for number, step in enumerate(steps) if step.title.startswith("Copy the rows"))
    late = "INSERT INTO shop.prices (product, valid_from, valid_to) VALUES (1, '2020-01-05', '2020-01-06')"
    with Runner(database) as runner:
        for step in steps[:copying]:
            runner.run(step)
        runner.connection.execute(late.encode())
        assert runner.ask(steps[copying].precondition or "") is False
        *settings, copy = steps[copying].statements
        for statement in settings:
            runner.connection.execute(statement.encode())
        with pytest.raises(psycopg.errors.ExclusionViolation):
            runner.connection.execute(copy.encode())
        runner.connection.execute(b"RESET ALL; DELETE FROM shop.prices WHERE valid_to = '2020-01-06'")
        runner.run(steps[copying])
        with pytest.raises(psycopg.errors.ExclusionViolation):
            runner.connection.execute(late.encode())


def test_a_view_that_compares_with_values_of_the_type_has_to_compare_texts_first(database: Database) -> None:
    database.run(
        "CREATE SCHEMA shop",
        "CREATE TYPE shop.mood AS ENUM ('sad', 'ok')",
        "CREATE TABLE shop.people (id int PRIMARY KEY, mood shop.mood)",
        "CREATE TABLE shop.pets (mood shop.mood)",
        "INSERT INTO shop.people SELECT i, 'sad' FROM generate_series(1, 600) i",
        "CREATE VIEW shop.everybody AS SELECT * FROM shop.people",
        "CREATE VIEW shop.pale AS SELECT * FROM shop.pets WHERE mood = 'sad'",
        "CREATE VIEW shop.sad AS SELECT id FROM shop.everybody WHERE mood IN ('sad', 'ok')",
    )
    steps = steps_of(planned(database, op.EnumToLookup(schema="shop", table="people", column="mood")))
    with Runner(database) as runner:
        assert runner.ask(steps[0].precondition or "") is False
        database.run("CREATE OR REPLACE VIEW shop.sad AS SELECT id FROM shop.everybody WHERE mood::text = 'sad'")
        for step in steps:
            runner.run(step)
        assert runner.ask("SELECT count(*) FROM shop.sad") == 600

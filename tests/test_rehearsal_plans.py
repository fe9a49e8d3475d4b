"""Rehearses plans on a real server: a good one passes its marks, a bad one fails those that it should, by name."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from auditor.connector import RehearsalOptions
from auditor.model import operation as op
from auditor.model.facts import Facts
from auditor.model.plan import Plan, PlanPhase, Step
from auditor.model.proof import Proof, StepProof
from auditor.model.vocabulary import Blocks, Phase
from auditor.planning import make_plan
from auditor_connectors.postgresql.recipes import RECIPES, estimates
from auditor_connectors.postgresql.rehearsal import marks, measured, rehearse_on, runs
from auditor_connectors.postgresql.rehearsal.measured import Passage, Record
from auditor_connectors.postgresql.rehearsal.sessions import NAME
from tests.collecting import collect, eventually
from tests.servers import Database

OPTIONS = RehearsalOptions(baseline_seconds=1.0)
# Marks about milliseconds, on a machine where other tests want the processors at the same moment; the bad plans below
# miss them by seconds.
TIMED = {"M1", "M4", "M9", "M12"}
PATIENCE_SECONDS = 3.0
# What each row costs stands in for a table of a size that a test cannot afford.
SLOW = (
    "CREATE FUNCTION shop.slow(value int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS "
    "'BEGIN PERFORM pg_sleep(0.001); RETURN value; END'"
)
ASKED = "SELECT count(*) FROM shop.busy WHERE id = $1"
TIMEOUTS = ("SET LOCAL lock_timeout = '200ms'", "SET LOCAL statement_timeout = '5s'")
CALM = (*TIMEOUTS, "CREATE TABLE shop.calm (a int)")
IS_CALM = "SELECT to_regclass('shop.calm') IS NOT NULL"


@pytest.fixture
def shop(database: Database) -> Iterator[Database]:
    database.run(
        "CREATE SCHEMA shop",
        "CREATE TABLE shop.parents (id serial PRIMARY KEY, name text)",
        "INSERT INTO shop.parents (name) SELECT 'p' || i FROM generate_series(1, 50) i",
        "CREATE TABLE shop.busy (id serial PRIMARY KEY, parent_id int REFERENCES shop.parents, value int, note text)",
        "INSERT INTO shop.busy (parent_id, value, note) SELECT 1 + i % 50, i, 'n' || i FROM generate_series(1, 400) i",
        SLOW,
        "ANALYZE",
    )
    yield database
    with database.connect() as connection:
        query = "SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name = %s AND datname = current_database()"
        eventually(lambda: connection.execute(query, (NAME,)).fetchone() == (True,), "the end of every session")


def step(number: int, *statements: str, **more: Any) -> Step:
    given = {"title": f"Step {number}", "operation": "it", "lock": "ACCESS EXCLUSIVE", "blocks": Blocks.EVERYTHING}
    return Step(id=f"step-{number}", statements=statements, **{**given, **more})


def rehearsed(database: Database, *steps: Step, options: RehearsalOptions = OPTIONS, tell: Any = None) -> Proof:
    plan = Plan(phases=(PlanPhase(phase=Phase.EXPAND, steps=steps),))
    return rehearse_on(database.url, plan, options, tell or (lambda _: None))


def failed_marks(proof: Proof) -> set[str]:
    return {mark.id for mark in proof.marks if mark.verdict == "failed"}


def passed_marks(proof: Proof) -> set[str]:
    return {mark.id for mark in proof.marks if mark.verdict == "passed"}


def reasons(proof: Proof) -> str:
    """What a failed assertion about the marks is to show: those that failed, and why steps are blamed."""
    marks = [
        f"{mark.id}: {mark.value} of {mark.limit} {mark.unit}; {mark.reason}"
        for mark in proof.marks
        if mark.verdict == "failed"
    ]
    return "\n".join(
        ["", *marks, *(f"{one.step} {one.outcome}: {one.reason}" for one in proof.steps if one.outcome == "failed")]
    )


def of(proof: Proof, number: int) -> StepProof:
    return next(one for one in proof.steps if one.step == f"step-{number}")


def test_a_good_plan_passes(shop: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimates, "SMALL_TABLE_BYTES", 0)
    monkeypatch.setattr(estimates, "TINY_TABLE_BYTES", 0)
    shop.run(
        "INSERT INTO shop.busy (parent_id, value) SELECT 1 + i % 50, i FROM generate_series(401, 6000) i",
        "CREATE TABLE shop.amounts (id int PRIMARY KEY, touched timestamptz DEFAULT clock_timestamp())",
        "INSERT INTO shop.amounts SELECT generate_series(1, 6000)",
        "CREATE FUNCTION shop.t() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.touched := now(); RETURN NEW; END'",
        "CREATE TRIGGER touch BEFORE UPDATE ON shop.amounts FOR EACH ROW EXECUTE FUNCTION shop.t()",
        # Neither does a value of it come back to the letter, nor may one column of the reference change alone.
        """ALTER TABLE shop.busy ADD payload json DEFAULT '{"b" : 1, "a": 2}'""",
        "CREATE TABLE shop.rooms (house int, room int, PRIMARY KEY (house, room))",
        "INSERT INTO shop.rooms SELECT i, i FROM generate_series(1, 20) i",
        "CREATE TABLE shop.keys (house int, room int, id int PRIMARY KEY)",
        "ALTER TABLE shop.keys ADD FOREIGN KEY (house, room) REFERENCES shop.rooms",
        "INSERT INTO shop.keys SELECT i, i, i FROM generate_series(1, 20) i",
        "ANALYZE",
    )
    busy = {"schema": "shop", "table": "busy"}
    wanted = [
        op.ChangeColumnType(**busy, column="id", from_type="integer", to_type="bigint"),
        op.ChangeColumnType(**busy, column="payload", from_type="json", to_type="jsonb"),
        op.AddIndex(schema="shop", table="keys", columns=("house", "room")),
        op.AddIndex(**busy, columns=("parent_id",)),
        op.SetNotNull(**busy, column="value"),
        op.AddForeignKey(
            **busy, columns=("value",), referenced_schema="shop", referenced_table="amounts", referenced_columns=("id",)
        ),
    ]
    plan = make_plan(Facts(collect(shop.url)), wanted, [], RECIPES)
    told: list[str] = []
    proof = rehearse_on(
        shop.url, plan, OPTIONS, told.append, statements=("SELECT count(*) FROM shop.busy WHERE id = $1",)
    )
    assert failed_marks(proof) <= TIMED, reasons(proof)
    assert passed_marks(proof) >= {"M2", "M3", "M5", "M6", "M7", "M8", "M13"}
    assert not proof.interrupted
    assert next(mark.value for mark in proof.marks if mark.id == "M1") < PATIENCE_SECONDS
    assert [one.name for one in proof.runs] == told
    left = [one for one in proof.steps if one.outcome == "not-rehearsed"]
    assert [one.reason for one in left] == ["it changes the application, which is not here"]
    assert max(one.tries for one in proof.steps) > 1  # an open transaction stood in the way of some
    assert all(stall.behind for stall in proof.stalls)
    assert any(one.wal_bytes and one.wal_bytes > 500_000 for one in proof.steps)  # the backfill


@pytest.mark.parametrize(
    ("locked", "mode", "verdict"),
    [
        ("shop.events", "SHARE UPDATE EXCLUSIVE", "passed"), ("shop.old.part", "ACCESS EXCLUSIVE", "passed"),
        ("shop.events", "ACCESS EXCLUSIVE", "failed"), ("shop.parents", "SHARE ROW EXCLUSIVE", "failed"),
    ],
)  # fmt: skip
def test_of_a_concurrent_detach_only_the_lock_on_its_partition_is_announced(
    locked: str, mode: str, verdict: str
) -> None:
    detach = 'ALTER TABLE shop.events DETACH PARTITION shop."old.part" CONCURRENTLY'
    online = step(1, detach, lock="SHARE UPDATE EXCLUSIVE", blocks=Blocks.NOTHING, transactional=False)
    passage = Passage(online.id, measured.FORWARD, 0.0, locks={"shop.calm": "SHARE UPDATE EXCLUSIVE", locked: mode})
    judged = marks.unplanned_work(Record(steps=[online], passages={measured.FORWARD: [passage]}))
    assert judged.mark.verdict == verdict
    assert set(judged.blamed) == ({online.id} if verdict == "failed" else set())


def test_a_long_plan_leaves_time_to_starve_a_step(shop: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "BUDGET_SECONDS", 0.5)
    proof = rehearsed(
        shop,
        step(1, "SELECT pg_sleep(0.6)", lock=None, blocks=Blocks.NOTHING, rollback=("SELECT 1",)),
        step(
            2,
            *TIMEOUTS,
            "ALTER TABLE shop.parents ADD COLUMN more int",
            rollback=("ALTER TABLE shop.parents DROP COLUMN IF EXISTS more",),
            verify="SELECT EXISTS (SELECT FROM pg_attribute WHERE attname = 'more')",
        ),
    )
    mark = next(one for one in proof.marks if one.id == "M9")
    assert mark.verdict == "passed", reasons(proof) + (mark.reason or "")


@pytest.mark.parametrize("slow_turn", [None, 5])
def test_a_thorough_rehearsal_measures_the_switch_five_times(shop: Database, slow_turn: int | None) -> None:
    shop.run("CREATE SEQUENCE shop.turns")
    wait = f"SELECT pg_sleep(CASE WHEN nextval('shop.turns') = {slow_turn or 0} THEN 2 ELSE 0 END)"
    switch = step(
        1,
        *TIMEOUTS,
        "ALTER TABLE shop.busy ADD COLUMN more int",
        wait,
        rollback=("ALTER TABLE shop.busy DROP COLUMN IF EXISTS more",),
        verify="SELECT EXISTS (SELECT FROM pg_attribute WHERE attname = 'more')",
        blocking_seconds=0.6,
    )
    plan = Plan(phases=(PlanPhase(phase=Phase.SWITCH, steps=(switch,)),))
    options = RehearsalOptions(baseline_seconds=1.0, thorough=True)
    proof = rehearse_on(shop.url, plan, options, lambda _: None)
    mark = next(one for one in proof.marks if one.id == "M12")
    assert "5 times" in (mark.reason or "")
    if slow_turn is not None:
        assert "M12" in failed_marks(proof), reasons(proof)
        assert (mark.value or 0) > 1.5
    else:
        assert failed_marks(proof) <= TIMED, reasons(proof)
        assert (mark.value or 0) < 1.5


def test_a_naive_plan_fails_by_name(shop: Database) -> None:
    proof = rehearsed(
        shop,
        step(
            1,
            "ALTER TABLE shop.busy ALTER COLUMN value TYPE bigint USING shop.slow(value)",
            rollback=("ALTER TABLE shop.busy ALTER COLUMN value TYPE int",),
            verify=(
                "SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'shop.busy'::regclass AND attname = 'value' "
                "AND atttypid = 'bigint'::regtype)"
            ),
        ),
        step(
            2,
            "CREATE INDEX busy_slow ON shop.busy (shop.slow(value::int))",
            lock="SHARE UPDATE EXCLUSIVE",
            blocks=Blocks.NOTHING,
            rollback=("DROP INDEX IF EXISTS shop.busy_slow",),
            verify="SELECT to_regclass('shop.busy_slow') IS NOT NULL",
        ),
        step(
            3,
            *TIMEOUTS,
            "ALTER TABLE shop.parents ADD COLUMN more int",
            rollback=("ALTER TABLE shop.parents DROP COLUMN more",),
            verify="SELECT EXISTS (SELECT FROM pg_attribute WHERE attname = 'never')",
        ),
        step(4, *TIMEOUTS, "ALTER TABLE shop.parents ADD COLUMN another int", depends_on=("step-3",)),
        step(5, *CALM, rollback=("DROP TABLE shop.calm",), verify=IS_CALM),
    )
    assert failed_marks(proof) == {"M1", "M3", "M5", "M9"}, reasons(proof)
    assert (of(proof, 1).outcome, of(proof, 2).outcome) == ("failed", "failed")
    assert of(proof, 1).rewrote == of(proof, 2).rewrote == ("shop.busy",)
    assert (of(proof, 1).longest_stall_seconds or 0) > 0.3
    assert of(proof, 3).outcome == "failed"
    assert of(proof, 3).reason == "its verification does not come true"
    assert of(proof, 4).outcome == "not-rehearsed"
    assert of(proof, 4).reason == "it depends on step-3, which failed"
    assert of(proof, 5).outcome == "rehearsed"
    assert proof.stalls[0].behind in {
        "ALTER TABLE shop.busy ALTER COLUMN value TYPE bigint USING shop.slow(value)",
        "CREATE INDEX busy_slow ON shop.busy (shop.slow(value::int))",
    }
    assert not proof.passed


def test_a_way_back_that_does_not_restore_is_named(shop: Database) -> None:
    proof = rehearsed(
        shop,
        step(1, *CALM, rollback=("DROP TABLE shop.calm",), verify=IS_CALM),
        step(2, *TIMEOUTS, "ALTER TABLE shop.parents ALTER COLUMN name SET DEFAULT 'x'", rollback=("SELECT 1",)),
    )
    assert failed_marks(proof) == {"M6"}, reasons(proof)
    assert of(proof, 1).outcome == "rehearsed"
    assert (of(proof, 2).reason or "").startswith("M6: by its way back this is ")
    assert {mark.id for mark in proof.marks if mark.reason == "the way back did not restore the schema"} == {
        "M8", "M9", "M13",
    }  # fmt: skip


def test_deadlocks_and_lost_writes_are_errors_of_clients(shop: Database) -> None:
    proof = rehearsed(
        shop,
        step(
            1,
            "LOCK TABLE shop.parents IN ACCESS EXCLUSIVE MODE",
            "SELECT pg_sleep(0.3)",
            "ALTER TABLE shop.busy ADD COLUMN more int",
            verify="SELECT EXISTS (SELECT FROM pg_attribute WHERE attname = 'more')",
            rollback=("ALTER TABLE shop.busy DROP COLUMN more",),
        ),
    )
    assert failed_marks(proof) >= {"M1", "M9"}, reasons(proof)
    assert failed_marks(proof) & {"M2", "M3"}, reasons(proof)
    assert passed_marks(proof) >= {"M5", "M6", "M7", "M8"}
    assert of(proof, 1).outcome == "failed"
    assert any("40P01" in mark.reason for mark in proof.marks)
    proof = rehearsed(
        shop,
        step(
            1,
            *TIMEOUTS,
            "CREATE FUNCTION shop.swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
            "CREATE TRIGGER swallow BEFORE INSERT ON shop.parents FOR EACH ROW EXECUTE FUNCTION shop.swallow()",
            verify="SELECT EXISTS (SELECT FROM pg_trigger WHERE tgname = 'swallow')",
            rollback=("DROP TRIGGER swallow ON shop.parents", "DROP FUNCTION shop.swallow()"),
        ),
        step(2, "SELECT pg_sleep(0.3)", lock=None, blocks=Blocks.NOTHING),
    )
    assert failed_marks(proof) == {"M2", "M3"}, reasons(proof)
    assert any("lost" in mark.reason for mark in proof.marks)


def test_a_step_that_only_seems_done_is_named(shop: Database) -> None:
    proof = rehearsed(
        shop,
        step(
            1,
            "SET lock_timeout = '200ms'",
            "ALTER TABLE shop.parents ADD COLUMN first int",
            "SELECT pg_sleep(0.3)",
            "CREATE TABLE shop.second (id int)",  # for which nobody waits: only the first can lack its lock
            transactional=False,
            verify="SELECT EXISTS (SELECT FROM pg_attribute WHERE attname = 'first')",
            rollback=(
                "SET lock_timeout = '200ms'",
                "ALTER TABLE shop.parents DROP COLUMN IF EXISTS first",
                "DROP TABLE IF EXISTS shop.second",
            ),
        ),
    )
    assert failed_marks(proof) == {"M8"}, reasons(proof)
    assert "it left something else behind: - column shop.second id" in (of(proof, 1).reason or "")


def test_a_step_is_run_again_while_the_session_of_a_killed_process_works_on(shop: Database) -> None:
    proof = rehearsed(
        shop,
        step(1, *CALM, "SELECT pg_sleep(0.2)", rollback=("DROP TABLE shop.calm",), verify=IS_CALM, lock=None),
        step(
            2,
            "CREATE INDEX CONCURRENTLY busy_slow ON shop.busy (shop.slow(value))",
            transactional=False,
            lock="SHARE UPDATE EXCLUSIVE",
            blocks=Blocks.NOTHING,
            precondition="SELECT to_regclass('shop.busy_slow') IS NULL",
            verify="SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('shop.busy_slow')",
            rollback=("SET lock_timeout = '200ms'", "DROP INDEX CONCURRENTLY IF EXISTS shop.busy_slow"),
        ),
        step(
            3,
            *TIMEOUTS,
            "ALTER TABLE shop.busy ADD COLUMN filled int",
            verify="SELECT EXISTS (SELECT FROM pg_attribute WHERE attname = 'filled')",
            rollback=("ALTER TABLE shop.busy DROP COLUMN filled",),
        ),
        step(
            4,
            "DO $$ BEGIN FOR part IN 0..7 LOOP UPDATE shop.busy SET filled = value WHERE filled IS NULL AND id % 8 = "
            "part; COMMIT; PERFORM pg_sleep(0.05); END LOOP; END $$",
            transactional=False,
            lock="ROW EXCLUSIVE",
            blocks=Blocks.NOTHING,
            verify="SELECT NOT EXISTS (SELECT FROM shop.busy WHERE filled IS NULL AND id <= 400)",
            rollback=("UPDATE shop.busy SET filled = NULL",),
        ),
    )
    assert failed_marks(proof) <= TIMED, reasons(proof)
    reason = next(mark.reason for mark in proof.marks if mark.id == "M8")
    assert "; 3 of them by SIGKILL of the process that ran the step: " in reason
    assert ": 0 of these sessions" not in reason


def test_a_step_gives_up_when_its_table_is_locked_for_good(shop: Database) -> None:
    adding = step(
        1, *TIMEOUTS, "ALTER TABLE shop.parents ADD COLUMN more int",
        rollback=("ALTER TABLE shop.parents DROP COLUMN IF EXISTS more",),
    )  # fmt: skip
    with shop.connect() as holder, holder.transaction():
        holder.execute("LOCK TABLE shop.parents IN ROW EXCLUSIVE MODE")
        proof = rehearsed(shop, adding, step(2, *CALM, rollback=("DROP TABLE shop.calm",), verify=IS_CALM))
    assert of(proof, 1).outcome == "failed"
    assert of(proof, 1).tries == estimates.MAX_TRIES
    assert (of(proof, 1).reason or "").startswith("it got no lock in 5 tries")


def test_the_tries_of_a_starved_step_leave_most_of_the_time_to_clients(
    shop: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(estimates, "STALLED_SHARE", 0.2)  # which makes the real pauses short enough for a test
    monkeypatch.setattr(marks, "STALLED_SHARE", 0.2)
    proof = rehearsed(
        shop,
        step(
            1,
            *TIMEOUTS,
            "ALTER TABLE shop.busy ADD COLUMN one int",
            rollback=("ALTER TABLE shop.busy DROP COLUMN one",),
        ),
        step(
            2,
            "SET LOCAL lock_timeout = '3s'",
            "ALTER TABLE shop.busy ADD COLUMN two int",
            rollback=("ALTER TABLE shop.busy DROP COLUMN two",),
        ),
        options=replace(OPTIONS, starve_seconds=2.0),
    )
    judged = next(mark for mark in proof.marks if mark.id == "M9")
    assert (judged.verdict, judged.value) == ("failed", 0.5)
    assert "with their real pauses they kept clients waiting for " in judged.reason
    assert "M9" not in (of(proof, 1).reason or "")
    assert of(proof, 2).outcome == "failed"  # blamed by M1 before: it lets clients wait for as long as the lock is held


def test_an_interruption_leaves_no_session_and_keeps_what_was_measured(shop: Database) -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))

    def tell(run: str) -> None:
        if run == "forward under load":
            timer.start()

    try:
        proof = rehearsed(
            shop,
            step(1, *CALM, rollback=("DROP TABLE shop.calm",), verify=IS_CALM),
            step(2, "SELECT pg_sleep(30)"),
            step(3, "SELECT 1"),
            tell=tell,
        )
    finally:
        timer.join()
        signal.signal(signal.SIGINT, before)
    assert proof.interrupted
    assert not proof.passed
    ended = {mark.id for mark in proof.marks if mark.reason == "the rehearsal was ended before this was measured"}
    assert ended >= {"M6", "M8", "M9", "M13"}
    assert [one.name for one in proof.runs] == ["baseline", "forward under load"]
    assert of(proof, 1).outcome == "rehearsed"
    assert of(proof, 2).reason == "the rehearsal was ended while it ran"
    assert of(proof, 3).reason == "the rehearsal was ended before it"


def test_what_is_for_others_is_not_rehearsed(shop: Database) -> None:
    proof = rehearsed(
        shop,
        step(1, audience="application", lock=None),
        step(2, notes=("$ pg_basebackup",), lock=None),
        step(3, "ALTER SYSTEM SET work_mem = '8MB'", transactional=False, lock=None),
        step(4, *CALM, rollback=("DROP TABLE shop.calm",), verify=IS_CALM, depends_on=("step-1",)),
        step(5, "SELECT 1", precondition="SELECT false", lock=None),
        step(6, "SELECT 1", depends_on=("step-5",), lock=None),
        step(7, "DROP TABLE shop.calm", point_of_no_return=True, reversible=False, depends_on=("step-4",)),
    )
    assert [one.outcome for one in proof.steps] == [
        "not-rehearsed", "not-rehearsed", "not-rehearsed", "rehearsed", "not-rehearsed", "not-rehearsed", "rehearsed",
    ]  # fmt: skip
    assert [one.reason for one in proof.steps if one.reason] == [
        "it changes the application, which is not here",
        "people or programs outside the database do it",
        "it acts on the whole server, of which only one database is disposable",
        "its precondition does not hold here: SELECT false",
        "it depends on step-5, which was not rehearsed",
    ]
    assert failed_marks(proof) == set(), reasons(proof)

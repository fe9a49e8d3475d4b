"""Carries out plans on real servers, step by step, and then takes them back.

For every step: its precondition holds, it takes no stronger lock than it says, a step that others wait for neither
writes, reads nor indexes a table that was there before, its verification comes true by it; undoing the steps from the
last to the first brings the schema back, letter by letter; and the plan can then be carried out again.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import time
from collections.abc import Iterator
from typing import Any, Self

import psycopg
import pytest
from msgspec.structs import replace

from auditor.checking import run_check
from auditor.model import operation as op
from auditor.model.facts import Facts
from auditor.model.plan import Plan, Step
from auditor.model.vocabulary import Blocks
from auditor.planning import make_plan
from auditor.registry import load_checks
from auditor.text import visible
from auditor_connectors.postgresql import demo
from auditor_connectors.postgresql.demo import loading, workload
from auditor_connectors.postgresql.demo.sessions import Sessions
from auditor_connectors.postgresql.embedded import Server, find_binaries
from auditor_connectors.postgresql.recipes import RECIPES, estimates
from auditor_connectors.postgresql.rehearsal.state import dump
from tests.collecting import collect, eventually
from tests.guarding import refuses, steps_of, taking
from tests.scenarios import SCENARIOS
from tests.scenarios.base import Scenario
from tests.scenarios.names import ODD, ODD_COLUMN
from tests.servers import DEBIAN, DEFAULT, MATRIX, Database, Pool, fresh_database

CHOICE = os.environ.get("AUDITOR_TEST_MATRIX", "") or "0"
LOCKS = (
    "ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE", "SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE",
    "ACCESS EXCLUSIVE",
)  # fmt: skip
# What the server says at debug1 when it does under a lock what it should not do there.
HEAVY = re.compile(
    r'(rewriting|verifying) table "(?P<table>.*)"|building index ".*" on table "(?P<indexed>.*)"', re.DOTALL
)
# Sampling, vacuuming and recording a version leave nothing behind that was not true before.
IDLE = re.compile(r"\A(Sample|Analyse|Fill|Freeze|Vacuum|Rebuild|Record|Start a connection|Build the missing)")
RESTART = re.compile(r"\ARestart the server")
# The first step that fills a key's column writes every row, and whatever is written is filled for all keys.
FILLED = re.compile(r"\ABring .* in (?P<document>.*) of the old rows into ")


@pytest.fixture(autouse=True)
def everything_is_large(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the ways for large tables walked on tables that a test can afford."""
    scenario = (
        SCENARIOS.get(request.node.callspec.params.get("name", "")) if hasattr(request.node, "callspec") else None
    )
    if scenario is not None and not scenario.small:
        monkeypatch.setattr(estimates, "SMALL_TABLE_BYTES", 0)
        monkeypatch.setattr(estimates, "TINY_TABLE_BYTES", 0)


class Runner:
    """A session that carries out steps and watches what they do."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.connection = database.connect()
        self.notices: list[str] = []
        self.filled: set[str] = set()
        self.connection.add_notice_handler(lambda one: self.notices.append(one.message_primary or ""))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def ask(self, query: str) -> Any:
        row = self.connection.execute(query.encode()).fetchone()
        return None if row is None else row[0]

    def run(self, step: Step, *, alone: bool = True) -> None:
        """Carry out one step. ``alone``: nothing but it can have made its verification true."""
        if RESTART.match(step.title):
            return
        if step.precondition is not None:
            assert self.ask(step.precondition) is True, f"precondition of {step.title}"
        if (filling := FILLED.match(step.title)) is not None:
            alone = alone and filling["document"] not in self.filled
            self.filled.add(filling["document"])
        if alone and step.verify is not None and step.statements and not IDLE.match(step.title):
            with contextlib.suppress(psycopg.Error):
                assert self.ask(step.verify) is not True, f"true before: {step.title}"
        known = self.tables()
        self.connection.execute("SET client_min_messages = debug1")
        self.notices.clear()
        if step.transactional:
            with self.connection.transaction():
                for statement in step.statements:
                    self.connection.execute(statement.encode())
                self.check_locks(step, known)
        else:
            for statement in step.statements:
                self.connection.execute(statement.encode())
        self.connection.execute("RESET ALL")
        self.check_work(step, known)
        if step.verify is not None and step.statements:
            eventually(lambda: self.ask(step.verify or ""), f"verification of {step.title}")

    def run_patiently(self, step: Step, *, alone: bool = True) -> None:
        """Carry out one step as its notes say: again when it got no lock."""
        for _ in range(20):
            try:
                return self.run(step, alone=alone)
            except psycopg.errors.LockNotAvailable:
                time.sleep(0.05)
        raise AssertionError(f"no lock for {step.title}")

    def tables(self) -> dict[int, str]:
        rows = self.connection.execute("SELECT oid::int, relname::text FROM pg_class WHERE relkind IN ('r', 'p', 'm')")
        return dict(rows.fetchall())

    def check_locks(self, step: Step, known: dict[int, str]) -> None:
        """Compare the locks on tables that were there before with what the step says."""
        rows = self.connection.execute(
            "SELECT relation::int, mode FROM pg_locks WHERE pid = pg_backend_pid() AND relation >= 16384 AND granted"
        ).fetchall()
        held = [_mode(mode) for relation, mode in rows if relation in known]
        strongest = max(held, key=LOCKS.index, default="ACCESS SHARE")
        allowed = step.lock or "ROW EXCLUSIVE"
        assert LOCKS.index(strongest) <= LOCKS.index(allowed), f"{step.title}: {strongest}, not {allowed}"

    def check_work(self, step: Step, known: dict[int, str]) -> None:
        """A step that others wait for may not work on rows, unless it says that the table is small."""
        if step.blocks is Blocks.NOTHING or any("small enough" in note for note in step.notes):
            return
        for notice in self.notices:
            found = HEAVY.match(notice)
            table = found and (found.group("table") or found.group("indexed"))
            assert table is None or table not in known.values(), f"{step.title}: {notice}"

    def undo(self, step: Step) -> None:
        """Take one step back."""
        for statement in step.rollback:
            self.connection.execute(statement.encode())
        self.connection.execute("RESET ALL")


def _mode(mode: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", mode.removesuffix("Lock")).upper()


def schema_of(database: Database) -> str:
    """The schema as the server's own program writes it, without what depends on the moment."""
    return "\n\n".join(dump(database.url))


def plan_of(database: Database, scenario: Scenario) -> Plan:
    database.run("ANALYZE")
    plan = make_plan(Facts(collect(database.url)), list(scenario.operations), [], RECIPES)
    failed = [conflict for conflict in plan.conflicts if conflict.decision == "No steps are planned"]
    assert not failed
    return plan


GIVE_AWAY = """
DO $$
DECLARE one record;
BEGIN
  FOR one IN SELECT oid::regclass AS name, relkind FROM pg_class WHERE relnamespace = 'shop'::regnamespace
             AND relkind IN ('r', 'p', 'v', 'S') AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = pg_class.oid
             AND d.deptype IN ('a', 'i') AND relkind = 'S') LOOP
    EXECUTE format('ALTER %s %s OWNER TO plan_owner', CASE one.relkind WHEN 'v' THEN 'VIEW' WHEN 'S' THEN 'SEQUENCE'
                   ELSE 'TABLE' END, one.name);
  END LOOP;
END $$
"""
NOT_GIVEN = (
    "SELECT string_agg(relname, ', ') FROM pg_class WHERE relnamespace = 'shop'::regnamespace AND relkind IN "
    "('r', 'p', 'v', 'S') AND relowner <> 'plan_owner'::regrole"
)


@contextlib.contextmanager
def prepared(database: Database, scenario: Scenario) -> Iterator[None]:
    """Build the objects and give them to another role than the one that carries out the plan."""
    database.run("CREATE SCHEMA shop", "CREATE ROLE plan_owner", "GRANT ALL ON SCHEMA shop TO plan_owner")
    try:
        database.run(*scenario.setup, GIVE_AWAY)
        yield
    finally:
        roles = {name for one in scenario.setup for name in re.findall(r"CREATE ROLE (\w+)", one)} | {"plan_owner"}
        for role in sorted(roles):
            database.run(f"DROP OWNED BY {role}", f"DROP ROLE {role}")
        for slot in {name for one in scenario.setup for name in re.findall(r"replication_slot\('(\w+)'", one)}:
            query = f"SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '{slot}'"
            database.run(query)  # a test that only looks at the plan leaves it behind
        if any("ALTER SYSTEM" in one for one in scenario.setup):
            database.run(
                "ALTER SYSTEM RESET ALL", "SELECT pg_reload_conf()", "ALTER DATABASE postgres RESET ALL",
                "ALTER ROLE postgres RESET ALL",
            )  # fmt: skip


def _plans() -> Iterator[object]:
    """Each scenario on the oldest and the newest server, and by turns on another one.

    With AUDITOR_TEST_MATRIX it is on every server (``make plans``), and with AUDITOR_TEST_MATRIX=others on those that
    are left out otherwise (``make other-plans``).
    """
    turns = itertools.cycle((*MATRIX[1:-1], DEBIAN))
    for name, scenario in SCENARIOS.items():
        between = next(turns)
        for engine in (*MATRIX, DEBIAN):
            major = int(engine.rpartition("-")[2])
            usual = engine in (MATRIX[0], between, DEFAULT)
            if major >= scenario.since and {"0": usual, "others": not usual}.get(CHOICE, True):
                yield pytest.param(name, engine, id=f"{name}@{engine}", marks=getattr(pytest.mark, engine))


@pytest.mark.parametrize(("name", "engine"), list(_plans()))
def test_a_plan_is_carried_out_taken_back_and_carried_out_again(name: str, engine: str, pool: Pool) -> None:
    scenario = SCENARIOS[name]
    with fresh_database(pool.shared(engine)) as database, prepared(database, scenario), Runner(database) as runner:
        plan = plan_of(database, scenario)
        steps = steps_of(plan)
        # Nothing is taken away before what takes its place is there.
        first = [step for step in steps if step.lock is not None]
        assert [step.title for step in taking(plan, first) if not refuses(runner.ask, step)] == []
        if not scenario.final:
            before = schema_of(database)
            passable = list(itertools.takewhile(lambda step: not step.point_of_no_return, steps))
            for step in passable:
                runner.run(step)
            for step in reversed(passable):
                runner.undo(step)
            assert schema_of(database) == before
        for step in steps:
            runner.run(step)
        for query in scenario.checks:
            assert runner.ask(query) is True, query
        assert runner.ask(NOT_GIVEN) is None
        for step in steps:
            for text in (*step.statements, *step.rollback, step.precondition or "", step.verify or ""):
                assert all(visible(line) == line for line in text.split("\n")), f"a copy of it would differ: {text!r}"
                assert not any(name in text for name in (ODD, ODD_COLUMN)), text


def test_an_interrupted_detach_is_finished(database: Database) -> None:
    database.run(
        "CREATE SCHEMA shop",
        "CREATE TABLE shop.events (at date) PARTITION BY RANGE (at)",
        "CREATE TABLE shop.old PARTITION OF shop.events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
    )
    with database.connect() as reader, database.connect() as other, reader.transaction():
        reader.execute("SELECT FROM shop.events")
        other.execute("SET statement_timeout = '300ms'")
        with pytest.raises(psycopg.errors.QueryCanceled):
            other.execute("ALTER TABLE shop.events DETACH PARTITION shop.old CONCURRENTLY")
    operation = op.FinishDetach(schema="shop", table="events", partition_schema="shop", partition="old")
    carry_out(database, operation)


def test_a_session_is_ended(database: Database) -> None:
    with database.connect() as idle:
        number = idle.info.backend_pid
        carry_out(database, op.EndSession(session=number, reason="it was idle"))
        with pytest.raises(psycopg.OperationalError):
            idle.execute("SELECT 1")


def test_a_prepared_transaction_is_resolved(pool: Pool) -> None:
    server = pool.shared(settings={"max_prepared_transactions": "3"})
    with fresh_database(server) as database:
        database.run("CREATE TABLE t (a int)")
        with database.connect() as connection:
            for statement in ("BEGIN", "INSERT INTO t VALUES (1)", "PREPARE TRANSACTION 'it''s'"):
                connection.execute(statement)
        carry_out(database, op.ResolvePreparedTransaction(name="it's"))


def carry_out(database: Database, *operations: op.AnyOperation, until: str = "\0") -> None:
    """Plan the operations and carry out the steps, up to the one with these words in its title."""
    plan = make_plan(Facts(collect(database.url)), list(operations), [], RECIPES)
    with Runner(database) as runner:
        for step in itertools.takewhile(lambda step: until not in step.title, steps_of(plan)):
            runner.run_patiently(step)


def test_writers_who_have_moved_to_the_new_table_of_a_split_meet_nobody_there(database: Database) -> None:
    """With the default still on the old column the trigger would be first to write the row, or to bring it back."""
    database.run(
        "CREATE SCHEMA shop",
        "CREATE TABLE shop.users (id int PRIMARY KEY, a text NOT NULL DEFAULT 'none', b int DEFAULT 1, c int)",
        "INSERT INTO shop.users (id, a) VALUES (1, 'none'), (2, 'x')",
    )
    carry_out(database, op.SplitTable(schema="shop", table="users", columns=("a", "b"), into="details"), until="Write ")
    database.run(
        "INSERT INTO shop.users (id) VALUES (3)",
        "INSERT INTO shop.details (id, a) VALUES (3, 'mine')",
        "UPDATE shop.users SET c = 1",
    )
    with database.connect() as connection:
        rows = connection.execute("SELECT * FROM shop.details ORDER BY id").fetchall()
    assert rows == [(1, "none", 1), (2, "x", 1), (3, "mine", 1)]


def test_the_whole_plan_of_the_demonstration_can_be_carried_out() -> None:
    """Every proposal of every check on one database: what one step does must not break what another relies on."""
    with Server(find_binaries(), demo.SETTINGS, hba=demo.HOST_RULES) as server:
        passwords = loading.load(server)
        with Sessions(server, passwords) as sessions:
            workload.run(sessions)
            facts = Facts(collect(server.url(loading.DATABASE, "auditor", passwords["auditor"])))
        runs = [run_check(check, facts) for check in load_checks().values()]
        operations = [operation for run in runs for operation in run.operations]
        findings = [finding for run in runs for finding in run.findings]
        plan = make_plan(facts, operations, findings, RECIPES)
        assert not [one for one in plan.conflicts if one.decision == "No steps are planned"]
        left: set[str] = set()
        with Runner(Database(server, loading.DATABASE)) as runner:
            runner.connection.execute("SET statement_timeout = 0")
            for step in steps_of(plan):
                # People have to act first where a precondition does not hold, where values do not convert, and
                # between the steps of a runbook.
                if left & set(step.depends_on) or (step.precondition and runner.ask(step.precondition) is not True):
                    left.add(step.id)
                elif step.lock is not None and step.statements:
                    proof = step.title.startswith("Prove that every value")
                    runner.run(replace(step, verify=None) if proof else step, alone=False)
                    if proof and runner.ask(step.verify or "") is not True:
                        left.add(step.id)
        assert len(left) < len(steps_of(plan)) / 3

"""The standby beside a rehearsal: what is seen on it, what fails because of it, and when there is none."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from msgspec.structs import replace

from auditor.connector import RehearsalOptions
from auditor.model.plan import Plan, PlanPhase, Step
from auditor.model.proof import Mark, Proof, StepProof
from auditor.model.server import Setting
from auditor.model.snapshot import Snapshot
from auditor.model.vocabulary import Blocks, Phase
from auditor_connectors.postgresql import embedded
from auditor_connectors.postgresql.recipes.ranges import locks_replicas
from auditor_connectors.postgresql.rehearsal import ground, marks, rehearse, rehearse_on, standby
from auditor_connectors.postgresql.rehearsal.preparing import prepared
from tests.collecting import collect
from tests.servers import Database, Pool, fresh_database

SHOP = (
    "CREATE SCHEMA shop",
    "CREATE TABLE shop.busy (id serial PRIMARY KEY, value int, note text)",
    "INSERT INTO shop.busy (value, note) SELECT i, 'n' || i FROM generate_series(1, 400) i",
    "CREATE INDEX old ON shop.busy (value)",
    "ANALYZE",
)
TIMEOUTS = ("SET LOCAL lock_timeout = '200ms'", "SET LOCAL statement_timeout = '5s'")
ONLINE: dict[str, Any] = {"lock": "SHARE UPDATE EXCLUSIVE", "blocks": Blocks.NOTHING, "transactional": False}


@pytest.fixture(scope="module")
def shop(pool: Pool) -> Iterator[Database]:
    with pool.own() as server, fresh_database(server, keep=True) as database:
        database.run(*SHOP)
        yield database


@pytest.fixture(scope="module")
def beside(shop: Database) -> Iterator[str]:
    assert isinstance(shop.server, embedded.Server)
    with standby.beside(shop.server, shop.name) as url:
        yield url


@pytest.fixture(scope="module")
def snapshot(shop: Database) -> Snapshot:
    return collect(shop.url)


def column(number: int, **more: Any) -> Step:
    given: dict[str, Any] = {"lock": "ACCESS EXCLUSIVE", "blocks": Blocks.EVERYTHING}
    return Step(
        id=f"step-{number}",
        title=f"Step {number}",
        operation="it",
        statements=(*TIMEOUTS, f"ALTER TABLE shop.busy ADD COLUMN c{number} int"),
        rollback=(f"ALTER TABLE shop.busy DROP COLUMN IF EXISTS c{number}",),
        verify=f"SELECT EXISTS (SELECT FROM pg_attribute WHERE attname = 'c{number}')",
        **{**given, **more},
    )


def plan_of(*steps: Step) -> Plan:
    return Plan(phases=(PlanPhase(phase=Phase.EXPAND, steps=steps),))


def rehearsed(shop: Database, beside: str, *steps: Step, tell: Any = None) -> Proof:
    options = RehearsalOptions(baseline_seconds=1.0)
    return rehearse_on(shop.url, plan_of(*steps), options, tell or (lambda _: None), standby=beside)


def mark(proof: Proof, name: str = "M11") -> Mark:
    return next(one for one in proof.marks if one.id == name)


def of(proof: Proof, number: int) -> StepProof:
    return next(one for one in proof.steps if one.step == f"step-{number}")


def test_queries_that_steps_cancel_are_counted_and_have_to_be_announced(shop: Database, beside: str) -> None:
    building = Step(
        id="step-2", title="Build", operation="it", **ONLINE,
        statements=("CREATE INDEX CONCURRENTLY new ON shop.busy (note)",),
        rollback=("DROP INDEX CONCURRENTLY IF EXISTS shop.new",),
        verify="SELECT to_regclass('shop.new') IS NOT NULL",
    )  # fmt: skip
    dropping = Step(
        id="step-3", title="Drop", operation="it", **ONLINE,
        statements=("DROP INDEX CONCURRENTLY IF EXISTS shop.old",),
        rollback=("CREATE INDEX CONCURRENTLY IF NOT EXISTS old ON shop.busy (value)",),
        verify="SELECT to_regclass('shop.old') IS NULL",
    )  # fmt: skip
    steps = (column(1), building, dropping)
    proof = rehearsed(shop, beside, *steps)
    # The short read may be in the way as well.
    cancelled = [of(proof, number).replica_cancelled or 0 for number in (1, 2, 3)]
    assert [one > 0 for one in cancelled] == [True, False, True]
    assert mark(proof).verdict == "passed", mark(proof)
    assert standby.DELAY_SECONDS / 2 < (of(proof, 1).replica_lag_seconds or 0) < marks.LAG_SECONDS
    forward = next(run for run in proof.runs if run.name == "forward under load")
    assert forward.replica_cancelled == sum(cancelled)
    assert forward.replica_lag_bytes
    assert next(run for run in proof.runs if run.name == "forward again").replica_lag_bytes is None
    # The same lock, of which the plan says nothing.
    proof = rehearsed(shop, beside, column(4, lock="SHARE UPDATE EXCLUSIVE", blocks=Blocks.NOTHING))
    assert mark(proof).verdict == "failed"
    assert of(proof, 4).replica_cancelled
    assert "0 were in the way of steps that say so" in mark(proof).reason


def test_a_standby_that_stays_behind_fails(shop: Database, beside: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standby, "SETTLING_SECONDS", 2.0)
    monkeypatch.setattr(marks, "LAG_SECONDS", 1.5)
    with psycopg.connect(beside, autocommit=True) as control:

        def tell(run: str) -> None:
            act = "pause" if run == "forward under load" else "resume"
            control.execute(f"SELECT pg_wal_replay_{act}()".encode())

        proof = rehearsed(shop, beside, column(5), tell=tell)
    assert mark(proof).verdict == "failed"
    assert (mark(proof).value or 0) > 1.5
    assert (of(proof, 5).reason or "").startswith("M11: the standby fell ")


def test_a_standby_that_is_lost_is_not_taken_for_a_good_one(shop: Database) -> None:
    assert isinstance(shop.server, embedded.Server)
    with embedded.Server(primary=shop.server) as server:

        def tell(run: str) -> None:
            if run == "forward under load":
                server.end_process(signal.SIGINT)

        proof = rehearsed(shop, server.url(shop.name), column(6), tell=tell)
    assert (mark(proof).verdict, mark(proof).reason) == ("not-measured", "the standby was lost on the way")
    assert of(proof, 6).outcome == "rehearsed"


@pytest.mark.parametrize("how", ["to its end", "interrupted"])
def test_it_is_there_without_being_asked_for_and_gone_afterwards(snapshot: Snapshot, how: str) -> None:
    servers = embedded._workspace().servers
    before, during = len(servers), 0
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)

    def tell(line: str) -> None:
        nonlocal during
        during = max(during, len(servers))
        if line == "forward under load" and how == "interrupted":
            threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()

    steps = (column(1), Step(id="step-2", title="Wait", operation="it", statements=("SELECT pg_sleep(1)",), lock=None))
    try:
        proof = rehearse(plan_of(*steps), RehearsalOptions(schema=snapshot, rows=300, baseline_seconds=1.0), tell)
    finally:
        signal.signal(signal.SIGINT, handler)
    assert (during, len(servers)) == (before + 2, before)
    assert proof.interrupted == (how == "interrupted")
    if not proof.interrupted:
        assert mark(proof).verdict == "passed", mark(proof)


def test_without_room_or_log_there_is_none(snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    def usage(_: Path) -> Any:
        return shutil._ntuple_diskusage(1 << 40, 1 << 40, 300 << 20)

    minimal = replace(snapshot, server=replace(snapshot.server, settings=(Setting(name="wal_level", value="minimal"),)))
    with prepared(RehearsalOptions(schema=minimal, rows=10), lambda _: None) as ready:
        assert ready.alone == ground.NO_LOG
    monkeypatch.setattr(ground.shutil, "disk_usage", usage)
    with prepared(RehearsalOptions(schema=snapshot, rows=10), lambda _: None) as ready:
        assert "with a standby the rehearsal needs 38" in ready.alone
        assert ready.server is not None


def test_what_a_replica_will_feel_is_said_of_drops_that_let_others_pass() -> None:
    step = Step(id="", operation="", title="", **ONLINE)
    for statement in (
        'DROP INDEX CONCURRENTLY IF EXISTS "a"', "REINDEX INDEX CONCURRENTLY a", "REINDEX TABLE CONCURRENTLY a",
        "ALTER TABLE a DETACH PARTITION b CONCURRENTLY",
    ):  # fmt: skip
        assert locks_replicas(replace(step, statements=(statement,)))
    for statement in ("CREATE INDEX CONCURRENTLY a ON b (c)", "VACUUM a", "ALTER TABLE a VALIDATE CONSTRAINT b"):
        assert not locks_replicas(replace(step, statements=(statement,)))

"""How near estimates come in a rehearsal: what counts as near, and the same plan for the rows of another database."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from auditor.model import operation as op
from auditor.model.catalog import Catalog
from auditor.model.facts import Facts
from auditor.model.plan import Step
from auditor.planning import make_plan
from auditor_connectors.postgresql.recipes import RECIPES, estimates
from auditor_connectors.postgresql.rehearsal import marks, measured, nearness, pilot
from auditor_connectors.postgresql.rehearsal.foreseeing import estimated
from auditor_connectors.postgresql.rehearsal.measured import Passage, Record
from tests.collecting import collect
from tests.planning_facts import SCHEMA, facts_of, index_of, table_of
from tests.servers import Database

MB = 1 << 20


def record_of(*passages: tuple[float, int, int]) -> Record:
    """Steps estimated at 1 s, 3 s at most, 10 MB of log and 10 MB of disk, and what they took."""
    step = Step(
        id="", title="", operation="", duration_seconds=1.0, duration_p90_seconds=3.0, wal_bytes=10 * MB,
        disk_bytes=10 * MB,
    )  # fmt: skip
    foreseen = {str(number): replace(step, id=str(number)) for number in range(len(passages))}
    run = [
        Passage(str(number), measured.AGAIN, 0.0, seconds=seconds, wal_bytes=log, disk_bytes=disk)
        for number, (seconds, log, disk) in enumerate(passages)
    ]
    return Record(steps=list(foreseen.values()), foreseen=foreseen, passages={measured.AGAIN: run})


@pytest.mark.parametrize(
    ("took", "near"),
    [
        ((1.0, 10 * MB, 10 * MB), True), ((0.5, 7 * MB, 13 * MB), True), ((6.0, 13 * MB, 7 * MB), True),
        ((0.4, 10 * MB, 10 * MB), False), ((6.5, 10 * MB, 10 * MB), False), ((1.0, 14 * MB, 10 * MB), False),
        ((1.0, 10 * MB, 6 * MB), False),
    ],
)  # fmt: skip
def test_near_is_half_to_twice_the_time_and_a_third_of_the_bytes(took: tuple[float, int, int], near: bool) -> None:
    (found,) = nearness.compare(record_of(took))
    assert found.near == near


def test_what_is_brief_and_small_is_near_in_any_case() -> None:
    record = record_of((0.19, MB, MB // 2))
    small = replace(record.foreseen["0"], duration_seconds=0.001, wal_bytes=10, disk_bytes=None)
    record.foreseen = {"0": small}
    assert nearness.share(nearness.compare(record)) == 1.0


def test_nine_of_ten_steps_have_to_be_near() -> None:
    good, bad = (1.0, 10 * MB, 10 * MB), (9.0, 10 * MB, 10 * MB)
    assert marks.estimates(record_of(*[good] * 9, bad)).mark.verdict == "passed"
    failed = marks.estimates(record_of(*[good] * 8, bad, bad)).mark
    assert (failed.verdict, failed.value) == ("failed", 0.8)
    assert "of 10 steps 8 took as long as said" in failed.reason
    assert marks.estimates(record_of()).mark.verdict == "not-measured"


def test_a_plan_is_estimated_for_the_rows_of_another_database() -> None:
    tables = Catalog(tables=(table_of("orders"),), indexes=(index_of("orders", "i1", "b", bytes=30_000_000),))
    audited = facts_of(tables).snapshot
    table = {"schema": SCHEMA, "table": "orders"}
    plan = make_plan(
        Facts(audited),
        (
            op.AddIndex(**table, columns=("item",)),
            op.ChangeColumnType(**table, column="order_id", from_type="integer", to_type="bigint"),
        ),
        [],
        RECIPES,
    )
    tenth = Catalog(
        tables=(table_of("orders", rows=1e5, size=20_000_000),),
        indexes=(index_of("orders", "i1", "b", bytes=3_000_000),),
    )
    here = facts_of(tenth).snapshot
    found = estimated(plan, audited, here, replace(estimates.DEFAULT, label="here"))
    assert set(found) == {step.id for step in plan.steps}
    for step in plan.steps:
        if step.wal_bytes is not None and step.wal_bytes > MB:
            assert (found[step.id].wal_bytes or 0) == pytest.approx(step.wal_bytes / 10, rel=0.01)
        assert "default calibration" not in found[step.id].basis
    # A table that is tiny is rewritten: what is done in another way is not compared.
    tiny = facts_of(Catalog(tables=(table_of("orders", rows=100.0, size=8192),))).snapshot
    assert len(estimated(plan, audited, tiny, estimates.DEFAULT)) < len(plan.steps)


@pytest.mark.timing  # the log is the whole server's: what other tests write at the same time would be counted
def test_the_pilot_finds_plausible_speeds_and_leaves_nothing(database: Database) -> None:
    facts = Facts(collect(database.url))
    with database.connect() as connection:
        found = pilot.measure(connection, facts, None)
        schemas = connection.execute("SELECT count(*) FROM pg_namespace WHERE nspname = 'auditor_pilot'").fetchone()
    assert schemas == (0,)
    assert found.label.startswith("calibration measured in a rehearsal (")
    # What is written does not depend on the machine: the default's bytes were measured with other tables.
    assert 80 < found.log_row_bytes < 260
    assert 40 < found.log_entry_bytes < 130
    assert 100 < found.log_copy_bytes < 190
    assert found.log_freeze_share < 1.5
    assert found.scan_bytes_per_second > 10e6
    assert 0 < found.brief_seconds < 1
    assert found.replay_bytes_per_second == estimates.DEFAULT.replay_bytes_per_second

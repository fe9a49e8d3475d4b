"""Sheets for steps that stop clients, days of watching, and waves of steps that may run side by side."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.model import operation as op
from auditor.model.catalog import Catalog
from auditor.model.plan import Plan, Step
from auditor.model.vocabulary import Blocks, Phase
from auditor.planning import make_plan
from auditor.planning.cutover import cutover_of
from auditor_connectors.postgresql.recipes import RECIPES
from tests.planning_facts import SCHEMA, facts_of, index_of, table_of

T = {"schema": SCHEMA, "table": "orders"}


def plan(*operations: Any, tables: tuple[str, ...] = ("orders",)) -> Plan:
    catalog = Catalog(
        tables=tuple(table_of(name) for name in tables), indexes=(index_of("orders", "a", "item", scans=0),)
    )
    return make_plan(facts_of(catalog), list(operations), [], RECIPES)


def find(made: Plan, words: str) -> Step:
    (step,) = (step for step in made.steps if words in step.title)
    return step


def test_a_restart_has_a_sheet_with_its_own_numbers_and_a_brief_step_has_none() -> None:
    made = plan(op.SetSetting(name="shared_buffers", value="8GB", restart=True), op.SetNotNull(**T, column="b"))
    sheet = find(made, "Restart the server").cutover
    seconds = find(made, "Restart the server").blocking_seconds
    assert seconds is not None
    assert [line.when for line in sheet][:5] == ["T-24 h", "T-1 h", "T", "T + drain", "then"]
    assert sheet[5].when == f"abort after {2 * seconds:.0f} s"
    assert all(step.cutover == () for step in made.steps if step.transactional)


@pytest.mark.parametrize(
    ("blocks", "seconds", "lines"),
    [
        (Blocks.EVERYTHING, 0.55, 0),
        (Blocks.EVERYTHING, 1.5, 6),
        (Blocks.EVERYTHING, None, 6),
        (Blocks.WRITES, 60.0, 0),
    ],
)
def test_a_sheet_is_for_what_nobody_would_overlook(blocks: Blocks, seconds: float | None, lines: int) -> None:
    step = Step(id="a", title="t", operation="o", blocks=blocks, blocking_seconds=seconds)
    assert len(cutover_of(step)) == lines


def test_a_sheet_says_how_to_give_up() -> None:
    step = Step(id="a", title="t", operation="o", blocks=Blocks.EVERYTHING, replica_lag_seconds=90.0)
    sheet = {line.when: line.what for line in cutover_of(step)}
    assert "2 min" in sheet["T-1 h"] or "90 s" in sheet["T-1 h"]
    assert "undone by hand" in sheet["abort after twice as long as the rehearsal"]


def test_the_old_is_dropped_after_days_of_watching() -> None:
    made = plan(
        op.ChangeColumnType(**T, column="b", from_type="integer", to_type="bigint"),
        op.DropIndex(**T, name="a", observe_days=14),
    )
    assert find(made, "Drop the old b_old").observe_days == 31
    assert find(made, "Drop the index").observe_days == 14
    titles = [step.title for step in made.steps]
    assert titles.index("Drop the index s.a") < titles.index("Drop the old b_old of s.orders")


def test_steps_on_different_tables_share_waves_and_two_builds_at_most() -> None:
    names = ("a", "b", "c")
    made = plan(
        *(op.AddIndex(schema=SCHEMA, table=name, columns=("item",)) for name in names),
        op.AddCheck(schema=SCHEMA, table="d", name="positive", expression="b > 0"),
        tables=(*names, "d"),
    )
    (expand,) = (phase for phase in made.phases if phase.phase is Phase.EXPAND)
    titles = {step.id: step.title.split()[0] for step in expand.steps}
    waves = [[titles[name] for name in wave] for wave in expand.waves]
    assert waves == [["Declare", "Build", "Build"], ["Build"]]


def test_a_wave_does_not_need_the_disk_of_two_copies() -> None:
    made = plan(*(op.ChangeColumnType(schema=SCHEMA, table=name, column="b", from_type="integer", to_type="bigint")
                  for name in ("a", "b")), tables=("a", "b"))  # fmt: skip
    (backfill,) = (phase for phase in made.phases if phase.phase is Phase.BACKFILL)
    copies = [step.id for step in backfill.steps if step.title.startswith("Convert")]
    assert len(copies) == 2
    assert not [wave for wave in backfill.waves if set(copies) <= set(wave)]


def test_steps_on_one_table_follow_each_other_and_people_are_waited_for() -> None:
    made = plan(
        op.AddIndex(**T, columns=("b",)),
        op.AddCheck(**T, name="positive", expression="b > 0"),
        op.SetSetting(name="work_mem", value="8MB"),
        op.SetSetting(name="a", value="1"),
    )
    for phase in made.phases:
        assert all(len(wave) == 1 for wave in phase.waves)

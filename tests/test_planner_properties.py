"""What holds of every plan, whatever is proposed: order, waves, ways back, identity."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.model import operation as op
from auditor.model.catalog import Catalog
from auditor.model.facts import Facts
from auditor.model.plan import Plan, Step
from auditor.model.vocabulary import Phase
from auditor.planning import agenda, make_plan
from auditor.planning.merging import merge
from auditor.planning.ordering import sort
from auditor.planning.waves import AT_ONCE, LONG_SECONDS, disk_budget, tables_of
from auditor_connectors.postgresql.recipes import RECIPES
from tests.planning_facts import OPERATIONS, RESHAPING, catalogs, facts_of, proposals

MANY = settings(max_examples=100, deadline=None)


def planned(catalog: Catalog, proposed: Any) -> tuple[Facts, Plan]:
    operations, findings = proposed
    facts = facts_of(catalog)
    return facts, make_plan(facts, operations, findings, RECIPES)


@MANY
@given(catalog=catalogs(), proposed=proposals())
def test_the_order_of_the_steps_and_that_of_the_waves_respect_what_waits_for_what(catalog: Any, proposed: Any) -> None:
    facts, made = planned(catalog, proposed)
    operations = {one.id: one for one in made.operations}
    seen: set[str] = set()
    for phase in made.phases:
        steps = {step.id: step for step in phase.steps}
        assert sorted(name for wave in phase.waves for name in wave) == sorted(steps), "each step is in one wave"
        budget = disk_budget(phase.steps, facts)
        for wave in phase.waves:
            assert wave
            mine = [steps[name] for name in wave]
            assert all(set(step.depends_on) <= seen for step in mine)
            seen |= set(wave)
            busy = [key for step in mine for key in set(tables_of(operations[step.operation], facts))]
            assert len(busy) == len(set(busy)), "two steps of a wave work on one table"
            assert len(mine) == 1 or all(step.lock is not None for step in mine)
            long = [one for one in mine if one.duration_seconds is None or one.duration_seconds > LONG_SECONDS]
            assert len(long) <= AT_ONCE
            assert sum(step.disk_bytes or 0 for step in mine) <= budget


@MANY
@given(catalog=catalogs(), proposed=proposals())
def test_a_way_back_is_closed_once_and_late(catalog: Any, proposed: Any) -> None:
    _, made = planned(catalog, proposed)
    closing = [step for step in made.steps if step.point_of_no_return]
    assert len({step.operation for step in closing}) == len(closing)
    for step in closing:
        assert not step.reversible
        assert not step.rollback
    by_id = {step.id: step for step in made.steps}
    late = False
    for step in (step for phase in made.phases if phase.phase is Phase.CONTRACT for step in phase.steps):
        late = late or step.point_of_no_return
        if late and step.reversible:
            assert any(not by_id[name].reversible for name in _behind(step, by_id)), "it could have been done before"


def _behind(step: Step, by_id: dict[str, Step]) -> set[str]:
    found: set[str] = set()
    waiting = list(step.depends_on)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += by_id[name].depends_on
    return found


@MANY
@given(catalog=catalogs(), proposed=proposals(RESHAPING))
def test_nothing_happens_to_a_table_that_moves_from_the_copy_to_the_switch(catalog: Any, proposed: Any) -> None:
    facts, made = planned(catalog, proposed)
    operations = {one.id: one for one in made.operations}
    place = {step.id: number for number, step in enumerate(made.steps)}
    taken: set[tuple[str, str]] = set()
    for move in (one for one in made.operations if isinstance(one, op.MoveSchema)):
        tables = {one.key for one in facts.tables_in(move.schema) if not move.tables or one.name in move.tables}
        assert not tables & taken, "a table moves once"
        taken |= tables
        first = min(place[step.id] for step in made.steps if step.operation == move.id)
        others = [step for step in made.steps if not isinstance(operations[step.operation], op.MoveSchema)]
        busy = [one for one in others if tables & set(tables_of(operations[one.operation], facts))]
        assert all(place[step.id] < first for step in busy)
        kinds = (op.SplitTable, op.PartitionTable, op.EnumToLookup, op.ArchiveRows, op.MergeTables)
        merged = [one for one in made.operations if isinstance(one, op.MergeClones)]
        assert all(tables.isdisjoint(tables_of(one, facts)) for one in merged)
        assert not [one for one in made.operations if isinstance(one, kinds) and one.table_key in tables]


@MANY
@given(catalog=catalogs(), proposed=proposals(RESHAPING))
def test_what_reads_a_column_is_done_before_it_goes_or_is_told_about(catalog: Any, proposed: Any) -> None:
    _, made = planned(catalog, proposed)
    steps = [(step, {one.id: one for one in made.operations}[step.operation]) for step in made.steps]
    last = {one.operation: number for number, (one, _) in enumerate(steps)}
    first = {one.operation: number for number, (one, _) in reversed(list(enumerate(steps)))}
    for drop in (one for one in made.operations if isinstance(one, op.DropColumn)):
        for other in made.operations:
            if other.table_key != drop.table_key or getattr(other, "column", None) != drop.column or other is drop:
                continue
            assert isinstance(other, op.ExtractJson)
            assert last[other.id] < first[drop.id]
    changes = [one for one in made.operations if isinstance(one, op.ChangeColumnType)]
    for lookup in (one for one in made.operations if isinstance(one, op.EnumToLookup)):
        assert (*(lookup.table_key or ()), lookup.column) not in {(*(c.table_key or ()), c.column) for c in changes}
    for archive in (one for one in made.operations if isinstance(one, op.ArchiveRows)):
        same = [one for one in made.operations if one.table_key == archive.table_key]
        assert not any(isinstance(one, op.PartitionTable) for one in same)
        shape = [one for one in same if isinstance(one, op.DropColumn | op.ExtractJson | op.EnumToLookup)]
        assert all(last[one.id] < first[archive.id] for one in shape)


@MANY
@given(catalog=catalogs(), proposed=proposals(), random=st.randoms(use_true_random=False))
def test_the_same_input_in_any_order_gives_the_same_bytes(catalog: Any, proposed: Any, random: Any) -> None:
    operations, findings = proposed
    facts, made = planned(catalog, proposed)
    shuffled, others = list(operations), list(findings)
    random.shuffle(shuffled)
    random.shuffle(others)
    again = make_plan(Facts(facts.snapshot), shuffled, others, RECIPES)
    assert msgspec.json.encode(again) == msgspec.json.encode(made)
    assert again.hash == made.hash


@MANY
@given(one=OPERATIONS, other=OPERATIONS)
def test_what_is_merged_holds_what_both_ask_for(one: op.Operation, other: op.Operation) -> None:
    if one.id != other.id:
        return
    united = merge(one, other)
    assert united.id == one.id
    for asked in (one, other):
        for name in ("options", "attributes"):
            assert set(getattr(asked, name, {})) <= set(getattr(united, name, {}))
        for name in ("freeze", "preload", "unique"):
            assert getattr(united, name, False) or not getattr(asked, name, False)
        for name in ("include", "privileges", "indexes"):
            assert set(getattr(asked, name, ())) <= set(getattr(united, name, ()))


def test_a_circle_is_refused() -> None:
    with pytest.raises(ValueError, match="in a circle"):
        sort({"a": {"b"}, "b": {"a"}}, str)


@MANY
@given(catalog=catalogs(), proposed=proposals())
def test_what_waits_for_all_of_many_makes_the_same_plan_as_a_wait_for_each(catalog: Any, proposed: Any) -> None:
    made = []
    for few in (0, 1_000_000):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(agenda, "FEW_PAIRS", few)
            made.append(msgspec.json.encode(planned(catalog, proposed)[1]))
    assert made[0] == made[1]

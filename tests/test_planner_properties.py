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
from auditor.planning import make_plan
from auditor.planning.merging import merge
from auditor.planning.ordering import sort
from auditor.planning.waves import AT_ONCE, LONG_SECONDS, disk_budget, tables_of
from auditor_connectors.postgresql.recipes import RECIPES
from tests.planning_facts import OPERATIONS, catalogs, facts_of, proposals

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

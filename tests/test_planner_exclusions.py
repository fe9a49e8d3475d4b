"""Exclusions in plans: before what is done to the same table, and not beside what would take them away."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.model import operation as op
from auditor.model.catalog import Catalog
from auditor.planning import make_plan
from auditor_connectors.postgresql.recipes import RECIPES
from tests.planning_facts import SCHEMA, facts_of, table_of

T = {"schema": SCHEMA, "table": "orders"}
EXCLUSION = op.AddExclusion(**T, columns=("a",), period=("b",))


def planned(*operations: Any) -> Any:
    return make_plan(facts_of(Catalog(tables=(table_of("orders"),))), list(operations), [], RECIPES)


@pytest.mark.parametrize(
    "other",
    [
        op.SetLogged(**T),
        op.DropColumn(**T, column="b"),
        op.ChangeColumnType(**T, column="b", from_type="integer", to_type="bigint"),
        op.AddExclusion(**T, columns=(), period=("a",)),
    ],
    ids=lambda one: one.id,
)
def test_what_would_take_an_exclusion_away_comes_first(other: op.AnyOperation) -> None:
    made = planned(EXCLUSION, other)
    assert [one.id for one in made.operations] == [other.id]
    assert any(EXCLUSION.id in one.operations and "audit again" in one.reason for one in made.conflicts)


def test_what_else_is_done_to_the_table_comes_after_its_copy() -> None:
    made = planned(EXCLUSION, op.AddIndex(**T, columns=("c",)), op.DropColumn(**T, column="c"))
    assert EXCLUSION in made.operations
    steps = [step for phase in made.phases for step in phase.steps]
    own = [number for number, step in enumerate(steps) if step.operation == EXCLUSION.id]
    others = [number for number, step in enumerate(steps) if step.operation != EXCLUSION.id]
    assert own
    assert others
    assert min(own) < min(others)

"""Plans for documents: names of fields, types, validators and expiry of one collection, in an order that holds."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.model import operation as op
from auditor.model.catalog import Catalog, Column, Index, IndexPart, Table
from auditor.model.plan import Plan
from auditor.planning import make_plan
from auditor_connectors.mongodb.recipes import RECIPES
from tests.mongodb_running import facts_with

T = {"schema": "shop", "table": "orders"}
FIELDS = ("_id", "cust", "cust.name", "total", "at", "state")
RENAME = op.RenameColumn(**T, column="cust", to="customer")
TYPE = op.ChangeColumnType(**T, column="total", from_type="string", to_type="int")
RULE = op.SetValidator(**T, rule='{"total": {"$type": "int"}}')


def planned(*operations: op.AnyOperation) -> Plan:
    columns = tuple(Column(name=name, position=n, type="string", family="text") for n, name in enumerate(FIELDS))
    indexes = tuple(
        Index(**T, name=f"orders.{column}_1", parts=(IndexPart(column=column),), definition="…")
        for column in ("cust", "at")
    )
    table = Table(schema="shop", name="orders", kind="collection", columns=columns, rows=1e6, bytes=10**8)
    return make_plan(facts_with(catalog=Catalog(tables=(table,), indexes=indexes)), list(operations), [], RECIPES)


def ids(plan: Plan) -> list[str]:
    return [one.id for one in plan.operations]


def order(plan: Plan, *operations: op.AnyOperation) -> Sequence[int]:
    """The places of the first steps of operations."""
    steps = [step.operation for step in plan.steps]
    return [steps.index(one.id) for one in operations]


def last(plan: Plan, operation: op.AnyOperation) -> int:
    return max(number for number, step in enumerate(plan.steps) if step.operation == operation.id)


def test_what_is_built_over_a_renamed_field_is_built_over_its_new_name() -> None:
    wanted = op.AddIndex(**T, columns=("state", "cust.name"), descending=("cust.name",))
    plan = planned(RENAME, wanted)
    heir = op.AddIndex(**T, columns=("state", "customer.name"), descending=("customer.name",))
    assert plan.operations == tuple(sorted((heir, RENAME), key=lambda one: one.id))
    assert any(wanted.id in one.operations and one.decision == "The new name counts" for one in plan.conflicts)
    first, build = order(plan, RENAME, heir)
    assert first < build


def test_the_indexes_of_a_renamed_field_go_with_its_old_name() -> None:
    plan = planned(RENAME, op.DropIndex(**T, name="orders.cust_1"), op.DropIndex(**T, name="orders.at_1"))
    assert ids(plan) == ["drop-index:shop.orders.at_1", RENAME.id]


def test_values_change_before_their_name() -> None:
    change = op.ChangeColumnType(**T, column="cust.name", from_type="string", to_type="int")
    plan = planned(RENAME, change)
    assert last(plan, change) < order(plan, RENAME)[0]


def test_a_field_that_goes_is_not_renamed() -> None:
    drop = op.DropColumn(**T, column="cust")
    plan = planned(RENAME, drop)
    assert ids(plan) == [drop.id]
    assert len(plan.conflicts) == 1


def test_the_rule_comes_after_the_values_that_it_demands() -> None:
    plan = planned(RULE, TYPE, op.SetExpiry(**T, column="at", seconds=86400, index="orders.at_1"))
    converted = next(n for n, step in enumerate(plan.steps) if step.title.startswith("Convert"))
    assert converted < order(plan, RULE)[0]


def test_a_text_expires_once_it_is_a_date() -> None:
    change = op.ChangeColumnType(**T, column="at", from_type="string", to_type="date")
    expiry = op.SetExpiry(**T, column="at", seconds=86400, index="orders.at_1")
    plan = planned(expiry, change)
    converted = next(n for n, step in enumerate(plan.steps) if step.title.startswith("Convert"))
    assert converted < order(plan, expiry)[0]


def test_one_index_serves_queries_and_the_expiry() -> None:
    expiry = op.SetExpiry(**T, column="total", seconds=86400)
    plan = planned(expiry, op.AddIndex(**T, columns=("total",)), op.AddIndex(**T, columns=("total", "state")))
    assert ids(plan) == ["add-index:shop.orders.total,state", expiry.id]


def test_the_index_by_which_rows_expire_stays() -> None:
    expiry = op.SetExpiry(**T, column="at", seconds=86400, index="orders.at_1")
    plan = planned(expiry, op.DropIndex(**T, name="orders.at_1"))
    assert ids(plan) == [expiry.id]


def test_space_is_given_back_after_what_frees_it() -> None:
    repack = op.RepackTable(**T)
    plan = planned(repack, RENAME)
    assert last(plan, RENAME) < order(plan, repack)[0]

"""The identity of a plan: what changes it, what does not, and what is said when the schema has moved on."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from auditor.model import operation as op
from auditor.model.catalog import Catalog, Column, Constraint, Table, View
from auditor.model.plan import ColumnShape, Plan, ReferenceShape
from auditor.planning import changes_since, make_plan
from auditor_connectors.postgresql.recipes import RECIPES
from tests.planning_facts import SCHEMA, facts_of, index_of, table_of

OPERATIONS = (
    op.AddIndex(schema=SCHEMA, table="orders", columns=("item",)),
    op.AddForeignKey(schema=SCHEMA, table="order", columns=("order_id",), referenced_schema=SCHEMA,
                     referenced_table="orders", referenced_columns=("id",)),
)  # fmt: skip


def catalog(**changed: Any) -> Catalog:
    parts: dict[str, Any] = {
        "tables": (table_of("orders"), table_of("order"), table_of("aside")),
        "indexes": (index_of("orders", "orders_b", "b"), index_of("aside", "aside_b", "b")),
    }
    return Catalog(**{**parts, **changed})


def plan(of: Catalog, *operations: Any) -> Plan:
    return make_plan(facts_of(of), list(operations or OPERATIONS), [], RECIPES)


def with_table(table: Table) -> Catalog:
    return catalog(tables=tuple(table if one.name == table.name else one for one in catalog().tables))


def with_column(name: str, **changed: Any) -> Catalog:
    table = table_of("orders")
    columns = tuple(replace(one, **changed) if one.name == name else one for one in table.columns)
    return with_table(replace(table, columns=columns))


def test_it_is_the_same_for_the_same_plan_and_schema_whatever_is_measured() -> None:
    first = plan(catalog())
    assert len(first.hash) == 16
    grown = catalog(
        tables=tuple(
            replace(one, rows=7e6, bytes=9 * (one.bytes or 0), heap_bytes=9 * (one.heap_bytes or 0))
            for one in catalog().tables
        ),
        indexes=tuple(replace(one, scans=12, bytes=5) for one in catalog().indexes),
    )
    other = plan(grown)
    assert other.phases != first.phases, "the estimates have grown"
    assert other.hash == first.hash
    assert changes_since(first, facts_of(grown)) == ()


def test_it_changes_with_what_is_done() -> None:
    assert plan(catalog()).hash != plan(catalog(), OPERATIONS[0]).hash


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (with_column("b", type="bigint"), "s.orders: the column b has changed."),
        (with_column("b", nullable=False), "s.orders: the column b has changed."),
        (with_table(replace(table_of("orders"), kind="partitioned")), "The table s.orders has changed."),
        (
            with_table(
                replace(
                    table_of("orders"),
                    columns=(*table_of("orders").columns, Column(name="new", position=9, type="text", family="text")),
                )
            ),
            "s.orders: the column new is new.",
        ),
        (catalog(indexes=()), "s.orders: the index orders_b is gone."),
        (catalog(tables=catalog().tables[:1]), "The table s.order is gone."),
        (
            catalog(
                constraints=(Constraint(schema=SCHEMA, table="aside", name="fk", kind="foreign-key", columns=("b",),
                                        referenced_schema=SCHEMA, referenced_table="orders",
                                        referenced_columns=("id",)),)
            ),
            "s.orders: the reference s.aside.fk is new.",
        ),
    ],
)  # fmt: skip
def test_it_changes_with_the_schema_and_says_how(now: Catalog, said: str) -> None:
    before = plan(catalog())
    assert plan(now).hash != before.hash
    assert changes_since(before, facts_of(now)) == (said,)


def test_tables_that_the_plan_does_not_touch_do_not_matter() -> None:
    now = catalog(indexes=(*catalog().indexes, index_of("aside", "more", "item")))
    assert plan(now).hash == plan(catalog()).hash
    assert changes_since(plan(catalog()), facts_of(now)) == ()


def test_a_new_partition_is_a_change_of_what_is_planned_for() -> None:
    whole = with_table(replace(table_of("orders"), kind="partitioned"))
    part = replace(table_of("orders_1"), parent_schema=SCHEMA, parent_name="orders")
    now = replace(whole, tables=(*whole.tables, part))
    assert changes_since(plan(whole), facts_of(now)) == ("The table s.orders_1 is new.",)


def test_a_view_whose_rows_are_kept_is_what_was_planned_for_by_its_columns() -> None:
    view = View(schema=SCHEMA, name="v", reads=((SCHEMA, "orders"),), columns=(("b", "integer"),), calls=())
    kept = op.MaterialiseView(schema=SCHEMA, view="v", key=("b",), minutes=5)
    before = plan(catalog(views=(view,)), kept)
    assert [one.table for one in before.shapes] == ["orders", "v"]
    for columns, said in (
        ((("b", "bigint"),), "s.v: the column b has changed."),
        ((("b", "integer"), ("c", "text")), "s.v: the column c is new."),
    ):
        now = catalog(views=(replace(view, columns=columns),))
        assert plan(now, kept).hash != before.hash
        assert changes_since(before, facts_of(now)) == (said,)
    assert "The view s.v is gone." in changes_since(before, facts_of(catalog()))
    assert plan(catalog(views=(view,))).hash == plan(catalog()).hash, "no concern of another plan"


def test_a_merged_table_is_planned_for_with_what_its_companion_refers_to() -> None:
    reference = Constraint(schema=SCHEMA, table="order", name="fk", kind="foreign-key", columns=("order_id",),
                           referenced_schema=SCHEMA, referenced_table="aside", referenced_columns=("id",))  # fmt: skip
    merge = op.MergeTables(schema=SCHEMA, table="orders", other="order")
    found = plan(catalog(constraints=(reference,)), merge)
    assert [one.table for one in found.shapes] == ["aside", "order", "orders"]
    assert [one.table for one in plan(catalog(), merge).shapes] == ["order", "orders"]


def test_a_shape_says_what_a_model_in_an_application_says() -> None:
    key = Constraint(schema=SCHEMA, table="orders", name="pk", kind="primary-key", columns=("id",))
    reference = Constraint(schema=SCHEMA, table="order", name="fk", kind="foreign-key", columns=("order_id",),
                           referenced_schema=SCHEMA, referenced_table="orders", referenced_columns=("id",),
                           on_delete="cascade")  # fmt: skip
    now = with_column("b", nullable=False, identity="always")
    shapes = {one.table: one for one in plan(replace(now, constraints=(key, reference))).shapes}
    assert shapes["orders"].key == ("id",)
    assert next(one for one in shapes["orders"].columns if one.name == "b") == ColumnShape(
        name="b", type="integer", nullable=False, filled="identity"
    )
    assert shapes["order"].references == (
        ReferenceShape(name="fk", columns=("order_id",), referenced_schema=SCHEMA, referenced_table="orders",
                       referenced_columns=("id",), on_delete="cascade"),
    )  # fmt: skip

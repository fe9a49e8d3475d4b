"""How the planner joins and orders changes of character sets: pure, over catalogs that are made up."""

from __future__ import annotations

from auditor.connector import Draft
from auditor.model import operation as op
from auditor.model.catalog import Catalog, Column, Constraint, Table
from auditor.model.facts import Facts
from auditor.model.plan import Plan, Step
from auditor.model.server import Server
from auditor.model.snapshot import Capabilities, Snapshot, TargetInfo
from auditor.planning import make_plan


def table(name: str, *columns: str, character_set: str = "old") -> Table:
    """A table of texts in a character set."""
    return Table(
        schema="s",
        name=name,
        columns=tuple(
            Column(name=column, position=place, type="text", family="text", character_set=character_set, collation="c")
            for place, column in enumerate(columns, start=1)
        ),
    )


def reference(child: str, column: str, parent: str, key: str) -> Constraint:
    return Constraint(
        schema="s", table=child, name=f"{child}_{column}", kind="foreign-key", columns=(column,),
        referenced_schema="s", referenced_table=parent, referenced_columns=(key,),
    )  # fmt: skip


TABLES = (
    table("a", "code", "x"),
    table("b", "code", "up"),
    table("c", "up"),
    table("new", "code", character_set="new"),
)
KEYS = (reference("b", "code", "a", "code"), reference("c", "up", "b", "up"), reference("new", "code", "a", "x"))


def planned(*operations: op.AnyOperation) -> Plan:
    catalog = Catalog(tables=TABLES, constraints=KEYS)
    target = TargetInfo(engine="mysql", version="9", name="x", collected_at="2026-01-15T12:00:00Z")
    snapshot = Snapshot(
        tool_version="0", target=target, catalog=catalog, server=Server(version_number=90000),
        capabilities=Capabilities(columns_anew=True),
    )  # fmt: skip
    facts = Facts(snapshot)

    def drafts(operation: op.Operation, facts: Facts) -> list[Draft]:
        return [Draft(phase="expand", step=Step(id="", operation="", title=operation.id, transactional=False))]

    return make_plan(facts, operations, (), {one.kind: drafts for one in operations})


def change(name: str | None, *columns: str) -> op.ChangeCharacterSet:
    return op.ChangeCharacterSet(schema="s", table=name, columns=columns, character_set="new")


def changes_of(plan: Plan) -> dict[str | None, op.ChangeCharacterSet]:
    return {one.table: one for one in plan.operations if isinstance(one, op.ChangeCharacterSet)}


def test_the_other_ends_of_foreign_keys_come_along() -> None:
    plan = planned(change("a", "code"))
    assert {name: one.columns for name, one in changes_of(plan).items()} == {"a": ("code",), "b": ("code",)}
    assert [one.table for one in changes_of(plan)["a"].together] == ["b"]
    assert [step.title for step in plan.steps] == ["change-character-set:s.a"]


def test_they_come_along_from_table_to_table_and_what_has_it_already_stays() -> None:
    plan = planned(change("a", "code", "x"), change("b", "up"))
    assert {name: one.columns for name, one in changes_of(plan).items()} == {
        "a": ("code", "x"), "b": ("code", "up"), "c": ("up",),
    }  # fmt: skip
    assert [one.table for one in changes_of(plan)["a"].together] == ["b", "c"]


def test_changes_of_tables_without_a_reference_stay_apart() -> None:
    plan = planned(change("a", "x"), change("b"))
    assert all(not one.together for one in changes_of(plan).values())


def test_the_default_of_the_schema_is_first() -> None:
    plan = planned(change(None), change("a", "x"))
    assert [step.title for step in plan.steps] == ["change-character-set:s", "change-character-set:s.a"]


def test_several_findings_of_a_table_are_one_change() -> None:
    plan = planned(change("b", "code"), change("b", "up"), change("a", "code"))
    assert changes_of(plan)["b"].columns == ("code", "up")


def test_a_column_that_gets_another_type_or_goes_is_left_out() -> None:
    kinds = {"schema": "s", "table": "a"}
    for other in (
        op.ChangeColumnType(**kinds, column="x", from_type="text", to_type="int"),
        op.DropColumn(**kinds, column="x"),
        op.EnumToLookup(**kinds, column="x"),
    ):
        plan = planned(change("a", "code", "x"), other)
        assert changes_of(plan)["a"].columns == ("code",)
        assert any(other.id in one.operations for one in plan.conflicts)


def test_what_writes_the_column_anew_is_asked_for_again_and_what_reads_it_waits() -> None:
    index = op.AddIndex(schema="s", table="a", columns=("x",))
    plan = planned(change("a", "x"), op.SetNotNull(schema="s", table="a", column="x"), index)
    assert not any(isinstance(one, op.SetNotNull) for one in plan.operations)
    assert [step.title for step in plan.steps] == ["change-character-set:s.a", index.id]


def test_where_definitions_are_written_anew_nothing_takes_another_change_back() -> None:
    column = {"schema": "s", "table": "a", "column": "x"}
    not_null, default = op.SetNotNull(**column), op.SetDefault(**column, expression="'y'")
    plan = planned(default, not_null)
    assert [step.title for step in plan.steps] == [not_null.id, default.id]
    retyped = op.ChangeColumnType(**column, from_type="text", to_type="varchar(9)")
    plan = planned(default, not_null, retyped)
    assert [step.title for step in plan.steps] == [retyped.id, default.id]
    assert any(not_null.id in one.operations for one in plan.conflicts)

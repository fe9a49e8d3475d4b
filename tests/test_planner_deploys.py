"""Where a plan asks something of the application: what, of which columns, and before or within which step."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from auditor.model import operation as op
from auditor.model.catalog import Catalog, Constraint
from auditor.model.facts import Facts
from auditor.model.plan import Step
from auditor.model.workload import Statement, Workload
from auditor.planning import make_plan
from auditor_connectors.postgresql.recipes import RECIPES
from tests.planning_facts import SCHEMA, facts_of, index_of, table_of

T = {"schema": SCHEMA, "table": "orders"}
WIDEN = op.ChangeColumnType(**T, column="b", from_type="integer", to_type="bigint")
CATALOG = Catalog(
    tables=(table_of("orders"), table_of("other")),
    indexes=(index_of("orders", "orders_pkey", "id", unique=True, primary=True, constraint="orders_pkey"),),
    constraints=(Constraint(schema=SCHEMA, table="orders", name="orders_pkey", kind="primary-key", columns=("id",),
                            index="orders_pkey"),),
)  # fmt: skip


def steps_of(*operations: op.AnyOperation, statements: tuple[str, ...] = ()) -> tuple[Step, ...]:
    texts = tuple(
        Statement(id=str(number), text=text, calls=100 - number, kind="select")
        for number, text in enumerate(statements)
    )
    snapshot = replace(facts_of(CATALOG).snapshot, workload=Workload(statements=texts))
    return make_plan(Facts(snapshot), list(operations), [], RECIPES).steps


def test_code_that_takes_both_types_is_deployed_before_the_switch_and_connections_are_recycled_within_it() -> None:
    steps = {step.title.split()[0]: step for step in steps_of(WIDEN)}
    deploy, switch, drop = steps["Deploy"], steps["Switch"], steps["Drop"]
    assert deploy.audience == "application"
    assert deploy.deploy is not None
    assert (deploy.deploy.kind, deploy.deploy.objects) == ("tolerate", ("s.orders.b",))
    assert "s.orders.b: integer now, bigint after the switch." in deploy.notes
    assert switch.depends_on == (deploy.id,)
    assert switch.deploy is not None
    assert (switch.deploy.kind, switch.deploy.objects) == ("reconnect", ("s.orders",))
    assert any("recycle the connections" in note for note in switch.notes)
    assert drop.deploy is None


@pytest.mark.parametrize(
    "operation",
    [WIDEN, op.SetLogged(**T), op.DropColumn(**T, column="b")],
)
def test_statements_that_return_every_column_are_named(operation: op.AnyOperation) -> None:
    star = "SELECT * FROM orders WHERE id = $1"
    steps = steps_of(
        operation,
        statements=(
            star,
            "SELECT o.*, $1 FROM s.orders o",
            "SELECT count(*), b * $1 FROM orders",
            "SELECT * FROM other",
            "SELECT id FROM orders",
            "SELECT * FROM orders WHERE (((",
        ),
    )
    (note,) = {note for step in steps for note in step.notes if "return every column" in note}
    assert note == (
        f"These return every column, as far as pg_stat_statements tells: {star} (100 calls); "
        "SELECT o.*, $1 FROM s.orders o (99 calls); SELECT * FROM orders WHERE ((( (95 calls)."
    )


def test_reads_move_before_writes_do_and_both_before_the_drop() -> None:
    split = op.SplitTable(**T, columns=("item", "b"), into="rest")
    steps = steps_of(split)
    kinds = [step.deploy.kind if step.deploy is not None else "" for step in steps]
    assert [kind for kind in kinds if kind] == ["move-reads", "move-writes"]
    assert all(step.deploy.objects == ("s.orders.item", "s.orders.b") for step in steps if step.deploy is not None)
    assert kinds[-1] == ""
    assert steps[-1].point_of_no_return


def test_every_step_of_the_application_says_what_it_deploys() -> None:
    operations = (op.ChangeApplication(topic="pagination", subject="s.orders", instruction="Use keys."), WIDEN)
    assert all((step.audience == "application") <= (step.deploy is not None) for step in steps_of(*operations))

"""The twelve rules of order for changes under load: each holds in a plan that needs it, and its breach is refused.

An order counts only if the plan's dependencies enforce it: then asking for the opposite closes a circle, which sorting
refuses. Where two things have to be in one step, a step without the one is told from a sound one.
"""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from auditor.model import operation as op
from auditor.model.catalog import Catalog, Column, Constraint
from auditor.model.catalog import Sequence as NumberSequence
from auditor.model.facts import Facts
from auditor.model.plan import Step
from auditor.model.server import Publication
from auditor.planning import make_plan
from auditor.planning.ordering import sort
from auditor_connectors.postgresql.recipes import RECIPES
from tests.planning_facts import SCHEMA, facts_of, index_of, table_of

T = {"schema": SCHEMA, "table": "orders"}
WIDEN = op.ChangeColumnType(**T, column="b", from_type="integer", to_type="bigint")


def orders(**changed: Any) -> Catalog:
    """A table with a primary key and an index on each column, and another one beside it."""
    first, *others = table_of("orders").columns
    columns = tuple(replace(one, nullable=one.name != "b") for one in (first, *others))
    parts: dict[str, Any] = {
        "tables": (replace(table_of("orders"), columns=columns), table_of("order")),
        "indexes": (
            index_of("orders", "orders_pkey", "id", unique=True, primary=True, constraint="orders_pkey"),
            index_of("orders", "orders_b", "b"),
        ),
        "constraints": (
            Constraint(schema=SCHEMA, table="orders", name="orders_pkey", kind="primary-key", columns=("id",),
                       index="orders_pkey"),
            Constraint(schema=SCHEMA, table="order", name="fk", kind="foreign-key", columns=("order_id",),
                       referenced_schema=SCHEMA, referenced_table="orders", referenced_columns=("id",),
                       index="orders_pkey", definition="FOREIGN KEY (order_id) REFERENCES s.orders(id)"),
        ),
        "sequences": (NumberSequence(schema=SCHEMA, name="numbers", bits=32, owner_schema=SCHEMA,
                                     owner_table="orders", owner_column="id"),),
    }  # fmt: skip
    return Catalog(**{**parts, **changed})


def steps_of(operations: tuple[Any, ...], catalog: Catalog | None = None, published: bool = False) -> tuple[Step, ...]:
    facts = facts_of(catalog or orders())
    if published:
        server = replace(facts.server, publications=(Publication(name="feed", all_tables=True),))
        facts = Facts(replace(facts.snapshot, server=server))
    return make_plan(facts, list(operations), [], RECIPES).steps


def find(steps: tuple[Step, ...], words: str) -> Step:
    found = [step for step in steps if step.title.startswith(words)]
    assert len(found) == 1, (words, [step.title for step in steps])
    return found[0]


def is_refused(steps: tuple[Step, ...], earlier: str, later: str) -> bool:
    """Whether the plan rules out that the step that has to be earlier waits for the later one."""
    after = {step.id: set(step.depends_on) for step in steps}
    assert sort(after, str)
    after[find(steps, earlier).id].add(find(steps, later).id)
    try:
        sort(after, str)
    except ValueError:
        return True
    return False


DATED = orders(
    tables=(
        replace(
            table_of("orders"),
            columns=(*table_of("orders").columns[:3], Column(name="b", position=4, type="date", family="date")),
        ),
    ),
    constraints=orders().constraints[:1],
)
KEY = op.AddForeignKey(schema=SCHEMA, table="order", columns=("item",), referenced_schema=SCHEMA,
                       referenced_table="orders", referenced_columns=("id",))  # fmt: skip

RULES: list[tuple[str, tuple[Any, ...], Catalog | None, list[tuple[str, str]]]] = [
    ("O1 additive before destructive, with a deploy between", (WIDEN,), None,
     [("Add b_new", "Deploy code"), ("Deploy code", "Switch s.orders.b"), ("Switch s.orders.b", "Drop the old b_old")]),
    ("O1 nobody uses what is dropped", (op.DropColumn(**T, column="item"),), None,
     [("Stop using s.orders.item", "Drop the column s.orders.item")]),
    ("O2 sync before the fill, the fill before the check and the index", (WIDEN,), None,
     [("Add b_new", "Convert the old rows"), ("Convert the old rows", "Forbid NULL in new values"),
      ("Convert the old rows", "Build the index")]),
    ("O3 the index before its foreign key, which is proven later",
     (KEY, op.AddIndex(schema=SCHEMA, table="order", columns=("item",))), None,
     [("Build the index order_item_idx", "Declare the constraint"), ("Declare the constraint", "Check the old rows")]),
    ("O3 the unique index before the constraint", (op.AddPrimaryKey(schema=SCHEMA, table="order", columns=("id",)),),
     None, [("Build the unique index", "Make the index")]),
    ("O4 references leave before the table goes", (op.SetLogged(**T),), None,
     [("Swap s.orders", "Drop the old table s.orders_old")]),
    ("O5 proofs and indexes before what is attached", (op.PartitionTable(**T, column="b"),), DATED,
     [("Forbid NULL in new values of b", "Make s.orders a partitioned"), ("Prove that s.orders", "Make s.orders a"),
      ("Check the old values of b", "Make s.orders a"), ("Build the unique index", "Make s.orders a")]),
    ("O7 sequences before writes", (
        op.UseIdentity(**T, column="id", sequence_schema=SCHEMA, sequence="numbers"),
        op.AlterSequence(schema=SCHEMA, name="numbers", restart_after_max_of=(SCHEMA, "orders", "id")),
    ), None, [("Let the sequence s.numbers go on", "Let an identity number")]),
    ("O10 a sample before the traffic", (WIDEN,), None, [("Analyse s.orders", "Switch s.orders.b")]),
    ("O11 a freeze before anything else", (op.VacuumTable(**T, freeze=True), WIDEN), None,
     [("Freeze s.orders", "Add b_new"), ("Freeze s.orders", "Switch s.orders.b")]),
    ("O12 what closes the way back comes last", (WIDEN,), None, [("Switch s.orders.b", "Drop the old b_old")]),
]  # fmt: skip


@pytest.mark.parametrize(("operations", "catalog", "pairs"), [one[1:] for one in RULES], ids=[one[0] for one in RULES])
def test_a_breach_of_the_order_is_refused(operations: Any, catalog: Catalog | None, pairs: Any) -> None:
    steps = steps_of(operations, catalog)
    for earlier, later in pairs:
        assert is_refused(steps, earlier, later), (earlier, later)
        assert not is_refused(steps, later, earlier), "the right order is no circle"


def test_subscribers_have_a_new_column_first() -> None:
    """O6: additions on the subscriber first."""
    steps = steps_of((WIDEN,), published=True)
    assert is_refused(steps, "Add b_new to s.orders on every subscriber of feed", "Add b_new to s.orders and keep")
    notes = find(steps, "Add b_new to s.orders on every subscriber").notes
    assert notes[0] == "On each subscriber: ALTER TABLE s.orders ADD COLUMN IF NOT EXISTS b_new bigint"
    assert not [step for step in steps_of((WIDEN,)) if "subscriber" in step.title]


def keeps_the_way_back(step: Step) -> bool:
    """O8: what keeps the old current is installed within the switch, neither before nor after."""
    return any("CREATE TRIGGER zzz_auditor_retype_back" in statement for statement in step.statements)


def recycles(step: Step) -> bool:
    """O9: connections are recycled in the step that changes the type of results."""
    said = any("recycle the connections" in note for note in step.notes)
    return said and step.deploy is not None and step.deploy.kind == "reconnect"


def is_approved(step: Step) -> bool:
    """O12: nothing is dropped for good without a backup and somebody's approval, and days of watching before."""
    said = " ".join(step.notes)
    return "backup" in said and "approved" in said and step.observe_days > 0


@pytest.mark.parametrize(
    ("rule", "words", "without"),
    [
        (keeps_the_way_back, "Switch s.orders.b", {"statements": ()}),
        (recycles, "Switch s.orders.b", {"deploy": None}),
        (recycles, "Switch s.orders.b", {"notes": ()}),
        (is_approved, "Drop the old b_old", {"notes": ()}),
        (is_approved, "Drop the old b_old", {"observe_days": 0}),
    ],
)
def test_a_step_without_what_belongs_to_it_is_refused(rule: Any, words: str, without: dict[str, Any]) -> None:
    steps = steps_of((WIDEN,))
    assert [step.title for step in steps if rule(step)] == [find(steps, words).title]
    assert not rule(replace(find(steps, words), **without))

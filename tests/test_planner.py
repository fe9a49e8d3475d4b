"""The planner: what it decides, and what holds of every plan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from auditor.model import operation as op
from auditor.model.catalog import Catalog, Constraint, Index, Trigger
from auditor.model.catalog import Sequence as NumberSequence
from auditor.model.finding import Finding
from auditor.model.plan import Plan, Step
from auditor.model.vocabulary import Phase, Severity
from auditor.planning import make_plan
from auditor.planning.agenda import Agenda, Proposal
from auditor.planning.indexes import covers, future_index, supports
from auditor.planning.ordering import break_cycles
from auditor_connectors.postgresql.recipes import RECIPES
from tests.planning_facts import SCHEMA, catalogs, facts_of, finding, index_of, proposals, table_of

T = {"schema": SCHEMA, "table": "orders"}


def plan(catalog: Catalog, *operations: Any, findings: Sequence[Finding] = (), version: int = 180000) -> Plan:
    return make_plan(facts_of(catalog, version), list(operations), list(findings), RECIPES)


def steps(made: Plan) -> list[Step]:
    return [step for phase in made.phases for step in phase.steps]


def place(made: Plan, words: str) -> int:
    """Where the one step with these words in its title stands."""
    found = [number for number, step in enumerate(steps(made)) if words in step.title]
    assert len(found) == 1, [step.title for step in steps(made)]
    return found[0]


def kinds(made: Plan) -> list[str]:
    return sorted(one.kind for one in made.operations)


def catalog_of(*indexes: Index, constraints: Sequence[Constraint] = ()) -> Catalog:
    tables = (table_of("orders"), table_of("order"))
    return Catalog(tables=tables, indexes=tuple(indexes), constraints=tuple(constraints))


def drop(name: str, covered_by: str | None = None) -> op.DropIndex:
    return op.DropIndex(**T, name=name, covered_by=covered_by)


# --- properties --------------------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(catalog=catalogs(), proposed=proposals(), random=st.randoms(use_true_random=False))
def test_every_plan_is_sound(catalog: Catalog, proposed: Any, random: Any) -> None:
    operations, findings = proposed
    facts = facts_of(catalog)
    made = make_plan(facts, operations, findings, RECIPES)
    _is_ordered(made)
    _accounts_for_everything(made, operations, findings)
    _keeps_what_is_needed(catalog, made)
    shuffled, others = list(operations), list(findings)
    random.shuffle(shuffled)
    random.shuffle(others)
    assert make_plan(facts, shuffled, others, RECIPES) == made


def _is_ordered(made: Plan) -> None:
    assert [phase.phase for phase in made.phases] == sorted((p.phase for p in made.phases), key=lambda p: p.rank)
    seen: dict[str, Step] = {}
    busy: dict[Any, str] = {}
    tables = {one.id: one.table_key for one in made.operations}
    for step in steps(made):
        assert step.id not in seen
        assert all(other in seen for other in step.depends_on)
        table = tables[step.operation]
        if table is not None and not step.transactional and step.lock is not None:
            assert table not in busy or _reaches(step, busy[table], seen), "two builds of one table at a time"
            busy[table] = step.id
        seen[step.id] = step


def _reaches(step: Step, identity: str, seen: dict[str, Step]) -> bool:
    waiting, known = [step], set()
    while waiting:
        for other in waiting.pop().depends_on:
            if other == identity:
                return True
            if other not in known:
                known.add(other)
                waiting.append(seen[other])
    return False


def _accounts_for_everything(made: Plan, operations: Sequence[op.Operation], findings: Sequence[Finding]) -> None:
    standing = {one.id for one in made.operations}
    explained = {identity for conflict in made.conflicts for identity in conflict.operations}
    assert {one.id for one in operations} <= standing | explained
    assert all(conflict.decision and conflict.reason for conflict in made.conflicts)
    assert not [one for one in made.conflicts if one.decision == "No steps are planned"]
    known = {one.fingerprint for one in findings}
    for step in steps(made):
        assert step.operation in standing
        assert set(step.findings) <= known
    resolved = {fingerprint for step in steps(made) for fingerprint in step.findings}
    for one in findings:
        if standing & set(one.operations):
            assert one.fingerprint in resolved


def _keeps_what_is_needed(catalog: Catalog, made: Plan) -> None:
    dropped = {(one.schema, one.name): one for one in made.operations if isinstance(one, op.DropIndex)}
    ended = {(one.table, one.name) for one in made.operations if isinstance(one, op.DropConstraint)}
    rebuilt = {(one.schema, one.name) for one in made.operations if isinstance(one, op.RebuildIndex)}
    replacing = [one for one in made.operations if isinstance(one, op.AddIndex | op.AddUnique)]
    replaced = {(one.table, one.replaces) for one in replacing if one.replaces}
    future = [index for one in made.operations if (index := future_index(one)) is not None]
    for table in catalog.tables:
        mine = [index for index in catalog.indexes if index.table == table.name]
        gone = [i for i in mine if i.key in dropped or (i.constraint is not None and (i.table, i.constraint) in ended)]
        staying = [i for i in mine if i not in gone and (i.usable or i.key in rebuilt)]
        staying = [i for i in staying if not {(i.table, i.name), (i.table, i.constraint)} & replaced]
        staying += [index for index in future if index.table == table.name]
        for index in (one for one in gone if one.usable):
            asked = dropped.get(index.key)
            if asked is None or asked.covered_by is not None:
                assert any(covers(one, _bare(index)) for one in map(_bare, staying)), index.name
            assert not index.primary
            assert not index.replica_identity
        for key in catalog.constraints:
            if key.kind == "foreign-key" and key.table == table.name and (key.table, key.name) not in ended:
                before = any(supports(index, key) for index in mine if index.usable)
                assert not before or any(supports(index, key) for index in staying)


def _bare(index: Index) -> Index:
    return Index(
        schema=index.schema, table=index.table, name=index.name, parts=index.parts, predicate=index.predicate,
        unique=index.unique,
    )  # fmt: skip


# --- indexes -----------------------------------------------------------------------------------------------------


def test_two_halves_of_a_duplicate_pair_leave_one() -> None:
    catalog = catalog_of(
        index_of("orders", "a", "item", scans=5),
        index_of("orders", "b", "item", scans=90),
        index_of("orders", "c", "b"),
    )
    made = plan(catalog, drop("a", "b"), drop("b", "a"), drop("c"))
    assert [one.id for one in made.operations] == ["drop-index:s.a", "drop-index:s.c"]
    (conflict,) = made.conflicts
    assert conflict.operations == ("drop-index:s.b",)
    assert "no index with the leading columns" in conflict.reason


def test_what_covers_a_dropped_index_is_not_dropped_for_being_unused() -> None:
    catalog = catalog_of(index_of("orders", "a", "item", scans=9), index_of("orders", "ab", "item", "b", scans=0))
    made = plan(catalog, drop("a", "ab"), drop("ab"))
    assert kinds(made) == ["drop-index"]
    assert "what covers s.a" in made.conflicts[0].reason


@pytest.mark.parametrize("details", [{"primary": True, "unique": True}, {"replica_identity": True, "unique": True},
                                     {"exclusion": True}, {"unique": True}])  # fmt: skip
def test_an_index_that_enforces_something_is_not_dropped_for_being_unused(details: dict[str, bool]) -> None:
    made = plan(catalog_of(index_of("orders", "a", "item", scans=0, **details)), drop("a"))
    assert made.operations == ()
    assert len(made.conflicts) == 1


def test_the_only_index_of_a_foreign_key_is_not_dropped_for_being_unused() -> None:
    key = Constraint(schema=SCHEMA, table="orders", name="fk", kind="foreign-key", columns=("item",),
                     referenced_schema=SCHEMA, referenced_table="order", referenced_columns=("id",))  # fmt: skip
    catalog = catalog_of(index_of("orders", "a", "item", "b", scans=0), constraints=[key])
    assert plan(catalog, drop("a")).operations == ()
    wider = op.AddIndex(**T, columns=("item", "id"))
    made = plan(catalog, drop("a"), wider)
    assert kinds(made) == ["add-index", "drop-index"]
    assert place(made, "Build the index") < place(made, "Drop the index")


def test_a_narrower_index_is_not_built_beside_a_wider_one() -> None:
    narrow, wide = op.AddIndex(**T, columns=("item",)), op.AddIndex(**T, columns=("item", "b"))
    findings = [finding(1, Severity.HIGH, narrow.id), finding(2, Severity.LOW, wide.id)]
    made = plan(catalog_of(), narrow, wide, findings=findings)
    assert [one.id for one in made.operations] == [wide.id]
    assert steps(made)[0].findings == tuple(one.fingerprint for one in findings)
    assert made.conflicts[0].operations == (narrow.id, wide.id)


def test_an_index_is_not_built_when_a_key_brings_it() -> None:
    made = plan(catalog_of(), op.AddIndex(**T, columns=("item",)), op.AddUnique(**T, columns=("item",)))
    assert kinds(made) == ["add-unique"]


def test_an_index_is_not_built_and_dropped() -> None:
    catalog = catalog_of(index_of("orders", "a", "item", scans=0))
    made = plan(catalog, op.AddIndex(**T, columns=("item",)), drop("a"))
    assert made.operations == ()
    assert {identity for one in made.conflicts for identity in one.operations} >= {"drop-index:s.a"}


def test_an_index_is_rebuilt_only_if_it_stays_and_nothing_else_rebuilds_it() -> None:
    broken = index_of("orders", "c", "b", valid=False)
    catalog = catalog_of(index_of("orders", "a", "item"), index_of("orders", "b", "item"), broken)
    rebuilds = [op.RebuildIndex(**T, name=name) for name in ("a", "b", "c")]
    made = plan(catalog, *rebuilds, drop("a", "b"), op.RepackTable(**T))
    assert [one.id for one in made.operations if one.kind == "rebuild-index"] == ["rebuild-index:s.c"]
    assert place(made, "Rebuild the index s.c") < place(made, "Repack")


def test_an_invalid_index_is_repaired_instead_of_building_another() -> None:
    catalog = catalog_of(index_of("orders", "a", "item", valid=False))
    wanted, repair = op.AddIndex(**T, columns=("item",)), op.RebuildIndex(**T, name="a")
    made = plan(catalog, wanted, repair, findings=[finding(1, Severity.HIGH, wanted.id)])
    assert made.operations == (repair,)
    assert steps(made)[0].findings == ("0000000000000001",)


def test_a_smaller_index_may_take_the_place_of_one_over_all_rows() -> None:
    catalog = catalog_of(index_of("orders", "a", "item", scans=3))
    made = plan(catalog, op.AddIndex(**T, columns=("item",), predicate="item IS NOT NULL"), drop("a"))
    assert kinds(made) == ["add-index", "drop-index"]
    assert place(made, "Build the index") < place(made, "Drop the index")


def test_an_index_goes_once_with_what_replaces_it() -> None:
    unique = op.AddUnique(**T, columns=("item", "b"), nulls_not_distinct=True, replaces="a")
    catalog = catalog_of(index_of("orders", "a", "item", "b", unique=True), index_of("orders", "c", "item"))
    made = plan(catalog, unique, drop("a"), op.RebuildIndex(**T, name="a"), drop("c", "a"))
    assert kinds(made) == ["add-unique", "drop-index"]
    assert place(made, "Build the unique index") < place(made, "Drop the index s.c") < place(made, "Drop the index s.a")


def test_an_index_that_covers_a_dropped_one_goes_after_it() -> None:
    catalog = catalog_of(
        index_of("orders", "b", "item"),
        index_of("orders", "a", "item", "b"),
        index_of("orders", "c", "item", "b", "id", unique=True, constraint="c"),
    )
    chain = plan(catalog, drop("b", "a"), drop("a", "c"))
    assert place(chain, "Drop the index s.b") < place(chain, "Drop the index s.a")
    assert not chain.conflicts
    unique = op.AddUnique(**T, columns=("item", "b", "id"), nulls_not_distinct=True, replaces="c")
    replaced = plan(catalog, drop("b", "a"), drop("a", "c"), unique)
    assert place(replaced, "Drop the index s.b") < place(replaced, "Drop the index s.a")
    assert place(replaced, "Drop the index s.a") < place(replaced, "Drop the index s.c")
    assert not replaced.conflicts


def test_an_index_replaces_another_unless_that_does_more() -> None:
    catalog = catalog_of(
        index_of("orders", "a", "item", scans=3), index_of("orders", "b", "b", unique=True),
        index_of("orders", "orders_pkey", "id", unique=True, primary=True, constraint="orders_pkey"),
    )  # fmt: skip
    smaller = {"predicate": "b > 1", **T}
    made = plan(catalog, op.AddIndex(**smaller, columns=("item",), replaces="a"), drop("a"))
    assert kinds(made) == ["add-index"]
    assert place(made, "Build the index") < place(made, "Drop the index s.a")
    for one in (op.AddIndex(**smaller, columns=("b",), replaces="b"),
                op.AddIndex(**smaller, columns=("id",), unique=True, replaces="orders_pkey")):  # fmt: skip
        made = plan(catalog, one)
        assert not [step for step in steps(made) if "Drop" in step.title]
        assert made.conflicts[0].decision == f"{one.replaces} is kept"


def test_a_key_that_a_foreign_key_refers_to_is_not_replaced() -> None:
    key = Constraint(schema=SCHEMA, table="order", name="fk", kind="foreign-key", columns=("item",), index="a",
                     referenced_schema=SCHEMA, referenced_table="orders", referenced_columns=("item",))  # fmt: skip
    catalog = catalog_of(index_of("orders", "a", "item", unique=True), constraints=[key])
    made = plan(catalog, op.AddUnique(**T, columns=("item",), predicate="b > 1", replaces="a"))
    assert not [step for step in steps(made) if "Drop" in step.title]
    assert made.conflicts[0].reason == "The foreign key s.order.fk refers to what s.a enforces."


def test_a_smaller_key_does_not_replace_the_only_index_of_a_foreign_key() -> None:
    key = Constraint(schema=SCHEMA, table="orders", name="fk", kind="foreign-key", columns=("item",),
                     referenced_schema=SCHEMA, referenced_table="order", referenced_columns=("id",))  # fmt: skip
    catalog = catalog_of(index_of("orders", "a", "item", unique=True), constraints=[key])
    made = plan(catalog, op.AddUnique(**T, columns=("item",), predicate="b > 1", replaces="a"))
    assert not [step for step in steps(made) if "Drop" in step.title]
    assert "the only index that serves" in made.conflicts[0].reason


# --- columns -----------------------------------------------------------------------------------------------------


def change(column: str, to_type: str = "bigint", table: str = "orders") -> op.ChangeColumnType:
    return op.ChangeColumnType(schema=SCHEMA, table=table, column=column, from_type="integer", to_type=to_type)


def test_two_type_changes_of_a_table_share_one_pass() -> None:
    made = plan(catalog_of(), change("id"), change("b"))
    assert kinds(made) == ["change-column-type"] * 2
    assert len([step for step in steps(made) if step.title.startswith("Convert the old rows")]) == 1
    assert "one pass" in made.conflicts[0].decision


def test_a_key_and_what_refers_to_it_change_together() -> None:
    key = Constraint(schema=SCHEMA, table="order", name="fk", kind="foreign-key", columns=("order_id",),
                     referenced_schema=SCHEMA, referenced_table="orders", referenced_columns=("id",),
                     definition="FOREIGN KEY (order_id) REFERENCES s.orders(id)")  # fmt: skip
    made = plan(catalog_of(constraints=[key]), change("id"), findings=[finding(1, Severity.CRITICAL, change("id").id)])
    assert [one.id for one in made.operations] == [
        "change-column-type:s.order.order_id",
        "change-column-type:s.orders.id",
    ]
    assert place(made, "Switch s.order.order_id, s.orders.id") >= 0


def test_what_is_to_refer_to_a_key_changes_with_it() -> None:
    planned = op.AddForeignKey(schema=SCHEMA, table="order", columns=("order_id",), referenced_schema=SCHEMA,
                               referenced_table="orders", referenced_columns=("id",))  # fmt: skip
    made = plan(catalog_of(), change("id"), planned)
    changed = [one.id for one in made.operations if isinstance(one, op.ChangeColumnType)]
    assert changed == ["change-column-type:s.order.order_id", "change-column-type:s.orders.id"]
    places = {word: [number for number, step in enumerate(steps(made)) if word in step.operation + step.title]
              for word in ("Switch s.", "add-foreign-key")}  # fmt: skip
    assert min(places["add-foreign-key"]) > max(places["Switch s."])
    elsewhere = op.AddForeignKey(schema=SCHEMA, table="order", columns=("order_id",), referenced_schema=SCHEMA,
                                 referenced_table="orders", referenced_columns=("b",))  # fmt: skip
    assert kinds(plan(catalog_of(), change("id"), elsewhere)) == ["add-foreign-key", "change-column-type"]


def test_families_of_keys_switch_one_after_the_other() -> None:
    keys = [
        Constraint(schema=SCHEMA, table=child, name=f"fk_{child}", kind="foreign-key", columns=(column,),
                   referenced_schema=SCHEMA, referenced_table=parent, referenced_columns=("id",), definition="")
        for child, column, parent in (("orders", "order_id", "order"), ("lines", "order_id", "orders"))
    ]  # fmt: skip
    tables = tuple(table_of(name) for name in ("order", "orders", "lines"))
    made = plan(Catalog(tables=tables, constraints=tuple(keys)), change("id", table="order"), change("id"), change("b"))
    switches = [step.title for step in steps(made) if step.title.startswith("Switch ")]
    assert switches == [
        "Switch s.lines.order_id, s.orders.id, s.orders.b to the new column",
        "Switch s.order.id, s.orders.order_id to the new column",
    ]
    assert place(made, "Switch s.lines") < place(made, "Add order_id_new to s.orders")


def test_a_sequence_counts_further_only_once_its_column_can_hold_it() -> None:
    wider = op.AlterSequence(schema=SCHEMA, name="numbers", data_type="bigint")
    numbers = NumberSequence(
        schema=SCHEMA, name="numbers", bits=32, owner_schema=SCHEMA, owner_table="orders", owner_column="id"
    )
    owned = replace(catalog_of(), sequences=(numbers,))
    switch, count = "Switch s.orders.id", "Let the sequence s.numbers count as bigint"
    made = plan(owned, change("id"), wider)
    assert place(made, switch) < place(made, count)
    first, *rest = table_of("orders").columns
    numbered = replace(table_of("orders"), columns=(replace(first, sequence=numbers.key), *rest))
    made = plan(replace(owned, tables=(numbered,)), change("id"), wider, findings=[finding(1, Severity.HIGH, wider.id)])
    assert place(made, switch) < place(made, count), "the change of the column counts the sequence in, once"
    assert kinds(made) == ["alter-sequence", "change-column-type"]
    assert steps(made)[place(made, count)].findings == ("0000000000000001",)


def test_before_version_13_a_partitioned_table_takes_no_trigger_before_a_row() -> None:
    whole = replace(table_of("orders"), kind="partitioned")
    (by_hand,) = steps(plan(Catalog(tables=(whole,)), change("b"), version=120000))
    assert "before version 13" in by_hand.notes[0]
    day = replace(table_of("orders").columns[3], type="date", family="date")
    orders = replace(table_of("orders"), columns=(*table_of("orders").columns[:3], day))
    touch = Trigger(schema=SCHEMA, table="orders", name="touch", timing="before", events=("update",))
    made = plan(Catalog(tables=(orders,), triggers=(touch,)), op.PartitionTable(**T, column="b"), version=120000)
    assert any("no trigger like touch" in note for note in steps(made)[0].notes)
    assert any("tgtype & 3 = 3" in (step.precondition or "") for step in steps(made))


def test_a_partitions_index_is_kept_for_the_whole() -> None:
    part = replace(table_of("p"), parent_schema=SCHEMA, parent_name="orders")
    whole = replace(table_of("orders"), kind="partitioned")
    catalog = Catalog(tables=(whole, part), indexes=(index_of("p", "p_item", "item", scans=0),))
    made = plan(catalog, op.AddIndex(**T, columns=("item",)), op.DropIndex(schema=SCHEMA, table="p", name="p_item"))
    assert kinds(made) == ["add-index"]
    assert "becomes a part" in made.conflicts[0].reason


def test_indexes_and_keys_wait_for_the_type_change() -> None:
    made = plan(
        catalog_of(),
        change("item"),
        op.AddIndex(**T, columns=("item",)),
        op.AddUnique(**T, columns=("b", "item")),
        op.AddForeignKey(**T, columns=("item",), referenced_schema=SCHEMA, referenced_table="order",
                         referenced_columns=("id",)),
        op.AddPrimaryKey(schema=SCHEMA, table="order", columns=("id",)),
        op.AddIndex(**T, columns=("order_id",)),
    )  # fmt: skip
    switch = place(made, "Switch s.orders.item")
    assert switch < place(made, "Build the index orders_item_idx") < place(made, "Declare the constraint")
    assert switch < place(made, "Build the unique index orders_b_item_key")
    assert place(made, "Make the index order_pkey the primary key") < place(made, "Declare the constraint")
    assert place(made, "Build the index orders_order_id_idx") < switch


def test_an_index_that_is_dropped_is_not_built_over_the_new_column() -> None:
    catalog = catalog_of(index_of("orders", "a", "item", scans=0), index_of("orders", "ab", "item", "b"))
    made = plan(catalog, change("item"), drop("a", "ab"))
    built = [step.title for step in steps(made) if step.title.startswith("Build the")]
    assert len(built) == 1
    assert "_ab " in built[0]
    # A step of its own could not be taken back: after the switch another column has the name.
    assert not any("Drop the index s.a" in step.title for step in steps(made))
    (told,) = [one for one in made.conflicts if one.decision == "It goes with the old column"]
    assert told.operations[1:] == ("drop-index:s.a",)


def test_nothing_is_done_to_a_column_that_is_dropped() -> None:
    made = plan(
        catalog_of(), op.DropColumn(**T, column="item"), change("item"), op.SetNotNull(**T, column="item"),
        op.AddIndex(**T, columns=("b", "item")), op.SetNotNull(**T, column="b"),
    )  # fmt: skip
    assert kinds(made) == ["drop-column", "set-not-null"]
    assert len(made.conflicts) == 3


def test_an_identity_stands_for_the_sequence_and_the_default() -> None:
    identity = op.UseIdentity(**T, column="id", sequence_schema=SCHEMA, sequence="numbers")
    made = plan(
        catalog_of(), identity, op.SetDefault(**T, column="id", expression="1"), op.SetNotNull(**T, column="id"),
        op.AlterSequence(schema=SCHEMA, name="numbers", data_type="bigint"),
        op.AlterSequence(schema=SCHEMA, name="numbers", restart_after_max_of=(SCHEMA, "orders", "id")),
    )  # fmt: skip
    assert kinds(made) == ["alter-sequence", "use-identity"]
    assert place(made, "go on after the largest") < place(made, "Let an identity number")


# --- tables and the server ---------------------------------------------------------------------------------------


def test_options_of_one_table_are_set_together() -> None:
    made = plan(
        catalog_of(),
        op.SetTableOptions(**T, options={"fillfactor": "90"}),
        op.SetTableOptions(**T, options={"fillfactor": "80", "autovacuum_enabled": "on"}),
    )
    (operation,) = made.operations
    assert isinstance(operation, op.SetTableOptions)
    assert set(operation.options) == {"fillfactor", "autovacuum_enabled"}
    assert "fillfactor" in made.conflicts[0].decision


def test_a_freeze_comes_before_everything_else_and_a_new_layout_after_it() -> None:
    made = plan(
        catalog_of(),
        op.VacuumTable(**T, freeze=True),
        op.AddPrimaryKey(**T, columns=("id",)),
        op.SetReplicaIdentity(**T, identity="full"),
        op.PartitionTable(**T, column="b"),
        drop("none"),
        op.RepackTable(**T),
    )
    assert place(made, "Freeze") == 0
    assert place(made, "primary key of s.orders") < place(made, "Let replication address")
    assert place(made, "primary key of s.orders") < place(made, "Repack")
    assert place(made, "Partition") == len(steps(made)) - 1
    assert made.phases[-1].phase is Phase.REARCHITECT


def test_a_table_that_is_to_be_referred_to_is_not_partitioned() -> None:
    key = op.AddForeignKey(schema=SCHEMA, table="order", columns=("order_id",), referenced_schema=SCHEMA,
                           referenced_table="orders", referenced_columns=("id",))  # fmt: skip
    made = plan(catalog_of(), key, op.PartitionTable(**T, column="b"))
    assert kinds(made) == ["add-foreign-key"]


def test_one_restart_serves_all_settings_and_libraries() -> None:
    made = plan(
        catalog_of(),
        op.SetSetting(name="shared_buffers", value="8GB", restart=True),
        op.SetSetting(name="work_mem", value="8MB"),
        op.CreateExtension(name="pg_stat_statements", preload=True),
        op.CreateExtension(name="auto_explain", preload=True),
        op.UpgradeServer(from_version="18.1", to_version="18.6"),
        findings=[finding(1, Severity.CRITICAL, "set-setting:work_mem..")],
    )
    restart = place(made, "Restart the server once")
    assert place(made, "Set shared_buffers") < restart
    assert place(made, "Install version 18.6") < restart
    assert place(made, "Preload auto_explain, pg_stat_statements") == 0
    assert restart < place(made, "Create the extension pg_stat_statements")


def test_a_setting_gets_one_value() -> None:
    high, low = op.SetSetting(name="a", value="1"), op.ResetSetting(name="a", previous="2")
    graver = [finding(1, Severity.HIGH, low.id), finding(2, Severity.LOW, high.id)]
    assert kinds(plan(catalog_of(), high, low)) == ["set-setting"]
    assert kinds(plan(catalog_of(), high, low, findings=graver)) == ["reset-setting"]


def test_graver_findings_come_first_and_then_what_costs_less() -> None:
    grave, small = op.AddIndex(**T, columns=("item",)), op.AddCheck(**T, name="c", expression="b > 0")
    late = op.SetTableOptions(schema=SCHEMA, table="order", options={"fillfactor": "90"})
    findings = [finding(1, Severity.HIGH, grave.id), finding(2, Severity.LOW, small.id, late.id)]
    made = plan(catalog_of(), late, small, grave, findings=findings)
    assert [step.operation for step in made.phases[0].steps] == [grave.id, small.id, late.id]


def test_what_something_urgent_waits_for_is_urgent() -> None:
    key = op.AddForeignKey(**T, columns=("item",), referenced_schema=SCHEMA, referenced_table="order",
                           referenced_columns=("id",))  # fmt: skip
    needed, other = op.AddIndex(**T, columns=("item",)), op.AddIndex(schema=SCHEMA, table="order", columns=("b",))
    findings = [finding(1, Severity.CRITICAL, key.id), finding(2, Severity.HIGH, other.id)]
    made = plan(catalog_of(), other, key, needed, findings=findings)
    assert place(made, "orders_item_idx") < place(made, "order_b_idx")


def test_a_circle_is_broken_where_it_costs_least() -> None:
    operations = [op.AddReplica(name=name) for name in "abc"]
    agenda = Agenda(facts_of(catalog_of()), [Proposal(one) for one in operations])
    first, second, third = operations
    agenda.require(first, second, "one")
    agenda.require(second, third, "two")
    agenda.require(third, first, "three", firm=False)
    break_cycles(agenda)
    assert sorted(agenda.edges) == [("add-replica:a", "add-replica:b"), ("add-replica:b", "add-replica:c")]
    (conflict,) = agenda.conflicts
    assert conflict.operations == ("add-replica:a", "add-replica:b", "add-replica:c")
    assert "(three)" in conflict.reason


def test_a_circle_through_what_waits_for_all_of_many_is_broken_at_one_wait() -> None:
    many = [op.AddReplica(name=f"{place:02}") for place in range(30)]
    later, earlier = many[:15], many[15:]
    agenda = Agenda(facts_of(catalog_of()), [Proposal(one) for one in many])
    agenda.require_all(later, earlier, "first", firm=False)
    assert not agenda.edges
    agenda.require(earlier[3], later[3], "second")
    break_cycles(agenda)
    assert len(agenda.edges) == 15 * 15
    assert (later[3].id, earlier[3].id) not in agenda.edges
    (conflict,) = agenda.conflicts
    assert conflict.operations == (later[3].id, earlier[3].id)
    assert "(first)" in conflict.reason


def test_what_waits_for_all_of_many_is_not_spelled_out_where_there_is_no_circle() -> None:
    many = [op.AddReplica(name=f"{place:02}") for place in range(30)]
    agenda = Agenda(facts_of(catalog_of()), [Proposal(one) for one in many])
    agenda.require_all(many[:15], many[15:], "first")
    agenda.require(many[3], many[20], "second", wholly=True)  # it holds already, but not for all of the steps
    break_cycles(agenda)
    (edge,) = agenda.edges.values()
    assert (edge.reason, edge.wholly) == ("first", True)
    assert len(agenda.barriers) == 1


def test_steps_are_numbered_by_phase() -> None:
    made = plan(catalog_of(), op.AddCheck(**T, name="c", expression="b > 0"), drop("none"))
    assert [step.id for step in steps(made)] == ["expand-01", "backfill-01", "contract-01"]
    assert [step.depends_on for step in steps(made)] == [(), ("expand-01",), ()]
    assert all(phase.goal and phase.exit_criterion for phase in made.phases)


def test_an_operation_without_a_recipe_is_said() -> None:
    made = make_plan(facts_of(catalog_of()), [op.AddReplica(), drop("none")], [], {"drop-index": _fails})
    assert made.phases == ()
    assert {one.reason for one in made.conflicts} == {
        "The engine has no recipe for add-replica: plan this change by hand.",
        "Its recipe failed: KeyError: 'x'",
    }


def _fails(operation: op.Operation, facts: Any) -> Any:
    raise KeyError("x")


def test_rows_are_archived_once_the_columns_are_those_that_stay() -> None:
    archive = op.ArchiveRows(**T, column="id", keep_days=90)
    made = plan(catalog_of(), archive, op.DropColumn(**T, column="b"))
    owners = [step.operation for step in steps(made)]
    assert owners.index(archive.id) > max(n for n, one in enumerate(owners) if one != archive.id)


def test_columns_get_tables_of_their_values_one_after_the_other() -> None:
    first, second = (op.EnumToLookup(**T, column=column) for column in ("b", "item"))
    made = plan(catalog_of(), first, second, change("b"))
    by_id = {step.id: step for step in steps(made)}
    (later,) = [step for step in steps(made) if step.operation == second.id]
    assert [by_id[one].operation for one in later.depends_on] == [first.id]
    assert ("enum-to-lookup:s.orders.b stands") in [one.decision for one in made.conflicts]


def test_a_move_waits_for_an_upgrade_and_cuts_what_would_refer_across() -> None:
    upgrade = op.UpgradeServer(from_version="17.1", to_version="18.6", major=True)
    move = op.MoveSchema(schema=SCHEMA, tables=("orders",))
    reference = op.AddForeignKey(
        schema="elsewhere", table="lines", columns=("order_id",), referenced_schema=SCHEMA, referenced_table="orders",
        referenced_columns=("id",),
    )  # fmt: skip
    made = plan(catalog_of(), upgrade, move, reference)
    owners = [step.operation for step in steps(made)]
    assert owners.index(move.id) > max(n for n, one in enumerate(owners) if one == upgrade.id)
    assert [one.operations for one in made.conflicts] == [(reference.id,)]
    assert reference not in made.operations


def test_a_document_goes_after_its_keys_were_brought_out_of_it() -> None:
    extract, gone = op.ExtractJson(**T, column="b", keys=("a",)), op.DropColumn(**T, column="b")
    owners = [step.operation for step in steps(plan(catalog_of(), extract, gone))]
    assert owners.index(gone.id) > max(n for n, one in enumerate(owners) if one == extract.id)


def test_a_table_that_is_merged_is_left_alone_meanwhile() -> None:
    """What the team asks for goes before what findings propose, and one merging of a table before another."""
    link = Constraint(
        schema=SCHEMA, table="order", name="order_fkey", kind="foreign-key", columns=("id",),
        referenced_schema=SCHEMA, referenced_table="orders", referenced_columns=("id",),
    )  # fmt: skip
    catalog = replace(catalog_of(), constraints=(link,))
    merge = op.MergeTables(schema=SCHEMA, table="orders", other="order")
    gone = {"schema": SCHEMA, "table": "order"}
    key = op.ChangeColumnType(**T, column="id", from_type="integer", to_type="bigint")
    for other in (
        op.AddIndex(**gone, columns=("b",)),
        op.Revoke(object_kind="table", schema=SCHEMA, name="order", privileges=("SELECT",), grantee="PUBLIC"),
        op.PartitionTable(**T, column="b"),
        key,
    ):
        asked = make_plan(facts_of(catalog), [other], [], RECIPES, [merge])
        assert asked.operations == (merge,), other.id
        both = make_plan(facts_of(catalog), [], [], RECIPES, [merge, other])
        assert merge not in both.operations, other.id
        assert other.id in {one.id for one in both.operations}
        assert any(one.operations == (merge.id,) for one in both.conflicts), other.id
    others = (op.MergeTables(schema=SCHEMA, table=table, other="lines") for table in ("order", "orders"))
    assert all(len(make_plan(facts_of(catalog), [], [], RECIPES, [merge, one]).operations) == 1 for one in others)
    innocent = (
        op.AddIndex(**T, columns=("b",)),
        op.AnalyzeTable(**gone),
        op.ChangeColumnType(**T, column="b", from_type="integer", to_type="bigint"),
    )
    made = make_plan(facts_of(catalog), innocent, [], RECIPES, [merge])
    assert {one.id for one in made.operations} == {merge.id, *(one.id for one in innocent)}


def test_tables_that_become_one_are_left_alone_meanwhile() -> None:
    merge = op.MergeClones(schema=SCHEMA, into="all_orders", discriminator="year", values={"orders": "1", "order": "2"})
    gone = {"schema": SCHEMA, "table": "order"}
    for other in (
        op.AddIndex(**gone, columns=("b",)),
        op.Revoke(object_kind="table", schema=SCHEMA, name="order", privileges=("SELECT",), grantee="PUBLIC"),
        op.PartitionTable(**T, column="b"),
        op.MergeTables(schema=SCHEMA, table="orders", other="lines"),
    ):
        asked = make_plan(facts_of(catalog_of()), [other], [], RECIPES, [merge])
        assert asked.operations == (merge,), other.id
        both = make_plan(facts_of(catalog_of()), [], [], RECIPES, [merge, other])
        assert len(both.operations) == 1, other.id
        assert both.conflicts, other.id
    innocent = (op.AnalyzeTable(**gone), op.AddIndex(schema=SCHEMA, table="lines", columns=("b",)))
    made = make_plan(facts_of(catalog_of()), innocent, [], RECIPES, [merge])
    assert {one.id for one in made.operations} == {merge.id, *(one.id for one in innocent)}


def test_a_type_change_that_reaches_a_key_from_afar_puts_the_merging_off() -> None:
    def key(table: str, other: str) -> Constraint:
        return Constraint(
            schema=SCHEMA, table=table, name=f"{table}_fkey", kind="foreign-key", columns=("id",),
            referenced_schema=SCHEMA, referenced_table=other, referenced_columns=("id",),
        )  # fmt: skip

    catalog = replace(catalog_of(), constraints=(key("order", "orders"), key("orders", "all")))
    catalog = replace(catalog, tables=(*catalog.tables, table_of("all")))
    merge = op.MergeTables(schema=SCHEMA, table="orders", other="order")
    change = op.ChangeColumnType(schema=SCHEMA, table="all", column="id", from_type="integer", to_type="bigint")
    made = make_plan(facts_of(catalog), [change], [], RECIPES, [merge])
    assert merge not in made.operations
    assert change.id in {one.id for one in made.operations}

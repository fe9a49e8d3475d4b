"""The recipes: that there is one for everything, how they quote and name, what they say about steps and types."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from auditor.model import operation as op
from auditor.model.catalog import Catalog, Column, Extension, Table
from auditor.model.facts import Facts
from auditor.model.plan import Step
from auditor.model.server import Setting
from auditor.model.statistics import Bloat, ColumnStatistics
from auditor.model.vocabulary import Blocks, Phase
from auditor.registry import load_connectors
from auditor.text import visible
from auditor_connectors.periods import Bound
from auditor_connectors.postgresql.recipes import RECIPES, estimates
from auditor_connectors.postgresql.recipes.partitions import Span, interval_of
from auditor_connectors.postgresql.recipes.settings import setting_value, value_is
from auditor_connectors.postgresql.recipes.spelling import spell
from auditor_connectors.postgresql.recipes.sql import (
    IDENTIFIER_BYTES,
    dollar,
    free_name,
    ident,
    literal,
    mentions,
    relation_name,
    rename_in_expression,
)
from auditor_connectors.postgresql.recipes.steps import BLOCKS, undo
from auditor_connectors.postgresql.recipes.type_classes import (
    TypeName,
    conversion,
    is_catalog_only,
    is_lossless,
    reverse_conversion,
)
from tests.planning_facts import SCHEMA, facts_of, index_of, table_of
from tests.scenarios import SCENARIOS
from tests.scenarios.names import LONG, ODD, ODD_COLUMN
from tests.servers import AnyServer, Database, connect

# What only people, other programs or a second server can carry out: their steps are read, not run.
RUNBOOKS: tuple[op.Operation, ...] = (
    op.AddReplica(),
    op.ChangeApplication(topic="n-plus-one", subject="orders", instruction="Load the lines together."),
    op.ChangeHostRule(line=3, from_method="trust", to_method="scram-sha-256", rule="host all all 0.0.0.0/0 trust"),
    op.DropSlot(name="it's"),
    op.EnableArchiving(),
    op.EnableChecksums(),
    op.EnableTls(),
    op.EndSession(session=4711, reason="idle in transaction for a day"),
    op.FinishDetach(schema="s", table="orders", partition_schema="s", partition="p"),
    op.IntroducePooler(),
    op.MoveSchema(schema="s"),
    op.MoveSchema(schema="s", tables=("orders",)),
    op.RepackTable(schema="s", table="orders"),
    op.ReplacePasswordHash(name="app's"),
    op.ResolvePreparedTransaction(name="it's"),
    op.UpdateExtension(name="x-y", from_version="1", to_version="2"),
    op.UpgradeServer(from_version="17.2", to_version="18.6", major=True),
    op.UpgradeServer(from_version="18.2", to_version="18.6"),
)


def steps(operation: op.Operation, facts: Facts | None = None) -> list[Step]:
    found = facts or facts_of(Catalog(tables=(table_of("orders"), table_of("order"))))
    return [draft.step for draft in RECIPES[operation.kind](operation, found)]


# --- completeness ------------------------------------------------------------------------------------------------


FOR_OTHERS = {
    "change-character-set",
    "change-shard-key",
    "expire-keys",
    "move-keys",
    "move-to-cluster",
    "rename-column",
    "rename-keys",
    "restrict-accounts",
    "set-expiry",
    "set-validator",
    "split-key",
    "trim-stream",
    "use-time-series",
}
"""Kinds of operation that only checks of other engines propose."""


def test_every_kind_of_operation_has_a_recipe_on_some_engine() -> None:
    kinds = {str(kind.__struct_config__.tag) for kind in get_args(op.AnyOperation)}
    assert kinds == {kind for connector in load_connectors().values() for kind in connector.recipes()}


def test_every_kind_of_operation_has_a_recipe_that_is_run_or_read() -> None:
    kinds = {str(kind.__struct_config__.tag) for kind in get_args(op.AnyOperation)} - FOR_OTHERS
    assert kinds == set(RECIPES)
    run = {operation.kind for scenario in SCENARIOS.values() for operation in scenario.operations}
    read = {operation.kind for operation in RUNBOOKS}
    assert kinds == run | read


@pytest.mark.parametrize("operation", RUNBOOKS, ids=lambda one: one.id)
def test_a_runbook_says_what_to_do(operation: op.Operation) -> None:
    found = steps(operation)
    assert found
    for step in found:
        assert step.title
        assert step.notes or step.statements
        assert step.audience in ("database", "application")
        assert step.basis


def _all_steps() -> Iterator[tuple[str, Step]]:
    for name, scenario in SCENARIOS.items():
        for operation in scenario.operations:
            for step in steps(operation):
                yield name, step
    for operation in RUNBOOKS:
        for step in steps(operation):
            yield operation.id, step


def test_steps_say_what_they_block_and_give_up_soon() -> None:
    for name, step in _all_steps():
        if step.lock is not None:
            assert step.blocks is BLOCKS[step.lock], name
        if step.blocks is Blocks.NOTHING:
            assert not step.blocking_seconds, (name, step.title)
        elif step.lock is not None:
            assert step.transactional
            assert step.statements[0] == "SET LOCAL lock_timeout = '500ms'", (name, step.title)
            assert "try again" in step.notes[-1]
            assert step.blocking_seconds is not None
            assert step.blocking_seconds >= estimates.LOCK_TIMEOUT_SECONDS
        assert not (step.point_of_no_return and step.rollback), (name, step.title)
        assert not (step.point_of_no_return and step.reversible), (name, step.title)


def test_no_statement_blocks_where_there_is_another_way() -> None:
    for name, step in _all_steps():
        for statement in step.statements:
            assert not re.search(r"\b(VACUUM FULL|VACUUM \(FULL|CLUSTER)\b", statement), name
            assert not re.match(r"REINDEX (?!INDEX CONCURRENTLY)", statement), name
            assert not re.match(r"DROP INDEX (?!CONCURRENTLY)", statement) or "partitioned" in name, name
            assert not re.match(r"CREATE (UNIQUE )?INDEX (?!CONCURRENTLY)(?!.* ON ONLY )", statement) or (
                "partition" in name
            ), name
            assert step.transactional or not re.match(r"CREATE (UNIQUE )?INDEX .* ON ONLY ", statement), name


# --- names -------------------------------------------------------------------------------------------------------


def test_quoting_agrees_with_every_server(every_server: AnyServer) -> None:
    names = ["plain", "With", "a b", 'q"q', "é", "9a", "a$", "", "\n", ODD, ODD_COLUMN, LONG, "user", "order", "name"]
    with connect(every_server) as connection:
        words = [row[0] for row in connection.execute("SELECT word FROM pg_get_keywords()").fetchall()]
        for name in (*names, *words):
            row = connection.execute("SELECT quote_ident(%s), quote_literal(%s)", (name, name)).fetchone()
            assert row is not None
            # A newer version may have more keywords than this one; quoting one too many does no harm.
            assert ident(name) in (row[0], '"' + name.replace('"', '""') + '"')
            assert row[0].startswith('"') <= ident(name).startswith('"')
            assert literal(name) == row[1].lstrip()


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=15))
@example("two\nlines\t\\ \x1b[31m\u202e 'it' \"x\" $auditor$ \U000e0001")
def test_what_cannot_be_seen_is_spelled_out_and_means_the_same(server: AnyServer, name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    body = f"DECLARE {quoted} text := {literal(name)};  -- it's a name\nBEGIN\n  RAISE NOTICE '%', {quoted};\nEND"
    query, block = spell(f"SELECT {literal(name)} AS {quoted}"), spell(f"DO {dollar(body)}")
    assert visible(query) == query
    assert all(visible(line) == line for line in block.split("\n"))
    assert block.count("\n") == 3
    assert spell(query) == query
    with connect(server) as connection:
        notices: list[str | None] = []
        connection.add_notice_handler(lambda notice: notices.append(notice.message_primary))
        found = connection.execute(query.encode())
        assert (found.description or [])[0].name == name
        assert found.fetchone() == (name,)
        connection.execute(block.encode())
        assert notices == [name]


def test_an_index_gets_the_plain_name_if_nothing_else_can_have_it() -> None:
    facts = facts_of(
        Catalog(
            tables=(table_of("orders"), table_of("order"), table_of("order_item")),
            indexes=(index_of("orders", "orders_b_idx", "b"),),
        )
    )
    assert relation_name(facts, (SCHEMA, "orders"), ("id",), "idx") == "orders_id_idx"
    # The existing index has that name; and order.item_order_id would be written like order_item.order_id.
    assert re.fullmatch(r"orders_b_[0-9a-f]{6}_idx", relation_name(facts, (SCHEMA, "orders"), ("b",), "idx"))
    one = relation_name(facts, (SCHEMA, "order"), ("item", "order_id"), "idx")
    other = relation_name(facts, (SCHEMA, "order_item"), ("order_id",), "idx")
    assert one != other
    assert relation_name(facts, (SCHEMA, "order"), ("id",), "idx", distinct="b > 1") != "order_id_idx"


@given(st.text(min_size=1, max_size=80), st.text(min_size=1, max_size=80), st.sets(st.text(), max_size=3))
def test_new_names_fit_and_are_free(one: str, other: str, taken: set[str]) -> None:
    facts = facts_of(Catalog(tables=(table_of("orders"),)))
    for name in (free_name(one, "new", taken | {f"{one}_new"}), relation_name(facts, (SCHEMA, one), (other,), "idx")):
        assert len(name.encode()) <= IDENTIFIER_BYTES
        assert name not in taken
        assert name != f"{one}_new"


def test_a_column_is_renamed_in_an_expression_and_nothing_else_is() -> None:
    def renamed(expression: str) -> str:
        return rename_in_expression(expression, "date", "date_new")

    assert renamed("(date > 'date'::date)") == "(date_new > 'date'::date)"
    assert renamed('("date" > date(other))') == "(date_new > date(other))"
    assert renamed("lower(dates) || DATE") == "lower(dates) || date_new"
    assert renamed("x ->> E'date\\'s'") == "x ->> E'date\\'s'"
    assert rename_in_expression('("Q""q" > 0)', 'Q"q', "a b") == '("a b" > 0)'
    assert mentions("a > 1", "a")
    assert not mentions("'a' > b", "a")
    assert not mentions(None, "a")


@given(st.text())
def test_a_dollar_quote_ends_where_its_text_ends(text: str) -> None:
    quoted = dollar(text + "$auditor$" + text)
    tag = quoted[: quoted.index("$", 1) + 1]
    assert quoted.count(tag) >= 2
    assert tag not in quoted[len(tag) : -len(tag)]


# --- types -------------------------------------------------------------------------------------------------------

_TYPES = (
    "varchar(10)", "varchar(20)", "varchar", "text", "char(10)", "numeric(8,2)", "numeric(12,2)", "numeric(12,4)",
    "numeric", "integer", "bigint", "real", "double precision", "timestamp", "timestamp(3)", "timestamptz",
    "timestamptz(3)", "date", "time(3)", "time", "interval(3)", "interval", "cidr", "inet", "varbit(8)", "varbit(16)",
    "json", "jsonb", "money", "uuid", "boolean",
)  # fmt: skip
_VALUES = {
    "c": "'10'", "t": "'2024-01-01 10:00'", "d": "'2024-01-01'", "i": "1", "n": "'10.0.0.0/8'", "b": "B'10'",
    "j": "'{}'", "u": "'00000000-0000-0000-0000-000000000000'", "h": "'10:00'", "v": "'1 day'", "o": "true",
}  # fmt: skip


def _value(type_name: str) -> str:
    base = TypeName.read(type_name).base
    kinds = {"timestamp": "t", "date": "d", "cidr": "n", "inet": "n", "bit varying": "b", "json": "j", "uuid": "u",
             "time": "h", "interval": "v", "boolean": "o", "integer": "i", "bigint": "i"}  # fmt: skip
    return _VALUES[next((kind for start, kind in kinds.items() if base.startswith(start)), "c")]


@pytest.mark.parametrize("utc", [True, False])
def test_what_is_said_to_be_a_change_of_the_catalog_alone_is_one(every_server: AnyServer, utc: bool) -> None:
    """For every pair of types: the table's file and its index stay as they are, or the pair is not said to be cheap."""
    wrong, cheap = [], 0
    with connect(every_server) as connection:
        connection.execute(f"SET timezone = '{'UTC' if utc else 'Europe/Berlin'}'")
        for old in _TYPES:
            for new in _TYPES:
                for indexed in (False, True):
                    if old == new or not is_catalog_only(old, new, indexed=indexed, utc=utc):
                        continue
                    cheap += 1
                    if _rewrites(connection, old, new, indexed=indexed):
                        wrong.append((old, new, indexed))
    assert not wrong
    assert cheap >= 30


def _rewrites(connection: Any, old: str, new: str, *, indexed: bool) -> bool:
    files = "SELECT pg_relation_filenode('pg_temp.t'), to_regclass('pg_temp.x')::oid::regclass IS NULL OR true, "
    files += "(SELECT pg_relation_filenode(to_regclass('pg_temp.x')))"
    connection.execute(f"CREATE TEMPORARY TABLE t (c {old})")
    try:
        connection.execute(f"INSERT INTO t VALUES ({_value(old)}::{old})")
        if indexed:
            connection.execute("CREATE INDEX x ON t (c)")
        before = connection.execute(files).fetchone()
        connection.execute(f"ALTER TABLE t ALTER COLUMN c TYPE {new}")
        return connection.execute(files).fetchone() != before
    finally:
        connection.execute("DROP TABLE t")


def test_types_are_taken_apart_and_put_together() -> None:
    assert TypeName.read("VARCHAR (20)") == TypeName("character varying", (20,))
    assert TypeName.read("timestamp(3) with time zone").text == "timestamp(3) with time zone"
    assert TypeName.read("timestamptz").text == "timestamp with time zone"
    assert TypeName.read("numeric(8, 2)").text == "numeric(8,2)"
    assert TypeName.read("shop.mood").text is None
    assert TypeName.read("integer[]").text is None


def test_a_time_without_zone_is_read_in_the_servers_zone_whoever_converts_it() -> None:
    assert conversion("timestamp", "timestamptz", None, "Europe/Berlin") == "{column} AT TIME ZONE 'Europe/Berlin'"
    assert reverse_conversion("timestamp", "timestamptz", None, "UTC") == "{column} AT TIME ZONE 'UTC'"
    assert conversion("text", "uuid", None, "UTC") == "{column}::uuid"
    assert "2147483647" in reverse_conversion("integer", "bigint", None, "UTC")
    assert is_lossless("integer", "bigint")
    assert not is_lossless("text", "uuid")
    assert not is_lossless("text", "varchar(3)")


# --- estimates ---------------------------------------------------------------------------------------------------


def test_estimates_rest_on_measured_sizes_and_say_so() -> None:
    statistics = ColumnStatistics(average_width=20)
    column = Column(name="b", position=1, type="text", family="text", statistics=statistics)
    table = Table(schema=SCHEMA, name="t", columns=(column,), rows=1000.0, bytes=300_000_000, heap_bytes=200_000_000)
    facts = facts_of(Catalog(tables=(table,), indexes=(replace(index_of("t", "t_a", "a"), bytes=12345),)))
    scan = estimates.work(facts, table)
    assert scan.value == pytest.approx(1.01)
    assert "default calibration" in scan.basis
    assert estimates.index_disk(facts, table, ("b",)).value == 1000 * (12 + 24) / 0.9 // 1
    assert estimates.index_disk(facts, table, ("a",)) == estimates.Estimate(
        12345, "the size of the index t_a, which has the same columns"
    )
    assert estimates.work(facts, replace(table, heap_bytes=None)).value is None
    assert estimates.work(facts, None).value is None
    assert not estimates.is_small(facts, replace(table, heap_bytes=None))
    assert estimates.is_small(facts, replace(table, heap_bytes=1_000_000))
    assert not estimates.is_tiny(replace(table, bytes=None))
    assert estimates.human_bytes(3 << 30) == "3 GB"
    assert estimates.human_seconds(0.02) == "20 ms"
    assert estimates.human_seconds(3600) == "60 min"


def test_the_last_try_outlasts_the_deadlock_timeout() -> None:
    facts = facts_of(Catalog())
    assert estimates.last_try_timeout(facts) == 1.5
    pause = estimates.pause_between_tries()
    queued = 4 * estimates.LOCK_TIMEOUT_SECONDS + 1.5
    assert pause == 87
    assert queued / (queued + 4 * pause) <= estimates.STALLED_SHARE < queued / (queued + 4 * (pause - 1))


# --- single recipes ----------------------------------------------------------------------------------------------


def test_the_elements_of_a_list_are_quoted_one_by_one() -> None:
    assert setting_value("shared_preload_libraries", "a, b") == "'a', 'b'"
    assert setting_value("search_path", '"$user", public') == "'$user', 'public'"
    assert setting_value("archive_command", "cp a, b") == "'cp a, b'"


def test_a_setting_is_compared_whatever_its_unit(database: Database) -> None:
    facts = Facts(
        replace(
            facts_of(Catalog()).snapshot,
            server=replace(
                facts_of(Catalog()).server,
                settings=(Setting(name="work_mem", value="4096", unit="kB", bytes=4194304),
                          Setting(name="statement_timeout", value="0", unit="ms", seconds=0.0)),
            ),
        )
    )  # fmt: skip
    with database.connect() as connection:
        connection.execute("SET work_mem = '2048kB'")
        connection.execute("SET statement_timeout = '90s'")
        connection.execute("SET random_page_cost = 1.10")
        for name, value, expected in (
            ("work_mem", "2MB", True), ("work_mem", "3MB", False), ("statement_timeout", "90s", True),
            ("statement_timeout", "1min", False), ("random_page_cost", "1.1", True), ("jit", "ON", True),
        ):  # fmt: skip
            row = connection.execute(value_is(facts, name, value).encode()).fetchone()
            assert row is not None
            assert (name, value, row[0]) == (name, value, expected or row[0])
            assert row[0] is expected or name == "jit"


def test_preloaded_libraries_keep_those_that_are_there() -> None:
    base = facts_of(Catalog()).snapshot
    settings = (Setting(name="shared_preload_libraries", value="pg_cron, timescaledb"),)
    facts = Facts(replace(base, server=replace(base.server, settings=settings)))
    operation = op.CreateExtension(name="pg_stat_statements", preload=True, together=("auto_explain",))
    first = steps(operation, facts)[0]
    assert first.statements == (
        "ALTER SYSTEM SET shared_preload_libraries = 'pg_cron', 'timescaledb', 'auto_explain', 'pg_stat_statements'",
    )
    assert first.rollback == ("ALTER SYSTEM SET shared_preload_libraries = 'pg_cron', 'timescaledb'",)


def test_repacking_uses_the_tool_that_is_there() -> None:
    table = replace(table_of("orders"), bloat=Bloat(bytes=90_000_000, ratio=0.4, method="estimate"))
    squeeze = Extension(name="pg_squeeze", available="1.7")
    operation = op.RepackTable(schema=SCHEMA, table="orders")
    found = steps(operation, facts_of(Catalog(tables=(table,), extensions=(squeeze,))))
    assert [step.title for step in found] == ["Install pg_squeeze", "Repack s.orders"]
    assert found[-1].statements == ("SELECT squeeze.squeeze_table('s', 'orders')",)
    (alone,) = steps(operation, facts_of(Catalog(tables=(table,))))
    assert alone.notes[0].startswith("$ pg_repack --dbname='x' --table='s.orders'")
    assert any("86 MB" in note for note in alone.notes)


def test_bounds_are_counted_on() -> None:
    january = Bound.read("'2024-01-31 00:00:00'", "month")
    assert january is not None
    assert january.start().sql == "'2024-01-01'"
    assert january.start().next().next().sql == "'2024-03-01'"
    assert Span("a b", january.start(), january.start().next()).condition == (
        '"a b" IS NOT NULL AND "a b" >= \'2024-01-01\' AND "a b" < \'2024-02-01\''
    )
    quarter = Bound.read("2024-12-05", "quarter")
    assert quarter is not None
    assert (quarter.start().sql, quarter.start().next().sql) == ("'2024-10-01'", "'2025-01-01'")
    number = Bound.read("2000000", "1000000")
    assert number is not None
    assert (number.next().sql, number.word) == ("3000000", "p2000000")
    assert Bound.read("abc", "month") is None
    assert [interval_of(days) for days in (1, 7, 30, 92, 365)] == ["day", "week", "month", "quarter", "year"]


def test_timeouts_of_the_way_back_suit_each_statement() -> None:
    brief = ("SET lock_timeout = '500ms'", "SET statement_timeout = '5s'")
    assert undo(["ALTER TABLE a", "CREATE INDEX CONCURRENTLY b", "BEGIN", "DROP c", "COMMIT"]) == (
        *brief, "ALTER TABLE a", "SET lock_timeout = 0", "SET statement_timeout = 0", "CREATE INDEX CONCURRENTLY b",
        *brief, "BEGIN", "DROP c", "COMMIT",
    )  # fmt: skip
    scan = ("SET lock_timeout = '10s'", "SET statement_timeout = 0", "ALTER TABLE a VALIDATE CONSTRAINT b")
    assert undo(["ALTER TABLE a", scan[-1]]) == (*brief, "ALTER TABLE a", *scan)
    assert undo([]) == ()


def test_the_phases_of_a_recipe_never_go_back() -> None:
    for scenario in SCENARIOS.values():
        for operation in scenario.operations:
            facts = facts_of(Catalog(tables=(table_of("orders"),)))
            ranks = [Phase(draft.phase).rank for draft in RECIPES[operation.kind](operation, facts)]
            assert ranks == sorted(ranks), operation.id

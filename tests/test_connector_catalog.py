"""The catalog that the connector reads, on every version of the server, with every right and beside every lock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import psycopg
import pytest

from auditor.model.facts import Facts
from auditor.model.snapshot import Snapshot
from auditor.model.vocabulary import ProbeOutcome
from auditor_connectors.postgresql import connector
from auditor_connectors.postgresql.embedded import Server
from auditor_connectors.postgresql.probes import PROBES, catalog, statistics
from tests.catalog_reading import column, constraint, index, probe, sequence, table, version_of
from tests.catalog_schema import HOSTILE, build
from tests.collecting import SECRET, at_the_same_time, collect, eventually, role
from tests.servers import AnyServer, Database, Pool, fresh_database

_built: dict[int, tuple[Database, Snapshot]] = {}
OURS = {probe.name for probe in (*catalog.PROBES, *statistics.PROBES)}


_databases = ExitStack()


@pytest.fixture(scope="module", autouse=True)
def _drop_what_was_built() -> Iterator[None]:
    yield
    _databases.close()
    _built.clear()


@pytest.fixture
def everything(every_server: AnyServer) -> tuple[Database, Snapshot]:
    """A database with one of everything on each server, and its snapshot; built once per server."""
    key = id(every_server)
    if key not in _built:
        database = _databases.enter_context(fresh_database(every_server))
        build(database, version_of(database))
        _built[key] = (database, collect(database.url))
    return _built[key]


# --- what is there ---------------------------------------------------------------------------------------------------


def test_every_probe_of_the_catalog_answers(everything: tuple[Database, Snapshot]) -> None:
    _, snapshot = everything
    outcomes = {result.probe: result.outcome for result in snapshot.probes if result.probe in OURS}
    assert set(outcomes) == OURS
    expected = dict.fromkeys(OURS, ProbeOutcome.OK) | {"table-bloat-measured": ProbeOutcome.UNSUPPORTED}
    assert outcomes == expected


def test_types_come_down_to_families(everything: tuple[Database, Snapshot]) -> None:
    database, snapshot = everything
    found = {column.name: column for column in table(snapshot.catalog, "types").columns}
    families = {name: found[name].family for name in found if name != "qq"}
    assert families == {
        "a": "integer", "b": "integer", "c": "integer", "d": "float", "e": "float", "f": "decimal", "g": "decimal",
        "h": "decimal", "i": "money", "j": "boolean", "k": "text", "l": "text", "m": "char", "n": "uuid", "o": "date",
        "p": "time", "q": "time-tz", "r": "timestamp", "s": "timestamp-tz", "t": "interval", "u": "json", "v": "jsonb",
        "w": "binary", "x": "enum", "y": "text", "z": "array", "aa": "range", "bb": "network", "cc": "network",
        "dd": "bit", "ee": "geometric", "ff": "search", "gg": "xml", "hh": "reg", "ii": "text", "jj": "reg",
        "kk": "text", "ll": "other", "mm": "array", "nn": "bit", "oo": "network", "pp": "text",
    }  # fmt: skip
    assert [found[name].bits for name in "abcde"] == [16, 32, 64, 32, 64]
    assert [(found[name].precision, found[name].scale) for name in "fgh"] == [(None, None), (10, 2), (5, 1)]
    assert {name: found[name].length for name in ("k", "l", "m", "y", "dd", "nn")} == {
        "k": None, "l": 30, "m": 3, "y": 20, "dd": 8, "nn": 9,
    }  # fmt: skip
    assert (found["y"].type, found["y"].base_type) == ("shop.short_code", "character varying(20)")
    assert (found["z"].type, found["z"].base_type, found["mm"].base_type) == ("integer[]", "integer", "shop.code")
    if version_of(database) >= 150000:
        assert (found["qq"].precision, found["qq"].scale) == (5, -2)


def test_columns_say_how_they_are_filled(everything: tuple[Database, Snapshot]) -> None:
    database, snapshot = everything
    found = snapshot.catalog
    assert (column(found, "id").identity, column(found, "id").sequence) == ("always", ("shop", "customer_id_seq"))
    assert column(found, "c", "parents").identity == "by-default"
    assert column(found, "name").default == "'no''body'::text"
    assert column(found, "number").sequence == column(found, "other").sequence == ("shop", "shared")
    assert column(found, "loose").sequence is None  # a name in a text is no dependency
    assert column(found, "tiny", "serials").sequence == ("shop", "serials_tiny_seq")
    assert (column(found, "twice").generated, column(found, "twice").default) == ("stored", "(number * 2)")
    assert (column(found, "email").collation, column(found, "email").comment) == ("C", "where to write")
    assert (column(found, "name").collation, column(found, "name").statistics_target) == (None, 500)
    assert column(found, "joined").nullable is False
    assert [one.position for one in table(found, "customer").columns][:8] == [1, 2, 3, 4, 5, 6, 7, 9]
    if version_of(database) >= 140000:
        assert column(found, "name").compression == "pglz"
    if version_of(database) >= 180000:
        assert column(found, "virtual").generated == "virtual"


def test_tables_and_their_partitions(everything: tuple[Database, Snapshot]) -> None:
    _, snapshot = everything
    found = snapshot.catalog
    customer, events, middle = (table(found, name) for name in ("customer", "events", "events_2025"))
    assert (customer.comment, customer.dropped_columns, customer.replica_identity) == ("people", 1, "index")
    assert customer.options == {"autovacuum_enabled": "off", "fillfactor": "80"}
    assert (events.kind, events.partition_strategy, events.partition_key) == ("partitioned", "range", "RANGE (day)")
    assert (events.partition_columns, events.parent, middle.parent) == (("day",), None, ("shop", "events"))
    assert (middle.kind, middle.partition_columns) == ("partitioned", ("id",))
    leaf = table(found, "events_2024")
    assert leaf.partition_bound == "FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')"
    assert [table(found, name).default_partition for name in ("events_rest", "events_2024")] == [True, False]
    hashed = table(found, "hashed")
    assert (hashed.partition_strategy, hashed.partition_columns, hashed.bytes) == ("hash", ("b",), 0)
    assert hashed.partition_key == "HASH (abs(a), b)"
    assert table(found, "derived").inherits == (("shop", "base"),)
    assert table(found, "derived").parent is None
    assert (table(found, "scratch").persistence, table(found, "remote").kind) == ("unlogged", "foreign")
    assert (table(found, "totals").kind, table(found, "totals").populated) == ("materialized-view", False)
    assert (table(found, "orders").row_security, table(found, "orders").row_security_forced) == (True, True)
    assert (table(found, "of_citext").extension, customer.extension) == ("citext", None)
    assert not [one for one in found.tables if one.schema.startswith("pg_") or one.schema == "information_schema"]
    assert Facts(snapshot).leaves(events) == [
        table(found, name) for name in ("events_2024", "events_2025_a", "events_rest")
    ]


def test_names_are_kept_as_they_are(everything: tuple[Database, Snapshot]) -> None:
    _, snapshot = everything
    odd = table(snapshot.catalog, HOSTILE, "public")
    assert ([one.name for one in odd.columns], odd.comment) == ([HOSTILE], "</script>")
    own = [one for one in snapshot.catalog.indexes if one.table == HOSTILE]
    assert [one.columns for one in own] == [(HOSTILE,), (HOSTILE,)]


def test_definitions_of_indexes_are_the_server_s(everything: tuple[Database, Snapshot]) -> None:
    """Those of plain indexes are written here, so that every one is held against what the server says."""
    database, snapshot = everything
    with database.connect() as connection:
        connection.execute("SET search_path = pg_catalog")
        rows = connection.execute("""
            SELECT n.nspname, c.relname, pg_get_indexdef(c.oid)
              FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind IN ('i', 'I') AND n.nspname IN ('shop', 'public')""").fetchall()
    assert {one.key: one.definition for one in snapshot.catalog.indexes} == {(a, b): text for a, b, text in rows}


def test_definitions_of_constraints_are_the_server_s(everything: tuple[Database, Snapshot]) -> None:
    database, snapshot = everything
    with database.connect() as connection:
        connection.execute("SET search_path = pg_catalog")
        rows = connection.execute("""
            SELECT n.nspname, c.relname, o.conname, pg_get_constraintdef(o.oid)
              FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname IN ('shop', 'public') AND o.contype IN ('p', 'u', 'f', 'c', 'x')""").fetchall()
    found = [one for one in snapshot.catalog.constraints if one.kind != "not-null"]
    assert {(one.schema, one.table, one.name): one.definition for one in found} == {tuple(k): text for *k, text in rows}


def test_parts_of_indexes(everything: tuple[Database, Snapshot]) -> None:
    database, snapshot = everything
    found = snapshot.catalog
    mixed = index(found, "customer_mixed")
    assert [(part.column, part.descending, part.nulls_first) for part in mixed.parts] == [
        ("name", True, True),
        ("joined", True, False),
        ("number", False, True),
    ]
    assert (mixed.include, mixed.clustered, mixed.method) == (("email",), True, "btree")
    pattern, lower = index(found, "customer_pattern"), index(found, "customer_lower")
    assert [(part.operator_class, part.default_operator_class, part.collation) for part in pattern.parts] == [
        ("text_pattern_ops", False, None),
        ("text_ops", True, "POSIX"),
    ]
    assert [part.expression for part in lower.parts] == ["lower((email)::text)", None, "((number + 1))"]
    assert (lower.predicate, lower.columns) == ("(name <> 'x'::text)", ("id",))
    assert lower.options == {"fillfactor": "70"}
    assert index(found, "customer_hash").method == "hash"
    assert index(found, "customer_number").replica_identity
    key = index(found, "customer_email_key")
    assert (key.constraint, key.deferrable, key.unique, key.primary) == ("customer_email_key", True, True, False)
    assert index(found, "customer_pkey").primary
    assert (index(found, "orders_during").exclusion, index(found, "orders_during").method) == (True, "gist")
    assert (index(found, "events_only").partitioned, index(found, "events_only").valid) == (True, False)
    parts = {one.name for one in Facts(snapshot).index_parts(index(found, "events_kind"))}
    assert parts == {"events_2024_kind_idx", "events_rest_kind_idx", "events_2025_a_kind_idx"}
    if version_of(database) >= 150000:
        assert index(found, "customer_no_two_nulls").nulls_not_distinct


def test_constraints(everything: tuple[Database, Snapshot]) -> None:
    database, snapshot = everything
    found = snapshot.catalog
    buyer, parents = constraint(found, "orders_customer"), constraint(found, "orders_parents")
    assert (buyer.kind, buyer.on_delete, buyer.on_update, buyer.comment) == (
        "foreign-key", "set null", "cascade", "who bought",
    )  # fmt: skip
    assert (buyer.columns, buyer.referenced_key, buyer.referenced_columns, buyer.index) == (
        ("customer_id",), ("shop", "customer"), ("id",), "customer_pkey",
    )  # fmt: skip
    assert (parents.columns, parents.referenced_columns, parents.match, parents.deferrable) == (
        ("b", "a"), ("b", "a"), "full", True,
    )  # fmt: skip
    assert [constraint(found, name).validated for name in ("orders_late", "orders_self", "orders_customer")] == [
        False, False, True,
    ]  # fmt: skip
    assert constraint(found, "orders_total_check").definition == "CHECK ((total >= (0)::numeric))"
    assert constraint(found, "orders_during").kind == "exclusion"
    copies = [one for one in found.constraints if one.name == "base_a_check"]
    assert {one.table: one.inherited for one in copies} == {"base": False, "derived": True}
    keys = {
        one.table: one.inherited for one in found.constraints if one.kind == "primary-key" and "events" in one.table
    }
    assert keys == {"events": False} | dict.fromkeys(
        ("events_2024", "events_2025", "events_2025_a", "events_rest"), True
    )
    assert [one.name for one in Facts(snapshot).foreign_keys if one.table == "refers"] == ["refers_id_day_fkey"]
    required = {(one.table, one.columns) for one in found.constraints if one.kind == "not-null"}
    if version_of(database) >= 180000:
        assert ("customer", ("joined",)) in required
        assert ("customer", ("email",)) not in required  # the column says so already, and the name is the server's
        assert not constraint(found, "orders_idle").enforced
        assert not constraint(found, "orders_needs").validated
    else:
        assert not required


def test_sequences(everything: tuple[Database, Snapshot]) -> None:
    _, snapshot = everything
    found = snapshot.catalog
    small = sequence(found, "small")
    assert (small.bits, small.increment, small.minimum, small.maximum, small.start, small.cache, small.cycle) == (
        16, -5, -100, 100, 20, 7, True,
    )  # fmt: skip
    assert sequence(found, "shared").fed == (("shop", "customer", "number"), ("shop", "customer", "other"))
    assert (sequence(found, "shared").last_value, sequence(found, "shared").owner_table) == (9, None)
    serial, identity = sequence(found, "serials_id_seq"), sequence(found, "customer_id_seq")
    assert (serial.bits, serial.owner_table, serial.owner_column, serial.identity) == (32, "serials", "id", False)
    assert (identity.identity, identity.fed) == (True, (("shop", "customer", "id"),))
    assert (identity.last_value, identity.readable) == (None, True)  # never used, and known to be


def test_other_objects(everything: tuple[Database, Snapshot]) -> None:
    database, snapshot = everything
    found = snapshot.catalog
    views = {view.name: view for view in found.views}
    assert views["buyers"].security_barrier
    assert views["buyers"].reads == (("shop", "customer"), ("shop", "orders"))
    assert ("shop", "orders", "customer_id") in views["buyers"].columns_read
    assert views["buyers_again"].reads == (("shop", "buyers"),)
    assert [name for name, _ in views["buyers"].columns] == ["id", "email"]
    assert views["buyers"].columns[0] == ("id", "bigint")
    assert (views["buyers"].calls, views["buyers"].checked) == ((), False)
    routines = {routine.name: routine for routine in Facts(snapshot).routines}
    assert {name: one.kind for name, one in routines.items() if name != "bound"} == {
        "touch": "trigger", "risky": "function", "work": "procedure", "total": "aggregate",
    }  # fmt: skip
    risky = routines["risky"]
    assert (risky.security_definer, risky.public_execute, risky.volatility) == (True, False, "stable")
    assert risky.settings == {"search_path": "shop, pg_temp", "work_mem": "8MB"}
    assert (risky.arguments, risky.language_trusted, routines["touch"].public_execute) == (
        "a integer, b text", True, True,
    )  # fmt: skip
    triggers = {trigger.name: trigger for trigger in found.triggers}
    assert set(triggers) == {"customer_touch", "events_touch", "buyers_touch", "orders_wipe"}
    assert len(found.triggers) == len(triggers)  # a partition's copy is not listed
    touch, wipe = triggers["customer_touch"], triggers["orders_wipe"]
    assert (touch.timing, touch.events, touch.level, touch.function) == (
        "before", ("insert", "update"), "row", "shop.touch",
    )  # fmt: skip
    assert (wipe.enabled, wipe.level, triggers["buyers_touch"].timing) == ("disabled", "statement", "instead of")
    [policy] = found.policies
    assert (policy.permissive, policy.command, policy.roles) == (False, "update", ("PUBLIC",))
    assert (policy.using, policy.check) == ("(total > (0)::numeric)", "(total < (10)::numeric)")
    assert [(enum.name, enum.labels) for enum in found.enums] == [("state", 3)]
    [pair] = found.extended_statistics
    assert (pair.table, pair.columns, pair.kinds) == ("orders", ("a", "b"), ("dependencies", "ndistinct"))
    assert Facts(snapshot).extensions["citext"].schema == "shop"
    assert {schema.name: schema.public_usage for schema in found.schemas} == {"public": True, "shop": False}
    if version_of(database) >= 150000:
        assert views["invoker"].security_invoker


def test_everything_is_sorted_and_the_same_twice(everything: tuple[Database, Snapshot]) -> None:
    database, snapshot = everything
    again = collect(database.url).catalog
    assert [one.key for one in again.tables] == sorted(one.key for one in again.tables)
    assert [one.key for one in again.indexes] == sorted(one.key for one in again.indexes)
    for kind in ("constraints", "sequences", "views", "routines", "triggers", "policies", "schemas", "extensions"):
        assert getattr(again, kind) == getattr(snapshot.catalog, kind)


# --- who looks -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("grants", [("pg_monitor",), ()], ids=["pg_monitor", "connect only"])
def test_a_role_with_few_rights_sees_the_catalog_and_is_told_the_rest(
    every_server: AnyServer, everything: tuple[Database, Snapshot], grants: tuple[str, ...]
) -> None:
    database, all_rights = everything
    with role(every_server, *grants) as name:
        snapshot = collect(database.url_of(name, SECRET))
    found, version = snapshot.catalog, version_of(database)
    missing = {
        result.probe: result.outcome
        for result in snapshot.probes
        if result.probe in OURS and result.outcome is not ProbeOutcome.OK
    }
    denied = ("column-statistics", "table-bloat", "index-bloat")
    assert missing == dict.fromkeys(denied, ProbeOutcome.DENIED) | {"table-bloat-measured": ProbeOutcome.UNSUPPORTED}
    statistics, sequences = probe(snapshot, "column-statistics"), probe(snapshot, "sequences")
    tables = len(found.tables)
    assert statistics.reason == f"visible for 0 of {tables} tables"
    assert sequences.reason == f"the position is visible for 0 of {len(found.sequences)} sequences"
    expected = [f"GRANT SELECT ON ALL {what} IN SCHEMA public, shop TO {name}" for what in ("TABLES", "SEQUENCES")]
    if version >= 140000:
        expected = [f"GRANT pg_read_all_data TO {name}"] * 2
    assert [statistics.grant, sequences.grant] == expected
    assert not any(one.statistics_visible for one in found.tables)
    assert not any(one.readable or one.last_value for one in found.sequences)
    assert [one.key for one in found.tables] == [one.key for one in all_rights.catalog.tables]
    assert found.constraints == all_rights.catalog.constraints
    assert [one.definition for one in found.indexes] == [one.definition for one in all_rights.catalog.indexes]
    assert {one.key: one.bytes for one in found.tables} == {one.key: one.bytes for one in all_rights.catalog.tables}


# --- what others do meanwhile ----------------------------------------------------------------------------------------


def test_a_locked_table_costs_its_own_facts_only(
    every_server: AnyServer, everything: tuple[Database, Snapshot]
) -> None:
    database, free = everything
    with database.connect() as holder, holder.transaction(force_rollback=True):
        holder.execute("LOCK TABLE shop.customer IN ACCESS EXCLUSIVE MODE")
        holder.execute("ALTER SEQUENCE shop.shared INCREMENT 2")
        snapshot = collect(database.url, lock_timeout=1.0)
    found = snapshot.catalog
    assert not [result for result in snapshot.probes if result.outcome is ProbeOutcome.TIMED_OUT]
    locked, before = table(found, "customer"), table(free.catalog, "customer")
    assert locked.unreadable == "locked ACCESS EXCLUSIVE by another session"
    assert (locked.bytes, locked.heap_bytes, column(found, "name").default) == (None, None, None)
    assert [one.type for one in locked.columns] == [one.type for one in before.columns]
    assert index(found, "customer_mixed").definition == index(free.catalog, "customer_mixed").definition
    lower = index(found, "customer_lower")
    assert lower.definition is None
    assert [part.expression is not None for part in lower.parts] == [True, False, True]
    assert lower.predicate is not None
    assert sequence(found, "shared").readable is False
    others = [one for one in found.tables if one.name != "customer"]
    assert [one.bytes for one in others] == [one.bytes for one in free.catalog.tables if one.name != "customer"]
    assert not any(one.unreadable for one in others)
    assert [one for one in found.constraints if one.table != "customer"] == [
        one for one in free.catalog.constraints if one.table != "customer"
    ]


def test_a_lock_that_is_waited_for_blocks_like_one_that_is_held(database: Database) -> None:
    database.run("CREATE TABLE t (id int PRIMARY KEY, a int DEFAULT 1)", "CREATE TABLE other (id int)")
    with database.connect() as reader, reader.transaction(force_rollback=True):
        reader.execute("SELECT * FROM t")
        with at_the_same_time(database.url, "BEGIN", "LOCK TABLE t IN ACCESS EXCLUSIVE MODE"):
            with database.connect() as watcher:
                eventually(
                    lambda: watcher.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone(), "the lock request"
                )
            snapshot = collect(database.url, lock_timeout=1.0)
    waiting = table(snapshot.catalog, "t", "public")
    assert waiting.unreadable == "another session waits for an ACCESS EXCLUSIVE lock on it"
    assert table(snapshot.catalog, "other", "public").bytes == 0
    assert not [result for result in snapshot.probes if result.outcome is ProbeOutcome.TIMED_OUT]


def test_a_locked_partition_is_missing_from_the_sum_and_told(database: Database) -> None:
    database.run(
        "CREATE TABLE whole (id int) PARTITION BY RANGE (id)",
        "CREATE TABLE part_1 PARTITION OF whole FOR VALUES FROM (0) TO (100)",
        "CREATE TABLE part_2 PARTITION OF whole FOR VALUES FROM (100) TO (200)",
        "INSERT INTO whole SELECT generate_series(1, 150)",
        "ANALYZE",
    )
    with database.connect() as holder, holder.transaction(force_rollback=True):
        holder.execute("LOCK TABLE part_1 IN ACCESS EXCLUSIVE MODE")
        found = collect(database.url, lock_timeout=1.0).catalog
    whole = table(found, "whole", "public")
    assert whole.unreadable == "1 of 2 partitions could not be measured"
    assert whole.bytes == table(found, "part_2", "public").bytes
    assert table(found, "part_1", "public").partition_bound is None


def test_a_partition_that_is_being_detached(database: Database) -> None:
    database.run(
        "CREATE TABLE whole (id int) PARTITION BY RANGE (id)",
        "CREATE TABLE part_1 PARTITION OF whole FOR VALUES FROM (0) TO (100)",
    )
    with database.connect() as reader, reader.transaction(force_rollback=True):
        reader.execute("SELECT * FROM whole")
        detach = "ALTER TABLE whole DETACH PARTITION part_1 CONCURRENTLY"
        with at_the_same_time(database.url, detach), database.connect() as watcher:
            pending = "SELECT 1 FROM pg_inherits WHERE inhdetachpending"
            eventually(lambda: watcher.execute(pending).fetchone(), "the detach")
    assert table(collect(database.url).catalog, "part_1", "public").detach_pending


def test_a_failed_concurrent_build_leaves_an_invalid_index(database: Database) -> None:
    database.run("CREATE TABLE t AS SELECT 1 AS id FROM generate_series(1, 2)")
    with database.connect() as connection, pytest.raises(psycopg.errors.UniqueViolation):
        connection.execute("CREATE UNIQUE INDEX CONCURRENTLY t_id ON t (id)")
    found = index(collect(database.url).catalog, "t_id")
    assert (found.valid, found.usable) == (False, False)


# --- odd databases ---------------------------------------------------------------------------------------------------


def test_an_empty_database(database: Database) -> None:
    snapshot = collect(database.url)
    assert snapshot.catalog.tables == ()
    assert probe(snapshot, "column-statistics").outcome is ProbeOutcome.OK
    assert [schema.name for schema in snapshot.catalog.schemas] == ["public"]


def test_a_database_without_an_encoding_may_hold_any_bytes(server: AnyServer) -> None:
    name = "any_bytes"
    with psycopg.connect(server.url(), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0".encode())
        try:
            with psycopg.connect(server.url(name), autocommit=True, client_encoding="SQL_ASCII") as connection:
                connection.execute(b'CREATE TABLE "a\xff" (b int)')
                connection.execute(b"COMMENT ON TABLE \"a\xff\" IS 'c\xfe'")
                connection.execute(b'CREATE VIEW v AS SELECT b FROM "a\xff"')
                connection.execute(b"CREATE TYPE kind AS ENUM ('d\xfd')")
            snapshot = collect(server.url(name))
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
    assert not [result for result in snapshot.probes if result.outcome is ProbeOutcome.FAILED]
    [found] = snapshot.catalog.tables
    assert (found.name, found.comment) == ("a\ufffd", "c\ufffd")
    assert snapshot.catalog.views[0].reads == (("public", "a\ufffd"),)


def test_the_number_of_statements_does_not_grow_with_the_tables(server: AnyServer, database: Database) -> None:
    def statements() -> int:
        with psycopg.connect(server.url(), autocommit=True) as admin:
            admin.execute("SELECT pg_stat_statements_reset()")
            collect(database.url)
            row = admin.execute(
                "SELECT sum(calls) FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid WHERE d.datname = %s",
                (database.name,),
            ).fetchone()
        return int(row[0]) if row else 0

    few = statements()
    database.run(*(f"CREATE TABLE t{i} (id serial PRIMARY KEY, a int CHECK (a > 0) UNIQUE)" for i in range(60)))
    assert statements() == few


def test_probes_are_documented() -> None:
    listed = list(connector.probes())
    assert [info.probe for info in listed] == [*(one.name for one in PROBES), "slow-log"]
    assert len({info.probe for info in listed}) == len(listed)
    for info in listed:
        assert info.purpose
        assert info.privilege


def test_a_standby(pool: Pool) -> None:
    with pool.own() as primary, Server(primary=primary) as standby:
        with psycopg.connect(primary.url(), autocommit=True) as admin:
            admin.execute("CREATE TABLE t (id int PRIMARY KEY DEFAULT 1)")
            admin.execute("CREATE UNLOGGED TABLE u (id serial)")
            admin.execute("SELECT nextval('u_id_seq')")
            admin.execute("CREATE SEQUENCE s")
            admin.execute("SELECT nextval('s')")
            row = admin.execute("SELECT pg_current_wal_lsn()").fetchone()
        position = row[0] if row else None
        with psycopg.connect(standby.url(), autocommit=True) as reader:
            reached = "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn"
            eventually(lambda: (reader.execute(reached, (position,)).fetchone() or (False,))[0], "the changes")
        snapshot = collect(standby.url())
    outcomes = {result.probe: result.outcome for result in snapshot.probes if result.probe in OURS}
    assert set(outcomes.values()) == {ProbeOutcome.OK, ProbeOutcome.UNSUPPORTED}
    assert outcomes["sequences"] is ProbeOutcome.OK
    assert snapshot.server.in_recovery
    assert [one.name for one in snapshot.catalog.tables] == ["t", "u"]
    assert sequence(snapshot.catalog, "s").last_value is not None
    assert sequence(snapshot.catalog, "u_id_seq").readable is False

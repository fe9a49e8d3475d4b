"""What the connector tells of activity: sessions, locks, maintenance, statements, replication."""

from __future__ import annotations

import time

import msgspec
import psycopg
import pytest

from auditor.model.vocabulary import ProbeOutcome
from auditor_connectors.postgresql.assemble.workload import statement_kind
from auditor_connectors.postgresql.embedded import Server
from tests.collecting import SECRET, at_the_same_time, collect, eventually, outcomes, role
from tests.servers import AnyServer, Database, Pool, fresh_database


def test_sessions_tell_who_waits_for_whom(every_server: AnyServer) -> None:
    with fresh_database(every_server) as database:
        database.run("CREATE TABLE t (a int)", "CREATE TABLE u (a int)")
        with database.connect() as holder, database.connect() as idle, database.connect() as other:
            version = holder.info.server_version
            holder.execute(f"BEGIN; LOCK TABLE t; SELECT '{SECRET}'".encode())
            idle.execute("BEGIN; INSERT INTO u VALUES (1); SELECT pg_advisory_lock(42)")
            with at_the_same_time(database.url, f"SET application_name = 'waiter'; SELECT * FROM t -- {SECRET}"):
                waiting = "SELECT 1 FROM pg_locks WHERE NOT granted"
                eventually(lambda: other.execute(waiting.encode()).fetchone(), "a waiting session")
                snapshot = collect(database.url)
            pids = holder.info.backend_pid, idle.info.backend_pid
    sessions = {session.id: session for session in snapshot.workload.sessions}
    assert list(sessions) == sorted(sessions)
    held, idling = sessions[pids[0]], sessions[pids[1]]
    waiter = next(session for session in sessions.values() if session.application == "waiter")
    assert (held.state, held.client, held.user, held.database) == (
        "idle in transaction",
        "loopback",
        "postgres",
        database.name,
    )
    assert held.statement == "BEGIN; LOCK TABLE t; SELECT ?"
    assert (held.encrypted, held.blocked_by, held.details_visible) == (False, (), True)
    assert (held.transaction_seconds or 0) > 0
    assert waiter.blocked_by == (pids[0],)
    assert (waiter.wait_type, waiter.state) == ("Lock", "active")
    assert (waiter.waiting_seconds is not None) == (version >= 140000)
    assert idling.horizon_age is not None
    assert not any(session.application == "auditor" for session in sessions.values())
    assert {session.kind for session in sessions.values()} >= {"client", "checkpointer", "background writer"}
    locks = {(lock.session, lock.kind, lock.mode, lock.granted, lock.name) for lock in snapshot.workload.locks}
    assert (pids[0], "relation", "AccessExclusiveLock", True, "t") in locks
    assert (waiter.id, "relation", "AccessShareLock", False, "t") in locks
    assert (pids[1], "advisory", "ExclusiveLock", True, None) in locks
    assert not any(lock[4] == "u" for lock in locks)  # a weak lock that nobody waits for
    assert SECRET.encode() not in msgspec.json.encode(snapshot)


def test_how_a_session_is_connected(pool: Pool) -> None:
    with pool.own("postgresql-17", settings={"ssl": "on"}, hba=("local all all trust",)) as own:
        socket = f"postgresql://postgres@/postgres?host={own.data.parent}&port={own.port}"
        with psycopg.connect(own.url() + "?sslmode=require") as tls, psycopg.connect(socket) as local:
            tls.execute("SELECT 1")
            local.execute("SELECT 1")
            snapshot = collect(own.url() + "?sslmode=require")
            pids = tls.info.backend_pid, local.info.backend_pid
    sessions = {session.id: session for session in snapshot.workload.sessions}
    assert (sessions[pids[0]].client, sessions[pids[0]].encrypted) == ("loopback", True)
    assert (sessions[pids[1]].client, sessions[pids[1]].encrypted) == ("local", False)
    assert snapshot.server.session_encrypted


def test_prepared_transactions_have_an_age(pool: Pool) -> None:
    own = pool.shared(settings={"max_prepared_transactions": "2"})
    with psycopg.connect(own.url(), autocommit=True) as connection:
        connection.execute("BEGIN; CREATE TABLE left_behind (a int); PREPARE TRANSACTION 'forgotten'")
        snapshot = collect(own.url())
        connection.execute("ROLLBACK PREPARED 'forgotten'")
    (found,) = snapshot.workload.prepared_transactions
    assert (found.name, found.owner, found.database) == ("forgotten", "postgres", "postgres")
    assert found.age_seconds >= 0
    assert (found.horizon_age or 0) >= 0


def test_maintenance_under_way_is_seen(every_server: AnyServer) -> None:
    with fresh_database(every_server) as database:
        database.run("CREATE TABLE t AS SELECT g AS a, repeat('x', 500) FROM generate_series(1, 20000) g")
        slowly = "SET vacuum_cost_delay = 100; SET vacuum_cost_limit = 1"
        with at_the_same_time(database.url, slowly, "VACUUM t"), database.connect() as connection:
            working = "SELECT 1 FROM pg_stat_progress_vacuum WHERE heap_blks_scanned > 0"
            eventually(lambda: connection.execute(working.encode()).fetchone(), "a vacuum")
            snapshot = collect(database.url)
    (found,) = snapshot.workload.progress
    assert (found.kind, found.database, found.schema, found.name) == ("vacuum", database.name, "public", "t")
    assert found.phase == "scanning heap"
    assert 0 < (found.done or 0) <= (found.total or 0)
    assert not found.against_wraparound


def test_a_vacuum_against_wraparound_is_known(pool: Pool) -> None:
    """Transaction numbers are burnt until the server must vacuum, which it is then made to do slowly."""
    settings = {
        "autovacuum_naptime": "1s",
        "autovacuum_freeze_max_age": "100000",
        "autovacuum_vacuum_cost_delay": "100ms",
        "autovacuum_vacuum_cost_limit": "1",
    }
    burn = "DO $$ BEGIN FOR i IN 1..110000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$"
    with pool.own(settings=settings) as own, psycopg.connect(own.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE t AS SELECT g AS a, repeat('x', 500) FROM generate_series(1, 20000) g")
        connection.execute(burn)
        forced = "SELECT 1 FROM pg_stat_activity JOIN pg_stat_progress_vacuum USING (pid) WHERE query ~ 'wraparound'"
        eventually(lambda: connection.execute(forced.encode()).fetchone(), "a vacuum against wraparound")
        snapshot = collect(own.url())
    assert any(each.kind == "vacuum" and each.against_wraparound for each in snapshot.workload.progress)


# --- statements ------------------------------------------------------------------------------------------------------


def test_statements_are_counted_without_their_values(every_server: AnyServer) -> None:
    with role(every_server) as name, fresh_database(every_server) as database:
        database.run(
            "CREATE EXTENSION pg_stat_statements", "CREATE TABLE t (a int, b text)", f"GRANT ALL ON t TO {name}"
        )
        with database.connect() as connection:
            version = connection.info.server_version
            for number in range(3):
                connection.execute(f"SELECT * FROM t WHERE a = {number} AND b = '{SECRET}'".encode())
            connection.execute(f"INSERT INTO t VALUES (1, '{SECRET}') /* {SECRET} */".encode())
            connection.execute("WITH gone AS (DELETE FROM t RETURNING a) SELECT count(*) FROM gone")
            connection.execute(f"DO $$ BEGIN PERFORM '{SECRET}'; END $$".encode())
            connection.execute(f"SET my.setting TO {SECRET}".encode())
            connection.execute(f"COMMENT ON TABLE t IS '{SECRET}'".encode())
        with psycopg.connect(database.url_of(name, SECRET), autocommit=True) as connection:
            connection.execute(f"SELECT * FROM t WHERE a = 7 AND b = '{SECRET}'".encode())
        snapshot = collect(database.url)
        again = collect(database.url)
    found = {statement.text: statement for statement in snapshot.workload.statements}
    select = found["SELECT * FROM t WHERE a = $1 AND b = $2"]
    assert (select.calls, select.kind, select.user, select.database) == (4, "select", None, database.name)
    assert 0 <= (select.minimum_ms or 0) <= select.mean_ms <= (select.maximum_ms or 0)
    assert select.total_ms == pytest.approx(select.mean_ms * 4, abs=0.01)
    assert 0 <= (select.deviation_ms or 0) <= (select.maximum_ms or 0)
    assert found["INSERT INTO t VALUES ($1, $2)"].kind == "insert"
    assert found["WITH gone AS (DELETE FROM t RETURNING a) SELECT count(*) FROM gone"].kind == "select"
    assert found["COMMENT ON TABLE t IS ?"].kind == "utility"
    assert found["SET my.setting TO ?"].user == "postgres"
    assert (select.wal_bytes is not None) == (version >= 130000)
    assert (select.since is not None) == (version >= 170000)
    assert len({statement.id for statement in snapshot.workload.statements}) == len(snapshot.workload.statements)
    assert (snapshot.workload.statements_total_calls or 0) >= sum(each.calls for each in found.values())
    assert (snapshot.workload.statements_since is not None) == (version >= 140000)
    assert SECRET.encode() not in msgspec.json.encode(snapshot.workload)
    # Auditing leaves no trace in what the next audit sees, but for the session's own BEGIN and the like.
    assert not any("pg_catalog" in each.text for each in again.workload.statements if each.kind == "select")


def test_only_the_costliest_statements_are_told_but_all_are_summed(database: Database) -> None:
    database.run("CREATE EXTENSION pg_stat_statements")
    with database.connect() as connection:
        for number in range(1, 40):
            columns = ", ".join(str(column) for column in range(number))
            connection.execute(f"SELECT {columns}".encode())
        connection.execute("SELECT pg_sleep(0.2)")
    snapshot = collect(database.url, statements=3)
    assert 3 <= len(snapshot.workload.statements) <= 18
    assert snapshot.workload.statements[0].text == "SELECT pg_sleep($1)"
    assert (snapshot.workload.statements_total_calls or 0) >= 40
    assert (snapshot.workload.statements_total_ms or 0) >= snapshot.workload.statements[0].total_ms >= 200


@pytest.mark.parametrize("version", ["1.7", "1.8", "1.9", "1.10"])
def test_an_extension_older_than_its_server_is_read(database: Database, version: str) -> None:
    """After an upgrade of the server the extension keeps the columns of the version that it had."""
    database.run(
        'CREATE SCHEMA "odd ""schema"""',
        f'CREATE EXTENSION pg_stat_statements SCHEMA "odd ""schema""" VERSION \'{version}\'',
    )
    database.run("SELECT 1 AS one")
    snapshot = collect(database.url)
    assert outcomes(snapshot)["statements"] is ProbeOutcome.OK
    expected = ProbeOutcome.OK if version in ("1.9", "1.10") else ProbeOutcome.UNSUPPORTED
    assert outcomes(snapshot)["statements-info"] is expected
    found = next(each for each in snapshot.workload.statements if each.text == "SELECT $1 AS one")
    assert (found.calls, found.rows) == (1, 1)
    assert found.total_ms > 0
    assert (snapshot.workload.statements_total_ms or 0) > 0


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("SELECT ?", "select"),
        ("(SELECT a) UNION (SELECT b)", "select"),
        ("VALUES (?)", "select"),
        ("TABLE t", "select"),
        ("WITH RECURSIVE a AS (SELECT ?), b (x) AS (INSERT INTO t SELECT ? RETURNING x) UPDATE t SET x = ?", "update"),
        ('WITH "select" AS (DELETE FROM t) INSERT INTO u SELECT * FROM "select"', "insert"),
        ("MERGE INTO t USING u ON x WHEN MATCHED THEN DELETE", "merge"),
        ("delete from t", "delete"),
        ("VACUUM t", "utility"),
        ("EXPLAIN SELECT ?", "utility"),
        ("", "other"),
    ],
)
def test_the_kind_of_a_statement(text: str, kind: str) -> None:
    assert statement_kind(text) == kind


# --- replication -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ["postgresql-14", "postgresql-18"])
def test_a_standby_and_slots_are_seen(pool: Pool, engine: str) -> None:
    with pool.own(engine) as primary, Server(primary=primary, slot="standby") as standby:
        with psycopg.connect(primary.url(), autocommit=True) as connection:
            connection.execute("SELECT pg_create_logical_replication_slot('feed', 'test_decoding')")
            connection.execute("SELECT pg_create_physical_replication_slot('lost', true)")
            streaming = "SELECT 1 FROM pg_stat_replication WHERE state = 'streaming'"
            eventually(lambda: connection.execute(streaming.encode()).fetchone(), "a streaming standby")
            connection.execute("CREATE TABLE t AS SELECT g FROM generate_series(1, 10000) g")
            at_primary = collect(primary.url()).server
            at_standby = collect(standby.url())
        with role(primary) as name:
            time.sleep(0.5)  # the role must have reached nobody but the primary
            hidden = collect(primary.url(user=name, password=SECRET))
    (replica,) = at_primary.replicas
    assert (replica.state, replica.sync, replica.slot, replica.logical) == ("streaming", "async", "standby", False)
    assert replica.lag_bytes is not None
    slots = {slot.name: slot for slot in at_primary.slots}
    assert list(slots) == ["feed", "lost", "standby"]
    assert (slots["feed"].kind, slots["feed"].plugin, slots["feed"].active) == ("logical", "test_decoding", False)
    assert slots["feed"].database == "postgres"
    assert slots["feed"].horizon_age is not None
    assert (slots["lost"].retained_bytes or 0) > 100_000
    assert slots["lost"].status in ("reserved", "extended")
    assert slots["standby"].active
    assert all(slot.invalidation is None for slot in slots.values())
    assert (slots["lost"].inactive_since is not None) == (engine == "postgresql-18")
    assert not at_primary.in_recovery
    assert at_standby.server.in_recovery
    assert set(outcomes(at_standby).values()) <= {ProbeOutcome.OK, ProbeOutcome.UNSUPPORTED}
    assert hidden.server.replicas
    assert hidden.server.replicas[0].state is None
    assert next(result for result in hidden.probes if result.probe == "replicas").reason


def test_publications_and_subscriptions(every_server: AnyServer) -> None:
    with fresh_database(every_server) as database:
        version = collect(database.url).server.version_number
        database.run(
            "CREATE SCHEMA s",
            "CREATE TABLE s.a (a int PRIMARY KEY)",
            "CREATE TABLE b (a int PRIMARY KEY)",
            "CREATE PUBLICATION one FOR TABLE b, s.a WITH (publish = 'insert, delete')",
            "CREATE PUBLICATION everything FOR ALL TABLES",
            f"CREATE SUBSCRIPTION sub CONNECTION 'host=127.0.0.1 password={SECRET}' PUBLICATION p, q"
            " WITH (connect = false, slot_name = 'sub_slot')",
        )
        if version >= 150000:
            database.run("CREATE PUBLICATION schemas FOR TABLES IN SCHEMA s")
        try:
            snapshot = collect(database.url)
            with role(every_server) as name:
                plain = collect(database.url_of(name, SECRET))
        finally:
            database.run("ALTER SUBSCRIPTION sub SET (slot_name = NONE)", "DROP SUBSCRIPTION sub")
    publications = {each.name: each for each in snapshot.server.publications}
    assert publications["one"].operations == ("insert", "delete")
    assert publications["one"].tables == (("public", "b"), ("s", "a"))
    assert (publications["everything"].all_tables, publications["everything"].tables) == (True, ())
    if version >= 150000:
        assert publications["schemas"].tables == (("s", "a"),)
    (subscription,) = snapshot.server.subscriptions
    assert (subscription.name, subscription.enabled, subscription.slot) == ("sub", False, "sub_slot")
    assert subscription.publications == ("p", "q")
    assert subscription.apply_errors == (0 if version >= 150000 else None)
    assert plain.server.subscriptions == snapshot.server.subscriptions
    assert SECRET.encode() not in msgspec.json.encode(snapshot)

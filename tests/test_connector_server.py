"""What the connector tells of a server: its settings, databases, access, activity and replication.

Each fact is made on a real server and read through the whole connector, with the rights that the test is about.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import psycopg
import pytest
from psycopg import sql

from auditor.connector import CollectOptions
from auditor.model.snapshot import Snapshot
from auditor.model.vocabulary import ProbeOutcome
from auditor.target import parse_target
from auditor_connectors.postgresql import connector
from auditor_connectors.postgresql.assemble.values import masked, measure
from auditor_connectors.postgresql.assemble.workload import statement_kind
from auditor_connectors.postgresql.embedded import Server
from auditor_connectors.postgresql.probe import Probe
from auditor_connectors.postgresql.probes import replication, security, server, workload
from tests.servers import AnyServer, Database, Pool, fresh_database

SECRET = "hunter2"
PROBES: tuple[Probe, ...] = (*server.PROBES, *security.PROBES, *workload.PROBES, *replication.PROBES)
SUPERUSER_ONLY = {"passwords", "host-rules", "file-settings"}
_numbers = itertools.count(1)


def collect(url: str, **options: Any) -> Snapshot:
    target = parse_target(url, connector.schemes, connector.example)
    return connector.collect(target, CollectOptions(**options))


def outcomes(snapshot: Snapshot) -> dict[str, ProbeOutcome]:
    names = {probe.name for probe in PROBES}
    return {result.probe: result.outcome for result in snapshot.probes if result.probe in names}


@contextlib.contextmanager
def role(on: AnyServer, *grants: str, attributes: str = "") -> Iterator[str]:
    """A role that may log in with the secret as its password; it is dropped afterwards."""
    name = f"role_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(on.url(), autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{SECRET}' {attributes}".encode())
        try:
            for grant in grants:
                admin.execute(f"GRANT {grant} TO {name}".encode())
            yield name
        finally:
            admin.execute(f"DROP OWNED BY {name}".encode())
            admin.execute(f"DROP ROLE {name}".encode())


def eventually(ask: Callable[[], Any], what: str) -> Any:
    """Ask until there is an answer."""
    for _ in range(200):
        if answer := ask():
            return answer
        time.sleep(0.05)
    return pytest.fail(f"it did not come: {what}")


@contextlib.contextmanager
def at_the_same_time(url: str, *statements: str) -> Iterator[None]:
    """Run statements in a session of their own that may wait or work for long; it is ended after the block."""
    with psycopg.connect(url, autocommit=True) as connection:

        def run() -> None:
            with contextlib.suppress(psycopg.Error):
                for statement in statements:
                    connection.execute(statement.encode())

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield
        finally:
            connection.cancel()
            thread.join(timeout=20)
            assert not thread.is_alive()


# --- who may see what ------------------------------------------------------------------------------------------------


def test_every_probe_answers_a_superuser(every_server: AnyServer) -> None:
    snapshot = collect(every_server.url())
    for probe in PROBES:
        supported = probe.text(snapshot.server.version_number) is not None
        expected = ProbeOutcome.OK if supported else ProbeOutcome.UNSUPPORTED
        assert outcomes(snapshot)[probe.name] == expected, probe.name
    assert all(result.reason is None for result in snapshot.probes if result.outcome is ProbeOutcome.OK)


def test_a_monitoring_role_is_refused_only_what_superusers_see(every_server: AnyServer) -> None:
    with role(every_server, "pg_monitor") as name:
        snapshot = collect(every_server.url(user=name, password=SECRET))
        denied = {probe for probe, outcome in outcomes(snapshot).items() if outcome is ProbeOutcome.DENIED}
        assert denied == SUPERUSER_ONLY
        assert set(outcomes(snapshot).values()) <= {ProbeOutcome.OK, ProbeOutcome.DENIED, ProbeOutcome.UNSUPPORTED}
        assert all(role.password is None for role in snapshot.security.roles)


def test_the_grants_that_are_named_open_what_was_closed(every_server: AnyServer) -> None:
    with role(every_server) as name, fresh_database(every_server) as database:
        database.run("CREATE EXTENSION pg_stat_statements")
        url = database.url_of(name, SECRET)
        snapshot = collect(url)
        refused = {result.probe: result for result in snapshot.probes if result.probe in outcomes(snapshot)}
        denied = {probe for probe, result in refused.items() if result.outcome is ProbeOutcome.DENIED}
        assert denied == {*SUPERUSER_ONLY, "log-directory"}
        partial = {"settings", "sessions", "statements"}
        assert partial <= {
            probe for probe, result in refused.items() if result.outcome is ProbeOutcome.OK and result.reason
        }
        assert refused["passwords"].grant is None
        with database.connect() as admin:
            for probe in (*denied, *partial):
                for statement in (refused[probe].grant or "").split("; "):
                    admin.execute(statement.encode()) if statement else None
        snapshot = collect(url)
        closed = {probe for probe, outcome in outcomes(snapshot).items() if outcome is ProbeOutcome.DENIED}
        assert closed == {"passwords"}
        assert not any(result.reason for result in snapshot.probes if result.probe in partial)


def test_what_a_plain_role_does_not_see_is_unknown_and_not_zero(every_server: AnyServer) -> None:
    with role(every_server) as name, fresh_database(every_server) as closed, fresh_database(every_server) as open_one:
        closed.run(f"REVOKE CONNECT ON DATABASE {closed.name} FROM PUBLIC", "CREATE EXTENSION pg_stat_statements")
        open_one.run("CREATE EXTENSION pg_stat_statements")
        with psycopg.connect(open_one.url, autocommit=True) as other:
            other.execute(f"SELECT '{SECRET}'".encode())
            snapshot = collect(open_one.url_of(name, SECRET))
            session = next(each for each in snapshot.workload.sessions if each.id == other.info.backend_pid)
    assert not session.details_visible
    assert (session.kind, session.state, session.statement, session.client) == ("client", None, None, None)
    sizes = {database.name: database.bytes for database in snapshot.server.databases}
    assert sizes[closed.name] is None
    assert sizes[open_one.name]
    assert snapshot.server.log_bytes is None
    assert not any("insufficient privilege" in statement.text for statement in snapshot.workload.statements)
    assert snapshot.workload.statements_total_calls
    assert not any(setting.name == "data_directory" for setting in snapshot.server.settings)


# --- the server ------------------------------------------------------------------------------------------------------


def test_the_server_is_told_apart(every_server: AnyServer) -> None:
    found = collect(every_server.url()).server
    with psycopg.connect(every_server.url()) as connection:
        row = connection.execute("SELECT system_identifier::text, version() FROM pg_control_system()").fetchone()
        version = connection.info.server_version
    assert (found.system_identifier, found.version_text, found.version_number) == (*row, version)
    assert found.started_at
    assert found.started_at.endswith("Z")
    assert found.session_superuser
    assert found.session_encrypted is False
    assert not found.in_recovery
    assert found.data_checksums is (version >= 180000)
    assert found.log_bytes
    assert found.log_bytes >= 16 * 1024**2
    assert found.notification_queue_usage == 0
    assert found.memory_bytes is None
    assert found.checkpoints
    assert found.checkpoints.timed + found.checkpoints.requested >= 0
    assert found.checkpoints.buffers_allocated
    assert (found.checkpoints.buffers_backend is None) == (version >= 170000)
    assert found.archiver
    assert (found.log_statistics is not None) == (version >= 140000)
    assert bool(found.io) == (version >= 160000)
    assert found.conflicts
    assert found.large_objects


def test_settings_are_measured_and_traced(pool: Pool) -> None:
    with pool.own(
        settings={"archive_mode": "on", "max_wal_size": "2GB", "primary_conninfo": f"host=h password={SECRET}"}
    ) as own:
        with psycopg.connect(own.url(), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET max_connections = 77")
            connection.execute(
                f"ALTER SYSTEM SET archive_command = 'PGPASSWORD={SECRET} copy %p --token {SECRET}'".encode()
            )
            connection.execute("ALTER SYSTEM SET shared_buffers = '64MB'")
            connection.execute("ALTER DATABASE postgres SET statement_timeout = '3min'")
            connection.execute(f"ALTER DATABASE postgres SET my.password = '{SECRET}'".encode())
            connection.execute("SELECT pg_reload_conf()")
            time.sleep(0.2)
        with role(own, "pg_monitor") as name:
            with psycopg.connect(own.url(), autocommit=True) as connection:
                connection.execute(f"ALTER ROLE {name} SET lock_timeout = '5s'".encode())
                connection.execute(f"ALTER ROLE {name} SET work_mem = '1GB'".encode())
            snapshot = collect(own.url(user=name, password=SECRET))
    settings = {setting.name: setting for setting in snapshot.server.settings}
    assert (settings["max_wal_size"].value, settings["max_wal_size"].bytes) == ("2048", 2 * 1024**3)
    assert settings["max_wal_size"].source == "configuration file"
    assert settings["shared_buffers"].unit == "8kB"
    assert settings["shared_buffers"].pending_restart
    assert settings["max_connections"].pending_restart
    assert settings["checkpoint_timeout"].seconds == 300
    assert settings["autovacuum_vacuum_cost_delay"].seconds == pytest.approx(0.002)
    assert settings["log_min_duration_statement"].seconds is None  # -1 means off
    contexts = {name: settings[name].context for name in ("block_size", "max_connections", "max_wal_size", "jit")}
    assert list(contexts.values()) == ["fixed", "restart", "reload", "session"]
    # Neither the session's own timeouts nor what belongs to its role are the server's.
    assert (settings["statement_timeout"].seconds, settings["statement_timeout"].source) == (180, "database")
    assert (settings["jit"].value, settings["jit"].source) == ("on", "default")
    assert settings["default_transaction_read_only"].value == "off"
    assert settings["search_path"].value == '"$user", public'
    assert not {"lock_timeout", "work_mem", "application_name"} & set(settings)
    assert settings["primary_conninfo"].value == "***"
    assert SECRET not in settings["archive_command"].value
    assert "copy %p" in settings["archive_command"].value
    assert SECRET.encode() not in msgspec.json.encode(snapshot)
    found = next(database for database in snapshot.server.databases if database.current)
    assert found.settings == {"my.password": "***", "statement_timeout": "3min"}


def test_errors_in_the_configuration_files_are_found(pool: Pool) -> None:
    found = []
    for line in (f"max_connections = 'many {SECRET}'", "no_such_setting = 1"):
        with pool.own() as own:
            with (own.data / "postgresql.conf").open("a") as file:
                file.write(f"{line}\n")
            found += collect(own.url()).server.file_errors
    values, unknown = found
    assert values.startswith("postgresql.conf:")
    assert "max_connections: " in values
    assert SECRET not in values
    assert "no_such_setting: unrecognized" in unknown


def test_databases_with_their_state(every_server: AnyServer) -> None:
    with fresh_database(every_server) as database, psycopg.connect(every_server.url(), autocommit=True) as admin:
        version = admin.info.server_version
        hostile = "<b>\n\"'; \u202e\U0001f4a9"
        admin.execute(sql.SQL("CREATE DATABASE {} CONNECTION LIMIT 5").format(sql.Identifier(hostile)))
        try:
            if version >= 150000:
                admin.execute("UPDATE pg_database SET datcollversion = '0' WHERE datname = %s", (hostile,))
            snapshot = collect(database.url)
        finally:
            admin.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(hostile)))
    databases = {found.name: found for found in snapshot.server.databases}
    assert list(databases) == sorted(databases, key=str.encode)
    assert [name for name, found in databases.items() if found.current] == [database.name]
    assert databases["template0"].template
    assert not databases["template0"].allow_connections
    assert databases[hostile].connection_limit == 5
    assert databases[hostile].locale_provider == "libc"
    assert databases[hostile].collation_version == ("0" if version >= 150000 else None)
    assert (databases[hostile].transaction_age or -1) >= 0
    assert (databases[hostile].bytes or 0) > 1024**2
    assert (databases[database.name].sessions_total is not None) == (version >= 140000)
    assert databases[database.name].commits is not None


def test_a_changed_collation_names_its_indexes(server_of: Callable[[int], AnyServer]) -> None:
    with fresh_database(server_of(17)) as database:
        database.run(
            'CREATE TABLE t (a text COLLATE "pg_c_utf8", b text COLLATE "C")',
            "CREATE INDEX a_index ON t (a)",
            "CREATE INDEX b_index ON t (b)",
        )
        assert collect(database.url).server.collations == ()
        database.run("UPDATE pg_collation SET collversion = '0' WHERE collname = 'pg_c_utf8'")
        (collation,) = collect(database.url).server.collations
    assert (collation.name, collation.provider, collation.recorded, collation.actual) == (
        "pg_c_utf8",
        "builtin",
        "0",
        "1",
    )
    assert collation.indexes == (("public", "a_index"),)


def test_large_objects_and_event_triggers_are_counted(every_server: AnyServer) -> None:
    with fresh_database(every_server) as database:
        database.run(
            "SELECT lo_from_bytea(0, 'x'), lo_from_bytea(0, 'y')",
            "CREATE FUNCTION f() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'",
            "CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION f()",
        )
        found = collect(database.url).server
    assert found.large_objects
    assert found.large_objects.count == 2
    assert (found.large_objects.bytes or 0) > 0
    assert found.event_triggers == ("watch",)


# --- access ----------------------------------------------------------------------------------------------------------


def test_roles_with_their_memberships_and_settings(every_server: AnyServer) -> None:
    with (
        role(every_server, attributes="VALID UNTIL '2030-01-02 03:04:05+00' CONNECTION LIMIT 3 BYPASSRLS") as group,
        role(every_server, f"{group}", "pg_monitor", attributes="VALID UNTIL 'infinity' CREATEDB") as member,
        fresh_database(every_server) as database,
    ):
        version = collect(database.url).server.version_number
        database.run(
            f"ALTER ROLE {member} SET statement_timeout = '1min'",
            f"ALTER ROLE {member} IN DATABASE {database.name} SET my.api_key = '{SECRET}'",
            f"GRANT {group} TO {member} WITH ADMIN OPTION",
            f"SET password_encryption = 'md5'; ALTER ROLE {member} PASSWORD '{SECRET}'",
        )
        if version >= 160000:
            database.run(f"GRANT {group} TO {member} WITH INHERIT FALSE, SET FALSE")
        snapshot = collect(database.url)
    roles = {found.name: found for found in snapshot.security.roles}
    assert roles[group].valid_until == "2030-01-02T03:04:05Z"
    assert (roles[group].connection_limit, roles[group].bypass_row_security, roles[group].password) == (
        3,
        True,
        "scram-sha-256",
    )
    assert (roles[member].valid_until, roles[member].create_database, roles[member].password) == (None, True, "md5")
    assert roles[member].settings == {"statement_timeout": "1min"}
    assert roles[member].database_settings == {database.name: {"my.api_key": "***"}}
    memberships = {found.role: found for found in roles[member].member_of}
    assert set(memberships) == {group, "pg_monitor"}
    expected = (True, version < 160000, version < 160000)
    assert (memberships[group].admin, memberships[group].inherit, memberships[group].set) == expected
    assert roles["pg_monitor"].system
    assert not roles["postgres"].system
    assert roles["pg_monitor"].password == "none"
    text = msgspec.json.encode(snapshot)
    assert SECRET.encode() not in text
    assert b"SCRAM-SHA-256$" not in text


def test_grants_are_told_for_everybody_but_the_owner(every_server: AnyServer) -> None:
    with role(every_server) as name, fresh_database(every_server) as database:
        version = collect(database.url).server.version_number
        database.run(
            'CREATE SCHEMA "s.1"',
            'CREATE TABLE "s.1"."t ""2""" (a int, b int)',
            f'GRANT SELECT, INSERT ON "s.1"."t ""2""" TO {name} WITH GRANT OPTION',
            'GRANT SELECT (a) ON "s.1"."t ""2""" TO PUBLIC',
            f'GRANT USAGE ON SCHEMA "s.1" TO {name}',
            "CREATE SEQUENCE public.q",
            f"GRANT USAGE ON SEQUENCE public.q TO {name}",
            "CREATE VIEW public.v AS SELECT 1 AS x",
            "GRANT SELECT ON public.v TO PUBLIC",
            "CREATE FUNCTION public.f(int, text DEFAULT 'x') RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "CREATE FUNCTION public.g() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            f"GRANT EXECUTE ON FUNCTION public.f TO {name}",
            "CREATE TYPE public.mood AS ENUM ('a')",
            f"GRANT USAGE ON TYPE public.mood TO {name}",
            "CREATE EXTENSION pg_stat_statements",
            f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO {name}",
            "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
        )
        if version >= 150000:
            database.run(f"GRANT SET ON PARAMETER log_statement TO {name}")
        found = collect(database.url).security
    grants = {
        (grant.kind, grant.path, grant.grantee): grant
        for grant in found.grants
        if grant.grantee in ("PUBLIC", name) and grant.name not in ("public", "template0", "template1", "postgres")
    }
    table = grants["table", 's.1.t "2"', name]
    assert (table.privileges, table.grantable) == (("INSERT", "SELECT"), True)
    assert grants["column", 's.1.t "2".a', "PUBLIC"].privileges == ("SELECT",)
    assert grants["schema", "s.1", name].privileges == ("USAGE",)
    assert grants["sequence", "public.q", name].privileges == ("USAGE",)
    assert grants["view", "public.v", "PUBLIC"].privileges == ("SELECT",)
    assert grants["function", "public.f(integer, text)", name].privileges == ("EXECUTE",)
    assert grants["type", "public.mood", name].privileges == ("USAGE",)
    everybody = grants["database", database.name, "PUBLIC"]
    assert (everybody.privileges, everybody.default) == (("CONNECT", "TEMPORARY"), True)
    assert (("parameter", "log_statement", name) in grants) == (version >= 150000)
    assert not any(kind == "function" and path.startswith("public.g(") for kind, path, _ in grants)
    assert not any("pg_stat_statements" in path for _, path, _ in grants)
    assert not any(grant.grantee == "postgres" for grant in found.grants)
    defaults = {(each.schema, each.kind, each.grantee): each.privileges for each in found.default_privileges}
    assert defaults["public", "table", name] == ("SELECT",)
    # A list that leaves out PUBLIC is how the server remembers that the default was taken away.
    assert defaults[None, "function", "postgres"] == ("EXECUTE",)
    assert (None, "function", "PUBLIC") not in defaults


def test_host_rules_come_in_the_order_of_the_file(pool: Pool) -> None:
    rules = (
        "hostssl shop,/^audit +app 10.0.0.0/8 scram-sha-256",
        f'host all all 0.0.0.0/0 radius radiusservers=127.0.0.1 radiussecrets="{SECRET}"',
        "local all all trust",
    )
    own = pool.shared("postgresql-17", settings={"ssl": "on"}, hba=rules)
    found = collect(own.url()).security.host_rules
    assert [(rule.type, rule.method) for rule in found[-3:]] == [
        ("hostssl", "scram-sha-256"),
        ("host", "radius"),
        ("local", "trust"),
    ]
    assert found[-3].databases == ("shop", "/^audit")
    assert found[-3].users == ("+app",)
    assert (found[-3].address, found[-3].netmask) == ("10.0.0.0", "255.0.0.0")
    assert [rule.line for rule in found] == sorted(rule.line for rule in found)
    assert SECRET not in repr(found)


def test_foreign_servers_give_names_of_options_only(every_server: AnyServer) -> None:
    with role(every_server) as name, fresh_database(every_server) as database:
        database.run(
            "CREATE EXTENSION postgres_fdw",
            f"CREATE SERVER remote FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '{SECRET}', dbname 'x')",
            f"CREATE USER MAPPING FOR postgres SERVER remote OPTIONS (user 'u', password '{SECRET}')",
            f"CREATE USER MAPPING FOR {name} SERVER remote OPTIONS (user 'u')",
            "CREATE FOREIGN TABLE t (a int) SERVER remote",
        )
        seen = collect(database.url)
        hidden = collect(database.url_of(name, SECRET))
        database.run("DROP EXTENSION postgres_fdw CASCADE")
    (found,) = seen.security.foreign_servers
    assert (found.name, found.wrapper, found.options) == ("remote", "postgres_fdw", ("dbname", "host"))
    assert (found.foreign_tables, found.stored_passwords) == (1, 1)
    assert hidden.security.foreign_servers[0].stored_passwords is None
    assert next(result for result in hidden.probes if result.probe == "foreign-servers").reason
    assert SECRET.encode() not in msgspec.json.encode(seen)


# --- activity --------------------------------------------------------------------------------------------------------


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
        snapshot = collect(database.url)
        with role(every_server) as name:
            plain = collect(database.url_of(name, SECRET))
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


# --- values ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        ("16384", "8kB", (128 * 1024**2, None)),
        ("1024", "MB", (1024**3, None)),
        ("4", "kB", (4096, None)),
        ("2", "ms", (None, 0.002)),
        ("5", "min", (None, 300.0)),
        ("0.5", "s", (None, 0.5)),
        ("-1", "kB", (None, None)),
        ("on", None, (None, None)),
        ("4", None, (None, None)),
        ("", "kB", (None, None)),
    ],
)
def test_units_are_resolved(value: str, unit: str | None, expected: tuple[int | None, float | None]) -> None:
    assert measure(value, unit) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("primary_conninfo", "host=x password='it\\'s hunter2' user=y"),
        ("archive_command", "AWS_SECRET_ACCESS_KEY=hunter2 wal-g push %p"),
        ("archive_command", "push --password 'hunter2 hunter2' --to postgresql://u:hunter2@h/d"),
        ("restore_command", 'fetch --api-key="hunter2" %f'),
        ("ssl_passphrase_command", "echo hunter2"),
        ("my.secret", "hunter2"),
    ],
)
def test_secrets_in_settings_are_masked(name: str, value: str) -> None:
    assert SECRET not in masked(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("password_encryption", "scram-sha-256"),
        ("ssl_passphrase_command_supports_reload", "off"),
        ("archive_command", "cp %p /archive/%f"),
        ("listen_addresses", "localhost, 10.0.0.1"),
        ("search_path", '"$user", public'),
    ],
)
def test_settings_without_secrets_are_kept(name: str, value: str) -> None:
    assert masked(name, value) == value


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

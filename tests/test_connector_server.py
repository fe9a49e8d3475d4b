"""What the connector tells of a server itself, and of what it could not see.

Each fact is made on a real server and read through the whole connector, with the rights that the test is about.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec
import psycopg
import pytest
from psycopg import sql

from auditor.model.server import Server
from auditor.model.vocabulary import ProbeOutcome
from auditor_connectors.postgresql.assemble.values import masked, measure
from tests.collecting import PROBES, SECRET, collect, eventually, outcomes, role
from tests.servers import AnyServer, Pool, fresh_database

SUPERUSER_ONLY = {"passwords", "host-rules", "file-settings"}

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


def checkpointed(on: AnyServer) -> Server | None:
    """The facts of a server once it has counted a checkpoint that was asked for."""
    found = collect(on.url()).server
    return found if found.checkpoints and found.checkpoints.requested else None


def test_the_server_is_told_apart(every_server: AnyServer) -> None:
    with psycopg.connect(every_server.url(), autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        found = eventually(lambda: checkpointed(every_server), "a counted checkpoint")
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
    assert found.checkpoints.requested >= 1
    assert found.checkpoints.buffers_background is not None
    assert found.checkpoints.buffers_allocated is not None
    assert found.checkpoints.since
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

"""MySQL and MariaDB servers in modes that change what names, quotes and statements mean, or that may not be written."""

from __future__ import annotations

import contextlib
import time

import pymysql
import pytest

from auditor.connector import CollectOptions
from auditor.errors import UnreachableError
from auditor.model.report import Audit
from auditor.model.snapshot import Snapshot
from auditor.model.vocabulary import Outcome, ProbeOutcome
from auditor.pipeline import audit_snapshot
from auditor.registry import load_connectors
from auditor.target import parse_target
from tests.mysql_servers import ENGINES, Account, account, database
from tests.servers import Pool

BOTH = [pytest.param(engine, marks=getattr(pytest.mark, engine)) for engine in ENGINES]
ODD = {
    "sql_mode": "ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT,IGNORE_SPACE,PAD_CHAR_TO_FULL_LENGTH",
    "performance_schema": "OFF",
    "autocommit": "OFF",
    "lower_case_table_names": "1",
    "default_time_zone": "+05:30",
    "character_set_server": "latin1",
}
FLAWED = (
    "CREATE TABLE `or``ders \\ 100%` (id int, customer_id int) COMMENT 'back\\slash'",
    """CREATE TABLE customer (id int NOT NULL PRIMARY KEY, name varchar(20) DEFAULT 'it''s \\ here',
       KEY a (name), KEY b (name, id))""",
)


def collect(server: Account, url: str) -> Snapshot:
    connector = load_connectors()[server.engine]
    return connector.collect(parse_target(url, connector.schemes, connector.example), CollectOptions())


def audit(server: Account, url: str) -> Audit:
    return audit_snapshot(collect(server, url))


def found(result: Audit) -> set[tuple[str, str]]:
    """What was found of tables, columns and indexes."""
    structure = [one for one in result.findings if one.pillar in ("integrity", "indexing")]
    return {(one.check, one.subject.name) for one in structure if one.subject.kind != "setting"}


@pytest.mark.parametrize("engine", BOTH)
def test_modes_of_the_server_change_nothing_that_is_found(pool: Pool, engine: str) -> None:
    snapshots = []
    for server, written in ((pool.mysql(engine), "shop"), (pool.mysql(engine, ODD), "SHOP")):
        with database(server) as name:
            server.run(*FLAWED, database=name)
            snapshots.append(collect(server, server.url(written)))
    results = [audit_snapshot(snapshot) for snapshot in snapshots]
    assert results[1].target.name == "shop"
    assert found(results[0]) == found(results[1])
    assert ("table-no-pk", "shop.or`ders \\ 100%") in found(results[1])
    assert {table.comment for table in snapshots[1].catalog.tables} == {None, "back\\slash"}
    judged = {one.check: one for one in results[1].checks}
    assert judged["q-top-time"].outcome is Outcome.NOT_ASSESSED
    assert judged["idx-unused"].outcome is Outcome.NOT_ASSESSED


@pytest.mark.parametrize("engine", BOTH)
def test_a_server_that_may_not_be_written_or_is_full(pool: Pool, engine: str) -> None:
    with (
        pool.own_mysql(engine, {"max_connections": "10"}) as server,
        account(server, "SELECT, SHOW VIEW, PROCESS ON *.*") as (user, password),
    ):
        server.run("CREATE DATABASE shop")
        server.run("CREATE TABLE t (a int)", database="shop")
        server.run("SET GLOBAL super_read_only = ON" if engine == "mysql" else "SET GLOBAL read_only = ON")
        result = audit(server, server.url("shop", user, password))
        assert ("table-no-pk", "shop.t") in found(result)
        assert [one.probe for one in result.probes if one.outcome is ProbeOutcome.FAILED] == []
        server.run("SET GLOBAL read_only = OFF")
        with contextlib.ExitStack() as stack:
            # One connection more is kept for those who may administer the server.
            with contextlib.suppress(pymysql.OperationalError):
                while True:
                    connection = pymysql.connect(host=server.host, port=server.port, user=user, password=password)
                    stack.enter_context(contextlib.closing(connection))
            with pytest.raises(UnreachableError) as caught:
                audit(server, server.url("", user, password))
        assert "all connections are taken" in caught.value.hint
        assert password not in str(caught.value)
        time.sleep(0.2)  # until the server has seen them go


@pytest.mark.mysql
def test_a_hidden_key_that_the_server_generated_is_told_as_what_it_is(pool: Pool) -> None:
    server = pool.mysql("mysql")
    with database(server) as name, contextlib.closing(server.connect(name)) as connection:
        with connection.cursor() as cursor:
            cursor.execute("SET sql_generate_invisible_primary_key = ON")
            cursor.execute("CREATE TABLE made (a int)")
        snapshot = collect(server, server.url(name))
        (table,) = snapshot.catalog.tables
        server.run("SET GLOBAL show_gipk_in_create_table_and_information_schema = OFF")
        try:
            hidden = audit(server, server.url(name))
        finally:
            server.run("SET GLOBAL show_gipk_in_create_table_and_information_schema = ON")
    assert [column.name for column in table.columns] == ["my_row_id", "a"]
    result = audit_snapshot(snapshot)
    assert not any(one.check == "table-no-pk" for one in result.findings)
    assert found(hidden) == found(result)


@pytest.mark.mariadb
def test_an_old_way_to_prove_a_password_is_named(pool: Pool) -> None:
    server = pool.mysql("mariadb")
    with account(server) as (user, _):
        server.run(
            "SET old_passwords = 1",
            f"ALTER USER '{user}'@'%' IDENTIFIED VIA mysql_old_password USING '5d2e19393cc5ef67'",
        )
        with pytest.raises(UnreachableError) as caught:
            audit(server, server.url("", user, "x"))
    assert "\n" not in caught.value.message
    assert "mysql_native_password" in caught.value.hint

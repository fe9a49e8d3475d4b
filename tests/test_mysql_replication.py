"""A source and its replica, each read from its own side, and what checks make of a replica that falls behind."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from auditor.checking import run_check
from auditor.connector import CollectOptions
from auditor.model.facts import Facts
from auditor.model.snapshot import Snapshot
from auditor.registry import load_checks, load_connectors
from auditor.target import parse_target
from tests.mysql_servers import ENGINES, Account
from tests.servers import Pool

LOGS = {"log_bin": "binlog", "server_id": "7", "secure_file_priv": "/tmp", "innodb_doublewrite": "ON",
        "innodb_temp_data_file_path": "ibtmp1:12M:autoextend:max:1G"}  # fmt: skip
"""The settings of the case files that want a binary log, so that the server is theirs as well."""
FOLLOW = {
    "mysql": (
        (
            "CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = {port}, SOURCE_USER = 'follower',"
            " SOURCE_PASSWORD = 'pw-7F', SOURCE_SSL = 1, SOURCE_AUTO_POSITION = 1"
        ),
        "START REPLICA",
        "STOP REPLICA SQL_THREAD",
        "START REPLICA SQL_THREAD",
    ),
    "mariadb": (
        (
            "CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = {port}, MASTER_USER = 'follower',"
            " MASTER_PASSWORD = 'pw-7F', MASTER_USE_GTID = slave_pos"
        ),
        "START SLAVE",
        "STOP SLAVE SQL_THREAD",
        "START SLAVE SQL_THREAD",
    ),
}
"""How a replica is told whom to follow, starts, stops applying, and goes on."""


@pytest.fixture(params=[pytest.param(engine, marks=getattr(pytest.mark, engine)) for engine in ENGINES])
def pair(request: pytest.FixtureRequest, pool: Pool) -> Iterator[tuple[Account, Account]]:
    """A source and a replica that follows it."""
    engine: Any = request.param
    source = pool.mysql(engine, LOGS)
    source.run(
        "DROP USER IF EXISTS follower",
        "CREATE USER follower IDENTIFIED BY 'pw-7F'",
        "GRANT REPLICATION SLAVE ON *.* TO follower",
        "DROP DATABASE IF EXISTS followed",
        "RESET BINARY LOGS AND GTIDS" if engine == "mysql" else "RESET MASTER",
    )
    with pool.own_mysql(engine, {"server_id": "8", "log_bin": "binlog"}) as replica:
        follow, start, *_ = FOLLOW[engine]
        replica.run(follow.format(port=source.port), start)
        yield source, replica
    source.run("DROP USER follower", "DROP DATABASE IF EXISTS followed")


def collect(server: Account) -> Snapshot:
    connector = load_connectors()[server.engine]
    return connector.collect(parse_target(server.url(), connector.schemes, connector.example), CollectOptions())


def until(server: Account, statement: str, wanted: object) -> None:
    """Wait for a statement's first value."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        rows = server.run(statement)
        if rows and rows[0][0] == wanted:
            return
        time.sleep(0.1)
    pytest.fail(f"{statement} never gave {wanted!r}")


def titles(check: str, snapshot: Snapshot, limits: dict[str, float] | None = None) -> list[str]:
    return [finding.title for finding in run_check(load_checks()[check], Facts(snapshot), limits).findings]


def test_a_replica_is_seen_from_both_sides(pair: tuple[Account, Account]) -> None:
    source, replica = pair
    source.run("CREATE DATABASE followed", "CREATE TABLE followed.t (id int PRIMARY KEY)")
    until(replica, "SELECT count(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'followed'", 1)
    above, below = collect(source), collect(replica)
    assert [one.state for one in above.server.replicas] == ["streaming"]
    assert not above.server.in_recovery
    assert titles("standby-missing", above) == []
    (seen,) = below.server.sources
    assert (seen.receiving, seen.applying, seen.error, seen.positions) == (True, True, None, "gtid")
    assert seen.encrypted is (source.engine == "mysql")
    assert below.server.in_recovery
    assert titles("replication-broken", below) == []
    assert titles("archive-off", below) == []
    assert titles("replica-writable", below) == ["A replica can be written to"]
    assert "follower" not in repr(below)
    assert "pw-7F" not in repr(below)

    *_, stop, go_on = FOLLOW[source.engine]
    replica.run(stop)
    assert titles("replication-broken", collect(replica)) == ["Replication does not apply changes"]
    replica.run("INSERT INTO followed.t VALUES (1)")
    source.run("INSERT INTO followed.t VALUES (1)")
    replica.run(go_on)
    deadline = time.monotonic() + 30
    while collect(replica).server.sources[0].applying and time.monotonic() < deadline:
        time.sleep(0.1)
    (error,) = titles("replication-broken", collect(replica))
    assert error.startswith("Replication does not apply changes: error ")


def test_a_replica_that_applies_slowly_tells_how_far_it_is_behind(pair: tuple[Account, Account]) -> None:
    source, replica = pair
    source.run("CREATE DATABASE followed", "CREATE TABLE followed.t (id int PRIMARY KEY)")
    until(replica, "SELECT count(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'followed'", 1)
    with replica.connect() as connection, connection.cursor() as cursor:
        cursor.execute("LOCK TABLES followed.t WRITE")
        source.run("INSERT INTO followed.t VALUES (1)")
        time.sleep(2.5)
        snapshot = collect(replica)
        assert titles("repl-lag", snapshot) == []
        (late,) = titles("repl-lag", snapshot, {"max_seconds": 1})
    assert late.startswith("This replica is ")

"""What is read of the use and the work of a MongoDB replica set, member by member."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pymongo import MongoClient, ReadPreference

from auditor.checking import run_check
from auditor.connector import CollectOptions
from auditor.model.catalog import Index
from auditor.model.facts import Facts
from auditor.model.snapshot import Snapshot
from auditor.registry import connector_for, load_checks
from auditor.target import parse_target
from tests.mongodb_servers import Server, Started
from tests.mongodb_shop import fill
from tests.mongodb_shop.manifest import WORK
from tests.mongodb_shop.workload import work
from tests.servers import Pool


@pytest.fixture(scope="module")
def members(pool: Pool) -> Iterator[Started]:
    with pool.own_mongodb({"members": "3"}) as server:
        orders = server.client["shop"].get_collection("orders")
        orders.with_options(write_concern=None).create_index("by_primary")
        orders.create_index("by_secondary")
        orders.create_index("by_nobody")
        server.client["shop"].command("insert", "orders", documents=[{"_id": 1}], writeConcern={"w": 3})
        yield server


def read(server: Started, member: int | None = None) -> Snapshot:
    connector = connector_for("mongodb")
    target = parse_target(server.url("shop", member=member), connector.schemes, connector.example)
    return connector.collect(target, CollectOptions())


def index(snapshot: Snapshot, name: str) -> Index:
    return next(one for one in snapshot.catalog.indexes if one.name == f"orders.{name}_1")


def ask(server: Started, member: int, field: str) -> list[dict[str, Any]]:
    with MongoClient[dict[str, Any]](server.url(member=member)) as client:
        orders = client["shop"].get_collection("orders", read_preference=ReadPreference.SECONDARY_PREFERRED)
        return list(orders.find({field: 5}))


def test_what_each_member_was_asked_is_put_together(members: Started) -> None:
    roles = {number: hello(members, number) for number in range(3)}
    primary = next(number for number, first in roles.items() if first)
    secondary = next(number for number, first in roles.items() if not first)
    ask(members, primary, "by_primary")
    for _ in range(2):
        ask(members, secondary, "by_secondary")
    for member in (None, secondary):
        snapshot = read(members, member)
        used = {name: index(snapshot, name).scans for name in ("by_primary", "by_secondary", "by_nobody")}
        assert used == {"by_primary": 1, "by_secondary": 2, "by_nobody": 0}
        assert index(snapshot, "by_nobody").scans_since is not None


def hello(server: Started, member: int) -> bool:
    with MongoClient[dict[str, Any]](server.url(member=member)) as client:
        return bool(client.admin.command("hello")["isWritablePrimary"])


def test_an_audit_leaves_no_trace_among_the_operations(members: Started) -> None:
    members.run({"profile": 2}, "shop")
    try:
        members.client["shop"]["orders"].find_one({"seen": 1})
        for _ in range(2):
            snapshot = read(members)
        texts = {statement.text for statement in snapshot.workload.statements}
        assert texts == {"db.orders.find({seen: ?}).limit(?)"}
        assert [session for session in snapshot.workload.sessions if session.kind == "client"] == []
    finally:
        members.run({"profile": 0}, "shop")


def test_a_hidden_member_is_asked_too(members: Started) -> None:
    config = members.run({"replSetGetConfig": 1})["config"]
    secondary = next(number for number in range(3) if not hello(members, number))
    before, used = config["members"][secondary].copy(), index(read(members), "by_primary").scans
    config["members"][secondary] |= {"hidden": True, "priority": 0}
    members.run({"replSetReconfig": {**config, "version": config["version"] + 1}})
    try:
        ask(members, secondary, "by_primary")
        assert index(read(members), "by_primary").scans == (used or 0) + 1
    finally:
        config["members"][secondary] = before
        members.run({"replSetReconfig": {**config, "version": config["version"] + 2}})


def test_where_a_member_does_not_answer_nothing_is_said_of_what_seems_unused(members: Started) -> None:
    secondary = next(number for number in range(3) if not hello(members, number))
    members.kill(secondary)
    snapshot = read(members)
    usage = next(probe for probe in snapshot.probes if probe.probe == "index-usage")
    assert usage.reason == "1 of 3 members could not be asked"
    assert index(snapshot, "by_nobody").scans is None


ONCE = {
    "q-unindexed": {"min_calls": 1, "min_rows": 100},
    "q-sort-in-memory": {"min_calls": 1, "min_read": 50},
    "q-offset-paging": {"min_calls": 1, "min_mean_ms": 0, "blocks_per_row": 5},
    "q-javascript": {"min_calls": 1},
    "q-regex-any-case": {"min_calls": 1, "min_read": 100},
    "q-unbounded-rows": {"min_calls": 1, "rows": 500},
    "q-lookup-heavy": {"min_calls": 1, "min_share": 0.01},
}
"""What the shop does once is enough, and its collections are small."""


@pytest.fixture(scope="module")
def worked(mongodb: Server) -> Iterator[Facts]:
    database = mongodb.client["auditor_worked"]
    mongodb.client.drop_database(database.name)
    fill(database)
    database.create_collection("system.profile", capped=True, size=32 << 20)
    mongodb.run({"profile": 2}, database.name)
    work(database)
    mongodb.run({"profile": 0}, database.name)
    connector = connector_for("mongodb")
    target = parse_target(mongodb.url(database.name), connector.schemes, connector.example)
    yield Facts(connector.collect(target, CollectOptions()))
    mongodb.client.drop_database(database.name)


@pytest.mark.parametrize("check", sorted(ONCE))
def test_what_the_shop_does_that_it_should_not_is_found(worked: Facts, check: str) -> None:
    assert check in {planted.flaw for planted in WORK}
    assert run_check(load_checks()[check], worked, ONCE[check]).findings

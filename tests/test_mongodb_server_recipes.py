"""The recipes for MongoDB's settings, accounts and servers, as far as statements carry them out."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from auditor.model import operation as op
from auditor.model.catalog import Catalog, Schema
from auditor.model.facts import Facts
from auditor.model.plan import Step
from auditor.model.security import Membership, Role
from auditor.model.server import Member
from auditor_connectors.mongodb.recipes import settings
from tests.mongodb_running import Runner, Shell, facts_of, facts_with, fill, steps_of
from tests.mongodb_servers import account
from tests.servers import Pool

CHANGES = {
    "a parameter": (op.SetSetting(name="setParameter.ttlMonitorEnabled", value="false", previous="true"), True),
    "a number": (op.SetSetting(name="setParameter.cursorTimeoutMillis", value="300000", previous="600000"), True),
    "the write concern": (op.SetSetting(name=settings.WRITE_CONCERN, value="1", previous="majority"), True),
    "the cache": (op.SetSetting(name=settings.CACHE, value="0.30", previous="0.25"), True),
    "the oplog": (op.SetSetting(name=settings.OPLOG, value="1000", previous="990"), True),
    "how long the oplog reaches back": (op.SetSetting(name=settings.RETENTION, value="1.5", previous="0"), True),
    "the profiler": (op.SetSetting(name=settings.PROFILER, value="slowOp", previous="off"), True),
    "what is slow": (op.SetSetting(name=settings.SLOW, value="55", previous="100"), True),
    "the features of a version": (op.SetSetting(name=settings.VERSION, value="5.0", previous="6.0"), True),
    "what needs a restart": (op.SetSetting(name="security.javascriptEnabled", value="false", restart=True), False),
}


@pytest.mark.parametrize(("operation", "live"), CHANGES.values(), ids=CHANGES)
def test_a_setting_changes_and_goes_back(pool: Pool, operation: op.SetSetting, live: bool) -> None:
    server = pool.mongodb()
    server.client["recipes_settings"].t.insert_one({})
    try:
        steps = steps_of(facts_of(server, "recipes_settings"), operation)
        with Shell(pool, server) as shell:
            runner = Runner(shell)
            if live:
                (step,) = steps
                assert step.verify is not None
                assert not runner.is_true(step.verify)
                runner.forward(step)
                runner.back(step)
                assert not runner.is_true(step.verify)
            else:
                assert [step.statements for step in steps] == [(), ()]
                assert "security: {javascriptEnabled: false}" in " ".join(steps[0].notes)
    finally:
        server.client.drop_database("recipes_settings")


def test_an_account_gets_what_it_needs_and_loses_what_is_too_much(pool: Pool) -> None:
    server = pool.mongodb({"auth": "on"})
    with account(server, "root", name='o"dd') as (name, _), Shell(pool, server) as shell:
        role = Role(name=f"{name}@admin", superuser=True, member_of=(Membership(role="root@admin"),))
        facts = facts_with(roles=(role,), catalog=Catalog(schemas=(Schema(name="shop"),)))
        runner = Runner(shell)
        steps = steps_of(facts, op.AlterRole(name=role.name, attributes={"superuser": False}))
        for step in steps:
            runner.forward(step)
        assert held(shell, name) == ["readWrite@shop"]
        for step in reversed(steps):
            runner.back(step)
        assert held(shell, name) == ["root@admin"]


def test_the_last_administrator_stays(pool: Pool) -> None:
    server = pool.mongodb({"auth": "on"})
    with account(server, "readAnyDatabase") as (name, _), Shell(pool, server) as shell:
        (step,) = steps_of(facts_with(), op.RevokeMembership(name="administrator@admin", role="root@admin"))
        assert step.precondition is not None
        assert not Runner(shell).is_true(step.precondition)
        (step,) = steps_of(facts_with(), op.RevokeMembership(name=f"{name}@admin", role="readAnyDatabase@admin"))
        Runner(shell).forward(step)
        assert held(shell, name) == []


def held(shell: Shell, name: str) -> list[str]:
    roles = shell.value(f'db.getSiblingDB("admin").getUser({name!r}).roles')
    return [f"{one['role']}@{one['db']}" for one in roles]


def test_tls_is_offered_before_it_is_demanded(pool: Pool) -> None:
    with pool.own_mongodb({"tls": "on", "tlsMode": "allowTLS"}) as server, Shell(pool, server) as shell:
        steps = [step for step in steps_of(facts_of(server, ""), op.EnableTls()) if step.statements]
        runner = Runner(shell)
        for step in steps:
            runner.forward(step)
        assert len(runner.ran) == 2
        for step in steps:
            runner.forward(step)
        assert len(runner.ran) == 2


def titles(steps: list[Step]) -> list[str]:
    return [step.title for step in steps]


def test_an_upgrade_goes_through_every_version_between() -> None:
    facts = facts_with(version=40400, members=tuple(Member(name=f"m{n}") for n in range(3)))
    steps = steps_of(facts, op.UpgradeServer(from_version="4.4.29", to_version="7.0", major=True))
    assert [title for title in titles(steps) if title.startswith("Switch")] == [
        "Switch the features of 5.0 on", "Switch the features of 6.0 on", "Switch the features of 7.0 on",
    ]  # fmt: skip
    assert [step.point_of_no_return for step in steps] == [False, False, True] * 3
    assert "confirm" in steps[-1].statements[0]
    assert "confirm" not in steps[2].statements[0]
    small = steps_of(facts, op.UpgradeServer(from_version="4.4.1", to_version="4.4.29"))
    assert [(step.blocks.value, step.reversible) for step in small] == [("writes", True)]


def test_where_there_is_one_server_a_restart_stops_everybody() -> None:
    several = facts_with(members=tuple(Member(name=f"m{n}") for n in range(3)))
    operation = op.SetSetting(name="security.javascriptEnabled", value="false", restart=True)
    blocked = [steps_of(facts, operation)[-1].blocks.value for facts in (facts_with(), several)]
    assert blocked == ["reads-and-writes", "writes"]


@pytest.mark.parametrize(
    "operation",
    [
        op.AddReplica(),
        op.RepackTable(schema="shop", table="orders"),
        op.ChangeApplication(topic="queue", subject="server", instruction="Wait less."),
        op.ResetSetting(name="storage.journal.enabled", previous="false"),
        op.AlterRole(name="x@admin", attributes={"superuser": False}),
    ],
    ids=lambda operation: operation.kind,
)
def test_what_people_do_says_how(operation: op.AnyOperation) -> None:
    for step in steps_of(facts_with(), operation):
        assert step.statements == ()
        assert step.notes


@pytest.mark.parametrize("members", ["0", "3"])
def test_work_is_the_same_without_a_set_and_with_several_members(pool: Pool, members: str) -> None:
    with pool.own_mongodb({"members": members}) as server, Shell(pool, server) as shell:
        fill(server, "shop", "orders", [{"_id": n, "total": str(n)} for n in range(1100)])
        facts, runner = facts_of(server, "shop"), Runner(shell)
        build, *_ = steps_of(facts, op.AddIndex(schema="shop", table="orders", columns=("total",)))
        runner.forward(build)
        assert ('"majority"' in build.statements[-1]) is (members == "3")
        change = op.ChangeColumnType(
            schema="shop", table="orders", column="total", from_type="string", to_type="int"
        )  # fmt: skip
        for step in steps_of(facts, change):
            runner.forward(step)
        assert server.client["shop"].orders.count_documents({"total": {"$type": "int"}}) == 1100


def test_what_another_product_does_in_a_way_of_its_own_is_left_to_people() -> None:
    snapshot = facts_with().snapshot
    target = replace(snapshot.target, flavour="Amazon DocumentDB")
    facts = Facts(replace(snapshot, target=target, capabilities=replace(snapshot.capabilities, own_versions=True)))
    (step,) = steps_of(facts, op.AddIndex(schema="shop", table="orders", columns=("total",)))
    assert step.statements == ()
    assert "Amazon DocumentDB" in step.title
    (step,) = steps_of(facts, op.ChangeApplication(topic="x", subject="y", instruction="z"))
    assert step.audience == "application"

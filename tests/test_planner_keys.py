"""What the planner decides among changes of keys, and in which order they come."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.model import operation as op
from auditor.model.facts import Facts
from auditor.model.keyspace import Keyspace, LogicalDatabase
from auditor.model.plan import Plan
from auditor.model.snapshot import Snapshot, TargetInfo
from auditor.planning import make_plan
from auditor_connectors.redis.recipes import RECIPES

SESSION, CART = "session:{id}", "cart:{id}"
EXPIRE = op.ExpireKeys(pattern=SESSION, seconds=60)
RENAME = op.RenameKeys(pattern=SESSION, to="s:{id}")
SPLIT = op.SplitKey(pattern=SESSION, type="hash", parts=8)
MOVE = op.MoveKeys(patterns=(CART, SESSION), purpose="sessions")
CLUSTER = op.MoveToCluster()


def plan_of(*operations: op.AnyOperation, wishes: Sequence[op.AnyOperation] = ()) -> Plan:
    snapshot = Snapshot(
        tool_version="0",
        target=TargetInfo(engine="redis", version="8.2", name="all", collected_at="2026-01-15T12:00:00Z"),
        keyspace=Keyspace(databases=(LogicalDatabase(number=0, keys=1000),)),
    )
    made = make_plan(Facts(snapshot), operations, (), RECIPES, wishes)
    assert make_plan(Facts(snapshot), operations[::-1], (), RECIPES, wishes) == made
    assert [one for one in made.conflicts if one.decision == "No steps are planned"] == []
    return made


def places(plan: Plan, operation: op.AnyOperation) -> list[int]:
    return [n for n, step in enumerate(plan.steps) if step.operation == operation.id]


def standing(plan: Plan) -> set[str]:
    return {one.id for one in plan.operations}


def test_an_expiry_comes_before_what_copies_it() -> None:
    for copies in (RENAME, SPLIT, MOVE):
        plan = plan_of(copies, EXPIRE)
        assert places(plan, EXPIRE)[-1] < places(plan, copies)[0]
        assert [one.id for one in plan.operations if one.id in (copies.id, EXPIRE.id)]


def test_a_stream_is_trimmed_before_it_is_copied() -> None:
    trim = op.TrimStream(pattern=SESSION, entries=100)
    plan = plan_of(MOVE, trim)
    assert places(plan, trim)[-1] < places(plan, MOVE)[0]


def test_keys_become_others_in_one_way() -> None:
    plan = plan_of(RENAME, SPLIT)
    assert standing(plan) == {SPLIT.id}
    assert "audit again" in plan.conflicts[0].reason
    assert standing(plan_of(SPLIT, wishes=[RENAME])) == {RENAME.id}


def test_a_move_leaves_out_what_another_change_takes() -> None:
    plan = plan_of(MOVE, SPLIT)
    assert standing(plan) == {MOVE.id, SPLIT.id}
    (move,) = (one for one in plan.operations if isinstance(one, op.MoveKeys))
    assert move.patterns == (CART,)
    assert standing(plan_of(SPLIT, wishes=[MOVE])) == {MOVE.id}
    alone = op.MoveKeys(patterns=(SESSION,), purpose="sessions")
    assert standing(plan_of(alone, RENAME)) == {RENAME.id}
    twice = plan_of(MOVE, op.MoveKeys(patterns=(SESSION, "queue:{id}"), purpose="queues"))
    assert sorted(pattern for one in twice.operations if isinstance(one, op.MoveKeys) for pattern in one.patterns) == [
        CART, "queue:{id}", SESSION,
    ]  # fmt: skip


def test_a_cluster_comes_last() -> None:
    upgrade = op.UpgradeServer(from_version="7.0", to_version="8.2", major=True)
    plan = plan_of(CLUSTER, EXPIRE, MOVE, upgrade)
    for earlier in (EXPIRE, MOVE, upgrade):
        assert places(plan, earlier)[-1] < places(plan, CLUSTER)[0]


def test_servers_get_tls_before_passwords_and_a_replica_before_a_restart() -> None:
    tls, accounts, replica = op.EnableTls(), op.RestrictAccounts(), op.AddReplica()
    restart = op.SetSetting(name="databases", value="4", restart=True)
    plan = plan_of(accounts, restart, replica, tls)
    assert places(plan, replica)[-1] < places(plan, restart)[0]
    assert places(plan, accounts)[0] > places(plan, tls)[2]
    # what is restarted for two settings is restarted once
    other = op.SetSetting(name="io-threads", value="4", restart=True)
    assert sum("Restart the servers once" in step.title for step in plan_of(restart, other).steps) == 1


def test_who_may_be_evicted_is_decided_when_the_keys_are_right() -> None:
    policy = op.SetSetting(name="maxmemory-policy", value="volatile-lru")
    plan = plan_of(policy, EXPIRE, MOVE)
    assert places(plan, policy)[0] > places(plan, EXPIRE)[-1]


def test_what_two_findings_ask_for_is_one_change() -> None:
    plan = plan_of(
        EXPIRE, op.ExpireKeys(pattern=SESSION, seconds=600),
        op.TrimStream(pattern="log", entries=5), op.TrimStream(pattern="log", entries=50),
        op.RestrictAccounts(commands=("get",), patterns=("a*",)), op.RestrictAccounts(commands=("set",)),
        op.MoveKeys(patterns=("q:{id}",), purpose="queues"), op.MoveKeys(patterns=("p:{id}",), purpose="queues"),
        op.MoveToCluster(shards=3, tagged=("a",)), op.MoveToCluster(shards=6, tagged=("b",)),
    )  # fmt: skip
    found = {one.kind: one for one in plan.operations}
    assert found == {
        "expire-keys": op.ExpireKeys(pattern=SESSION, seconds=600),
        "trim-stream": op.TrimStream(pattern="log", entries=50),
        "restrict-accounts": op.RestrictAccounts(commands=("get", "set")),
        "move-keys": op.MoveKeys(patterns=("p:{id}", "q:{id}"), purpose="queues"),
        "move-to-cluster": op.MoveToCluster(shards=6, tagged=("a", "b")),
    }


def test_what_is_in_no_waves_together_and_where_the_application_changes() -> None:
    plan = plan_of(EXPIRE, SPLIT, MOVE, RENAME)
    assert all(len(wave) == 1 for phase in plan.phases for wave in phase.waves)
    deploys = [step.deploy for step in plan.steps if step.deploy is not None]
    assert {one.kind for one in deploys} >= {"tolerate", "move-reads", "stop-using", "other"}
    assert all(one.objects for one in deploys)

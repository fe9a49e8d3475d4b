"""A plan of many changes for Redis and Valkey, carried out in bash step by step while clients work, and taken back."""

from __future__ import annotations

import pytest
import redis

from auditor.connector import CollectOptions
from auditor.model import operation as op
from auditor.model.report import Audit
from auditor.model.vocabulary import Blocks
from auditor.pipeline import Selection, audit_snapshot
from auditor.registry import load_connectors
from auditor.target import parse_target
from tests.redis_running import Runner, Shell, held, under_load
from tests.redis_servers import Server
from tests.servers import Pool

DAY = 86400
SETTINGS = ("maxmemory", "maxmemory-policy", "appendonly")
WISHES: tuple[op.AnyOperation, ...] = (
    op.ExpireKeys(pattern="session:{id}", seconds=DAY),
    op.RenameKeys(pattern="session:{id}", to="s:{id}"),
    op.SplitKey(pattern="board:{id}", type="zset", parts=4),
    op.MoveKeys(patterns=("queue:{id}", "board:{id}"), purpose="queues"),
    op.TrimStream(pattern="log:{id}", entries=200),
    op.SetSetting(name="maxmemory", value="512mb"),
    op.SetSetting(name="maxmemory-policy", value="volatile-lru"),
    op.SetSetting(name="appendonly", value="yes"),
    op.ChangeApplication(topic="keys-command", subject="KEYS", instruction="Use SCAN."),
)


def fill(client: redis.Redis) -> None:
    line = client.pipeline(transaction=False)
    for n in range(600):
        line.set(f"session:{n}", f"value {n}")
        line.rpush(f"queue:{n}", *range(3))
        line.xadd("log:1", {"n": n})
    line.zadd("board:1", {f"m{n}": n for n in range(700)})
    line.execute()


def audit_of(server: Server) -> Audit:
    connector = load_connectors()["redis"]
    target = parse_target(server.url(), connector.schemes, connector.example)
    snapshot = connector.collect(target, CollectOptions(sample=False))
    return audit_snapshot(snapshot, Selection(only=("idx-duplicate",)), wishes=WISHES)


def state(server: Server) -> tuple[object, object]:
    keys = {key: one for key, one in held(server).items() if not key.startswith(b"busy")}
    return keys, {name: server.client.config_get(name)[name] for name in SETTINGS}


@pytest.mark.parametrize("engine", ["redis", "redis-debian", "valkey"])
def test_a_plan_is_carried_out_and_taken_back(pool: Pool, engine: str) -> None:
    with pool.own_redis(engine=engine) as server, pool.own_redis(engine=engine) as target:
        fill(server.client)
        before = state(server)
        plan = audit_of(server).plan
        assert [one.decision for one in plan.conflicts] == ["board:{id} does not move"]
        assert all(step.blocks is Blocks.NOTHING or (step.blocking_seconds or 0) < 1 for step in plan.steps)
        final = next(n for n, step in enumerate(plan.steps) if step.point_of_no_return)
        with Shell(server, target) as shell, under_load(
            server, lambda client, n: client.get(f"session:{n % 600}"), lambda client, n: client.set(f"busy{n % 9}", n)
        ):  # fmt: skip
            runner = Runner(shell)
            for step in plan.steps[:final]:
                runner.forward(step)
            assert state(server) != before
            for step in reversed(plan.steps[:final]):
                runner.back(step)
            assert state(server) == before
            assert held(target) == {}
            for step in plan.steps:
                runner.forward(step)
            for step in plan.steps:  # all of it is done
                assert step.verify is None or runner.is_true(step.verify), step.title
        keys = {key for key in held(server) if not key.startswith(b"busy")}
        assert keys == {*(b"s:%d" % n for n in range(600)), *(b"board:1:%d" % n for n in range(4)), b"log:1"}
        assert all(server.client.ttl(f"s:{n}") > 0 for n in range(600))
        assert set(held(target)) == {b"queue:%d" % n for n in range(600)}
        assert server.client.xlen("log:1") <= 500

"""Each recipe for keys of Redis and Valkey: forward while clients read and write, once more, and back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
import redis

from auditor.model import operation as op
from auditor.model.keyspace import KeyPattern
from auditor.model.plan import Step
from tests.redis_running import Moment, Runner, Shell, ShellError, facts_of, held, steps_of, under_load
from tests.redis_servers import Server
from tests.servers import Pool

ENGINES = ("redis", "redis-debian", "valkey", "redis-6.2")
ROWS = 3000
ODD = 'o\'dd $x "y" -- *[z]%a\\:'
DAY = 86400
LONGEST_CALL_MICROSECONDS = 50_000
"""What a single call may take of the server on a machine that others use too; alone it takes 1 or 2 ms."""


@pytest.fixture(params=ENGINES)
def running(request: pytest.FixtureRequest, pool: Pool) -> Iterator[Server]:
    found = pool.redis(engine=request.param)
    found.client.flushall()
    yield found
    found.client.flushall()


def fill(running: Server) -> None:
    """Sessions without an expiry, some with one, and names that are like theirs."""
    line = running.client.pipeline(transaction=False)
    for n in range(ROWS):
        line.set(f"session:{n}", f"value {n}")
        line.set(f"session:{n}:note", "none of them")
    for n in range(ROWS, ROWS + 300):
        line.set(f"session:{n}", "ends by itself", ex=9 * DAY + n)
    line.set("session:", "no number")
    line.set("session:abc", "no number")
    line.set("other", "1")
    line.execute()


def read(client: redis.Redis, n: int) -> object:
    return client.get(f"session:{n % ROWS}")


def write(client: redis.Redis, n: int) -> object:
    return client.set(f"busy:{n % 5}", n)


PATTERN = KeyPattern(name="session:{id}", parts=("number",))


def test_keys_get_an_expiry_and_lose_it_again(running: Server) -> None:
    fill(running)
    before = held(running)
    steps = steps_of(facts_of(running, PATTERN), op.ExpireKeys(pattern="session:{id}", seconds=7 * DAY))
    assert [step.audience for step in steps] == ["application", "database"]
    with Shell(running) as shell, under_load(running, read, write):
        runner = Runner(shell)
        started = time.time()
        for step in steps:
            runner.forward(step)
        ended = time.time()
        after = held(running)
        changed = {key for key, one in before.items() if after[key] != one}
        assert changed == {f"session:{n}".encode() for n in range(ROWS)}
        ends = [after[key][1] for key in changed]
        assert min(ends) >= started + 7 * DAY - 1
        assert max(ends) <= ended + 7.7 * DAY + 1
        assert len({round(end) for end in ends}) > ROWS * 0.7  # they do not end together
        # it is done: nothing happens a second time
        for step in steps:
            runner.forward(step)
        assert len(runner.ran) == 1
        for step in reversed(steps):
            runner.back(step)
        again = held(running)
        assert {key: again[key] for key in before} == before
        assert not list(shell.place.iterdir())  # no cursor is left


def shop(running: Server) -> None:
    """Keys of every type, with and without an expiry, and names that are like theirs."""
    client = running.client
    client.flushall()
    for n in range(120):
        client.hset(f"cart:{n}", mapping={f"item{i}": i for i in range(n % 7 + 1)})
        client.set(f"user:{n}:name", f"value {n}", ex=DAY * (n + 1) if n % 2 else None)
        client.rpush(f"queue:{n}", *range(5))
        client.zadd(f"rank:{n}", {f"m{i}": i / 7 for i in range(4)})
        client.sadd(f"tags:{n}", *range(6))
        client.set(f"user:{n}:name:old", "another")
    client.hset("big", mapping={f"field {i} {ODD}": f"value {i}" for i in range(1500)})
    client.expire("big", DAY)
    client.sadd("members", *range(900))
    client.zadd("scores", {f"m{i}": i / 7 for i in range(900)})
    client.set(f"{ODD}:7", b"\x00\xff\n")


def until_no_return(steps: list[Step]) -> list[Step]:
    return steps[: next(n for n, step in enumerate(steps) if step.point_of_no_return)]


def moves(running: Server, operation: op.AnyOperation, gone: str, target: Server | None = None) -> None:
    """Forward twice, back to what was there, and forward to the end; ``gone`` is a glob of the keys that go."""
    steps = steps_of(facts_of(running), operation)
    before = held(running)
    there = held(target) if target is not None else {}
    with Shell(running, target) as shell, under_load(running, read, write):
        runner = Runner(shell)
        for step in until_no_return(steps):
            runner.forward(step)
        after, first = apart(held(running)), list(runner.ran)
        assert first
        assert after.items() >= apart(before).items()
        for step in until_no_return(steps):
            runner.forward(step)
        assert runner.ran == first
        for step in reversed(until_no_return(steps)):
            runner.back(step)
        assert apart(held(running)) == apart(before)
        assert target is None or held(target) == there
        for step in steps:
            runner.forward(step)
        assert not list(shell.place.iterdir())
    assert list(running.client.scan_iter(match=gone, count=1000)) == []


def apart(keys: dict[bytes, tuple[Any, Moment | None]]) -> dict[bytes, tuple[Any, Moment | None]]:
    """Without what the clients write meanwhile."""
    return {key: one for key, one in keys.items() if not key.startswith(b"busy:")}


@pytest.mark.parametrize("pattern", ["cart", "queue", "rank", "tags"])
def test_keys_are_renamed(running: Server, pattern: str) -> None:
    shop(running)
    wanted = {key.replace(pattern.encode(), b"eu:'x\\", 1): one for key, one in held(running).items()
              if key.startswith(f"{pattern}:".encode())}  # fmt: skip
    moves(running, op.RenameKeys(pattern=f"{pattern}:{{id}}", to="eu:'x\\:{id}"), f"{pattern}:*")
    assert apart(held(running)).items() >= wanted.items()


def test_a_renamed_key_keeps_its_expiry_and_its_parts(running: Server) -> None:
    shop(running)
    before = held(running)
    moves(running, op.RenameKeys(pattern="user:{id}:name", to="name-of:{id}"), "user:*:name")
    after = held(running)
    for n in range(120):
        assert after[f"name-of:{n}".encode()] == before[f"user:{n}:name".encode()]
        assert f"user:{n}:name:old".encode() in after


def test_what_differs_from_its_copy_is_told(running: Server) -> None:
    shop(running)
    steps = steps_of(facts_of(running), op.RenameKeys(pattern="cart:{id}", to="basket:{id}"))
    running.client.hset("basket:7", "other", 1)
    running.client.set("cart:huge", "x" * (2 << 20))
    with Shell(running) as shell:
        runner = Runner(shell)
        with pytest.raises(AssertionError, match="Copy"):
            runner.forward(steps[1])
        assert running.client.hgetall("basket:7") == {"other": "1"}
        assert running.client.exists("basket:huge") == 0
        running.client.delete("basket:7", "cart:huge")
        runner.forward(steps[1])


@pytest.mark.parametrize(("name", "kind"), [("big", "hash"), ("members", "set"), ("scores", "zset")])
def test_a_big_key_is_split(running: Server, name: str, kind: str) -> None:
    shop(running)
    whole, ends = held(running)[name.encode()]
    running.client.hset("big:x", "none", "of it")
    # one pattern that has a separator, and one key
    running.client.rename(name, f"{name}:1")
    moves(running, op.SplitKey(pattern=f"{name}:{{id}}", type=kind, parts=4), f"{name}:1")
    parts = [held(running)[f"{name}:1:{n}".encode()] for n in range(4)]
    if kind == "hash":
        assert {key: value for part, _ in parts for key, value in part.items()} == whole
    else:
        assert {one for part, _ in parts for one in part} == set(whole)
    assert all(len(part) > len(whole) / 8 for part, _ in parts)
    assert {end for _, end in parts if end is None} == ({None} if ends is None else set())


def test_keys_move_to_another_server(running: Server, pool: Pool) -> None:
    shop(running)
    with pool.own_redis(engine=running.engine) as target:
        wanted = held(running)
        operation = op.MoveKeys(patterns=("queue:{id}", "user:{id}:name", f"{ODD}:{{id}}"), purpose="queues")
        target.client.set("queue:7", "written later")
        with Shell(running, target) as shell:
            copy = next(step for step in steps_of(facts_of(running), operation) if step.statements)
            Runner(shell).forward(copy)
            assert target.client.get("queue:7") == "written later"
            Runner(shell).back(copy)
        moves(running, operation, "queue:*", target)
        there = held(target)
        names = [key for key in wanted if key.startswith((b"queue:", b"o'dd")) or key.endswith(b":name")]
        assert there == {key: wanted[key] for key in names}


def test_a_stream_is_trimmed_as_far_as_it_was_read(running: Server) -> None:
    client = running.client
    client.flushall()
    for name in ("log:1", "log:2"):
        line = client.pipeline(transaction=False)
        for n in range(4000):
            line.xadd(name, {"n": n})
        line.execute()
    client.xgroup_create("log:2", "readers", id="0")
    client.xreadgroup("readers", "one", {"log:2": ">"}, count=1000)
    app, trim = steps_of(facts_of(running), op.TrimStream(pattern="log:{id}", entries=500))
    assert app.audience == "application"
    with Shell(running) as shell, under_load(running, lambda one, n: one.xrevrange("log:1", count=1), write):
        runner = Runner(shell)
        with pytest.raises(AssertionError, match="Trim"):  # what was given out is not acknowledged
            runner.forward(trim)
        assert client.xlen("log:2") == 4000
        client.xack("log:2", "readers", *[one["message_id"] for one in client.xpending_range(
            "log:2", "readers", "-", "+", 1000)])  # fmt: skip
        with pytest.raises(ShellError, match="has not read"):  # the rest was not given out
            runner.forward(trim)
        assert client.xlen("log:2") >= 3000
        client.xgroup_setid("log:2", "readers", "$")
        runner.forward(trim)
        assert all(500 <= client.xlen(name) <= 700 for name in ("log:1", "log:2"))
        assert not trim.reversible


def test_each_call_is_short(running: Server) -> None:
    shop(running)
    fill(running)
    client = running.client
    client.config_set("slowlog-log-slower-than", 0)
    client.config_set("slowlog-max-len", 10000)
    operations = (
        op.ExpireKeys(pattern="session:{id}", seconds=DAY),
        op.RenameKeys(pattern="cart:{id}", to="basket:{id}"),
        op.SplitKey(pattern="rank:{id}", type="zset", parts=4),
    )
    with Shell(running) as shell:
        for operation in operations:
            step = next(one for one in steps_of(facts_of(running), operation) if one.statements)
            client.slowlog_reset()
            Runner(shell).forward(step)
            calls = [one["duration"] for one in client.slowlog_get(10000) if "EVAL" in str(one["command"])[:6]]
            assert calls
            assert max(calls) < LONGEST_CALL_MICROSECONDS
    client.config_set("slowlog-log-slower-than", 10000)

"""Each recipe for keys of Redis and Valkey: forward while clients read and write, once more, and back."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import redis

from auditor.model import operation as op
from auditor.model.keyspace import KeyPattern
from tests.redis_running import Runner, Shell, facts_of, held, steps_of, under_load
from tests.redis_servers import Server
from tests.servers import Pool

ENGINES = ("redis", "redis-debian", "valkey", "redis-6.2")
ROWS = 3000
ODD = 'o\'dd $x "y" -- *[z]%a\\:'
DAY = 86400


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

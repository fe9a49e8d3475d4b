"""What keys are used for, as it is inferred from what a real server holds and was asked."""

from __future__ import annotations

import pytest

from auditor.connector import CollectOptions
from auditor.model.facts import Facts
from auditor.model.vocabulary import Confidence
from auditor.registry import connector_for
from auditor.target import parse_target
from auditor_checks._roles import Roles, roles
from tests.redis_cases import left_as_it_was
from tests.servers import Pool

BOTH = pytest.mark.parametrize("engine", ["redis", "valkey"])
LIKELY, POSSIBLE = Confidence.LIKELY, Confidence.POSSIBLE

EXPECTED = {
    # What commands make them, {n} being the number of a key, and what the pattern's keys are for.
    "cache:page:{id}": ("SET cache:page:{n} x EX 3600", "cache", LIKELY),
    "cache:rate:{id}": ("SET cache:rate:{n} 1.2 EX 3600", "cache", LIKELY),
    "cache:tag:{id}": ("SADD cache:tag:{n} a", "cache", POSSIBLE),
    "lock:cache:{id}": ("SET lock:cache:{n} x EX 30", "coordination", LIKELY),
    "rate:{id}": ("SET rate:{n} 7 EX 60", "coordination", LIKELY),
    "rate:usd:{id}": ("SET rate:usd:{n} 1.25", "primary store", LIKELY),
    "otp:{id}": ("SET otp:{n} 123456 EX 300", "coordination", LIKELY),
    "page:views:{id}": ("SET page:views:{n} 7", "primary store", LIKELY),
    "html:{id}": ("SET html:{n} x EX 60", "cache", LIKELY),
    "session:{id}": ("HSET session:{n} user 1", "session store", LIKELY),
    "user:{id}:sessions": ("SADD user:{n}:sessions a", "primary store", LIKELY),
    "token:{id}": ("SET token:{n} 1 EX 9000000", "session store", POSSIBLE),
    "apikey:token:{id}": ("SET apikey:token:{n} 1", "primary store", LIKELY),
    "user:{id}": ("HSET user:{n} name x", "primary store", LIKELY),
    "weather:{id}": ("SET weather:{n} x EX 900", "cache", LIKELY),
    "bull:mail:{id}": ("HSET bull:mail:{n} data x", "queue", LIKELY),
    "sidekiq:stat:{id}": ("SET sidekiq:stat:{n} 1", "queue", LIKELY),
    "feed:{id}": ("LPUSH feed:{n} x", "primary store", LIKELY),
    "clicks:{id}": ("XADD clicks:{n} * a b", "queue", POSSIBLE),
}
WITH_QUEUES = {
    "task:{id}": ("HSET task:{n} title x", "queue", POSSIBLE),
    "mails:{id}": ("LPUSH mails:{n} x", "queue", POSSIBLE),
    "timeline:{id}": ("LPUSH timeline:{n} x", "primary store", LIKELY),
}
WITHOUT_QUEUES = {
    "task:{id}": ("HSET task:{n} title x", "primary store", LIKELY),
    "mails:{id}": ("LPUSH mails:{n} x", "primary store", LIKELY),
    "jobs:{id}": ("LPUSH jobs:{n} x", "queue", LIKELY),
}


def found(pool: Pool, engine: str, made: dict[str, tuple[str, str, Confidence]], *work: str) -> Roles:
    server = pool.redis(engine=engine)
    with left_as_it_was(server):
        server.client.config_resetstat()
        for command, *_ in made.values():
            for number in range(30):
                server.client.execute_command(*command.replace("{n}", str(number + 100)).split())
        for command in work:
            server.client.execute_command(*command.split())
        server.client.close()
        connector = connector_for("redis")
        target = parse_target(server.url(), connector.schemes, connector.example)
        snapshot = connector.collect(target, CollectOptions())
    return roles(Facts(snapshot))


def assert_roles(told: Roles, made: dict[str, tuple[str, str, Confidence]]) -> None:
    assert {name: (one.role, one.confidence) for name, one in told.patterns.items()} == {
        name: (role, confidence) for name, (_, role, confidence) in made.items()
    }
    assert all(one.reasons for one in told.patterns.values())


@BOTH
def test_names_types_and_ends_say_what_keys_are_for(pool: Pool, engine: str) -> None:
    assert_roles(found(pool, engine, EXPECTED), EXPECTED)


@BOTH
def test_words_of_queues_count_where_somebody_takes_work(pool: Pool, engine: str) -> None:
    told = found(pool, engine, WITH_QUEUES, *["RPOP mails:100"] * 20)
    assert_roles(told, WITH_QUEUES)
    assert told.queue_calls > 0.3


@BOTH
def test_a_list_from_which_nobody_takes_is_no_queue_by_itself(pool: Pool, engine: str) -> None:
    told = found(pool, engine, WITHOUT_QUEUES, *["LRANGE mails:100 0 9"] * 20)
    assert_roles(told, WITHOUT_QUEUES)
    assert told.queue_calls == 0

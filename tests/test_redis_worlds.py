"""The planted servers of `redis_worlds`: what their descriptions say is there, the same every time."""

from __future__ import annotations

import hashlib
import time
from typing import Any

import pytest

from tests.redis_worlds import WORLDS
from tests.servers import Pool

EACH = pytest.mark.parametrize("name", sorted(WORLDS))


@EACH
def test_the_same_names_are_planted_every_time(pool: Pool, name: str) -> None:
    found = []
    for engine in ("redis", "valkey", "redis-6.2"):
        with pool.own_redis(WORLDS[name].SETTINGS, engine) as server:
            WORLDS[name].plant(server.client, 0.02)
            names = sorted(server.client.scan_iter(count=1000))
            found.append(hashlib.sha256("\0".join(names).encode()).hexdigest())
            WORLDS[name].work(server.client)
    assert len(set(found)) == 1


@EACH
@pytest.mark.parametrize("engine", ["redis", "valkey"])
def test_a_world_is_quickly_there_and_at_work(pool: Pool, name: str, engine: str) -> None:
    with pool.own_redis(WORLDS[name].SETTINGS, engine) as server:
        client = server.client
        begun = time.monotonic()
        WORLDS[name].plant(client)
        assert time.monotonic() - begun < 60  # on an idle machine it is two seconds
        assert 29_000 < client.dbsize() < 60_000
        counted = {one["calls"] for key, one in client.info("commandstats").items() if key != "cmdstat_info"}
        assert counted <= {1}  # setting the counters back, and what a world looks up afterwards
        WORLDS[name].work(client)
        assert client.info("stats")["total_commands_processed"] > 4000
        {"cache": cache, "sessions": sessions, "queue": queue, "primary": primary}[name](client)


def calls(client: Any, command: str) -> int:
    return int(client.info("commandstats")[f"cmdstat_{command}"]["calls"])


def cache(client: Any) -> None:
    told = client.info("stats")
    assert 0.6 < told["keyspace_hits"] / (told["keyspace_hits"] + told["keyspace_misses"]) < 0.75
    assert told["evicted_keys"] > 0
    assert client.strlen("cache:catalogue") > 2 * 2**20
    ends = {client.expiretime(f"cache:price:{number}") for number in range(100)} - {-2}
    assert len(ends) == 1
    assert calls(client, "keys") == 40


def sessions(client: Any) -> None:
    assert client.scard("user:13:sessions") > 20_000
    assert client.object("idletime", "session_100007") > 59 * 86400
    assert client.ttl("session_100007") == -1
    assert client.info("memory")["number_of_cached_scripts"] >= 500
    assert client.info("stats")["total_connections_received"] >= 300
    assert client.info("errorstats") == {}


def queue(client: Any) -> None:
    groups = {one["name"]: one for one in client.xinfo_groups("events:orders")}
    assert groups["billing"]["pending"] == 800
    assert groups["mailer"]["pending"] == 0
    oldest = client.xpending_range("events:orders", "billing", "-", "+", 1)[0]
    assert oldest["time_since_delivered"] > 2 * 86_400_000 - 1000
    assert client.xlen("events:orders") > 30_000
    assert client.xlen("events:clicks") < 1200
    assert client.llen("bull:emails:wait") == 9000
    assert client.info("persistence")["aof_enabled"] == 0
    assert calls(client, "rpop") == 2000


def primary(client: Any) -> None:
    assert client.info("persistence")["aof_enabled"] == 1
    assert client.hlen("products") == 40_000
    assert client.object("idletime", "tmp:export:2025-01-08:7") > 89 * 86400
    assert client.info("keyspace")["db1"]["keys"] == 500
    assert calls(client, "exec") == 60
    writes = sum(calls(client, command) for command in ("set", "zadd", "hset", "incr", "lpush"))
    assert writes > 3 * calls(client, "get")

"""The Redis and Valkey servers of the tests: each kind is what its settings say, and what it is asked for works."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest
import redis

from tests.redis_programs import CommandLineError
from tests.redis_servers import SERVERS, account, start
from tests.servers import Pool

VERSIONS = {"redis": (8, 2), "valkey": (9, 1), "redis-6.2": (6, 2), "redis-7.2": (7, 2), "valkey-8.1": (8, 1)}


@pytest.mark.parametrize("engine", SERVERS)
def test_every_server_is_had_by_its_name(pool: Pool, engine: str) -> None:
    server = pool.redis(engine=engine)
    assert pool.redis(engine=engine) is server
    assert server.version == VERSIONS.get(engine, server.version)
    assert ("valkey_version" in server.client.info("server")) == (server.product == "valkey")
    assert server.client.config_get("save") == {"save": ""}


@pytest.mark.parametrize("engine", ["redis", "valkey", "redis-6.2"])
def test_settings_are_lines_of_the_configuration(pool: Pool, engine: str) -> None:
    settings = {"maxmemory": "64mb", "save": "900 1 60 1000", "client-output-buffer-limit": "pubsub 1mb 1mb 60"}
    with pool.own_redis(settings, engine) as server:
        assert server.client.config_get("maxmemory") == {"maxmemory": str(64 * 2**20)}
        assert server.client.config_get("save") == {"save": "900 1 60 1000"}
        assert "pubsub 1048576 1048576 60" in str(server.client.config_get("client-output-buffer-limit"))


@pytest.mark.parametrize("engine", ["redis", "valkey"])
def test_who_has_no_password_may_do_nothing(pool: Pool, engine: str) -> None:
    server = pool.redis({"auth": "on"}, engine)
    host, port = server.nodes[0].rpartition("@")[2].rstrip("/").split(":")
    with contextlib.closing(redis.Redis(host, int(port), protocol=2)) as stranger:
        refused("Authentication required", stranger.ping)
    with account(server, ["~cache:*", "+get", "+info"]) as login, contextlib.closing(server.open(*login)) as client:
        assert client.get("cache:1") is None
        assert client.info("server")
        refused("ermissions? to access a key|one of the keys", lambda: client.get("user:1"))
        refused("has no permissions", client.dbsize)
    assert server.client.execute_command("ACL", "USERS") == ["default"]


def refused(why: str, ask: Callable[[], object]) -> None:
    with pytest.raises(redis.RedisError, match=why):
        ask()


def test_a_server_that_wants_tls_takes_nothing_else(pool: Pool) -> None:
    with pool.own_redis({"tls": "on", "auth": "on"}, "redis-debian") as server:
        assert server.url().startswith("rediss://")
        assert server.client.ping()
        plain = server.url().replace("rediss", "redis").partition("?")[0]
        with contextlib.closing(redis.Redis.from_url(plain, retry=None)) as client:
            refused("Connection|Error", client.ping)


def test_a_socket_file_is_a_way_in(pool: Pool) -> None:
    with pool.own_redis({"unixsocket": "on", "port": "0", "auth": "on"}) as server:
        assert server.url(database=3).startswith("unix://:")
        with contextlib.closing(redis.Redis.from_url(server.url(database=3))) as client:
            client.set("a", 1)
        assert server.client.info("keyspace") == {"db3": {"keys": 1, "expires": 0, "avg_ttl": 0, "subexpiry": 0}}


def test_a_command_has_another_name_or_none(pool: Pool) -> None:
    with pool.own_redis({"renamed": "CONFIG:hidden,KEYS:"}) as server:
        refused("unknown command", lambda: server.client.config_get("save"))
        refused("unknown command", server.client.keys)
        assert server.client.execute_command("hidden", "GET", "save") == ["save", ""]


@pytest.mark.parametrize("engine", ["redis", "valkey", "redis-6.2"])
def test_replicas_follow(pool: Pool, engine: str) -> None:
    settings = {"replicas": "2", "auth": "on", "replica.replica-priority": "7"}
    with pool.own_redis(settings, engine) as server:
        server.client.set("a", 1)
        assert server.client.wait(2, 5000) == 2
        for node in (1, 2):
            with contextlib.closing(server.open(node=node)) as client:
                assert client.get("a") == b"1"
                assert client.info("replication")["slave_priority"] == 7
        assert len(server.nodes) == 3
        server.kill(1)
        server.until(lambda: server.client.info("replication")["connected_slaves"] == 1, "a replica that is gone")


@pytest.mark.parametrize("engine", ["redis", "valkey"])
def test_a_cluster_shares_the_slots(pool: Pool, engine: str) -> None:
    with pool.own_redis({"cluster": "3", "cluster-replicas": "1"}, engine) as server:
        assert len(server.nodes) == 6
        told = server.client.execute_command("CLUSTER INFO")
        assert (told["cluster_slots_ok"], told["cluster_size"]) == ("16384", "3")
        with contextlib.closing(redis.RedisCluster.from_url(server.url())) as client:
            for number in range(30):
                client.set(f"k:{number}", number)
            assert [client.get(f"k:{number}") for number in range(30)] == [b"%d" % number for number in range(30)]
        roles = []
        for node in range(6):
            with contextlib.closing(server.open(node=node)) as one:
                roles.append(one.info("replication")["role"])
        assert roles == ["master"] * 3 + ["slave"] * 3


def test_sentinels_watch_a_primary(pool: Pool) -> None:
    with pool.own_redis({"sentinel": "on", "auth": "on", "sentinel.down-after-milliseconds": "7000"}) as server:
        assert server.url().startswith("redis+sentinel://:")
        assert server.url().endswith("/mymaster")
        assert len(server.nodes) == 2
        for number in range(3):
            with contextlib.closing(redis.Redis.from_url(server.watcher(number), decode_responses=True)) as client:
                known = client.sentinel_master("mymaster")
                assert (known["quorum"], known["down-after-milliseconds"]) == (2, 7000)
                assert f":{known['port']}/" in server.nodes[0]


@pytest.mark.parametrize("engine", ["redis", "valkey"])
def test_the_command_line_program_reads_a_script(pool: Pool, engine: str) -> None:
    with pool.own_redis({"auth": "on"}, engine) as server:
        assert pool.redis_cli(server.url(), 'SET a "x y"\nGET a\nEVAL "return 7" 0\n') == "OK\nx y\n7\n"
        assert pool.redis_cli(server.url(), "NONSENSE\nGET a\n").startswith("ERR unknown command 'NONSENSE'")
        with account(server, ["+get", "~*"]) as login:
            assert pool.redis_cli(server.url(*login), "GET a\n") == "x y\n"
    with pytest.raises(CommandLineError):
        pool.redis_cli("redis://127.0.0.1:1/", "PING\n")


def test_a_server_of_somebody_else_is_named_by_a_variable(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    with pool.own_redis({"auth": "on"}, "valkey") as running:
        monkeypatch.setenv("AUDITOR_TEST_REDIS_7_2_URL", running.url())
        server = start("redis-7.2")
        assert server.version == (9, 1)
        with account(server, ["+ping"]) as login, contextlib.closing(server.open(*login)) as client:
            assert client.ping()
        server.stop()
        assert running.client.ping()


def test_a_server_that_does_not_start_says_why(pool: Pool) -> None:
    with pytest.raises(RuntimeError, match="nonsense"), pool.own_redis({"nonsense": "1"}):
        pass

"""Which servers of a deployment are asked: members of a cluster, replicas that can be read, the ways to them."""

from __future__ import annotations

import contextlib

import pytest
import redis

from auditor.connector import CollectOptions
from auditor.model.snapshot import Snapshot
from auditor.registry import load_connectors
from auditor.target import parse_target
from auditor_connectors.redis.cluster import members, ways
from auditor_connectors.redis.session import Session
from tests.redis_servers import Server
from tests.servers import Pool

pytestmark = pytest.mark.redis

ONE, TWO, THREE, FOUR, FIVE = (letter * 40 for letter in "abcde")
# As https://redis.io/docs/latest/commands/cluster-nodes/ has it, with what servers of all versions say.
NODES = f"""\
{TWO} 10.0.0.2:6379@16379,two.example myself,master - 0 0 2 connected 5461-10922 [93->-{ONE}] [77-<-{THREE}]
{ONE} 10.0.0.1:6379@16379 master - 0 1 1 connected 0-5460 16000
{THREE} [2001:db8::3]:6379@16379,?,shard-id=x master,fail - 1 1 3 disconnected 10923-15999
{FOUR} :0@0 slave,noaddr {ONE} 1 1 1 disconnected
{FIVE} 10.0.0.5:6379 slave,fail? {ONE} 1 1 1 connected
"""


def session(url: str) -> Session:
    connector = load_connectors()["redis"]
    return Session(parse_target(url, connector.schemes, connector.example), CollectOptions())


def collect(url: str) -> Snapshot:
    connector = load_connectors()["redis"]
    return connector.collect(parse_target(url, connector.schemes, connector.example), CollectOptions())


def test_what_a_member_says_of_the_others_is_read() -> None:
    one, two, three, four, five = members(NODES.encode())
    assert [one.slots, two.slots, three.slots, four.slots] == [5462, 5462, 5077, 0]
    assert (two.itself, two.leaving, two.coming) == (True, 1, 1)
    assert [member.state for member in (one, three, four, five)] == ["ok", "failed", "failed", "suspected"]
    assert two.addresses == (("10.0.0.2", 6379), ("two.example", 6379))
    assert three.addresses == (("2001:db8::3", 6379),)
    assert four.addresses == ()
    assert (four.primary, one.primary) == (ONE, None)
    assert members(b"") == []


def test_servers_are_tried_where_they_say_they_are_and_then_at_the_host_of_the_url() -> None:
    found = list(ways([("172.17.0.3", 6381)], [("db.example", 6379), ("db2.example", 6379)]))
    assert found == [("172.17.0.3", 6381), ("db.example", 6381), ("db2.example", 6381)]
    assert list(ways([("db.example", 6379)], [("db.example", 6379)])) == [("db.example", 6379)]


@pytest.mark.parametrize("engine", ["redis", "valkey"])
def test_keys_are_looked_at_on_a_replica_that_follows(pool: Pool, engine: str) -> None:
    with pool.own_redis({"replicas": "1"}, engine=engine) as server:
        with session(server.url(node=0)) as found:
            assert [node.role for node in found.nodes()] == ["primary"]
            assert [node.role for node in found.samplers()] == ["replica"]
        with session(server.url(node=1)) as found:
            assert found.samplers() == [found.main]
        server.kill(1)
        with session(server.url(node=0)) as found:
            assert found.samplers() == [found.main]


def test_a_replica_of_something_else_is_not_taken_for_one(pool: Pool) -> None:
    """It announces the port of another server, which is alive and no replica of this one."""
    other = pool.redis()
    port = other.nodes[0].rpartition(":")[2].strip("/")
    settings = {"replicas": "1", "replica.replica-announce-port": port}
    with pool.own_redis(settings) as server, session(server.url(node=0)) as found:
        assert found.samplers() == [found.main]


@pytest.mark.parametrize("engine", ["redis", "valkey"])
def test_each_part_of_a_cluster_is_looked_at_once(pool: Pool, engine: str) -> None:
    with pool.own_redis({"cluster": "3", "cluster-replicas": "1"}, engine=engine) as server:
        for node in range(6):
            with session(server.url(node=node)) as found:
                assert sum(one.role == "primary" for one in found.nodes()) == 3
                looked_at = found.samplers()
                assert len(looked_at) == 3
                assert [one.role for one in looked_at] == ["replica"] * 3
        server.client.close()


def test_the_keys_of_a_cluster_are_those_of_all_its_servers(pool: Pool) -> None:
    with pool.own_redis({"cluster": "3"}) as server:
        _fill(server, 300)
        snapshot = collect(server.url())
    assert [(one.number, one.keys) for one in snapshot.keyspace.databases] == [(0, 300)]
    assert {node.replicas for node in snapshot.server.nodes} == {0}


def test_what_a_server_of_a_cluster_is_set_to_otherwise_is_its_own(pool: Pool) -> None:
    with pool.own_redis({"cluster": "3"}) as server:
        with contextlib.closing(server.open(node=1)) as client:
            client.config_set("maxmemory", "123mb")
        snapshot = collect(server.url())
    differing = [node.settings for node in snapshot.server.nodes if "maxmemory" in node.settings]
    assert [settings["maxmemory"] for settings in differing] == [str(123 * 1024 * 1024)]


def _fill(server: Server, keys: int) -> None:
    with contextlib.closing(redis.RedisCluster.from_url(server.url())) as client:
        for number in range(keys):
            client.set(f"user:{number}", "x")

"""What an audit sends to Redis and Valkey only reads, and leaves nothing behind; what it keeps names no place."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pytest
from msgspec.structs import replace

from auditor.connector import CollectOptions
from auditor.model.vocabulary import ProbeOutcome
from auditor.registry import load_connectors
from auditor.target import Target, parse_target
from auditor_connectors.redis.flavour import detect
from auditor_connectors.redis.probe import READS
from auditor_connectors.redis.probes import PROBES
from auditor_connectors.redis.probes.access import client as kept_of
from auditor_connectors.redis.session import Session
from tests.redis_servers import Server, account
from tests.servers import Pool

pytestmark = pytest.mark.redis

PRODUCTS = ("redis", "valkey", "redis-6.2")
OWN = {"auth", "select", "client|setinfo", "multi", "exec"}
"""What a connection of the driver says of itself."""
LEAST = (
    "~* -@all +hello +ping +info +time +select +dbsize +scan +randomkey +type +pttl +object|encoding +object|freq "
    "+object|idletime +memory|usage +memory|stats +strlen +llen +hlen +scard +zcard +xlen +xinfo|stream +xinfo|groups "
    "+xinfo|consumers +xpending +config|get +slowlog|get +slowlog|len +latency|latest +latency|histogram "
    "+client|list +client|setname +client|no-touch +acl|whoami +acl|list +acl|log +module|list +pubsub|channels "
    "+pubsub|numsub +pubsub|numpat +pubsub|shardchannels +command|info +cluster|info +cluster|nodes +readonly"
).split()
"""The rule of docs/engines.md."""


def target_of(url: str) -> Target:
    connector = load_connectors()["redis"]
    return parse_target(url, connector.schemes, connector.example)


def counted(server: Server) -> dict[str, int]:
    """How often the server has run each command since its counters were reset."""
    with contextlib.closing(server.open(decode_responses=True)) as client:
        told = client.info("commandstats")
    return {name.removeprefix("cmdstat_"): int(one["calls"]) for name, one in told.items()}


@pytest.mark.parametrize("engine", PRODUCTS)
def test_only_commands_that_read_are_run_and_nothing_stays(pool: Pool, engine: str) -> None:
    with pool.own_redis(engine=engine) as server:
        server.client.mset({f"user:{number}": "x" for number in range(300)})
        server.client.rpush("queue", "a", "b")
        server.client.xadd("events", {"a": "b"})
        server.client.expire("user:7", 1000)
        before = dump(server)
        slow, log = server.client.slowlog_len(), server.client.acl_log()
        server.client.config_resetstat()
        snapshot = load_connectors()["redis"].collect(target_of(server.url()), CollectOptions())
        ours = set(counted(server)) - {"info"}
        assert dump(server) == before
        assert (server.client.slowlog_len(), server.client.acl_log()) == (slow, log)
    allowed = {*READS, *OWN, *(name.partition("|")[0] for name in READS)} | {"config|resetstat", "config"}
    assert ours <= allowed, sorted(ours - allowed)
    assert {probe.outcome for probe in snapshot.probes} <= {ProbeOutcome.OK, ProbeOutcome.UNSUPPORTED}


def dump(server: Server) -> dict[str, tuple[bytes | None, bool]]:
    """Every key with what it holds, and whether it ends."""
    with contextlib.closing(server.open()) as client:
        return {key: (client.dump(key), client.pttl(key) > 0) for key in sorted(client.scan_iter())}


@pytest.mark.parametrize(
    "words",
    [
        ("SET", "a", "b"), ("GET", "a"), ("CONFIG", "SET", "maxmemory", "1"), ("CONFIG", "RESETSTAT"), ("KEYS", "*"),
        ("FLUSHALL",), ("EVAL", "return 1", "0"), ("SLOWLOG", "RESET"), ("LATENCY", "RESET"), ("ACL", "LOG", "RESET"),
        ("CLIENT", "KILL", "ID", "1"), ("DEBUG", "SLEEP", "0"), ("MONITOR",), ("ACL LOG RESET",),
    ],
)  # fmt: skip
def test_a_session_refuses_what_does_not_only_read(pool: Pool, words: tuple[str, ...]) -> None:
    with Session(target_of(pool.redis().url()), CollectOptions()) as session, pytest.raises(PermissionError):
        session.main.command(*words)
    with Session(target_of(pool.redis().url()), CollectOptions()) as session, pytest.raises(PermissionError):
        session.main.pipeline([("PING",), words])


@pytest.mark.parametrize("settings", [{}, {"replicas": "1"}, {"cluster": "3"}, {"sentinel": "on", "auth": "on"}])
def test_where_servers_run_and_what_opens_them_is_in_no_snapshot(pool: Pool, settings: dict[str, str]) -> None:
    with pool.own_redis(settings) as server:
        with account(server, ["~private:*", "+get", ">s3cret-Kq"], "reader") as (user, _):
            snapshot = load_connectors()["redis"].collect(target_of(server.url()), CollectOptions())
        password = urlsplit(server.nodes[0]).password
        text = msgspec.json.encode(snapshot).decode()
    ports = [str(urlsplit(url).port) for url in server.nodes]
    assert user in text
    for secret in ("s3cret-Kq", password, "run_id", *(f"127.0.0.1:{port}" for port in ports)):
        assert secret is None or secret not in text, secret
    assert not re.search(r"\b[0-9a-f]{40}\b", text)  # neither names of nodes nor hashes of passwords
    assert set(re.findall(r"\d+\.\d+\.\d+\.\d+", text)) <= {"127.0.0.1"}  # the setting bind says so itself


@pytest.mark.parametrize("engine", ["redis", "valkey"])
@pytest.mark.parametrize("settings", [{}, {"replicas": "1"}, {"cluster": "3"}])
def test_the_least_rule_is_denied_nothing(pool: Pool, engine: str, settings: dict[str, str]) -> None:
    server = pool.redis(settings, engine=engine)
    large = ["+commandlog|get"] if engine == "valkey" else []
    server.client.acl_log_reset()  # accounts of other tests have the same name
    with account(server, [*LEAST, *large]) as (user, password):
        snapshot = load_connectors()["redis"].collect(target_of(server.url(user, password)), CollectOptions())
    reasons = {probe.probe: probe.reason for probe in snapshot.probes if probe.outcome is ProbeOutcome.DENIED}
    assert reasons == {}
    log = server.client.acl_log()
    assert not [entry for entry in log if entry["username"] == user and "setinfo" not in str(entry["object"])]


def test_the_documentation_has_this_rule() -> None:
    page = (Path(__file__).parents[1] / "docs" / "engines.md").read_text(encoding="utf-8")
    rule = page.partition("ACL SETUSER audit on >PASSWORD ")[2].partition("\n\n")[0]
    assert rule.replace("\\\n", " ").split() == LEAST


def test_what_probes_say_they_send_is_what_sessions_may_send() -> None:
    for probe in PROBES:
        assert set(probe.commands) <= READS, probe.name


@pytest.mark.parametrize(
    ("line", "kind", "client", "application"),
    [
        ("id=7 addr=10.1.2.3:5000 laddr=10.1.2.9:6379 name=web-17@10.1.2.3 age=9 idle=4 flags=N db=0", "client",
         "network", "{email}"),
        ("id=7 addr=10.1.2.3:5000 name=web-17/10.1.2.3 flags=N db=0", "client", "network", "web-{id}/{address}"),
        ("id=7 addr=10.1.2.9:5000 laddr=10.1.2.9:6379 name= flags=P db=0", "pubsub", "loopback", None),
        ("id=7 addr=[::1]:5000 laddr=[::1]:6379 name=jo@example.org flags=S", "replica", "loopback", "{email}"),
        ("id=7 addr=/run/redis.sock:0 laddr=/run/redis.sock:0 name=sentinel-0123abcd-cmd flags=U", "sentinel",
         "local", "sentinel-{id}-cmd"),
        ("id=7 addr=127.0.0.1:9 name=a b=c lib-name=redis-py lib-ver=5.0 flags=N", "client", "loopback", "a"),
    ],
)  # fmt: skip
def test_of_a_connection_its_kind_is_kept(line: str, kind: str, client: str, application: str | None) -> None:
    row = kept_of(line)
    assert (row["kind"], row["client"], row["application"]) == (kind, client, application)
    assert "10.1.2" not in str(row)


@pytest.mark.parametrize(
    ("told", "hosts", "flavour"),
    [
        ({}, ("db.example.org",), None),
        ({"valkey_version": "8.1.0"}, (), "Valkey"),
        ({"os": "Amazon ElastiCache", "valkey_version": "8.0.0"}, (), "Amazon ElastiCache"),
        ({"os": "Amazon MemoryDB"}, (), "Amazon MemoryDB"),
        ({}, ("shop.abc.0001.use1.cache.amazonaws.com",), "Amazon ElastiCache"),
        ({}, ("shop.redis.cache.windows.net",), "Azure Cache for Redis"),
        ({}, ("redis-1.c1.eu-west-1.ec2.redns.redis-cloud.com",), "Redis Cloud"),
        ({"upstash_version": "1.10.5"}, (), "Upstash"),
        ({"dragonfly_version": "df-v1.2"}, (), "Dragonfly"),
        ({"mvcc_depth": "0"}, (), "KeyDB"),
    ],
)
def test_products_are_known_by_their_answers(
    pool: Pool, told: dict[str, str], hosts: tuple[str, ...], flavour: str | None
) -> None:
    with Session(target_of(pool.redis().url()), CollectOptions()) as session:
        known = session.identity
    found = detect(replace(known, info={"Server": {**known.info["Server"], **told}}, hosts=hosts))
    assert (found.name if found is not None else None) == flavour

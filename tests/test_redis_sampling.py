"""The sample of the keys on real servers: what it finds, what it leaves behind, and what of it may be kept."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from auditor.connector import CollectOptions
from auditor.model.keyspace import KeyPattern
from auditor.model.snapshot import Snapshot
from auditor.storage import encode_snapshot
from auditor.target import Target, parse_target
from auditor_connectors.redis import connector
from auditor_connectors.redis.sampling import names as names_module
from auditor_connectors.redis.sampling import sample as sample_module
from tests.redis_servers import Server
from tests.servers import Pool

ENGINES = ("redis", "valkey", "redis-6.2")


@pytest.fixture(params=ENGINES)
def server(request: pytest.FixtureRequest, pool: Pool) -> Iterator[Server]:
    """An empty server."""
    found = pool.redis(engine=request.param)
    found.client.flushall()
    yield found
    found.client.flushall()


def _target(url: str) -> Target:
    return parse_target(url, connector.schemes, connector.example)


def _collected(server: Server, **options: float) -> Snapshot:
    return connector.collect(_target(server.url()), CollectOptions(**options))  # type: ignore[arg-type]


def _patterns(snapshot: Snapshot) -> dict[str, KeyPattern]:
    return {pattern.path: pattern for pattern in snapshot.keyspace.patterns}


def _fill(server: Server, form: str, count: int, value: str = "x" * 50, seconds: int | None = None) -> None:
    line = server.client.pipeline(transaction=False)
    for number in range(count):
        line.set(form.format(number), value, ex=seconds)
        if number % 5000 == 4999:
            line.execute()
    line.execute()


def test_a_small_server_is_seen_whole(server: Server) -> None:
    """Every name is seen, in every numbered database, and what is counted is exact."""
    _fill(server, "user:{}:cart", 40)
    _fill(server, "session:{:032x}", 60, seconds=1800)
    server.client.hset("config", mapping={"a": "1", "b": "2"})
    other = server.open(db=3)
    other.lpush("queue:mail", *range(500))
    other.close()
    snapshot = _collected(server)
    found = _patterns(snapshot)
    assert set(found) == {"user:{id}:cart", "session:{id}", "config", "queue:mail@3"}
    cart, session = found["user:{id}:cart"], found["session:{id}"]
    assert cart.keys is not None
    assert (cart.keys.low, cart.keys.value, cart.keys.high, cart.sampled) == (40, 40, 40, 40)
    assert cart.types == {"string": 1.0}
    assert cart.parts == ("number",)
    assert cart.bytes_mean is not None
    assert cart.bytes_mean > 50
    assert cart.lifetimes is not None
    assert cart.lifetimes.expiring == 0
    assert session.lifetimes is not None
    assert session.lifetimes.expiring == 1
    assert session.lifetimes.median is not None
    assert 1700 < session.lifetimes.median <= 1800
    assert found["config"].type == "hash"
    assert found["queue:mail@3"].type == "list"
    sample = snapshot.keyspace.sample
    assert sample is not None
    assert (sample.method, sample.names, sample.keys, sample.of, sample.cut) == ("all", 102, 102, 102, None)
    assert [(one.number, one.keys) for one in snapshot.keyspace.databases] == [(0, 101), (3, 1)]


def test_an_empty_server(server: Server) -> None:
    """There is nothing to be seen, and that is known."""
    snapshot = _collected(server)
    assert snapshot.keyspace.patterns == ()
    assert snapshot.keyspace.sample is not None
    assert snapshot.keyspace.sample.of == 0


def test_one_database_only(server: Server) -> None:
    """Where the URL names a database, no other is looked at."""
    _fill(server, "a:{}", 3)
    other = server.open(db=2)
    other.set("b:1", "x")
    other.close()
    snapshot = connector.collect(_target(server.url(database=2)), CollectOptions())
    assert set(_patterns(snapshot)) == {"b:{id}@2"}


def test_names_and_values_stay_on_the_server(server: Server) -> None:
    """Names of any bytes are seen; neither a value nor what differs in a name is in the snapshot."""
    client = server.open()
    client.set(b"blob:\xff\xfe\x00\x01zaphod", b"heartofgold")
    client.set(b"two\nlines", b"heartofgold")
    client.set("<script>alert(1)</script>", "heartofgold")
    client.hset("user:zaphod", mapping={"heartofgold": "heartofgold"})
    client.set("user:trillian:cart", "heartofgold")
    client.set("mail:ford.prefect@example.com", "heartofgold")
    client.xadd("log:events", {"heartofgold": "heartofgold"})
    client.close()
    text = encode_snapshot(_collected(server)).decode()
    for secret in ("heartofgold", "zaphod", "trillian", "prefect", "example.com"):
        assert secret not in text
    assert "blob:{id}" in text


def test_it_leaves_no_trace(server: Server) -> None:
    """No key becomes one that was used a moment ago, and the hits that it adds are counted."""
    client = server.client
    client.config_set("maxmemory-policy", "allkeys-lru")
    _fill(server, "user:{}", 20)
    client.hset("big", mapping={f"field{number}": "x" * 100 for number in range(600)})
    client.rpush("list", *range(300))
    client.xadd("events", {"a": 1})
    time.sleep(2.2)
    before = client.info("stats")["keyspace_hits"]
    snapshot = _collected(server)
    assert snapshot.keyspace.sample is not None
    assert client.info("stats")["keyspace_hits"] - before == snapshot.keyspace.sample.hits > 0
    assert all(client.object("idletime", name) >= 2 for name in ("user:1", "big", "list", "events"))
    client.config_set("maxmemory-policy", "noeviction")


def test_how_often_keys_are_used(server: Server) -> None:
    """Where the server counts, the sample has the highest counter of a pattern, and not how long nobody asked."""
    client = server.client
    client.config_set("maxmemory-policy", "allkeys-lfu")
    _fill(server, "item:{}", 20)
    for _ in range(3000):
        client.get("item:7")
    found = _patterns(_collected(server))["item:{id}"]
    assert found.frequency is not None
    assert found.frequency > 20
    assert found.idle_seconds is None
    client.config_set("maxmemory-policy", "noeviction")


def test_estimates_hold(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 60,000 keys 6,000 names are seen and 2,000 keys looked at: the truth lies between the bounds."""
    monkeypatch.setattr(sample_module, "NAMES", 6_000)
    monkeypatch.setattr(sample_module, "LOOKED_AT", 2_000)
    monkeypatch.setattr(sample_module, "_LEAST_NAMES", 100)
    _fill(server, "cache:product:{}", 48_000, "x" * 100)
    _fill(server, "user:{}:cart", 9_000, "x" * 1000, seconds=7200)
    _fill(server, "rl:10.0.0.{}:m", 3_000, "1", seconds=60)
    found = _patterns(snapshot := _collected(server))
    sample = snapshot.keyspace.sample
    assert sample is not None
    assert sample.method == "scan"
    assert 6_000 <= sample.names < 8_000
    truth = {"cache:product:{id}": 48_000, "user:{id}:cart": 9_000}
    for name, keys in truth.items():
        estimated = found[name].keys
        assert estimated is not None
        wide = (estimated.high - estimated.low) / 2  # a chance of 5 % to miss: two such tests on three servers, widened
        assert estimated.low - wide <= keys <= estimated.high + wide
        assert found[name].bytes is not None
    assert found["user:{id}:cart"].lifetimes is not None
    assert found["user:{id}:cart"].lifetimes.expiring == 1
    assert sum(pattern.share for pattern in found.values()) == pytest.approx(1)


def test_ends_that_come_together(server: Server) -> None:
    """A batch of keys with one end is told from keys whose ends are spread."""
    _fill(server, "batch:{}", 200, seconds=86_400)
    line = server.client.pipeline(transaction=False)
    for number in range(200):
        line.set(f"spread:{number}", "x", ex=300 + number * 40)
    line.execute()
    found = _patterns(_collected(server))
    together, spread = found["batch:{id}"].lifetimes, found["spread:{id}"].lifetimes
    assert together is not None
    assert together.herd > 0.95
    assert together.expected < 0.01
    assert spread is not None
    assert spread.herd < 0.05


def test_encodings_that_were_lost_by_a_hair(server: Server) -> None:
    """Hashes of a few more fields than the limit allows are told from large ones and from small ones."""
    client = server.client
    client.config_set("hash-max-ziplist-entries", 128)
    line = client.pipeline(transaction=False)
    for number in range(30):
        for form, fields in (("near:{}", 150), ("small:{}", 100), ("large:{}", 1000)):
            line.hset(form.format(number), mapping={f"f{field}": "v" for field in range(fields)})
    line.execute()
    found = _patterns(_collected(server))
    assert {name: found[f"{name}:{{id}}"].near_limit for name in ("near", "small", "large")} == {
        "near": 1.0, "small": 0.0, "large": 0.0,
    }  # fmt: skip
    assert found["near:{id}"].elements_median == 150


def test_hash_tags(server: Server) -> None:
    """How many there are, and whether one has most of the keys."""
    _fill(server, "cart:{{{}}}:items", 50)
    _fill(server, "job:{{all}}:{}", 50)
    found = _patterns(_collected(server))
    assert (found["cart:{{id}}:items"].tags, found["cart:{{id}}:items"].tag_share) == (50, 1 / 50)
    assert (found["job:{all}:{id}"].tags, found["job:{all}:{id}"].tag_share) == (1, 1.0)


@pytest.mark.parametrize("engine", ["redis", "valkey"])
def test_a_cluster_is_drawn_from(pool: Pool, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A walk would see the first slots only."""
    monkeypatch.setattr(sample_module, "NAMES", 3_000)
    monkeypatch.setattr(sample_module, "_LEAST_NAMES", 100)
    monkeypatch.setattr(names_module, "PAGE", 100)
    with pool.own_redis({"cluster": "3"}, engine) as server:
        for node in range(3):
            client = server.open(node=node)
            line = client.pipeline(transaction=False)
            for number in range(9_000):
                line.execute_command("SET", f"user:{number}" if number % 3 else f"{{tag}}:{number}", "x")
            line.execute(raise_on_error=False)
            client.close()
        snapshot = _collected(server)
    found = _patterns(snapshot)
    assert snapshot.keyspace.sample is not None
    assert snapshot.keyspace.sample.method == "random"
    keys = found["user:{id}"].keys
    assert keys is not None
    assert 5_000 < keys.value < 7_000
    assert found["{tag}:{id}"].keys is not None
    assert 2_200 < found["{tag}:{id}"].keys.value < 3_800


def test_without_looking_at_keys(server: Server) -> None:
    """Who does not want that has only what the server says of its databases."""
    _fill(server, "a:{}", 3)
    snapshot = connector.collect(_target(server.url()), CollectOptions(sample=False))
    assert snapshot.keyspace.sample is None
    assert snapshot.keyspace.databases[0].keys == 3


def test_who_may_not(server: Server) -> None:
    """An account that may not see names has no sample, and is told what it takes."""
    rules = ["on", ">secret", "~*", "+info", "+config|get" if server.version >= (7, 0) else "+config"]
    server.client.execute_command("ACL", "SETUSER", "reader", *rules)
    snapshot = connector.collect(_target(server.url("reader", "secret")), CollectOptions())
    server.client.execute_command("ACL", "DELUSER", "reader")
    probe = next(one for one in snapshot.probes if one.probe == "keyspace")
    assert probe.outcome == "denied"
    assert probe.grant is not None
    assert "+scan" in probe.grant


def test_the_largest_keys_do_not_depend_on_luck(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few large keys among 30,000 small ones are found, in the order of their sizes, though few are looked at."""
    monkeypatch.setattr(sample_module, "LOOKED_AT", 500)
    _plant_large(server)
    keyspace = _collected(server).keyspace
    assert [(one.pattern, one.type) for one in keyspace.big[:4]] == [
        ("user:{id}:cart", "hash"), ("feed:{id}", "list"), ("report", "string"), ("user:{id}:friends", "set"),
    ]  # fmt: skip
    assert keyspace.big[0].elements == 20_002
    assert keyspace.big[2].expires_seconds is not None


def test_the_largest_keys_are_found_among_unseen_names(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the sample sees only a part of the names: the search goes on from there."""
    monkeypatch.setattr(sample_module, "NAMES", 2_000)
    monkeypatch.setattr(sample_module, "LOOKED_AT", 500)
    monkeypatch.setattr(sample_module, "_LEAST_NAMES", 100)
    _plant_large(server)
    snapshot = _collected(server)
    assert snapshot.keyspace.sample is not None
    assert snapshot.keyspace.sample.method == "scan"
    found = [one.pattern for one in snapshot.keyspace.big[:4]]
    assert found == ["user:{id}:cart", "feed:{id}", "report", "user:{id}:friends"]
    probe = next(one for one in snapshot.probes if one.probe == "big-keys")
    assert probe.reason is None


def _plant_large(server: Server) -> None:
    client = server.client
    _fill(server, "cache:product:{}", 25_000)
    line = client.pipeline(transaction=False)
    for number in range(3_000):
        line.hset(f"user:{number}:cart", mapping={"a": "1", "b": "2"})
        line.sadd(f"user:{number}:friends", number, number + 1)
    line.hset("user:77:cart", mapping={f"item{number}": "x" * 100 for number in range(20_000)})
    line.rpush("feed:9", *("x" * 100 for _ in range(10_000)))
    line.rpush("feed:10", "x")
    line.sadd("user:88:friends", *range(5_000_000, 5_005_000))
    line.set("report", "x" * 900_000, ex=3600)
    line.execute()


def test_streams_and_their_groups(server: Server) -> None:
    """Their lengths, and what groups have not acknowledged; an identifier in the name of a group is none of ours."""
    client = server.client
    line = client.pipeline(transaction=False)
    for number in range(500):
        line.xadd("events:orders", {"order": number}, id=f"{1_700_000_000_000 + number * 1000}-0")
    line.execute()
    client.xgroup_create("events:orders", "billing-4711", "0")
    client.xreadgroup("billing-4711", "host-1", {"events:orders": ">"}, count=100)
    client.xgroup_create("events:orders", "mail", "$")
    found = _collected(server).keyspace.streams
    assert [(one.pattern, one.entries, one.seconds) for one in found] == [("events:orders", 500, 499.0)]
    billing, mail = sorted(found[0].groups, key=lambda group: group.name)
    assert (billing.name, billing.consumers, billing.pending, billing.silent) == ("billing-{id}", 1, 100, 0)
    assert billing.oldest_seconds is not None
    assert billing.oldest_seconds > 86_400
    assert billing.lag == (None if server.version < (7, 0) else 400)
    assert (mail.name, mail.pending, mail.oldest_seconds) == ("mail", 0, None)


def test_sizes_that_the_server_counts(pool: Pool) -> None:
    """Redis 8 keeps histograms of sizes; none of them is a name of a key."""
    server = pool.redis()
    server.client.flushall()
    server.client.rpush("list", *range(100))
    assert _collected(server).keyspace.sizes == {"db0_distrib_lists_items": {"64": 1}}
    server.client.flushall()


def test_memory_with_a_few_large_keys(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The largest keys are all known: they are added up, and not taken for the mean of all."""
    monkeypatch.setattr(sample_module, "LOOKED_AT", 200)
    line = server.client.pipeline(transaction=False)
    for number in range(2_000):
        line.rpush(f"feed:{number}", *("x" * 100 for _ in range(5_000 if number == 77 else number % 3 + 1)))
    line.execute()
    exact = sum(int(server.client.memory_usage(f"feed:{number}") or 0) for number in range(2_000))
    feed = _patterns(_collected(server))["feed:{id}"]
    assert feed.bytes is not None
    assert feed.bytes.low * 0.95 <= exact <= feed.bytes.high * 1.05
    assert feed.elements_maximum == 5_000


def test_an_unseen_name_of_somebody_is_not_shown(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where names begin with those of people, one that is large and was not in the sample is a value as the others."""
    monkeypatch.setattr(sample_module, "NAMES", 400)
    monkeypatch.setattr(sample_module, "_LEAST_NAMES", 100)
    people = [first + middle + last for first in "bdfglmn" for middle in "aeiou" for last in ("ra", "ne", "bo", "lix")]
    for number in range(20):
        line = server.client.pipeline(transaction=False)
        for person in people:
            line.set(f"{person}{'xyz'[number % 3]}{'vwk'[number % 7 % 3]}:data", "x")
        line.execute()
    server.client.hset("zaphod:notes", mapping={f"f{number}": "x" * 100 for number in range(2_000)})
    big = _collected(server).keyspace.big[0]
    assert big.elements == 2_000
    assert "zaphod" not in big.pattern


@pytest.mark.parametrize("engine", ["redis", "valkey"])
def test_a_replica_is_asked(pool: Pool, engine: str) -> None:
    """Where there is one, the primary is left alone; keys that have ended there by now are not counted as looked at."""
    with pool.own_redis({"replicas": "1"}, engine) as server:
        _fill(server, "user:{}", 200)
        _fill(server, "otp:{}", 50, seconds=1)
        server.client.wait(1, 2000)
        time.sleep(1.2)
        snapshot = connector.collect(_target(server.url(node=0)), CollectOptions())
        hits = server.client.info("stats")["keyspace_hits"]
    sample = snapshot.keyspace.sample
    assert sample is not None
    assert sample.replica
    assert hits == 0
    assert _patterns(snapshot)["user:{id}"].sampled == 200
    assert "otp:{id}" not in _patterns(snapshot) or _patterns(snapshot)["otp:{id}"].sampled == 0

"""What is told of commands of Redis and Valkey: shapes without values and names, events, channels of messages."""

from __future__ import annotations

import contextlib
import re
import secrets

import msgspec
import pytest
import redis

from auditor.connector import CollectOptions
from auditor.model.snapshot import Snapshot
from auditor.registry import connector_for
from auditor.target import parse_target
from auditor_connectors.redis.sampling.patterns import Patterns
from auditor_connectors.redis.shapes import _ALL, _CONTAINERS, _COUNTED, _ONE, _TWO, shape
from tests.redis_cases import left_as_it_was
from tests.redis_servers import Server, account
from tests.servers import Pool

pytestmark = pytest.mark.redis

EVERY = pytest.mark.parametrize("engine", ["redis", "valkey", "redis-6.2", "redis-debian", "valkey-8.1"])
BOTH = pytest.mark.parametrize("engine", ["redis", "valkey"])
SECRET = "wolfgang-4711"


def careful(name: bytes) -> str:
    return Patterns(()).of(name).name


def audited(server: Server, *login: str, sample: bool = True) -> Snapshot:
    connector = connector_for("redis")
    target = parse_target(server.url(*login), connector.schemes, connector.example)
    return connector.collect(target, CollectOptions(sample=sample))


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("GET user:4711", "GET user:{id}"),
        ("hgetall user:4711:cart", "HGETALL user:{id}:cart"),
        ("SET session:ab12 secret EX 60", "SET session:{id} ? EX ?"),
        ("MGET user:1 user:2 user:3", "MGET user:{id} …"),
        ("MSET user:1 a user:2 b", "MSET user:{id} ? …"),
        ("LRANGE queue 0 -1", "LRANGE queue 0 -1"),
        ("LRANGE queue 5 17", "LRANGE queue ? …"),
        ("KEYS session:*", "KEYS session:*"),
        ("SCAN 17 MATCH user:* COUNT 1000", "SCAN ? MATCH user:* COUNT ?"),
        ("BLPOP queue jobs 5", "BLPOP queue jobs ?"),
        ("EVALSHA 0123456789abcdef0123456789abcdef01234567 1 user:1 x", "EVALSHA script#01234567 ? user:{id} ?"),
        ("EVAL return 2 user:1 user:2 x y", "EVAL script#63143b6f ? user:{id} … ? …"),
        ("FCALL my_function 0 x", "FCALL my_function ? …"),
        ("XREAD COUNT 10 STREAMS stream events 0-1 17-0", "XREAD COUNT ? STREAMS stream events ? …"),
        ("ZUNIONSTORE top 2 rank:1 rank:2 WEIGHTS 1 2", "ZUNIONSTORE top ? rank:{id} … WEIGHTS ? …"),
        ("CONFIG SET requirepass x", "CONFIG SET ? …"),
        ("AUTH wolfgang secret", "AUTH ? …"),
        ("OBJECT ENCODING user:1", "OBJECT ENCODING user:{id}"),
        ("JSON.GET user:1 $.name", "JSON.GET user:{id} ?"),
        ("JSON.MGET user:1 user:2 $.name", "JSON.MGET user:{id} … ?"),
        ("FT.SEARCH people name", "FT.SEARCH ? …"),
        ("VSIM user:1 ELE x", "VSIM user:{id} ? …"),
        ("PING", "PING"),
        ("BITOP AND total user:1 user:2", "BITOP ? total user:{id} …"),
    ],
)  # fmt: skip
def test_a_shape_has_patterns_for_keys_and_marks_for_values(command: str, expected: str) -> None:
    assert shape([word.encode() for word in command.split()], careful) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([b"SET", b"user:1", b"abc... (900 more bytes)"], "SET user:{id} ?"),
        ([b"MGET", *[b"user:%d" % n for n in range(30)], b"... (70 more arguments)"], "MGET user:{id} … ?"),
        ([b"XREAD", b"STREAMS", b"stream", b"user:1", b"... (3 more arguments)"], "XREAD STREAMS ? …"),
        ([b"\xff\x00"], "?"),
        ([b"GET", b""], 'GET ""'),
        ([b"GET", b"\xff\xfe"], "GET {id}"),
    ],
)
def test_what_the_server_cuts_short_and_what_is_no_text(words: list[bytes], expected: str) -> None:
    assert shape(words, careful) == expected


@pytest.mark.parametrize("name", ["alice", "alice:melon", "a.b@example.com", "tok_9f86d081884c", "Müller:cart"])
def test_of_a_name_only_words_of_programs_stay(name: str) -> None:
    assert not set(careful(name.encode()).replace("{id}", "").replace("cart", "")) - set(":._-@")


@EVERY
def test_slow_commands_are_told_as_shapes(pool: Pool, engine: str) -> None:
    server = pool.redis(engine=engine)
    with left_as_it_was(server):
        client = server.client
        client.execute_command("SLOWLOG", "RESET")
        client.config_set("slowlog-log-slower-than", 0)
        for number in range(20):
            client.set(f"session:{secrets.token_hex(12)}", SECRET, ex=60)
            client.hset(f"user:{number}:cart", SECRET, SECRET)
        client.execute_command("EVAL", f"return redis.call('GET', KEYS[1]) -- {SECRET}", 1, f"user:{SECRET}")
        client.config_set("slowlog-log-slower-than", 10_000)
        client.flushall()  # what is the same in all names is a word of theirs to the sample of the keys
        found = audited(server)
        again = audited(server)
    log = found.workload.slow_log
    assert log is not None
    assert log.format == "slowlog"
    assert log.first is not None
    assert log.skipped == 0
    counts = {entry.text: entry.count for entry in log.entries}
    assert counts["SET session:{id} ? EX ?"] == 20
    assert counts["HSET user:{id}:cart ? …"] == 20
    assert all(entry.total_ms >= entry.maximum_ms >= 0 for entry in log.entries)
    assert again.workload.slow_log == log
    told = msgspec.json.encode(found).decode()
    assert "wolfgang" not in told
    assert not re.search(r"(?<!\d)4711(?!\d)", told)  # a counter may hold these digits among others


@pytest.mark.parametrize("engine", ["valkey", "valkey-8.1"])
def test_valkey_keeps_large_commands_too(pool: Pool, engine: str) -> None:
    server = pool.redis(engine=engine)
    with left_as_it_was(server):
        for name in ("commandlog-request-larger-than", "commandlog-reply-larger-than"):
            server.client.config_set(name, 100_000)
        server.client.set("user:1", "x" * 200_000)
        server.client.get("user:1")
        log = audited(server).workload.slow_log
        for kind in ("large-request", "large-reply"):
            server.client.execute_command("COMMANDLOG", "RESET", kind)
    assert log is not None
    large = {(entry.kind, entry.text): entry for entry in log.entries if entry.kind != "slow"}
    assert large["large-request", "SET user:{id} ?"].bytes > 200_000
    assert large["large-reply", "GET user:{id}"].count == 1


@EVERY
def test_what_held_the_server_up(pool: Pool, engine: str) -> None:
    server = pool.redis(engine=engine)
    with left_as_it_was(server):
        server.client.config_set("latency-monitor-threshold", 1)
        server.client.execute_command("DEBUG" if engine == "redis-6.2" else "EVAL", *(
            ("SLEEP", "0.02") if engine == "redis-6.2" else ("for i = 1, 2000000 do local x = i * i end", 0)
        ))  # fmt: skip
        events = {event.name: event for event in audited(server).workload.latency}
        server.client.execute_command("LATENCY", "RESET")
    assert events["command"].maximum_ms >= events["command"].last_ms >= 1
    assert events["command"].at is not None


@EVERY
def test_channels_are_counted_and_not_named(pool: Pool, engine: str) -> None:
    server = pool.redis(engine=engine)
    with contextlib.ExitStack() as stack:
        for channels in (["news", SECRET], ["news"]):
            listener = stack.enter_context(contextlib.closing(server.client.pubsub()))
            listener.subscribe(*channels)
            listener.psubscribe("x.*")
            while listener.get_message(timeout=0.2) is not None:
                pass
        found = audited(server)
    channels = found.workload.channels
    assert channels is not None
    assert (channels.channels, channels.alone, channels.subscribers, channels.patterns) == (2, 1, 3, 1)
    assert SECRET not in msgspec.json.encode(found).decode()


@BOTH
def test_what_an_account_may_not_read_is_not_told(pool: Pool, engine: str) -> None:
    server = pool.redis(engine=engine)
    with account(server, ["+info", "+slowlog|get", "+slowlog|len"]) as login:
        found = audited(server, *login)
    outcomes = {probe.probe: (probe.outcome, probe.grant) for probe in found.probes}
    assert found.workload.slow_log is not None
    assert found.workload.channels is None
    assert outcomes["latency"][0] == "denied"
    assert "+latency|latest" in str(outcomes["latency"][1])


@BOTH
def test_a_cluster_is_summed_up(pool: Pool, engine: str) -> None:
    with pool.own_redis({"cluster": "3"}, engine) as server:
        for node in range(3):
            with contextlib.closing(server.open(node=node)) as client:
                client.execute_command("SLOWLOG", "RESET")
                client.execute_command("CONFIG", "SET", "slowlog-log-slower-than", 0)
                for _ in range(5):
                    client.execute_command("PUBLISH", "news", SECRET)
                client.execute_command("CONFIG", "SET", "slowlog-log-slower-than", -1)
        found = audited(server)
    log = found.workload.slow_log
    assert log is not None
    assert {entry.text: entry.count for entry in log.entries}["PUBLISH news ?"] == 15


@BOTH
def test_of_errors_only_the_codes_of_servers_are_named(pool: Pool, engine: str) -> None:
    server = pool.redis(engine=engine)
    with left_as_it_was(server):
        server.client.config_resetstat()
        for call in (f"return redis.error_reply('{SECRET.upper()} x')", "return redis.call('INCRBY', 'a', 'b')"):
            with pytest.raises(redis.ResponseError):
                server.client.eval(call, 0)
        errors = audited(server).workload.errors
    assert errors["other"] == 1
    assert errors["ERR"] == 1
    assert set(errors) == {"other", "ERR"}


@pytest.mark.parametrize(
    "command", sorted({*_ONE, *_TWO, *_ALL, *_COUNTED, *_CONTAINERS, "xreadgroup", "scan", "auth"})
)
def test_no_shape_has_a_value_or_a_name(command: str) -> None:
    """Functions are named, as commands are: their names are those of a program."""
    function = ["my_function"] if command.startswith("fcall") else []
    values = [f"{word}{secrets.token_hex(4)}" for word in ("wolfgang", "4711", "a@b.example", "geheim")]
    arrangements = ([1, *values], [values[0], 2, *values[1:]], [*values, b"STREAMS", *values], values * 9)
    for given in arrangements:
        told = shape([command.encode(), *(str(one).encode() for one in [*function, *given])], careful)
        assert not [value for value in values if value.lower() in told.lower()], told
        assert "wolfgang" not in told.lower()


@BOTH
def test_words_of_an_application_are_known_from_the_sample(pool: Pool, engine: str) -> None:
    server = pool.redis(engine=engine)
    with left_as_it_was(server):
        server.client.execute_command("SLOWLOG", "RESET")
        server.client.config_set("slowlog-log-slower-than", 0)
        for number in range(40):
            server.client.set(f"melonshop:{number}", "x")
        server.client.config_set("slowlog-log-slower-than", 10_000)
        with_sample, without = audited(server), audited(server, sample=False)
    told = [
        {entry.text for entry in log.entries} for found in (with_sample, without) if (log := found.workload.slow_log)
    ]
    assert "SET melonshop:{id} ?" in told[0]
    assert "SET {id}:{id} ?" in told[1]

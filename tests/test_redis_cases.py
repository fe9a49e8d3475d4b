"""What a case file for Redis says, what it builds on a server, and that nothing of it is left there."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest

from auditor.model.vocabulary import Outcome
from tests.case_format import Case, CaseError, load
from tests.redis_cases import built, left_as_it_was, run_redis_case, servers_of
from tests.redis_servers import Server
from tests.redis_words import words
from tests.servers import Pool

BOTH = pytest.mark.parametrize("engine", ["redis", "valkey"])
EVERY = pytest.mark.parametrize("engine", ["redis", "valkey", "redis-6.2", "redis-debian", "valkey-8.1"])


def case(tmp_path: Path, text: str) -> Case:
    path = tmp_path / "redis" / "ttl-missing.redis"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text if "expect" in text else f"# expect nothing\n{text}", encoding="utf-8")
    (found,) = load(path)
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SET a b", [b"SET", b"a", b"b"]),
        (r'SET "a b" "\x00\xff\n\"\\q"', [b"SET", b"a b", b'\x00\xff\n"\\q']),
        (r"SET 'it\'s' '\n'", [b"SET", b"it's", b"\\n"]),
        ('SET "" grün', [b"SET", b"", "grün".encode()]),
        ('EVAL "return 1\nor 2" 0', [b"EVAL", b"return 1\nor 2", b"0"]),
        ('EVAL "x" 0\nSET a b', [b"EVAL", b"x", b"0"]),
    ],
)
def test_words_are_quoted_as_people_type_them(text: str, expected: list[bytes]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize("text", ['SET "a', "SET 'a", 'SET "a"b', r'SET "a\"'])
def test_a_quote_is_closed_and_nothing_stands_behind_it(text: str) -> None:
    with pytest.raises(ValueError, match="quote"):
        words(text)


def test_a_file_has_a_command_a_line(tmp_path: Path) -> None:
    found = case(
        tmp_path,
        """
# expect: key-pattern session:{id} high likely
# innocent: It has an end
# server: maxmemory=64mb maxmemory-policy=allkeys-lru
# as: +info ~* +config|get
SET session:1 x
# repeat: 3
EVAL "
  # no comment
  return 1
" 0
# sleep: 1.5
# session worker background
BLPOP jobs 0
""",
    )
    assert [(one.text[:5], one.line, one.repeat, one.session, one.pause) for one in found.statements] == [
        ("SET s", 6, 1, "", 0.0),
        ("EVAL ", 8, 3, "", 0.0),
        ("", 12, 1, "", 1.5),
        ("BLPOP", 14, 1, "worker", 0.0),
    ]
    assert [one.background for one in found.statements] == [False, False, False, True]
    assert found.settings == {"maxmemory": "64mb", "maxmemory-policy": "allkeys-lru"}
    assert found.roles == ("+info", "~*", "+config|get")
    assert [str(one) for one in found.expected] == ["key-pattern session:{id} high likely"]


@pytest.mark.parametrize(
    ("text", "expected", "everywhere"),
    [
        ("", ["redis", "valkey"], ["redis", "valkey", "redis-6.2", "redis-debian", "redis-7.2", "valkey-8.1"]),
        ("# engine: valkey", ["valkey"], ["valkey", "valkey-8.1"]),
        ("# on: redis-6.2 valkey", ["valkey", "redis-6.2"], ["valkey", "redis-6.2", "valkey-8.1"]),
        ("# versions: 8-", ["redis", "valkey"], ["redis", "valkey", "valkey-8.1"]),
        ("# server: tls=on", ["redis-debian"], ["redis-debian"]),
        ("# versions: -7", ["redis-6.2"], ["redis-6.2", "redis-debian", "redis-7.2"]),
    ],
)
def test_a_case_runs_on_one_server_of_each_product(
    tmp_path: Path, text: str, expected: list[str], everywhere: list[str]
) -> None:
    found = case(tmp_path, f"# expect nothing\n{text}\n")
    assert list(servers_of(found)) == expected
    assert list(servers_of(found, everywhere=True)) == everywhere


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('SET "a', "ttl-missing.redis:2: the quote"),
        ("# sleep: long", "not a number of seconds"),
        ("# on: postgres", "is not one of redis, valkey"),
        ("# sloop: 1", "unknown directive 'sloop:'"),
        ("SHUTDOWN", "this outlives the case: the case needs '# own server'"),
        ("ACL  save", "this outlives the case"),
        ("ACL SETUSER default -@dangerous", "this outlives the case"),
        ("CONFIG SET maxmemory 0 requirepass secret", "this outlives the case"),
        ("CLUSTER RESET", "this outlives the case"),
        ("# repeat: 3", "stands before no statement"),
    ],
)
def test_what_is_not_understood_is_refused(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(CaseError, match=why):
        case(tmp_path, text)


@EVERY
def test_what_is_done_to_the_server_is_taken_back(pool: Pool, tmp_path: Path, engine: str) -> None:
    server = pool.redis(engine=engine)
    before = state(server)
    text = """
EVAL "for i = 1, 3000 do redis.call('SET', 'k:' .. i, i) end" 0
SELECT 3
SET elsewhere 1
CONFIG SET maxmemory-policy allkeys-lru
CONFIG SET save "900 1 60 1000"
CONFIG SET notify-keyspace-events KEA
CONFIG SET maxmemory 100mb
ACL SETUSER app on >x ~* +@all
"""
    for _ in range(2):
        found = case(tmp_path, text)
        with left_as_it_was(server), built(found, server):
            pass
    server.client.close()
    assert state(server) == before


def state(server: Server) -> dict[str, Any]:
    return {
        "keys": server.client.info("keyspace"),
        "settings": server.client.config_get("*"),
        "accounts": server.client.acl_list(),
        "scripts": server.client.info("memory")["number_of_cached_scripts"],
    }


@BOTH
def test_counters_hold_what_the_case_did(pool: Pool, tmp_path: Path, engine: str) -> None:
    server = pool.redis(engine=engine)
    server.client.set("noise", 1)
    server.client.close()
    found = case(tmp_path, '# repeat: 7\nGET missing\n# session other\nSET "a\\n" 1\n# main\nGET "a\\n"\n')
    with left_as_it_was(server), built(found, server):
        counted = server.client.info("commandstats")
        assert {name: one["calls"] for name, one in counted.items() if "info" not in name} == {
            "cmdstat_get": 8, "cmdstat_set": 1, "cmdstat_client|setname": 1, "cmdstat_config|resetstat": 1,
        }  # fmt: skip
        told = server.client.info("stats")
        assert (told["keyspace_hits"], told["keyspace_misses"]) == (1, 7)
        assert {one["name"] for one in server.client.client_list()} == {"", "other"}
    server.client.close()


@BOTH
def test_sessions_stay_open_and_what_waits_is_ended(pool: Pool, tmp_path: Path, engine: str) -> None:
    server = pool.redis(engine=engine)
    text = """
# session worker background
BLPOP jobs 0
# session listener
SUBSCRIBE news
# session buyer
MULTI
SET a 1
# main
SET b 1
"""
    found = case(tmp_path, text)
    with left_as_it_was(server), built(found, server):
        clients = {one["name"]: one for one in server.client.client_list()}
        assert set(clients) == {"worker", "listener", "buyer", ""}
        assert clients["worker"]["cmd"] == "blpop"
        assert (clients["listener"]["sub"], clients["buyer"]["multi"]) == ("1", "1")
    assert [one["name"] for one in server.client.client_list()] == [""]
    server.client.close()


@pytest.mark.parametrize(
    "text",
    [
        "NONSENSE 1",
        "SET a 1\nLPUSH a 1",
        "MULTI\nSET a x\nINCR a\nEXEC",
        "SET a 1\n# session other background\nINCRBY a x",
    ],
)
def test_a_command_that_fails_is_named_by_its_line(redis_server: Server, tmp_path: Path, text: str) -> None:
    line = 2 + text.count("\n")
    found = case(tmp_path, text)
    failing = pytest.raises(CaseError, match=f"ttl-missing.redis:{line}: ")
    with failing, left_as_it_was(redis_server), built(found, redis_server):
        pass
    assert redis_server.client.dbsize() == 0


@BOTH
def test_commands_go_where_a_cluster_wants_them(pool: Pool, tmp_path: Path, engine: str) -> None:
    found = case(tmp_path, "SET a 1\nSET b 1\nSET c 1\nEVAL \"return redis.call('SET', KEYS[1], 1)\" 1 d\n")
    with pool.own_redis({"cluster": "3"}, engine) as server, built(found, server):
        sizes = []
        for node in range(3):
            with contextlib.closing(server.open(node=node)) as client:
                sizes.append(client.dbsize())
        assert sum(sizes) == 4
        assert max(sizes) < 4


@pytest.mark.parametrize(
    "text",
    [
        "SET a 1",
        "# as: nobody",
        "# as: +info +config|get ~*",
        "# server: requirepass=secret maxmemory=64mb",
        "# server: tls=on auth=on",
        "# server: unixsocket=on",
        "# replica audited",
        "# server: cluster=3 auth=on",
        "# server: sentinel=on",
        "# server: renamed=CONFIG:xyz,INFO:",
        "# own server\nACL SETUSER default -@dangerous",
        "# own server\nCONFIG SET requirepass secret\n# as: ~* +info",
    ],
)
def test_the_audit_gets_in_however_the_server_is_reached(pool: Pool, tmp_path: Path, text: str) -> None:
    path = tmp_path / "redis" / "version-eol.redis"
    path.parent.mkdir()
    path.write_text(f"# expect nothing\n{text}\n", encoding="utf-8")
    (found,) = load(path)
    run = run_redis_case(found, servers_of(found)[0], pool)
    assert run.result.outcome is not Outcome.ERROR, run.result.reason


EXAMPLE = (Path(__file__).parent / "cases" / "README.md").read_text(encoding="utf-8").partition("```redis\n")[2]


@BOTH
def test_the_example_of_the_instructions_is_one(pool: Pool, tmp_path: Path, engine: str) -> None:
    found = case(tmp_path, EXAMPLE.partition("```")[0])
    server = pool.redis(found.settings, engine)
    with left_as_it_was(server), built(found, server):
        assert server.client.dbsize() == 702
        assert server.client.ttl("cache:page:7") > 0
        assert server.client.get("blob") == "\x00\n'\""
    server.client.close()

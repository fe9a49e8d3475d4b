"""The recipes for settings, accounts and servers of Redis and Valkey, as far as statements carry them out."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
import redis
from msgspec.structs import replace

from auditor.model import operation as op
from auditor.model.facts import Facts
from tests.redis_running import Runner, Shell, ShellError, facts_of, steps_of, under_load
from tests.redis_servers import Server
from tests.servers import Pool

ENGINES = ("redis", "redis-debian", "valkey", "redis-6.2")
CHANGES = {
    "memory": op.SetSetting(name="maxmemory", value="512mb"),
    "policy": op.SetSetting(name="maxmemory-policy", value="allkeys-lru", previous="noeviction"),
    "snapshots": op.SetSetting(name="save", value="3600 1 300 100"),
    "no snapshots": op.SetSetting(name="save", value=""),
    "buffers": op.SetSetting(name="client-output-buffer-limit", value="replica 512mb 128mb 60"),
    "events": op.SetSetting(name="notify-keyspace-events", value="KEA"),
    "log": op.SetSetting(name="appendonly", value="yes"),
    "slow log": op.SetSetting(name="slowlog-log-slower-than", value="10000", previous="-1"),
}


RENAMED = ("slowlog-log-slower-than",)
"""What Valkey writes by another name."""


@pytest.fixture(params=ENGINES)
def running(request: pytest.FixtureRequest, pool: Pool) -> Iterator[Server]:
    with pool.own_redis({"save": "900 1", "slowlog-log-slower-than": "-1"}, request.param) as server:
        server.client.set("a", "b")
        yield server


def read(client: redis.Redis, n: int) -> object:
    return client.get("a")


def test_settings_change_and_go_back(running: Server) -> None:
    before = running.client.config_get("*")
    with Shell(running) as shell, under_load(running, read):
        runner = Runner(shell)
        for operation in CHANGES.values():
            (step,) = steps_of(facts_of(running), operation)
            assert step.verify is not None
            assert not runner.is_true(step.verify), step.title
            runner.forward(step)
            file = configuration(running)
            assert f"{operation.name} " in file or operation.name in RENAMED or not operation.value
            runner.back(step)
            assert not runner.is_true(step.verify), step.title
    assert running.client.config_get("*") == before


def configuration(server: Server) -> str:
    with open(str(server.client.info("server")["config_file"]), encoding="utf-8") as file:  # noqa: PTH123
        return file.read()


def test_what_would_do_harm_is_refused(running: Server) -> None:
    refused = (
        op.SetSetting(name="maxmemory", value="100kb"),
        op.SetSetting(name="maxmemory-policy", value="volatile-lru"),
        op.SetSetting(name="min-replicas-to-write", value="1"),
    )
    with Shell(running) as shell:
        for operation in refused:
            (step,) = steps_of(facts_of(running), operation)
            with pytest.raises(AssertionError, match="Set "):
                Runner(shell).forward(step)


def test_only_its_own_allocator_can_be_defragmented(pool: Pool) -> None:
    outcome = {}
    for engine in ("redis", "valkey"):
        server = pool.redis(engine=engine)
        (step,) = steps_of(facts_of(server), op.SetSetting(name="activedefrag", value="yes"))
        with Shell(server) as shell:
            runner = Runner(shell)
            assert step.precondition is not None
            outcome[engine] = runner.is_true(step.precondition)
            assert outcome[engine] == str(server.client.info("memory")["mem_allocator"]).startswith("jemalloc")
            if outcome[engine]:
                runner.forward(step)
                runner.back(step)
    assert outcome["valkey"] is False


def test_what_needs_a_restart_and_what_the_service_does(pool: Pool) -> None:
    facts = facts_of(pool.redis())
    file, restart = steps_of(facts, op.SetSetting(name="databases", value="32"))
    assert (file.statements, restart.statements) == ((), ())
    assert "In redis.conf: databases 32" in file.notes
    remove, _ = steps_of(facts, op.ResetSetting(name="hz", previous="100"))
    assert "hz 100" in " ".join(remove.notes)
    managed = Facts(replace(facts.snapshot, target=replace(facts.target, managed=True)))
    (step,) = steps_of(managed, op.SetSetting(name="maxmemory-policy", value="allkeys-lfu"))
    assert step.statements == ()
    assert "parameter group" in " ".join(step.notes)


def test_a_setting_reaches_every_server_of_a_cluster(pool: Pool) -> None:
    with pool.own_redis({"cluster": "3", "cluster-replicas": "1"}) as server:
        facts = facts_of(server)
        with Shell(server) as shell:
            runner = Runner(shell)
            for operation in (CHANGES["memory"], CHANGES["log"]):
                (step,) = steps_of(facts, operation)
                runner.forward(step)
                assert of_all(server, operation.name) == {CHANGED[operation.name]}
                runner.back(step)
                assert len(of_all(server, operation.name)) == 1
                assert CHANGED[operation.name] not in of_all(server, operation.name)


CHANGED = {"maxmemory": str(512 << 20), "appendonly": "yes"}


def of_all(server: Server, name: str) -> set[str]:
    found = set()
    for node in range(len(server.nodes)):
        with contextlib.closing(server.open(node=node, decode_responses=True)) as client:
            found |= set(client.config_get(name).values())
    return found


def test_a_connection_is_closed(running: Server) -> None:
    with contextlib.closing(running.open()) as client:
        number = client.client_id()
        (step,) = steps_of(facts_of(running), op.EndSession(session=number, reason="it waits for nothing"))
        with Shell(running) as shell:
            runner = Runner(shell)
            runner.forward(step)
            assert number not in [int(one["id"]) for one in running.client.client_list()]
            # another one of that number does not exist, and so it is done
            runner.forward(step)
    assert runner.ran == [step.title]


def test_an_error_of_the_server_stops_a_statement(running: Server) -> None:
    with Shell(running) as shell, pytest.raises(ShellError, match=r"ERR|unknown"):
        shell.run("redis-cli CONFIG SET nonsense 1", "redis-cli SET never reached")
    assert running.client.get("never") is None


def test_people_do_what_the_application_has_to(pool: Pool) -> None:
    facts = facts_of(pool.redis())
    for operation in (
        op.IntroducePooler(pool_size=20),
        op.ChangeApplication(topic="keys-command", subject="KEYS", instruction="Use SCAN."),
    ):
        (step,) = steps_of(facts, operation)
        assert (step.audience, step.statements) == ("application", ())

"""The recipes for accounts, encrypted connections, replicas and clusters of Redis and Valkey, on real servers."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import redis

from auditor.model import operation as op
from auditor.model.plan import Step
from tests.redis_running import Runner, Shell, facts_of, held, steps_of, under_load
from tests.redis_servers import Server, account
from tests.servers import Pool
from tests.test_redis_servers import refused

ENGINES = ("redis", "redis-debian", "valkey", "redis-6.2")
SECRETS = {"APP_PASSWORD": "pa's$ 7", "ADMIN_PASSWORD": "ad m1n"}
DAY = 86400


@pytest.fixture(params=ENGINES)
def running(request: pytest.FixtureRequest, pool: Pool) -> Iterator[Server]:
    with pool.own_redis(engine=request.param) as server:
        server.client.set("cache:1", "b")
        yield server


def read(client: redis.Redis, n: int) -> object:
    return client.get("cache:1")


def rules(server: Server) -> list[str]:
    return sorted(server.client.execute_command("ACL", "LIST"))


def test_applications_get_accounts_and_nobody_comes_in_without(running: Server) -> None:
    before = rules(running)
    operation = op.RestrictAccounts(commands=("get", "set", "config|get", "client|list"), patterns=("cache:*",))
    app, admin, move, close = steps_of(facts_of(running), operation)
    with Shell(running, **SECRETS) as shell, under_load(running, read):
        runner = Runner(shell)
        for step in (app, admin):
            runner.forward(step)
            runner.back(step)
        assert rules(running) == before
        for step in (app, admin):
            runner.forward(step)
        assert move.audience == "application"
        with contextlib.closing(running.open("app", SECRETS["APP_PASSWORD"])) as client:
            assert client.get("cache:1") == b"b"
            refused("permissions", lambda: client.get("other"))
            refused("permissions", client.flushall)
        with pytest.raises(AssertionError, match="Let nobody in"):  # it runs as default, as do others
            runner.forward(close)
    running.client.close()
    with Shell(running, **SECRETS) as shell:
        shell.environment["URL"] = running.url("admin", SECRETS["ADMIN_PASSWORD"], node=0)
        runner = Runner(shell)
        runner.forward(close)
        refused("Authentication required", running.open().ping)
        runner.back(close)
        assert running.open().ping()


def test_an_account_is_narrowed_and_closed(running: Server) -> None:
    with account(running, ["~*", "+@all", "-debug"], name="o'dd") as (name, password):
        before = next(line for line in rules(running) if "o'dd" in line)
        (narrow,) = steps_of(facts_of(running), op.RestrictAccounts(name=name, commands=("get",), patterns=("c*",)))
        (tame,) = steps_of(facts_of(running), op.AlterRole(name=name, attributes={"superuser": False}))
        (close,) = steps_of(facts_of(running), op.AlterRole(name=name, attributes={"login": False}))
        with Shell(running) as shell, contextlib.closing(running.open(name, password)) as client:
            runner = Runner(shell)
            for step in (narrow, tame):
                runner.forward(step)
                assert client.get("cache:1") == b"b"
                refused("permissions", client.flushall)
                runner.back(step)
                client.dbsize()
                assert normal(next(line for line in rules(running) if "o'dd" in line)) == normal(before)
            with pytest.raises(AssertionError, match="Close"):  # somebody is connected
                runner.forward(close)
            client.close()
            runner.forward(close)
            refused("WRONGPASS|invalid", running.open(name, password).ping)
            runner.back(close)
            assert running.open(name, password).ping()


def normal(line: str) -> set[str]:
    return set(line.split())


def test_a_replica_comes_while_clients_write(running: Server, pool: Pool) -> None:
    line = running.client.pipeline(transaction=False)
    for n in range(20000):
        line.set(f"k:{n}", "x" * 100)
    line.execute()
    steps = steps_of(facts_of(running), op.AddReplica())
    place = urlsplit(running.nodes[0])
    with (
        pool.own_redis(engine=running.engine) as new,
        Shell(running, new, PRIMARY_HOST="127.0.0.1", PRIMARY_PORT=str(place.port)) as shell,
    ):
        runner = Runner(shell)
        with under_load(running, read, lambda client, n: client.set(f"k:{n % 100}", n)):
            for step in steps:
                runner.forward(step)
        assert len(runner.ran) == 2  # the log of changes, and the replica
        assert running.client.info("replication")["connected_slaves"] == 1
        running.client.wait(1, 5000)
        assert new.client.dbsize() == 20001
        for step in reversed([step for step in steps if step.statements]):
            runner.back(step)
        assert new.client.info("replication")["role"] == "master"


def test_tls_comes_beside_and_the_plain_port_goes(pool: Pool) -> None:
    with pool.own_redis({"tls": "on"}, "redis-debian") as server:
        options = server.client.config_get("tls-*")
        server.client.config_set("port", "27379")
        port = urlsplit(server.nodes[0]).port
        *_, close = steps_of(facts_of(server), op.EnableTls())
        files = {name.upper().replace("-", "_"): str(options[name])
                 for name in ("tls-cert-file", "tls-key-file", "tls-ca-cert-file")}  # fmt: skip
        with Shell(server, TLS_PORT=str(port), REDIS_CLI=client_with_tls(), **files) as shell:
            runner = Runner(shell)
            plain = redis.Redis(port=27379)
            assert plain.ping()
            with pytest.raises(AssertionError, match="Close the plain port"):
                runner.forward(close)
            plain.close()
            runner.forward(close)
            assert server.client.config_get("port") == {"port": "0"}
            runner.back(close)
            assert redis.Redis(port=27379).ping()


def client_with_tls() -> str:
    """The program of the machine: the one of the wheel was built without."""
    found = shutil.which("redis-cli", path="/usr/bin")
    assert found is not None  # it comes with the server
    return found


def test_tls_is_offered(pool: Pool) -> None:
    with pool.own_redis({"tls": "on"}, "redis-debian") as other, pool.own_redis(engine="redis-debian") as server:
        options = other.client.config_get("tls-*")
        files = {name.upper().replace("-", "_"): str(options[name])
                 for name in ("tls-cert-file", "tls-key-file", "tls-ca-cert-file")}  # fmt: skip
        offer = next(step for step in steps_of(facts_of(server), op.EnableTls()) if step.statements)
        with Shell(server, TLS_PORT="27380", **files) as shell, under_load(server, read):
            runner = Runner(shell)
            runner.forward(offer)
            encrypted = redis.Redis(port=27380, ssl=True, ssl_ca_certs=files["TLS_CA_CERT_FILE"])
            assert encrypted.ping()
            encrypted.close()
            runner.back(offer)
            assert server.client.config_get("tls-port") == {"tls-port": "0"}


@pytest.mark.parametrize("engine", ["redis", "valkey"])
def test_keys_of_a_cluster_get_an_expiry_and_parts(pool: Pool, engine: str) -> None:
    with pool.own_redis({"cluster": "3"}, engine) as server:
        with contextlib.closing(redis.RedisCluster.from_url(server.url())) as client:
            for n in range(300):
                client.set(f"session:{n}", n)
            client.hset("cart:{7}:items", mapping={f"f{n}": n for n in range(900)})
        before = held(server)
        facts = facts_of(server)
        with Shell(server, **SECRETS) as shell:
            runner = Runner(shell)
            expiry = steps_of(facts, op.ExpireKeys(pattern="session:{id}", seconds=DAY))[1]
            split = steps_of(facts, op.SplitKey(pattern="cart:{{id}}:items", type="hash", parts=3))[1]
            for step in (expiry, split):
                runner.forward(step)
            assert sum(ends is not None for _, ends in held(server).values()) == 300
            assert len(held(server)) == 304
            for step in (split, expiry):
                runner.back(step)
            assert held(server) == before
            app = steps_of(facts, op.RestrictAccounts(commands=("get",)))[0]
            runner.forward(app)
            for node in range(3):
                with contextlib.closing(server.open(node=node)) as client:
                    assert "app" in client.acl_users()
            runner.back(app)


def test_what_a_cluster_cannot_copy_is_left_to_the_application(pool: Pool) -> None:
    with pool.own_redis({"cluster": "3"}) as server:
        facts = facts_of(server)
        for operation in (
            op.RenameKeys(pattern="cart:{id}", to="basket:{id}"),
            op.SplitKey(pattern="cart:{id}", type="hash", parts=3),
            op.SplitKey(pattern="cart:{{id}}", type="list", parts=3),
        ):
            steps = steps_of(facts, operation)
            assert [step.statements for step in steps[:-1]] == [()] * (len(steps) - 1)
        renamed = steps_of(facts, op.RenameKeys(pattern="cart:{{id}}:x", to="basket:{{id}}:y"))
        assert any(step.statements for step in renamed[:-1])


def test_what_people_do_is_said(pool: Pool) -> None:
    facts = facts_of(pool.redis())
    for operation in (op.UpgradeServer(from_version="7.0", to_version="8.2", major=True), op.MoveToCluster(shards=3)):
        steps: list[Step] = steps_of(facts, operation)
        assert len(steps) > 4
        assert all(step.statements == () for step in steps)
    recipe = op.MoveToCluster(shards=3, tagged=("cart:{id}", "user:{id}"))
    assert "cart:{id}, user:{id}" in " ".join(note for step in steps_of(facts, recipe) for note in step.notes)

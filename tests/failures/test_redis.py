"""Redis and Valkey servers that cannot be reached, refuse a login, die, show little, or hide behind other names."""

from __future__ import annotations

import contextlib
import shlex
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis

from auditor.connector import CollectOptions, Progress
from auditor.errors import AuditorError, UnreachableError, UsageError
from auditor.model.snapshot import ProbeResult, Snapshot
from auditor.model.vocabulary import Outcome, ProbeOutcome
from auditor.pipeline import audit_snapshot
from auditor.registry import load_connectors
from auditor.target import parse_target
from tests.redis_servers import Started, account
from tests.servers import Pool

SECRET = "hunter2-Zq"
SOUND = {ProbeOutcome.OK, ProbeOutcome.UNSUPPORTED}

pytestmark = pytest.mark.redis


def collect(url: str, progress: Progress | None = None, **options: float) -> Snapshot:
    connector = load_connectors()["redis"]
    target = parse_target(url, connector.schemes, connector.example)
    return connector.collect(target, CollectOptions(**options), progress)


def refusal(url: str, kind: type[AuditorError] = UnreachableError, **options: float) -> AuditorError:
    """The error that a target ends in: one line, which never holds the secret."""
    with pytest.raises(kind) as caught:
        collect(url, connect_timeout=2, **options)
    assert SECRET not in f"{caught.value.message} {caught.value.hint}"
    assert "\n" not in f"{caught.value.message}{caught.value.hint}"
    assert caught.value.hint
    return caught.value


def outcomes(snapshot: Snapshot) -> dict[str, ProbeResult]:
    return {probe.probe: probe for probe in snapshot.probes}


def place(url: str) -> str:
    """Host and port of a URL."""
    return urlsplit(url).netloc.rpartition("@")[2]


# --- reaching it ---------------------------------------------------------------------------------------------------


def test_a_login_that_is_missing_or_wrong_says_what_to_try(pool: Pool) -> None:
    server = pool.redis({"auth": "on"})
    host = place(server.url())
    missing = refusal(f"redis://{host}/")
    assert "Authentication required" in missing.message
    assert "redis://user:password@host" in str(missing.hint)
    wrong = refusal(f"redis://:{SECRET}@{host}/")
    assert "percent-encoded" in str(wrong.hint)
    unknown = refusal(f"redis://nobody:{SECRET}@{host}/")
    assert "check user and password" in str(unknown.hint)
    needless = refusal(f"redis://:{SECRET}@{place(pool.redis().url())}/")
    assert "without any password configured" in needless.message


def test_a_server_that_is_not_there_says_so(tmp_path: Path) -> None:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    nobody = refusal(f"redis://:{SECRET}@127.0.0.1:{port}/")
    assert "Connection refused" in nobody.message
    assert "nothing listens there" in str(nobody.hint)
    assert "socket file" in str(refusal(f"unix://{tmp_path}/none.sock").hint)
    assert "host name" in str(refusal(f"redis://:{SECRET}@no-such-host.invalid/").hint)


def test_something_else_that_listens_is_told(pool: Pool) -> None:
    with _listener(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        assert refusal(f"redis://127.0.0.1:{port}/").hint
    with _listener(b"") as port:  # says nothing at all
        silent = refusal(f"redis://127.0.0.1:{port}/", statement_timeout=0.5)
        assert "no answer" in str(silent.hint)
    assert pool  # the fixture counts this as a test of the engine


def test_tls_on_one_side_only_says_so(pool: Pool) -> None:
    plain, encrypted = pool.redis(engine="redis-debian"), pool.redis({"tls": "on"}, engine="redis-debian")
    assert "rediss://" in str(refusal(f"rediss://{place(plain.url())}/", statement_timeout=2).hint)
    assert "rediss://" in str(refusal(f"redis://{place(encrypted.url())}/", statement_timeout=2).hint)
    unknown = refusal(f"rediss://{place(encrypted.url())}/")  # a certificate of an authority that nobody knows
    assert "tlsCaFile" in str(unknown.hint)
    snapshot = collect(encrypted.url())
    assert snapshot.server.session_encrypted is True
    assert snapshot.server.tls is True


def test_a_database_that_is_not_there_is_a_wrong_url(pool: Pool) -> None:
    server = pool.redis()
    assert "no database 99" in refusal(server.url(database=99), UsageError).message
    assert "no number" in refusal(f"redis://{place(server.url())}/orders", UsageError).message


def test_a_socket_file_is_a_way_in(pool: Pool) -> None:
    server = pool.redis({"unixsocket": "on"})
    snapshot = collect(server.url())
    assert {probe.outcome for probe in snapshot.probes} <= SOUND


def test_a_full_server_says_so(pool: Pool) -> None:
    with pool.own_redis({"maxclients": "2"}) as server:
        with contextlib.closing(server.open()) as one, contextlib.closing(server.open()) as two:
            one.ping()
            two.ping()
            full = refusal(server.url())
        assert "maxclients" in str(full.hint)


# --- what it keeps to itself ---------------------------------------------------------------------------------------


def test_an_account_that_sees_nothing_gets_a_full_report_with_grants_that_help(pool: Pool) -> None:
    server = pool.redis()
    with account(server, []) as (user, password):
        url = server.url(user, password)
        blind = collect(url)
        denied = {name for name, probe in outcomes(blind).items() if probe.outcome is ProbeOutcome.DENIED}
        assert {"info", "config", "memory", "clients", "acl", "acl-log", "modules"} <= denied
        audit = audit_snapshot(blind)
        assert {finding.check for finding in audit.findings} <= {"version-eol", "version-minor-behind"}
        grants = {probe.grant for probe in blind.probes if probe.outcome is ProbeOutcome.DENIED}
        assert None not in grants
        for grant in grants:
            program, *words = shlex.split(str(grant))
            assert program == "redis-cli"
            server.client.execute_command(*words)
        seen = outcomes(collect(url))
    assert {name: probe.reason for name, probe in seen.items() if probe.outcome is ProbeOutcome.DENIED} == {}


@pytest.mark.parametrize("engine", ["redis", "valkey"])
def test_renamed_commands_are_unsupported_and_the_rest_is_read(pool: Pool, engine: str) -> None:
    server = pool.redis({"renamed": "CONFIG:c0nf1g,CLIENT:,ACL:"}, engine=engine)
    seen = outcomes(collect(server.url()))
    assert seen["info"].outcome is ProbeOutcome.OK
    assert {seen[name].outcome for name in ("config", "clients", "acl")} == {ProbeOutcome.UNSUPPORTED}


def test_a_report_that_is_renamed_is_missed_not_mourned(pool: Pool) -> None:
    server = pool.redis({"renamed": "INFO:"})
    snapshot = collect(server.url())
    assert outcomes(snapshot)["info"].outcome is ProbeOutcome.UNSUPPORTED
    assert snapshot.target.version.startswith("8.")
    assert audit_snapshot(snapshot).checks


# --- what it is doing ----------------------------------------------------------------------------------------------


def test_a_server_that_is_loading_is_audited_as_far_as_it_answers(pool: Pool) -> None:
    with pool.own_redis({"enable-debug-command": "local"}) as server:
        server.client.execute_command("DEBUG", "POPULATE", "200000")
        server.client.config_set("key-load-delay", "100")
        server.client.config_set("loading-process-events-interval-bytes", "1024")
        reloading = threading.Thread(target=_reload, args=(server,), daemon=True)
        reloading.start()
        with contextlib.closing(server.open(decode_responses=True)) as client:
            _until(lambda: client.info("persistence")["loading"] == 1)
            snapshot = collect(server.url())
            still = client.info("persistence")["loading"] == 1
        server.kill(0)
        reloading.join(10)
    assert still
    assert outcomes(snapshot)["info"].outcome is ProbeOutcome.OK
    assert snapshot.server.counters["loading"] == 1
    assert audit_snapshot(snapshot).checks


def test_a_server_that_runs_a_script_says_that_it_is_busy(pool: Pool) -> None:
    with pool.own_redis({"busy-reply-threshold": "50"}) as server:
        running = threading.Thread(target=_spin, args=(server,), daemon=True)
        running.start()
        time.sleep(0.5)
        snapshot = collect(server.url(), statement_timeout=2)
        server.kill(0)
        running.join(10)
    info = outcomes(snapshot)["info"]
    assert info.outcome is ProbeOutcome.FAILED
    assert "BUSY" in str(info.reason) or "busy" in str(info.reason)


def test_a_replica_that_lost_its_primary_is_audited(pool: Pool) -> None:
    with pool.own_redis({"replicas": "1", "replica-serve-stale-data": "no"}) as server:
        server.client.close()
        server.kill(0)
        with contextlib.closing(server.open(node=1, decode_responses=True)) as client:
            _until(lambda: client.info("replication")["master_link_status"] == "down")
        snapshot = collect(server.url(node=1))
    assert outcomes(snapshot)["info"].outcome is ProbeOutcome.OK
    (source,) = snapshot.server.sources
    assert not source.receiving
    assert "replication-broken" in {finding.check for finding in audit_snapshot(snapshot).findings}


def test_a_server_that_takes_no_more_writes_is_audited(pool: Pool) -> None:
    with pool.own_redis({"save": "3600 1", "enable-protected-configs": "yes"}) as server:
        server.client.set("a", "b")
        server.client.config_set("dir", "/proc/self")  # where nothing can be written
        with contextlib.suppress(Exception):
            server.client.execute_command("BGSAVE")
        _until(lambda: server.client.info("persistence")["rdb_last_bgsave_status"] == "err")
        snapshot = collect(server.url())
        server.client.config_set("save", "")
    assert "persist-failing" in {finding.check for finding in audit_snapshot(snapshot).findings}


def test_what_was_read_before_the_server_died_is_kept(pool: Pool) -> None:
    with pool.own_redis() as server:
        snapshot = collect(server.url(), _killing(server, after="config"), connect_timeout=2)
    seen = outcomes(snapshot)
    assert seen["config"].outcome is ProbeOutcome.OK
    assert seen["memory"].outcome is ProbeOutcome.FAILED
    assert "the connection was lost" in str(seen["memory"].reason)
    assert audit_snapshot(snapshot).checks


def test_the_time_budget_ends_what_takes_too_long(pool: Pool) -> None:
    snapshot = collect(pool.redis().url(), time_budget=0)
    late = [probe for probe in snapshot.probes if "time budget" in (probe.reason or "")]
    assert len(late) == len(snapshot.probes)
    assert all(check.reason for check in audit_snapshot(snapshot).checks if check.outcome is Outcome.NOT_ASSESSED)


# --- several servers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ["redis", "valkey", "redis-6.2"])
def test_every_primary_of_a_cluster_is_asked(pool: Pool, engine: str) -> None:
    server = pool.redis({"cluster": "3"}, engine=engine)
    snapshot = collect(server.url())
    assert snapshot.server.nodes[0].name == "0"
    assert sum(node.slots or 0 for node in snapshot.server.nodes) == 16384
    assert all(node.counters["used_memory"] for node in snapshot.server.nodes)
    assert len(snapshot.server.shards) == 3


def test_a_cluster_without_one_of_its_servers_is_audited(pool: Pool) -> None:
    with pool.own_redis({"cluster": "3", "cluster-node-timeout": "1000"}) as server:
        server.client.close()
        server.kill(2)
        with contextlib.closing(server.open(decode_responses=True)) as client:
            _until(lambda: "fail" in str(client.execute_command("CLUSTER", "INFO")))
        time.sleep(2.5)  # until the others agree
        snapshot = collect(server.url())
    assert "1 primaries of the cluster" in str(outcomes(snapshot)["config"].reason)
    silent = [node for node in snapshot.server.nodes if node.states.get("asked") == "no"]
    assert [node.slots for node in silent] == [5462]
    findings = {finding.check for finding in audit_snapshot(snapshot).findings}
    assert {"cluster-slots-uncovered", "cluster-node-failed"} <= findings


def test_sentinels_lead_to_the_primary_whoever_of_them_answers(pool: Pool) -> None:
    with pool.own_redis({"sentinel": "on", "auth": "on"}) as server:
        through = collect(server.url())
        assert [watch.watchers for watch in through.server.watches] == [3]
        assert [replica.state for replica in through.server.replicas] == ["online"]
        login = urlsplit(server.nodes[0]).netloc.rpartition("@")[0]
        unnamed = collect(f"redis+sentinel://{login}@{server.watchers[0]}/")
        plain = collect(f"redis://{login}@{server.watchers[0]}/")
        assert unnamed.server.watches == plain.server.watches == through.server.watches
        dead = collect(f"redis+sentinel://{login}@127.0.0.1:1,{server.watchers[1]}/mymaster")
        assert dead.server.watches
        wrong = refusal(f"redis+sentinel://{login}@{server.watchers[0]}/{SECRET}", UsageError)
        assert "nothing of the name" in wrong.message
        asked = refusal(f"redis+sentinel://{server.watchers[0]}/mymaster")
        assert "asks for a login" in str(asked.hint)


def test_a_sentinel_has_logins_of_its_own(pool: Pool) -> None:
    with pool.own_redis({"sentinel": "1"}) as server:
        with contextlib.closing(redis.Redis.from_url(server.watcher(0), protocol=2)) as client:
            client.execute_command("ACL", "SETUSER", "default", "resetpass", f">{SECRET}")
        refused = refusal(f"redis+sentinel://{server.watchers[0]}/mymaster")
        assert "sentinelPassword" in str(refused.hint)
        snapshot = collect(f"redis+sentinel://{server.watchers[0]}/mymaster?sentinelPassword={SECRET}")
        with contextlib.closing(redis.Redis.from_url(server.watcher(0), protocol=2, password=SECRET)) as client:
            rules = (
                "+sentinel|masters +sentinel|sentinels +sentinel|get-master-addr-by-name +client|setname +hello +info"
            )
            client.execute_command("ACL", "SETUSER", "watch", "on", f">{SECRET}", *rules.split())
        least = f"redis+sentinel://{server.watchers[0]}/?sentinelUser=watch&sentinelPassword={SECRET}"
        assert collect(least).server.watches == snapshot.server.watches


# --- helpers -------------------------------------------------------------------------------------------------------


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _killing(server: Started, after: str) -> Progress:
    def progress(result: ProbeResult, _number: int, _total: int) -> None:
        if result.probe == after:
            server.client.close()
            server.kill(0)

    return progress


def _reload(server: Started) -> None:
    with contextlib.suppress(Exception), contextlib.closing(server.open()) as client:
        client.execute_command("DEBUG", "RELOAD")


def _spin(server: Started) -> None:
    with contextlib.suppress(Exception), contextlib.closing(server.open()) as client:
        client.execute_command("EVAL", "while true do end", "0")


@contextlib.contextmanager
def _listener(says: bytes) -> Iterator[int]:
    """Something at a port that answers with the same words whatever it is asked, and closes then; or is silent."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        kept: list[socket.socket] = []

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    found, _ = listening.accept()
                    kept.append(found)
                    if says:
                        found.recv(1000)
                        found.sendall(says)
                        found.close()

        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1]
        for one in kept:
            one.close()

"""MongoDB servers that cannot be reached, refuse a login, die, show little, or change while they are read."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

import pytest
from pymongo import MongoClient

from auditor.connector import CollectOptions, Progress
from auditor.errors import UnreachableError
from auditor.model.snapshot import ProbeResult, Snapshot
from auditor.model.vocabulary import Outcome, ProbeOutcome
from auditor.pipeline import audit_snapshot
from auditor.registry import load_connectors
from auditor.target import parse_target
from tests.mongodb_servers import Server, Started, account
from tests.servers import Pool

SECRET = "hunter2-Zq"

pytestmark = pytest.mark.mongodb


def collect(url: str, progress: Progress | None = None, **options: float) -> Snapshot:
    connector = load_connectors()["mongodb"]
    target = parse_target(url, connector.schemes, connector.example)
    return connector.collect(target, CollectOptions(**options), progress)


def refusal(url: str, **options: float) -> UnreachableError:
    """The error that a target ends in; it never holds the secret."""
    with pytest.raises(UnreachableError) as caught:
        collect(url, connect_timeout=2, **options)
    assert SECRET not in f"{caught.value.message} {caught.value.hint}"
    assert "\n" not in caught.value.message
    return caught.value


def outcomes(snapshot: Snapshot) -> dict[str, ProbeResult]:
    return {probe.probe: probe for probe in snapshot.probes}


@contextlib.contextmanager
def collection(server: Server, *names: str) -> Iterator[None]:
    """Collections of the database ``failing`` that are gone afterwards."""
    for name in names:
        server.run({"create": name}, "failing")
    try:
        yield
    finally:
        server.client.drop_database("failing")


def test_a_login_that_is_missing_or_wrong_says_what_to_try(pool: Pool) -> None:
    server = pool.mongodb({"auth": "on"})
    host = server.hosts[0]
    with account(server, "clusterMonitor") as (user, password):
        missing = refusal(f"mongodb://{host}/shop")
        assert "requires authentication" in missing.message
        assert "give a user and a password" in missing.hint
        wrong = refusal(f"mongodb://{user}:{SECRET}@{host}/?authSource=admin")
        assert "Authentication failed" in wrong.message
        assert "percent-encoded" in wrong.hint
        elsewhere = refusal(f"mongodb://{user}:{password}@{host}/shop")
        assert "?authSource=admin" in elsewhere.hint


def test_a_server_that_is_not_there_says_so() -> None:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    nobody = refusal(f"mongodb://u:{SECRET}@127.0.0.1:{port}/d")
    assert "Connection refused" in nobody.message
    assert "nothing listens there" in nobody.hint


def test_tls_on_one_side_only_says_so(pool: Pool) -> None:
    plain, encrypted = pool.mongodb(), pool.mongodb({"members": "0", "tls": "on"})
    assert "tls" in refusal(f"mongodb://{plain.hosts[0]}/?tls=true").hint
    assert "tls=true" in refusal(f"mongodb://{encrypted.hosts[0]}/").hint
    unknown = refusal(f"mongodb://{encrypted.hosts[0]}/?tls=true")  # a certificate of an authority that nobody knows
    assert "tlsCAFile" in unknown.hint


def test_an_empty_server_is_audited(pool: Pool) -> None:
    with pool.own_mongodb({"members": "0"}) as server:
        snapshot = collect(server.url())
    assert {probe.outcome for probe in snapshot.probes} <= {ProbeOutcome.OK, ProbeOutcome.UNSUPPORTED}
    audit = audit_snapshot(snapshot)
    assert {"standby-missing", "access-control-off"} <= {finding.check for finding in audit.findings}
    reasons = [result.reason or "" for result in audit.checks]
    absent = {word for reason in reasons if "has no " in reason for word in reason.partition("has no ")[2].split(", ")}
    assert absent  # probes of other engines, by their own names: what is missing is not what there is
    assert absent.isdisjoint(probe.probe for probe in snapshot.probes)


def test_a_set_without_a_primary_is_audited(pool: Pool) -> None:
    with pool.own_mongodb({"members": "2"}) as server:
        server.client.close()
        server.kill(1)
        with MongoClient(server.url(member=0)) as left:
            while left.admin.command("hello")["isWritablePrimary"]:
                pass
        snapshot = collect(server.url())
    states = {member.name: member.state for member in snapshot.server.members}
    assert states == {"member 0": "secondary", "member 1": "unreachable"}
    findings = {finding.check: finding for finding in audit_snapshot(snapshot).findings}
    assert findings["member-down"].severity == "critical"
    assert outcomes(snapshot)["change-logs"].outcome is ProbeOutcome.OK


def test_where_members_run_is_in_no_snapshot(pool: Pool) -> None:
    server = pool.mongodb({"members": "3", "stopped": "2"})
    text = str(collect(server.url()))
    assert not [host for host in server.hosts if host in text]


def test_an_account_that_sees_nothing_gets_a_full_report_with_grants_that_help(pool: Pool) -> None:
    server = pool.mongodb({"auth": "on"})
    with collection(server, "orders"), account(server) as (user, password):
        url = server.url("failing", user, password)
        blind = collect(url)
        denied = {name for name, probe in outcomes(blind).items() if probe.outcome is ProbeOutcome.DENIED}
        assert {"options", "server-status", "members", "change-logs", "accounts", "collections"} <= denied
        audit = audit_snapshot(blind)
        assert {finding.check for finding in audit.findings} <= {"version-eol", "version-minor-behind"}
        results = {check.check: check for check in audit.checks}
        assert results["access-control-off"].outcome is Outcome.NOT_ASSESSED
        assert results["access-control-off"].grant in {probe.grant for probe in blind.probes}
        grants = {probe.grant for probe in blind.probes if probe.outcome is ProbeOutcome.DENIED}
        assert None not in grants
        try:
            for grant in grants:
                pool.mongosh(server.url("admin"), str(grant))
            seen = outcomes(collect(url))
        finally:
            server.run({"dropAllRolesFromDatabase": 1})
    assert {name: probe.reason for name, probe in seen.items() if probe.outcome is ProbeOutcome.DENIED} == {}


def test_an_account_of_one_database_sees_that_one(pool: Pool) -> None:
    server = pool.mongodb({"auth": "on"})
    with collection(server, "orders"), account(server, "read@failing") as (user, password):
        snapshot = collect(server.url("failing", user, password))
    assert [table.name for table in snapshot.catalog.tables] == ["orders"]
    assert outcomes(snapshot)["server-status"].outcome is ProbeOutcome.DENIED


def test_the_least_privileges_see_all_but_accounts(pool: Pool) -> None:
    server = pool.mongodb({"auth": "on"})
    roles = ("clusterMonitor", "readAnyDatabase")
    with collection(server, "orders"), account(server, *roles) as (user, password):
        snapshot = collect(server.url("failing", user, password))
    denied = {name for name, probe in outcomes(snapshot).items() if probe.outcome is ProbeOutcome.DENIED}
    assert denied == {"accounts", "account-roles"}


def test_what_was_read_before_the_server_died_is_kept(pool: Pool) -> None:
    with pool.own_mongodb({"members": "0"}) as server:
        server.run({"create": "orders"}, "failing")
        snapshot = collect(server.url("failing"), _killing(server, after="collections"), connect_timeout=2)
    seen = outcomes(snapshot)
    assert seen["options"].outcome is ProbeOutcome.OK
    assert seen["indexes"].outcome is ProbeOutcome.FAILED
    assert "the connection was lost" in (seen["indexes"].reason or "")
    assert audit_snapshot(snapshot).checks


def _killing(server: Started, after: str) -> Progress:
    def progress(result: ProbeResult, _number: int, _total: int) -> None:
        if result.probe == after:
            server.client.close()
            server.kill(0)

    return progress


def test_what_is_dropped_while_it_is_read_is_left_out(pool: Pool) -> None:
    server = pool.mongodb()

    def progress(result: ProbeResult, _number: int, _total: int) -> None:
        if result.probe == "collections":
            server.run({"drop": "passing"}, "failing")

    with collection(server, "passing", "staying"):
        server.run({"createIndexes": "staying", "indexes": [{"key": {"a": 1}, "name": "a"}]}, "failing")
        snapshot = collect(server.url("failing"), progress)
    assert {probe.outcome for probe in snapshot.probes} <= {ProbeOutcome.OK, ProbeOutcome.UNSUPPORTED}
    assert {index.table for index in snapshot.catalog.indexes} == {"staying"}


def test_views_on_nothing_and_odd_names_are_read(pool: Pool) -> None:
    server = pool.mongodb()
    names = ("odd.name", "naïve 🙂", 'quo"te', "line\nbreak")
    with collection(server, *names):
        server.run({"create": "hollow", "viewOn": "there_is_none", "pipeline": []}, "failing")
        snapshot = collect(server.url("failing"))
    assert {probe.outcome for probe in snapshot.probes} <= {ProbeOutcome.OK, ProbeOutcome.UNSUPPORTED}
    assert {table.name for table in snapshot.catalog.tables} == set(names)
    assert [view.name for view in snapshot.catalog.views] == ["hollow"]


def test_the_time_budget_ends_what_takes_too_long(pool: Pool) -> None:
    server = pool.mongodb()
    with collection(server, *(f"c{number}" for number in range(60))):
        snapshot = collect(server.url("failing"), time_budget=0.05)
    late = [probe for probe in snapshot.probes if "time budget" in (probe.reason or "")]
    assert late
    assert all(check.reason for check in audit_snapshot(snapshot).checks if check.outcome is Outcome.NOT_ASSESSED)

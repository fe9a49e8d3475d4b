"""The runner of case files: sessions, counters and roles on a real server, and what it says when a case is not met."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from auditor.model.finding import CheckResult, Evidence, Finding, Impact, Subject
from auditor.model.snapshot import Snapshot, TargetInfo
from auditor.model.vocabulary import Confidence, Outcome, Severity
from tests.case_format import Case, CaseError, load
from tests.cases import _auditor, _Sessions, problems, shifted
from tests.servers import AnyServer, Database, fresh_database

Found = tuple[CheckResult, tuple[Finding, ...]]


def case_of(tmp_path: Path, text: str) -> Case:
    path = tmp_path / "some-check.sql"
    path.write_text(text)
    return load(path)[0]


def value(database: Database, query: str) -> object:
    with database.connect() as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


@pytest.fixture
def database_everywhere(every_server: AnyServer) -> Iterator[Database]:
    with fresh_database(every_server) as database:
        yield database


def test_counters_are_complete_when_the_statements_are_done(tmp_path: Path, database_everywhere: Database) -> None:
    case = case_of(
        tmp_path,
        "-- expect nothing\nCREATE TABLE t (a int PRIMARY KEY);\nINSERT INTO t SELECT generate_series(1, 1000);\n"
        "ANALYZE t;\nSET enable_seqscan = off;\n-- repeat: 7\nSELECT * FROM t WHERE a = 5;\n"
        "DELETE FROM t WHERE a <= 10;\n",
    )
    with _Sessions(case, database_everywhere) as sessions:
        sessions.run()
        assert value(database_everywhere, "SELECT n_dead_tup FROM pg_stat_user_tables") == 10
        assert value(database_everywhere, "SELECT n_live_tup FROM pg_stat_user_tables") == 990
        assert value(database_everywhere, "SELECT n_mod_since_analyze FROM pg_stat_user_tables") == 10
        assert value(database_everywhere, "SELECT idx_scan FROM pg_stat_user_indexes") == 8
        assert value(database_everywhere, "SELECT reltuples::int FROM pg_class WHERE relname = 't'") == 1000


def test_sessions_stay_and_those_that_block_do_not_hold_up_the_case(tmp_path: Path, database: Database) -> None:
    case = case_of(
        tmp_path,
        "-- expect nothing\nCREATE TABLE t (a int);\n-- session holder\nBEGIN;\nLOCK t;\n"
        "-- session waiter background\nSELECT count(*) FROM t;\n-- session sleeper background\nSELECT pg_sleep(600);\n"
        "-- main\nCREATE TABLE u ();\n",
    )
    began = time.monotonic()
    with _Sessions(case, database) as sessions:
        sessions.run()
        states = value(
            database,
            "SELECT array_agg(state || ' ' || coalesce(wait_event_type, '') ORDER BY state, wait_event_type)"
            " FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        sessions.check()
    assert states == ["active Lock", "active Timeout", "idle in transaction Client"]
    assert value(database, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()") == 1
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("CREATE TABLE t ();\nSELECT 1/0;\n", "some-check.sql:3: division by zero\nSELECT 1/0"),
        ("-- session one background\nSELEC 1;\n", 'some-check.sql:3: syntax error at or near "SELEC"'),
    ],
)
def test_a_statement_that_fails_is_named(tmp_path: Path, database: Database, sql: str, message: str) -> None:
    with (
        pytest.raises(CaseError) as caught,
        _Sessions(case_of(tmp_path, f"-- expect nothing\n{sql}"), database) as sessions,
    ):
        sessions.run()
    assert message in str(caught.value)


def test_a_vacuum_and_a_concurrent_index_run_outside_a_transaction(tmp_path: Path, database: Database) -> None:
    case = case_of(
        tmp_path, "-- expect nothing\nCREATE TABLE t (a int);\nVACUUM t;\nCREATE INDEX CONCURRENTLY ON t (a);\n"
    )
    with _Sessions(case, database) as sessions:
        sessions.run()


def test_the_auditing_role_may_do_what_its_roles_may_and_is_gone_afterwards(tmp_path: Path, database: Database) -> None:
    database.run("CREATE TABLE t (a int)")
    for said, reads in (("nobody", False), ("pg_read_all_data", True)):
        case = case_of(tmp_path, f"-- expect nothing\n-- as: {said}\n")
        with _auditor(case, database.server) as (user, password):
            with psycopg.connect(database.url_of(user, password)) as connection:
                row = connection.execute("SELECT has_table_privilege('t', 'SELECT'), current_user").fetchone()
            assert row == (reads, user)
    assert value(database, "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'auditor%'") == 0


@pytest.mark.parametrize(("written", "later"), [("2026-05-30T10:00:00Z", "2026-06-30T22:00:00Z")])
def test_time_goes_on_for_the_snapshot_only(written: str, later: str) -> None:
    info = TargetInfo(engine="postgresql", version="18.6", name="shop", collected_at=written, stats_days=2.0)
    snapshot = Snapshot(tool_version="0", target=info)
    target = shifted(snapshot, 31.5).target
    assert (target.collected_at, target.stats_days) == (later, 33.5)
    assert shifted(snapshot, 0) is snapshot


def run_of(*found: tuple[str, str, str], outcome: str = "", reason: str | None = None) -> Found:
    findings = tuple(
        Finding(
            check="some-check", fingerprint="0", title="", pillar="", severity=Severity(severity),
            confidence=Confidence.CERTAIN, subject=Subject(kind=kind, name=name), related=(),
            evidence=(Evidence(name="n", value=1),), impact=Impact(), explanation="because", recommendation="",
            operations=(),
        )
        for kind, name, severity in found
    )  # fmt: skip
    result = CheckResult(
        check="some-check", title="", pillar="", severity=Severity.LOW, examined=1, of=1, reason=reason,
        outcome=Outcome(outcome or ("failed" if found else "passed")),
    )  # fmt: skip
    return result, findings


EXPECT_TWO = "-- expect: table public.a\n-- expect: table public.* high\n"


@pytest.mark.parametrize(
    ("text", "run", "wrong"),
    [
        (EXPECT_TWO, lambda: run_of(("table", "public.a", "low"), ("table", "public.b", "high")), []),
        (EXPECT_TWO, lambda: run_of(("table", "public.b", "high"), ("table", "public.a", "high")), []),
        (
            EXPECT_TWO,
            lambda: run_of(("table", "public.a", "low"), ("table", "public.b", "low")),
            [
                "expected, but not found: table public.* high",
                "found, but not expected: table 'public.b' low certain: because",
            ],
        ),
        (
            "-- expect: table t\n",
            lambda: run_of(("table", "t", "low"), ("table", "t", "low")),
            ["found, but not expected: table 't' low certain: because"],
        ),
        (
            "-- expect: table t\n",
            lambda: run_of(outcome="not-assessed", reason="no grant"),
            ["expected, but not found: table t", "the outcome is not-assessed (no grant)"],
        ),
        ("-- expect nothing\n", lambda: run_of(outcome="passed"), []),
        ("-- expect nothing\n", lambda: run_of(outcome="not-applicable"), []),
        (
            "-- expect nothing\n",
            lambda: run_of(outcome="not-assessed", reason="no grant"),
            ["the outcome is not-assessed (no grant), not not-applicable or passed"],
        ),
        ("-- expect passed\n", lambda: run_of(outcome="not-applicable"), ["the outcome is not-applicable, not passed"]),
        ("-- expect not-assessed\n", lambda: run_of(outcome="not-assessed"), []),
        (
            "-- expect nothing\n",
            lambda: run_of(outcome="error", reason="KeyError: 'a'"),
            ["the check raised KeyError: 'a'"],
        ),
    ],
)
def test_what_is_said_of_a_result(tmp_path: Path, text: str, run: Callable[[], Found], wrong: list[str]) -> None:
    assert problems(case_of(tmp_path, text), *run()) == wrong

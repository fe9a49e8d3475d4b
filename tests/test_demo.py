"""The demonstration database: large enough, with the past that it claims, at work, and gone afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from auditor.connector import RehearsalOptions
from auditor.pipeline import audit_snapshot
from auditor.rendering import read_report, render
from auditor.target import parse_target
from auditor_connectors.postgresql.demo import demo
from auditor_connectors.postgresql.rehearsal import rehearse
from tests.collecting import collect

SCHEMAS = "('public', 'shop', 'fulfilment', 'legacy')"

# Enters the demonstration and says what happens, until somebody ends it.
CHILD = """
import time
from auditor.pipeline import audit_snapshot
from auditor.rendering import read_report, render
from auditor_connectors.postgresql.demo import demo
from tests.collecting import collect
def tell(line): print(line, flush=True)
with demo(tell) as url:
    tell("ready")
    time.sleep(60)
"""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    started = time.monotonic()
    lines = []
    with demo(lambda line: lines.append(f"{time.monotonic() - started:6.2f} s {line}")) as url:
        seconds = time.monotonic() - started
        sys.stderr.write("\n".join((*lines, f"{seconds:6.2f} s ready", "")))
        assert seconds < 120  # on a machine that runs other tests beside it; alone it takes a tenth of that
        yield url


@pytest.fixture(scope="module")
def connection(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url, autocommit=True, application_name="test") as connection:
        yield connection


def rows(connection: psycopg.Connection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query.encode()).fetchall()


def value(connection: psycopg.Connection, query: str) -> Any:
    ((answer,),) = rows(connection, query)
    return answer


def test_it_is_as_large_as_a_shop_of_six_years(connection: psycopg.Connection) -> None:
    tables = rows(
        connection,
        "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        f" WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname IN {SCHEMAS}",
    )
    assert len(tables) >= 25
    counts = {table: value(connection, f"SELECT count(*) FROM {table}") for (table,) in tables}
    # Row security without a policy shows this role none of the gift cards.
    assert [table for table, count in counts.items() if not count] == ["shop.gift_cards"]
    assert sum(counts.values()) >= 200_000
    first, last = rows(
        connection, "SELECT min(placed_at)::date, max(placed_at)::date FROM shop.orders WHERE id <= 30000"
    )[0]
    assert (str(first)[:7], str(last)[:7]) == ("2020-11", "2026-11")


def test_its_samples_are_nobody(connection: psycopg.Connection) -> None:
    assert value(connection, "SELECT count(*) FROM shop.customers WHERE email !~* '@example[.]com$'") == 0
    assert rows(connection, "SELECT DISTINCT card_number FROM shop.customers WHERE card_number IS NOT NULL") == [
        ("4111111111111111",)
    ]
    assert value(connection, "SELECT count(*) FROM shop.customers WHERE ssn !~ '^000-00-'") == 0
    assert value(connection, "SELECT count(*) FROM shop.customers WHERE api_token !~ '^demo-token-'") == 0


FLAWS = {
    "an invalid index": "SELECT count(*) FROM pg_index WHERE NOT indisvalid",
    "unvalidated constraints": "SELECT count(*) FROM pg_constraint WHERE NOT convalidated",
    "rows in a default partition": "SELECT count(*) FROM fulfilment.stock_movements_default",
    "a sequence near the end of its type": (
        "SELECT count(*) FROM pg_sequences WHERE data_type = 'integer'::regtype AND last_value > 0.9 * 2147483647"
    ),
    "tables without a primary key": (
        "SELECT count(*) FROM pg_class c WHERE relkind = 'r' AND relnamespace::regnamespace::text IN ('shop', 'legacy')"
        " AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)"
    ),
    "a table with many columns": (
        "SELECT count(*) FROM (SELECT attrelid FROM pg_attribute WHERE attnum > 0 AND attrelid >= 16384"
        " GROUP BY 1 HAVING count(*) >= 60) wide"
    ),
    "dead rows": "SELECT count(*) FROM pg_stat_user_tables WHERE n_dead_tup > n_live_tup",
    "stale statistics": "SELECT count(*) FROM pg_stat_user_tables WHERE n_mod_since_analyze > 5 * 2000",
    "an unlogged table": "SELECT count(*) FROM pg_class WHERE relpersistence = 'u' AND relkind = 'r'",
    "a disabled trigger": "SELECT count(*) FROM pg_trigger WHERE tgenabled = 'D'",
    "a rule": "SELECT count(*) FROM pg_rewrite WHERE rulename = 'audit_log_keep'",
    "a definer function without path": (
        "SELECT count(*) FROM pg_proc WHERE prosecdef AND proconfig IS NULL AND oid >= 16384"
    ),
    "an application superuser": "SELECT count(*) FROM pg_roles WHERE rolsuper AND rolname = 'shop_app'",
    "a role above row security": "SELECT count(*) FROM pg_roles WHERE rolbypassrls AND NOT rolsuper",
    "a slot that keeps WAL": (
        "SELECT count(*) FROM pg_replication_slots WHERE NOT active"
        " AND pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) > 50 * 1024 * 1024"
    ),
    "an extension left behind": (
        "SELECT count(*) FROM pg_available_extensions WHERE installed_version <> default_version"
    ),
}


@pytest.mark.parametrize("flaw", FLAWS)
def test_it_has_grown_with_flaws(connection: psycopg.Connection, flaw: str) -> None:
    assert value(connection, FLAWS[flaw]) > 0


def test_most_of_it_is_sound(connection: psycopg.Connection) -> None:
    """Tables as a careful team makes them: identity keys, no timestamp without time zone, foreign keys validated."""
    sound = rows(
        connection,
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        f" WHERE c.relkind = 'r' AND NOT c.relispartition AND n.nspname IN {SCHEMAS}"
        " AND EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)"
        " AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0"
        "   AND a.atttypid IN ('timestamp'::regtype, 'money'::regtype, 'float8'::regtype, 'json'::regtype))"
        " AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND NOT k.convalidated)",
    )
    assert len(sound) >= 20


def test_the_statements_of_its_work_are_counted(connection: psycopg.Connection) -> None:
    statements = rows(
        connection,
        "SELECT query, calls, rows, temp_blks_written, userid::regrole::text FROM pg_stat_statements"
        " WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())",
    )
    calls = {query: count for query, count, *_ in statements}
    assert sum(calls.values()) > 3_000
    account = next(count for query, count in calls.items() if query.startswith("SELECT id, order_number"))
    product = next(count for query, count in calls.items() if query.startswith("SELECT id, sku, name, price"))
    assert product > 5 * account
    assert any(spilled > 0 for *_, spilled, _ in statements)
    assert any(count == 1 and returned > 10_000 for _, count, returned, *_ in statements)
    assert {"shop_app", "reporting", "fulfilment_service"} <= {role for *_, role in statements}
    assert not any("PASSWORD" in query.upper().split() for query in calls)


def test_the_usage_counters_speak_at_once(connection: psycopg.Connection) -> None:
    """Sessions keep their counters for a while; an audit must not have to wait for them."""
    tables = {
        name: (sequential, indexed, updated, hot)
        for name, sequential, indexed, updated, hot in rows(
            connection, "SELECT relname, seq_scan, idx_scan, n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables"
        )
    }
    assert tables["payments"][0] >= 250
    assert tables["order_items"][1] >= 300
    assert tables["counters"][3] > 0.9 * tables["counters"][2] > 0
    assert tables["stock_levels"][3] == 0 < tables["stock_levels"][2]
    used = value(connection, "SELECT count(*) FROM pg_stat_user_indexes WHERE idx_scan > 0")
    unused = value(connection, "SELECT count(*) FROM pg_stat_user_indexes WHERE idx_scan = 0")
    assert used >= 20
    assert unused >= 10


def test_its_applications_are_connected(connection: psycopg.Connection) -> None:
    sessions = rows(
        connection,
        "SELECT application_name, state, cardinality(pg_blocking_pids(pid)) FROM pg_stat_activity"
        " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
    )
    assert sum(state == "idle" for _, state, _ in sessions) >= 12
    assert [name for name, state, _ in sessions if state == "idle in transaction"] == ["backoffice"]
    assert [name for name, _, blockers in sessions if blockers] == ["checkout-api"]


def test_the_url_is_for_a_role_that_only_reads(connection: psycopg.Connection) -> None:
    assert rows(connection, "SELECT rolname, rolsuper FROM pg_roles WHERE rolname = current_user") == [
        ("auditor", False)
    ]
    assert value(connection, "SELECT count(*) FROM pg_hba_file_rules") > 0
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("DELETE FROM shop.comments")


def test_its_report_with_the_diagram_stays_within_its_size(url: str) -> None:
    audit = audit_snapshot(collect(url), diagram=True)
    page = render(audit, "html").main
    assert 40 <= audit.inventory.tables <= 50
    assert len(audit.findings) > 100
    assert b"<svg class=erd" in page
    assert len(page) <= 300_000
    assert read_report(page) == audit


@pytest.mark.parametrize(("moment", "how"), [("loading", signal.SIGTERM), ("ready", signal.SIGINT)])
def test_nothing_is_left_when_it_is_ended(moment: str, how: signal.Signals) -> None:
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        place.chmod(0o711)  # for the user that runs the server
        with subprocess.Popen(
            [sys.executable, "-c", CHILD],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "TMPDIR": name},
        ) as child:
            assert child.stdout is not None
            assert any(line.startswith(moment) for line in child.stdout)
            (pid_file,) = place.rglob("postmaster.pid")
            server = int(pid_file.read_text().split()[0])
            time.sleep(0.5)
            child.send_signal(how)
            assert child.wait(30) != 0
        deadline = time.monotonic() + 20
        while list(place.iterdir()) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert list(place.iterdir()) == []
        with pytest.raises(ProcessLookupError):
            os.kill(server, 0)


def test_its_plan_can_be_rehearsed(url: str) -> None:
    """The marks about milliseconds are left out: other tests run on the same machine."""
    plan = audit_snapshot(collect(url)).plan
    source = parse_target(url, ("postgresql",), "")
    proof = rehearse(plan, RehearsalOptions(schema=source, rows=1_000, baseline_seconds=1.0), lambda _line: None)
    assert len([step for step in proof.steps if step.outcome == "rehearsed"]) > 120
    passed = {mark.id for mark in proof.marks if mark.verdict == "passed"}
    assert passed >= {"M5", "M6", "M7", "M13"}, proof.marks
    assert "would be done again" not in next(mark.reason for mark in proof.marks if mark.id == "M8")

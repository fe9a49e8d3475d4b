"""A step that locks several tables gives up before a client that it is in a deadlock with would, and can give up."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from auditor.model.facts import Facts
from auditor.model.operation import ArchiveRows
from auditor.model.plan import Step
from auditor.planning import make_plan
from auditor_connectors.postgresql.recipes import RECIPES
from auditor_connectors.postgresql.recipes.locking import lock_tables, queued_seconds
from tests.case_format import MAJORS
from tests.collecting import collect
from tests.guarding import steps_of
from tests.servers import AnyServer, Database, fresh_database

SHOP = """
CREATE TABLE customers (id int PRIMARY KEY, name text);
CREATE TABLE orders (id int PRIMARY KEY, customer_id int REFERENCES customers, parent_id int REFERENCES orders);
CREATE TABLE lines (id int PRIMARY KEY, order_id int REFERENCES orders);
CREATE TABLE ring_a (id int PRIMARY KEY, b_id int);
CREATE TABLE ring_b (id int PRIMARY KEY, a_id int REFERENCES ring_a);
ALTER TABLE ring_a ADD FOREIGN KEY (b_id) REFERENCES ring_b;
INSERT INTO customers VALUES (1, 'x');
"""

EVENTS = (
    "CREATE TABLE customers (id int PRIMARY KEY, name text)",
    "CREATE TABLE visits (at date NOT NULL, customer_id int REFERENCES customers) PARTITION BY RANGE (at)",
    "CREATE TABLE visits_old PARTITION OF visits FOR VALUES FROM ('2024-01-01') TO ('2024-02-01')",
    "CREATE TABLE events (at date NOT NULL, customer_id int) PARTITION BY RANGE (at)",
    "CREATE TABLE events_old PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2024-02-01')",
)


def detaching(database: Database, table: str) -> Step:
    """The step that detaches the old partition of a table."""
    wanted = ArchiveRows(schema="public", table=table, column="at", keep_days=30)
    plan = make_plan(Facts(collect(database.url)), [wanted], [], RECIPES)
    return next(one for one in steps_of(plan) if one.title.startswith("Detach"))


def carry_out(connection: psycopg.Connection[Any], step: Step) -> None:
    with connection.transaction() if step.transactional else contextlib.nullcontext():
        for statement in step.statements:
            connection.execute(statement.encode())


def locked(database: Database, *names: str, only_writers: tuple[str, ...] = ()) -> tuple[str, ...]:
    facts = Facts(collect(database.url))
    return lock_tables(
        facts, [("public", one) for one in names], only_writers=[("public", one) for one in only_writers]
    )


def test_what_refers_is_locked_before_what_it_refers_to(server: AnyServer) -> None:
    with fresh_database(server) as database:
        database.run(*SHOP.strip().split(";\n"))
        strong, wait = "LOCK TABLE public.{} IN ACCESS EXCLUSIVE MODE", "SET LOCAL lock_timeout = '100ms'"
        assert locked(database, "customers", "orders", "lines") == (
            strong.format("lines"), wait, strong.format("orders"), strong.format("customers"),
        )  # fmt: skip
        assert locked(database, "orders", only_writers=("orders", "customers")) == (
            strong.format("orders"), wait, "LOCK TABLE public.customers IN SHARE ROW EXCLUSIVE MODE",
        )  # fmt: skip
        assert locked(database, "ring_a", "ring_b", "orders") == (
            strong.format("orders"), wait, strong.format("ring_a"), strong.format("ring_b"),
        )  # fmt: skip
        assert locked(database, "orders") == (strong.format("orders"),)
        assert queued_seconds(locked(database, "customers", "orders", "lines")) == pytest.approx(0.2)
        assert queued_seconds(locked(database, "orders")) == 0.0


def test_a_client_in_a_deadlock_with_a_step_is_not_the_one_that_fails(server: AnyServer) -> None:
    with fresh_database(server) as database:
        database.run(*SHOP.strip().split(";\n"))
        statements = locked(database, "orders", "customers")
        with database.connect() as client, database.connect() as step, database.connect() as watcher:
            client.execute("BEGIN")
            client.execute("UPDATE customers SET name = 'y'")
            step.execute("BEGIN")
            step.execute("SET LOCAL lock_timeout = '500ms'")
            step.execute(statements[0].encode())
            insert = threading.Thread(target=client.execute, args=("INSERT INTO orders VALUES (1, 1, NULL)",))
            insert.start()
            waits = f"SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = {client.info.backend_pid}"
            while not (watcher.execute(waits.encode()).fetchone() or [False])[0]:
                pass
            for statement in statements[1:-1]:
                step.execute(statement.encode())
            with pytest.raises(psycopg.errors.LockNotAvailable):
                step.execute(statements[-1].encode())
            step.execute("ROLLBACK")
            insert.join(timeout=10)
            assert not insert.is_alive()
            client.execute("COMMIT")
            assert step.execute("SELECT count(*) FROM orders").fetchone() == (1,)


@pytest.mark.parametrize("major", [MAJORS[0], MAJORS[-1]])
def test_a_partition_is_detached_without_a_lock_that_could_not_be_given_up(
    major: int, server_of: Callable[[int], AnyServer]
) -> None:
    with fresh_database(server_of(major)) as database:
        database.run(*EVENTS)
        refers, plain = (detaching(database, table) for table in ("visits", "events"))
        assert (refers.lock, refers.transactional) == ("ACCESS EXCLUSIVE", True)
        assert (plain.lock, plain.transactional) == ("SHARE UPDATE EXCLUSIVE", False)
        with database.connect() as client, database.connect() as step:
            client.execute("BEGIN")
            client.execute("INSERT INTO customers VALUES (2, 'y')")
            with pytest.raises(psycopg.errors.LockNotAvailable):
                carry_out(step, refers)
            carry_out(step, plain)
            client.execute("COMMIT")
            carry_out(step, refers)
            assert step.execute("SELECT count(*) FROM pg_inherits").fetchone() == (0,)

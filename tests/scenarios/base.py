"""What a scenario is, and the objects that several of them start from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from auditor.model.operation import AnyOperation


@dataclass(frozen=True)
class Scenario:
    """Statements that build objects in the schema shop, operations on them, and how far the way back reaches.

    ``small``: leave the limits for small tables as they are; otherwise every table counts as large. ``checks`` are
    queries that must be true after all steps. ``final``: no way back is expected for some step.
    """

    setup: Sequence[str]
    operations: Sequence[AnyOperation]
    since: int = 14
    small: bool = False
    final: bool = False
    checks: Sequence[str] = ()


ORDERS = (
    "CREATE TABLE shop.customers (id int PRIMARY KEY, email varchar(80))",
    "CREATE TABLE shop.orders (id int NOT NULL, customer_id int, placed timestamp, amount numeric(8,2), note text)",
    "INSERT INTO shop.customers SELECT i, 'c' || i FROM generate_series(1, 500) i",
    (
        "INSERT INTO shop.orders SELECT i, 1 + i % 500, timestamp '2024-01-01' + i * interval '1 hour', i, 'n' || i % "
        "7 FROM generate_series(1, 5000) i"
    ),
)
MONTHS = (
    "CREATE TABLE shop.parents (id int PRIMARY KEY)",
    "INSERT INTO shop.parents SELECT generate_series(1, 50)",
    "CREATE TABLE shop.events (id int NOT NULL, at date NOT NULL, parent_id int, kind text) PARTITION BY RANGE (at)",
    "CREATE TABLE shop.events_p2024_01 PARTITION OF shop.events FOR VALUES FROM ('2024-01-01') TO ('2024-02-01')",
    (
        "CREATE TABLE shop.events_p2024_02 PARTITION OF shop.events FOR VALUES FROM ('2024-02-01') TO ('2024-03-01') "
        "PARTITION BY LIST (kind)"
    ),
    "CREATE TABLE shop.events_p2024_02_a PARTITION OF shop.events_p2024_02 FOR VALUES IN ('a')",
    "CREATE TABLE shop.events_p2024_02_b PARTITION OF shop.events_p2024_02 FOR VALUES IN ('b')",
    (
        "INSERT INTO shop.events SELECT i, date '2024-01-01' + i % 60, 1 + i % 50, CASE WHEN i % 2 = 0 THEN 'a' ELSE "
        "'b' END FROM generate_series(1, 600) i"
    ),
)

"""Old rows: partitions that are detached, rows that are copied, compared and deleted."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.model.operation import ArchiveRows
from tests.scenarios.base import MONTHS, Scenario

SCENARIOS: Mapping[str, Scenario] = {
    "archive partitions": Scenario(
        setup=(
            *MONTHS,
            "CREATE TABLE shop.events_future PARTITION OF shop.events FOR VALUES FROM ('2024-03-01') TO ('2999-01-01')",
            "INSERT INTO shop.events SELECT i, '2900-01-01', 1, 'a' FROM generate_series(1, 20) i",
        ),
        operations=(ArchiveRows(schema="shop", table="events", column="at", keep_days=30),),
        checks=("SELECT count(*) = 20 FROM shop.events", "SELECT to_regclass('shop.events_p2024_02_a') IS NULL"),
    ),
    "archive partitions beside a default": Scenario(
        setup=(*MONTHS, "CREATE TABLE shop.events_default PARTITION OF shop.events DEFAULT"),
        operations=(ArchiveRows(schema="shop", table="events", column="at", keep_days=30),),
        checks=("SELECT count(*) = 0 FROM shop.events",),
    ),
    "archive rows": Scenario(
        setup=(
            (
                "CREATE TABLE shop.visits (id int GENERATED ALWAYS AS IDENTITY, part int NOT NULL DEFAULT 1, at "
                "timestamptz NOT NULL, doc json, n numeric, twice numeric GENERATED ALWAYS AS (n * 2) STORED, PRIMARY "
                "KEY (id, part))"
            ),
            (
                "INSERT INTO shop.visits (at, doc, n) SELECT CASE WHEN i % 3 = 0 THEN timestamptz '2900-01-01' ELSE "
                "timestamptz '2024-01-01' END, '{\"a\": 1}', i FROM generate_series(1, 3000) i"
            ),
            (
                "CREATE TABLE shop.lines (visit int, part int, FOREIGN KEY (visit, part) REFERENCES shop.visits ON "
                "DELETE CASCADE)"
            ),
            "INSERT INTO shop.lines VALUES (1, 1), (2, 1)",
        ),
        operations=(ArchiveRows(schema="shop", table="visits", column="at", keep_days=30),),
        checks=(
            # The two old rows that others refer to stay, and so do these others.
            "SELECT count(*) = 1002 FROM shop.visits",
            "SELECT count(*) = 2 FROM shop.lines",
        ),
    ),
}

"""Indexes: building, dropping, rebuilding, on plain and on partitioned tables."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.model.operation import (
    AddIndex,
    CompletePartitionedIndex,
    DropIndex,
    RebuildIndex,
    RefreshCollation,
)
from tests.scenarios.base import MONTHS, ORDERS, Scenario

SCENARIOS: Mapping[str, Scenario] = {
    "indexes": Scenario(
        setup=ORDERS,
        operations=(
            AddIndex(schema="shop", table="orders", columns=("customer_id",)),
            AddIndex(schema="shop", table="orders", columns=("placed",), include=("amount",), predicate="amount > 10"),
            AddIndex(schema="shop", table="orders", expressions=("lower(note)",)),
            AddIndex(schema="shop", table="orders", columns=("note",), operator_classes={"note": "text_pattern_ops"}),
        ),
    ),
    "an index in place of another": Scenario(
        setup=(
            *ORDERS,
            "CREATE UNIQUE INDEX by_mail ON shop.customers (lower(email))",
            "CREATE INDEX by_place ON shop.orders (placed)",
        ),
        operations=(
            AddIndex(schema="shop", table="customers", expressions=("lower(email)",), predicate="id > 0", unique=True,
                     replaces="by_mail"),
            AddIndex(schema="shop", table="orders", columns=("placed",), predicate="amount > 0", replaces="by_place"),
        ),
        checks=(
            "SELECT to_regclass('shop.by_mail') IS NULL AND to_regclass('shop.by_place') IS NULL",
            ("SELECT count(*) = 1 FROM pg_index WHERE indrelid = 'shop.customers'::regclass AND indisunique AND "
            "indpred IS NOT NULL"),
        ),
    ),
    "drop and rebuild indexes": Scenario(
        setup=(
            *ORDERS,
            "CREATE INDEX one ON shop.orders (customer_id)",
            "CREATE INDEX two ON shop.orders (customer_id, placed)",
            'CREATE INDEX "Three" ON shop.orders (placed) WHERE amount > 3',
            "ALTER TABLE shop.orders ADD CONSTRAINT orders_u UNIQUE (id)",
            "CREATE UNIQUE INDEX orders_u2 ON shop.orders (id)",
        ),
        operations=(
            DropIndex(schema="shop", table="orders", name="one", covered_by="two"),
            DropIndex(schema="shop", table="orders", name="Three"),
            DropIndex(schema="shop", table="orders", name="orders_u", covered_by="orders_u2"),
            RebuildIndex(schema="shop", table="orders", name="two"),
        ),
    ),
    "partitioned indexes": Scenario(
        setup=(
            *MONTHS,
            "CREATE INDEX ready ON shop.events_p2024_01 (parent_id)",
            "CREATE INDEX half ON ONLY shop.events (kind)",
            "CREATE INDEX whole ON shop.events (id)",
        ),
        operations=(
            AddIndex(schema="shop", table="events", columns=("parent_id",)),
            CompletePartitionedIndex(schema="shop", table="events", name="half"),
            RebuildIndex(schema="shop", table="events", name="whole"),
        ),
    ),
    "drop a partitioned index": Scenario(
        setup=(*MONTHS, "CREATE INDEX whole ON shop.events (id)"),
        operations=(DropIndex(schema="shop", table="events", name="whole"),),
    ),
    "collations": Scenario(
        setup=(
            *ORDERS,
            "CREATE UNIQUE INDEX by_email ON shop.customers (email)",
            "CREATE INDEX by_note ON shop.orders (note)",
        ),
        operations=(RefreshCollation(),),
        since=15,
    ),
}  # fmt: skip

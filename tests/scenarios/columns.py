"""Columns: defaults, options, drops, identities and their sequences."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.model.operation import (
    AlterSequence,
    AnalyzeTable,
    ChangeColumnType,
    CreateStatistics,
    DropColumn,
    SetColumnOption,
    SetDefault,
    SetNotNull,
    SetTableOptions,
    UseIdentity,
    VacuumTable,
)
from tests.scenarios.base import ORDERS, Scenario

SCENARIOS: Mapping[str, Scenario] = {
    "small": Scenario(
        setup=ORDERS,
        operations=(SetNotNull(schema="shop", table="orders", column="placed"),
                    ChangeColumnType(schema="shop", table="customers", column="email", from_type="varchar(80)",
                                     to_type="varchar(60)")),
        small=True,
    ),
    "columns": Scenario(
        setup=(*ORDERS, "CREATE INDEX by_note ON shop.orders (note)"),
        operations=(
            SetDefault(schema="shop", table="orders", column="amount", expression="0"),
            SetColumnOption(schema="shop", table="orders", column="customer_id", option="statistics", value="500"),
            SetColumnOption(schema="shop", table="orders", column="customer_id", option="n_distinct", value="-0.1"),
            SetTableOptions(schema="shop", table="orders",
                            options={"fillfactor": "90", "autovacuum_vacuum_scale_factor": "0.02"}),
            CreateStatistics(schema="shop", table="orders", columns=("customer_id", "note")),
            AnalyzeTable(schema="shop", table="orders"),
            VacuumTable(schema="shop", table="orders", freeze=True),
        ),
    ),
    "compression of a column": Scenario(
        setup=ORDERS,
        operations=(
            SetColumnOption(schema="shop", table="orders", column="note", option="compression", value="pglz"),
        ),
    ),
    "drop a column": Scenario(
        setup=(*ORDERS, "CREATE INDEX by_id ON shop.orders (id)"),
        operations=(DropColumn(schema="shop", table="orders", column="id"),),
        final=True,
    ),
    "identity": Scenario(
        setup=(
            "CREATE TABLE shop.items (id serial PRIMARY KEY, big bigserial)",
            "ALTER SEQUENCE shop.items_id_seq MAXVALUE 900000 INCREMENT 2 CACHE 3",
            "CREATE ROLE plan_clerk", "GRANT USAGE, SELECT ON SEQUENCE shop.items_id_seq TO plan_clerk",
            "INSERT INTO shop.items SELECT FROM generate_series(1, 100)",
        ),
        operations=(UseIdentity(schema="shop", table="items", column="id", sequence_schema="shop",
                                sequence="items_id_seq"),),
        checks=("INSERT INTO shop.items DEFAULT VALUES RETURNING id > 199",),
    ),
    "sequences": Scenario(
        setup=(
            "CREATE TABLE shop.items (id bigint PRIMARY KEY)",
            "CREATE SEQUENCE shop.numbers AS integer",
            "INSERT INTO shop.items SELECT generate_series(1, 100)",
            "SELECT nextval('shop.numbers')",
        ),
        operations=(
            AlterSequence(schema="shop", name="numbers", data_type="bigint"),
            AlterSequence(schema="shop", name="numbers", owned_by=("shop", "items", "id")),
            AlterSequence(schema="shop", name="numbers", restart_after_max_of=("shop", "items", "id")),
        ),
    ),
}  # fmt: skip

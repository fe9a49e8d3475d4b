"""Constraints: keys, references, uniqueness, checks, NOT NULL."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.model.operation import (
    AddCheck,
    AddForeignKey,
    AddIndex,
    AddPrimaryKey,
    AddUnique,
    ChangeColumnType,
    DropConstraint,
    SetNotNull,
    SetReplicaIdentity,
    ValidateConstraint,
)
from tests.scenarios.base import MONTHS, ORDERS, Scenario

SCENARIOS: Mapping[str, Scenario] = {
    "foreign key": Scenario(
        setup=(*ORDERS, ("ALTER TABLE shop.orders ADD CONSTRAINT loose FOREIGN KEY (customer_id) "
               "REFERENCES shop.customers (id)")),
        operations=(
            AddIndex(schema="shop", table="orders", columns=("customer_id",)),
            AddForeignKey(schema="shop", table="orders", columns=("customer_id",), referenced_schema="shop",
                          referenced_table="customers", referenced_columns=("id",), on_delete="set null",
                          replaces="loose"),
        ),
        checks=("SELECT conname = 'loose' AND confdeltype = 'n' FROM pg_constraint WHERE contype = 'f'",),
    ),
    "a foreign key whose triggers are off": Scenario(
        setup=(
            *ORDERS,
            ("ALTER TABLE shop.orders ADD CONSTRAINT blind FOREIGN KEY (customer_id) REFERENCES shop.customers (id) "
            "ON UPDATE CASCADE DEFERRABLE"),
            "ALTER TABLE shop.orders DISABLE TRIGGER ALL",
        ),
        operations=(
            AddForeignKey(schema="shop", table="orders", columns=("customer_id",), referenced_schema="shop",
                          referenced_table="customers", referenced_columns=("id",), replaces="blind"),
        ),
        checks=(
            "SELECT confupdtype = 'c' AND condeferrable AND convalidated FROM pg_constraint WHERE contype = 'f'",
            "SELECT count(*) = 0 FROM pg_trigger WHERE tgenabled = 'D'",
        ),
        final=True,
    ),
    "a foreign key that sets some of its columns to null": Scenario(
        setup=(
            "CREATE TABLE shop.accounts (tenant int, id int, PRIMARY KEY (tenant, id))",
            "INSERT INTO shop.accounts SELECT 1, i FROM generate_series(1, 500) i",
            ("CREATE TABLE shop.notes (tenant int NOT NULL, account int, CONSTRAINT mine FOREIGN KEY (tenant, account) "
            "REFERENCES shop.accounts ON DELETE SET NULL (account))"),
            "INSERT INTO shop.notes SELECT 1, 1 + i % 500 FROM generate_series(1, 1000) i",
            ("CREATE TABLE shop.marks (tenant int NOT NULL, account bigint, CONSTRAINT yours FOREIGN KEY (tenant, "
            "account) REFERENCES shop.accounts ON DELETE SET NULL (account))"),
            "INSERT INTO shop.marks SELECT 1, 1 + i % 500 FROM generate_series(1, 1000) i",
        ),
        operations=(
            AddForeignKey(schema="shop", table="notes", columns=("tenant", "account"), referenced_schema="shop",
                          referenced_table="accounts", referenced_columns=("tenant", "id"), on_delete="set null",
                          replaces="mine"),
            ChangeColumnType(schema="shop", table="marks", column="account", from_type="bigint", to_type="integer"),
        ),
        since=15,
        checks=(
            ("SELECT string_agg(conname, ' ' ORDER BY conname) = 'mine yours' AND bool_and("
            "pg_get_constraintdef(oid) LIKE '% ON DELETE SET NULL (account)') FROM pg_constraint WHERE contype = 'f'"),
        ),
    ),
    "foreign key of a partitioned table": Scenario(
        setup=MONTHS,
        operations=(
            AddForeignKey(schema="shop", table="events", columns=("parent_id",), referenced_schema="shop",
                          referenced_table="parents", referenced_columns=("id",)),
        ),
    ),
    "unique": Scenario(
        setup=(*ORDERS, "ALTER TABLE shop.customers ADD CONSTRAINT wide UNIQUE (email, id)"),
        operations=(
            AddUnique(schema="shop", table="customers", columns=("email",), replaces="wide"),
            AddUnique(schema="shop", table="orders", columns=("id",), predicate="amount > 0"),
            AddUnique(schema="shop", table="orders", columns=("customer_id", "placed"), nulls_not_distinct=True),
        ),
    ),
    "unique in place of an index": Scenario(
        setup=(
            *ORDERS,
            "CREATE UNIQUE INDEX wide ON shop.orders (id, customer_id)",
            "CREATE UNIQUE INDEX all_rows ON shop.customers (email)",
            "CREATE UNIQUE INDEX needed ON shop.customers (email, id)",
            "CREATE TABLE shop.mails (a varchar(80), b int, FOREIGN KEY (a, b) REFERENCES shop.customers (email, id))",
        ),
        operations=(
            AddUnique(schema="shop", table="orders", columns=("id", "customer_id"), nulls_not_distinct=True,
                      replaces="wide"),
            AddUnique(schema="shop", table="customers", columns=("email",), predicate="id > 0", replaces="all_rows"),
            AddUnique(schema="shop", table="customers", columns=("email", "id"), predicate="id > 0",
                      replaces="needed"),
        ),
        checks=(
            "SELECT to_regclass('shop.wide') IS NULL AND to_regclass('shop.all_rows') IS NULL",
            "SELECT to_regclass('shop.needed') IS NOT NULL",
        ),
    ),
    "primary key": Scenario(
        setup=(*ORDERS, "CREATE UNIQUE INDEX mine ON shop.orders (id, customer_id)"),
        operations=(AddPrimaryKey(schema="shop", table="orders", using_index="mine"),
                    SetReplicaIdentity(schema="shop", table="orders", identity="full")),
    ),
    "primary key over columns": Scenario(
        setup=ORDERS,
        operations=(AddPrimaryKey(schema="shop", table="orders", columns=("id",)),),
    ),
    "surrogate key": Scenario(
        setup=(
            "CREATE TABLE shop.log (at timestamptz, line text)",
            "INSERT INTO shop.log SELECT now(), repeat('x', 100) || i FROM generate_series(1, 5000) i",
        ),
        operations=(AddPrimaryKey(schema="shop", table="log"),),
        checks=("SELECT count(DISTINCT id) = 5000 FROM shop.log",),
    ),
    "primary key of a partitioned table": Scenario(
        setup=(*MONTHS[:4], "INSERT INTO shop.events SELECT i, '2024-01-03', 1, 'a' FROM generate_series(1, 500) i"),
        operations=(AddPrimaryKey(schema="shop", table="events", columns=("id", "at")),),
    ),
    "checks": Scenario(
        setup=(*ORDERS, "ALTER TABLE shop.orders ADD CONSTRAINT old CHECK (amount >= 0) NOT VALID",
               "ALTER TABLE shop.orders ADD CONSTRAINT gone CHECK (amount < 1000000)"),
        operations=(
            AddCheck(schema="shop", table="orders", name="positive", expression="amount > 0"),
            DropConstraint(schema="shop", table="orders", name="gone"),
            SetNotNull(schema="shop", table="orders", column="placed"),
        ),
    ),
    "validation": Scenario(
        setup=(
            *ORDERS,
            "ALTER TABLE shop.orders ADD CONSTRAINT fine CHECK (amount >= 0) NOT VALID",
            ("ALTER TABLE shop.orders ADD CONSTRAINT known FOREIGN KEY (customer_id) REFERENCES shop.customers NOT "
            "VALID"),
        ),
        operations=(
            ValidateConstraint(schema="shop", table="orders", name="fine"),
            ValidateConstraint(schema="shop", table="orders", name="known"),
        ),
        final=True,
    ),
}  # fmt: skip

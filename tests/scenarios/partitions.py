"""Partitioned tables: making them, adding to them, emptying the default partition."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.model.operation import (
    AddIndex,
    AddPartitions,
    AddPrimaryKey,
    DrainDefaultPartition,
    PartitionTable,
    SetReplicaIdentity,
)
from tests.scenarios.base import MONTHS, Scenario

SCENARIOS: Mapping[str, Scenario] = {
    "partition a table": Scenario(
        setup=(
            "CREATE TABLE shop.owners (id int PRIMARY KEY)",
            "INSERT INTO shop.owners VALUES (1)",
            ("CREATE TABLE shop.visits (id bigserial PRIMARY KEY, owner_id int REFERENCES shop.owners, at timestamptz "
            "DEFAULT now(), n int CHECK (n > 0))"),
            "CREATE INDEX visits_at ON shop.visits (at)",
            "CREATE INDEX visits_part ON shop.visits (n) WHERE n > 5",
            "CREATE FUNCTION shop.touch() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.n := 7; RETURN NEW; END$$",
            "CREATE TRIGGER touch BEFORE UPDATE ON shop.visits FOR EACH ROW EXECUTE FUNCTION shop.touch()",
            "CREATE VIEW shop.recent AS SELECT id, at FROM shop.visits WHERE at > '2024-02-01'",
            ("INSERT INTO shop.visits (owner_id, at, n) SELECT 1, timestamptz '2024-01-01' + i * interval '1 hour', i "
            "FROM generate_series(1, 3000) i"),
        ),
        operations=(PartitionTable(schema="shop", table="visits", column="at", interval="month"),),
        checks=("SELECT count(*) = 3000 FROM shop.visits",
                ("INSERT INTO shop.visits (owner_id, at, n) SELECT 1, max(at) + interval '1 s', 1 FROM shop.visits "
                "RETURNING id > 3000")),
    ),
    "partition a table with an identity": Scenario(
        setup=(
            "CREATE TABLE shop.visits (id int GENERATED ALWAYS AS IDENTITY, day date NOT NULL, PRIMARY KEY (id, day))",
            "INSERT INTO shop.visits (day) SELECT date '2024-01-01' + i FROM generate_series(1, 300) i",
        ),
        operations=(PartitionTable(schema="shop", table="visits", column="day", interval="year"),),
        checks=("INSERT INTO shop.visits (day) VALUES (current_date) RETURNING id = 301",),
        final=True,
    ),
    "partitions": Scenario(
        setup=MONTHS,
        operations=(AddPartitions(schema="shop", table="events", column="at", interval="month",
                                  from_bound="2024-03-01", count=2),),
        checks=("INSERT INTO shop.events VALUES (1, '2024-04-30', 1, 'a') RETURNING true",),
    ),
    "partitions, indexes and keys": Scenario(
        setup=(*MONTHS[:4], "INSERT INTO shop.events SELECT i, '2024-01-03', 1, 'a' FROM generate_series(1, 500) i"),
        operations=(
            AddPartitions(schema="shop", table="events", column="at", interval="month", from_bound="2024-02-01",
                          count=2),
            AddIndex(schema="shop", table="events", columns=("parent_id",)),
            AddPrimaryKey(schema="shop", table="events", columns=("id", "at")),
        ),
        checks=(
            ("SELECT count(*) = 8 AND bool_and(indisvalid) FROM pg_index JOIN pg_class c ON c.oid = indrelid WHERE "
            "relnamespace = 'shop'::regnamespace AND relname LIKE 'events%'"),
        ),
    ),
    "partitions beside a default": Scenario(
        setup=(
            *MONTHS,
            "CREATE TABLE shop.events_default PARTITION OF shop.events DEFAULT",
            "INSERT INTO shop.events SELECT i, '2031-01-01', 1, 'a' FROM generate_series(1, 100) i",
        ),
        operations=(AddPartitions(schema="shop", table="events", column="at", interval="month",
                                  from_bound="2024-03-01", count=2),),
    ),
    "default partition": Scenario(
        setup=(
            *MONTHS,
            "CREATE TABLE shop.events_default PARTITION OF shop.events DEFAULT",
            "INSERT INTO shop.events SELECT i, date '2024-03-01' + i % 90, 1, 'a' FROM generate_series(1, 100) i",
        ),
        operations=(DrainDefaultPartition(schema="shop", table="events", partition_schema="shop",
                                          partition="events_default"),),
        checks=("SELECT count(*) = 0 FROM shop.events_default_new",),
    ),
    "replica identity of a partitioned table": Scenario(
        setup=MONTHS,
        operations=(SetReplicaIdentity(schema="shop", table="events", identity="full"),),
    ),
}  # fmt: skip

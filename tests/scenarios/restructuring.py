"""Data that get another shape: values in a table of their own, keys of documents in columns."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.model.operation import EnumToLookup
from tests.scenarios.base import Scenario

SCENARIOS: Mapping[str, Scenario] = {
    "an enumerated type": Scenario(
        setup=(
            "CREATE TYPE shop.\"Mood\" AS ENUM ('sad', 'it''s \\ ok', 'happy')",
            ("CREATE TABLE shop.people (id int PRIMARY KEY, mood shop.\"Mood\" NOT NULL DEFAULT 'sad', n int, "
            "CHECK (mood <> 'happy' OR n > 0))"),
            "CREATE INDEX people_sad ON shop.people (n) WHERE mood = 'sad'",
            "CREATE INDEX people_mood ON shop.people (mood, n)",
            "CREATE VIEW shop.moods AS SELECT mood, count(*) FROM shop.people GROUP BY mood",
            ("INSERT INTO shop.people SELECT i, (enum_range(NULL::shop.\"Mood\"))[1 + i % 3], i FROM "
            "generate_series(1, 900) i"),
        ),
        operations=(EnumToLookup(schema="shop", table="people", column="mood", into="moods_known"),),
        checks=(
            "SELECT array_agg(value ORDER BY sort_order) = ARRAY['sad', 'it''s \\ ok', 'happy'] FROM shop.moods_known",
            "SELECT count(*) = 300 FROM shop.people WHERE mood = 'it''s \\ ok'",
            "INSERT INTO shop.people (id, n) VALUES (1000, 1) RETURNING mood = 'sad'",
            "INSERT INTO shop.moods_known VALUES ('calm', 4) RETURNING true",
            "UPDATE shop.people SET mood = 'calm' WHERE id = 1000 RETURNING true",
        ),
    ),
    "a check that lists values": Scenario(
        setup=(
            ("CREATE TABLE shop.bills (id int PRIMARY KEY, state varchar(20) CONSTRAINT \"known State\" "
            "CHECK (state IN ('draft', 'it''s', 'a\\b', 'paid')), CHECK (length(state) > 1))"),
            ("INSERT INTO shop.bills SELECT i, CASE WHEN i % 2 = 0 THEN 'draft' ELSE 'it''s' END FROM "
            "generate_series(1, 600) i"),
        ),
        operations=(EnumToLookup(schema="shop", table="bills", column="state"),),
        checks=(
            ("SELECT array_agg(value::text ORDER BY sort_order) = ARRAY['draft', 'it''s', 'a\\b', 'paid'] FROM "
            "shop.bills_state_values"),
            "UPDATE shop.bills SET state = 'a\\b' WHERE id = 1 RETURNING true",
            "INSERT INTO shop.bills_state_values VALUES ('lost', 5) RETURNING true",
            "UPDATE shop.bills SET state = 'lost' WHERE id = 1 RETURNING true",
        ),
    ),
}  # fmt: skip

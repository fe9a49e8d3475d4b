"""The database that the tests of the commands audit, and how they read what was written."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema

from tests.commands import Program

SHOP = (
    "CREATE SCHEMA shop",
    "CREATE TABLE shop.orders (id bigint PRIMARY KEY, note json, placed_at timestamp, total money)",
    "CREATE TABLE shop.lines (id bigint PRIMARY KEY, order_id bigint REFERENCES shop.orders, code char(8))",
    "CREATE TABLE shop.log (message text)",
    "CREATE VIEW shop.sales AS SELECT placed_at::date AS day, count(*) AS orders FROM shop.orders GROUP BY 1",
    "INSERT INTO shop.orders SELECT g, '{}', now(), 1 FROM generate_series(1, 20000) g",
    "INSERT INTO shop.lines SELECT g, g % 20000 + 1, 'x' FROM generate_series(1, 50000) g",
    "CREATE INDEX one ON shop.lines (code)",
    "CREATE INDEX two ON shop.lines (code)",
    "VACUUM ANALYZE",
)


def findings(path: Path) -> list[dict[str, str]]:
    return list(json.loads(path.read_bytes())["findings"])


def validate(program: Program, name: str, document: object) -> None:
    said = program("schema", name)
    assert said.status == 0
    schema = json.loads(said.out)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(document)

"""The marks about milliseconds, which mean something only where nothing else wants the processors: run alone, last."""

from __future__ import annotations

import pytest

from auditor.connector import RehearsalOptions
from auditor.model import operation as op
from auditor.model.facts import Facts
from auditor.planning import make_plan
from auditor_connectors.postgresql.recipes import RECIPES, estimates
from auditor_connectors.postgresql.rehearsal import rehearse
from tests.collecting import collect
from tests.servers import Database

JUDGED = {f"M{number}" for number in range(1, 14)}  # all but M14: the plan is not made twice here


@pytest.mark.timing
def test_every_mark_of_a_good_plan_is_passed(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimates, "SMALL_TABLE_BYTES", 0)
    monkeypatch.setattr(estimates, "TINY_TABLE_BYTES", 0)
    database.run(
        "CREATE SCHEMA shop",
        "CREATE TABLE shop.parents (id serial PRIMARY KEY, name text)",
        "INSERT INTO shop.parents (name) SELECT 'p' || i FROM generate_series(1, 50) i",
        "CREATE TABLE shop.busy (id serial PRIMARY KEY, parent_id int REFERENCES shop.parents, value int, note text)",
        "INSERT INTO shop.busy (parent_id, value) SELECT 1 + n % 50, n FROM generate_series(1, 30000) n",
        "ANALYZE",
    )
    busy = {"schema": "shop", "table": "busy"}
    wanted = [
        op.ChangeColumnType(**busy, column="id", from_type="integer", to_type="bigint"),
        op.AddIndex(**busy, columns=("parent_id",)),
        op.SetNotNull(**busy, column="value"),
    ]
    snapshot = collect(database.url)
    plan = make_plan(Facts(snapshot), wanted, [], RECIPES)
    proof = rehearse(plan, RehearsalOptions(schema=snapshot, baseline_seconds=3.0), lambda _: None)
    assert [mark for mark in proof.marks if mark.verdict == "failed"] == []
    assert {mark.id for mark in proof.marks if mark.verdict == "passed"} >= JUDGED, proof.marks

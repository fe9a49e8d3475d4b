"""Rehearses the plans that the checks make for schemas of others: nobody wrote these to suit the recipes."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from auditor.checking import run_check
from auditor.connector import RehearsalOptions
from auditor.model.facts import Facts
from auditor.model.plan import Plan
from auditor.model.snapshot import Snapshot
from auditor.planning import make_plan
from auditor.registry import load_checks
from auditor_connectors.postgresql.recipes import RECIPES
from auditor_connectors.postgresql.rehearsal import rehearse_on, runs, scope
from auditor_connectors.postgresql.rehearsal.filling import fill
from tests.collecting import collect
from tests.servers import Database, fresh_database
from tests.test_rehearsal_plans import TIMED, failed_marks, passed_marks, reasons

# Sessions are ended in the middle of steps: beside other tests these would not be where they are thought to be.
pytestmark = pytest.mark.timing

SCHEMAS = Path(__file__).parent / "schemas"
ROWS = (600, 300, 40)  # of the first table, of the next, and so on, over and over
LEFT_OUT = {"enable-archiving:server"}  # it waits for a change of the server, which is not the rehearsal's to change


def filled(database: Database, schema: str) -> Snapshot:
    """Make up the rows of the database that is audited, and read it with their statistics."""
    database.run(schema)
    empty = collect(database.url)
    tables = tuple(
        replace(one, rows=float(ROWS[number % len(ROWS)])) for number, one in enumerate(empty.catalog.tables)
    )
    with database.connect() as connection:
        fill(
            connection, replace(empty, catalog=replace(empty.catalog, tables=tables)), max(ROWS), 1, tell=lambda _: None
        )
    return collect(database.url)


def planned(snapshot: Snapshot) -> Plan:
    facts = Facts(snapshot)
    found = [run_check(check, facts) for check in load_checks().values()]
    operations = [operation for one in found for operation in one.operations]
    return make_plan(facts, operations, [finding for one in found for finding in one.findings], RECIPES)


@pytest.mark.parametrize("name", ["pagila", "oscar"])
def test_the_plan_of_a_schema_passes_its_rehearsal(
    name: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "BUDGET_SECONDS", 5.0)
    schema = (SCHEMAS / f"{name}.sql").read_text(encoding="utf-8")
    snapshot = filled(database, schema)
    plan = planned(snapshot)
    assert not [one for one in plan.conflicts if one.decision == "No steps are planned"]
    with fresh_database(database.server) as disposable:
        disposable.run(schema)
        with disposable.connect() as connection:
            fill(connection, snapshot, max(ROWS), 1, tell=lambda _: None, operations=plan.operations)
        proof = rehearse_on(disposable.url, plan, RehearsalOptions(baseline_seconds=1.0), lambda _: None)
    assert failed_marks(proof) <= TIMED, reasons(proof)
    assert passed_marks(proof) >= {"M2", "M3", "M5", "M6", "M7", "M8"}
    others = {one.step for one in proof.steps if one.outcome != "rehearsed" and one.reason not in scope.BY_OTHERS}
    assert {step.operation for step in plan.steps if step.id in others} <= LEFT_OUT

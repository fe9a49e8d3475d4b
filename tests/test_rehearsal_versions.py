"""Rehearses kinds of operation on the older server versions: scenarios side by side, in one database, as one plan."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from auditor.connector import RehearsalOptions
from auditor.model.facts import Facts
from auditor.model.operation import AnyOperation
from auditor.planning import make_plan
from auditor_connectors.postgresql.recipes import RECIPES, estimates
from auditor_connectors.postgresql.rehearsal import rehearse_on, runs, scope
from tests.case_format import MAJORS
from tests.collecting import collect
from tests.guarding import steps_of
from tests.scenarios import SCENARIOS
from tests.scenarios.base import Scenario
from tests.servers import AnyServer, fresh_database
from tests.test_rehearsal_plans import TIMED, failed_marks, passed_marks, reasons

# Sessions are ended in the middle of steps: beside other tests these would not be where they are thought to be.
pytestmark = pytest.mark.timing
EVERYWHERE = os.environ.get("AUDITOR_TEST_MATRIX", "") not in {"", "0"}

NAMES = (
    "indexes", "drop and rebuild indexes", "partitioned indexes", "foreign key", "unique", "primary key", "checks",
    "validation", "columns", "drop a column", "identity", "wider keys and the sequence", "partition a table",
    "partitions", "default partition", "a durable copy", "rows for lists", "a companion",
    "a companion with the new types of its columns", "periods of a large table", "an enumerated type",
    "a key of a document", "a companion that is merged", "archive partitions",
)  # fmt: skip
# These are carried out by themselves, in other tests: what they change is the server's, the whole database's or a
# role's, or no table's, or what the clients of a rehearsal write. Views that keep rows, and clones that become one
# table, are rehearsed beside keys of documents and periods.
ALONE = {
    "alter-role", "create-extension", "drop-slot", "enable-trigger", "materialise-view", "merge-clones",
    "move-extension", "refresh-collation", "reset-setting", "revoke", "revoke-membership", "set-routine-setting",
    "set-row-security", "set-setting", "set-view-option", "update-extension",
}  # fmt: skip
CARRIED = {"alter-sequence"}  # by the change of the column that the sequence numbers
KILLING_SECONDS = 4.0
UNTESTED = "NOT TESTED: the versions between the oldest and the newest are rehearsed on by make matrix"


@pytest.fixture(autouse=True)
def everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimates, "SMALL_TABLE_BYTES", 0)
    monkeypatch.setattr(estimates, "TINY_TABLE_BYTES", 0)
    # Ways back from part of the way and starved steps are the same on all versions: other tests go them on one.
    monkeypatch.setattr(runs, "SAMPLE", 1)
    monkeypatch.setattr(runs, "BUDGET_SECONDS", KILLING_SECONDS)


def chosen() -> Iterator[Scenario]:
    """The scenarios, each in a schema of its own."""
    for number, name in enumerate(NAMES):

        def beside(given: Any, number: int = number) -> Any:
            return msgspec.json.decode(re.sub(r"\bshop\b", f"shop{number}", msgspec.json.encode(given).decode()))

        operations = msgspec.convert(beside(SCENARIOS[name].operations), tuple[AnyOperation, ...])
        yield Scenario(setup=beside(["CREATE SCHEMA shop", *SCENARIOS[name].setup]), operations=operations)


def test_the_kinds_that_are_not_rehearsed_here_are_named() -> None:
    every = {operation.kind for scenario in SCENARIOS.values() for operation in scenario.operations}
    assert every - {operation.kind for name in NAMES for operation in SCENARIOS[name].operations} == ALONE


@pytest.mark.parametrize(
    "major",
    [
        MAJORS[0],
        *(pytest.param(major, marks=pytest.mark.skipif(not EVERYWHERE, reason=UNTESTED)) for major in MAJORS[1:-1]),
    ],
)
def test_kinds_of_operation_pass_a_rehearsal(major: int, server_of: Callable[[int], AnyServer]) -> None:
    with fresh_database(server_of(major)) as database:
        scenarios = list(chosen())
        database.run(*(statement for one in scenarios for statement in one.setup), "ANALYZE")
        operations = [operation for one in scenarios for operation in one.operations]
        plan = make_plan(Facts(collect(database.url)), operations, [], RECIPES)
        proof = rehearse_on(database.url, plan, RehearsalOptions(baseline_seconds=1.0), lambda _: None)
    assert failed_marks(proof) <= TIMED, reasons(proof)
    assert passed_marks(proof) >= {"M2", "M3", "M5", "M6", "M7", "M8", "M13"}, reasons(proof)
    steps = {step.id: step for step in steps_of(plan)}
    late = tuple(f"{mark}: " for mark in TIMED)  # how a step is blamed for milliseconds alone
    carried = [one for one in proof.steps if one.outcome == "rehearsed" or (one.reason or "").startswith(late)]
    rehearsed = {steps[one.step].operation.partition(":")[0] for one in carried}
    assert rehearsed == {step.operation.partition(":")[0] for step in steps.values() if scope.why_not(step) is None}
    assert {operation.kind for operation in operations} - rehearsed <= CARRIED

"""A validator is there, and does not refuse what breaks it.

## What
Collections whose validator only warns (``validationAction``), is switched off, or lets documents that broke it before
be changed without a look (``validationLevel`` moderate).

## Why it matters
Who reads the rule believes that documents keep it. A warning goes to the log of the server, where nobody looks.

## When it is fine
While a new rule is introduced: warnings first.

## How to fix it
Read the log for what breaks the rule, mend these documents and their writers, then set the action to error and the
level to strict.

## Sources
MongoDB manual, "Choose How to Handle Invalid Documents", "Specify Validation Level for Existing Documents".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw
from auditor.model.operation import ChangeApplication
from auditor.model.units import Unit
from auditor.model.units import table_subject as subject_of
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._documents import documents_of, rows
from auditor_checks._words import fitting


def _validated(facts: Facts) -> list[Table]:
    return [table for table in facts.tables if documents_of(table).validator is not None]


CHECK = Check(
    title="A validator does not refuse what breaks it",
    passed="Validators refuse what breaks them",
    pillar=Pillar.INTEGRITY,
    severity=Severity.LOW,
    unit=Unit(
        plural="collections with a validator", items=_validated, subject=subject_of,
        weight=lambda facts, table: facts.exposure(table),
    ),
    needs=("collections",),
)  # fmt: skip


def judge(table: Table, _facts: Facts) -> Iterator[Flaw]:
    """Read the level and the action."""
    rule = documents_of(table).validator
    if rule is None or (rule.level == "strict" and rule.action in ("error", "errorAndLog")):
        return
    toothless = rule.level == "off" or rule.action == "warn"
    why = (
        "is switched off" if rule.level == "off" else "only warns" if rule.action == "warn" else "passes over old ones"
    )
    yield Flaw(
        title=fitting(f"The validator of {table.path} {why}"),
        severity=Severity.MEDIUM if rule.level == "off" else Severity.LOW,
        evidence=(
            Evidence(name="validationLevel", value=rule.level, probe="collections"),
            Evidence(name="validationAction", value=rule.action, probe="collections"),
            rows(table),
        ),
        explanation=f"The validator of {table.path} has the level {rule.level} and the action {rule.action}: "
        + ("what breaks it is stored." if toothless else "documents that broke it before may go on doing so."),
        recommendation="Mend the documents that break it, then set the action to error and the level to strict.",
        operations=(
            ChangeApplication(
                topic="validator-strict", subject=table.path,
                instruction=f"Find the documents of {table.path} that break the rule ($nor with the validator, in "
                "batches by _id), mend them, then set validationLevel strict and validationAction error by collMod.",
            ),
        ),
    )  # fmt: skip

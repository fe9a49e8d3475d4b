"""Rules rewrite what is done to a table.

## What
Rewrite rules on tables and views (CREATE RULE), apart from the one that makes a view. One that does nothing in place of
a statement is graver: what is written vanishes without an error.

## Why it matters
A rule changes the text of a statement before it is planned. Expressions are evaluated twice, so that nextval() and
random() give other values in the second place; counts of changed rows are those of another statement; COPY passes
rules by; INSERT … ON CONFLICT and MERGE are refused. Whoever reads the statement does not see any of it.

## When it is fine
An old application needs it as it is, and nobody changes it any more.

## How to fix it
Write a trigger that does the same (INSTEAD OF on a view); most views need none, as the server updates simple ones
itself. To forbid a change, revoke the privilege, so that whoever tries gets an error.

## Sources
PostgreSQL manual, "Rules on INSERT, UPDATE, and DELETE"; "Rules Versus Triggers"; "INSERT"; "MERGE".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Rule
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import ChangeApplication
from auditor.model.units import Unit
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import fitting

CHECK = Check(
    title="Rules rewrite what is done to a table",
    passed="No rule rewrites what is done to a table",
    pillar=Pillar.MODELLING,
    severity=Severity.LOW,
    unit=Unit(
        plural="rules", items=lambda facts: facts.catalog.rules,
        subject=lambda rule: Subject(kind="rule", name=rule.path),
        weight=lambda facts, rule: facts.exposure(facts.table(rule.table_key)),
    ),
    needs=("rules",),
    engines=("postgresql",),
)  # fmt: skip


def judge(rule: Rule, _: Facts) -> Iterator[Flaw]:
    """Report each rule that applies."""
    if rule.enabled == "disabled":
        return
    table = f"{rule.schema}.{rule.table}"
    vanishes = rule.instead and rule.nothing
    doing = "does nothing in place of" if vanishes else "replaces" if rule.instead else "adds to"
    every = f"some of the statements that {rule.event}" if rule.conditional else f"every {rule.event}"
    yield Flaw(
        title=fitting(f"Rule {rule.name} {doing} {every} on {table}"),
        severity=Severity.MEDIUM if vanishes else Severity.LOW,
        related=(Subject(kind="table", name=table),),
        evidence=(
            Evidence(name="event", value=rule.event, probe="rules"),
            Evidence(name="instead", value=rule.instead, probe="rules"),
            Evidence(name="does nothing", value=rule.nothing, probe="rules"),
            Evidence(name="has a condition", value=rule.conditional, probe="rules"),
        ),
        impact=Impact(risk="what is written vanishes without an error") if vanishes else Impact(),
        explanation=(
            f"The rule {doing} {every} on {table}"
            + (": whoever sends one gets no error, and nothing happens." if vanishes else ", before it is planned.")
        ),
        recommendation=(
            "Revoke the privilege in its place, so that whoever tries gets an error." if vanishes
            else "Write a trigger that does the same."
        ),
        operations=(
            ChangeApplication(
                topic="rules", subject=rule.path,
                instruction=f"Replace the rule {rule.name} on {table} by "
                + ("a revoked privilege." if vanishes else "a trigger."),
            ),
        ),
    )  # fmt: skip

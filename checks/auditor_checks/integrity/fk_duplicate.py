"""Two foreign keys say the same.

## What
Foreign keys of a table over the same columns that refer to the same columns of the same table. If they agree, the
surplus ones are reported; if they prescribe different actions for a delete or update, that conflict is reported.

## Why it matters
Every insert, update and delete is checked once for each of them, and every one takes its lock on the referenced row.

PostgreSQL: With different actions what happens on a delete depends on the order in which the triggers fire, that is on
the order of creation, which a restored copy may not share.

MySQL, MariaDB: With different actions nobody can tell from one of them what happens on a delete.

## When it is fine
For the minutes of a change of the action: the new key is added and proved before the old one goes.

## How to fix it
Drop the surplus key. On a conflict decide which action is meant, then drop the other key.

PostgreSQL: Keep the one that is validated.

## Sources
PostgreSQL manual, "Foreign Keys" (5.5.5); CREATE TRIGGER: triggers of one event fire in the order of their names.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Constraint, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject
from auditor.model.operation import ChangeApplication, DropConstraint
from auditor.model.units import TABLES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks.integrity._keys import table_subject

CHECK = Check(
    title="Foreign key repeats another one",
    passed="No foreign key repeats another one",
    pillar=Pillar.INTEGRITY,
    severity=Severity.MEDIUM,
    unit=TABLES,
    needs=("tables", "constraints"),
)


def judge(table: Table, facts: Facts) -> Iterator[Flaw]:
    """Group the table's foreign keys by what they say, and report all but the best of each group."""
    groups: dict[tuple[object, ...], list[Constraint]] = {}
    for key in facts.constraints_of(table.key, "foreign-key"):
        if not key.inherited:
            pairs = frozenset(zip(key.columns, key.referenced_columns, strict=False))
            groups.setdefault((pairs, key.referenced_key), []).append(key)
    for group in groups.values():
        keeper, *surplus = sorted(group, key=_rank)
        for key in surplus:
            yield _flaw(table, keeper, key)


def _rank(key: Constraint) -> tuple[bool, bool, bool, int, str]:
    """What holds for every row comes first, then what was not added beside it: the shorter, earlier name."""
    return (not key.enforced, not key.validated, key.deferrable, len(key.name), key.name)


def _flaw(table: Table, keeper: Constraint, key: Constraint) -> Flaw:
    conflict = (keeper.on_delete, keeper.on_update) != (key.on_delete, key.on_update)
    return Flaw(
        subject=Subject(kind="constraint", name=key.path),
        title="Two foreign keys over the same columns prescribe different actions" if conflict else None,
        severity=Severity.MEDIUM if conflict else Severity.LOW,
        related=(
            Subject(kind="constraint", name=keeper.path), table_subject(table),
            Subject(kind="table", name=f"{key.referenced_schema}.{key.referenced_table}"),
        ),
        evidence=(
            Evidence(name="columns", value=", ".join(key.columns), probe="constraints"),
            Evidence(name="action on delete and update", value=_actions(key), probe="constraints"),
            Evidence(name=f"the same of {keeper.name}", value=_actions(keeper), probe="constraints"),
        ),
        explanation=(
            f"{key.name} and {keeper.name} of {table.path} both refer from ({', '.join(key.columns)}) to "
            f"{key.referenced_schema}.{key.referenced_table}. "
            + (
                f"One says {_actions(key)}, the other {_actions(keeper)}: which comes true depends on their order."
                if conflict
                else "Each write is checked once for each of them."
            )
        ),
        recommendation="Decide which action is meant and drop the other key."
        if conflict
        else f"Drop {key.name}; {keeper.name} says the same.",
        operations=(
            ChangeApplication(
                topic="settle-delete-action", subject=key.path,
                instruction=f"Decide between {key.name} ({_actions(key)}) and {keeper.name} ({_actions(keeper)}) of "
                f"{table.path}, then drop the other.",
            ),
        )
        if conflict
        else (DropConstraint(schema=key.schema, table=key.table, name=key.name),),
    )  # fmt: skip


def _actions(key: Constraint) -> str:
    return f"{key.on_delete} / {key.on_update}"

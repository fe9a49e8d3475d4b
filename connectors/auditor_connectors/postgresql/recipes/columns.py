"""Recipes for columns, except for changes of their type."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.connector import Draft
from auditor.model.catalog import Column
from auditor.model.facts import Facts
from auditor.model.operation import DropColumn, SetColumnOption, SetDefault
from auditor.model.vocabulary import Phase
from auditor_connectors.drafting import application
from auditor_connectors.postgresql.recipes import estimates
from auditor_connectors.postgresql.recipes.building import recreate
from auditor_connectors.postgresql.recipes.notnull import forbid_again
from auditor_connectors.postgresql.recipes.queries import absent, all_of, column_absent, column_is, no_dependents
from auditor_connectors.postgresql.recipes.reconnecting import star_notes
from auditor_connectors.postgresql.recipes.sql import ident, literal, qualified
from auditor_connectors.postgresql.recipes.steps import (
    ACCESS_EXCLUSIVE,
    CATALOG_ONLY,
    OBSERVATION_DAYS,
    SHARE_UPDATE_EXCLUSIVE,
    brief,
    online,
)


def set_default(operation: SetDefault, facts: Facts) -> Iterator[Draft]:
    """Change the default; rows that are there keep their values."""
    key, column = (operation.schema, operation.table), operation.column
    found = _column(facts, operation)
    previous = operation.previous if operation.previous is not None else found.default if found is not None else None
    alter = f"ALTER TABLE {qualified(key)} ALTER COLUMN {ident(column)}"
    path = ".".join((*key, column))
    yield brief(
        facts,
        Phase.EXPAND,
        f"Set the default of {path}" if operation.expression is not None else f"Drop the default of {path}",
        _default(alter, operation.expression),
        verify=column_is(key, column, "atthasdef" if operation.expression is not None else "NOT atthasdef"),
        rollback=(_default(alter, previous),),
        notes=("It holds for new rows; those that are there keep their values.",),
    )


def _default(alter: str, expression: str | None) -> str:
    return f"{alter} DROP DEFAULT" if expression is None else f"{alter} SET DEFAULT {expression}"


def set_column_option(operation: SetColumnOption, facts: Facts) -> Iterator[Draft]:
    """Change how a column is stored or sampled; only new values are stored in the new way."""
    key, column, value = (operation.schema, operation.table), operation.column, operation.value
    path, alter = ".".join((*key, column)), f"ALTER TABLE {qualified(key)} ALTER COLUMN {ident(column)}"
    found = _column(facts, operation)
    sampled = operation.option in ("statistics", "statistics_target")
    match operation.option:
        case "compression":
            change = f"{alter} SET COMPRESSION {value}"
            back = f"{alter} SET COMPRESSION {(found.compression if found is not None else None) or 'default'}"
            verify = column_is(key, column, f"attcompression = {literal(value[0])}")
        case "storage":
            change, back = f"{alter} SET STORAGE {value}", ""
            verify = column_is(key, column, f"attstorage = {literal(_STORAGE.get(value.lower(), value[0]))}")
        case _ if sampled:
            change = f"{alter} SET STATISTICS {int(value)}"
            before = found.statistics_target if found is not None else None
            back = f"{alter} SET STATISTICS {-1 if before is None else before}"
            verify = column_is(key, column, f"attstattarget = {int(value)}")
        case _:
            change = f"{alter} SET ({ident(operation.option)} = {literal(value)})"
            back = f"{alter} RESET ({ident(operation.option)})"
            verify = column_is(key, column, f"attoptions @> ARRAY[{literal(f'{operation.option}={value}')}]")
    stored = operation.option in ("compression", "storage")
    yield brief(
        facts,
        Phase.EXPAND,
        f"Set {operation.option} of {path} to {value}",
        change,
        lock=ACCESS_EXCLUSIVE if stored else SHARE_UPDATE_EXCLUSIVE,
        verify=verify,
        rollback=(back,) if back else (),
        notes=("Values that are there stay as they are until their rows are written anew.",) if stored else (),
    )
    if not stored:
        yield online(
            Phase.EXPAND,
            f"Sample {path} with the new setting",
            f"ANALYZE {qualified(key)} ({ident(column)})",
            takes=estimates.analysis(facts, facts.table(key)),
        )


_STORAGE = {"plain": "p", "external": "e", "main": "m", "extended": "x"}


def drop_column(operation: DropColumn, facts: Facts) -> Iterator[Draft]:
    """Let writers stop first, then drop the column's indexes concurrently, and the column at the very end."""
    key, column = (operation.schema, operation.table), operation.column
    path, alter = ".".join((*key, column)), f"ALTER TABLE {qualified(key)}"
    found = _column(facts, operation)
    optional = None
    if found is not None and not found.nullable and found.default is None and found.identity is None:
        optional = column_is(key, column, "NOT attnotnull")
        yield brief(
            facts,
            Phase.EXPAND,
            f"Allow {path} to be left out",
            f"{alter} ALTER COLUMN {ident(column)} DROP NOT NULL",
            verify=optional,
            rollback=forbid_again(facts, key, column),
        )
    yield application(
        Phase.SWITCH,
        f"Stop using {path}",
        "Deploy code that neither reads nor writes the column, and that names its columns instead of selecting all.",
        "Then watch pg_stat_statements for the column's name for as long as the oldest code may still run.",
        *star_notes(facts, [key]),
        kind="stop-using",
        objects=(path,),
    )
    for index in facts.indexes_of(key):
        if column in (*index.columns, *index.include) and index.constraint is None and not index.partitioned:
            yield online(
                Phase.CONTRACT,
                f"Drop the index {index.path}, which holds the column",
                f"DROP INDEX CONCURRENTLY IF EXISTS {qualified(index.key)}",
                takes=CATALOG_ONLY,
                precondition=optional,
                verify=absent(index.key),
                rollback=recreate(facts, index),
            )
    yield brief(
        facts,
        Phase.CONTRACT,
        f"Drop the column {path}",
        f"{alter} DROP COLUMN {ident(column)}",
        precondition=all_of(no_dependents(key, column), *((optional,) if optional is not None else ())),
        verify=column_absent(key, column),
        reversible=False,
        point_of_no_return=True,
        observe_days=OBSERVATION_DAYS,
        notes=(
            "The values cannot be brought back but from a backup: take one, and have the drop approved.",
            "The space comes back only when the table is repacked.",
        ),
    )


def _column(facts: Facts, operation: SetDefault | SetColumnOption | DropColumn) -> Column | None:
    table = facts.table((operation.schema, operation.table))
    return table.column(operation.column) if table is not None else None

"""Recipes for columns, except for changes of their type."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from auditor.connector import Draft
from auditor.model.catalog import Column, Key, Table
from auditor.model.facts import Facts
from auditor.model.operation import DropColumn, SetDefault, SetNotNull
from auditor.model.vocabulary import Phase
from auditor_connectors.drafting import application
from auditor_connectors.mysql.quoting import ident
from auditor_connectors.mysql.recipes.accepted import Change
from auditor_connectors.mysql.recipes.altering import Alteration, alter, statement
from auditor_connectors.mysql.recipes.queries import all_of, column_is, no_nulls
from auditor_connectors.mysql.recipes.sql import default, definition, is_constant, is_moment, is_shown, literal
from auditor_connectors.mysql.recipes.steps import OBSERVATION_DAYS, runbook

_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?\Z")

STRICT = ("SET SESSION sql_mode = CONCAT(@@SESSION.sql_mode, ',STRICT_ALL_TABLES')",)
"""Without a strict mode a NULL would become 0 or '' in silence, and MySQL would copy the table."""


def set_not_null(operation: SetNotNull, facts: Facts) -> Iterator[Draft]:
    """Forbid NULL in one rebuild of the table while clients write."""
    key = (operation.schema, operation.table)
    table = facts.table(key)
    names = (operation.column, *operation.together)
    columns = [column for name in names if table is not None and (column := table.column(name)) is not None]
    if table is None or len(columns) < len(names) or not all(map(is_shown, columns)):
        yield runbook(Phase.EXPAND, f"Forbid NULL in {', '.join(names)} of {'.'.join(key)}", notes=_UNKNOWN)
        return
    kind: Change = "forbid-null-moment" if any(one.family == "timestamp-tz" for one in columns) else "forbid-null"
    yield from alter(
        facts,
        Phase.EXPAND,
        f"Forbid NULL in {', '.join(names)} of {'.'.join(key)}",
        Alteration(key, kind, _modified(facts, table, columns, nullable=False)),
        before=STRICT,
        verify=all_of(*(column_is(key, name, "IS_NULLABLE = 'NO'") for name in names)),
        precondition=no_nulls(key, names),
        rollback=(statement(facts, key, "allow-null", _modified(facts, table, columns, nullable=True)),),
        notes=("A NULL that is written meanwhile makes it fail, and changes nothing.",),
    )


_UNKNOWN = (
    "The snapshot does not have all of the column's definition, without which MODIFY would lose a part of it.",
    "It may be an ENUM: the dictionary shows characters of four bytes in its values as ?.",
)


def _modified(facts: Facts, table: Table, columns: list[Column], *, nullable: bool) -> str:
    return ", ".join(
        f"MODIFY COLUMN {ident(one.name)} {definition(facts, table, one, nullable=nullable)}" for one in columns
    )


def set_default(operation: SetDefault, facts: Facts) -> Iterator[Draft]:
    """Change the default; rows that are there keep their values."""
    key, column = (operation.schema, operation.table), _column(facts, operation)
    previous = operation.previous if operation.previous is not None else column.default if column is not None else None
    path = ".".join((*key, operation.column))
    yield from alter(
        facts,
        Phase.EXPAND,
        f"Drop the default of {path}" if operation.expression is None else f"Set the default of {path}",
        Alteration(key, "set-default", _default(facts, operation, column, operation.expression)),
        verify=_has_default(facts, key, operation.column, column, operation.expression),
        rollback=(statement(facts, key, "set-default", _default(facts, operation, column, previous)),),
        notes=("It holds for new rows; those that are there keep their values.",),
    )


def _default(facts: Facts, operation: SetDefault, column: Column | None, expression: str | None) -> str:
    """Write the clause. A column that takes NULL and has no default has the default NULL, not none at all."""
    name, table = ident(operation.column), facts.table((operation.schema, operation.table))
    if expression is None and (column is None or not column.nullable):
        return f"ALTER COLUMN {name} DROP DEFAULT"
    # After SET DEFAULT MySQL takes a moment as an expression only, which it is not in CREATE TABLE and MODIFY.
    if expression is not None and is_moment(expression) and table is not None and column is not None:
        return f"MODIFY COLUMN {name} {definition(facts, table, replace(column, default=expression))}"
    family = column.family if column is not None else "text"
    return f"ALTER COLUMN {name} SET DEFAULT {'NULL' if expression is None else default(facts, expression, family)}"


def _has_default(facts: Facts, key: Key, name: str, column: Column | None, expression: str | None) -> str:
    """Write the query that is true once the default is there. The server spells expressions in its own way."""
    if expression is None or expression.upper() == "NULL":
        return column_is(key, name, "coalesce(COLUMN_DEFAULT, 'NULL') = 'NULL'" if facts.target.engine == "mariadb"
                         else "COLUMN_DEFAULT IS NULL")  # fmt: skip
    if _NUMBER.match(expression):
        return column_is(key, name, f"COLUMN_DEFAULT + 0 = {expression}")
    if is_constant(expression):
        return column_is(key, name, f"COLUMN_DEFAULT = {literal(_as_shown(facts, expression))}")
    present = column.default if column is not None else None
    other = "" if present is None else f" AND COLUMN_DEFAULT <> {literal(_as_shown(facts, present))}"
    return column_is(key, name, f"coalesce(COLUMN_DEFAULT, 'NULL') <> 'NULL'{other}")


def _as_shown(facts: Facts, expression: str) -> str:
    """A default as the dictionary shows it: MySQL leaves out the quotes of a constant."""
    quoted = expression.startswith("'") and expression.endswith("'") and facts.target.engine != "mariadb"
    return expression[1:-1].replace("''", "'") if quoted else expression


def drop_column(operation: DropColumn, facts: Facts) -> Iterator[Draft]:
    """Let writers leave it out, let the application forget it, then drop it at the very end."""
    key = (operation.schema, operation.table)
    table, column, name = facts.table(key), _column(facts, operation), operation.column
    path = ".".join((*key, name))
    holding = [index for index in facts.indexes_of(key) if name in index.columns]
    if table is not None and column is not None and _is_demanded(column) and not is_shown(column):
        yield runbook(Phase.EXPAND, f"Allow {path} to be left out", notes=_UNKNOWN)
    elif table is not None and column is not None and _is_demanded(column):
        yield from alter(
            facts,
            Phase.EXPAND,
            f"Allow {path} to be left out",
            Alteration(key, "allow-null", _modified(facts, table, [column], nullable=True)),
            verify=column_is(key, name, "IS_NULLABLE = 'NO'", absent=True),
            rollback=(statement(facts, key, "forbid-null", _modified(facts, table, [column], nullable=False)),),
            notes=("Code that no longer writes the column would fail otherwise.",),
        )
    yield application(
        Phase.SWITCH,
        f"Stop using {path}",
        "Deploy code that neither reads nor writes the column, and that names its columns instead of selecting all.",
        "Then watch performance_schema.events_statements_summary_by_digest for the column's name for as long as the "
        "oldest code may still run.",
        kind="stop-using",
        objects=(path,),
    )
    shared = [index.path for index in holding if len(index.parts) > 1]
    yield from alter(
        facts,
        Phase.CONTRACT,
        f"Drop the column {path}",
        Alteration(key, "drop-indexed-column" if holding else "drop-column", f"DROP COLUMN {ident(name)}"),
        verify=column_is(key, name, absent=True),
        reversible=False,
        point_of_no_return=True,
        observe_days=OBSERVATION_DAYS,
        notes=(
            "The values cannot be brought back but from a backup: take one, and have the drop approved.",
            *((f"It also goes from {', '.join(shared)}: see what they are without it.",) if shared else ()),
            *((_VERSIONS,) if facts.target.engine == "mysql" and not holding else ()),
        ),
    )


_VERSIONS = "An instant drop makes a version of the row, of which a table takes so many until a rebuild (FORCE)."


def _is_demanded(column: Column) -> bool:
    return not column.nullable and column.default is None and column.identity is None and column.generated is None


def _column(facts: Facts, operation: SetDefault | DropColumn) -> Column | None:
    table = facts.table((operation.schema, operation.table))
    return table.column(operation.column) if table is not None else None

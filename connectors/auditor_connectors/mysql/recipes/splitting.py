"""Moves columns into a companion table, or numbered columns into rows of a child, by way of triggers.

The new table refers to the old one from the beginning, so that deleted rows and changed keys need no trigger: the
products fire none for what a foreign key does. Manual, "InnoDB and FOREIGN KEY Constraints".
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from auditor.connector import Draft
from auditor.model.catalog import Column
from auditor.model.facts import Facts
from auditor.model.operation import SplitTable
from auditor.model.vocabulary import Phase
from auditor_connectors.drafting import application
from auditor_connectors.mysql.quoting import ident
from auditor_connectors.mysql.recipes import estimates
from auditor_connectors.mysql.recipes.accepted import INSTANT, Change
from auditor_connectors.mysql.recipes.altering import Alteration, alter, statement
from auditor_connectors.mysql.recipes.batches import in_batches
from auditor_connectors.mysql.recipes.columns import STRICT
from auditor_connectors.mysql.recipes.queries import all_of, column_is, not_, table_is_absent, trigger_is
from auditor_connectors.mysql.recipes.splitting_rows import Split, obstacles
from auditor_connectors.mysql.recipes.sql import definition, qualified
from auditor_connectors.mysql.recipes.steps import OBSERVATION_DAYS, change, runbook

_TRIGGERS = (
    "With a binary log, an account without SUPER may make triggers only where log_bin_trust_function_creators is on."
)
_BACK = "The way back takes that every row has a value: give those one first that were written without it."
_FLAG = "Move readers by a flag, 1%, 10%, 50%, then all, comparing both results on a sample."
_ALONE = (
    "Deploy writers that no longer touch the old columns. From the first such write on these fall behind: to keep a "
    "way back, write both for the agreed days."
)


def split_table(operation: SplitTable, facts: Facts) -> Iterator[Draft]:
    """Make the other table, keep it current by triggers, fill it, move readers, then writers; then drop the columns."""
    key = (operation.schema, operation.table)
    table = facts.table(key)
    reasons = list(obstacles(facts, table, operation.columns))
    if table is None or reasons:
        title = f"Move {', '.join(operation.columns)} of {'.'.join(key)} into {operation.into}"
        yield runbook(Phase.EXPAND, title, notes=(f"It cannot be done by these steps: {'; '.join(reasons)}.",))
        return
    split = Split(facts, table, operation)
    yield _create(split)
    yield _trigger(split, "INSERT")
    yield _trigger(split, "UPDATE")
    yield _fill(split)
    yield from _move(split)
    yield from _contract(split)


def _create(split: Split) -> Draft:
    return change(
        split.facts,
        Phase.EXPAND,
        f"Make the table {'.'.join(split.new)}",
        split.create(),
        INSTANT,
        takes=estimates.brief("a new table, and a lock of the one that it refers to"),
        verify=not_(table_is_absent(split.new)),
        rollback=(f"DROP TABLE IF EXISTS {qualified(split.new)}",),
    )


def _trigger(split: Split, event: str) -> Draft:
    name = split.trigger(event)
    return change(
        split.facts,
        Phase.EXPAND,
        f"Copy what every {event} brings to {split.table.path} to {'.'.join(split.new)}",
        f"CREATE TRIGGER {qualified(name)} AFTER {event} ON {qualified(split.table.key)} FOR EACH ROW\nBEGIN\n"
        f"{split.follow(event)}\nEND",
        INSTANT,
        takes=estimates.brief(),
        precondition=not_(table_is_absent(split.new)),
        verify=trigger_is(name),
        rollback=(f"DROP TRIGGER IF EXISTS {qualified(name)}",),
        notes=(_TRIGGERS,),
    )


def _fill(split: Split) -> Draft:
    return in_batches(
        split.facts,
        Phase.BACKFILL,
        f"Copy {', '.join(split.columns)} of {split.table.path} to {'.'.join(split.new)}",
        split.table,
        split.copy,
        purpose="split",
        precondition=all_of(*(trigger_is(split.trigger(event)) for event in ("INSERT", "UPDATE"))),
        verify=split.complete,
        disk=split.bytes,
        rollback=(f"TRUNCATE TABLE {qualified(split.new)}",),
        notes=("A row that somebody is writing is passed over, and has its turn in the next round.",),
    )


def _move(split: Split) -> Iterator[Draft]:
    key, table, new = split.table.key, split.table, ".".join(split.new)
    columns, paths = ", ".join(split.columns), [split.table.column_path(name) for name in split.columns]
    joined = f"Join {new} by {', '.join(one.name for one in split.keys)}. {_FLAG}"
    yield application(Phase.SWITCH, f"Read {columns} from {new}", joined, kind="move-reads", objects=paths)
    for column in split.moving:
        path, name = table.column_path(column.name), ident(column.name)
        free = replace(column, nullable=True, default=None, on_update=None)
        if not column.nullable or column.on_update is not None:
            yield from alter(
                split.facts,
                Phase.SWITCH,
                f"Allow {path} to be left out",
                Alteration(key, "allow-null", f"MODIFY COLUMN {name} {definition(split.facts, table, free)}"),
                verify=column_is(key, column.name, "IS_NULLABLE = 'NO'", absent=True),
                rollback=(
                    *STRICT,
                    statement(
                        split.facts, key, _back(column),
                        f"MODIFY COLUMN {name} {definition(split.facts, table, column)}",
                    ),
                ),
                notes=(_BACK,),
            )  # fmt: skip
        elif column.default is not None:
            back = f"MODIFY COLUMN {name} {definition(split.facts, table, column)}"
            yield from alter(
                split.facts,
                Phase.SWITCH,
                f"Take the default of {path} away",
                Alteration(key, "set-default", f"ALTER COLUMN {name} SET DEFAULT NULL"),
                verify=column_is(key, column.name, "coalesce(COLUMN_DEFAULT, 'NULL') <> 'NULL'", absent=True),
                rollback=(statement(split.facts, key, "set-default", back),),
                notes=("The triggers would find it in rows that are written without the column.",),
            )
    yield application(Phase.SWITCH, f"Write {columns} to {new} alone", _ALONE, kind="move-writes", objects=paths)


def _back(column: Column) -> Change:
    """What it takes to give a column its definition back."""
    if column.nullable:
        return "allow-null"
    return "forbid-null-moment" if column.family == "timestamp-tz" else "forbid-null"


def _contract(split: Split) -> Iterator[Draft]:
    key = split.table.key
    held = any(set(split.columns) & set(one.columns) for one in split.facts.indexes_of(key))
    views = sorted(".".join(view.key) for view in split.facts.views if key in view.reads)
    yield from alter(
        split.facts,
        Phase.CONTRACT,
        f"End the copying, and drop {', '.join(split.columns)} of {split.table.path}",
        Alteration(
            key,
            "drop-indexed-column" if held else "drop-column",
            ", ".join(f"DROP COLUMN {ident(name)}" for name in split.columns),
        ),
        before=[f"DROP TRIGGER IF EXISTS {qualified(split.trigger(event))}" for event in ("INSERT", "UPDATE")],
        verify=all_of(*(column_is(key, name, absent=True) for name in split.columns)),
        precondition=not_(table_is_absent(split.new)),
        reversible=False,
        point_of_no_return=True,
        observe_days=OBSERVATION_DAYS,
        notes=(
            "Take a backup, and have the drop approved.",
            *((f"Let these views read {'.'.join(split.new)} before: {', '.join(views)}.",) if views else ()),
        ),
    )

"""The switch from old columns to new ones in one short transaction, its way back, and the end of the old columns."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.connector import Draft
from auditor.model.catalog import Constraint, Index, Key
from auditor.model.vocabulary import Phase
from auditor_connectors.postgresql.recipes import estimates
from auditor_connectors.postgresql.recipes.building import body_of, concurrently
from auditor_connectors.postgresql.recipes.dependents import around_views
from auditor_connectors.postgresql.recipes.locking import lock_tables
from auditor_connectors.postgresql.recipes.notnull import VERSION_18, not_null_name, present_not_null
from auditor_connectors.postgresql.recipes.queries import (
    all_of,
    column_absent,
    column_is,
    constraint_is,
    no_dependents,
    trigger_is,
    usable,
)
from auditor_connectors.postgresql.recipes.reconnecting import reconnect, recycle_notes
from auditor_connectors.postgresql.recipes.retyping import (
    BACKWARD,
    FORWARD,
    Change,
    Retyping,
    end_sync,
    sync_trigger,
)
from auditor_connectors.postgresql.recipes.sql import (
    ident,
    literal,
    qualified,
    rename_in_expression,
    short_hash,
)
from auditor_connectors.postgresql.recipes.steps import OBSERVATION_DAYS, atomically, brief


def switch(plan: Retyping) -> Iterator[Draft]:
    """Draft the switch. All locks are taken first, in a fixed order, so that it cannot deadlock with itself."""
    statements = list(_swap_foreign_keys(plan))
    for table in plan.tables:
        statements += _swap_table(plan, table.key)
    keys = [table.key for table in plan.tables]
    names = ", ".join(one.path for one in plan.changes)
    yield brief(
        plan.facts,
        Phase.SWITCH,
        f"Switch {names} to the new column",
        *lock_tables(plan.facts, plan.locked),
        *around_views(plan.facts, keys, statements),
        takes=estimates.Estimate(0.05, "changes of the catalog only: measured at 40 to 53 ms with a child table"),
        precondition=all_of(*_ready(plan)),
        verify=plan.done,
        rollback=_back(plan),
        deploy=reconnect(keys),
        notes=(
            *recycle_notes(plan.facts, keys),
            (
                "A trigger goes on filling the old column, so that the way back stays open: until the first value "
                "that the old type cannot hold, or until the old column is dropped."
            ),
            "The precondition reads the tables: every row must have been converted.",
            "Undoing it builds the old unique indexes first; to try again afterwards, undo the earlier steps too.",
        ),
    )


def _ready(plan: Retyping) -> Iterator[str]:
    """Write the queries that are true when all that the switch relies on is there, and complete."""
    for table in plan.tables:
        yield trigger_is(table.key, plan.trigger(table.key, FORWARD)[1])
        yield plan.converted(table.key)
        required = (one.shadow for one in plan.of(table.key) if not one.column.nullable)
        yield from (column_is(table.key, name, "attnotnull") for name in required)
        yield from (usable((table.schema, plan.temporary(index.name))) for index in plan.indexes(table.key))
        yield no_dependents(table.key, *(one.name for one in plan.of(table.key)), but_views=True)
        yield from (_twin_is(plan, check) for check in plan.checks(table.key))
    yield from (_twin_is(plan, key) for key in plan.foreign_keys)


def _twin_is(plan: Retyping, constraint: Constraint) -> str:
    proven = "convalidated" if constraint.validated else "true"
    return constraint_is(constraint.table_key, plan.temporary(constraint.name), proven)


# --- forward -----------------------------------------------------------------------------------------------------


def _swap_foreign_keys(plan: Retyping) -> Iterator[str]:
    for key in plan.foreign_keys:
        alter = f"ALTER TABLE {qualified(key.table_key)}"
        yield f"{alter} DROP CONSTRAINT {ident(key.name)}"
        yield f"{alter} RENAME CONSTRAINT {ident(plan.temporary(key.name))} TO {ident(key.name)}"


def _swap_table(plan: Retyping, table: Key) -> Iterator[str]:
    alter, changes = f"ALTER TABLE {qualified(table)}", plan.of(table)
    yield from end_sync(plan, table, FORWARD)
    for check in plan.checks(table):
        yield f"{alter} RENAME CONSTRAINT {ident(check.name)} TO {ident(plan.retired(check.name))}"
        yield f"{alter} RENAME CONSTRAINT {ident(plan.temporary(check.name))} TO {ident(check.name)}"
    for index in plan.indexes(table):
        yield from _swap_index(plan, table, index)
    for one in changes:
        yield from _swap_column(plan, one)
    yield from sync_trigger(plan, table, BACKWARD)
    for one in changes:
        if not one.column.nullable:
            yield f"{alter} ALTER COLUMN {ident(one.spent)} DROP NOT NULL"
        if (name := _not_null(plan, one)) is not None:
            shadow = ident(not_null_name(plan.facts, table, one.shadow))
            yield f"{alter} RENAME CONSTRAINT {shadow} TO {ident(name)}"


def _not_null(plan: Retyping, one: Change) -> str | None:
    """The name of the old column's NOT NULL; it has one from version 18 on."""
    if plan.facts.version < VERSION_18 or one.column.nullable:
        return None
    return present_not_null(plan.facts, one.key, one.name)


def _swap_index(plan: Retyping, table: Key, index: Index) -> Iterator[str]:
    alter, twin = f"ALTER TABLE {qualified(table)}", ident(plan.temporary(index.name))
    if index.constraint is None:
        yield f"ALTER INDEX {qualified(index.key)} RENAME TO {ident(plan.retired(index.name))}"
        yield f"ALTER INDEX {qualified((index.schema, plan.temporary(index.name)))} RENAME TO {ident(index.name)}"
        return
    kind = "PRIMARY KEY" if index.primary else "UNIQUE"
    deferral = " DEFERRABLE" if index.deferrable else ""
    yield f"{alter} DROP CONSTRAINT {ident(index.constraint)}"
    yield f"{alter} ADD CONSTRAINT {ident(index.constraint)} {kind} USING INDEX {twin}{deferral}"


def _swap_column(plan: Retyping, one: Change) -> Iterator[str]:
    alter = f"ALTER TABLE {qualified(one.key)}"
    old, new = ident(one.name), ident(one.shadow)
    if one.column.identity is not None and one.column.sequence is not None:
        yield from move_identity(one.key, one.name, one.shadow, one.column.sequence, one.column.identity)
    elif (default := one.default()) is not None:
        yield f"{alter} ALTER COLUMN {old} DROP DEFAULT"
        yield f"{alter} ALTER COLUMN {new} SET DEFAULT {default}"
    sequence = plan.facts.sequence(one.column.sequence)
    if sequence is not None and one.column.identity is None and sequence.owner_column == one.name:
        yield f"ALTER SEQUENCE {qualified(sequence.key)} OWNED BY {qualified(one.key)}.{new}"
    yield f"{alter} RENAME COLUMN {old} TO {ident(one.spent)}"
    yield f"{alter} RENAME COLUMN {new} TO {old}"
    if one.column.comment is not None:
        yield f"COMMENT ON COLUMN {qualified(one.key)}.{old} IS {literal(one.column.comment)}"


def move_identity(table: Key, source: str, target: str, sequence: Key, kind: str) -> Iterator[str]:
    """Write the statements that give another column of the table the identity, at the same position and name."""
    alter, spare = f"ALTER TABLE {qualified(table)}", (sequence[0], f"auditor_identity_{short_hash(*sequence)}")
    generated = "ALWAYS" if kind == "always" else "BY DEFAULT"
    yield (
        f"{alter} ALTER COLUMN {ident(target)} ADD GENERATED {generated} AS IDENTITY (SEQUENCE NAME {qualified(spare)})"
    )
    yield f"SELECT setval({literal(qualified(spare))}, last_value, is_called) FROM {qualified(sequence)}"
    yield f"{alter} ALTER COLUMN {ident(source)} DROP IDENTITY"
    yield f"ALTER SEQUENCE {qualified(spare)} RENAME TO {ident(sequence[1])}"


# --- back --------------------------------------------------------------------------------------------------------


def _back(plan: Retyping) -> tuple[str, ...]:
    """Write the way back: unique indexes over the old columns first, then one transaction, then the references."""
    statements: list[str] = []
    transaction: list[str] = []
    for key in plan.foreign_keys:
        alter = f"ALTER TABLE {qualified(key.table_key)}"
        transaction.append(f"{alter} RENAME CONSTRAINT {ident(key.name)} TO {ident(plan.temporary(key.name))}")
    for table in plan.tables:
        statements += _old_unique_indexes(plan, table.key)
        transaction += _back_table(plan, table.key)
    views_aside = around_views(plan.facts, [table.key for table in plan.tables], transaction)
    statements += atomically(*lock_tables(plan.facts, plan.locked), *views_aside)
    for key in plan.foreign_keys:
        statements += _old_reference(plan, key)
    return tuple(statements)


def _old_unique_indexes(plan: Retyping, table: Key) -> Iterator[str]:
    for one in plan.of(table):
        alter, spent = f"ALTER TABLE {qualified(table)}", ident(one.spent)
        if (own := _not_null(plan, one)) is not None:
            # The name is free again: what the new column has is given back its own.
            shadow = ident(not_null_name(plan.facts, table, one.shadow))
            yield f"{alter} RENAME CONSTRAINT {ident(own)} TO {shadow}"
            yield f"{alter} ADD CONSTRAINT {ident(own)} NOT NULL {spent} NOT VALID"
            yield f"{alter} VALIDATE CONSTRAINT {ident(own)}"
        elif not one.column.nullable:
            name = ident(f"auditor_filled_{short_hash(*table, one.name)}")
            yield f"{alter} ADD CONSTRAINT {name} CHECK ({spent} IS NOT NULL) NOT VALID"
            yield f"{alter} VALIDATE CONSTRAINT {name}"
            yield f"{alter} ALTER COLUMN {spent} SET NOT NULL"
            yield f"{alter} DROP CONSTRAINT {name}"
    for index in plan.indexes(table):
        if index.constraint is None:
            continue
        body = body_of(index.definition or "")
        for one in plan.of(table):
            body = rename_in_expression(body, one.name, one.spent)
        name = ident(plan.retired(index.name))
        yield concurrently(f"CREATE UNIQUE INDEX {name} ON {qualified(table)} {body}")


def _back_table(plan: Retyping, table: Key) -> Iterator[str]:
    alter = f"ALTER TABLE {qualified(table)}"
    yield from end_sync(plan, table, BACKWARD)
    for one in plan.of(table):
        yield f"{alter} RENAME COLUMN {ident(one.name)} TO {ident(one.shadow)}"
        yield f"{alter} RENAME COLUMN {ident(one.spent)} TO {ident(one.name)}"
        yield from _back_default(plan, one)
    for index in plan.indexes(table):
        if index.constraint is None:
            yield f"ALTER INDEX {qualified(index.key)} RENAME TO {ident(plan.temporary(index.name))}"
            yield f"ALTER INDEX {qualified((index.schema, plan.retired(index.name)))} RENAME TO {ident(index.name)}"
            continue
        kind = "PRIMARY KEY" if index.primary else "UNIQUE"
        deferral = " DEFERRABLE" if index.deferrable else ""
        using = f"{kind} USING INDEX {ident(plan.retired(index.name))}{deferral}"
        # References to the new key stand on its index until they are dropped below.
        yield from (
            f"ALTER TABLE {qualified(key.table_key)} DROP CONSTRAINT {ident(plan.temporary(key.name))}"
            for key in plan.foreign_keys
            if key.referenced_key == table and key.index == index.name
        )
        yield f"{alter} DROP CONSTRAINT {ident(index.constraint)}"
        yield f"{alter} ADD CONSTRAINT {ident(index.constraint)} {using}"
    for check in plan.checks(table):
        yield f"{alter} RENAME CONSTRAINT {ident(check.name)} TO {ident(plan.temporary(check.name))}"
        yield f"{alter} RENAME CONSTRAINT {ident(plan.retired(check.name))} TO {ident(check.name)}"
    for one in plan.of(table):
        if not one.column.nullable:
            # Nothing fills the new column any more.
            yield f"{alter} ALTER COLUMN {ident(one.shadow)} DROP NOT NULL"


def _back_default(plan: Retyping, one: Change) -> Iterator[str]:
    alter = f"ALTER TABLE {qualified(one.key)} ALTER COLUMN"
    if one.column.identity is not None and one.column.sequence is not None:
        yield from move_identity(one.key, one.shadow, one.name, one.column.sequence, one.column.identity)
    elif one.column.default is not None:
        yield f"{alter} {ident(one.shadow)} DROP DEFAULT"
        yield f"{alter} {ident(one.name)} SET DEFAULT {one.column.default}"
    sequence = plan.facts.sequence(one.column.sequence)
    if sequence is not None and one.column.identity is None and sequence.owner_column == one.name:
        yield f"ALTER SEQUENCE {qualified(sequence.key)} OWNED BY {qualified(one.key)}.{ident(one.name)}"


def _old_reference(plan: Retyping, key: Constraint) -> Iterator[str]:
    alter = f"ALTER TABLE {qualified(key.table_key)}"
    yield f"{alter} DROP CONSTRAINT IF EXISTS {ident(plan.temporary(key.name))}"
    definition = (key.definition or "").removesuffix(" NOT VALID")
    yield f"{alter} ADD CONSTRAINT {ident(key.name)} {definition} NOT VALID"
    if key.validated:
        yield f"{alter} VALIDATE CONSTRAINT {ident(key.name)}"


# --- contract ----------------------------------------------------------------------------------------------------


def contract(plan: Retyping) -> Iterator[Draft]:
    """Draft the end of the old columns, table by table."""
    for table in plan.tables:
        changes = plan.of(table.key)
        name = qualified(table.key)
        checks = [f"DROP CONSTRAINT IF EXISTS {ident(plan.retired(check.name))}" for check in plan.checks(table.key)]
        drops = ", ".join([*checks, *(f"DROP COLUMN {ident(one.spent)}" for one in changes)])
        yield brief(
            plan.facts,
            Phase.CONTRACT,
            f"Drop the old {', '.join(one.spent for one in changes)} of {table.path}",
            *end_sync(plan, table.key, BACKWARD),
            f"ALTER TABLE {name} {drops}",
            *(f"DROP FUNCTION IF EXISTS {qualified(one.fits)}({one.column.type})" for one in changes if one.guarded),
            precondition=all_of(
                *(column_is(table.key, one.spent) for one in changes),
                trigger_is(table.key, plan.trigger(table.key, BACKWARD)[1]),
                no_dependents(table.key, *(one.spent for one in changes)),
            ),
            verify=all_of(*(column_absent(one.key, one.spent) for one in changes)),
            reversible=False,
            point_of_no_return=True,
            observe_days=OBSERVATION_DAYS,
            notes=("Take a backup and have the drop approved: from here there is no way back.",),
        )

"""Recipes for constraints: declared without looking at old rows, which are then checked while writes go on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from auditor.connector import Draft
from auditor.model.catalog import Constraint, Key, Table
from auditor.model.facts import Facts
from auditor.model.operation import (
    AddCheck,
    AddForeignKey,
    AddPrimaryKey,
    AddUnique,
    DropConstraint,
    DropIndex,
    SetNotNull,
    ValidateConstraint,
)
from auditor.model.vocabulary import Phase
from auditor_connectors.postgresql.recipes import estimates
from auditor_connectors.postgresql.recipes.building import NewIndex, attach, build, recreate
from auditor_connectors.postgresql.recipes.indexes import drop_index
from auditor_connectors.postgresql.recipes.locking import lock_tables
from auditor_connectors.postgresql.recipes.notnull import forbid_nulls
from auditor_connectors.postgresql.recipes.queries import (
    all_of,
    column_is,
    constraint_absent,
    constraint_is,
    no_duplicates,
    no_orphans,
    no_violations,
    usable,
)
from auditor_connectors.postgresql.recipes.restoring import find_constraint, reference, restore_constraint
from auditor_connectors.postgresql.recipes.sql import free_name, ident, idents, qualified, regclass, relation_name
from auditor_connectors.postgresql.recipes.steps import (
    ACCESS_EXCLUSIVE,
    SHARE_ROW_EXCLUSIVE,
    atomically,
    brief,
    in_phases,
    scan,
)
from auditor_connectors.postgresql.recipes.surrogate import surrogate_column, surrogate_steps

VERSION_15, VERSION_18 = 150000, 180000


def add_foreign_key(operation: AddForeignKey, facts: Facts) -> Iterator[Draft]:
    """Declare it NOT VALID, then validate in a transaction of its own; drop what it replaces last."""
    key = (operation.schema, operation.table)
    table = facts.table(key)
    referenced = (operation.referenced_schema, operation.referenced_table)
    name = free_name("_".join((key[1], *operation.columns)), "fkey", (c.name for c in facts.constraints_of(key)))
    columns, referenced_columns = operation.columns, operation.referenced_columns
    # What the operation does not speak of (ON UPDATE, MATCH, DEFERRABLE) is that of the key that it replaces.
    before = find_constraint(facts, key, operation.replaces) if operation.replaces is not None else None
    known = before or Constraint(schema=key[0], table=key[1], name=name, kind="foreign-key")
    same = known.on_delete == operation.on_delete and set(known.on_delete_columns) <= set(columns)
    wanted = replace(
        known, columns=columns, on_delete=operation.on_delete, on_delete_columns=known.on_delete_columns if same else ()
    )
    definition = reference(wanted, columns, referenced, referenced_columns)
    # Before version 18 a partitioned table takes no NOT VALID key: its partitions do, and theirs become its parts.
    by_parts = table is not None and table.kind == "partitioned" and facts.version < VERSION_18
    drafts: list[Draft] = []
    for target in [leaf.key for leaf in facts.leaves(table)] if by_parts and table is not None else [key]:
        orphans = no_orphans(target, columns, referenced, referenced_columns)
        drafts += declared(facts, target, name, definition, orphans, refers_to=referenced)
    yield from in_phases(drafts)
    if by_parts:
        yield brief(
            facts,
            Phase.BACKFILL,
            f"Declare the foreign key {name} on the partitioned table {'.'.join(key)}",
            *lock_tables(facts, [], only_writers=[key, referenced]),
            f"ALTER TABLE {qualified(key)} ADD CONSTRAINT {ident(name)} {definition}",
            verify=constraint_is(key, name),
            rollback=(f"ALTER TABLE {qualified(key)} DROP CONSTRAINT IF EXISTS {ident(name)}",),
            notes=("The valid keys of the partitions become its parts, so no row is read.",),
        )
    if operation.replaces is not None:
        yield replaced(facts, key, operation.replaces, name, constraint_is(key, name), takes_name=True)


def declared(
    facts: Facts, key: Key, name: str, definition: str, holds: str, *, refers_to: Key | None = None
) -> Iterator[Draft]:
    """Draft a foreign key or check: in force for new rows at once, for old ones after a scan that blocks nobody."""
    table = facts.table(key)
    locks = lock_tables(facts, [], only_writers=[key, refers_to]) if refers_to is not None else ()
    alter, path = f"ALTER TABLE {qualified(key)}", ".".join(key)
    drop = f"{alter} DROP CONSTRAINT IF EXISTS {ident(name)}"
    yield brief(
        facts,
        Phase.EXPAND,
        f"Declare the constraint {name} on {path} for new rows",
        *locks,
        f"{alter} ADD CONSTRAINT {ident(name)} {definition} NOT VALID",
        lock=ACCESS_EXCLUSIVE if refers_to is None else SHARE_ROW_EXCLUSIVE,
        precondition=holds,
        verify=constraint_is(key, name, "true"),
        rollback=(drop,) if refers_to is None else atomically(*lock_tables(facts, [key, refers_to]), drop),
        notes=("Mend the rows that contradict it first: the precondition reads the table to find out.",),
    )
    yield validation(facts, table, key, name, holds)


def validation(facts: Facts, table: Table | None, key: Key, name: str, holds: str | None) -> Draft:
    """Draft the scan that checks old rows while reads and writes go on."""
    return scan(
        Phase.BACKFILL,
        f"Check the old rows of {'.'.join(key)} against {name}",
        f"ALTER TABLE {qualified(key)} VALIDATE CONSTRAINT {ident(name)}",
        takes=estimates.work(facts, table),
        precondition=holds,
        verify=constraint_is(key, name),
        notes=("It can fail only on a row that contradicts the constraint, and then changes nothing.",),
    )


def replaced(facts: Facts, key: Key, name: str, successor: str, proof: str, *, takes_name: bool = False) -> Draft:
    """Draft the drop of a constraint once ``proof`` says that its successor is valid.

    ``takes_name``: the successor gets the name that is free then, which costs nothing under the lock of the drop.
    """
    alter, path = f"ALTER TABLE {qualified(key)}", ".".join(key)
    drop, restore = f"{alter} DROP CONSTRAINT {ident(name)}", restore_constraint(facts, key, name)
    locks = _both_ends(facts, find_constraint(facts, key, name))
    if not takes_name:
        return brief(
            facts,
            Phase.CONTRACT,
            f"Drop the constraint {name} of {path}, which {successor} replaces",
            *locks,
            drop,
            precondition=proof,
            verify=constraint_absent(key, name),
            rollback=restore,
        )
    back = f"{alter} RENAME CONSTRAINT {ident(name)} TO {ident(successor)}"
    return brief(
        facts,
        Phase.CONTRACT,
        f"Drop the constraint {name} of {path}, and give its name to {successor}, which replaces it",
        *locks,
        drop,
        f"{alter} RENAME CONSTRAINT {ident(successor)} TO {ident(name)}",
        precondition=proof,
        verify=all_of(constraint_is(key, name), constraint_absent(key, successor)),
        rollback=(back, *restore),
    )


def add_unique(operation: AddUnique, facts: Facts) -> Iterator[Draft]:
    """Build the unique index concurrently, then let a constraint take it over; drop what it replaces last."""
    key = (operation.schema, operation.table)
    table = facts.table(key)
    name = relation_name(facts, key, operation.columns, "key", distinct=operation.predicate or "")
    nulls_equal = operation.nulls_not_distinct and facts.version >= VERSION_15
    body = f"USING btree ({idents(operation.columns)})"
    body += " NULLS NOT DISTINCT" if nulls_equal else ""
    body += f" WHERE {operation.predicate}" if operation.predicate else ""
    duplicates = no_duplicates(key, operation.columns, operation.predicate, nulls_equal=nulls_equal)
    index = NewIndex(key, name, body, operation.columns, unique=True)
    yield from build(facts, Phase.EXPAND, index, precondition=duplicates)
    if operation.nulls_not_distinct and not nulls_equal:
        yield from _unique_nulls(operation, facts)
    constrained = operation.predicate is None and (table is None or table.kind != "partitioned")
    if constrained:
        yield taken_over(facts, index, name, "UNIQUE")
    if operation.replaces is None:
        return
    if find_constraint(facts, key, operation.replaces) is not None:
        yield replaced(facts, key, operation.replaces, name, usable(index.key))
    else:
        drop = DropIndex(schema=key[0], table=key[1], name=operation.replaces, covered_by=name)
        yield from drop_index(drop, facts)


def _unique_nulls(operation: AddUnique, facts: Facts) -> Iterator[Draft]:
    """Before version 15 rows with a NULL need an index of their own for each nullable column."""
    key = (operation.schema, operation.table)
    table = facts.table(key)
    for column in operation.columns:
        found = table.column(column) if table is not None else None
        rest = tuple(other for other in operation.columns if other != column)
        if found is None or not found.nullable or not rest:
            continue
        predicate = f"{ident(column)} IS NULL"
        name = relation_name(facts, key, rest, "key", distinct=predicate)
        index = NewIndex(key, name, f"USING btree ({idents(rest)}) WHERE {predicate}", rest, unique=True)
        yield from build(facts, Phase.EXPAND, index, precondition=no_duplicates(key, rest, predicate))


def taken_over(facts: Facts, index: NewIndex, name: str, kind: str, *, back: Iterable[str] = ()) -> Draft:
    """Draft the constraint that takes over a finished unique index, which it renames to its own name."""
    key = index.table
    what = "primary key" if kind == "PRIMARY KEY" else "unique constraint"
    required = [column_is(key, one, "attnotnull") for one in index.columns] if kind == "PRIMARY KEY" else []
    return brief(
        facts,
        Phase.SWITCH,
        f"Make the index {index.name} the {what} of {'.'.join(key)}",
        f"ALTER TABLE {qualified(key)} ADD CONSTRAINT {ident(name)} {kind} USING INDEX {ident(index.name)}",
        precondition=all_of(usable(index.key), *required),
        verify=constraint_is(key, name, "contype IN ('p', 'u')"),
        rollback=(f"ALTER TABLE {qualified(key)} DROP CONSTRAINT IF EXISTS {ident(name)}", *back),
        notes=("Undoing it drops the index with the constraint.",),
    )


def add_check(operation: AddCheck, facts: Facts) -> Iterator[Draft]:
    """Declare it NOT VALID, then validate in a transaction of its own."""
    key = (operation.schema, operation.table)
    taken = (constraint.name for constraint in facts.constraints_of(key))
    name = operation.name if operation.name not in taken else free_name(operation.name, "check", taken)
    holds = no_violations(key, operation.expression)
    yield from declared(facts, key, name, f"CHECK ({operation.expression})", holds)


def validate_constraint(operation: ValidateConstraint, facts: Facts) -> Iterator[Draft]:
    """Scan the old rows under a lock that lets reads and writes pass."""
    key = (operation.schema, operation.table)
    constraint = find_constraint(facts, key, operation.name)
    holds = _holds(constraint) if constraint is not None else None
    yield validation(facts, facts.table(key), key, operation.name, holds)


def _holds(constraint: Constraint) -> str | None:
    """Write the query that tells whether the old rows satisfy a constraint."""
    if constraint.kind == "foreign-key" and constraint.referenced_key is not None:
        return no_orphans(
            constraint.table_key, constraint.columns, constraint.referenced_key, constraint.referenced_columns
        )
    checked = re.match(r"CHECK \((.*)\)(?: NO INHERIT)?(?: NOT VALID)?\Z", constraint.definition or "", re.DOTALL)
    return no_violations(constraint.table_key, checked.group(1)) if checked else None


def drop_constraint(operation: DropConstraint, facts: Facts) -> Iterator[Draft]:
    """Drop it under a brief lock, of both tables when it is a foreign key."""
    key = (operation.schema, operation.table)
    constraint = find_constraint(facts, key, operation.name)
    both = constraint is not None and constraint.kind == "foreign-key"
    back = restore_constraint(facts, key, operation.name)
    yield brief(
        facts,
        Phase.CONTRACT,
        f"Drop the constraint {operation.name} of {'.'.join(key)}",
        *_both_ends(facts, constraint),
        f"ALTER TABLE {qualified(key)} DROP CONSTRAINT {ident(operation.name)}",
        verify=constraint_absent(key, operation.name),
        rollback=back,
        reversible=bool(back),
        notes=("The referenced table is locked for the same instant.",) if both else (),
    )


def _both_ends(facts: Facts, constraint: Constraint | None) -> tuple[str, ...]:
    """Lock both tables of a foreign key, whose end takes the triggers of both away."""
    if constraint is None or constraint.kind != "foreign-key" or constraint.referenced_key is None:
        return ()
    return lock_tables(facts, [constraint.table_key, constraint.referenced_key])


def set_not_null(operation: SetNotNull, facts: Facts) -> Iterator[Draft]:
    """Prove it by a constraint that is validated without blocking, then set it without a scan."""
    columns = (operation.column, *operation.together)
    yield from forbid_nulls(facts, (operation.schema, operation.table), columns)


def add_primary_key(operation: AddPrimaryKey, facts: Facts) -> Iterator[Draft]:
    """Forbid NULLs without a scan under lock, have a unique index, then let the primary key take it over."""
    key = (operation.schema, operation.table)
    table = facts.table(key)
    found = facts.index((operation.schema, operation.using_index)) if operation.using_index else None
    columns = found.columns if found is not None else operation.columns
    name = relation_name(facts, key, (), "pkey")
    if not columns:
        yield from surrogate_steps(operation, facts)
        columns = (surrogate_column(facts, key),)
        yield taken_over(facts, NewIndex(key, name, "", columns), name, "PRIMARY KEY")
        return
    drafts: list[Draft] = []
    known = {column.name: column for column in table.columns} if table is not None else {}
    nullable = [column for column in columns if column not in known or known[column].nullable]
    if nullable:
        drafts += forbid_nulls(facts, key, nullable)
    if table is not None and table.kind == "partitioned":
        drafts += _partitioned_primary_key(facts, table, name, columns)
    elif found is not None:
        index = NewIndex(key, found.name, "", columns)
        drafts.append(taken_over(facts, index, name, "PRIMARY KEY", back=recreate(facts, found)))
    else:
        index = NewIndex(key, name, f"USING btree ({idents(columns)})", columns, unique=True)
        drafts += build(facts, Phase.EXPAND, index, precondition=no_duplicates(key, columns, None))
        drafts.append(taken_over(facts, index, name, "PRIMARY KEY"))
    yield from in_phases(drafts)


def _partitioned_primary_key(facts: Facts, table: Table, name: str, columns: tuple[str, ...]) -> Iterator[Draft]:
    """A partitioned table takes no index over: its key is declared alone, and made whole from those of its parts."""
    key, path = table.key, ".".join(table.key)
    body = f"PRIMARY KEY ({idents(columns)})"
    yield brief(
        facts,
        Phase.SWITCH,
        f"Declare the primary key of {path}, without its partitions",
        f"ALTER TABLE ONLY {qualified(key)} ADD CONSTRAINT {ident(name)} {body}",
        precondition=no_duplicates(key, columns, None),
        verify=constraint_is(key, name, "contype = 'p'"),
        rollback=(f"ALTER TABLE {qualified(key)} DROP CONSTRAINT IF EXISTS {ident(name)}",),
        notes=(f"The key has to contain the partition key ({table.partition_key}).",),
    )
    for leaf in facts.leaves(table):
        part = relation_name(facts, leaf.key, (), "pkey")
        index = NewIndex(leaf.key, part, f"USING btree ({idents(columns)})", columns, unique=True)
        yield from build(facts, Phase.SWITCH, index)
        yield brief(
            facts,
            Phase.SWITCH,
            f"Make {part} the primary key of {leaf.path} and a part of {name}",
            f"ALTER TABLE {qualified(leaf.key)} ADD CONSTRAINT {ident(part)} PRIMARY KEY USING INDEX {ident(part)}",
            attach((key[0], name), index.key),
            precondition=usable(index.key),
            verify=f"SELECT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = {regclass(index.key)})",
            rollback=(f"ALTER TABLE {qualified(key)} DROP CONSTRAINT IF EXISTS {ident(name)}",),
            notes=("A part cannot be detached by itself: undoing it drops the whole key, with all parts.",),
        )

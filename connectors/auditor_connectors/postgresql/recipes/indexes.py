"""Recipes for indexes."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.connector import Draft
from auditor.model.catalog import Index
from auditor.model.facts import Facts
from auditor.model.operation import AddIndex, CompletePartitionedIndex, DropIndex, RebuildIndex
from auditor.model.vocabulary import Phase
from auditor_connectors.postgresql.recipes import estimates
from auditor_connectors.postgresql.recipes.building import (
    NewIndex,
    body_of,
    build,
    corruption_note,
    declare,
    drop_parts,
    missing_parts,
    recreate,
    undeclared,
)
from auditor_connectors.postgresql.recipes.estimates import Estimate
from auditor_connectors.postgresql.recipes.queries import absent, all_of, no_leftovers, usable
from auditor_connectors.postgresql.recipes.restoring import restore_constraint
from auditor_connectors.postgresql.recipes.sql import (
    ident,
    idents,
    leftover_name,
    literal,
    qualified,
    regclass,
    relation_name,
)
from auditor_connectors.postgresql.recipes.steps import brief, online, runbook

VERSION_14 = 140000
REBUILD_LEFTOVER = (
    "It changes nothing that would have to be undone. If it is interrupted, an invalid copy stays behind whose name "
    "ends in _ccnew or _ccold: the way back takes that away; then run the step again."
)


def add_index(operation: AddIndex, facts: Facts) -> Iterator[Draft]:
    """Build it concurrently; on a partitioned table part by part; drop what it replaces last."""
    table = facts.table((operation.schema, operation.table))
    columns = {column.name: column for column in table.columns} if table is not None else {}
    virtual = [name for name in operation.columns if name in columns and columns[name].generated == "virtual"]
    if virtual:
        yield runbook(
            Phase.EXPAND,
            f"Index the expression of {', '.join(virtual)} of {operation.schema}.{operation.table}",
            notes=("Virtual generated columns cannot be indexed: index their expression, or store the column.",),
        )
        return
    index = new_index(operation, facts)
    yield from build(facts, Phase.EXPAND, index)
    if operation.expressions:
        yield analyze_after(facts, index)
    if operation.replaces is not None:
        drop = DropIndex(schema=operation.schema, table=operation.table, name=operation.replaces, covered_by=index.name)
        yield from drop_index(drop, facts)


def new_index(operation: AddIndex, facts: Facts) -> NewIndex:
    """Name and describe the index that an operation asks for."""
    key = (operation.schema, operation.table)
    classes = operation.operator_classes
    parts = [f"{ident(c)} {classes[c]}" if c in classes else ident(c) for c in operation.columns]
    body = f"USING {operation.method or 'btree'} ({', '.join([*parts, *(f'({e})' for e in operation.expressions)])})"
    if operation.include:
        body += f" INCLUDE ({idents(operation.include)})"
    if operation.predicate:
        body += f" WHERE {operation.predicate}"
    special = operation.expressions or operation.include or operation.predicate or operation.method or classes
    middle = operation.columns or ("expr",)
    name = relation_name(facts, key, middle, "idx", distinct=body if special else "")
    return NewIndex(key, name, body, operation.columns, operation.unique)


def analyze_after(facts: Facts, index: NewIndex) -> Draft:
    """Draft the statistics that an index on expressions needs before the planner can judge it."""
    return online(
        Phase.EXPAND,
        f"Sample {index.table[0]}.{index.table[1]} so that the planner knows the expression of {index.name}",
        f"ANALYZE {qualified(index.table)}",
        takes=estimates.analysis(facts, facts.table(index.table)),
        verify=f"SELECT EXISTS (SELECT FROM pg_class WHERE oid = {regclass(index.table)} AND reltuples >= 0)",
    )


def drop_index(operation: DropIndex, facts: Facts) -> Iterator[Draft]:
    """Drop it concurrently; with its constraint when it enforces one; under a brief lock when it is partitioned."""
    key = (operation.schema, operation.name)
    index = facts.index(key)
    why = (
        f"{operation.schema}.{operation.covered_by} serves in its place."
        if operation.covered_by
        else "Nothing has used it since the counters began; counters of replicas are their own: look there too."
    )
    notes = [why]
    if operation.observe_days:
        notes.append(f"Watch its counter for {operation.observe_days} days before, a month's end among them.")
    title = f"Drop the index {operation.schema}.{operation.name}"
    frees = Estimate(None, _frees(facts, index))
    if index is not None and (index.constraint or index.partitioned):
        constrained = index.constraint is not None
        statement = (
            f"ALTER TABLE {qualified(index.table_key)} DROP CONSTRAINT {ident(index.constraint or '')}"
            if constrained
            else f"DROP INDEX {qualified(key)}"
        )
        yield brief(
            facts,
            Phase.CONTRACT,
            f"{title} with its constraint" if constrained else title,
            statement,
            takes=Estimate(estimates.BRIEF_SECONDS, f"a change of the catalog and of files; {frees.basis}"),
            precondition=_unused_since(facts, index) if not operation.covered_by else _cover(operation),
            verify=absent(key),
            rollback=restore_constraint(facts, index.table_key, index.constraint or "")
            if constrained
            else recreate(facts, index),
            observe_days=operation.observe_days,
            notes=notes,
        )
        return
    yield online(
        Phase.CONTRACT,
        title,
        f"DROP INDEX CONCURRENTLY IF EXISTS {qualified(key)}",
        takes=Estimate(estimates.BRIEF_SECONDS, f"a change of the catalog and of files; {frees.basis}"),
        precondition=_cover(operation) if operation.covered_by else _unused_since(facts, index),
        verify=absent(key),
        rollback=recreate(facts, index) if index is not None and index.usable else (),
        reversible=index is None or index.definition is not None,
        observe_days=operation.observe_days,
        notes=(*notes, "It waits for the transactions that may still be using the index."),
    )


def rebuild_index(operation: RebuildIndex, facts: Facts) -> Iterator[Draft]:
    """Rebuild it beside itself and swap; before version 14 a partitioned one is rebuilt part by part."""
    key = (operation.schema, operation.name)
    index, table = facts.index(key), facts.table((operation.schema, operation.table))
    parts = [key]
    if index is not None and index.partitioned and facts.version < VERSION_14:
        parts = [part.key for part in facts.index_parts(index)]
    leaves = ([part.key for part in facts.index_parts(index)] if index is not None else []) or parts
    size = None if index is None else facts.index_bytes(index)
    present = Estimate(size, "the index's present size, until the old one is gone" if size is not None else "")
    if index is not None and index.exclusion:
        yield brief(
            facts,
            Phase.EXPAND,
            f"Rebuild the index {operation.schema}.{operation.name}",
            "SET LOCAL statement_timeout = 0",
            f"REINDEX INDEX {qualified(key)}",
            takes=estimates.index_build(facts, table, present),
            verify=usable(key),
            notes=("An exclusion constraint's index cannot be rebuilt concurrently: do it in a quiet hour.",),
        )
        return
    yield online(
        Phase.EXPAND,
        f"Rebuild the index {operation.schema}.{operation.name}",
        *(f"REINDEX INDEX CONCURRENTLY {qualified(part)}" for part in parts),
        takes=estimates.index_build(facts, table, present),
        disk=present,
        precondition=all_of(no_leftovers(*leaves), *_unique_holds(index)),
        verify=all_of(usable(key), no_leftovers(*leaves)),
        rollback=[
            f"DROP INDEX CONCURRENTLY IF EXISTS {qualified((schema, leftover_name(name, ending)))}"
            for schema, name in leaves
            for ending in ("ccnew", "ccold")
        ],
        notes=(REBUILD_LEFTOVER, *corruption_note(facts)),
    )


def complete_partitioned_index(operation: CompletePartitionedIndex, facts: Facts) -> Iterator[Draft]:
    """Build and attach what is missing; the index becomes valid with the last part."""
    key = (operation.schema, operation.name)
    index, table = facts.index(key), facts.table((operation.schema, operation.table))
    statements: list[str] = []
    back: list[str] = []
    size = estimates.index_disk(facts, table, index.columns if index is not None else ())
    if index is not None and table is not None and index.definition is not None:
        body = body_of(index.definition)
        wanted = NewIndex(index.table_key, index.name, body, index.columns, index.unique)
        declared = undeclared(facts, wanted, table, key)
        if declared:
            title = f"Declare the parts of {operation.schema}.{operation.name} on partitions that have partitions"
            yield declare(facts, Phase.EXPAND, title, wanted, declared)
        statements += missing_parts(facts, wanted, table, key)
        back = [f"DROP INDEX IF EXISTS {qualified(key)}", *drop_parts(facts, wanted, table), *recreate(facts, index)]
        back += [wanted.create(one, part[1], only=True) for one, part in declared.items()]
    yield online(
        Phase.EXPAND,
        f"Build the missing parts of the partitioned index {operation.schema}.{operation.name}",
        *statements,
        takes=estimates.index_build(facts, table, size),
        disk=size,
        verify=usable(key),
        rollback=back,
        notes=("Parts that are attached stay: the step can be run again after an interruption.",),
    )


def _unique_holds(index: Index | None) -> Iterator[str]:
    """Write the query that finds the duplicates which kept an invalid unique index from being finished."""
    if index is not None and index.unique and not index.usable and not index.partitioned:
        keys = ", ".join(
            f"({part.expression})" if part.expression else ident(part.column or "") for part in index.parts
        )
        nulls = "" if index.nulls_not_distinct else f"num_nulls({keys}) = 0"
        conditions = " AND ".join(part for part in (nulls, f"({index.predicate})" if index.predicate else "") if part)
        where = f" WHERE {conditions}" if conditions else ""
        table = qualified(index.table_key)
        yield f"SELECT NOT EXISTS (SELECT FROM {table}{where} GROUP BY {keys} HAVING count(*) > 1)"


def _cover(operation: DropIndex) -> str:
    return usable((operation.schema, operation.covered_by or ""))


def _unused_since(facts: Facts, index: Index | None) -> str | None:
    """Write a query that is true when an index has not been used since the audit counted its scans."""
    if index is None or index.scans is None or not index.usable:
        return None
    scans = facts.index_scans(index)
    if scans is None or index.partitioned:
        return None
    return (
        f"SELECT coalesce(sum(idx_scan), 0) <= {scans} FROM pg_stat_user_indexes "
        f"WHERE schemaname = {literal(index.schema)} AND indexrelname = {literal(index.name)}"
    )


def _frees(facts: Facts, index: Index | None) -> str:
    size = None if index is None else facts.index_bytes(index)
    return "the index's size is not known" if size is None else f"it frees {estimates.human_bytes(size)}"

"""Makes tables of the same columns the partitions of one: no row is copied, and the old names stay those of the parts.

Each table gets the column that tells its rows from those of the others (a constant default, so that no row is written)
and a validated check of it, which spares the scan when the table is attached as a list partition.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.connector import Draft
from auditor.model.facts import Facts
from auditor.model.operation import MergeClones
from auditor.model.vocabulary import Phase
from auditor_connectors.postgresql.recipes import estimates
from auditor_connectors.postgresql.recipes.building import build
from auditor_connectors.postgresql.recipes.clones import Clones, unhindered
from auditor_connectors.postgresql.recipes.clones_attaching import attach, detach, lock_whole
from auditor_connectors.postgresql.recipes.clones_contract import contract, use
from auditor_connectors.postgresql.recipes.clones_numbering import (
    draw_apart,
    draw_together,
    make_sequences,
    numbered,
)
from auditor_connectors.postgresql.recipes.clones_obstacles import obstacles
from auditor_connectors.postgresql.recipes.locking import lock_tables
from auditor_connectors.postgresql.recipes.queries import (
    absent,
    all_of,
    column_absent,
    column_is,
    constraint_is,
)
from auditor_connectors.postgresql.recipes.reconnecting import star_notes
from auditor_connectors.postgresql.recipes.restoring import owned
from auditor_connectors.postgresql.recipes.sql import dollar, ident, idents, literal, qualified, regclass
from auditor_connectors.postgresql.recipes.steps import (
    atomically,
    brief,
    runbook,
    scan,
    until,
)

FEWEST = 2
"""Tables that can be merged."""

NAMED = 20
"""Rules that a note names; of more it says the number."""


def merge_clones(operation: MergeClones, facts: Facts) -> Iterator[Draft]:
    """Mark and prove the rows of each table while clients write; then attach all in one short transaction."""
    tables = [facts.table((operation.schema, name)) for name in sorted(operation.values)]
    known = [table for table in tables if table is not None]
    if len(known) < len(tables):
        yield _by_hand(operation, "one of the tables is not in the snapshot")
    elif len(known) < FEWEST:
        yield _by_hand(operation, "it takes two tables at least")
    else:
        plan = Clones(facts, known, operation)
        if found := list(dict.fromkeys(obstacles(plan))):
            yield _by_hand(operation, "; ".join(found))
            return
        yield from until(plan.done, (*_mark(plan), *_prove(plan)))
        yield _switch(plan)
        yield from use(plan)
        yield contract(plan)


def _by_hand(operation: MergeClones, why: str) -> Draft:
    return runbook(
        Phase.REARCHITECT,
        f"Make {', '.join(sorted(operation.values))} one table {operation.schema}.{operation.into}",
        notes=(f"It cannot be done by these steps: {why}.",),
    )


# --- each table by itself ----------------------------------------------------------------------------------------


def _mark(plan: Clones) -> Iterator[Draft]:
    name, proof = ident(plan.column), ident(plan.proof)
    for table in plan.tables:
        value, alter = plan.value(table), f"ALTER TABLE {qualified(table.key)}"
        yield brief(
            plan.facts,
            Phase.EXPAND,
            f"Add {plan.column} to {table.path}",
            (
                f"{alter} ADD COLUMN {name} {plan.operation.type} NOT NULL DEFAULT {value}, ADD CONSTRAINT {proof} "
                f"CHECK ({name} IS NOT NULL AND {name} = {value}) NOT VALID"
            ),
            precondition=all_of(unhindered(table), column_absent(table.key, plan.column)),
            verify=all_of(column_is(table.key, plan.column), constraint_is(table.key, plan.proof, "true")),
            rollback=(f"{alter} DROP CONSTRAINT IF EXISTS {proof}, DROP COLUMN IF EXISTS {name}",),
            notes=(
                "The default is a constant, so that no row is written anew. Writers need not know the column.",
                "SELECT * and RETURNING * see it at once; prepared ones fail once.",
                *star_notes(plan.facts, [table.key]),
            ),
        )


def _prove(plan: Clones) -> Iterator[Draft]:
    for table in plan.tables:
        yield scan(
            Phase.BACKFILL,
            f"Prove that {plan.column} is the same in every row of {table.path}",
            f"ALTER TABLE {qualified(table.key)} VALIDATE CONSTRAINT {ident(plan.proof)}",
            takes=estimates.work(plan.facts, table),
            verify=constraint_is(table.key, plan.proof),
        )
        if plan.primary is not None:
            yield from build(plan.facts, Phase.BACKFILL, plan.unique(table))


# --- all together ------------------------------------------------------------------------------------------------


def _switch(plan: Clones) -> Draft:
    keys = [table.key for table in plan.tables]
    whole = qualified(plan.key)
    statements = (
        *lock_tables(plan.facts, keys, only_writers=plan.referred),
        *make_sequences(plan),
        f"CREATE TABLE {whole} ({', '.join(plan.definitions)}) PARTITION BY LIST ({ident(plan.column)})",
        *owned(plan.first, plan.key),
        *draw_together(plan),
        *_rename_checks(plan, back=False),
        *_declare(plan),
        *attach(plan),
    )
    return brief(
        plan.facts,
        Phase.SWITCH,
        f"Make {plan.path}, with {', '.join(table.path for table in plan.tables)} as its partitions",
        *statements,
        takes=estimates.Estimate(
            len(keys) * estimates.BRIEF_SECONDS, f"changes of the catalog only, for {len(keys)} tables"
        ),
        precondition=all_of(absent(plan.key), plan.as_planned),
        verify=plan.done,
        rollback=atomically(*_back(plan)),
        notes=(
            f"Each row keeps its place, and each table its name: {plan.names}.",
            *_numbers(plan),
            *_alone(plan),
            *_key_note(plan),
            (
                "Undoing it moves no row: by whichever name it was written, it lies in its own table. It fails where "
                "another partition was added meanwhile: detach that first, and let it number its rows in another way."
            ),
        ),
    )


def _rename_checks(plan: Clones, *, back: bool) -> Iterator[str]:
    """A partition's checks bear the names of the whole's."""
    for name, _, own in plan.checks:
        for table, check in zip(plan.tables, own, strict=True):
            before, after = (name, check.name) if back else (check.name, name)
            if before != after:
                yield f"ALTER TABLE {qualified(table.key)} RENAME CONSTRAINT {ident(before)} TO {ident(after)}"


def _declare(plan: Clones) -> Iterator[str]:
    """Write the rules, indexes and privileges of the merged table while it is empty; ATTACH finds their equals."""
    whole = qualified(plan.key)
    for name, definition, _ in (*plan.checks, *plan.references):
        yield f"ALTER TABLE {whole} ADD CONSTRAINT {ident(name)} {definition}"
    if plan.primary is not None:
        yield f"CREATE UNIQUE INDEX {ident(plan.unique_name)} ON {whole} USING btree ({idents(plan.key_columns)})"
    for name, body, _ in plan.indexes:
        yield f"CREATE INDEX {ident(name)} ON {whole} {body}"
    for grantee, held in plan.grants.items():
        to = "PUBLIC" if grantee == "PUBLIC" else ident(grantee)
        for passed_on in (False, True):
            if words := [privilege for privilege, option in held if option is passed_on]:
                yield f"GRANT {', '.join(words)} ON {whole} TO {to}{' WITH GRANT OPTION' if passed_on else ''}"
    if plan.first.comment is not None:
        yield f"COMMENT ON TABLE {whole} IS {literal(plan.first.comment)}"
    for column in plan.first.columns:
        if column.comment is not None:
            yield f"COMMENT ON COLUMN {whole}.{ident(column.name)} IS {literal(column.comment)}"


def _back(plan: Clones) -> Iterator[str]:
    whole = qualified(plan.key)
    # DROP TABLE would take partitions along that others have added.
    guard = (
        f"BEGIN IF EXISTS (SELECT FROM pg_inherits WHERE inhparent = {regclass(plan.key)}) THEN RAISE EXCEPTION "
        "'detach the partitions that were added since first'; END IF; END"
    )
    yield from lock_whole(plan)
    yield from detach(plan)
    yield f"DO {dollar(guard)}"
    yield from draw_apart(plan)
    yield f"DROP TABLE {whole}"
    yield from _rename_checks(plan, back=True)


def _numbers(plan: Clones) -> Iterator[str]:
    names = [column.name for column in numbered(plan)]
    if names:
        yield (
            f"All of them draw {', '.join(names)} from one sequence from then on, which begins after the last number "
            "of each. An identity becomes a default, which accepts a number that a writer gives. Code that asks a "
            "sequence for a number itself has to ask the new one."
        )


def _alone(plan: Clones) -> Iterator[str]:
    found = plan.left
    if found:
        more = f"; and {len(found) - NAMED} more" if len(found) > NAMED else ""
        yield (
            f"These go on holding within one table, and not over all: {', '.join(found[:NAMED])}{more}. A new "
            "partition is made without them."
        )


def _key_note(plan: Clones) -> Iterator[str]:
    if plan.primary is not None:
        yield (
            f"Two of the tables may hold the same {', '.join(plan.primary.columns)}: what tells the rows of "
            f"{plan.path} apart is ({', '.join(plan.key_columns)})."
        )

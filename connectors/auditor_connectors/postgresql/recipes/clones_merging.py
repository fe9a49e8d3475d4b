"""Makes tables of the same columns the partitions of one: no row is copied, and the old names stay those of the parts.

Each table gets the column that tells its rows from those of the others (a constant default, so that no row is written)
and a validated check of it, which spares the scan when the table is attached as a list partition.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from auditor.connector import Draft
from auditor.model.catalog import Key
from auditor.model.facts import Facts
from auditor.model.operation import MergeClones
from auditor.model.vocabulary import Phase
from auditor_connectors.postgresql.recipes import estimates
from auditor_connectors.postgresql.recipes.building import build
from auditor_connectors.postgresql.recipes.clones import Clones, unhindered
from auditor_connectors.postgresql.recipes.clones_numbering import (
    draw_apart,
    draw_together,
    make_sequences,
    numbered,
    retired_sequences,
)
from auditor_connectors.postgresql.recipes.clones_obstacles import obstacles
from auditor_connectors.postgresql.recipes.locking import NEXT_LOCK_MILLISECONDS, lock_tables
from auditor_connectors.postgresql.recipes.queries import (
    absent,
    all_of,
    column_absent,
    column_is,
    constraint_absent,
    constraint_is,
)
from auditor_connectors.postgresql.recipes.reconnecting import star_notes
from auditor_connectors.postgresql.recipes.restoring import owned
from auditor_connectors.postgresql.recipes.sql import dollar, ident, idents, literal, qualified, regclass
from auditor_connectors.postgresql.recipes.steps import (
    OBSERVATION_DAYS,
    application,
    atomically,
    brief,
    online,
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
        yield from _use(plan)
        yield _contract(plan)


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
        *_attach(plan),
    )
    return brief(
        plan.facts,
        Phase.SWITCH,
        f"Make {plan.path}, and its partitions of {', '.join(table.path for table in plan.tables)}",
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
                "Undoing it puts the rows that came by the one name or the other where they belong: they are there "
                "already. It fails where another partition was added meanwhile: detach that first, and let it number "
                "its rows in another way."
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


def _attach(plan: Clones) -> Iterator[str]:
    for table in plan.tables:
        part = qualified(table.key)
        yield f"ALTER TABLE {qualified(plan.key)} ATTACH PARTITION {part} FOR VALUES IN ({plan.value(table)})"


def _detach(plan: Clones) -> Iterator[str]:
    for table in plan.tables:
        yield f"ALTER TABLE {qualified(plan.key)} DETACH PARTITION {qualified(table.key)}"


def _lock_whole(plan: Clones) -> Iterator[str]:
    """Lock the merged table before its partitions, as those do who use it."""
    whole = f"LOCK TABLE ONLY {qualified(plan.key)} IN ACCESS EXCLUSIVE MODE"
    next_locks = f"SET LOCAL lock_timeout = '{NEXT_LOCK_MILLISECONDS}ms'"
    others = lock_tables(plan.facts, [table.key for table in plan.tables], only_writers=plan.referred)
    yield from (whole, next_locks, *(one for one in others if one != next_locks))


def _back(plan: Clones) -> Iterator[str]:
    whole = qualified(plan.key)
    # DROP TABLE would take partitions along that others have added.
    guard = (
        f"BEGIN IF EXISTS (SELECT FROM pg_inherits WHERE inhparent = {regclass(plan.key)}) THEN RAISE EXCEPTION "
        "'detach the partitions that were added since first'; END IF; END"
    )
    yield from _lock_whole(plan)
    yield from _detach(plan)
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
            f"Tables of their own may hold the same {', '.join(plan.primary.columns)}: what tells the rows of "
            f"{plan.path} apart is ({', '.join(plan.key_columns)})."
        )


# --- afterwards --------------------------------------------------------------------------------------------------


def _use(plan: Clones) -> Iterator[Draft]:
    whole, objects = plan.path, (plan.path, *(table.path for table in plan.tables))
    yield online(
        Phase.SWITCH,
        f"Analyse {whole}, whose statistics no autovacuum takes",
        f"ANALYZE {qualified(plan.key)}",
        takes=estimates.analysis(plan.facts, max(plan.tables, key=lambda one: one.bytes or 0)),
        precondition=plan.done,
        verify=f"SELECT reltuples >= 0 FROM pg_class WHERE oid = {regclass(plan.key)}",
        notes=("Repeat it every week or after large changes: it serves questions over all of the parts.",),
    )
    yield application(
        Phase.SWITCH,
        f"Read from {whole} what stands in {len(plan.tables)} tables",
        f"In place of a name say {plan.column} = … ({plan.names}). A UNION over them becomes one question.",
        kind="move-reads",
        objects=objects,
    )
    yield application(
        Phase.SWITCH,
        f"Write to {whole}, with {plan.column}",
        f"It has no default there. Who writes by the old name goes on, and needs not name it. An UPDATE of "
        f"{plan.column} moves a row to another partition.",
        f"Make the next partition before its first row: CREATE TABLE … PARTITION OF {qualified(plan.key)} FOR VALUES "
        "IN (…). A row whose value has none is refused.",
        kind="move-writes",
        objects=objects,
    )


def _contract(plan: Clones) -> Draft:
    drops = [f"ALTER TABLE {qualified(table.key)} DROP CONSTRAINT {ident(plan.proof)}" for table in plan.tables]
    gone = [f"DROP SEQUENCE {qualified(sequence)}" for sequence in retired_sequences(plan)]
    proven = all_of(plan.done, *(constraint_is(table.key, plan.proof) for table in plan.tables))
    dropped = [constraint_absent(table.key, plan.proof) for table in plan.tables]
    if not plan.becomes_primary or plan.primary is None:
        return brief(
            plan.facts,
            Phase.CONTRACT,
            f"Drop what only the way back of {plan.path} needed",
            *_lock_whole(plan),
            *drops,
            *gone,
            precondition=proven,
            verify=all_of(plan.done, *dropped),
            reversible=False,
            point_of_no_return=True,
            observe_days=OBSERVATION_DAYS,
            notes=tuple(_kept_keys(plan)),
        )
    columns = ", ".join(plan.key_columns)
    return brief(
        plan.facts,
        Phase.CONTRACT,
        f"Make ({columns}) the primary key of {plan.path}",
        *_lock_whole(plan),
        *_detach(plan),
        f"DROP INDEX {qualified((plan.key[0], plan.unique_name))}",
        *_swap_keys(plan),
        f"ALTER TABLE ONLY {qualified(plan.key)} ADD CONSTRAINT {ident(plan.primary_name)} PRIMARY KEY "
        f"({idents(plan.key_columns)})",
        *_attach(plan),
        *drops,
        *gone,
        precondition=all_of(proven, _nobody_needs_keys(table.key for table in plan.tables)),
        verify=all_of(constraint_is(plan.key, plan.primary_name), *dropped),
        reversible=False,
        point_of_no_return=True,
        observe_days=OBSERVATION_DAYS,
        notes=(
            (
                "The keys of the single tables go, which the new one makes superfluous: ON CONFLICT has to name "
                f"({columns}) from here on, by whatever name the table is written."
            ),
        ),
    )


def _swap_keys(plan: Clones) -> Iterator[str]:
    for table in plan.tables:
        own = plan.facts.primary_key(table.key)
        if own is not None:
            alter, index = f"ALTER TABLE {qualified(table.key)}", ident(plan.unique(table).name)
            yield f"{alter} DROP CONSTRAINT {ident(own.name)}"
            yield f"{alter} ADD CONSTRAINT {ident(own.name)} PRIMARY KEY USING INDEX {index}"


def _nobody_needs_keys(tables: Iterable[Key]) -> str:
    """Write the query that is true when no foreign key and no view relies on a key of the tables."""
    listed = ", ".join(regclass(key) for key in tables)
    return (
        f"SELECT NOT EXISTS (SELECT FROM pg_constraint WHERE confrelid IN ({listed})) AND NOT EXISTS (SELECT FROM "
        "pg_depend d JOIN pg_constraint c ON c.oid = d.refobjid WHERE d.classid = 'pg_rewrite'::regclass AND "
        f"d.refclassid = 'pg_constraint'::regclass AND c.conrelid IN ({listed}))"
    )


def _kept_keys(plan: Clones) -> Iterator[str]:
    if plan.primary is not None:
        names = ", ".join(one.path for one in plan.referring)
        yield (
            f"The tables keep their own primary keys, to which others refer ({names}), and {plan.path} has a unique "
            "index in place of one."
        )

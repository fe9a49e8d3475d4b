"""Recipe for changing a column's type: in the catalog alone where that does it, else by a new column and a switch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor.connector import Draft
from auditor.model.catalog import Constraint
from auditor.model.facts import Facts
from auditor.model.operation import ChangeColumnType
from auditor.model.vocabulary import Phase
from auditor_connectors.drafting import application
from auditor_connectors.postgresql.recipes import estimates
from auditor_connectors.postgresql.recipes.backfilling import backfill
from auditor_connectors.postgresql.recipes.building import build
from auditor_connectors.postgresql.recipes.dependents import around_views, view_notes
from auditor_connectors.postgresql.recipes.locking import lock_tables
from auditor_connectors.postgresql.recipes.notnull import forbid_nulls
from auditor_connectors.postgresql.recipes.queries import (
    all_of,
    any_of,
    column_is,
    column_type_is,
    constraint_is,
    no_dependents,
    sequence_is,
)
from auditor_connectors.postgresql.recipes.reconnecting import reconnect, recycle_notes, star_notes
from auditor_connectors.postgresql.recipes.retyping import (
    BITS,
    FORWARD,
    Change,
    Retyping,
    end_sync,
    read_changes,
    sync_trigger,
)
from auditor_connectors.postgresql.recipes.sql import dollar, ident, literal, mentions, qualified
from auditor_connectors.postgresql.recipes.steps import (
    ACCESS_EXCLUSIVE,
    ACCESS_SHARE,
    SHARE_ROW_EXCLUSIVE,
    atomically,
    brief,
    online,
    runbook,
    scan,
    until,
)
from auditor_connectors.postgresql.recipes.subscribers import add_there_first
from auditor_connectors.postgresql.recipes.switching import contract, switch
from auditor_connectors.postgresql.recipes.type_classes import TypeName, is_catalog_only

_TEXTS = ("text", "character varying", "character")
_SPELLING = (
    "Its way back brings back equal values, but not how they were spelled: the new type keeps no letter that means "
    "nothing to it, as the spaces, the order and the repetition of keys in json."
)


def change_column_type(operation: ChangeColumnType, facts: Facts) -> Iterator[Draft]:
    """Change the cheap ones in one statement per table; give the others new columns and switch them together."""
    changes = read_changes(operation, facts)
    if changes is None:
        yield _by_hand(operation, ["the column is not in the snapshot"])
        return
    direct = [one for one in changes if _is_direct(facts, one)]
    shadowed = Retyping(facts, [one for one in changes if one not in direct], operation.without)
    for table in sorted({one.key for one in direct}):
        yield from _direct(facts, [one for one in direct if one.key == table])
    if not shadowed.changes:
        return
    obstacles = sorted(set(shadowed.obstacles()))
    if obstacles:
        yield _by_hand(operation, obstacles)
        return
    yield from _prove(shadowed)
    yield from _expand(shadowed)
    yield from _fill(shadowed)
    yield from until(shadowed.done, _constrain(shadowed))
    yield _tolerate(shadowed)
    yield from switch(shadowed)
    yield from _widen_sequences(shadowed)
    yield from contract(shadowed)


def _tolerate(plan: Retyping) -> Draft:
    """Have the code understand both types before the switch: afterwards there is no moment for it."""
    return application(
        Phase.SWITCH,
        f"Deploy code that takes {', '.join(one.path for one in plan.changes)} in the old type and in the new one",
        *(f"{one.path}: {one.column.type} now, {one.to_type} after the switch." for one in plan.changes),
        "Columns are read by their names: those that change come last afterwards. What is written has to fit the old "
        "type until the switch.",
        kind="tolerate",
        objects=(one.path for one in plan.changes),
    )


def _by_hand(operation: ChangeColumnType, obstacles: Sequence[str]) -> Draft:
    path = f"{operation.schema}.{operation.table}.{operation.column}"
    return runbook(
        Phase.REARCHITECT,
        f"Change {path} from {operation.from_type} to {operation.to_type} by a new table",
        notes=(
            f"A new column beside the old one will not do: {'; '.join(obstacles)}.",
            (
                "Create the table anew with the right type beside it, keep it current by a trigger, copy the rows in "
                "batches, build the indexes, compare, and swap the names in one short transaction. A sequence that "
                "numbers the column follows it."
            ),
        ),
    )


# --- in the catalog alone ----------------------------------------------------------------------------------------


def _is_direct(facts: Facts, change: Change) -> bool:
    """Whether ALTER TYPE is an instant: nothing to rewrite or rebuild, or so little that nobody notices."""
    if change.name in change.table.partition_columns or change.column.generated is not None:
        return False
    indexes = facts.indexes_of(change.key)
    special = any(
        mentions(index.predicate, change.name) or any(mentions(part.expression, change.name) for part in index.parts)
        for index in indexes
    )
    holding = any(change.name in (*index.columns, *index.include) for index in indexes)
    utc = change.zone.upper() in ("UTC", "ETC/UTC", "GMT")
    plain = change.using is None or change.using == f"{{column}}::{change.to_type}" or (
        utc and "at time zone 'utc'" in change.using.lower()
    )  # fmt: skip
    if plain and not special and is_catalog_only(change.column.type, change.to_type, indexed=holding, utc=utc):
        return True
    referenced = any(
        change.name in (*(key.columns if key.table_key == change.key else ()),
                        *(key.referenced_columns if key.referenced_key == change.key else ()))
        for key in (*facts.constraints_of(change.key, "foreign-key"), *facts.referencing(change.key))
    )  # fmt: skip
    return not referenced and estimates.is_tiny(change.table) and change.column.default is None


def _direct(facts: Facts, changes: Sequence[Change]) -> Iterator[Draft]:
    """Draft one statement for all such columns of a table; checks that read them are proven again afterwards."""
    table = changes[0].table
    alter = f"ALTER TABLE {qualified(table.key)}"
    utc = any("time zone" in one.to_type or "timestamptz" in one.to_type for one in changes)
    checks = [
        one
        for one in facts.constraints_of(table.key, "check")
        if any(mentions(one.definition, change.name) for change in changes) and one.definition is not None
    ]
    statements = [
        *(f"{alter} DROP CONSTRAINT {ident(one.name)}" for one in checks),
        f"{alter} {', '.join(_alter_type(one) for one in changes)}",
        *(f"{alter} ADD CONSTRAINT {ident(one.name)} {_unproven(one)}" for one in checks),
    ]
    back = [f"{alter} ALTER COLUMN {ident(one.name)} TYPE {one.column.type}{_using_back(one)}" for one in changes]
    tiny = estimates.is_tiny(table)
    yield brief(
        facts,
        Phase.EXPAND,
        f"Change {', '.join(f'{one.path} to {one.to_type}' for one in changes)}",
        *(("SET LOCAL timezone = 'UTC'",) if utc else ()),
        *around_views(facts, [table.key], statements),
        takes=estimates.rewrite(facts, table) if tiny else estimates.Estimate(
            estimates.BRIEF_SECONDS, "a change of the catalog alone: the stored values and indexes stay"
        ),
        precondition=no_dependents(table.key, *(one.name for one in changes), but_views=True),
        verify=all_of(*(column_type_is(one.key, one.name, one.to_type) for one in changes)),
        rollback=atomically(*around_views(facts, [table.key], back)) if tiny else (),
        reversible=tiny,
        deploy=reconnect([table.key]),
        notes=(
            *view_notes(facts, [table.key]),
            *(("The table is small enough to be written anew under the lock.",) if tiny else ()),
            *(("Narrowing it again would write the table anew: see the values first.",) if not tiny else ()),
            *(() if all(map(_keeps_spelling, changes)) else (_SPELLING,)),
            *recycle_notes(facts, [table.key]),
        ),
    )  # fmt: skip
    for one in checks:
        if one.validated:
            yield scan(
                Phase.BACKFILL,
                f"Check the rows of {table.path} against {one.name} again",
                f"{alter} VALIDATE CONSTRAINT {ident(one.name)}",
                takes=estimates.work(facts, table),
                verify=constraint_is(table.key, one.name),
            )


def _keeps_spelling(change: Change) -> bool:
    """Whether a text, or what is kept as one, comes back to the letter."""
    old, new = TypeName.read(change.column.type).base, TypeName.read(change.to_type).base
    return old not in {"json", *_TEXTS} or new in {"json", *_TEXTS}


def _alter_type(change: Change) -> str:
    name, using = ident(change.name), change.using
    if using is None or (not estimates.is_tiny(change.table) and "at time zone 'utc'" in using.lower()):
        # In a session whose zone is UTC the plain change means the same, and leaves the table as it is.
        return f"ALTER COLUMN {name} TYPE {change.to_type}"
    return f"ALTER COLUMN {name} TYPE {change.to_type} USING {using.replace('{column}', name)}"


def _using_back(change: Change) -> str:
    """A boolean becomes no number by itself."""
    return f" USING {change.backward(ident(change.name))}" if change.to_type == "boolean" else ""


def _unproven(check: Constraint) -> str:
    return f"{(check.definition or '').removesuffix(' NOT VALID')} NOT VALID"


# --- new columns beside the old ones -----------------------------------------------------------------------------


def _prove(plan: Retyping) -> Iterator[Draft]:
    """Find the values that do not convert before anything depends on them."""
    for one in plan.changes:
        if not one.guarded:
            continue
        function, name, table = qualified(one.fits), ident(one.name), qualified(one.key)
        body = f"""
BEGIN
  PERFORM {one.forward("value")};
  RETURN true;
EXCEPTION WHEN OTHERS THEN
  RETURN false;
END
"""
        yield brief(
            plan.facts,
            Phase.EXPAND,
            f"Prove that every value of {one.path} becomes {one.to_type}",
            f"CREATE OR REPLACE FUNCTION {function}(value {one.column.type}) RETURNS boolean LANGUAGE plpgsql STABLE "
            f"SET search_path = pg_catalog, {ident(one.table.schema)}, public AS {dollar(body)}",
            lock=ACCESS_SHARE,
            takes=estimates.work(plan.facts, one.table),
            verify=f"SELECT NOT EXISTS (SELECT FROM {table} WHERE NOT {function}({name}))",
            rollback=(f"DROP FUNCTION IF EXISTS {function}({one.column.type})",),
            notes=(
                (
                    f"SELECT … FROM {table} WHERE NOT {function}({name}) lists those that do not: mend them, and the "
                    "code that writes them, first. Until the switch such a value becomes NULL in the new column."
                ),
            ),
        )


def _expand(plan: Retyping) -> Iterator[Draft]:
    for table in plan.tables:
        changes = plan.of(table.key)
        alter = f"ALTER TABLE {qualified(table.key)}"
        columns = ", ".join(f"ADD COLUMN {ident(one.shadow)} {one.to_type}" for one in changes)
        added = [(ident(one.shadow), one.to_type) for one in changes]
        yield from add_there_first(plan.facts, table.key, added, renamed=True)
        yield brief(
            plan.facts,
            Phase.EXPAND,
            f"Add {', '.join(one.shadow for one in changes)} to {table.path} and keep it equal to the old column",
            f"{alter} {columns}",
            *sync_trigger(plan, table.key, FORWARD),
            precondition=no_dependents(table.key, *(one.name for one in changes), but_views=True),
            verify=any_of(plan.done, all_of(*(column_is(table.key, one.shadow) for one in changes))),
            rollback=atomically(
                *end_sync(plan, table.key, FORWARD, careful=True),
                f"{alter} {', '.join(f'DROP COLUMN IF EXISTS {ident(one.shadow)}' for one in changes)}",
            ),
            notes=(
                "SELECT * and RETURNING * see the new column at once; prepared ones fail once.",
                *star_notes(plan.facts, [table.key]),
                (
                    "Views, policies and triggers that name the old column must be recreated in the switch; the "
                    "precondition tells whether there are any. Grants on single columns have to be repeated."
                ),
            ),
        )


def _widen_sequences(plan: Retyping) -> Iterator[Draft]:
    """Let a sequence count beyond the old type once the column can hold it."""
    for one in plan.changes:
        sequence = plan.facts.sequence(one.column.sequence)
        wanted = BITS.get(one.to_type)
        if sequence is None or wanted is None or one.column.identity is not None or (sequence.bits or 64) >= wanted:
            continue
        before = next((name for name, bits in BITS.items() if bits == sequence.bits), "integer")
        name = qualified(sequence.key)
        yield brief(
            plan.facts,
            Phase.SWITCH,
            f"Let the sequence {sequence.path} count as {one.to_type}",
            f"ALTER SEQUENCE {name} AS {one.to_type}",
            lock=SHARE_ROW_EXCLUSIVE,
            precondition=column_type_is(one.key, one.name, one.to_type),
            verify=sequence_is(sequence.key, f"seqtypid = {literal(one.to_type)}::regtype"),
            rollback=(f"ALTER SEQUENCE {name} AS {before}",),
            notes=("Only nextval of this sequence waits, for the instant of the change.",),
        )


def _fill(plan: Retyping) -> Iterator[Draft]:
    for table in plan.tables:
        changes = plan.of(table.key)
        missing = " OR ".join(f"({ident(one.name)} IS NOT NULL AND {ident(one.shadow)} IS NULL)" for one in changes)
        yield backfill(
            plan.facts,
            table.key,
            f"Convert the old rows of {table.path}",
            assignments=", ".join(f"{ident(one.shadow)} = {ident(one.shadow)}" for one in changes),
            condition=missing,
            keeper="trigger",
            verify=plan.converted(table.key),
            notes=("Writing a row is enough: the trigger converts it.",),
        )
        required = [one.shadow for one in changes if not one.column.nullable]
        if required:
            yield from until(plan.done, forbid_nulls(plan.facts, table.key, required, phase=Phase.BACKFILL))


def _constrain(plan: Retyping) -> Iterator[Draft]:
    for table in plan.tables:
        for index in plan.indexes(table.key):
            yield from build(plan.facts, Phase.BACKFILL, plan.twin(index))
    for table in plan.tables:
        for check in plan.checks(table.key):
            yield from _twin_constraint(plan, check, plan.rewrite(table.key, _unproven(check)))
    for key in plan.foreign_keys:
        yield from _twin_constraint(plan, key, f"{plan.reference(key)} NOT VALID")
    for table in plan.tables:
        yield online(
            Phase.BACKFILL,
            f"Analyse {table.path}, so that the new column has statistics before it carries traffic",
            f"ANALYZE {qualified(table.key)}",
            takes=estimates.analysis(plan.facts, table),
            verify=column_type_is(table.key, plan.of(table.key)[0].name, plan.of(table.key)[0].column.type),
        )


def _twin_constraint(plan: Retyping, constraint: Constraint, definition: str) -> Iterator[Draft]:
    name, table, referred = plan.temporary(constraint.name), constraint.table_key, constraint.referenced_key
    alter = f"ALTER TABLE {qualified(table)}"
    yield brief(
        plan.facts,
        Phase.BACKFILL,
        f"Declare the twin of {constraint.name} on {'.'.join(table)}",
        *(lock_tables(plan.facts, [], only_writers=[table, referred]) if referred is not None else ()),
        f"{alter} ADD CONSTRAINT {ident(name)} {definition}",
        lock=SHARE_ROW_EXCLUSIVE if constraint.kind == "foreign-key" else ACCESS_EXCLUSIVE,
        verify=constraint_is(table, name, "true"),
        rollback=(f"{alter} DROP CONSTRAINT IF EXISTS {ident(name)}",),
    )
    if constraint.validated:
        yield scan(
            Phase.BACKFILL,
            f"Check the rows of {'.'.join(table)} against the twin of {constraint.name}",
            f"{alter} VALIDATE CONSTRAINT {ident(name)}",
            takes=estimates.work(plan.facts, plan.facts.table(table)),
            verify=constraint_is(table, name),
        )

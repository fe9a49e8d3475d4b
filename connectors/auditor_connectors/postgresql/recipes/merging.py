"""Makes a companion table part of the table that it belongs to, by way of a trigger and of a view in its place."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.connector import Draft
from auditor.model.facts import Facts
from auditor.model.operation import MergeTables
from auditor.model.vocabulary import Phase
from auditor_connectors.postgresql.recipes import estimates
from auditor_connectors.postgresql.recipes.backfilling import in_batches, quietly
from auditor_connectors.postgresql.recipes.building import build
from auditor_connectors.postgresql.recipes.companions import Companion, find_link
from auditor_connectors.postgresql.recipes.constraints import validation
from auditor_connectors.postgresql.recipes.locking import lock_tables
from auditor_connectors.postgresql.recipes.merging_obstacles import obstacles
from auditor_connectors.postgresql.recipes.merging_switch import contract, switch
from auditor_connectors.postgresql.recipes.merging_view import carry_forward
from auditor_connectors.postgresql.recipes.queries import (
    all_of,
    column_absent,
    column_is,
    constraint_is,
    no_orphans,
    present,
    trigger_is,
)
from auditor_connectors.postgresql.recipes.reconnecting import star_notes
from auditor_connectors.postgresql.recipes.sql import ident, literal, qualified
from auditor_connectors.postgresql.recipes.steps import (
    ROW_EXCLUSIVE,
    ROW_LOCK_TIMEOUT,
    SHARE_ROW_EXCLUSIVE,
    atomically,
    brief,
    online,
    runbook,
    scan,
    until,
)
from auditor_connectors.postgresql.recipes.subscribers import add_there_first


def merge_tables(operation: MergeTables, facts: Facts) -> Iterator[Draft]:
    """Add the columns and a trigger, fill them, move readers, put a view in the companion's place; then drop it."""
    table, other = facts.table((operation.schema, operation.table)), facts.table((operation.schema, operation.other))
    link = find_link(facts, table, other) if table is not None and other is not None else None
    if table is None or other is None:
        yield _by_hand(operation, "one of the tables is not in the snapshot")
    elif table is other:
        yield _by_hand(operation, "it is the same table")
    elif link is None:
        yield _by_hand(
            operation,
            f"{other.path} has no valid foreign key to {table.path} that is checked at once and whose columns are NOT "
            "NULL and unique themselves, so that a row may have several companions, or none may be its own",
        )
    else:
        plan = Companion(facts, table, other, operation, link)
        if found := list(dict.fromkeys(obstacles(plan))):
            yield _by_hand(operation, "; ".join(found))
            return
        yield from add_there_first(facts, table.key, _definitions(plan), renamed=False)
        yield from until(present(plan.old), (*_expand(plan), *_fill(plan), *_constrain(plan)))
        yield from switch(plan)
        yield from contract(plan)


def _by_hand(operation: MergeTables, why: str) -> Draft:
    here = f"{operation.schema}.{operation.table}"
    return runbook(
        Phase.REARCHITECT,
        f"Make {operation.schema}.{operation.other} part of {here}",
        notes=(f"It cannot be done by these steps: {why}.",),
    )


def _definitions(plan: Companion) -> list[tuple[str, str]]:
    """The new columns with their types, as they are added: NULL at first, so that no row is written anew."""
    found = []
    for column in plan.moved:
        collation = f" COLLATE {ident(column.collation)}" if column.collation is not None else ""
        found.append((ident(plan.names[column.name]), f"{column.type}{collation}"))
    if plan.flag is not None:
        found.append((ident(plan.flag), "boolean NOT NULL DEFAULT false"))
    return found


# --- the new columns ---------------------------------------------------------------------------------------------


def _expand(plan: Companion) -> Iterator[Draft]:
    here, path, key = qualified(plan.table.key), plan.table.path, plan.table.key
    columns = [f"ADD COLUMN {name} {kind}" for name, kind in _definitions(plan)]
    checks = [f"ADD CONSTRAINT {ident(name)} CHECK ({rule}) NOT VALID" for name, rule in plan.checks()]
    drops = [f"DROP CONSTRAINT IF EXISTS {ident(name)}" for name, _ in plan.checks()]
    drops += [f"DROP COLUMN IF EXISTS {ident(name)}" for name in plan.added]
    comments = (
        f"COMMENT ON COLUMN {here}.{ident(plan.names[column.name])} IS {literal(column.comment)}"
        for column in plan.moved
        if column.comment is not None
    )
    # The columns and what keeps them current come and go together, so that no part is ever out of date.
    yield brief(
        plan.facts,
        Phase.EXPAND,
        f"Add the columns of {plan.other.path} to {path}, and carry every new change over",
        *lock_tables(plan.facts, [key], only_writers=[plan.other.key]),
        f"ALTER TABLE {here} {', '.join([*columns, *checks])}",
        *comments,
        *carry_forward(plan),
        precondition=all_of(plan.unhindered, *(column_absent(key, name) for name in plan.added)),
        verify=all_of(
            trigger_is(plan.other.key, plan.forward[1]), *(column_is(key, name) for name in plan.added)
        ),
        rollback=atomically(
            *lock_tables(plan.facts, [key, plan.other.key]),
            f"DROP TRIGGER IF EXISTS {ident(plan.forward[1])} ON {qualified(plan.other.key)}",
            f"DROP FUNCTION IF EXISTS {qualified(plan.forward)}()",
            f"ALTER TABLE {here} {', '.join(drops)}",
        ),
        notes=(
            f"{plan.other.path} becomes: {plan.mapping}.",
            f"{plan.tells} A check forbids that it is there by halves: drop it later, if you like.",
            (
                f"From here on who writes {plan.other.path} also locks the row of {path}. Two transactions that write "
                "both in different orders may meet in a deadlock, which ends one of them: have them try again, as ever."
            ),
            *_fired(plan),
            "SELECT * and RETURNING * see the new columns at once; prepared ones fail once.",
            *star_notes(plan.facts, [key]),
            *_readers(plan),
        ),
    )  # fmt: skip


def _readers(plan: Companion) -> Iterator[str]:
    """Say who could not read the companion and will."""
    grants = [
        {grant.grantee for grant in plan.facts.grants_on("table", *key) if "SELECT" in grant.privileges}
        for key in (plan.table.key, plan.other.key)
    ]
    if (new := sorted(grants[0] - grants[1])) and "PUBLIC" not in grants[1]:
        yield (
            f"{', '.join(new)} may read {plan.table.path} and not {plan.other.path} today, and will read both: grant "
            "columns in place of the table first, where that must not be."
        )


def _fired(plan: Companion) -> Iterator[str]:
    names = [one.name for one in plan.facts.triggers if one.table_key == plan.table.key and "update" in one.events]
    if names:
        yield f"It updates {plan.table.path}, so that its triggers fire ({', '.join(sorted(names))}): see what they do."


# --- the rows, and the rules -------------------------------------------------------------------------------------


def _fill(plan: Companion) -> Iterator[Draft]:
    here = qualified(plan.table.key)
    differing = f"{plan.image('a', here=True)} OPERATOR(pg_catalog.*<>) {plan.image('b', here=False, flag='true')}"

    # FOR SHARE keeps a row from being changed between the moment it is read and the moment its copy can be seen.
    def copy(table: str, pages: str) -> str:
        return (
            f"WITH b AS MATERIALIZED (SELECT * FROM {table} WHERE {pages} FOR SHARE) UPDATE {here} a "
            f"SET {plan.assigned('b')} FROM b WHERE {plan.matches('a', 'b')} AND {differing}"
        )

    block = in_batches(plan.facts, plan.other.key, copy, "trigger")
    statements, warnings = quietly(plan.facts, plan.table, block)
    yield online(
        Phase.BACKFILL,
        f"Bring the rows of {plan.other.path} into {plan.table.path}",
        *statements,
        takes=_takes(plan),
        disk=estimates.backfill_disk(plan.table),
        lock=ROW_EXCLUSIVE,
        lock_timeout=ROW_LOCK_TIMEOUT,
        precondition=trigger_is(plan.other.key, plan.forward[1]),
        verify=plan.complete,
        notes=(
            *warnings,
            "It can be stopped and run again at any time: rows that are done are skipped.",
            "It writes a row anew for each that is brought over: watch the lag of replicas and the dead rows.",
            "Its verification reads both tables, and compares every value.",
        ),
    )


def _takes(plan: Companion) -> estimates.Estimate:
    """As an update of the rows that have a part."""
    found = estimates.backfill(plan.facts, plan.table)
    rows = plan.facts.rows(plan.table)
    share = min(1.0, plan.facts.rows(plan.other) / rows) if rows else 1.0
    return found._replace(
        value=None if found.value is None else round(share * found.value, 3),
        wal=None if found.wal is None else int(share * found.wal),
        basis=f"{share:.0%} of: {found.basis}",
    )


def _constrain(plan: Companion) -> Iterator[Draft]:
    key, path = plan.table.key, plan.table.path
    alter, checks = f"ALTER TABLE {qualified(key)}", [name for name, _ in plan.checks()]
    if checks:
        yield scan(
            Phase.BACKFILL,
            f"Check the rows of {path} against the rules of {plan.other.path}",
            f"{alter} {', '.join(f'VALIDATE CONSTRAINT {ident(name)}' for name in checks)}",
            takes=estimates.work(plan.facts, plan.table, len(checks)),
            verify=all_of(*(constraint_is(key, name) for name in checks)),
        )
    for name, reference, definition in plan.references():
        target = reference.referenced_key or ("", "")
        columns = [plan.names[column] for column in reference.columns]
        known = no_orphans(key, columns, target, reference.referenced_columns)
        yield brief(
            plan.facts,
            Phase.BACKFILL,
            f"Declare that {path} refers to {'.'.join(target)} as {plan.other.path} does",
            *lock_tables(plan.facts, [], only_writers=[key, target]),
            f"{alter} ADD CONSTRAINT {ident(name)} {definition} NOT VALID",
            lock=SHARE_ROW_EXCLUSIVE,
            verify=constraint_is(key, name, "true"),
            rollback=(f"{alter} DROP CONSTRAINT IF EXISTS {ident(name)}",),
        )
        yield validation(plan.facts, plan.table, key, name, known)
    for index in plan.indexes():
        yield from build(plan.facts, Phase.BACKFILL, index)
    yield online(
        Phase.BACKFILL,
        f"Analyse {path}, so that the new columns have statistics before they are read",
        f"ANALYZE {qualified(key)}",
        takes=estimates.analysis(plan.facts, plan.table),
        verify=all_of(*(column_is(key, name) for name in plan.added)),
    )

"""The switch from a companion table to a view over the table that it has become part of, its way back, and the end."""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.connector import Draft
from auditor.model.vocabulary import Phase
from auditor_connectors.drafting import application
from auditor_connectors.postgresql.recipes import estimates
from auditor_connectors.postgresql.recipes.companions import Companion
from auditor_connectors.postgresql.recipes.dependents import around_views, view_notes, views_over
from auditor_connectors.postgresql.recipes.locking import NEXT_LOCK_MILLISECONDS, lock_tables
from auditor_connectors.postgresql.recipes.merging_numbers import (
    default_of,
    draw_from_identity,
    draw_from_sequence,
    hand_over,
    numbers,
)
from auditor_connectors.postgresql.recipes.merging_view import carry_back, carry_forward, create_view, drop_view
from auditor_connectors.postgresql.recipes.queries import (
    absent,
    all_of,
    constraint_is,
    no_readers,
    present,
    relation_is,
    trigger_is,
    usable,
)
from auditor_connectors.postgresql.recipes.reconnecting import NAMED, excerpt
from auditor_connectors.postgresql.recipes.sql import ident, mentions, qualified
from auditor_connectors.postgresql.recipes.steps import OBSERVATION_DAYS, atomically, brief

_NOT_TAKEN = re.compile(r"\bON\s+CONFLICT\b|^\s*(MERGE|TRUNCATE)\b", re.IGNORECASE)

_THROUGH_THE_VIEW = (
    "The view takes SELECT (FOR UPDATE, too), INSERT, UPDATE, DELETE, RETURNING and COPY FROM. It does not take INSERT "
    "… ON CONFLICT, MERGE, TRUNCATE, COPY TO, new foreign keys and triggers, nor an UPDATE that names {key}: look for "
    "these in the code first."
)


def switch(plan: Companion) -> Iterator[Draft]:
    """Draft what readers do, the view that takes the companion's place, and what writers do then."""
    other, path = plan.other.path, plan.table.path
    objects = (plan.table.path, plan.other.path)
    yield application(
        Phase.SWITCH,
        f"Read from {path} what {other} holds",
        f"Leave the join out: {plan.mapping}. Move readers by a flag, 1%, 10%, 50%, then all, comparing both results "
        "on a sample.",
        _THROUGH_THE_VIEW.format(key=", ".join(plan.key)),
        *_refused(plan),
        f"What still writes {other} goes on: the trigger now, a view later, carries it over. Who deletes from the view "
        "a row that another session has changed in the same moment gets a serialization failure (40001): try again.",
        kind="move-reads",
        objects=objects,
    )
    forward = (
        f"DROP TRIGGER {ident(plan.forward[1])} ON {qualified(plan.other.key)}",
        f"DROP FUNCTION {qualified(plan.forward)}()",
        f"ALTER TABLE {qualified(plan.other.key)} RENAME TO {ident(plan.old[1])}",
        *draw_from_sequence(plan),
        *create_view(plan),
        *carry_back(plan),
    )
    yield brief(
        plan.facts,
        Phase.SWITCH,
        f"Put a view over {path} in the place of {other}",
        *lock_tables(plan.facts, [plan.other.key], only_writers=[plan.table.key]),
        *around_views(plan.facts, [plan.other.key], forward),
        takes=estimates.Estimate(3 * estimates.BRIEF_SECONDS, "a few changes of the catalog"),
        precondition=all_of(*_ready(plan)),
        verify=all_of(
            relation_is(plan.other.key, "relkind = 'v'"),
            present(plan.old),
            trigger_is(plan.table.key, plan.backward[1]),
        ),
        rollback=atomically(*around_views(plan.facts, [plan.other.key], _back(plan))),
        notes=(
            *view_notes(plan.facts, [plan.other.key]),
            (
                f"A trigger goes on carrying every part into the old table {'.'.join(plan.old)}, so that it can be put "
                "back and nothing is lost."
            ),
            "The precondition reads both tables: every row must have been brought over.",
        ),
    )
    yield application(
        Phase.SWITCH,
        f"Write to {path} what belonged to {other}",
        f"{plan.tells} To take a part away, empty all of {', '.join(plan.added)}.",
        *_defaults(plan),
        kind="move-writes",
        objects=objects,
    )


def _refused(plan: Companion) -> Iterator[str]:
    """Name the statements that the view will not take, as far as the statement statistics tell."""
    found = sorted(
        (one for one in plan.facts.statements if _NOT_TAKEN.search(one.text) and mentions(one.text, plan.other.name)),
        key=lambda one: (-one.calls, one.text),
    )
    if found:
        named = "; ".join(f"{excerpt(one.text)} ({one.calls:,} calls)" for one in found[:NAMED])
        more = f"; and {len(found) - NAMED} more" if len(found) > NAMED else ""
        yield f"These would fail, as far as pg_stat_statements tells: {named}{more}."


def _defaults(plan: Companion) -> Iterator[str]:
    named = [plan.names[column.name] for column in plan.moved if default_of(column) is not None]
    if named:
        yield f"Give {', '.join(named)} a value always: {plan.table.path} has no default for rows without a part."
    for column, sequence in numbers(plan):
        yield (
            f"{plan.names[column.name]} is the number of a part: draw it from the sequence {'.'.join(sequence)} when a "
            "row gets its part."
        )


def _ready(plan: Companion) -> Iterator[str]:
    """Write the queries that are true when all that the switch relies on is there, and complete."""
    yield plan.unhindered
    yield trigger_is(plan.other.key, plan.forward[1])
    yield from (constraint_is(plan.table.key, name) for name, _ in plan.checks())
    yield from (constraint_is(plan.table.key, name) for name, _, _ in plan.references())
    yield from (usable(index.key) for index in plan.indexes())
    yield plan.complete


def _back(plan: Companion) -> tuple[str, ...]:
    """Write the way back of the switch: the view's lock first, as its users take it before that of the table."""
    return (
        *drop_view(plan),
        f"SET LOCAL lock_timeout = '{NEXT_LOCK_MILLISECONDS}ms'",
        *(f"LOCK TABLE {qualified(key)} IN ACCESS EXCLUSIVE MODE" for key in (plan.table.key, plan.old)),
        f"DROP TRIGGER {ident(plan.backward[1])} ON {qualified(plan.table.key)}",
        f"DROP FUNCTION {qualified(plan.backward)}()",
        f"ALTER TABLE {qualified(plan.old)} RENAME TO {ident(plan.other.name)}",
        *draw_from_identity(plan),
        *carry_forward(plan),
    )


# --- the end -----------------------------------------------------------------------------------------------------


def contract(plan: Companion) -> Iterator[Draft]:
    """Draft the end of the view, and after it that of the old table."""
    other, key, old = plan.other.path, plan.other.key, ".".join(plan.old)
    views = views_over(plan.facts, [key])
    yield application(
        Phase.CONTRACT,
        f"Name {other} no more",
        "Search the code and the statement statistics for it.",
        *([f"These views read it: let them read {plan.table.path} first: {', '.join(views)}."] if views else []),
        kind="stop-using",
        objects=(other,),
    )
    yield brief(
        plan.facts,
        Phase.CONTRACT,
        f"Drop the view {other}",
        *drop_view(plan),
        precondition=all_of(relation_is(key, "relkind = 'v'"), present(plan.old), no_readers(key)),
        verify=absent(key),
        rollback=atomically(*create_view(plan)),
        observe_days=OBSERVATION_DAYS,
        notes=("Who still names it gets an error from here on, and making it again takes an instant.",),
    )
    others = {reference.referenced_key or ("", "") for _, reference, _ in plan.references()}
    yield brief(
        plan.facts,
        Phase.CONTRACT,
        f"Drop the old table {old}",
        *lock_tables(plan.facts, [plan.table.key, *others]),
        f"DROP TRIGGER {ident(plan.backward[1])} ON {qualified(plan.table.key)}",
        f"DROP FUNCTION {qualified(plan.backward)}()",
        *hand_over(plan),
        f"DROP TABLE {qualified(plan.old)}",
        precondition=all_of(absent(key), present(plan.old), trigger_is(plan.table.key, plan.backward[1])),
        verify=absent(plan.old),
        reversible=False,
        point_of_no_return=True,
        observe_days=OBSERVATION_DAYS,
        notes=(
            "Until here the old table is current and can be put back. Take a backup and have the drop approved.",
            *_kept(plan),
        ),
    )


def _kept(plan: Companion) -> Iterator[str]:
    if plan.link.on_delete in ("no action", "restrict"):
        yield f"{plan.link.name} goes with it: it kept rows of {plan.table.path} that have a part from being deleted."

"""What follows the switch to a table with tables of the same columns as its partitions: its users, and its key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from auditor.connector import Draft
from auditor.model.catalog import Key
from auditor.model.vocabulary import Phase
from auditor_connectors.drafting import application
from auditor_connectors.postgresql.recipes import estimates
from auditor_connectors.postgresql.recipes.clones import Clones
from auditor_connectors.postgresql.recipes.clones_attaching import attach, detach, lock_whole
from auditor_connectors.postgresql.recipes.clones_numbering import retired_sequences
from auditor_connectors.postgresql.recipes.queries import all_of, constraint_absent, constraint_is
from auditor_connectors.postgresql.recipes.sql import ident, idents, qualified, regclass
from auditor_connectors.postgresql.recipes.steps import OBSERVATION_DAYS, brief, online


def use(plan: Clones) -> Iterator[Draft]:
    """Draft what readers and writers do once the table is there."""
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


def contract(plan: Clones) -> Draft:
    """Draft the end of what the way back needed, and with it the primary key of the whole where there is one."""
    drops = [f"ALTER TABLE {qualified(table.key)} DROP CONSTRAINT {ident(plan.proof)}" for table in plan.tables]
    gone = [f"DROP SEQUENCE {qualified(sequence)}" for sequence in retired_sequences(plan)]
    proven = all_of(plan.done, *(constraint_is(table.key, plan.proof) for table in plan.tables))
    dropped = [constraint_absent(table.key, plan.proof) for table in plan.tables]
    if not plan.becomes_primary or plan.primary is None:
        return brief(
            plan.facts,
            Phase.CONTRACT,
            f"Drop what only the way back of {plan.path} needed",
            *lock_whole(plan),
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
        *lock_whole(plan),
        *detach(plan),
        f"DROP INDEX {qualified((plan.key[0], plan.unique_name))}",
        *_swap_keys(plan),
        f"ALTER TABLE {qualified(plan.key)} ADD CONSTRAINT {ident(plan.primary_name)} PRIMARY KEY "
        f"({idents(plan.key_columns)})",
        *attach(plan),
        *drops,
        *gone,
        precondition=all_of(proven, _nobody_needs_keys(table.key for table in plan.tables), _others_are_small(plan)),
        verify=all_of(constraint_is(plan.key, plan.primary_name), *dropped),
        reversible=False,
        point_of_no_return=True,
        observe_days=OBSERVATION_DAYS,
        notes=(
            (
                "The keys of the single tables go, which the new one makes superfluous: ON CONFLICT has to name "
                f"({columns}) from here on, by whatever name the table is written."
            ),
            (
                "Partitions that were added since get their key under the lock, which the precondition allows while "
                f"they are small. Once they have grown, leave this step out: a unique index keeps ({columns}) unique."
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


def _others_are_small(plan: Clones) -> str:
    """Write the query that is true when the partitions that were added since can be given their key under the lock."""
    listed = ", ".join(regclass(table.key) for table in plan.tables)
    return (
        f"SELECT coalesce(sum(pg_relation_size(inhrelid)), 0) <= {estimates.SMALL_TABLE_BYTES} FROM pg_inherits WHERE "
        f"inhparent = {regclass(plan.key)} AND inhrelid NOT IN ({listed})"
    )


def _kept_keys(plan: Clones) -> Iterator[str]:
    if plan.primary is not None:
        names = ", ".join(one.path for one in plan.referring)
        yield (
            f"The tables keep their own primary keys, to which others refer ({names}), and {plan.path} has a unique "
            "index in place of one."
        )

"""Gives a key of a document a column of its own, by way of a trigger that keeps both alike until nobody reads the key.

The column is stored: one that is computed when it is read (version 18) can neither be indexed nor refuse a value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from auditor.connector import Draft
from auditor.model.catalog import Key, Table
from auditor.model.facts import Facts
from auditor.model.operation import ExtractJson
from auditor.model.vocabulary import Phase
from auditor_connectors.drafting import application
from auditor_connectors.postgresql.recipes import estimates
from auditor_connectors.postgresql.recipes.backfilling import backfill
from auditor_connectors.postgresql.recipes.building import NewIndex, build
from auditor_connectors.postgresql.recipes.queries import (
    all_of,
    column_absent,
    column_is,
    trigger_is,
    usable,
)
from auditor_connectors.postgresql.recipes.reconnecting import star_notes
from auditor_connectors.postgresql.recipes.sql import (
    dollar,
    free_name,
    ident,
    literal,
    qualified,
    relation_name,
    short_hash,
)
from auditor_connectors.postgresql.recipes.steps import (
    ACCESS_SHARE,
    OBSERVATION_DAYS,
    atomically,
    brief,
    online,
    runbook,
)
from auditor_connectors.postgresql.recipes.subscribers import add_there_first

_TYPE = re.compile(r'[A-Za-z_][\w. "]*(\(\d+(, ?\d+)?\)[\w ]*)?(\[\])?\Z')

_RULES = "-- The column rules."
"""What tells the second form of the trigger's function from the first."""


class Extraction:
    """The document, the key, the new column, and the conversion between the two."""

    def __init__(self, facts: Facts, table: Table, operation: ExtractJson) -> None:
        self.facts, self.table, self.key, self.type = facts, table, table.key, operation.type
        names = [column.name for column in table.columns]
        wanted = operation.name or operation.keys[-1]
        self.name = wanted if wanted not in names and len(wanted.encode()) <= 63 else free_name(wanted, "value", names)
        self.document, self.keys = operation.column, operation.keys
        mark = short_hash(*table.key, operation.column, *operation.keys)
        # Triggers fire in the order of their names: this one must see what the others have made of a row.
        self.trigger: Key = (table.schema, f"zzz_auditor_extract_{mark}")
        self.fits: Key = (table.schema, f"auditor_fits_{mark}")
        self.path = f"ARRAY[{', '.join(literal(key) for key in operation.keys)}]::text[]"

    @property
    def title(self) -> str:
        """The key as titles name it."""
        return f"{'.'.join(self.keys)} in {self.table.column_path(self.document)}"

    def text(self, row: str = "") -> str:
        """Write the key's value as a text."""
        return f"({row}{ident(self.document)} #>> {self.path})"

    @property
    def guarded(self) -> bool:
        """Whether a value may fail to fit."""
        return self.type != "text"

    @property
    def fitting(self) -> str:
        """Write the key's value in the column's type, NULL where it does not fit."""
        if not self.guarded:
            return self.text()
        return f"CASE WHEN {qualified(self.fits)}{self.text()} THEN {self.text()}::{self.type} END"

    @property
    def all_fit(self) -> str:
        """The query that is true when every value fits. It reads the table."""
        return f"SELECT NOT EXISTS (SELECT FROM {qualified(self.key)} WHERE NOT {qualified(self.fits)}{self.text()})"

    @property
    def filled(self) -> str:
        """The query that is true when no value that fits is missing in the column. It reads the table."""
        return (
            f"SELECT NOT EXISTS (SELECT FROM {qualified(self.key)} WHERE {self.fitting} IS DISTINCT FROM "
            f"{ident(self.name)} AND {self.text()} IS NOT NULL)"
        )

    def function(self, *, column_rules: bool) -> str:
        """Write the trigger's function: at first either side may be written, later the column alone counts.

        Whatever is written is filled too: the batches pass over a row that somebody else moves to another page.
        """
        name, document = f"NEW.{ident(self.name)}", f"NEW.{ident(self.document)}"
        if column_rules:
            decide = f"  {_RULES}\n"
        else:
            decide = f"""  IF TG_OP = 'INSERT' THEN
    IF {name} IS NULL THEN
      {name} := there;
    END IF;
  ELSIF {name} IS NOT DISTINCT FROM OLD.{ident(self.name)} THEN
    IF {name} IS NULL OR {document} #> {self.path} IS DISTINCT FROM OLD.{ident(self.document)} #> {self.path} THEN
      {name} := there;
    END IF;
    RETURN NEW;
  END IF;
"""
        parents = "".join(
            f"      IF {document} #> ({self.path})[1:{depth}] IS NULL THEN\n"
            f"        {document} := jsonb_set({document}, ({self.path})[1:{depth}], '{{}}');\n"
            "      END IF;\n"
            for depth in range(1, len(self.keys))
        )
        body = f"""
DECLARE
  there {self.type};
BEGIN
  BEGIN
    there := {self.text("NEW.")}::{self.type};
  EXCEPTION WHEN OTHERS THEN
    there := NULL;
  END;
{decide}  IF {name} IS DISTINCT FROM there THEN
    BEGIN
      {document} := coalesce({document}, '{{}}');
{parents}      {document} := CASE WHEN {name} IS NULL THEN {document} #- {self.path}
        ELSE jsonb_set({document}, {self.path}, to_jsonb({name})) END;
    EXCEPTION WHEN OTHERS THEN
      NULL;  -- no object that could hold the key
    END;
  END IF;
  RETURN NEW;
END
"""
        return (
            f"CREATE OR REPLACE FUNCTION {qualified(self.trigger)}() RETURNS trigger LANGUAGE plpgsql "
            f"SET search_path = pg_catalog, {ident(self.key[0])}, public AS {dollar(body)}"
        )

    @property
    def is_ruled_by_column(self) -> str:
        """The query that is true when the trigger's function is in its second form."""
        name = literal(f"{qualified(self.trigger)}()")
        return (
            f"SELECT EXISTS (SELECT FROM pg_proc WHERE oid = to_regprocedure({name}) "
            f"AND strpos(prosrc, {literal(_RULES)}) > 0)"
        )


def extract_json(operation: ExtractJson, facts: Facts) -> Iterator[Draft]:
    """Add the column and the trigger, fill it, move readers, then writers; then drop the key from the documents."""
    table = facts.table((operation.schema, operation.table))
    column = table.column(operation.column) if table is not None else None
    obstacle = (
        "the column is not in the snapshot" if table is None or column is None
        else "the column is no jsonb: change its type first" if column.family != "jsonb"
        else "the table is partitioned, or a partition" if table.kind != "table" or table.parent is not None
        else "it names no key" if not operation.keys
        else "its type is not written as one" if not _TYPE.match(operation.type)
        else None
    )  # fmt: skip
    if table is None or obstacle is not None:
        yield runbook(
            Phase.REARCHITECT,
            f"Give {'.'.join(operation.keys)} in {operation.schema}.{operation.table}.{operation.column} a column",
            notes=(f"It cannot be done by these steps: {obstacle}.",),
        )
        return
    plan = Extraction(facts, table, operation)
    if plan.guarded:
        yield _prove(plan)
    yield from _expand(plan)
    yield from _fill(plan, index=operation.index)
    yield from _move(plan, index=operation.index)
    yield from _contract(plan)


def _prove(plan: Extraction) -> Draft:
    function, table = qualified(plan.fits), qualified(plan.key)
    body = f"""
BEGIN
  PERFORM value::{plan.type};
  RETURN true;
EXCEPTION WHEN OTHERS THEN
  RETURN false;
END
"""
    return brief(
        plan.facts,
        Phase.EXPAND,
        f"Prove that every {plan.title} fits {plan.type}",
        f"CREATE OR REPLACE FUNCTION {function}(value text) RETURNS boolean LANGUAGE plpgsql STABLE "
        f"SET search_path = pg_catalog, {ident(plan.key[0])}, public AS {dollar(body)}",
        lock=ACCESS_SHARE,
        takes=estimates.work(plan.facts, plan.table),
        verify=plan.all_fit,
        rollback=(f"DROP FUNCTION IF EXISTS {function}(text)",),
        notes=(
            (
                f"SELECT … FROM {table} WHERE NOT {function}{plan.text()} lists those that do not: mend them, and the "
                "code that writes them, first. A value that comes later and does not fit leaves the column empty; the "
                "write does not fail."
            ),
        ),
    )


def _expand(plan: Extraction) -> Iterator[Draft]:
    alter, table = f"ALTER TABLE {qualified(plan.key)}", qualified(plan.key)
    trigger = ident(plan.trigger[1])
    yield from add_there_first(plan.facts, plan.key, [(ident(plan.name), plan.type)], renamed=False)
    missing = column_absent(plan.key, plan.name)
    yield brief(
        plan.facts,
        Phase.EXPAND,
        f"Add {plan.name} to {plan.table.path} and keep it and {'.'.join(plan.keys)} alike",
        f"{alter} ADD COLUMN {ident(plan.name)} {plan.type}",
        plan.function(column_rules=False),
        f"CREATE TRIGGER {trigger} BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW "
        f"EXECUTE FUNCTION {qualified(plan.trigger)}()",
        f"{alter} ENABLE ALWAYS TRIGGER {trigger}",
        precondition=all_of(missing, plan.all_fit) if plan.guarded else missing,
        verify=all_of(column_is(plan.key, plan.name), trigger_is(plan.key, plan.trigger[1])),
        rollback=atomically(*_end(plan), f"{alter} DROP COLUMN IF EXISTS {ident(plan.name)}"),
        notes=(
            "Whichever of the two a statement writes, the trigger brings into the other.",
            "SELECT * and RETURNING * see the new column at once; prepared ones fail once.",
            *star_notes(plan.facts, [plan.key]),
        ),
    )


def _end(plan: Extraction) -> tuple[str, ...]:
    return (
        f"DROP TRIGGER IF EXISTS {ident(plan.trigger[1])} ON {qualified(plan.key)}",
        f"DROP FUNCTION IF EXISTS {qualified(plan.trigger)}()",
    )


def _index(plan: Extraction) -> NewIndex:
    name = relation_name(plan.facts, plan.key, (plan.name,), "idx")
    return NewIndex(plan.key, name, f"USING btree ({ident(plan.name)})", (plan.name,))


def _fill(plan: Extraction, *, index: bool) -> Iterator[Draft]:
    yield backfill(
        plan.facts,
        plan.key,
        f"Bring {plan.title} of the old rows into {plan.name}",
        assignments=f"{ident(plan.name)} = {plan.fitting}",
        condition=f"{ident(plan.name)} IS NULL AND {plan.fitting} IS NOT NULL",
        keeper="trigger",
        verify=plan.filled,
    )
    if index:
        yield from build(plan.facts, Phase.BACKFILL, _index(plan))
    yield online(
        Phase.BACKFILL,
        f"Analyse {plan.table.path}, so that {plan.name} has statistics before it is read",
        f"ANALYZE {qualified(plan.key)}",
        takes=estimates.work(plan.facts, plan.table),
        verify=column_is(plan.key, plan.name),
    )


def _move(plan: Extraction, *, index: bool) -> Iterator[Draft]:
    document, column = plan.table.column_path(plan.document), plan.table.column_path(plan.name)
    yield application(
        Phase.SWITCH,
        f"Read {column} in place of {plan.title}",
        "Move readers by a flag, 1%, 10%, 50%, then all, comparing both values on a sample.",
        kind="move-reads",
        objects=(document,),
    )
    yield application(
        Phase.SWITCH,
        f"Write {column}, and the key still with it",
        "A document that is written without the key empties the column until the next step is done.",
        kind="move-writes",
        objects=(document,),
    )
    ready = [trigger_is(plan.key, plan.trigger[1]), plan.filled, *([usable(_index(plan).key)] if index else [])]
    yield brief(
        plan.facts,
        Phase.SWITCH,
        f"Let {column} alone decide what {plan.title} is",
        plan.function(column_rules=True),
        lock=ACCESS_SHARE,
        precondition=all_of(*ready),
        verify=plan.is_ruled_by_column,
        rollback=(plan.function(column_rules=False),),
        notes=("Those who still read the key go on finding it: the trigger writes it into every document.",),
    )
    yield application(
        Phase.SWITCH,
        f"Leave {plan.title} out of what is read and written",
        "Search the code for the key, and the statement statistics for the operators that reach it.",
        kind="stop-using",
        objects=(document,),
    )


def _contract(plan: Extraction) -> Iterator[Draft]:
    yield brief(
        plan.facts,
        Phase.CONTRACT,
        f"End the copying between {plan.name} and {plan.title}",
        *_end(plan),
        *((f"DROP FUNCTION IF EXISTS {qualified(plan.fits)}(text)",) if plan.guarded else ()),
        precondition=all_of(plan.is_ruled_by_column, trigger_is(plan.key, plan.trigger[1]), plan.filled),
        verify=trigger_is(plan.key, plan.trigger[1]).replace("EXISTS", "NOT EXISTS", 1),
        reversible=False,
        point_of_no_return=True,
        observe_days=OBSERVATION_DAYS,
        notes=("Take a backup and have it approved: from here the key and the column may differ.",),
    )
    settled = f"{ident(plan.name)} IS NOT NULL OR {plan.text()} IS NULL"
    held = f"{ident(plan.document)} #> {plan.path} IS NOT NULL AND ({settled})"
    draft = backfill(
        plan.facts,
        plan.key,
        f"Drop {plan.title} of all rows",
        assignments=f"{ident(plan.document)} = {ident(plan.document)} #- {plan.path}",
        condition=held,
        keeper="application",
        verify=f"SELECT NOT EXISTS (SELECT FROM {qualified(plan.key)} WHERE {held})",
        notes=("A value that did not fit the column stays. The step may be left out: nobody reads the key any more.",),
    )
    gone = trigger_is(plan.key, plan.trigger[1]).replace("EXISTS", "NOT EXISTS", 1)
    yield replace(draft, phase=Phase.CONTRACT, step=replace(draft.step, precondition=gone, reversible=False))

"""The recipe for a service that gets a database of its own: its tables move, and the rest stays."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from auditor.connector import Draft
from auditor.model.catalog import Key
from auditor.model.facts import Facts
from auditor.model.operation import MoveSchema
from auditor.model.vocabulary import Phase
from auditor_connectors.postgresql.recipes.moves import Move, cut_references, name_of
from auditor_connectors.postgresql.recipes.moving import follow
from auditor_connectors.postgresql.recipes.moving_switch import end, handed_over, remove_helpers, switch
from auditor_connectors.postgresql.recipes.queries import absent, constraint_absent
from auditor_connectors.postgresql.recipes.sql import ident, qualified
from auditor_connectors.postgresql.recipes.steps import brief, runbook


def move_schema(operation: MoveSchema, facts: Facts) -> Iterator[Draft]:
    """Let the target follow, switch, keep a way back, and drop what is left at the source."""
    tables = [
        table for table in facts.tables_in(operation.schema) if not operation.tables or table.name in operation.tables
    ]
    missing = sorted(set(operation.tables) - {table.name for table in tables})
    if not tables or missing:
        yield runbook(
            Phase.REARCHITECT,
            f"Say which tables of {operation.schema} move",
            notes=(f"The snapshot has no such tables: {', '.join(missing) or 'the schema has none'}.",),
        )
        return
    chosen = {table.key for table in tables}
    sequences = [
        one
        for one in facts.sequences
        if one.schema == operation.schema
        and (not operation.tables or (one.owner_schema, one.owner_table) in chosen)
    ]  # fmt: skip
    name = name_of("auditor_move", operation.schema, *operation.tables)
    move = Move(
        name=name,
        what=operation.schema if not operation.tables else f"{len(tables)} tables of {operation.schema}",
        tables=tables,
        sequences=sequences,
        dump=_dump(facts, operation, name, chosen),
        cut=cut_references(facts, tables),
    )
    yield from follow(facts, move, tuple(_preparation(facts, operation.schema, chosen)))
    yield from switch(facts, move)
    yield from end(facts, move)
    yield from _drop(facts, move)


def _dump(facts: Facts, operation: MoveSchema, name: str, chosen: set[Key]) -> str:
    """Write the arguments that choose the schema, and leave out what stays of it."""
    said = [f"-n {_pattern(operation.schema)}", f"-n {_pattern(name)}"]
    if operation.tables:
        kept = [table.key for table in facts.catalog.tables if table.schema == operation.schema]
        kept = [key for key in kept if key not in chosen and _root(facts, key) not in chosen]
        kept += [view.key for view in facts.views if view.schema == operation.schema]
        said += [f"-T {_pattern(*key)}" for key in sorted(kept)]
    return "".join(f" {one}" for one in said)


def _root(facts: Facts, key: Key) -> Key:
    table = facts.table(key)
    return key if table is None else facts.root(table).key


def _pattern(*names: str) -> str:
    """Write names as a pattern of pg_dump that means nothing but them, for a shell."""
    return shlex.quote(".".join('"' + name.replace('"', '""') + '"' for name in names))


def _preparation(facts: Facts, schema: str, chosen: set[Key]) -> Iterator[str]:
    owners = {table.owner for key in chosen if (table := facts.table(key)) is not None and table.owner is not None}
    grantees = {grant.grantee for key in chosen for grant in facts.grants_on("table", *key) if not grant.default}
    roles = sorted((owners | grantees) - {"PUBLIC"})
    if roles:
        yield f"The target needs these roles: {', '.join(roles)}. Give them passwords there with \\password."
    extensions = sorted(set(facts.extensions) - {"plpgsql"})
    if extensions:
        yield f"And of these extensions those that the tables use, in the same schemas: {', '.join(extensions)}."
    outside = sorted({enum.schema for enum in facts.catalog.enums} - {schema})
    if outside:
        yield f"Types of other schemas do not come along: {', '.join(outside)}."
    yield "Functions of other schemas that defaults, triggers or generated columns call have to be there, too."


def _drop(facts: Facts, move: Move) -> Iterator[Draft]:
    """Drop what is left at the source, one table a step: large files take a while to go."""
    yield from _drop_references(facts, move)
    keys: Sequence[Key] = [part.key for table in move.tables for part in facts.leaves(table) if part.key != table.key]
    for key in (*keys, *(table.key for table in move.tables)):
        yield brief(
            facts,
            Phase.REARCHITECT,
            f"Drop {'.'.join(key)} at the source",
            f"DROP TABLE {qualified(key)}",
            precondition=handed_over(move),
            verify=absent(key),
            reversible=False,
            notes=("It fails, and changes nothing, where something still depends on it.",),
        )
    yield remove_helpers(facts, move, "source")


def _drop_references(facts: Facts, move: Move) -> Iterator[Draft]:
    """Drop the foreign keys on and among the tables before these: a DROP TABLE would lock both sides at length."""
    chosen = {table.key for table in move.tables}
    for key in facts.foreign_keys:
        if key.table_key in chosen or key.referenced_key in chosen:
            yield brief(
                facts,
                Phase.REARCHITECT,
                f"Drop the reference {key.path} at the source",
                f"ALTER TABLE {qualified(key.table_key)} DROP CONSTRAINT IF EXISTS {ident(key.name)}",
                precondition=handed_over(move),
                verify=constraint_absent(key.table_key, key.name),
                reversible=False,
            )

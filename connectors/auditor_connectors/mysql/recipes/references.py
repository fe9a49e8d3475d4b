"""Recipes for foreign keys: declared without reading a row, so that old rows are proved by a query of their own."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.connector import Draft
from auditor.model.catalog import Constraint, Key
from auditor.model.facts import Facts
from auditor.model.operation import AddForeignKey, DropConstraint
from auditor.model.vocabulary import Phase
from auditor_connectors.mysql.quoting import ident
from auditor_connectors.mysql.recipes import estimates
from auditor_connectors.mysql.recipes.altering import Alteration, alter, statement
from auditor_connectors.mysql.recipes.indexes import NewIndex, build, key_parts
from auditor_connectors.mysql.recipes.queries import (
    all_of,
    columns_are_led,
    constraint_is,
    is_quiet,
    no_orphans,
    orphans,
    saw_old_transactions,
    types_agree,
)
from auditor_connectors.mysql.recipes.sql import constraint_names, free_name, idents, index_names, qualified
from auditor_connectors.mysql.recipes.steps import looked

CHECKS_OFF = "SET SESSION foreign_key_checks = 0"
CHECKS_ON = "SET SESSION foreign_key_checks = 1"

_NOT_READ = (
    "With foreign_key_checks off the server declares the key without reading a row, and holds every later write to it. "
    "That the rows agree is proved by a query before, and by one after it, when no new orphan can come."
)
_ORPHANS = (
    "It must return 0. If it does not, rows came in between: correct or remove them, then look again. The server "
    "itself never looks at old rows again."
)


def add_foreign_key(operation: AddForeignKey, facts: Facts) -> Iterator[Draft]:
    """Index the columns if nothing does, declare the key unread, then prove the rows; drop what it replaces last."""
    key = (operation.schema, operation.table)
    before = _found(facts, key, operation.replaces) if operation.replaces is not None else None
    wanted = Constraint(
        schema=key[0],
        table=key[1],
        name=free_name((key[1], *operation.columns), "fk", constraint_names(facts, key[0])),
        kind="foreign-key",
        columns=operation.columns,
        referenced_schema=operation.referenced_schema,
        referenced_table=operation.referenced_table,
        referenced_columns=operation.referenced_columns,
        on_delete=unwritten_rule(facts) if operation.on_delete == "no action" else operation.on_delete,
        on_update=before.on_update if before is not None else unwritten_rule(facts),
    )
    if not any(set(index.columns[: len(wanted.columns)]) == set(wanted.columns) for index in facts.indexes_of(key)):
        name = free_name((key[1], *wanted.columns), "idx", index_names(facts, key))
        index = NewIndex(key, name, key_parts(facts.table(key), wanted.columns), columns=wanted.columns)
        yield from build(facts, Phase.EXPAND, index, verify=columns_are_led(key, wanted.columns))
    yield from declare(facts, wanted, Phase.EXPAND, Phase.BACKFILL)
    if operation.replaces is not None:
        drop = DropConstraint(schema=key[0], table=key[1], name=operation.replaces)
        yield from drop_foreign_key(drop, facts, before, precondition=constraint_is(key, wanted.name))


def declare(facts: Facts, wanted: Constraint, phase: Phase, proof: Phase) -> Iterator[Draft]:
    """Draft the declaration of a foreign key, and the proof that its rows agree with it."""
    key, there = wanted.table_key, wanted.referenced_key
    if there is None:
        return
    path, clean = f"{'.'.join(key)}.{wanted.name}", no_orphans(key, wanted.columns, there, wanted.referenced_columns)
    pairs = zip(wanted.columns, wanted.referenced_columns, strict=False)
    agreeing = [types_agree(key, here, there, referenced) for here, referenced in pairs]
    quiet = is_quiet(facts, there) if saw_old_transactions(facts) else None
    yield from alter(
        facts,
        phase,
        f"Declare the foreign key {path}",
        Alteration(key, "add-reference", f"ADD {written(facts, wanted)}"),
        before=(CHECKS_OFF,),
        after=(CHECKS_ON,),
        verify=constraint_is(key, wanted.name, "CONSTRAINT_TYPE = 'FOREIGN KEY'"),
        precondition=all_of(constraint_is(key, wanted.name, absent=True), *agreeing, quiet, clean),
        rollback=(statement(facts, key, "drop-reference", f"DROP FOREIGN KEY {ident(wanted.name)}"),),
        notes=(_NOT_READ, f"{'.'.join(there)} needs the same lock for an instant."),
    )
    yield looked(
        proof,
        f"Prove that every row of {'.'.join(key)} agrees with {wanted.name}",
        f"SELECT count(*) AS orphans FROM {orphans(key, wanted.columns, there, wanted.referenced_columns)}",
        takes=estimates.scan(facts.table(key)),
        verify=clean,
        notes=(_ORPHANS,),
    )


def written(facts: Facts, key: Constraint) -> str:
    """Write what follows ADD for a foreign key, without the rules that the product has where none is written.

    RESTRICT and NO ACTION are the same to InnoDB; each product has another of them as its default.
    """
    silent = unwritten_rule(facts)
    there = key.referenced_key or ("", "")
    text = (
        f"CONSTRAINT {ident(key.name)} FOREIGN KEY ({idents(key.columns)}) "
        f"REFERENCES {qualified(there)} ({idents(key.referenced_columns)})"
    )
    text += f" ON DELETE {key.on_delete.upper()}" if key.on_delete != silent else ""
    return text + (f" ON UPDATE {key.on_update.upper()}" if key.on_update != silent else "")


def unwritten_rule(facts: Facts) -> str:
    """The rule of a foreign key that names none."""
    return "restrict" if facts.target.engine == "mariadb" else "no action"


def drop_foreign_key(
    operation: DropConstraint, facts: Facts, found: Constraint | None, *, precondition: str | None = None
) -> Iterator[Draft]:
    """Drop it; the way back declares it again unread."""
    key = (operation.schema, operation.table)
    yield from alter(
        facts,
        Phase.CONTRACT,
        f"Drop the foreign key {'.'.join(key)}.{operation.name}",
        Alteration(key, "drop-reference", f"DROP FOREIGN KEY {ident(operation.name)}"),
        verify=constraint_is(key, operation.name, absent=True),
        precondition=precondition,
        rollback=restored(facts, found) if found is not None else (),
        reversible=found is not None,
        notes=("Its index stays. Before it is declared again, look for orphans: the way back does not.",),
    )


def restored(facts: Facts, key: Constraint) -> tuple[str, ...]:
    """Write the statements that declare a foreign key again as it was."""
    return (CHECKS_OFF, statement(facts, key.table_key, "add-reference", f"ADD {written(facts, key)}"), CHECKS_ON)


def _found(facts: Facts, table: Key, name: str) -> Constraint | None:
    return next((one for one in facts.constraints_of(table, "foreign-key") if one.name == name), None)

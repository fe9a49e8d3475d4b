"""Recipes for checks, and the drop of any constraint."""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.connector import Draft
from auditor.model.catalog import Constraint, Key
from auditor.model.facts import Facts
from auditor.model.operation import AddCheck, DropConstraint, DropIndex, ValidateConstraint
from auditor.model.vocabulary import Phase
from auditor_connectors.mysql.quoting import ident
from auditor_connectors.mysql.recipes.altering import Alteration, alter, statement
from auditor_connectors.mysql.recipes.indexes import drop_index
from auditor_connectors.mysql.recipes.queries import all_of, constraint_is, no_violations
from auditor_connectors.mysql.recipes.references import drop_foreign_key

_READS_ALL = "Every row has to agree with it: the precondition reads them all."
_CLAUSE = re.compile(r"CHECK \((?P<expression>.*)\)(?P<unenforced> NOT ENFORCED)?\Z", re.DOTALL)


def add_check(operation: AddCheck, facts: Facts) -> Iterator[Draft]:
    """Add it in one copy of the table; by a tool where writers would wait too long."""
    key = (operation.schema, operation.table)
    yield from alter(
        facts,
        Phase.EXPAND,
        f"Add the check {'.'.join(key)}.{operation.name}",
        Alteration(key, "add-check", f"ADD CONSTRAINT {ident(operation.name)} CHECK ({operation.expression})"),
        verify=_enforced(facts, key, operation.name),
        precondition=all_of(constraint_is(key, operation.name, absent=True), no_violations(key, operation.expression)),
        rollback=(statement(facts, key, "drop-check", f"DROP CONSTRAINT {ident(operation.name)}"),),
        notes=(_READS_ALL,),
    )


def validate_constraint(operation: ValidateConstraint, facts: Facts) -> Iterator[Draft]:
    """Enforce a check that was declared and is not enforced."""
    key, name = (operation.schema, operation.table), operation.name
    found = find(facts, key, name)
    expression = _expression(found)
    yield from alter(
        facts,
        Phase.BACKFILL,
        f"Enforce the check {'.'.join(key)}.{name}",
        Alteration(key, "enforce-check", f"ALTER CHECK {ident(name)} ENFORCED"),
        verify=_enforced(facts, key, name),
        precondition=None if expression is None else no_violations(key, expression),
        rollback=(statement(facts, key, "drop-check", f"ALTER CHECK {ident(name)} NOT ENFORCED"),),
        notes=(_READS_ALL,),
    )


def drop_constraint(operation: DropConstraint, facts: Facts) -> Iterator[Draft]:
    """Drop it by its kind: a unique key is an index, which is hidden first."""
    key = (operation.schema, operation.table)
    found = find(facts, key, operation.name)
    if found is not None and found.kind == "foreign-key":
        yield from drop_foreign_key(operation, facts, found)
        return
    if found is not None and found.kind == "unique":
        name = found.index or f"{key[1]}.{operation.name}"
        yield from drop_index(DropIndex(schema=key[0], table=key[1], name=name), facts)
        return
    yield from alter(
        facts,
        Phase.CONTRACT,
        f"Drop the constraint {'.'.join(key)}.{operation.name}",
        Alteration(key, "drop-check", f"DROP CONSTRAINT {ident(operation.name)}"),
        verify=constraint_is(key, operation.name, absent=True),
        rollback=_restored(facts, key, found),
        reversible=found is not None and found.definition is not None,
        notes=("The way back copies the table while writes wait, unless the check was not enforced.",)
        if found is not None and found.enforced
        else (),
    )


def _restored(facts: Facts, key: Key, found: Constraint | None) -> tuple[str, ...]:
    if found is None or found.definition is None:
        return ()
    clauses = f"ADD CONSTRAINT {ident(found.name)} {found.definition}"
    return (statement(facts, key, "add-check" if found.enforced else "add-check-unenforced", clauses),)


def find(facts: Facts, table: Key, name: str) -> Constraint | None:
    """Find a constraint of a table by its name; a foreign key or check before a unique key of the same name."""
    found = [one for one in facts.constraints_of(table) if one.name == name]
    return min(found, key=lambda one: one.kind in ("unique", "primary-key"), default=None)


def _expression(found: Constraint | None) -> str | None:
    match = _CLAUSE.match(found.definition or "") if found is not None else None
    return match["expression"] if match is not None else None


def _enforced(facts: Facts, key: Key, name: str) -> str:
    enforced = "" if facts.target.engine == "mariadb" else " AND ENFORCED = 'YES'"
    return constraint_is(key, name, f"CONSTRAINT_TYPE = 'CHECK'{enforced}")

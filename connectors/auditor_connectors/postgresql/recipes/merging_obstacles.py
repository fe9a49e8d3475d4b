"""Names what keeps a companion table from becoming part of another one by the steps of ``merging.py``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.catalog import Constraint, Table
from auditor_connectors.postgresql.recipes.companions import CHECK_DEFINITION, PLAIN_FAMILIES, Companion
from auditor_connectors.postgresql.recipes.sql import IDENTIFIER_BYTES
from auditor_connectors.postgresql.recipes.subscribers import publishing

_WHOLE_ROW = re.compile(r"\.\*")
_SETS = frozenset({"set null", "set default"})


def obstacles(plan: Companion) -> Iterator[str]:
    """Name what this way of merging cannot carry over; nothing where it can."""
    for table in (plan.table, plan.other):
        yield from _of_kind(plan, table)
    if plan.table.persistence != plan.other.persistence:
        yield (
            f"{plan.table.path} is {plan.table.persistence}, and {plan.other.path} is {plan.other.persistence}: make "
            "them alike first"
        )
    yield from _of_neighbours(plan)
    yield from _of_key(plan)
    yield from _of_columns(plan)
    yield from _of_names(plan)
    yield from _of_indexes(plan)
    for key in plan.other_keys():
        yield from _of_reference(plan, key)


def _of_kind(plan: Companion, table: Table) -> Iterator[str]:
    if table.kind != "table" or table.parent is not None:
        yield f"{table.path} is partitioned, a partition, or no table"
    if table.inherits or table.key in plan.facts.inheritors:
        yield f"{table.path} inherits, or is inherited from"
    if table.row_security or plan.facts.policies_of(table.key):
        yield f"policies guard the rows of {table.path}, and would not guard what the other table adds, or brings"


def _of_neighbours(plan: Companion) -> Iterator[str]:
    key, path = plan.other.key, plan.other.path
    for trigger in plan.facts.triggers:
        if trigger.table_key == key:
            yield f"the trigger {trigger.name} of {path} would no longer fire: move what it does first"
    for rule in plan.facts.catalog.rules:
        if rule.table_key == key:
            yield f"the rule {rule.name} rewrites what is asked of {path}"
    for name in publishing(plan.facts, key):
        yield f"the publication {name} sends the rows of {path} to subscribers, which know it as a table"
    for one in plan.facts.referencing(key):
        yield (
            f"{'.'.join(one.table_key)} refers to it by {one.name}: let it refer to {plan.table.path} first "
            "(add-foreign-key with replaces), if any row of that will do"
        )


def _of_key(plan: Companion) -> Iterator[str]:
    for its, mine in plan.key.items():
        one, another = plan.other.column(its), plan.table.column(mine)
        if one is None or another is None:
            yield f"the columns of {plan.link.name} are not in the snapshot"
        elif (one.type, one.collation) != (another.type, another.collation):
            yield f"{its} and {mine} are of different types: change one of them first"
        elif one.family not in PLAIN_FAMILIES or one.base_type is not None or "citext" in one.type:
            yield f"{its} is of a type whose equality is not one of the server's own"


def _of_columns(plan: Companion) -> Iterator[str]:
    for column in plan.other.columns:
        path, numbered = plan.other.column_path(column.name), column.sequence or column.identity
        if column.generated is not None or (numbered is not None and column.name in plan.key):
            yield f"the database numbers or computes {path}: drop that column, or what fills it, first"
        elif numbered is not None and plan.facts.sequence(column.sequence) is None:
            yield f"the sequence that numbers {path} is not in the snapshot"
    for column in plan.moved:
        if column.base_type is not None and column.family != "array":
            yield f"{column.name} is of a domain, for which every row of {plan.table.path} would be written anew"


def _of_names(plan: Companion) -> Iterator[str]:
    present = {column.name for column in plan.table.columns}
    given = [name for its, name in plan.wanted.items() if its not in plan.key]
    for its in sorted(set(plan.wanted) & set(plan.key)):
        yield f"{its} is the key, which {plan.table.path} has already: give it no name"
    for name in sorted(set(given)):
        if name in present or given.count(name) > 1:
            yield f"another column of {plan.table.path} is called {name}"
        if not name or "\0" in name or len(name.encode()) > IDENTIFIER_BYTES:
            yield f"a column cannot be called {name!r}"


def _of_indexes(plan: Companion) -> Iterator[str]:
    for index in plan.facts.indexes_of(plan.other.key):
        if index.exclusion:
            yield f"the exclusion constraint {index.name} holds it"
        elif index.deferrable:
            yield f"the unique constraint {index.name} is checked late"
    for check in plan.facts.constraints_of(plan.other.key, "check"):
        if not check.validated or not check.enforced:
            yield f"the check {check.name} was never validated"
        elif CHECK_DEFINITION.match(check.definition or "") is None or _WHOLE_ROW.search(check.definition or ""):
            yield f"the check {check.name} cannot be written for another table"


def _of_reference(plan: Companion, key: Constraint) -> Iterator[str]:
    columns, ours = set(key.columns), set(plan.key)
    sets = {key.on_delete, key.on_update} & _SETS
    if not key.validated or not key.enforced or key.triggers_disabled:
        yield f"the foreign key {key.name} is not known to hold"
    if key.on_delete == "cascade":
        yield f"the foreign key {key.name} deletes its rows, and would delete those of {plan.table.path}"
    if columns <= ours:
        yield f"the foreign key {key.name} would bind the rows of {plan.table.path} that have no part"
    elif columns & ours and (key.match == "full" or sets or key.on_update == "cascade"):
        yield f"the foreign key {key.name} holds the key, and would change it or ask for it"
    if "set default" in sets:
        yield f"the foreign key {key.name} writes defaults"

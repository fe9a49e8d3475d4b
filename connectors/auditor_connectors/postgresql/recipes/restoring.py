"""Writes the statements that bring back a constraint after it was dropped, without blocking and without a scan."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from auditor.model.catalog import Constraint, Key, Table
from auditor.model.facts import Facts
from auditor_connectors.postgresql.recipes.building import concurrently
from auditor_connectors.postgresql.recipes.sql import ident, idents, qualified

# How the server writes a list of values of a character varying; read again, it would write the casts elsewhere.
_LIST = re.compile(r"\(([^()]+)\)::text (= ANY|<> ALL) \(\((ARRAY\[.*?\])\)::text\[\]\)", re.DOTALL)


def find_constraint(facts: Facts, table: Key, name: str) -> Constraint | None:
    """Find a constraint of a table by its name."""
    return next((c for c in facts.constraints_of(table) if c.name == name), None)


def restore_constraint(facts: Facts, table: Key, name: str) -> tuple[str, ...]:
    """Write the statements that add a constraint again as it is now; empty when its definition is not known."""
    constraint = find_constraint(facts, table, name)
    if constraint is None or constraint.definition is None:
        return ()
    alter = f"ALTER TABLE {qualified(table)}"
    if constraint.kind in ("primary-key", "unique"):
        index = facts.index((table[0], constraint.index or name))
        if index is None or index.definition is None:
            return (f"{alter} ADD CONSTRAINT {ident(name)} {constraint.definition}",)
        kind = "PRIMARY KEY" if constraint.kind == "primary-key" else "UNIQUE"
        deferral = re.search(r" DEFERRABLE.*\Z", constraint.definition)
        using = f"{kind} USING INDEX {ident(index.name)}{deferral.group() if deferral else ''}"
        return (concurrently(index.definition), f"{alter} ADD CONSTRAINT {ident(name)} {using}")
    definition = _LIST.sub(r"\1 \2 (\3)", constraint.definition.removesuffix(" NOT VALID"))
    if constraint.kind in ("foreign-key", "check"):
        add = f"{alter} ADD CONSTRAINT {ident(name)} {definition} NOT VALID"
        return (add, f"{alter} VALIDATE CONSTRAINT {ident(name)}") if constraint.validated else (add,)
    return (f"{alter} ADD CONSTRAINT {ident(name)} {definition}",)


def reference(key: Constraint, columns: Sequence[str], target: Key, referenced: Sequence[str]) -> str:
    """Write the definition of a foreign key like this one over other columns or to another table.

    From version 15 on ON DELETE SET NULL and SET DEFAULT may name the columns that they set.
    """
    text = f"FOREIGN KEY ({idents(columns)}) REFERENCES {qualified(target)} ({idents(referenced)})"
    text += " MATCH FULL" if key.match == "full" else ""
    text += f" ON UPDATE {key.on_update.upper()}" if key.on_update != "no action" else ""
    text += f" ON DELETE {key.on_delete.upper()}" if key.on_delete != "no action" else ""
    renamed = dict(zip(key.columns, columns, strict=True))
    text += f" ({idents(renamed[one] for one in key.on_delete_columns)})" if key.on_delete_columns else ""
    deferral = re.search(r" DEFERRABLE( INITIALLY DEFERRED)?", key.definition or "")
    return text + (deferral.group() if key.deferrable and deferral else "")


def owned(table: Table | None, target: Key, what: str = "TABLE") -> Iterator[str]:
    """Write the statement that gives a new table or sequence the owner of its kin, whoever carries out the plan."""
    if table is not None and table.owner is not None:
        yield f"ALTER {what} {qualified(target)} OWNER TO {ident(table.owner)}"


def owner_and_grants(facts: Facts, table: Table, target: Key) -> Iterator[str]:
    """Write the statements that give another table the owner and the privileges of this one."""
    yield from owned(table, target)
    yield from granted(facts, "table", table.key, target)


def granted(facts: Facts, kind: Literal["table", "sequence"], source: Key, target: Key) -> Iterator[str]:
    """Write the statements that give a table or sequence the privileges of another one, or of its former self."""
    what = "SEQUENCE " if kind == "sequence" else ""
    for grant in facts.grants_on(kind, *source):
        if not grant.default and grant.column is None:
            grantee = "PUBLIC" if grant.grantee == "PUBLIC" else ident(grant.grantee)
            option = " WITH GRANT OPTION" if grant.grantable else ""
            yield f"GRANT {', '.join(grant.privileges)} ON {what}{qualified(target)} TO {grantee}{option}"

"""Queries that return true when a step may begin or is done."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.model.catalog import Key
from auditor_connectors.postgresql.recipes.sql import ident, idents, leftover_name, literal, qualified, regclass
from auditor_connectors.postgresql.recipes.type_classes import TypeName


def column_is(table: Key, column: str, condition: str = "true") -> str:
    """True when the table has the column and the condition on pg_attribute holds."""
    return (
        f"SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = {regclass(table)} "
        f"AND attname = {literal(column)} AND NOT attisdropped AND {condition})"
    )


def column_absent(table: Key, column: str) -> str:
    """True when the table has no column of that name."""
    return column_is(table, column).replace("EXISTS", "NOT EXISTS", 1)


def all_of(*queries: str) -> str:
    """True when every one of the queries is."""
    return queries[0] if len(queries) == 1 else "SELECT " + " AND ".join(f"({query})" for query in queries)


def any_of(*queries: str) -> str:
    """True when one of the queries is, which all have to be such as can be asked."""
    return "SELECT " + " OR ".join(f"({query})" for query in queries)


def column_type_is(table: Key, column: str, type_name: str) -> str:
    """True when the column has the type."""
    text = TypeName.read(type_name).text
    if text is None:
        return column_is(table, column, f"atttypid = {literal(type_name)}::regtype")
    return column_is(table, column, f"format_type(atttypid, atttypmod) = {literal(text)}")


def constraint_is(table: Key, name: str, condition: str = "convalidated") -> str:
    """True when the table has the constraint and the condition on pg_constraint holds."""
    return (
        f"SELECT EXISTS (SELECT FROM pg_constraint WHERE conrelid = {regclass(table)} "
        f"AND conname = {literal(name)} AND {condition})"
    )


def constraint_absent(table: Key, name: str) -> str:
    """True when the table has no constraint of that name."""
    return constraint_is(table, name, "true").replace("EXISTS", "NOT EXISTS", 1)


def no_orphans(table: Key, columns: Sequence[str], referenced: Key, referenced_columns: Sequence[str]) -> str:
    """True when every row refers to something. It reads both tables."""
    matches = " AND ".join(
        f"p.{ident(there)} = c.{ident(here)}" for here, there in zip(columns, referenced_columns, strict=False)
    )
    present = " AND ".join(f"c.{ident(column)} IS NOT NULL" for column in columns)
    return (
        f"SELECT NOT EXISTS (SELECT FROM {qualified(table)} c WHERE {present} "
        f"AND NOT EXISTS (SELECT FROM {qualified(referenced)} p WHERE {matches}))"
    )


def no_duplicates(table: Key, columns: Sequence[str], predicate: str | None, *, nulls_equal: bool = False) -> str:
    """True when no two rows agree in the columns. It reads the table."""
    conditions = [] if nulls_equal else [f"{ident(column)} IS NOT NULL" for column in columns]
    conditions += [f"({predicate})"] if predicate else []
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"SELECT NOT EXISTS (SELECT FROM {qualified(table)}{where} GROUP BY {idents(columns)} HAVING count(*) > 1)"


def no_nulls(table: Key, columns: Sequence[str]) -> str:
    """True when none of the columns holds a NULL. It reads the table."""
    nulls = " OR ".join(f"{ident(column)} IS NULL" for column in columns)
    return f"SELECT NOT EXISTS (SELECT FROM {qualified(table)} WHERE {nulls})"


def no_violations(table: Key, expression: str) -> str:
    """True when no row contradicts a check constraint's expression. It reads the table."""
    return f"SELECT NOT EXISTS (SELECT FROM {qualified(table)} WHERE NOT ({expression}))"


def usable(index: Key) -> str:
    """True when an index exists and may be used."""
    return f"SELECT EXISTS (SELECT FROM pg_index WHERE indexrelid = {regclass(index)} AND indisvalid AND indisready)"


def absent(relation: Key) -> str:
    """True when no relation has the name."""
    return f"SELECT {regclass(relation)} IS NULL"


def present(relation: Key) -> str:
    """True when a relation has the name."""
    return f"SELECT {regclass(relation)} IS NOT NULL"


def no_leftovers(*indexes: Key) -> str:
    """True when no interrupted concurrent rebuild of one of the indexes left a copy behind.

    A partitioned index is rebuilt part by part: it is the parts that have to be given.
    """
    names: dict[str, list[str]] = {}
    for schema, name in indexes:
        stem = leftover_name(name, "ccnew").removesuffix("new")
        pattern = literal(stem.replace("\\", "\\\\").replace("_", "\\_").replace("%", "\\%") + "%")
        names.setdefault(schema, []).append(pattern)
    found = " OR ".join(
        f"n.nspname = {literal(schema)} AND c.relname LIKE "
        + (patterns[0] if len(patterns) == 1 else f"ANY (ARRAY[{', '.join(patterns)}])")
        for schema, patterns in names.items()
    )
    return (
        "SELECT NOT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_index i ON "
        f"i.indexrelid = c.oid WHERE {found if len(names) == 1 else f'({found})'} AND NOT i.indisvalid)"
    )


def no_dependents(table: Key, *columns: str, but_views: bool = False) -> str:
    """True when no view, policy, routine or trigger names the table (or, if given, any of the columns)."""
    of = f" AND a.attname IN ({', '.join(literal(column) for column in columns)})" if columns else ""
    views = " AND NOT EXISTS (SELECT FROM pg_rewrite r JOIN pg_class v ON v.oid = r.ev_class WHERE r.oid = d.objid "
    views += "AND v.relkind = 'v')"
    return (
        "SELECT NOT EXISTS (SELECT FROM pg_depend d LEFT JOIN pg_attribute a ON (a.attrelid, a.attnum) = (d.refobjid, "
        f"d.refobjsubid) WHERE d.refobjid = {regclass(table)}{of} AND d.deptype = 'n' AND d.classid IN "
        "('pg_rewrite'::regclass, 'pg_policy'::regclass, 'pg_trigger'::regclass, 'pg_proc'::regclass)"
        f"{views if but_views else ''})"
    )


def no_readers(view: Key) -> str:
    """True when no other view, and no routine, names the view: its own rule names it as well."""
    here = regclass(view)
    return (
        "SELECT NOT EXISTS (SELECT FROM pg_depend d LEFT JOIN pg_rewrite r ON r.oid = d.objid AND d.classid = "
        f"'pg_rewrite'::regclass WHERE d.refobjid = {here} AND d.deptype = 'n' AND d.classid IN "
        f"('pg_rewrite'::regclass, 'pg_proc'::regclass) AND r.ev_class IS DISTINCT FROM {here})"
    )


def nothing_attached(table: Key) -> str:
    """True when nothing stays behind that cannot pass to a table in this one's place.

    That is: policies, publications, triggers with transition tables, and routines or columns of the table's row type.
    """
    here = regclass(table)
    return (
        f"SELECT NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = {here} AND coalesce(tgoldtable, tgnewtable) IS NOT "
        f"NULL) AND NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = {here}) AND NOT EXISTS (SELECT FROM "
        f"pg_publication_rel WHERE prrelid = {here}) AND NOT (SELECT relrowsecurity FROM pg_class WHERE oid = {here}) "
        "AND NOT EXISTS (SELECT FROM pg_depend WHERE refclassid = 'pg_type'::regclass AND deptype = 'n' AND refobjid = "
        f"(SELECT reltype FROM pg_class WHERE oid = {here}))"
    )


def relation_is(relation: Key, condition: str) -> str:
    """True when the relation exists and the condition on pg_class holds."""
    return f"SELECT EXISTS (SELECT FROM pg_class WHERE oid = {regclass(relation)} AND {condition})"


def sequence_is(sequence: Key, condition: str) -> str:
    """True when the sequence exists and the condition on pg_sequence holds."""
    return f"SELECT EXISTS (SELECT FROM pg_sequence WHERE seqrelid = {regclass(sequence)} AND {condition})"


def trigger_is(table: Key, name: str, condition: str = "true") -> str:
    """True when the table has the trigger and the condition on pg_trigger holds."""
    return (
        f"SELECT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = {regclass(table)} AND tgname = {literal(name)} "
        f"AND {condition})"
    )

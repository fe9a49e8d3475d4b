"""Queries that return true when a step may begin or is done. They work on every version of both products."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from auditor.model.catalog import Key
from auditor.model.facts import Facts
from auditor_connectors.mysql.quoting import ident
from auditor_connectors.mysql.recipes.estimates import OLD_TRANSACTION_SECONDS
from auditor_connectors.mysql.recipes.sql import idents, literal, qualified, types_as_shown

_SEEN_SECONDS = 60.0


def all_of(*queries: str | None) -> str | None:
    """True when every one of the queries is; None without any. Each is a SELECT of one expression."""
    known = [query for query in queries if query is not None]
    return "SELECT " + " AND ".join(map(_expression, known)) if known else None


def any_of(*queries: str) -> str:
    """True when one of the queries is."""
    return f"SELECT ({' OR '.join(map(_expression, queries))})"


def not_(query: str) -> str:
    """True when the query is not. It must not return NULL."""
    return f"SELECT NOT ({_expression(query)})"


def _expression(query: str) -> str:
    return query.removeprefix("SELECT ")


def _exists(view: str, where: str, *, negated: bool = False) -> str:
    return f"SELECT {'NOT ' if negated else ''}EXISTS (SELECT 1 FROM {view} WHERE {where})"


def _of(key: Key, prefix: str = "TABLE") -> str:
    return f"{prefix}_SCHEMA = {literal(key[0])} AND {prefix}_NAME = {literal(key[1])}"


# --- the dictionary ----------------------------------------------------------------------------------------------


def column_is(table: Key, column: str, condition: str = "", *, absent: bool = False) -> str:
    """True when the table has the column and the condition on information_schema.COLUMNS holds."""
    more = f" AND {condition}" if condition else ""
    where = f"{_of(table)} AND COLUMN_NAME = {literal(column)}{more}"
    return _exists("information_schema.COLUMNS", where, negated=absent)


def type_is(table: Key, column: str, type_name: str) -> str:
    """True when the column has the type."""
    shown = ", ".join(literal(text) for text in types_as_shown(type_name))
    return column_is(table, column, f"lower(COLUMN_TYPE) IN ({shown})")


def collation_is(table: Key, column: str, collation: str) -> str:
    """True when the column compares its texts by the collation."""
    return column_is(table, column, f"COLLATION_NAME = {literal(collation)}")


def index_is(table: Key, name: str, condition: str = "", *, absent: bool = False) -> str:
    """True when the table has the index and the condition on information_schema.STATISTICS holds."""
    more = f" AND {condition}" if condition else ""
    where = f"{_of(table)} AND INDEX_NAME = {literal(name)}{more}"
    return _exists("information_schema.STATISTICS", where, negated=absent)


def index_is_hidden(facts: Facts, table: Key, name: str) -> str:
    """True when the optimizer was told to leave the index alone."""
    return index_is(table, name, "IGNORED = 'YES'" if facts.target.engine == "mariadb" else "IS_VISIBLE = 'NO'")


def index_is_unseen(facts: Facts, table: Key, name: str) -> str:
    """True when the optimizer does not see the index: it is hidden, or gone."""
    seen = "IGNORED = 'NO'" if facts.target.engine == "mariadb" else "IS_VISIBLE = 'YES'"
    return index_is(table, name, seen, absent=True)


def columns_are_led(table: Key, columns: Sequence[str]) -> str:
    """True when some index of the table begins with the columns, in any order."""
    names = ", ".join(literal(column) for column in columns)
    return (
        "SELECT EXISTS (SELECT 1 FROM information_schema.STATISTICS "
        f"WHERE {_of(table)} AND SEQ_IN_INDEX <= {len(columns)} AND COLUMN_NAME IN ({names}) "
        f"GROUP BY INDEX_NAME HAVING count(*) = {len(columns)})"
    )


def constraint_is(table: Key, name: str, condition: str = "", *, absent: bool = False) -> str:
    """True when the table has the constraint and the condition on information_schema.TABLE_CONSTRAINTS holds."""
    more = f" AND {condition}" if condition else ""
    where = f"{_of(table)} AND CONSTRAINT_NAME = {literal(name)}{more}"
    return _exists("information_schema.TABLE_CONSTRAINTS", where, negated=absent)


def types_agree(table: Key, column: str, there: Key, referenced: str) -> str:
    """True when two columns are of one type, as far as a foreign key asks for it: texts may differ in length."""
    return (
        "SELECT EXISTS (SELECT 1 FROM information_schema.COLUMNS c JOIN information_schema.COLUMNS p "
        f"ON {_of(there, 'p.TABLE')} AND p.COLUMN_NAME = {literal(referenced)} AND p.DATA_TYPE = c.DATA_TYPE "
        "AND (p.DATA_TYPE IN ('char', 'varchar') OR p.COLUMN_TYPE = c.COLUMN_TYPE) "
        f"WHERE {_of(table, 'c.TABLE')} AND c.COLUMN_NAME = {literal(column)})"
    )


def has_primary_key(table: Key, columns: Iterable[str]) -> str:
    """True when the table's primary key is over the columns, in their order."""
    parts = [
        f"EXISTS (SELECT 1 FROM information_schema.STATISTICS WHERE {_of(table)} AND INDEX_NAME = 'PRIMARY' "
        f"AND SEQ_IN_INDEX = {place} AND COLUMN_NAME = {literal(column)})"
        for place, column in enumerate(columns, start=1)
    ]
    return "SELECT " + " AND ".join(parts)


def no_primary_key(table: Key) -> str:
    """True when the table has no primary key."""
    return index_is(table, "PRIMARY", absent=True)


def engine_is(table: Key, engine: str) -> str:
    """True when the table is stored by the engine."""
    return _exists("information_schema.TABLES", f"{_of(table)} AND ENGINE = {literal(engine)}")


def default_collation_is(table: Key, collation: str) -> str:
    """True when new columns of the table get the collation."""
    return _exists("information_schema.TABLES", f"{_of(table)} AND TABLE_COLLATION = {literal(collation)}")


def database_collation_is(schema: str, collation: str) -> str:
    """True when new tables of the database get the collation."""
    where = f"SCHEMA_NAME = {literal(schema)} AND DEFAULT_COLLATION_NAME = {literal(collation)}"
    return _exists("information_schema.SCHEMATA", where)


def table_is_absent(table: Key) -> str:
    """True when there is no table of the name."""
    return _exists("information_schema.TABLES", _of(table), negated=True)


def is_partitioned(table: Key) -> str:
    """True when the table has partitions."""
    return _exists("information_schema.PARTITIONS", f"{_of(table)} AND PARTITION_NAME IS NOT NULL")


def trigger_is(trigger: Key) -> str:
    """True when there is a trigger of the name."""
    where = f"TRIGGER_SCHEMA = {literal(trigger[0])} AND TRIGGER_NAME = {literal(trigger[1])}"
    return _exists("information_schema.TRIGGERS", where)


def no_triggers(table: Key) -> str:
    """True when the table has no trigger."""
    return _exists("information_schema.TRIGGERS", _of(table, "EVENT_OBJECT").replace(
        "EVENT_OBJECT_NAME", "EVENT_OBJECT_TABLE"), negated=True)  # fmt: skip


def no_references(table: Key) -> str:
    """True when no foreign key leads from the table or to it."""
    there = f"REFERENCED_TABLE_SCHEMA = {literal(table[0])} AND REFERENCED_TABLE_NAME = {literal(table[1])}"
    where = f"REFERENCED_TABLE_NAME IS NOT NULL AND (({_of(table)}) OR ({there}))"
    return _exists("information_schema.KEY_COLUMN_USAGE", where, negated=True)


# --- rows --------------------------------------------------------------------------------------------------------


def orphans(table: Key, columns: Sequence[str], referenced: Key, referenced_columns: Sequence[str]) -> str:
    """What follows FROM in a query of the rows that refer to nothing. It reads both tables."""
    matches = " AND ".join(
        f"p.{ident(there)} = c.{ident(here)}" for here, there in zip(columns, referenced_columns, strict=False)
    )
    present = " AND ".join(f"c.{ident(column)} IS NOT NULL" for column in columns)
    return (
        f"{qualified(table)} c WHERE {present} AND NOT EXISTS (SELECT 1 FROM {qualified(referenced)} p WHERE {matches})"
    )


def no_orphans(table: Key, columns: Sequence[str], referenced: Key, referenced_columns: Sequence[str]) -> str:
    """True when every row refers to something."""
    return f"SELECT NOT EXISTS (SELECT 1 FROM {orphans(table, columns, referenced, referenced_columns)})"


def no_duplicates(table: Key, columns: Sequence[str]) -> str:
    """True when no two rows agree in the columns; NULLs never do. It reads the table."""
    present = " AND ".join(f"{ident(column)} IS NOT NULL" for column in columns)
    return (
        f"SELECT NOT EXISTS (SELECT 1 FROM {qualified(table)} WHERE {present} "
        f"GROUP BY {idents(columns)} HAVING count(*) > 1)"
    )


def no_nulls(table: Key, columns: Sequence[str]) -> str:
    """True when none of the columns holds a NULL. It reads the table."""
    return _exists(qualified(table), " OR ".join(f"{ident(column)} IS NULL" for column in columns), negated=True)


def no_violations(table: Key, expression: str) -> str:
    """True when no row contradicts a check. It reads the table."""
    return _exists(qualified(table), f"NOT ({expression})", negated=True)


# --- what is under way -------------------------------------------------------------------------------------------


def is_quiet(facts: Facts, table: Key) -> str:
    """True when no transaction that has been open for long is in the way of the table's metadata lock.

    MySQL tells which ones have used the table; elsewhere every old transaction counts. It takes PROCESS.
    """
    # InnoDB writes the moment in the time zone of the machine, whatever the session's is.
    old = (
        "timestampdiff(SECOND, convert_tz(t.trx_started, 'SYSTEM', '+00:00'), utc_timestamp()) "
        f"> {OLD_TRANSACTION_SECONDS}"
    )
    told = (facts.setting("performance_schema") or "").upper() in ("ON", "1")
    if facts.target.engine == "mariadb" or facts.version < 80000 or not told:
        return _exists("information_schema.INNODB_TRX t", old, negated=True)
    return (
        "SELECT NOT EXISTS (SELECT 1 FROM performance_schema.metadata_locks l "
        "JOIN performance_schema.threads s ON s.THREAD_ID = l.OWNER_THREAD_ID "
        "JOIN information_schema.INNODB_TRX t ON t.trx_mysql_thread_id = s.PROCESSLIST_ID "
        f"WHERE l.OBJECT_TYPE = 'TABLE' AND l.OBJECT_SCHEMA = {literal(table[0])} "
        f"AND l.OBJECT_NAME = {literal(table[1])} AND {old})"
    )


def saw_old_transactions(facts: Facts) -> bool:
    """Whether transactions were open for long when the server was audited: they are usual there."""
    return any((session.transaction_seconds or 0.0) >= _SEEN_SECONDS for session in facts.sessions)

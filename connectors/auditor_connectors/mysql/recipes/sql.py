"""Writes names, constants and column definitions for generated statements. Every name is taken for hostile."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Container, Iterable, Iterator
from datetime import date

from auditor.model.catalog import Column, Key, Table
from auditor.model.facts import Facts
from auditor_connectors.mysql.quoting import ident, text_literal

IDENTIFIER_CHARACTERS = 64
"""The longest name of a table, column, index or constraint: manual, "Identifier Length Limits"."""

_PLAIN = re.compile(r"[ -&(-\[\]-~]*\Z")
_WORD = re.compile(r"[A-Za-z0-9_$]+\Z")
_LITERAL = re.compile(r"(?is)(NULL|TRUE|FALSE|[-+]?\d+(\.\d+)?(e[-+]?\d+)?|_?\w*\s?[bx]?'.*')\Z")
_MOMENT = re.compile(r"(CURRENT_TIMESTAMP|NOW|LOCALTIME|LOCALTIMESTAMP)(\(\d*\))?\Z", re.IGNORECASE)
_DATED = re.compile(r"-?\d+[-:]\d+[-: .\d]*\Z")
_INTEGER = re.compile(r"(tinyint|smallint|mediumint|int|integer|bigint)(\s*\(\d+\))?( unsigned)?( zerofill)?\Z")
_WIDTHS = {"tinyint": (4, 3), "smallint": (6, 5), "mediumint": (9, 8), "int": (11, 10), "bigint": (20, 20)}


def qualified(key: Key) -> str:
    """Write a table's name with its database."""
    return f"{ident(key[0])}.{ident(key[1])}"


def idents(names: Iterable[str]) -> str:
    """Write a list of identifiers."""
    return ", ".join(ident(name) for name in names)


def literal(text: str) -> str:
    """Write a string constant: as it is where nothing in it could be read in another way, else by its bytes."""
    return f"'{text}'" if _PLAIN.match(text) else text_literal(text)


def plain_literal(text: str) -> str:
    """Write a string where a plain one is asked for, in the mode in which a backslash escapes.

    COMMENT takes no other, and of a check with a constant by its bytes MariaDB writes a statement that it cannot read.
    """
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


# --- names of new objects ----------------------------------------------------------------------------------------


def free_name(parts: Iterable[str], suffix: str, taken: Container[str]) -> str:
    """Name a new object ``parts_suffix``, with a hash when that is too long or taken in whatever case."""
    base = "_".join(parts)
    plain = f"{base}_{suffix}"
    if len(plain) <= IDENTIFIER_CHARACTERS and plain.lower() not in taken:
        return plain
    for attempt in range(1000):
        end = f"_{hashlib.sha256(f'{plain}{attempt}'.encode()).hexdigest()[:6]}_{suffix}"
        name = base[: IDENTIFIER_CHARACTERS - len(end)] + end
        if name.lower() not in taken:
            return name
    raise ValueError(f"no name is free for {plain}")


def routine_for(table: Key, purpose: str) -> Key:
    """Name a routine or trigger that a step makes: by its table where that has a plain name, else by a hash of it.

    The programs mysql and mariadb cannot be given every name in a statement that they do not prepare.
    """
    if _WORD.match(table[1]):
        return table[0], free_name((table[1],), purpose, ())
    return table[0], f"auditor_{hashlib.sha256(table[1].encode()).hexdigest()[:10]}_{purpose}"


def free_table(facts: Facts, schema: str, parts: Iterable[str], suffix: str) -> Key:
    """Name a new table ``parts_suffix`` like no other table or view of its database."""
    tables = {table.name.lower() for table in facts.tables_in(schema)}
    views = {view.name.lower() for view in facts.views if view.schema == schema}
    return schema, free_name(parts, suffix, tables | views)


def index_names(facts: Facts, table: Key) -> frozenset[str]:
    """The names of a table's indexes in small letters, as the server has them: without the table's."""
    return frozenset(bare_index(index.table, index.name).lower() for index in facts.indexes_of(table))


def constraint_names(facts: Facts, schema: str) -> frozenset[str]:
    """The names of all constraints of a database in small letters: foreign keys and checks share them."""
    return facts.once(
        ("constraint names", schema),
        lambda: frozenset(one.name.lower() for one in facts.catalog.constraints if one.schema == schema),
    )


def column_names(table: Table | None) -> frozenset[str]:
    """The names of a table's columns in small letters."""
    return frozenset(column.name.lower() for column in table.columns) if table is not None else frozenset()


def bare_index(table: str, name: str) -> str:
    """The name of an index as the server has it: the model puts the table's before it."""
    return name.removeprefix(f"{table}.")


def seconds_of(day: date) -> int:
    """The seconds from 1970-01-01 to the beginning of a day in UTC, as UNIX_TIMESTAMP counts them."""
    return (day - date(1970, 1, 1)).days * 86400


# --- columns -----------------------------------------------------------------------------------------------------


def definition(
    facts: Facts,
    table: Table,
    column: Column,
    *,
    type_name: str = "",
    nullable: bool | None = None,
    collation: str | None = None,
) -> str:
    """Write all that follows a column's name in MODIFY COLUMN, which would otherwise lose what is not repeated.

    ``type_name``, ``nullable`` and ``collation`` are what changes.
    """
    words = [type_name or column.type]
    if collation is not None:
        words.append(f"CHARACTER SET {set_of(collation)} COLLATE {collation}")
    elif not type_name and column.collation is not None and column.collation != table.collation:
        words.append(f"CHARACTER SET {column.character_set} COLLATE {column.collation}")
    null = column.nullable if nullable is None else nullable
    words.append("NULL" if null else "NOT NULL")
    if column.default is not None:
        words.append(f"DEFAULT {default(facts, column.default, column.family)}")
    if column.on_update is not None:
        words.append(f"ON UPDATE {column.on_update}")
    if column.identity is not None:
        words.append("AUTO_INCREMENT")
    if column.hidden:
        words.append("INVISIBLE")
    if column.comment:
        words.append(f"COMMENT {plain_literal(column.comment)}")
    words += _own_checks(facts, table, column)
    return " ".join(words)


def is_shown(column: Column) -> bool:
    """Whether the dictionary shows all of the column's type: of an ENUM it writes characters of four bytes as ``?``."""
    return not (column.family == "enum" and "?" in column.type)


def set_of(collation: str) -> str:
    """The character set of a collation, whose name begins with it: manual, "Collation Naming Conventions"."""
    return collation.partition("_")[0]


_WIDTHS_OF_SETS = {"utf8mb4": 4, "utf8mb3": 3, "utf8": 3, "latin1": 1, "ascii": 1, "binary": 1}


def bytes_of(character_set: str | None) -> int:
    """The most bytes that a character takes, and the most that any takes where the set is not known."""
    return _WIDTHS_OF_SETS.get(character_set or "", 4)


def _own_checks(facts: Facts, table: Table, column: Column) -> Iterator[str]:
    """A check that was written with the column. MariaDB keeps it there, under the name of the column."""
    if facts.target.engine == "mariadb" and column.family != "json":  # whose own check comes with the type
        for one in facts.constraints_of(table.key, "check"):
            if one.name == column.name and one.definition is not None:
                yield one.definition


def default(facts: Facts, expression: str, family: str = "text") -> str:
    """Write a default in the way in which MODIFY and CREATE TABLE take it: an expression in parentheses.

    MySQL's dictionary has constants without quotes, which those of dates need.
    """
    if _LITERAL.match(expression) or _MOMENT.match(expression):
        return expression
    if (
        facts.target.engine == "mysql"
        and _DATED.match(expression)
        and family in ("date", "time", "timestamp", "timestamp-tz")
    ):
        return f"'{expression}'"
    return expression if expression.startswith("(") else f"({expression})"


def is_constant(expression: str) -> bool:
    """Whether a default is a constant."""
    return _LITERAL.match(expression) is not None or _DATED.match(expression) is not None


def is_moment(expression: str) -> bool:
    """Whether a default is the moment at which a row is written, which both products take without parentheses."""
    return _MOMENT.match(expression) is not None


def types_as_shown(type_name: str) -> tuple[str, ...]:
    """The ways in which the dictionary may write a type: integers with and without a display width, by version."""
    plain = re.sub(r"\s+", " ", type_name.strip().lower())
    plain = re.sub(r"\A(numeric|dec|fixed)\b", "decimal", plain).replace(", ", ",")
    plain = re.sub(r"\Adecimal\Z", "decimal(10,0)", re.sub(r"\Adecimal\((\d+)\)", r"decimal(\1,0)", plain))
    if plain in ("boolean", "bool"):
        return ("tinyint(1)",)
    match = _INTEGER.match(plain)
    if match is None or plain == "tinyint(1)":
        return (plain,)
    name = "int" if match[1] == "integer" else match[1]
    unsigned = match[3] or ""
    return (f"{name}{unsigned}", f"{name}({_WIDTHS[name][1 if unsigned else 0]}){unsigned}")

"""Writes identifiers, literals and names that stand in generated statements. Every name is taken for hostile."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Callable, Iterable, Iterator

from auditor.model.catalog import Key
from auditor.model.facts import Facts

IDENTIFIER_BYTES = 63
"""The longest identifier: NAMEDATALEN - 1. The server cuts longer ones off, with a notice only."""

# pg_get_keywords() of version 18 where catcode is not 'U': what quote_ident() of any supported version would quote.
_WORDS = """
all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case
cast char character check coalesce collate collation column concurrently constraint create cross current_catalog
current_date current_role current_schema current_time current_timestamp current_user dec decimal default
deferrable desc distinct do else end except exists extract false fetch float for foreign freeze from full grant
greatest group grouping having ilike in initially inner inout int integer intersect interval into is isnull join
json json_array json_arrayagg json_exists json_object json_objectagg json_query json_scalar json_serialize
json_table json_value lateral leading least left like limit localtime localtimestamp merge_action national
natural nchar none normalize not notnull null nullif numeric offset on only or order out outer overlaps overlay
placing position precision primary real references returning right row select session_user setof similar
smallint some substring symmetric system_user table tablesample then time timestamp to trailing treat trim true
union unique user using values varchar variadic verbose when where window with xmlattributes xmlconcat
xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable
"""
_KEYWORDS = frozenset(_WORDS.split())
_PLAIN = re.compile(r"[a-z_][a-z0-9_]*\Z")
# The tokens of an expression as far as renaming a column needs them: strings, quoted names, casts, words.
_TOKEN = re.compile(
    r"""(?P<string>[eE]?'(?:[^']|'')*')|(?P<quoted>"(?:[^"]|"")*")|(?P<cast>::\s*)|(?P<word>[A-Za-z_\x80-\U0010ffff]"""
    r"""[\w$\x80-\U0010ffff]*)|(?P<other>.)""",
    re.DOTALL,
)


def ident(name: str) -> str:
    """Write an identifier, quoted when it must be."""
    if _PLAIN.match(name) and name not in _KEYWORDS:
        return name
    return '"' + name.replace('"', '""') + '"'


def qualified(key: Key) -> str:
    """Write a name with its schema."""
    return f"{ident(key[0])}.{ident(key[1])}"


def idents(names: Iterable[str]) -> str:
    """Write a list of identifiers."""
    return ", ".join(ident(name) for name in names)


def literal(text: str) -> str:
    """Write a string constant, whatever ``standard_conforming_strings`` says."""
    quoted = text.replace("'", "''")
    return "E'" + quoted.replace("\\", "\\\\") + "'" if "\\" in quoted else f"'{quoted}'"


def regclass(key: Key) -> str:
    """Write an expression for the relation's identifier that is NULL when there is no such relation."""
    return f"to_regclass({literal(qualified(key))})"


def dollar(body: str, tag: str = "auditor") -> str:
    """Write a block of code as a dollar-quoted string whose tag does not occur in it."""
    chosen, number = f"${tag}$", 1
    while chosen in body:
        number += 1
        chosen = f"${tag}{number}$"
    return f"{chosen}{body}{chosen}"


def rename_in_expression(expression: str, old: str, new: str) -> str:
    """Put one column in another's place in an expression of the catalog. What follows ``::`` is a type and stays."""
    result: list[str] = []
    after_cast = False
    for token in _TOKEN.finditer(expression):
        text, kind = token.group(), token.lastgroup
        name = text[1:-1].replace('""', '"') if kind == "quoted" else text.lower() if kind == "word" else None
        call = expression[token.end() :].lstrip().startswith("(")
        result.append(ident(new) if name == old and not after_cast and not (call and kind == "word") else text)
        after_cast = kind == "cast"
    return "".join(result)


def mentions(expression: str | None, column: str) -> bool:
    """Whether an expression of the catalog may read a column."""
    return expression is not None and rename_in_expression(expression, column, f"{column}?") != expression


# --- names of new objects --------------------------------------------------------------------------------------


def cut(text: str, limit: int) -> str:
    """Cut a text to a number of bytes in UTF-8 without splitting a character."""
    return text.encode()[:limit].decode(errors="ignore")


def short_hash(*parts: str) -> str:
    """Six letters that tell apart names which would otherwise be the same."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:6]


def relation_taken(facts: Facts, key: Key) -> bool:
    """Whether a table, index, sequence or view already has the name."""
    found = facts.table(key) or facts.index(key) or facts.sequence(key)
    return found is not None or key in facts.view_keys


def relation_name(facts: Facts, key: Key, middle: Iterable[str], suffix: str, *, distinct: str = "") -> str:
    """Name a new relation beside the table at ``key``: ``table_middle_suffix``, as the engine would.

    A hash is added when the plain name is too long, taken, or could also be the plain name of something that another
    step makes; ``distinct`` (what else tells the object apart, for instance its predicate) asks for one as well.
    """
    schema, table = key
    parts = [table, *middle]
    base = "_".join(parts)
    plain = f"{base}_{suffix}"
    ambiguous = distinct or len(plain.encode()) > IDENTIFIER_BYTES or _readings(facts, schema, base) > 1
    if not ambiguous and not relation_taken(facts, (schema, plain)):
        return plain
    return _hashed(base, suffix, (schema, *parts, distinct), lambda name: relation_taken(facts, (schema, name)))


def leftover_name(index: str, ending: str) -> str:
    """Name what an interrupted concurrent rebuild leaves behind, as the server does (makeObjectName in indexcmds.c)."""
    return f"{cut(index, IDENTIFIER_BYTES - len(ending) - 1)}_{ending}"


def free_name(base: str, suffix: str, taken: Iterable[str]) -> str:
    """Name a column or constraint ``base_suffix``, with a hash when that is too long or taken."""
    names, plain = set(taken), f"{base}_{suffix}"
    if len(plain.encode()) <= IDENTIFIER_BYTES and plain not in names:
        return plain
    return _hashed(base, suffix, (base, suffix), names.__contains__)


def _hashed(base: str, suffix: str, seed: tuple[str, ...], taken: Callable[[str], bool]) -> str:
    for attempt in itertools.count():
        end = f"_{short_hash(*seed, str(attempt))}_{suffix}"
        name = cut(base, IDENTIFIER_BYTES - len(end.encode())) + end
        if not taken(name):
            return name
    raise AssertionError  # itertools.count() does not end


def _readings(facts: Facts, schema: str, base: str) -> int:
    """In how many ways ``base`` is a table of the schema followed by columns of it, joined by underscores."""
    return sum(
        _splits(base[position + 1 :], frozenset(column.name for column in table.columns))
        for position in _underscores(base)
        if (table := facts.table((schema, base[:position]))) is not None
    )


def _splits(text: str, columns: frozenset[str]) -> int:
    """In how many ways a text is made of columns joined by underscores."""
    rest = (text[position + 1 :] for position in _underscores(text) if text[:position] in columns)
    return (text in columns) + sum(_splits(part, columns) for part in rest)


def _underscores(text: str) -> Iterator[int]:
    return (position for position, letter in enumerate(text) if letter == "_")

"""Reads what the statements of a plan make: tables, columns, constraints, indexes, views and what keeps their rows.

Recipes write them in one form (``recipes/sql.py`` and ``recipes/spelling.py``), which is all that is read here.
"""

from __future__ import annotations

import re
from typing import Literal

from auditor.exporting.orm.engine import Made
from auditor.model.catalog import Key
from auditor.model.operation import AddIndex, AddUnique
from auditor.model.plan import ColumnShape

_NAME = r'(?:(?:U&)?"(?:[^"]|"")*"|[a-z_][a-z0-9_]*)'
_ESCAPED = re.compile(r"\\(?:(\\)|\+([0-9a-f]{6})|([0-9a-f]{4}))")
_NAMES = rf"{_NAME}(?:, {_NAME})*"
_TABLE = rf"(?P<schema>{_NAME})\.(?P<table>{_NAME})"
_NEW_TABLE = re.compile(rf"CREATE TABLE {_TABLE} \((?P<body>.*), PRIMARY KEY \((?P<key>{_NAMES})\)\)\Z", re.DOTALL)
_TYPE = r'(?P<type>(?:[^,()"]|"(?:[^"]|"")*"|\([^()]*\))+)'
_NEW_VALUES = re.compile(
    rf"CREATE TABLE {_TABLE} \((?P<key>{_NAME}) {_TYPE} PRIMARY KEY(?P<one> DEFAULT true CHECK \((?P=key)\))?, "
    r"(?P<body>.*)\)\Z",
    re.DOTALL,
)
_NEW_COPY = re.compile(rf"CREATE TABLE {_TABLE} \(LIKE ")
_NEW_COLUMNS = re.compile(rf"ALTER TABLE {_TABLE} (?P<body>ADD COLUMN .*)", re.DOTALL)
_NEW_COLUMN = re.compile(rf"ADD COLUMN (?P<name>{_NAME}) {_TYPE}(?:, |\Z)")
_FALSE = " NOT NULL DEFAULT false"
_COLLATED = re.compile(rf" COLLATE {_NAME}\Z")
_IN_CHECK = r"""(?:'(?:[^']|'')*'|"(?:[^"]|"")*"|[^'"])*?"""
_NEW_CHECK = re.compile(
    rf"ADD CONSTRAINT (?P<name>{_NAME}) CHECK \((?P<rule>{_IN_CHECK})\) NOT VALID(?:, (?=ADD CONSTRAINT )|\Z)",
    re.DOTALL,
)
_NEW_INDEX = re.compile(
    rf"CREATE (?P<unique>UNIQUE )?INDEX (?:CONCURRENTLY )?(?P<name>{_NAME}) ON (?:ONLY )?{_TABLE} (?P<body>.*)",
    re.DOTALL,
)
_BODY = re.compile(r"(?:USING (?P<method>[a-z]+) )?\(")
_INCLUDE = re.compile(rf" INCLUDE \((?P<names>{_NAMES})\)")
_WHERE = re.compile(r"(?: NULLS NOT DISTINCT)?(?: WITH \([^()]*\))? WHERE (?P<predicate>.*)\Z", re.DOTALL)
_TOKEN = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|[^'"]""", re.DOTALL)
_NEW_VIEW = re.compile(rf"CREATE VIEW {_TABLE} AS SELECT (?P<body>.*)", re.DOTALL)
_SHOWN = re.compile(
    rf"(?:a\.(?P<plain>{_NAME})|CASE WHEN true THEN a\.(?P<fixed>{_NAME}) ELSE a\.{_NAME} END) AS (?P<name>{_NAME})"
    r"(?:, | FROM )"
)
_COMMENT = re.compile(rf"COMMENT ON COLUMN {_TABLE}\.(?P<name>{_NAME}) IS (?P<escaped>E?)'(?P<text>.*)'\Z", re.DOTALL)
_SPELLED = re.compile(r"\\(?:u([0-9a-f]{4})|U([0-9a-f]{8})|(.))", re.DOTALL)
_LETTERS = {"n": "\n", "r": "\r", "t": "\t"}
_KEPT = re.compile(rf"REFRESH MATERIALIZED VIEW {_TABLE}\Z")
_NEW_CONSTRAINT = re.compile(
    rf"ALTER TABLE (?:ONLY )?{_TABLE} ADD CONSTRAINT (?P<name>{_NAME}) (?P<rest>.*)", re.DOTALL
)
_NO_CONSTRAINT = re.compile(rf"ALTER TABLE {_TABLE} DROP CONSTRAINT (?P<name>{_NAME})\Z")
_EXCLUSION = re.compile(
    rf"EXCLUDE USING [a-z]+ \((?:{_NAME} WITH =, )*(?:(?P<period>[a-z0-9]+)\({_NAME}, {_NAME}\)|{_NAME}) WITH &&\)\Z"
)
_REFERENCE = re.compile(rf"FOREIGN KEY \((?P<key>{_NAMES})\) REFERENCES ")
_ON_DELETE = re.compile(r" ON DELETE (CASCADE|RESTRICT|SET NULL|SET DEFAULT)\b")
_PART = re.compile(rf"(?P<name>{_NAME}) {_TYPE}(?:, |\Z)")


def made(statement: str) -> Made | None:
    """Read what a statement of a recipe makes; None for every other statement."""
    return _new_table(statement) or _on_table(statement) or _constraint(statement)


def _new_table(statement: str) -> Made | None:
    if found := _NEW_TABLE.match(statement):
        table = _key(found)
        return Made(kind="table", table=table, name=table[1], columns=_columns(found["body"]), key=_names(found["key"]))
    if found := _NEW_VALUES.match(statement):
        filled: Literal["default"] | None = "default" if found["one"] else None
        key = ColumnShape(name=_name(found["key"]), type=found["type"], nullable=False, filled=filled)
        columns = (key, *_columns(found["body"]))
        table = _key(found)
        return Made(kind="table", table=table, name=table[1], columns=columns, key=(key.name,))
    if found := _NEW_COPY.match(statement):
        return Made(kind="copy", table=_key(found), name=_name(found["table"]))
    if found := _NEW_VIEW.match(statement):
        return _view(_key(found), found["body"])
    if found := _KEPT.match(statement):
        return Made(kind="kept", table=_key(found), name=_name(found["table"]))
    return None


def _on_table(statement: str) -> Made | None:
    if found := _NEW_COLUMNS.match(statement):
        return _altered(_key(found), found["body"])
    if found := _NEW_INDEX.match(statement):
        index = _index(_key(found), found["body"], unique=found["unique"] is not None)
        return Made(kind="index", table=_key(found), name=_name(found["name"]), index=index)
    if found := _COMMENT.match(statement):
        text = _string(found["text"], escaped=found["escaped"] == "E")
        return Made(kind="comment", table=_key(found), name=_name(found["name"]), text=text)
    return None


def _constraint(statement: str) -> Made | None:
    if found := _NO_CONSTRAINT.match(statement):
        return Made(kind="end", table=_key(found), name=_name(found["name"]))
    if found := _NEW_CONSTRAINT.match(statement):
        if exclusion := _EXCLUSION.match(found["rest"]):
            return Made(
                kind="exclusion", table=_key(found), name=_name(found["name"]), period=exclusion["period"]
            )  # fmt: skip
        reference, deleting = _REFERENCE.match(found["rest"]), _ON_DELETE.search(found["rest"])
        return Made(
            kind="constraint", table=_key(found), name=_name(found["name"]),
            key=_names(reference["key"]) if reference else (),
            on_delete=deleting[1].lower() if reference and deleting else "no action",
        )  # fmt: skip
    return None


def _columns(body: str) -> tuple[ColumnShape, ...]:
    found = []
    for part in _PART.finditer(body):
        declared = part["type"].removesuffix(" NOT NULL")
        found.append(ColumnShape(name=_name(part["name"]), type=declared, nullable=declared == part["type"]))
    return tuple(found)


def _altered(table: Key, body: str) -> Made | None:
    """Read the columns that a table gets, and the rules that come with them."""
    columns, at = [], 0
    while found := _NEW_COLUMN.match(body, at):
        declared = found["type"].removesuffix(_FALSE)
        columns.append(
            ColumnShape(
                name=_name(found["name"]), type=_COLLATED.sub("", declared), nullable=declared == found["type"],
                filled=None if declared == found["type"] else "default",
            )
        )  # fmt: skip
        at = found.end()
    checks = [(_name(found["name"]), found["rule"]) for found in _NEW_CHECK.finditer(body, at)]
    if not columns:
        return None
    return Made(kind="column", table=table, name=columns[0].name, columns=tuple(columns), checks=tuple(checks))


def _index(table: Key, body: str, *, unique: bool) -> AddIndex | AddUnique | None:
    """Read the body of an index; None where it is not written as the server writes its own."""
    if (head := _BODY.match(body)) is None:
        return None
    parts, rest = _parts(body[head.end() :])
    plain = all(re.fullmatch(_NAME, part) for part in parts)
    include = _INCLUDE.match(rest)
    where = _WHERE.match(rest, include.end() if include else 0)
    if unique and plain and not include and rest.startswith(" NULLS NOT DISTINCT"):
        return AddUnique(
            schema=table[0], table=table[1], columns=tuple(map(_name, parts)), nulls_not_distinct=True,
            predicate=where["predicate"] if where else None,
        )  # fmt: skip
    return AddIndex(
        schema=table[0], table=table[1], columns=tuple(map(_name, parts)) if plain else (),
        expressions=() if plain else tuple(parts), include=_names(include["names"]) if include else (),
        predicate=where["predicate"] if where else None, unique=unique,
        method=None if head["method"] in (None, "btree") else head["method"],
    )  # fmt: skip


def _parts(text: str) -> tuple[list[str], str]:
    """Part a list at its commas, up to the bracket that closes it; return what comes after that too."""
    parts, depth = [""], 0
    for token in _TOKEN.finditer(text):
        one = token[0]
        depth += (one == "(") - (one == ")")
        if depth < 0:
            return [part.strip() for part in parts], text[token.end() :]
        if one == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += one
    return [part.strip() for part in parts], ""


def _view(view: Key, body: str) -> Made | None:
    """Read a view over one table; its ``key`` are the columns that no change of a row through it may name."""
    behind, key, at = dict[str, str](), [], 0
    while found := _SHOWN.match(body, at):
        name = _name(found["name"])
        behind[name] = _name(found["plain"] or found["fixed"])
        key += [name] if found["fixed"] else []
        at = found.end()
    return Made(kind="view", table=view, name=view[1], key=tuple(key), behind=behind) if behind else None


def _key(found: re.Match[str]) -> tuple[str, str]:
    return (_name(found["schema"]), _name(found["table"]))


def _names(text: str) -> tuple[str, ...]:
    return tuple(_name(one) for one in re.findall(_NAME, text))


def _name(text: str) -> str:
    if text.startswith('U&"'):
        return _ESCAPED.sub(lambda one: one[1] or chr(int(one[2] or one[3], 16)), text[3:-1].replace('""', '"'))
    return text[1:-1].replace('""', '"') if text.startswith('"') else text


def _string(text: str, *, escaped: bool) -> str:
    """Read what stands between the quotes of a string."""
    plain = text.replace("''", "'")
    if not escaped:
        return plain
    return _SPELLED.sub(
        lambda one: chr(int(code, 16)) if (code := one[1] or one[2]) else _LETTERS.get(one[3], one[3]), plain
    )

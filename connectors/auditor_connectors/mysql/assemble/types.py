"""From the declared type of a column to its family, width and limits."""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct

_INTEGER_BITS = {"tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32, "integer": 32, "bigint": 64}
_FLOAT_BITS = {"float": 32, "double": 64}
_FAMILIES = {
    **dict.fromkeys(_INTEGER_BITS, "integer"),
    **dict.fromkeys(_FLOAT_BITS, "float"),
    **dict.fromkeys(("varchar", "tinytext", "text", "mediumtext", "longtext"), "text"),
    **dict.fromkeys(("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"), "binary"),
    **dict.fromkeys(("inet4", "inet6"), "network"),
    **dict.fromkeys(
        ("geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon",
         "geometrycollection", "geomcollection"), "geometric",
    ),
    **dict.fromkeys(("enum", "set"), "enum"),
    "decimal": "decimal",
    "char": "char",
    "bit": "bit",
    "date": "date",
    "time": "time",
    "datetime": "timestamp",
    "timestamp": "timestamp-tz",
    "json": "json",
    "uuid": "uuid",
    "vector": "vector",
}  # fmt: skip
"""Families by DATA_TYPE. A TIMESTAMP is a moment, shown in the session's zone; a DATETIME is what a clock shows."""

_BOOLEAN = re.compile(r"tinyint\(1\)\Z")
_LIMITED = frozenset({"varchar", "char", "binary", "varbinary"})
_DISPLAY_WIDTH = re.compile(r"\b(tinyint|smallint|mediumint|int|bigint)\((?!1\))\d+\)")


class TypeFacts(Struct, frozen=True, kw_only=True):
    """What a column's type comes down to."""

    family: str
    bits: int | None = None
    unsigned: bool = False
    length: int | None = None
    precision: int | None = None
    scale: int | None = None


def facts_of(row: dict[str, Any]) -> TypeFacts:
    """Return the facts of a column's type. BOOLEAN is written tinyint(1), and nothing else is unless a number counts.

    https://dev.mysql.com/doc/refman/8.4/en/other-vendor-data-types.html
    """
    base, declared = row["base"].lower(), row["type"].lower()
    counts = "auto_increment" in (row["extra"] or "").lower()
    if _BOOLEAN.match(declared) and not counts:
        return TypeFacts(family="boolean")
    number = base in ("decimal",)
    return TypeFacts(
        family=_FAMILIES.get(base, "other"),
        bits=_INTEGER_BITS.get(base) or _FLOAT_BITS.get(base),
        unsigned="unsigned" in declared and base in _INTEGER_BITS,
        length=row["length"] if base in _LIMITED else None,
        precision=row["precision"] if number else None,
        scale=row["scale"] if number else None,
    )


def plain(declared: str) -> str:
    """A type without the display width of integers, which changes nothing and which newer versions leave out."""
    return _DISPLAY_WIDTH.sub(r"\1", declared)

"""From the numbers of types to their family, width and limits, through domains and arrays."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from auditor_connectors.postgresql.probe import Raw, Row

_INTEGERS = {"int2": 16, "int4": 32, "int8": 64}
_FLOATS = {"float4": 32, "float8": 64}
_FAMILIES = {
    **dict.fromkeys(_INTEGERS, "integer"),
    **dict.fromkeys(_FLOATS, "float"),
    **dict.fromkeys(("text", "varchar", "name", "citext", "char"), "text"),
    **dict.fromkeys(("inet", "cidr", "macaddr", "macaddr8"), "network"),
    **dict.fromkeys(("bit", "varbit"), "bit"),
    **dict.fromkeys(("tsvector", "tsquery"), "search"),
    **dict.fromkeys(("vector", "halfvec", "sparsevec"), "vector"),
    **dict.fromkeys(("geometry", "geography", "raster", "box2d", "box3d"), "geometric"),
    "numeric": "decimal",
    "money": "money",
    "bool": "boolean",
    "bpchar": "char",
    "uuid": "uuid",
    "date": "date",
    "time": "time",
    "timetz": "time-tz",
    "timestamp": "timestamp",
    "timestamptz": "timestamp-tz",
    "interval": "interval",
    "json": "json",
    "jsonb": "jsonb",
    "bytea": "binary",
    "xml": "xml",
    "oid": "reg",
}
"""Families of base types by name. Those of extensions count wherever the extension lives."""

_BY_KIND = {"e": "enum", "r": "range", "m": "range"}
_HEADER = 4
"""The bytes that a length limit of the catalog counts beside the characters (VARHDRSZ)."""


class TypeFacts(Struct, frozen=True, kw_only=True):
    """What a column's type comes down to."""

    family: str
    bits: int | None = None
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    base_type: str | None = None


class Types:
    """The types of a database by number."""

    def __init__(self, raw: Raw) -> None:
        self._rows: Mapping[int, Row] = {row["oid"]: row for row in raw.get("types", ())}
        self._known: dict[tuple[int, int], TypeFacts] = {}

    def facts(self, oid: int, modifier: int) -> TypeFacts:
        """Return the facts of a type with a modifier (its declared limits, -1 for none)."""
        key = (oid, modifier)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._resolve(oid, modifier)
        return found

    def bits(self, oid: int) -> int | None:
        """Return the width of an integer type."""
        row = self._rows.get(oid)
        return None if row is None else _INTEGERS.get(row["name"])

    def storage(self, oid: int) -> tuple[int, str]:
        """Return how a type lies in a row: its fixed length in bytes (negative: it varies) and its alignment."""
        row = self._rows.get(oid)
        return (-1, "i") if row is None else (row["length"], row["alignment"])

    def _resolve(self, oid: int, modifier: int) -> TypeFacts:
        row, base_type = self._rows.get(oid), None
        while row is not None and row["kind"] == "d":
            base_type, modifier = row["made_of"], row["modifier"]
            row = self._rows.get(row["base"])
        if row is None:
            return TypeFacts(family="other", base_type=base_type)
        if row["category"] == "A":
            return TypeFacts(family="array", base_type=row["made_of"])
        return _base(row, modifier, base_type)


def _base(row: Row, modifier: int, base_type: str | None) -> TypeFacts:
    name, limited = row["name"], modifier >= _HEADER
    family = _BY_KIND.get(row["kind"]) or _FAMILIES.get(name)
    if family is None:
        family = "reg" if name.startswith("reg") else "geometric" if row["category"] == "G" else "other"
    length = precision = scale = None
    if name in ("varchar", "bpchar") and limited:
        length = modifier - _HEADER
    elif family == "bit" and modifier > 0:
        length = modifier
    elif name == "numeric" and limited:
        # numeric.c: the precision in the upper half, the scale in the lower 11 bits, signed since version 15.
        precision = (modifier - _HEADER) >> 16 & 0xFFFF
        scale = ((modifier - _HEADER) & 0x7FF ^ 1024) - 1024
    return TypeFacts(
        family=family,
        bits=_INTEGERS.get(name) or _FLOATS.get(name),
        length=length,
        precision=precision,
        scale=scale,
        base_type=base_type,
    )

"""Writes values as SQL: the k-th of a column's distinct values, for every type that a column can have.

``k`` is an SQL expression of type bigint that counts from 0. Different numbers below ``capacity`` give different
values, so that what is unique is so by its number. Nothing of a real value is known, nor made up to look like one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from auditor.model.statistics import ColumnStatistics
from auditor_connectors.postgresql.recipes.sql import literal
from auditor_connectors.postgresql.rehearsal.rules import Limits, read_rules
from auditor_connectors.postgresql.rehearsal.structure import FilledColumn, Type

PLENTY = 1 << 40
"""More distinct values than there will ever be rows."""

_WIDEST = 8_000
"""Characters of the longest text that is made."""

_YEARS = 3
"""How far back times of a column go whose limits are not known."""

_SHAPE_SHARE = 0.05
"""The smallest share of a shape of text that is imitated."""

_INTEGERS = {"int2": 32_767, "int4": 2_147_483_647, "int8": PLENTY}
_TEXTS = frozenset({"text", "varchar", "bpchar", "citext", "name"})

# Values of types whose limits no rule speaks of, from k.
_SIMPLE: Mapping[str, str] = {
    "uuid": "md5({k}::text)::uuid",
    "time": "time '00:00' + {k} % 86400 * interval '1 second'",
    "timetz": "(time '00:00' + {k} % 86400 * interval '1 second')::timetz",
    "interval": "{k} * interval '1 minute'",
    "inet": "inet '10.0.0.0' + {k} % 16777216",
    "cidr": "network(inet '10.0.0.0' + {k} % 16777216)",
    "macaddr": "lpad(to_hex({k} % 281474976710656), 12, '0')::macaddr",
    "macaddr8": "lpad(to_hex({k}), 16, '0')::macaddr8",
    "point": "point({k}, {k})",
    "box": "box(point({k}, {k}), point({k} + 1, {k} + 1))",
    "lseg": "lseg(point({k}, {k}), point({k} + 1, {k} + 1))",
    "line": "line(point({k}, {k}), point({k} + 1, {k} + 2))",
    "circle": "circle(point({k}, {k}), 1)",
    "polygon": "polygon(box(point({k}, {k}), point({k} + 1, {k} + 1)))",
    "path": "path(polygon(box(point({k}, {k}), point({k} + 1, {k} + 1))))",
    "tsvector": "to_tsvector('simple', 'word' || {k})",
    "tsquery": "to_tsquery('simple', 'word' || {k})",
    "xml": "('<n>' || {k} || '</n>')::xml",
    "oid": "({k} % 2147483647)::oid",
    "pg_lsn": "('0/' || to_hex({k} % 4294967296))::pg_lsn",
    '"char"': "chr((97 + {k} % 26)::int)::\"char\"",
    "char": "chr((97 + {k} % 26)::int)::\"char\"",
    "jsonpath": "('$.n' || {k})::jsonpath",
    "hstore": "('n=>' || {k})::{type}",
    "ltree": "('n' || {k})::{type}",
}  # fmt: skip
_FEW = {"time": 86_400, "timetz": 86_400, "inet": 1 << 24, "cidr": 1 << 24, '"char"': 26, "char": 26}

# What a text of a shape looks like, how long it is at least, and how many there are.
_SHAPES: Mapping[str, tuple[str, int, int]] = {
    "uuid": ("md5({k}::text)::uuid::text", 36, PLENTY),
    "integer": ("({first} + {k})::text", 18, PLENTY),
    "decimal": ("({k} / 100.0)::numeric(20, 2)::text", 15, PLENTY),
    "date": ("(date '2020-01-01' + ({k} % 3000)::int)::text", 10, 3_000),
    "timestamp": ("to_char(timestamp '2020-01-01' + {k} * interval '1 second', 'YYYY-MM-DD HH24:MI:SS')", 19, PLENTY),
    "json": ("'{{\"n\": ' || {k} || '}}'", 16, PLENTY),
    "inet": ("host(inet '10.0.0.0' + {k} % 16777216)", 15, 1 << 24),
    "email": ("'person' || {k} || '@example.org'", 28, PLENTY),
    "url": ("rpad('https://example.org/' || {k} || '/', {width}, 'page')", 40, PLENTY),
    "delimited": ("'one' || {k} || ',two,three'", 24, PLENTY),
}


@dataclass(frozen=True)
class Values:
    """How a column's values are written: from the number of one to its SQL, and how many there are."""

    write: Callable[[str], str]
    capacity: int


@dataclass(frozen=True)
class Kinds:
    """The types by their number, and the latest time that a row may have, as SQL."""

    types: Mapping[int, Type]
    moment: str

    def base(self, oid: int) -> Type:
        """The type that a domain comes down to, or the type itself."""
        kind = self.types[oid]
        while kind.kind == "d":
            kind = self.types[kind.base]
        return kind


@dataclass(frozen=True)
class Wanted:
    """What is known of the values: ``distinct`` is how many there will be, over which times are spread."""

    distinct: int = 1
    statistics: ColumnStatistics | None = None
    limits: Limits = field(default_factory=Limits)


def values(kinds: Kinds, column: FilledColumn, wanted: Wanted) -> Values:
    """Return how the values of a column are written."""
    types, limits = kinds.types, wanted.limits
    kind, modifier = types[column.type], column.modifier
    name = _with_modifier(kind, modifier)
    if kind.kind == "d":
        name = kind.name
        while kind.kind == "d":
            asked = read_rules(kind.checks).limits.get("VALUE")
            limits = asked if asked is not None and limits == Limits() else limits
            kind, modifier = types[kind.base], kind.modifier
    if limits.choices:
        choices = ", ".join(limits.choices)
        return Values(lambda k: f"((ARRAY[{choices}])[1 + {k} % {len(limits.choices)}])::{name}", len(limits.choices))
    found = _plain(kinds, kind, modifier, replace(wanted, limits=limits))
    return Values(lambda k: f"({found.write(k)})::{name}", found.capacity)


def _with_modifier(kind: Type, modifier: int) -> str:
    """The name of a type to cast to. A cast would cut without a word what is too long; only numbers say how exact."""
    if kind.bare == "numeric" and modifier >= 4:
        precision, scale = _exactness(modifier)
        return f"numeric({precision}, {scale})"
    return _UNLIMITED.get(kind.bare, kind.name)


_UNLIMITED = {"bpchar": "bpchar", "bit": '"bit"'}
"""Types whose name alone, as the server writes it, means a length of one."""


def _exactness(modifier: int) -> tuple[int, int]:
    """Precision and scale of a number (numeric.c)."""
    return (modifier - 4) >> 16 & 0xFFFF, ((modifier - 4) & 0x7FF ^ 1024) - 1024


def _plain(kinds: Kinds, kind: Type, modifier: int, wanted: Wanted) -> Values:
    """The values of a type that is no domain."""
    for made in (_composed(kinds, kind, wanted), _ordered(kinds, kind.bare, modifier, wanted)):
        if made is not None:
            return made
    bare = kind.bare
    if bare == "bool":
        return Values(lambda k: f"{k} % 2 = 1", 2)
    if bare in _TEXTS or kind.category == "S":
        return _texts(bare, modifier, wanted)
    if bare in ("json", "jsonb", "bytea"):
        return _documents(bare, wanted.statistics)
    if bare in ("bit", "varbit"):
        bits = max(1, modifier)
        return Values(lambda k: f"{k}::bit({min(bits, 63)})", 1 << min(bits, 40))
    if bare.startswith("reg"):
        return Values(lambda _: "1", 1)
    template = _SIMPLE.get(bare, "({k}::text)::{type}")
    return Values(lambda k: template.format(k=k, type=kind.name), _FEW.get(bare, PLENTY))


def _composed(kinds: Kinds, kind: Type, wanted: Wanted) -> Values | None:
    """The values of a type that is made of others: labels, elements, bounds."""
    if kind.kind == "e":
        labels = ", ".join(map(literal, kind.labels))
        return Values(lambda k: f"(ARRAY[{labels}])[1 + {k} % {len(kind.labels)}]", len(kind.labels) or 1)
    inside = kind.element if kind.category == "A" else kind.subtype if kind.kind == "r" else 0
    if not inside:
        return None
    part = _plain(kinds, kinds.base(inside), -1, Wanted(wanted.distinct + 1))  # the last has one that follows it
    name = _with_modifier(kinds.types[inside], -1)

    def pair(k: str) -> str:
        return f"({part.write(k)})::{name}, ({part.write(f'({k} + 1)')})::{name}"

    if kind.kind == "r":
        return Values(lambda k: f"{kind.name}({pair(k)}, '[)')", max(1, part.capacity - 1))
    return Values(lambda k: f"ARRAY[{pair(k)}]", part.capacity)


def _ordered(kinds: Kinds, bare: str, modifier: int, wanted: Wanted) -> Values | None:
    """The values of a type of numbers or times, which rules may bound."""
    if bare in _INTEGERS:
        return _integers(bare, wanted.limits)
    if bare in ("numeric", "float4", "float8", "money"):
        return _numbers(bare, modifier, wanted.limits, wanted.distinct)
    if bare in ("date", "timestamp", "timestamptz"):
        return _times(bare, wanted.limits, wanted.distinct, kinds.moment)
    return None


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text.strip("'"))
    except ValueError:
        return None


def _integers(bare: str, limits: Limits) -> Values:
    low, high = _number(limits.low), _number(limits.high)
    first = None if low is None else math.floor(low) + 1 if limits.low_open else math.ceil(low)
    last = (
        math.ceil(high) - 1 if high is not None and limits.high_open else math.floor(high) if high is not None else None
    )
    if first is None:
        first = 1 if last is None or last >= 1 else last - 1000
    if limits.not_zero and first == 0:
        first = 1
    capacity = max(1, min(_INTEGERS[bare] - max(first, 0) + 1, PLENTY if last is None else last - first + 1))
    return Values(lambda k: f"{first} + {k} % {capacity}", capacity)


def _numbers(bare: str, modifier: int, limits: Limits, distinct: int) -> Values:
    low, high = _number(limits.low), _number(limits.high)
    precision, scale = _exactness(modifier) if bare == "numeric" and modifier >= 4 else (15, 2)
    unit = 10.0**-scale
    capacity = min(PLENTY, 10 ** max(1, precision - 1))
    if bare == "float4":
        capacity = min(capacity, 1 << 20)
    first = (low or 0.0) + (unit if limits.low_open or limits.not_zero else 0.0)
    if high is not None:
        if low is None and high <= 0:
            first = high - unit * max(distinct, 1)
        last = high - (unit if limits.high_open else 0.0)
        capacity = max(1, min(capacity, round((last - first) / unit) + 1))
    start, step = f"{first:.{max(scale, 0)}f}", f"{unit:.{max(scale, 0)}f}"
    # A whole number of units, so that no two of them are rounded to one.
    text = f"({start} + ({{k}} % {capacity}) * {step})"
    return Values(lambda k: text.format(k=k) + ("::numeric" if bare == "money" else ""), capacity)


def _times(bare: str, limits: Limits, distinct: int, moment: str) -> Values:
    """Spread times evenly between their limits, or up to the moment."""
    low = f"{limits.low}::{bare}" if _is_time(limits.low) else None
    high = f"{limits.high}::{bare}" if _is_time(limits.high) else None
    span = (
        f"greatest(interval '{_YEARS} years', interval '{distinct} days')"
        if bare == "date"
        else f"interval '{_YEARS} years'"
    )
    if high is None:
        high = f"{low} + {span}" if low is not None else f"{moment}::{bare}"
    if low is None:
        low = f"({high} - {span})::{bare}"
    smallest = "1" if bare == "date" else "interval '1 microsecond'"
    start = f"({low} + {smallest})" if limits.low_open else low
    place = f"{{k}} % {distinct}"
    if bare == "date":
        text = f"{start} + (({place}) * greatest(1, ({high})::date - {start}) / {distinct})::int"
    else:
        text = f"{start} + ({place}) * (({high}) - {start}) / {distinct + 1}"
    return Values(lambda k: text.format(k=k), PLENTY)


def _is_time(constant: str | None) -> bool:
    return constant is not None and constant.startswith("'")


def _documents(bare: str, statistics: ColumnStatistics | None) -> Values:
    width = min(_WIDEST, (statistics.average_width if statistics and statistics.average_width else 32))
    if bare == "bytea":
        return Values(lambda k: f"decode(repeat(md5({k}::text), {max(1, width // 16)}), 'hex')", PLENTY)
    filler = max(0, width - 32) // 32
    text = f"repeat(md5({{k}}::text), {filler})"
    return Values(lambda k: f"{bare}_build_object('n', {k}, 'text', {text.format(k=k)})", PLENTY)


def _texts(bare: str, modifier: int, wanted: Wanted) -> Values:
    statistics, limits, distinct = wanted.statistics, wanted.limits, wanted.distinct
    if limits.letters:
        capacity = math.prod(map(len, limits.letters))
        return Values(lambda k: _spelled(k, limits.letters), min(capacity, PLENTY))
    longest = modifier - 4 if bare in ("varchar", "bpchar") and modifier >= 4 else 63 if bare == "name" else _WIDEST
    if limits.longest is not None:
        longest = max(1, min(longest, limits.longest))
    digits = len(f"{max(distinct, 1):x}")
    average = (statistics.average_width or 0) - 1 if statistics is not None else 0
    width = max(1, limits.shortest, min(longest, max(average, digits + 1)))
    if width < digits + 1:
        capacity = 16**width if width < 10 else PLENTY
        plain = Values(lambda k: f"lpad(to_hex({k} % {capacity}), {width}, '0')", capacity)
    else:
        repeated = math.ceil(width / 32)
        plain = Values(
            lambda k: f"substr(to_hex({k}) || '-' || repeat(md5({k}::text), {repeated}), 1, {width})", PLENTY
        )
    return _shaped(plain, statistics, longest, distinct)


def _shaped(plain: Values, statistics: ColumnStatistics | None, longest: int, distinct: int) -> Values:
    """Give a share of the texts the shape that most of the real ones have, so that steps that read it can."""
    shapes = statistics.shapes if statistics is not None else {}
    name = max(shapes, key=lambda one: shapes[one], default="")
    if shapes.get(name, 0.0) < _SHAPE_SHARE or name not in _SHAPES:
        return plain
    template, needed, capacity = _SHAPES[name]
    if needed > longest or capacity < distinct:
        return plain
    average = (statistics.average_width or 1) if statistics is not None else 1
    first = 10 ** max(0, min(average - 2, 17 - len(str(distinct))))

    def write(k: str) -> str:
        return template.format(k=k, first=first, width=max(needed, min(average, longest)))

    percent = round(shapes[name] * 100)
    if percent >= 100:
        return Values(write, capacity)
    return Values(
        lambda k: f"CASE WHEN {k} % 100 < {percent} THEN {write(k)} ELSE {plain.write(k)} END",
        min(plain.capacity, capacity),
    )


def _spelled(k: str, letters: list[str]) -> str:
    """Count in the sets of letters as in a number system, the last place first."""
    pieces, divisor = [], 1
    for one in reversed(letters):
        pieces.append(
            f"substr({literal(one)}, (1 + {k} / {divisor} % {len(one)})::int, 1)" if len(one) > 1 else literal(one)
        )
        divisor = min(divisor * len(one), PLENTY)
    return "concat(" + ", ".join(reversed(pieces)) + ")"

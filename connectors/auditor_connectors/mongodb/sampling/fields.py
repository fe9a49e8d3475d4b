"""From tallies to records: the fields of a collection, as the model has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from statistics import fmean, median_low

from msgspec import Struct

from auditor.model.catalog import Column
from auditor.model.documents import ArrayShape, FieldShape
from auditor.model.statistics import ColumnStatistics
from auditor_connectors.mongodb.sampling.elements import (
    ARRAY,
    BINARY,
    BOOL,
    DATE,
    DECIMAL,
    DOUBLE,
    INT,
    LONG,
    NAMES,
    NULL,
    OBJECT,
    STRING,
    SYMBOL,
    UNDEFINED,
)
from auditor_connectors.mongodb.sampling.tally import Node, Tally

FIELDS = 1_000
"""How many fields of a collection are told: those that most documents have."""

_SURE = 0.9
"""The share of the values that must be of a family before the field is called by it."""

_FAMILIES = {STRING: "text", SYMBOL: "text", OBJECT: "document", ARRAY: "array", BINARY: "binary", BOOL: "boolean",
             DATE: "timestamp-tz", DOUBLE: "float", INT: "integer", LONG: "integer", DECIMAL: "decimal"}  # fmt: skip
_NUMBERS = (DECIMAL, DOUBLE, LONG, INT)
_EMPTY = frozenset({NULL, UNDEFINED})
_SUBTYPES = {0: "generic", 1: "function", 2: "binary-old", 3: "uuid-old", 4: "uuid", 5: "md5", 6: "encrypted",
             7: "column", 8: "sensitive", 9: "vector"}  # fmt: skip
"""https://bsonspec.org/spec.html, binary subtypes"""


class Strata(Struct, frozen=True, kw_only=True):
    """Which of the documents are the oldest, the newest, and of the older and newer half: a bit for each document."""

    oldest: int
    newest: int
    older: int
    newer: int


def strata(documents: int, stratum: int) -> Strata:
    """Part documents that were read from the oldest to the newest."""
    edge, half = min(stratum, documents // 2), documents // 2
    return Strata(
        oldest=_bits(0, edge), newest=_bits(documents - edge, documents), older=_bits(0, half),
        newer=_bits(half, documents),
    )  # fmt: skip


def _bits(start: int, end: int) -> int:
    return (1 << end) - (1 << start)


def paths(node: Node, path: str | None = None) -> Iterator[tuple[str, Node]]:
    """Every path below a node, with dots between the names; an array stands for its elements.

    A dot in a name is doubled: the server's own paths cannot address such a field, and another one may have its path.
    """
    for raw, child in node.children.items():
        name = raw.decode(errors="replace").replace(".", "..")
        below = f"{path}.{name}" if path is not None else name
        yield below, child
        yield from paths(child, below)
        element = child.element
        while element is not None:  # an array may hold arrays
            yield from paths(element, below)
            element = element.element


def columns(tally: Tally, parted: Strata | None, of: float | None) -> tuple[Column, ...]:
    """The fields, ``_id`` first and the others by name. ``of`` is how many documents the collection has."""
    scale = max(1.0, (of or 0.0) / max(tally.documents, 1))
    found: dict[str, Node] = {}
    for path, node in paths(tally.root):
        if path in found:  # inside objects of an array, and of the same name inside one object
            found[path].merge(node)
            found[path].around += node.around
        else:
            found[path] = node
    kept = sorted(found.items(), key=lambda item: (-item[1].documents.bit_count(), item[0]))[:FIELDS]
    ordered = sorted(kept, key=lambda item: (item[0] != "_id", item[0]))
    return tuple(_column(path, node, position, parted, scale) for position, (path, node) in enumerate(ordered, start=1))


def _column(path: str, node: Node, position: int, parted: Strata | None, scale: float) -> Column:
    values = {kind: count for kind, count in node.kinds.items() if kind not in _EMPTY}
    kind = max(values, key=lambda one: (values[one], -one), default=NULL)
    shape = _shape(node, parted)
    return Column(
        name=path,
        position=position,
        type=NAMES[kind],
        family=_family(node, values),
        bits={DOUBLE: 64, INT: 32, LONG: 64}.get(kind),
        base_type=_base_type(node),
        nullable=node.count < node.around or node.count > sum(values.values()),
        statistics=_statistics(node, sum(values.values()), scale),
        shape=shape,
    )


def _family(node: Node, values: Mapping[int, int]) -> str:
    total = sum(values.values())
    numbers = sum(values.get(kind, 0) for kind in _NUMBERS)
    if not total:
        return "other"
    if numbers >= _SURE * total:
        if values.get(DECIMAL, 0) >= _SURE * total:
            return "decimal"
        return "float" if values.get(DOUBLE) else "integer"
    kind = max(values, key=lambda one: values[one])
    if values[kind] < _SURE * total:
        return "other"
    if kind == BINARY and node.subtypes[3] + node.subtypes[4] >= _SURE * total:
        return "uuid"
    return _FAMILIES.get(kind, "other")


def _base_type(node: Node) -> str | None:
    """The one type of an array's elements."""
    kinds = set(node.element.kinds) - _EMPTY if node.element is not None else set()
    return NAMES[min(kinds)] if len(kinds) == 1 else None


def _statistics(node: Node, values: int, scale: float) -> ColumnStatistics:
    seen = sum(node.hashes.values())
    forms = sum(node.forms.values())
    distinct = _distinct(node, seen, scale) if seen else None
    unique = distinct is not None and distinct >= _SURE * seen * scale
    return ColumnStatistics(
        null_fraction=round(1 - values / max(node.around, node.count, 1), 6),
        distinct=None if unique or distinct is None else round(distinct, 1),
        distinct_ratio=round(distinct / (seen * scale), 6) if unique and distinct is not None else None,
        distinct_folded=None
        if unique or distinct is None or not node.folded
        else round(distinct * len(node.folded) / len(node.hashes), 1),
        average_width=_width(node),
        top_frequency=round(max(node.hashes.values()) / max(node.around, 1), 6) if seen else None,
        sampled_values=values,
        shapes={name: round(count / forms, 6) for name, count in sorted(node.forms.items())},
    )


def _width(node: Node) -> int | None:
    """The mean size of a value, of a text without its frame."""
    texts = node.kinds[STRING] + node.kinds[SYMBOL]
    if texts >= _SURE * max(node.count, 1):
        return round(node.text_bytes / texts)
    return round(node.bytes / node.count) if node.count else None


def _distinct(node: Node, seen: int, scale: float) -> float:
    """How many different values the whole collection has, from how many the sample has and how many of them once.

    The estimator Duj1 of Haas and Stokes (IBM Research Report RJ 10025, 1996), which relational engines use as well.
    """
    once = sum(1 for count in node.hashes.values() if count == 1)
    return seen * len(node.hashes) / (seen - once + once / scale)


def _shape(node: Node, parted: Strata | None) -> FieldShape:
    total = max(node.count, 1)
    texts = node.kinds[STRING] + node.kinds[SYMBOL]
    return FieldShape(
        documents=node.count if node.nested else node.documents.bit_count(),
        of=max(node.around, node.count),
        types={NAMES[kind]: round(count / total, 6) for kind, count in sorted(node.kinds.items())},
        oldest=None if parted is None else _within(node, parted.oldest),
        newest=None if parted is None else _within(node, parted.newest),
        array=_array(node, parted),
        in_array=node.nested,
        length_mean=round(node.text_bytes / texts, 1) if texts else None,
        length_maximum=node.longest if texts or node.subtypes else None,
        bytes_mean=round(node.bytes / total, 1),
        bytes_maximum=node.largest,
        formats={
            _SUBTYPES.get(subtype, "user-defined"): round(count / node.subtypes.total(), 6)
            for subtype, count in sorted(node.subtypes.items())
        },
    )


def _within(node: Node, documents: int) -> float | None:
    """The share of some documents that have it."""
    return round((node.documents & documents).bit_count() / documents.bit_count(), 4) if documents else None


def _array(node: Node, parted: Strata | None) -> ArrayShape | None:
    if not node.lengths:
        return None
    lengths = sorted(length for _, length in node.lengths)
    return ArrayShape(
        mean=round(fmean(lengths), 2),
        median=median_low(lengths),
        p99=lengths[min(len(lengths) - 1, int(0.99 * len(lengths)))],
        maximum=lengths[-1],
        older=None if parted is None else _mean(length for at, length in node.lengths if parted.older >> at & 1),
        newer=None if parted is None else _mean(length for at, length in node.lengths if parted.newer >> at & 1),
        bytes_mean=round(node.array_bytes / len(lengths), 1),
    )


def _mean(lengths: Iterable[int]) -> float | None:
    found = list(lengths)
    return round(fmean(found), 2) if found else None

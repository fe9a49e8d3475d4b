"""Places are bare numbers, without an index that knows of them.

## What
Pairs of coordinates in an array, and latitude beside longitude, in fields that are named like places and over which no
geospatial index is built. GeoJSON objects are left out.

## Why it matters
"Within five kilometres" reads every document, in plane geometry. In a bare pair nobody knows which number comes first:
MongoDB wants the longitude, people often write the latitude.

## When it is fine
Nobody searches by place; the numbers are those of a plane, such as pixels.

## How to fix it
Write a GeoJSON point (``{type: "Point", coordinates: [longitude, latitude]}``) beside the numbers, fill it in old
documents, and build a 2dsphere index over it.

## Sources
MongoDB manual, "Geospatial Queries": GeoJSON objects and legacy coordinate pairs.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Column, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import COLLECTIONS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._documents import field_subject, is_data_name, rows, sampled, unsampled
from auditor_checks._names import words

CHECK = Check(
    title="Places are bare numbers without a geospatial index",
    passed="Places have a geospatial index",
    pillar=Pillar.MODELLING,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=COLLECTIONS,
    needs=("collections", "fields", "indexes"),
)
_PLACES = frozenset("location loc position coordinates coords geo point place pos latlng lnglat gps center".split())
_LATITUDES, _LONGITUDES = frozenset({"lat", "latitude"}), frozenset({"lng", "lon", "long", "longitude"})
_GEOSPATIAL = frozenset({"2d", "2dsphere"})


def judge(table: Table, facts: Facts, *, share: float = 0.95, values: float = 20) -> Iterator[Verdict]:
    """Look for pairs by what they hold and how they are called."""
    if unknown := unsampled(table, int(values)):
        yield unknown
        return
    indexed = {
        part.column for index in facts.indexes_of(table.key) for part in index.parts
        if part.operator_class in _GEOSPATIAL
    }  # fmt: skip
    names = {column.name: column for column in table.columns}
    for column in table.columns:
        around, _, name = column.name.rpartition(".")
        if is_data_name(column.name) or {column.name, around} & indexed or f"{around}.type" in names:
            continue
        pair = _pair(column, name, share, values)
        other = None if pair else _longitude(column, around, name, names)
        if pair or other is not None:
            what = "pairs of numbers" if other is None else f"a latitude, beside {other.name}"
            path = table.column_path(column.name)
            yield Flaw(
                subject=field_subject(table, column),
                evidence=(
                    Evidence(name="type", value=column.type, probe="fields"),
                    Evidence(name="geospatial indexes", value=len(indexed), unit="indexes", probe="indexes"),
                    sampled(table),
                    rows(table),
                ),
                explanation=f"{path} holds {what}, and no geospatial index covers it.",
                recommendation="If anybody searches by place, keep a GeoJSON point and build a 2dsphere index over it.",
                operations=(
                    ChangeApplication(
                        topic="geojson", subject=path,
                        instruction=f"Write a GeoJSON point beside {path} (longitude first), fill it in old documents "
                        "in batches, build a 2dsphere index over it, and let searches use it.",
                    ),
                ),
            )  # fmt: skip


def _pair(column: Column, name: str, share: float, values: float) -> bool:
    known = column.statistics
    if column.family != "array" or known is None or known.sampled_values < values:
        return False
    return bool(_PLACES & set(words(name))) and known.shapes.get("coordinates", 0.0) >= share


def _longitude(column: Column, around: str, name: str, names: dict[str, Column]) -> Column | None:
    """The field that holds the longitude, where this one holds the latitude."""
    if column.family not in ("float", "decimal") or not _LATITUDES & set(words(name)):
        return None
    beside = (one for path, one in names.items() if path.rpartition(".")[0] == around)
    return next((one for one in beside if one.family == column.family and _LONGITUDES & set(words(one.name))), None)

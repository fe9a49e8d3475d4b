"""Collections and indexes, from what the server lists of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from auditor.model.catalog import Index, IndexPart, Key, Schema, Table, View
from auditor.model.documents import Documents, Link, TimeSeries, Validator
from auditor.model.statistics import Bloat
from auditor_connectors.mongodb.assemble.sizes import sizes
from auditor_connectors.mongodb.assemble.values import shell, whole
from auditor_connectors.mongodb.javascript import create_index
from auditor_connectors.mongodb.probe import Raw, Row

_SPECIAL = ("2dsphere", "2d", "text", "hashed", "columnstore")
_TTL_OFF = 2_147_483_647
"""Seconds that an expiry which somebody gave as NaN turns into: nothing ever expires.

https://www.mongodb.com/docs/manual/core/index-ttl/
"""


def schemas(raw: Raw) -> tuple[Schema, ...]:
    """The databases, which hold the collections."""
    return tuple(
        Schema(name=row["name"]) for row in sorted(raw.get("database-sizes", ()), key=lambda row: str(row["name"]))
    )


def tables(raw: Raw) -> tuple[Table, ...]:
    """The collections, by address."""
    measured = sizes(raw)
    samples = {(row["database"], row["collection"]): row for row in raw.get("fields", ())}
    links: dict[Key, list[Link]] = defaultdict(list)
    for row in raw.get("references", ()):
        links[row["database"], row["collection"]].append(row["link"])
    found = []
    for row in raw.get("collections", ()):
        if row.get("type") != "view":
            key = (row["database"], row["name"])
            found.append(_collection(row, measured.get(key, {}), samples.get(key, {}), links[key]))
    return tuple(sorted(found, key=lambda table: table.key))


def _collection(row: Row, size: Row, sample: Row, links: Sequence[Link]) -> Table:
    key = (row["database"], row["name"])
    options = row.get("options", {})
    data, indexes = whole(size.get("storageSize")), whole(size.get("totalIndexSize"))
    collation = options.get("collation", {}).get("locale")
    return Table(
        schema=key[0],
        name=key[1],
        kind="collection",
        collation=None if collation in (None, "simple") else f"{collation}/{options['collation'].get('strength', 3)}",
        rows=float(size["count"]) if "count" in size else None,
        bytes=None if data is None or indexes is None else data + indexes,
        heap_bytes=data,
        index_bytes=indexes,
        bloat=_free(size, data),
        columns=sample.get("columns", ()),
        documents=_documents(options, size, sample.get("documents", Documents()), links),
    )


def _free(size: Row, data: int | None) -> Bloat | None:
    """The space in the collection's file that holds nothing; the server reuses it and does not give it back."""
    free = whole(size.get("freeStorageSize"))
    if free is None or not data:
        return None
    return Bloat(bytes=free, ratio=free / data, method="measured")


def _documents(options: Row, size: Row, sampled: Documents, links: Sequence[Link]) -> Documents:
    return replace(
        sampled,
        links=tuple(sorted(links, key=lambda link: (link.field, link.database, link.collection))),
        bytes_mean=float(size["avgObjSize"]) if "avgObjSize" in size else None,
        capped=bool(options.get("capped")),
        clustered=bool(options.get("clusteredIndex")) and "timeseries" not in options,
        encrypted="encryptedFields" in options,
        expire_seconds=whole(options.get("expireAfterSeconds")),
        validator=_validator(options),
        time_series=_time_series(options, size),
    )


def _validator(options: Row) -> Validator | None:
    rule = options.get("validator")
    if not rule:
        return None
    schema = rule.get("$jsonSchema")
    described = schema if isinstance(schema, Mapping) else {}
    level = options.get("validationLevel", "strict")
    return Validator(
        level=level if level in ("off", "moderate") else "strict",
        action=str(options.get("validationAction", "error")),
        schema=isinstance(schema, Mapping),
        fields=tuple(sorted(map(str, described.get("properties", {})))),
        required=tuple(sorted(map(str, described.get("required", ())))),
    )


def _time_series(options: Row, size: Row) -> TimeSeries | None:
    series: Any = options.get("timeseries")
    if not series:
        return None
    counted = size.get("timeseries", {})
    buckets, measured = whole(counted.get("bucketCount")), counted.get("numMeasurementsCommitted")
    return TimeSeries(
        time_field=series["timeField"],
        meta_field=series.get("metaField"),
        granularity=series.get("granularity"),
        buckets=buckets,
        per_bucket=float(measured) / buckets if buckets and measured else None,
    )


def views(raw: Raw) -> tuple[View, ...]:
    """The views, by address."""
    found = [
        View(schema=row["database"], name=row["name"], reads=((row["database"], row["options"].get("viewOn", "")),))
        for row in raw.get("collections", ())
        if row.get("type") == "view"
    ]
    return tuple(sorted(found, key=lambda view: view.key))


def indexes(raw: Raw) -> tuple[Index, ...]:
    """The indexes, by address: database, and "collection.index"."""
    measured = {key: size.get("indexSizes", {}) for key, size in sizes(raw).items()}
    found = [_index(row, measured) for row in raw.get("indexes", ())]
    return tuple(sorted(found, key=lambda index: index.key))


def _index(row: Row, measured: Mapping[Key, Row]) -> Index:
    database, collection, spec = row["database"], row["collection"], row["spec"]
    keys, name = dict(spec["key"]), str(spec["name"])
    collation = spec.get("collation", {})
    folding = f"{collation['locale']}/{collation.get('strength', 3)}" if collation.get("locale") else None
    primary = (list(keys) == ["_id"] and name in ("_id_",)) or bool(spec.get("clustered"))
    partial = spec.get("partialFilterExpression")
    expiry = whole(spec.get("expireAfterSeconds"))
    return Index(
        schema=database,
        table=collection,
        name=f"{collection}.{name}",
        method=_method(keys),
        parts=tuple(_part(field, how, folding) for field, how in keys.items() if field not in ("_fts", "_ftsx"))
        + tuple(IndexPart(column=field, operator_class="text", default_operator_class=False, collation=folding)
                for field in spec.get("weights", {})),
        predicate=shell(partial) if partial is not None else None,
        unique=bool(spec.get("unique")) or primary,
        primary=primary,
        visible=not spec.get("hidden", False),
        sparse=bool(spec.get("sparse")),
        expire_seconds=None if expiry == _TTL_OFF else expiry,
        clustered=bool(spec.get("clustered")),
        definition=_definition(database, collection, spec),
        bytes=whole(measured.get((database, collection), {}).get(name)),
    )  # fmt: skip


def _part(field: str, how: Any, collation: str | None) -> IndexPart:
    special = isinstance(how, str)
    return IndexPart(
        column=field,
        descending=not special and how < 0,
        operator_class=how if special else None,
        default_operator_class=not special,
        collation=collation,
    )


def _method(keys: Row) -> str:
    if any(field == "$**" or field.endswith(".$**") for field in keys):
        return "wildcard" if "_fts" not in keys else "text"
    return next((how for how in _SPECIAL if how in keys.values()), "btree")


_OPTIONS = frozenset("""
    unique sparse hidden expireAfterSeconds partialFilterExpression collation weights default_language language_override
    wildcardProjection 2dsphereIndexVersion bits min max
""".split())  # fmt: skip


def _definition(database: str, collection: str, spec: Row) -> str:
    """The command that makes the index again, for mongosh."""
    keys = dict(spec["key"])
    if "_fts" in keys:
        own = [(field, how) for field, how in keys.items() if field not in ("_fts", "_ftsx")]
        keys = {**dict(own), **dict.fromkeys(spec.get("weights", {}), "text")}
    options = {"name": spec["name"], **{name: value for name, value in spec.items() if name in _OPTIONS}}
    whole_numbers = {field: int(how) if isinstance(how, float) else how for field, how in keys.items()}
    return create_index((database, collection), whole_numbers, options)

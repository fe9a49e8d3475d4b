"""The recipe for measurements that become a time series: a new collection, into which they are copied by time.

``$merge`` writes to no time series, and nothing in one is unique: the copy itself looks which measurements are there
already, by ``_id``, which a time series keeps (https://www.mongodb.com/docs/manual/core/timeseries/timeseries-limitations/).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.connector import Draft
from auditor.model.catalog import Key
from auditor.model.facts import Facts
from auditor.model.operation import UseTimeSeries
from auditor.model.vocabulary import Phase
from auditor_connectors.drafting import application
from auditor_connectors.mongodb.javascript import collection, create_index, database, document, text
from auditor_connectors.mongodb.recipes import estimates
from auditor_connectors.mongodb.recipes.batches import NOTES, in_batches
from auditor_connectors.mongodb.recipes.conditions import exists, index_is, none_match
from auditor_connectors.mongodb.recipes.estimates import Estimate
from auditor_connectors.mongodb.recipes.paths import Path
from auditor_connectors.mongodb.recipes.steps import EXCLUSIVE, OBSERVATION_DAYS, draft

SUPPORTED = 50000
"""The first version that has them."""

INDEXES = 60300
"""The first version that builds the index over source and time by itself: the manual's page on their indexes."""


def use_time_series(operation: UseTimeSeries, facts: Facts) -> Iterator[Draft]:
    """Write both, copy, compare the numbers, read the new collection, and drop the old one."""
    key = (operation.schema, operation.table)
    into = (key[0], _free(facts, key))
    names = (".".join(key), ".".join(into))
    table = facts.table(key)
    time = Path(table, operation.time)
    if facts.version < SUPPORTED or not time.usable or len(time.parts) > 1:
        yield application(
            Phase.SWITCH,
            f"Keep {names[0]} as a time series",
            "This version has no time series, or the time is no field of the documents themselves.",
            objects=names[:1],
        )
        return
    series = {"timeField": operation.time, **({"metaField": operation.meta} if operation.meta else {})}
    options = {"timeseries": {**series, "granularity": operation.granularity or "seconds"}}
    untimed = {operation.time: {"$not": {"$type": "date"}}}
    yield draft(
        Phase.EXPAND,
        f"Make the time series {names[1]}",
        f"{database(key[0])}.createCollection({text(into[1])}, {document(options)})",
        verify=exists(into),
        precondition=none_match(key, untimed),
        rollback=(f"{collection(into)}.drop()",),
        takes=Estimate(0.1, None, "a new collection is empty"),
        notes=(
            f"Each measurement needs a date in {operation.time}: the precondition looks for those without.",
            "The time and the source of a series are chosen for ever; the granularity can be made coarser.",
            "Before version 7.0 single measurements can be neither updated nor deleted.",
        ),
    )
    if operation.meta and facts.version < INDEXES:
        yield _indexed(into, operation.meta, operation.time)
    yield application(
        Phase.EXPAND,
        f"Write each measurement to {names[0]} and {names[1]}",
        "Deploy code that inserts to both, with the same _id.",
        kind="tolerate",
        objects=names,
    )
    yield _copied(facts, key, into, operation)
    yield application(
        Phase.SWITCH,
        f"Read {names[1]}, write both",
        f"Deploy code that reads the time series: by {operation.meta or 'source'} and a range of {operation.time}.",
        kind="move-reads",
        objects=names,
    )
    yield application(
        Phase.SWITCH, f"Write {names[1]} only", "Wait until no older code runs.", kind="stop-using", objects=names[:1]
    )
    yield draft(
        Phase.CONTRACT,
        f"Drop {names[0]}, which the time series has replaced",
        f"{collection(key)}.drop()",
        verify=exists(key, absent=True),
        precondition=_same(key, into),
        reversible=False,
        point_of_no_return=True,
        observe_days=OBSERVATION_DAYS,
        takes=Estimate(0.1, None, "files are removed"),
        lock=EXCLUSIVE,
        notes=("A time series cannot be renamed: code keeps its new name.",),
    )


def _indexed(into: Key, meta: str, time: str) -> Draft:
    name = f"{meta}_1_{time}_1"
    return draft(
        Phase.EXPAND,
        f"Build the index {name} on {'.'.join(into)}",
        create_index(into, {meta: 1, time: 1}, {"name": name}),
        verify=index_is(into, name),
        rollback=(f"{collection(into)}.dropIndex({text(name)})",),
        takes=Estimate(0.1, None, "a new collection is empty"),
    )


def _free(facts: Facts, key: Key) -> str:
    name = f"{key[1]}_series"
    while facts.table((key[0], name)) is not None:
        name += "_"
    return name


def _same(key: Key, into: Key) -> str:
    """Whether the series has at least as many measurements: those that old code deleted are in it still."""
    return f"{collection(into)}.countDocuments({{}}) >= {collection(key)}.countDocuments({{}})"


def _copied(facts: Facts, key: Key, into: Key, operation: UseTimeSeries) -> Draft:
    table, time = facts.table(key), f"[{text(operation.time)}]"
    source, series = collection(key), collection(into)
    work = (
        f"  const found = {source}.find({{_id: {{$in: ids}}}}).sort({document({operation.time: 1})}).toArray();\n"
        f"  const first = found[0]{time}, last = found[found.length - 1]{time};\n"
        f"  const range = {{{text(operation.time)}: {{$gte: first, $lte: last}}, _id: {{$in: ids}}}};\n"
        f"  const there = {series}.find(range, {{_id: 1}}).toArray();\n"
        f"  const known = new Set(there.map(one => EJSON.stringify(one._id)));\n"
        f"  const missing = found.filter(one => !known.has(EJSON.stringify(one._id)));\n"
        f"  if (missing.length > 0) {series}.insertMany(missing, {{ordered: false, ...majority}});"
    )
    return draft(
        Phase.BACKFILL,
        f"Copy {'.'.join(key)} to {'.'.join(into)}",
        *in_batches(key, {}, operation.id, work),
        verify=_same(key, into),
        # Before 7.0 nothing but a drop empties a time series: it is made anew by the step before.
        rollback=(),
        takes=estimates.batches(table, estimates.COPIES_PER_SECOND, "copied", 1.0, table.heap_bytes if table else None),
        notes=(
            *NOTES,
            "In the order of _id, which is that of time where keys grow: buckets are filled best then.",
            "The way back is that of the step before, which drops the series; run both again then.",
        ),
    )

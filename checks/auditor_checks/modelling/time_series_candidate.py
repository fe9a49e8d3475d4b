"""Measurements are kept as plain documents.

## What
Plain collections whose documents are a moment, a source and numbers, and nothing else: each source has fifty documents
and more on average, and no index but that of ``_id`` is unique.

## Why it matters
A time series collection keeps the measurements of a source together in compressed columns: it takes a fraction of the
space in storage, cache and indexes, and reads of a period touch few pages.

## When it is fine
Measurements are corrected one by one (a time series allows few updates), or must be unique.

## How to fix it
Make a time series collection, write both for a while, copy the old documents day by day, and move the readers.

## Sources
MongoDB manual, "Time Series Collections", "Time Series Collection Limitations".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Column, Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Verdict
from auditor.model.operation import UseTimeSeries
from auditor.model.units import COLLECTIONS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._documents import documents_of, rows, sampled, shape_of, unsampled
from auditor_checks._words import fitting

CHECK = Check(
    title="Measurements are kept as plain documents",
    passed="Measurements are kept as a time series",
    pillar=Pillar.MODELLING,
    severity=Severity.LOW,
    confidence=Confidence.POSSIBLE,
    unit=COLLECTIONS,
    needs=("collections", "fields", "collection-sizes", "indexes"),
)
_MEASURES = frozenset({"float", "integer", "decimal"})
_SOURCES = frozenset({"text", "uuid", "other", "integer", "document"})


def judge(
    table: Table, facts: Facts, *, least_rows: float = 1_000, large: float = 1e6, each: float = 50
) -> Iterator[Verdict]:
    """Sort the fields into moments, sources and measures."""
    known = documents_of(table)
    if facts.rows(table) < least_rows or known.capped or known.clustered or known.time_series is not None:
        return
    if unknown := unsampled(table):
        yield unknown
    changed = table.usage.updated + table.usage.deleted if table.usage is not None else 0
    unique = any(index.unique and not index.primary for index in facts.indexes_of(table.key))
    top = [one for one in table.columns if "." not in one.name and one.name != "_id"]
    moments = [one for one in top if one.family == "timestamp-tz" and shape_of(one).presence == 1.0]
    sources = [one for one in top if one.family in _SOURCES and _documents_of_each(one, facts.rows(table)) >= each]
    measures = [one for one in top if one.family in _MEASURES and one not in sources]
    settled = table.usage is not None and changed > 0.01 * max(table.usage.inserted, 1)
    if len(moments) != 1 or not sources or not measures or unique or settled:
        return
    if len(moments) + len(sources) + len(measures) < len(top) or known.groups:
        return
    source = min(sources, key=lambda one: (_documents_of_each(one, facts.rows(table)), one.name))
    yield Flaw(
        title=fitting(f"{table.path} holds measurements of {source.name} over {moments[0].name}"),
        severity=Severity.MEDIUM if facts.rows(table) >= large else Severity.LOW,
        confidence=Confidence.LIKELY if table.usage is not None and table.usage.inserted else Confidence.POSSIBLE,
        evidence=(
            Evidence(name="moment", value=moments[0].name, probe="fields"),
            Evidence(name="source", value=source.name, probe="fields"),
            Evidence(name="documents of a source", value=round(_documents_of_each(source, facts.rows(table))),
                     unit="documents", probe="fields"),
            Evidence(name="measures", value=len(measures), unit="fields", probe="fields"),
            Evidence(name="updated or deleted", value=changed if table.usage is not None else None,
                     unit="operations", probe="collection-sizes"),
            sampled(table),
            rows(table),
        ),
        explanation=f"Documents of {table.path} are a moment ({moments[0].name}), a source ({source.name}) and "
        f"{len(measures)} numbers, about {_documents_of_each(source, facts.rows(table)):,.0f} for each source.",
        recommendation="Keep them as a time series collection.",
        operations=(
            UseTimeSeries(
                schema=table.schema, table=table.name, time=moments[0].name, meta=source.name, granularity="seconds"
            ),
        ),
    )  # fmt: skip


def _documents_of_each(column: Column, documents: float) -> float:
    """How many documents a value of the field has on average; 0 where the values do not repeat."""
    distinct = column.statistics.distinct if column.statistics is not None else None
    return documents / distinct if distinct else 0.0

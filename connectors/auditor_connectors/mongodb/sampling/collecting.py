"""Sample every collection of the audited databases, the largest first, until the budget is used up."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from math import ceil
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from pymongo.errors import OperationFailure

from auditor.model.catalog import Column
from auditor.model.documents import Documents, Sample
from auditor_connectors.mongodb.probe import Row
from auditor_connectors.mongodb.sampling.fields import columns, paths, strata
from auditor_connectors.mongodb.sampling.groups import grouping
from auditor_connectors.mongodb.sampling.links import LOOKUPS, Candidate, KeyOf, candidates, links
from auditor_connectors.mongodb.sampling.reading import STRATUM, Budget, Extent, Kind, Read, Reader
from auditor_connectors.mongodb.sampling.tally import ANY, Node, Tally
from auditor_connectors.mongodb.session import DENIED, GONE, Session

SHARE = 0.2
"""The share of the time of the whole audit that samples may take, and again the look-up of references."""

BYTES = 256 << 20
"""What all samples together may read."""

VALUES = 200_000
"""How many values of one collection are looked at, or little more."""

CANDIDATES = 2 * LOOKUPS
"""How many fields that may be references are kept with their values."""

_TRIED = 20
_DYNAMIC = 3
"""Different names below one path that make it hold data in its names."""


class Sampled(Struct, frozen=True, kw_only=True):
    """What a sample showed of a collection.

    ``candidates`` hold values: they are for looking up only. So many were ``left_out``, because there are enough.
    """

    database: str
    name: str
    columns: tuple[Column, ...]
    documents: Documents
    candidates: tuple[Candidate, ...]
    key_kind: int | None
    left_out: int = 0


def sampled(session: Session, extents: Sequence[Extent]) -> list[Sampled]:
    """Sample collections. What may not be read, or was not read in time, is told as a reason of the probe."""
    budget = Budget(SHARE * session.options.time_budget, BYTES)
    found: list[Sampled] = []
    kept = 0
    ordered = sorted(extents, key=lambda one: (-(one.documents or 0) * (one.bytes_mean or 0), one.database, one.name))

    def sample(extent: Extent) -> Iterator[Row]:
        nonlocal kept
        if budget.spent is not None:
            return
        try:
            one = _sampled(extent, Reader(session, extent, budget).read())
            kept += len(one.candidates)
            found.append(one if kept <= CANDIDATES else replace(one, candidates=(), left_out=len(one.candidates)))
        except OperationFailure as error:  # what one collection has does not keep the others from being read
            if error.code in DENIED | GONE:
                raise
            name = (error.details or {}).get("codeName", f"error {error.code}")
            session.tell(f"{extent.database}.{extent.name} could not be sampled: {name}")
        except ValueError:
            session.tell(f"{extent.database}.{extent.name} holds values of a type that is not known")
        yield {}

    for _ in session.each(ordered, sample):
        pass
    left = len(ordered) - len(found)
    if left and budget.spent is not None:
        session.tell(f"{budget.spent} is used up: {left:,} of {len(ordered):,} collections were not sampled")
    return sorted(found, key=lambda one: (one.database, one.name))


def references(session: Session, found: Sequence[Sampled]) -> list[Row]:
    """Look up which fields of the samples refer to which collection."""
    keys = [
        KeyOf(key=(one.database, one.name), kind=one.key_kind, documents=_size(one.documents.sample))
        for one in found
        if one.key_kind is not None
    ]
    wanted = [candidate for one in found for candidate in one.candidates]
    if left_out := sum(one.left_out for one in found):
        session.tell(f"{left_out:,} fields that may be references were not looked up")
    until = time.monotonic() + SHARE * session.options.time_budget
    return [
        {"database": owner[0], "collection": owner[1], "link": link}
        for owner, link in links(session, wanted, keys, until)
    ]


def _size(sample: Sample | None) -> float:
    return 0.0 if sample is None else sample.of or float(sample.documents)


def _sampled(extent: Extent, read: Read) -> Sampled:
    documents, tally = _thinned(read.documents), Tally()
    for document in documents:
        tally.add(document)
    tally.close()
    parted = strata(tally.documents, STRATUM) if read.ordered and tally.documents else None
    fields = list(paths(tally.root))
    # The documents of a time series have no index by _id.
    key = tally.root.children.get(b"_id") if extent.kind != "time-series" else None
    return Sampled(
        database=extent.database,
        name=extent.name,
        candidates=tuple(candidates((extent.database, extent.name), fields)),
        key_kind=key.kinds.most_common(1)[0][0] if key is not None and key.kinds else None,
        documents=_documents(tally, read, fields, len(documents)),
        columns=columns(tally, parted, extent.documents),
    )


def _thinned(documents: Sequence[bytes]) -> Sequence[bytes]:
    """Leave out documents, evenly, where all together have more values than can be looked at in a second or so."""
    some = documents[:: max(1, len(documents) // _TRIED)]
    trial = Tally()
    for document in some:
        trial.add(document)
    return documents[:: max(1, ceil(trial.values * len(documents) / (VALUES * max(len(some), 1))))]


def _documents(tally: Tally, read: Read, fields: Iterable[tuple[str, Node]], looked: int) -> Documents:
    """What the sample says of whole documents."""
    sample = replace(read.sample, documents=looked)
    sizes = sorted(tally.sizes)
    if not sizes:
        return Documents(sample=sample)
    told = grouping(tally, ordered=read.ordered)
    return Documents(
        sample=sample,
        bytes_p99=sizes[min(len(sizes) - 1, int(0.99 * len(sizes)))],
        bytes_maximum=sizes[-1],
        depth=tally.depth,
        paths=len(list(fields)),
        name_share=round(tally.name_bytes / sum(sizes), 4),
        groups=told.groups,
        discriminator=told.discriminator,
        successive=told.successive,
        dynamic=tuple(sorted({path for path, node in fields if node.name == ANY and len(node.names) >= _DYNAMIC})),
    )


def extent_of(row: Row, size: Row) -> Extent:
    """What the catalog says of a collection before it is read."""
    options: Any = row.get("options", {})
    kind: Kind = "plain"
    if "timeseries" in options:
        kind = "time-series"
    elif options.get("clusteredIndex"):
        kind = "clustered"
    elif options.get("capped"):
        kind = "capped"
    count, mean = size.get("count"), size.get("avgObjSize")
    return Extent(
        database=row["database"],
        name=row["name"],
        documents=None if count is None else float(count),
        bytes_mean=None if mean is None else float(mean),
        kind=kind,
    )

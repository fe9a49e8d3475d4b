"""Choose a bounded number of a collection's documents, and read them as bytes.

``$sample`` is cheap only as the first stage, for less than 5 % of more than 100 documents, and then no uniform choice:
https://www.mongodb.com/docs/manual/reference/operator/aggregation/sample/
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, Literal, cast

from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from msgspec import Struct
from pymongo.errors import OperationFailure

from auditor.model.documents import Sample
from auditor_connectors.mongodb.probe import Row
from auditor_connectors.mongodb.sampling.elements import DATE, INT, LONG, OBJECT_ID, elements, number
from auditor_connectors.mongodb.session import TIMED_OUT, Session

DOCUMENTS = 1_000
"""How many documents of a collection are chosen at random."""

WHOLE = 2_000
"""A collection of so many documents is read as a whole, as far as its bytes allow."""

STRATUM = 100
"""How many of the oldest, and of the newest documents are read beside the random ones."""

BYTES = 16 << 20
SECONDS = 2.0
"""What reading one collection may take: bytes of its documents, and seconds."""

_SHARE = 0.04
_ANSWER = 100
_RAW: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument)
_NO_SUCH_HINT = 2
_ORDERED = (frozenset({OBJECT_ID}), frozenset({INT}), frozenset({LONG}), frozenset({INT, LONG}), frozenset({DATE}))
"""Types of ``_id`` that grow from document to document."""

Kind = Literal["plain", "clustered", "capped", "time-series"]
Method = Literal["all", "random", "bounded"]


class Budget:
    """What all reading together may still take."""

    def __init__(self, seconds: float, size: int) -> None:
        self._until = time.monotonic() + seconds
        self._bytes = size

    def spend(self, size: int) -> None:
        """Count bytes that were read."""
        self._bytes -= size

    @property
    def spent(self) -> str | None:
        """What is used up, None while something is left of all."""
        if time.monotonic() >= self._until:
            return "the time for samples"
        return "the bytes for samples" if self._bytes <= 0 else None


class Extent(Struct, frozen=True, kw_only=True):
    """What is known of a collection before it is read: its documents and their mean size, None where that is not."""

    database: str
    name: str
    documents: float | None = None
    bytes_mean: float | None = None
    kind: Kind = "plain"


class Read(Struct, kw_only=True):
    """The documents that were read, from the oldest to the newest where ``ordered``, and how they were chosen."""

    documents: list[bytes] = []
    ordered: bool = False
    sample: Sample = Sample(documents=0)


class Reader:
    """Reads the sample of one collection, within its limits."""

    def __init__(self, session: Session, extent: Extent, budget: Budget) -> None:
        self._session = session
        self._extent = extent
        self._budget = budget
        self._started = time.monotonic()
        self._found: dict[bytes, bytes] = {}
        self._bytes = 0
        self._cut: str | None = None

    def read(self) -> Read:
        """Read it.

        Raises:
            OperationFailure: the collection may not be read.

        """
        method, strata = self._choose()
        documents = list(self._found.values())
        kinds = frozenset(document[4] for document in documents if _leads_with_id(document))
        by_id = kinds in _ORDERED and all(map(_leads_with_id, documents))
        if by_id:
            documents.sort(key=_id_order)
        sample = Sample(
            documents=len(documents), of=self._extent.documents, method=method, strata=strata, bytes=self._bytes,
            milliseconds=round((time.monotonic() - self._started) * 1000, 1), cut=self._cut,
        )  # fmt: skip
        natural = method == "all" and self._extent.kind != "clustered"
        return Read(documents=documents, ordered=by_id or natural, sample=sample)

    def _choose(self) -> tuple[Method, int]:
        """Read documents, and tell how they were chosen and how many are of the strata."""
        known, series = self._extent.documents, self._extent.kind == "time-series"
        forward, backward = (None, None) if series else ({"$natural": 1}, {"$natural": -1})
        if known is not None and known <= WHOLE:
            whole = self._take(WHOLE, forward)
            if whole or self._cut is None:
                return "all" if self._cut is None else "bounded", 0
        method: Method = "bounded"
        if known is not None and not series:
            chosen = min(DOCUMENTS, self._affordable(), int(known * _SHARE))
            if chosen and self._take(chosen, random=True):
                method = "random"
        if method == "bounded":
            self._take(DOCUMENTS // 2, forward)
            if backward is not None:
                self._take(DOCUMENTS // 2, backward)
        if series:
            return method, 0
        before = len(self._found)
        for direction in (1, -1):
            self._take(min(STRATUM, self._affordable()), {"_id": direction})
        return method, len(self._found) - before

    def _affordable(self) -> int:
        """How many documents of the mean size the limit on bytes allows for."""
        mean = self._extent.bytes_mean
        return DOCUMENTS if not mean else max(10, int(BYTES / 2 / mean))

    def _take(self, most: int, order: dict[str, int] | None = None, *, random: bool = False) -> bool:
        """Read documents in an order or at random until a limit is reached, and tell whether there were any."""
        left = SECONDS - (time.monotonic() - self._started)
        if self._cut is not None or left <= 0:
            self._cut = self._cut or "time"
            return False
        before, milliseconds = len(self._found), max(1, round(left * 1000))
        # A collection whose _id has no index cannot be walked by it: then there is no oldest and newest.
        try:
            self._keep(self._random(most, milliseconds) if random else self._walked(most, order, milliseconds))
        except OperationFailure as error:
            if error.code in TIMED_OUT:
                self._cut = "time"
            elif error.code != _NO_SUCH_HINT:
                raise
        return len(self._found) > before

    def _keep(self, documents: Iterator[Row]) -> None:
        for row in documents:
            document = bytes(cast("RawBSONDocument", row).raw)
            self._found.setdefault(_key(document), document)
            self._bytes += len(document)
            self._budget.spend(len(document))
            if self._bytes >= BYTES:
                self._cut = "bytes"
            elif time.monotonic() - self._started >= SECONDS:
                self._cut = "time"
            elif self._budget.spent is not None:
                self._cut = "budget"
            if self._cut is not None:
                return

    def _random(self, most: int, milliseconds: int) -> Iterator[Row]:
        return self._session.rows(
            self._extent.database, "aggregate", self._extent.name, most=most, codec=_RAW, maxTimeMS=milliseconds,
            pipeline=[{"$sample": {"size": most}}], cursor={"batchSize": min(most, _ANSWER)},
        )  # fmt: skip

    def _walked(self, most: int, order: dict[str, int] | None, milliseconds: int) -> Iterator[Row]:
        sorting: dict[str, Any] = {} if order is None else {"sort": order}
        if order is not None and "_id" in order:
            sorting["hint"] = {"_id": 1}
        return self._session.rows(
            self._extent.database, "find", self._extent.name, most=most, codec=_RAW, maxTimeMS=milliseconds, filter={},
            limit=most, batchSize=min(most, _ANSWER), **sorting,
        )  # fmt: skip


def _leads_with_id(document: bytes) -> bool:
    """Whether the first field is ``_id``: the server puts it there, except in what was inserted into capped ones."""
    return document[5:9] == b"_id\0"


def _key(document: bytes) -> bytes:
    """The bytes of ``_id``, those of the whole document where it does not come first."""
    if not _leads_with_id(document):
        return document
    kind, _, begin, end = next(elements(document))
    return bytes((kind,)) + document[begin:end]


def _id_order(document: bytes) -> tuple[float, bytes]:
    kind, _, begin, end = next(elements(document))
    return (0.0, document[begin:end]) if kind == OBJECT_ID else (number[kind](document, begin)[0], b"")

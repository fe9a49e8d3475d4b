"""What the documents of collections look like, and which of their fields refer to other collections."""

from __future__ import annotations

from pymongo.errors import OperationFailure

from auditor_connectors.mongodb.probe import Probe, Role, Row
from auditor_connectors.mongodb.probes.catalog import collections, sizes
from auditor_connectors.mongodb.sampling.collecting import Sampled, extent_of, references, sampled
from auditor_connectors.mongodb.session import Session

_READ = Role("readAnyDatabase")


def _sampled(session: Session) -> list[Sampled]:
    try:
        known = {(row["database"], row["name"]): row.get("storageStats", {}) for row in sizes(session)}
    except OperationFailure:  # it is told where they are asked for; without them less is read
        known = {}
    extents = [
        extent_of(row, known.get((row["database"], row["name"]), {}))
        for row in collections(session)
        if row.get("type") != "view"
    ]
    return session.once("sampled", lambda: sampled(session, extents))


def _fields(session: Session) -> list[Row]:
    return [
        {"database": one.database, "collection": one.name, "columns": one.columns, "documents": one.documents}
        for one in _sampled(session)
    ]


def _references(session: Session) -> list[Row]:
    return references(session, _sampled(session))


PROBES = (
    Probe(name="fields", purpose="look at a bounded sample of each collection: fields, types, lengths, no values",
          read=_fields, role=_READ, samples=True),
    Probe(name="references", purpose="look up sampled keys in the collections that they seem to refer to",
          read=_references, role=_READ, samples=True),
)  # fmt: skip

"""Find out which fields hold the keys of other collections: by their names and types, then by looking some up.

At most ``KEYS`` values of a field are looked up by the index on ``_id``, and only their number comes back.
"""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import bson
from bson import ObjectId
from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions
from msgspec import Struct
from pymongo.errors import OperationFailure

from auditor.model.documents import Link
from auditor_connectors.mongodb.sampling.elements import BINARY, INT, LONG, OBJECT_ID, STRING
from auditor_connectors.mongodb.sampling.tally import Node, chosen
from auditor_connectors.mongodb.session import Session

SECONDS = 1.0
"""What one look-up may take."""

LOOKUPS = 500
"""How many look-ups one audit makes at most."""

TARGETS = 5
"""In how many collections the values of one field are looked for at most."""

_RAW = CodecOptions[dict[str, Any]](uuid_representation=UuidRepresentation.UNSPECIFIED)
_BORDER = re.compile(r"[^0-9A-Za-z]+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_ENDINGS = frozenset({"id", "ids", "ref", "refs", "oid", "uuid", "key", "_id", "$id"})
_BROAD = frozenset({OBJECT_ID, BINARY})
"""Types whose values are unlikely to be in a collection by chance: these are looked for beyond what names suggest."""
_INTEGERS = frozenset({INT, LONG})

Key = tuple[str, str]


class Candidate(Struct, frozen=True, kw_only=True):
    """A field that may hold keys of another collection, with some of its values; they stay in this package."""

    owner: Key
    path: str
    kind: int
    values: tuple[bytes, ...]
    many: bool


class KeyOf(Struct, frozen=True, kw_only=True):
    """A collection, the type of its ``_id``, and about how many documents it has."""

    key: Key
    kind: int
    documents: float


def words(name: str) -> tuple[str, ...]:
    """The words of a name, in lower case."""
    return tuple(word.lower() for word in _BORDER.split(name) if word)


def candidates(owner: Key, found: Iterable[tuple[str, Node]]) -> Iterator[Candidate]:
    """The fields that may hold keys, by name or type: with their own values, or those of their arrays' elements."""
    for path, node in found:
        holder = node.element if node.element is not None and node.element.keys else node
        if path == "_id" or not holder.keys:
            continue
        kinds: dict[int, list[bytes]] = defaultdict(list)
        for kind, value in chosen(holder.keys):
            kinds[kind].append(value)
        kind = max(kinds, key=lambda one: (len(kinds[one]), -one))
        if _names_a_key(path) or kind in _BROAD:
            many = holder is not node or node.nested
            yield Candidate(owner=owner, path=path, kind=kind, values=tuple(sorted(kinds[kind])), many=many)


def _names_a_key(path: str) -> bool:
    name = path.rpartition(".")[2]
    said = words(name)
    return name in _ENDINGS or (bool(said) and said[-1] in _ENDINGS)


def links(
    session: Session, wanted: Sequence[Candidate], keys: Sequence[KeyOf], until: float
) -> Iterator[tuple[Key, Link]]:
    """Look up the values of the candidates, and yield the owner and what was found of each that refers to something.

    What there is no time for before the moment ``until`` (monotonic) is told as a reason of the probe.
    """
    by_name: dict[tuple[str, str], list[KeyOf]] = defaultdict(list)
    for key in keys:
        # One that stands among others of its kind ("fs.files") is spoken of by its own name.
        for name in _singulars(key.key[1]) | _singulars(key.key[1].rpartition(".")[2]):
            by_name[key.key[0], name].append(key)
    largest = sorted(keys, key=lambda one: (-one.documents, one.key))
    made = 0
    for number, candidate in enumerate(wanted):
        if made >= LOOKUPS or time.monotonic() >= until or session.exhausted:
            session.tell(
                f"{len(wanted) - number:,} of {len(wanted):,} fields that may be references were not looked up"
            )
            return
        for target in _targets(candidate, by_name, largest):
            made += 1
            link = _try(session, candidate, target)
            if link is not None:
                yield candidate.owner, link
                break


def _targets(candidate: Candidate, by_name: Mapping[Key, Sequence[KeyOf]], largest: Sequence[KeyOf]) -> list[KeyOf]:
    """Where the values may be found: collections that the name speaks of, then those with keys of the same type."""
    database = candidate.owner[0]
    *around, name = candidate.path.split(".")
    said = [word for word in words(name) if word not in _ENDINGS] or list(words(around[-1] if around else ""))
    found: dict[Key, KeyOf] = {}
    for start in range(len(said)):
        for form in _singulars("".join(said[start:])):
            for key in by_name.get((database, form), ()):
                if _comparable(candidate.kind, key.kind):
                    found.setdefault(key.key, key)
    if not found and candidate.kind in _BROAD:
        own = (key for key in largest if key.key == candidate.owner)
        others = (key for key in largest if key.key[0] == database and key.key != candidate.owner)
        for key in (*own, *others):
            if key.kind == candidate.kind:
                found.setdefault(key.key, key)
    return list(found.values())[:TARGETS]


def _comparable(kind: int, key: int) -> bool:
    """Whether values of the one type may stand for keys of the other, as they are or when they are converted."""
    return kind == key or {kind, key} <= _INTEGERS or STRING in (kind, key)


def _singulars(name: str) -> set[str]:
    """What a name may be in the singular, without what stands between its words."""
    joined = "".join(words(name))
    found = {joined, joined.removesuffix("s"), joined.removesuffix("es")}
    if joined.endswith("ies"):
        found.add(joined[:-3] + "y")
    return {one for one in found if len(one) > 1}


def _try(session: Session, candidate: Candidate, target: KeyOf) -> Link | None:
    """Look the values up as they are, and where none is there as values of the key's type."""
    values = [_value(candidate.kind, raw) for raw in candidate.values]
    same = candidate.kind == target.kind or {candidate.kind, target.kind} <= _INTEGERS
    found = _count(session, target.key, values) if same else 0
    cast = None
    if found is not None and not same:
        turned = [one for value in values if (one := _cast(value, target.kind)) is not None]
        cast = _count(session, target.key, turned) if turned else 0
    if not found and not cast:
        return None
    return Link(
        field=candidate.path, database=target.key[0], collection=target.key[1], tried=len(values), found=found or 0,
        cast_found=cast, many=candidate.many,
    )  # fmt: skip


def _value(kind: int, raw: bytes) -> Any:
    body = bytes((kind,)) + b"v\0" + raw + b"\0"
    return bson.decode((len(body) + 4).to_bytes(4, "little") + body, _RAW)["v"]


def _cast(value: Any, kind: int) -> Any:
    """The value as one of another type of key, None where it cannot be."""
    if kind == OBJECT_ID:
        return ObjectId(value) if isinstance(value, str) and ObjectId.is_valid(value) else None
    if kind in _INTEGERS:
        return int(value) if isinstance(value, str) and re.fullmatch(r"-?\d{1,18}", value) else None
    return str(value) if kind == STRING else None


def _count(session: Session, target: Key, values: Sequence[Any]) -> int | None:
    """How many of the values are keys there, None where the server does not tell.

    What it says instead is not repeated: it may quote the values.
    """
    database, collection = target
    try:
        found = session.rows(
            database, "find", collection, filter={"_id": {"$in": list(values)}}, projection={"_id": 1}, hint={"_id": 1},
            limit=len(values), batchSize=len(values) + 1, maxTimeMS=round(SECONDS * 1000),
        )  # fmt: skip
        return sum(1 for _ in found)
    except OperationFailure:
        return None

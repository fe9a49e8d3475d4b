"""Expressions for mongosh that are true when something holds: preconditions and verifications of steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from auditor.model.catalog import Key
from auditor_connectors.mongodb.javascript import collection, database, document, literal, text


def all_of(*conditions: str | None) -> str | None:
    """Join conditions, None where there are none."""
    found = [one for one in conditions if one is not None]
    if len(found) < 2:
        return found[0] if found else None
    return " && ".join(f"({one})" if " && " in one or " || " in one else one for one in found)


def index_is(key: Key, name: str, more: str = "", *, absent: bool = False) -> str:
    """Whether the collection has the index; ``more`` is asked of it as ``one``."""
    asked = f"one.name === {text(name)}" + (f" && {more}" if more else "")
    return f"{'!' if absent else ''}{collection(key)}.getIndexes().some(one => {asked})"


def exists(key: Key, *, absent: bool = False) -> str:
    """Whether there is a collection or view of that name."""
    sign = "===" if absent else "!=="
    return f"{database(key[0])}.getCollectionNames().indexOf({text(key[1])}) {sign} -1"


def infos(key: Key) -> str:
    """What the server says of a collection, as a list of one."""
    return f"{database(key[0])}.getCollectionInfos({document({'name': key[1]})})"


def has_options(key: Key, options: Mapping[str, Any]) -> str:
    """Whether the collection's options have these values."""
    asked = [
        f"EJSON.stringify(one.options[{text(name)}] ?? null) === EJSON.stringify({literal(value)})"
        for name, value in options.items()
    ]
    return f"{infos(key)}.some(one => {' && '.join(asked)})"


def none_match(key: Key, query: Mapping[str, Any]) -> str:
    """Whether no document is of a kind; it ends at the first that is."""
    return f"{collection(key)}.findOne({document(query)}, {{_id: 1}}) === null"


def none_fit(key: Key, pipeline: Iterable[Mapping[str, Any]], collation: Mapping[str, Any] | None = None) -> str:
    """Whether a pipeline brings nothing; it may sort on disk."""
    options = {"allowDiskUse": True, **({"collation": collation} if collation else {})}
    stages = literal([*pipeline, {"$limit": 1}])
    return f"{collection(key)}.aggregate({stages}, {document(options)}).toArray().length === 0"


def no_duplicates(
    key: Key,
    columns: Iterable[str],
    arrays: Iterable[str],
    partial: Mapping[str, Any] | None,
    collation: Mapping[str, Any] | None,
) -> str:
    """Whether no two documents agree in fields. ``arrays`` are the paths whose elements count one by one.

    A missing field counts as null, as it does in a unique index.
    """
    stages: list[Mapping[str, Any]] = [{"$match": partial}] if partial else []
    stages += [{"$unwind": {"path": f"${path}", "preserveNullAndEmptyArrays": True}} for path in arrays]
    fields = [{"$ifNull": [f"${path}", None]} for path in columns]
    # The same value twice in one document's array is one entry of the index.
    stages += [
        {"$group": {"_id": {"document": "$_id", "key": fields}}},
        {"$group": {"_id": "$_id.key", "documents": {"$sum": 1}}},
        {"$match": {"documents": {"$gt": 1}}},
    ]
    return none_fit(key, stages, collation)

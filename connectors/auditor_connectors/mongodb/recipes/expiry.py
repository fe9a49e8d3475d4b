"""Recipes for the expiry of documents: what is expired already goes in batches, so that no storm of deletions comes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from auditor.connector import Draft
from auditor.model.catalog import Key
from auditor.model.facts import Facts
from auditor.model.operation import SetExpiry
from auditor.model.vocabulary import Phase
from auditor.text import duration
from auditor_connectors.drafting import application
from auditor_connectors.mongodb.javascript import Code, collection, document
from auditor_connectors.mongodb.recipes import estimates
from auditor_connectors.mongodb.recipes.batches import NOTES, in_batches, of_batch
from auditor_connectors.mongodb.recipes.conditions import index_is, none_match
from auditor_connectors.mongodb.recipes.indexes import bare, build
from auditor_connectors.mongodb.recipes.steps import OBSERVATION_DAYS, RETRY, change, command, draft

FAR = 2_147_483_647
"""Seconds after which nothing that matters expires: the most that an index takes, 68 years."""

GRACE_SECONDS = 3600
"""What has expired within the last hour is no storm: the server deletes as much in one go each minute."""

CONVERTS = 50100
"""The first version that gives an index which is there an expiry."""


def set_expiry(operation: SetExpiry, facts: Facts) -> Iterator[Draft]:
    """Build the index with a far expiry, delete what is expired in batches, then set the expiry that is wanted."""
    key = (operation.schema, operation.table)
    index = facts.index((operation.schema, operation.index)) if operation.index is not None else None
    if operation.index is None:
        name, built = build(facts, Phase.EXPAND, key, {operation.column: 1}, {"expireAfterSeconds": FAR})
        yield built
    else:
        name = bare(operation.table, operation.index)
        present = index.expire_seconds if index is not None else None
        if present is None and facts.version < CONVERTS:
            yield application(
                Phase.EXPAND,
                f"Build {name} again with an expiry",
                f"This version gives no index an expiry that has none. Outside of busy hours: hide and drop it, then "
                f"{collection(key)}.createIndex(…, {{expireAfterSeconds: {FAR}}}).",
                objects=(".".join(key),),
            )
        if present is None or operation.seconds < present:
            yield set_expiry_of(key, name, FAR, present, Phase.EXPAND)
    yield application(
        Phase.SWITCH,
        f"Do without documents of {'.'.join(key)} from {duration(operation.seconds)} after {operation.column} on",
        "From here on they are not shown any more, though they are there still: reports, exports and the law may need "
        "them for longer.",
        kind="stop-using",
        objects=(".".join(key),),
    )
    yield from lower(facts, (*key, operation.column), name, operation.seconds)


def set_expiry_of(key: Key, name: str, seconds: int, before: int | None, phase: Phase, **more: Any) -> Draft:
    """Draft another expiry of an index. An index that once had one keeps one: ``FAR`` is the way back to none."""
    return change(
        phase,
        f"Set the expiry of the index {'.'.join(key)}.{name} to {seconds} s"
        + (", so that nothing expires for now" if seconds == FAR else ""),
        _expire(key, name, seconds),
        verify=index_is(key, name, f"one.expireAfterSeconds === {seconds}"),
        rollback=(_expire(key, name, FAR if before is None else before),),
        notes=(RETRY,),
        **more,
    )


def _expire(key: Key, name: str, seconds: int) -> str:
    return command(key, "collMod", {"index": {"name": name, "expireAfterSeconds": seconds}})


def lower(facts: Facts, field: tuple[str, str, str], name: str, seconds: int) -> Iterator[Draft]:
    """Draft the deletion of what is expired already, and the expiry itself. The index has a far one until then."""
    key, column = field[:2], field[2]
    table, path = facts.table(key), ".".join(key)
    older, stale = _older(column, seconds), none_match(key, _older(column, seconds + GRACE_SECONDS))
    yield draft(
        Phase.CONTRACT,
        f"Delete the documents of {path} whose {column} "
        + (f"is more than {duration(seconds)} ago" if seconds else "has passed"),
        *in_batches(
            key, older, f"set-expiry:{path}.{column}",
            f"  {collection(key)}.deleteMany({of_batch(older)}, majority);",
        ),
        verify=stale,
        reversible=False,
        point_of_no_return=True,
        observe_days=OBSERVATION_DAYS,
        takes=estimates.batches(table, estimates.DELETES_PER_SECOND, "deleted, were all of them old enough,"),
        notes=(
            f"How many they are: {collection(key)}.countDocuments({document(older)}, {{limit: 100000}})",
            "They are in backups only afterwards: have it approved, and take a backup.",
            *NOTES,
        ),
    )  # fmt: skip
    yield set_expiry_of(key, name, seconds, FAR, Phase.CONTRACT, precondition=stale)


def _older(column: str, seconds: int) -> Mapping[str, Any]:
    """The query for documents whose moment is more than some seconds ago."""
    return {column: {"$lt": Code(f"new Date(Date.now() - {seconds} * 1000)")}}

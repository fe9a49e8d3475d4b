"""The recipe for a shard key. There was no sharded cluster to try it on: its commands are those of the manual."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.connector import Draft
from auditor.model.facts import Facts
from auditor.model.operation import ChangeShardKey
from auditor.model.vocabulary import Blocks, Phase
from auditor.text import size
from auditor_connectors.drafting import application
from auditor_connectors.mongodb.javascript import document, literal
from auditor_connectors.mongodb.recipes import estimates
from auditor_connectors.mongodb.recipes.estimates import Estimate
from auditor_connectors.mongodb.recipes.indexes import build
from auditor_connectors.mongodb.recipes.steps import draft

# https://www.mongodb.com/docs/manual/core/sharding-reshard-a-collection/
RESHARDS, REFINES = 50000, 40400
BLOCKED_SECONDS = 2.0
ROOM = 1.2
"""How many times the collection's size the shards need free, and how long writes wait at the end: the same page."""

_UNTRIED = "This has not been tried in rehearsal or tests: try it on a cluster of your own first."
_ANALYZE = (
    'First see how the key would spread: db.getSiblingDB("admin").runCommand({{analyzeShardKey: {name}, key: {key}}}) '
    "(from 7.0 on)."
)


def change_shard_key(operation: ChangeShardKey, facts: Facts) -> Iterator[Draft]:
    """Refine the key where the new one only adds to it, else reshard."""
    key, name = (operation.schema, operation.table), f"{operation.schema}.{operation.table}"
    keys = {column: "hashed" if column == operation.hashed else 1 for column in operation.columns}
    previous = operation.previous
    refines = (
        bool(previous)
        and operation.columns[: len(previous)] == previous
        and operation.hashed not in operation.columns[len(previous) :]
    )
    first = REFINES if refines else RESHARDS
    if facts.version < first:
        yield application(
            Phase.REARCHITECT,
            f"Distribute {name} by {', '.join(operation.columns)}",
            "This version cannot change the key: write a new collection with the new key beside, copy, and move.",
            objects=(name,),
        )
        return
    yield build(facts, Phase.EXPAND, key, keys, {})[1]
    yield application(
        Phase.EXPAND,
        f"Name {', '.join(operation.columns)} in queries of {name}",
        "Deploy code that names the new key in what it asks and writes: all else asks every shard.",
        kind="tolerate",
        objects=(name,),
    )
    table = facts.table(key)
    verb = "refineCollectionShardKey" if refines else "reshardCollection"
    analysis = _ANALYZE.format(name=literal(name), key=document(keys))
    moved = estimates.data_bytes(table)
    need = "" if moved is None else f" It needs {size(moved * ROOM)} free on the shards together."
    yield draft(
        Phase.REARCHITECT,
        f"{'Refine the shard key' if refines else 'Reshard'} {name} by {', '.join(operation.columns)}",
        f'db.getSiblingDB("admin").runCommand({document({verb: name, "key": keys})})',
        verify=_has_key(name, document(keys)),
        reversible=not refines,
        rollback=() if refines or not previous else (
            f'db.getSiblingDB("admin").runCommand({document({verb: name, "key": dict.fromkeys(previous, 1)})})',
        ),
        point_of_no_return=refines,
        takes=Estimate(0.1, None, "a change of the cluster's definitions") if refines else Estimate(
            None if moved is None else round(moved / estimates.SCAN_BYTES_PER_SECOND * 5, 1),
            None if moved is None else int(moved * ROOM),
            "every document is copied to its new shard, and then what was written meanwhile",
        ),
        blocks=Blocks.NOTHING if refines else Blocks.WRITES,
        blocking_seconds=0.0 if refines else BLOCKED_SECONDS,
        notes=(
            _UNTRIED,
            analysis,
            "Documents that lack a field of the key count as null there: write it first."
            if refines
            else f"One at a time.{need} db.adminCommand({{abortReshardCollection: {literal(name)}}}) ends it until the "
            "last moment; db.getSiblingDB(\"admin\").aggregate([{$currentOp: {allUsers: true}}, {$match: "
            '{type: "op", "originatingCommand.reshardCollection": {$exists: true}}}]) shows how long it takes yet.',
        ),
    )  # fmt: skip


def _has_key(name: str, keys: str) -> str:
    found = f'db.getSiblingDB("config").getCollection("collections").findOne({{_id: {literal(name)}}})'
    return f"EJSON.stringify({found}?.key) === EJSON.stringify({keys})"

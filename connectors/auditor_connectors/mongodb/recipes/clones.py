"""The recipe for collections of the same kind (one a year, one a tenant) that become one, told apart by a field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from auditor.connector import Draft
from auditor.model.catalog import Index, Key
from auditor.model.facts import Facts
from auditor.model.operation import MergeClones
from auditor.model.vocabulary import Phase
from auditor_connectors.mongodb.javascript import Code, collection, database, document, literal, text
from auditor_connectors.mongodb.recipes import estimates
from auditor_connectors.mongodb.recipes.batches import NOTES, in_batches
from auditor_connectors.mongodb.recipes.conditions import exists, infos
from auditor_connectors.mongodb.recipes.estimates import Estimate
from auditor_connectors.mongodb.recipes.indexes import build
from auditor_connectors.mongodb.recipes.steps import EXCLUSIVE, OBSERVATION_DAYS, application, draft

BEFORE = ".before"
"""What the name of an old collection ends with once a view has its name."""


def merge_clones(operation: MergeClones, facts: Facts) -> Iterator[Draft]:
    """Write both, copy one collection after the other, read the one, and let views have the old names."""
    into = (operation.schema, operation.into)
    clones = {name: operation.values[name] for name in sorted(operation.values)}
    objects = [".".join((operation.schema, name)) for name in clones]
    field = operation.discriminator
    yield draft(
        Phase.EXPAND,
        f"Make the collection {'.'.join(into)}",
        f"{database(into[0])}.createCollection({text(into[1])})",
        verify=exists(into),
        rollback=(f"{collection(into)}.drop()",),
        takes=Estimate(0.1, None, "a new collection is empty"),
    )
    for keys, options in _indexes(facts, operation.schema, clones, field):
        yield build(facts, Phase.EXPAND, into, keys, options)[1]
    yield application(
        Phase.EXPAND,
        f"Write {'.'.join(into)} beside the old collections",
        f"Deploy code that writes each change to both; in the new one with {field} and the same _id.",
        kind="tolerate",
        objects=(*objects[:10], ".".join(into)),
    )
    for name, value in clones.items():
        yield _copied(facts, operation, name, _value(value, operation.type))
    yield application(
        Phase.SWITCH,
        f"Read and write {'.'.join(into)} only",
        f"Deploy code that names {field} in every query, and wait until no older code runs.",
        kind="move-reads",
        objects=(*objects[:10], ".".join(into)),
    )
    for name, value in clones.items():
        yield _view(operation, name, _value(value, operation.type))
    yield _dropped(operation, list(clones))


def _value(value: str, kind: str) -> Any:
    """The value of the field as it is stored."""
    return int(value) if kind in ("int", "long", "integer", "bigint") and value.lstrip("-").isdigit() else value


def _indexes(
    facts: Facts, schema: str, clones: Mapping[str, str], field: str
) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Each index that the collections have, with the new field before its own: once, though all have it."""
    found: dict[str, Index] = {}
    for name in clones:
        for index in facts.indexes_of((schema, name)):
            if not index.primary and index.method == "btree" and index.predicate is None:
                found.setdefault(repr((index.parts, index.unique, index.sparse, index.expire_seconds)), index)
    yield {field: 1, "_id": 1}, {}
    for index in found.values():
        keys = {field: 1, **{part.column or "": -1 if part.descending else 1 for part in index.parts}}
        yield keys, {"unique": True} if index.unique else {}


def _same(key: Key, into: Key, field: str, value: Any) -> str:
    """Whether both hold as many documents: what has the key of another one is not copied, and missing."""
    here = f"{collection(key)}.countDocuments({{}})"
    return f"{here} === {collection(into)}.countDocuments({document({field: value})})"


def _copied(facts: Facts, operation: MergeClones, name: str, value: Any) -> Draft:
    key, into = (operation.schema, name), (operation.schema, operation.into)
    field = operation.discriminator
    stages = [
        {"$match": {"_id": {"$in": Code("ids")}}},
        {"$set": {field: {"$literal": value}}},
        {"$merge": {"into": into[1], "on": "_id", "whenMatched": "keepExisting"}},
    ]
    table = facts.table(key)
    return draft(
        Phase.BACKFILL,
        f"Copy {'.'.join(key)} to {'.'.join(into)}",
        *in_batches(
            key, {}, f"{operation.id}:{name}",
            f"  {collection(key)}.aggregate({literal(stages)}, majority).toArray();",
        ),
        verify=_same(key, into, field, value),
        rollback=(f"{collection(into)}.deleteMany({document({field: value})}, {{writeConcern: {{w: \"majority\"}}}})",),
        takes=estimates.batches(table, estimates.COPIES_PER_SECOND, "copied", 1.0, table.bytes if table else None),
        notes=(
            *NOTES,
            ("Two collections may have documents of the same _id: then the numbers differ. Give these new keys, run "
            "it again."),
            "A document that is deleted meanwhile has to be deleted in both.",
        ),
    )  # fmt: skip


def _view(operation: MergeClones, name: str, value: Any) -> Draft:
    schema, field = operation.schema, operation.discriminator
    key, kept = (schema, name), f"{name}{BEFORE}"
    pipeline = [{"$match": {field: value}}, {"$unset": field}]
    moved = database("admin")

    def renamed(old: str, new: str) -> str:
        sent = {"renameCollection": f"{schema}.{old}", "to": f"{schema}.{new}"}
        return f"{moved}.runCommand({document(sent)})"

    return draft(
        Phase.CONTRACT,
        f"Let a view have the name {'.'.join(key)}",
        renamed(name, kept),
        f"{database(schema)}.createView({text(name)}, {text(operation.into)}, {literal(pipeline)})",
        verify=f'{infos(key)}.some(one => one.type === "view")',
        precondition=_same(key, (schema, operation.into), field, value),
        rollback=(f"{collection(key)}.drop()", renamed(kept, name)),
        takes=estimates.BRIEF,
        lock=EXCLUSIVE,
        blocking_seconds=estimates.LOCK_WAIT_SECONDS,
        observe_days=OBSERVATION_DAYS,
        notes=(
            (
                "Between the two statements the name is free: what read it then would find nothing, and what wrote it "
                "would make a new collection. Nothing that writes may use the old name any more."
            ),
            "Where no report or export reads the old name, leave the view out.",
        ),
    )


def _dropped(operation: MergeClones, names: list[str]) -> Draft:
    schema = operation.schema
    kept = [f"{name}{BEFORE}" for name in names]
    left = f"{database(schema)}.getCollectionNames().filter(one => {literal(kept)}.includes(one)).length === 0"
    return draft(
        Phase.CONTRACT,
        f"Drop the {len(kept)} old collections of {schema}.{operation.into}",
        *(f"{collection((schema, name))}.drop()" for name in kept),
        verify=left,
        reversible=False,
        point_of_no_return=True,
        observe_days=OBSERVATION_DAYS,
        takes=Estimate(len(kept) * estimates.BRIEF_SECONDS, None, "files are removed"),
        lock=EXCLUSIVE,
        notes=("What old code wrote to them since is in backups only afterwards: compare the numbers once more.",),
    )

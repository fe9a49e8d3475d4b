"""The recipe for collections of the same kind (one a year, one a tenant) that become one, told apart by a field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from auditor.connector import Draft
from auditor.model.catalog import Index
from auditor.model.facts import Facts
from auditor.model.operation import MergeClones
from auditor.model.vocabulary import Phase
from auditor.text import count
from auditor_connectors.drafting import application
from auditor_connectors.mongodb.javascript import Code, collection, database, document, literal, text
from auditor_connectors.mongodb.recipes import estimates
from auditor_connectors.mongodb.recipes.batches import DEFINITION, NOTES
from auditor_connectors.mongodb.recipes.conditions import exists
from auditor_connectors.mongodb.recipes.estimates import Estimate
from auditor_connectors.mongodb.recipes.indexes import build
from auditor_connectors.mongodb.recipes.steps import EXCLUSIVE, OBSERVATION_DAYS, draft

_MAJORITY = '{writeConcern: {w: "majority"}}'

BEFORE = ".before"
"""What the name of an old collection ends with once a view has its name."""


def merge_clones(operation: MergeClones, facts: Facts) -> Iterator[Draft]:
    """Write both, copy one collection after the other, read the one, and let views have the old names."""
    into = (operation.schema, operation.into)
    clones = {name: operation.values[name] for name in sorted(operation.values)}
    objects = [".".join((operation.schema, name)) for name in clones]
    field = operation.discriminator
    tables = [table for name in clones if (table := facts.table((operation.schema, name))) is not None]
    if any(table.column(field) is not None for table in tables):
        yield application(
            Phase.SWITCH,
            f"Keep {count(len(clones), 'collection')} as {'.'.join(into)}",
            f"Documents have a field {field} already, which the copy would write over: choose another name.",
            objects=objects[:10],
        )
        return
    left = [one.path for name in clones for one in facts.indexes_of((operation.schema, name)) if not _is_carried(one)]
    yield draft(
        Phase.EXPAND,
        f"Make the collection {'.'.join(into)}",
        f"{database(into[0])}.createCollection({text(into[1])})",
        verify=exists(into),
        rollback=(f"{collection(into)}.drop()",),
        takes=Estimate(0.1, None, "a new collection is empty"),
        notes=(f"Make by hand what has options of its own: {', '.join(left[:10])}.",) if left else (),
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
    merge = _Merge(facts, operation, clones)
    yield merge.copied()
    yield application(
        Phase.SWITCH,
        f"Read and write {'.'.join(into)} only",
        f"Deploy code that names {field} in every query, and wait until no older code runs.",
        kind="move-reads",
        objects=(*objects[:10], ".".join(into)),
    )
    yield merge.viewed()
    yield merge.dropped()


def _value(value: str, kind: str) -> Any:
    """The value of the field as it is stored."""
    return int(value) if kind in ("int", "long", "integer", "bigint") and value.lstrip("-").isdigit() else value


def _is_carried(index: Index) -> bool:
    """Whether the one collection gets an index like it, or needs none."""
    plain = index.predicate is None and index.expire_seconds is None and not index.sparse
    return index.primary or (index.method == "btree" and plain)


def _indexes(
    facts: Facts, schema: str, clones: Mapping[str, str], field: str
) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Each index that the collections have, with the new field before its own: once, though all have it."""
    found: dict[str, Index] = {}
    for name in clones:
        for index in facts.indexes_of((schema, name)):
            if not index.primary and _is_carried(index):
                found.setdefault(repr((index.parts, index.unique)), index)
    yield {field: 1, "_id": 1}, {}
    for index in found.values():
        keys = {field: 1, **{part.column or "": -1 if part.descending else 1 for part in index.parts}}
        yield keys, {"unique": True} if index.unique else {}


class _Merge:
    """The way of several collections into one: one step for all of them, however many they are."""

    def __init__(self, facts: Facts, operation: MergeClones, clones: Mapping[str, str]) -> None:
        self._facts, self._work = facts, operation.id
        self._schema, self._into, self._field = operation.schema, operation.into, operation.discriminator
        self._path, self._names = f"{operation.schema}.{operation.into}", list(clones)
        self._pairs = literal([[name, _value(value, operation.type)] for name, value in clones.items()])
        self._old = f"{database(self._schema)}.getCollection(name)"
        self._new = collection((self._schema, self._into))
        self._own = document({self._field: Code("value")})
        self._infos = f"{database(self._schema)}.getCollectionInfos({{name}})"

    def _for_each(self, work: str) -> str:
        return f"for (const [name, value] of {self._pairs}) {{\n{work}\n}}"

    def _true_of_each(self, condition: str) -> str:
        """An expression over all: functions that are given to ``every`` cannot ask the server."""
        asked = self._for_each(f"  if (!({condition})) return false;")
        return f"(() => {{\n{asked}\nreturn true;\n}})()"

    @property
    def _same(self) -> str:
        """Whether both hold as many documents: what has the key of another one is not copied, and missing."""
        return f"{self._old}.countDocuments({{}}) === {self._new}.countDocuments({self._own})"

    def copied(self) -> Draft:
        """Draft the copy of one collection after the other."""
        stages = [
            {"$match": {"_id": {"$in": Code("ids")}}},
            {"$set": {self._field: {"$literal": Code("value")}}},
            {"$merge": {"into": self._into, "on": "_id", "whenMatched": "keepExisting"}},
        ]
        tables = [self._facts.table((self._schema, name)) for name in self._names]
        rows = sum(self._facts.rows(one) for one in tables if one is not None)
        disk = sum(one.bytes or 0 for one in tables if one is not None)
        return draft(
            Phase.BACKFILL,
            f"Copy {count(len(self._names), 'collection')} to {self._path}",
            DEFINITION,
            self._for_each(
                f"  if ({self._same}) continue;\n"
                f"  inBatches({self._old}, {{}}, {text(f'{self._work}:')} + name, (ids, majority) => {{\n"
                f"    {self._old}.aggregate({literal(stages)}, majority).toArray();\n  }});"
            ),
            verify=self._true_of_each(self._same),
            rollback=(self._for_each(f"  {self._new}.deleteMany({self._own}, {_MAJORITY});"),),
            takes=Estimate(
                round(estimates.BRIEF_SECONDS + rows / estimates.COPIES_PER_SECOND, 3),
                disk,
                f"{rows:,.0f} documents copied at {estimates.COPIES_PER_SECOND:,.0f} a second, with rests (default "
                "calibration)",
            ),
            notes=(
                *NOTES,
                (
                    "Two collections may have documents of the same _id: then the numbers differ. Give these new keys, "
                    "and run it again."
                ),
                "A document that is deleted meanwhile has to be deleted in both.",
            ),
        )

    def viewed(self) -> Draft:
        """Draft the views that have the old names."""
        pipeline = [{"$match": {self._field: Code("value")}}, {"$unset": self._field}]
        is_view = f'{self._infos}.some(one => one.type === "view")'
        named = f"{text(self._schema + '.')} + name"
        kept = f"{named} + {text(BEFORE)}"
        rename = f"{database('admin')}.runCommand({{renameCollection: {named}, to: {kept}}});"
        back = f"{database('admin')}.runCommand({{renameCollection: {kept}, to: {named}}});"
        view = f"{database(self._schema)}.createView(name, {text(self._into)}, {literal(pipeline)});"
        return draft(
            Phase.CONTRACT,
            f"Let views of {self._path} have the old names",
            self._for_each(f"  if ({is_view}) continue;\n  if ({self._infos}.length > 0) {rename}\n  {view}"),
            verify=self._true_of_each(is_view),
            precondition=self._true_of_each(f"{is_view} || {self._same}"),
            rollback=(self._for_each(f"  if (!({is_view})) continue;\n  {self._old}.drop();\n  {back}"),),
            takes=Estimate(len(self._names) * estimates.BRIEF_SECONDS, None, "changes of definitions alone"),
            lock=EXCLUSIVE,
            blocking_seconds=estimates.LOCK_WAIT_SECONDS,
            observe_days=OBSERVATION_DAYS,
            notes=(
                (
                    "For a moment each name is free: what read it then would find nothing, and what wrote it would "
                    "make a new collection. Nothing that writes may use the old names any more."
                ),
                "Where no report or export reads the old names, leave the views out.",
            ),
        )

    def dropped(self) -> Draft:
        """Draft the drop of the old collections."""
        kept = f"{database(self._schema)}.getCollection(name + {text(BEFORE)})"
        left = [f"{name}{BEFORE}" for name in self._names]
        names = f"{database(self._schema)}.getCollectionNames()"
        return draft(
            Phase.CONTRACT,
            f"Drop the {count(len(self._names), 'old collection')} of {self._path}",
            self._for_each(f"  {kept}.drop();"),
            verify=f"{names}.filter(one => {literal(left)}.includes(one)).length === 0",
            reversible=False,
            point_of_no_return=True,
            observe_days=OBSERVATION_DAYS,
            takes=Estimate(len(self._names) * estimates.BRIEF_SECONDS, None, "files are removed"),
            lock=EXCLUSIVE,
            notes=("What old code wrote to them since is in backups only afterwards: compare the numbers once more.",),
        )

"""The recipe for arrays and subdocuments that become a collection of their own.

An element of an array becomes a document with the key ``{of: <key of its document>, n: <its place>}``: the copy is the
same however often it is made, and the elements of a document are found by it. A subdocument keeps the key of its
document. Until the switch what is embedded counts: the copy is compared with it, and what differs is copied again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from auditor.connector import Draft
from auditor.model.catalog import Key
from auditor.model.facts import Facts
from auditor.model.operation import SplitTable
from auditor.model.vocabulary import Phase
from auditor_connectors.drafting import application
from auditor_connectors.mongodb.javascript import collection, create_index, database, literal, text
from auditor_connectors.mongodb.recipes import estimates
from auditor_connectors.mongodb.recipes.batches import NOTES, in_batches, of_batch
from auditor_connectors.mongodb.recipes.conditions import all_of, exists, index_is, none_fit
from auditor_connectors.mongodb.recipes.estimates import Estimate
from auditor_connectors.mongodb.recipes.fields import remove
from auditor_connectors.mongodb.recipes.paths import Expression, Path
from auditor_connectors.mongodb.recipes.steps import draft

PARENT = "_id.of"
"""The field of a new document that holds the key of the document that its element was in."""

OWN = "own_id"
"""The field that holds the ``_id`` that an element had of its own, if it had one."""


def split_table(operation: SplitTable, facts: Facts) -> Iterator[Draft]:
    """Write both, copy, compare, read the new collection, and take what was embedded away."""
    key = (operation.schema, operation.table)
    table = facts.table(key)
    into = (operation.schema, operation.into)
    names = [".".join((*key, column)) for column in operation.columns]
    paths = [Path(table, column) for column in operation.columns]
    one = table.column(operation.columns[0]) if table is not None else None
    seen = one is not None and one.shape is not None
    if len(paths) > 1 or len(paths[0].parts) > 1 or not paths[0].usable or not seen or facts.table(into) is not None:
        yield application(
            Phase.SWITCH,
            f"Move {', '.join(names)} to {'.'.join(into)}",
            "The new collection is there already, or several fields move at once, or one inside of others, or no "
            "sample shows what the field holds: let the application write both places, copy by a program of your own, "
            "compare, then read the new one.",
            objects=names,
        )
        return
    yield from _Split(facts, key, into, paths[0], operation.id).drafts()


class _Split:
    """The way of one field into a collection of its own."""

    def __init__(self, facts: Facts, key: Key, into: Key, path: Path, work: str) -> None:
        self._facts, self._key, self._into, self._path, self._work = facts, key, into, path, work
        self._table = facts.table(key)
        self._field, self._name = path.name, ".".join((*key, path.name))
        self._is_array = bool(path.arrays)

    def drafts(self) -> Iterator[Draft]:
        """All steps."""
        objects = (self._name, ".".join(self._into))
        yield self._made()
        shape = (
            "{_id: {of: <_id of its document>, n: <its place>}, …}"
            if self._is_array
            else "{_id: <_id of its document>, …}"
        )
        yield application(
            Phase.EXPAND,
            f"Write {objects[0]} and {objects[1]}, read {objects[0]}",
            f"Deploy code that writes each change to both places. In the new one: {shape}, with the fields of the "
            f"{'element (or value: <the element> where it is no document)' if self._is_array else 'subdocument'}, "
            f"an _id of its own as {OWN}.",
            "A transaction keeps both the same; without one, the comparison below finds what was lost between them.",
            kind="tolerate",
            objects=objects,
        )
        yield self._copied()
        yield application(
            Phase.SWITCH,
            f"Read {objects[1]}, write both",
            "Deploy code that reads the new collection. Both are written for as long as a way back is wanted.",
            *(
                (f"It finds the elements of a document by {{{text(PARENT)}: <_id of the document>}}.",)
                if self._is_array
                else ()
            ),
            kind="move-reads",
            objects=objects,
        )
        yield application(
            Phase.SWITCH,
            f"Write {objects[1]} only",
            "Deploy code that uses what is embedded no more, and wait until no older code runs.",
            kind="stop-using",
            objects=objects[:1],
        )
        yield remove(self._facts, self._key, self._path, self._work)

    def _made(self) -> Draft:
        name = f"{PARENT}_1"
        made = f"{database(self._into[0])}.createCollection({text(self._into[1])})"
        if self._is_array:  # a collection comes with its first index
            made = create_index(self._into, {PARENT: 1}, {"name": name})
        indexed = index_is(self._into, name) if self._is_array else None
        return draft(
            Phase.EXPAND,
            f"Make the collection {'.'.join(self._into)}",
            made,
            verify=all_of(exists(self._into), indexed),
            rollback=(f"{collection(self._into)}.drop()",),
            takes=Estimate(0.1, None, "a new collection is empty"),
        )

    def _row(self, value: str, key: Expression) -> Expression:
        """The new document of an element or subdocument. The server puts ``_id`` first, and a comparison sees that."""
        given = {"$mergeObjects": [value, {OWN: f"{value}._id"}]}
        if self._is_array:
            given = {"$cond": [{"$eq": [{"$type": value}, "object"]}, given, {"value": value}]}
        return {"$mergeObjects": [{"_id": key}, given, {"_id": key}]}

    def _rows(self) -> list[Mapping[str, Any]]:
        """The stages that make the new documents of the old ones."""
        value = f"${self._field}"
        if not self._is_array:
            return [{"$match": {self._field: {"$type": "object"}}}, {"$replaceWith": self._row(value, "$_id")}]
        return [
            {"$unwind": {"path": value, "includeArrayIndex": "auditor_place"}},
            {"$replaceWith": self._row(value, {"of": "$_id", "n": "$auditor_place"})},
        ]

    def _copied(self) -> Draft:
        present = {self._field: {"$type": "array" if self._is_array else "object"}}
        merge = {"$merge": {"into": self._into[1], "on": "_id", "whenMatched": "replace"}}
        stages = ", ".join(literal(stage) for stage in (*self._rows(), merge))
        source, copy = collection(self._key), collection(self._into)
        places = literal({"_id": 1, "size": {"$size": f"${self._field}"}})
        shorter = (
            f"  const stages = [{{$match: {of_batch(present)}}}, {{$project: {places}}}];\n"
            f"  const sizes = {source}.aggregate(stages).toArray();\n"
            f'  const beyond = sizes.map(one => ({{{text(PARENT)}: one._id, "_id.n": {{$gte: one.size}}}}));\n'
            f"  const trims = beyond.map(filter => ({{deleteMany: {{filter}}}}));\n"
            f"  if (trims.length > 0) {copy}.bulkWrite(trims, {{ordered: false, ...majority}});"
        )
        work = f"  {source}.aggregate([{{$match: {{_id: {{$in: ids}}}}}}, {stages}], majority).toArray();"
        return draft(
            Phase.BACKFILL,
            f"Copy {self._name} to {'.'.join(self._into)}",
            *in_batches(self._key, present, self._work, f"{work}\n{shorter}" if self._is_array else work),
            verify=none_fit(self._key, self._different()),
            rollback=(f"{copy}.deleteMany({{}}, {{writeConcern: {{w: \"majority\"}}}})",),
            takes=self._takes(),
            notes=(
                *NOTES,
                "Never run it once the new collection alone is written: it would bring the old state back.",
                ("What is embedded counts: where both differ, because a change came between the two writes, the "
                "verification fails, and running it again copies what is embedded once more."),
            ),
        )  # fmt: skip

    def _different(self) -> list[Mapping[str, Any]]:
        """The stages that find a document whose copy is not the same."""
        value, joined = f"${self._field}", PARENT if self._is_array else "_id"
        lookup = {"from": self._into[1], "localField": "_id", "foreignField": joined, "as": "auditor_copy"}
        expected: Expression = [self._row(value, "$_id")]
        if self._is_array:
            row = self._row("$$element", {"of": "$_id", "n": {"$toLong": "$$place"}})
            element = {"element": {"$arrayElemAt": [value, "$$place"]}}
            each = {"$let": {"vars": element, "in": row}}
            expected = {"$map": {"input": {"$range": [0, {"$size": value}]}, "as": "place", "in": each}}
        return [
            {"$match": {self._field: {"$type": "array" if self._is_array else "object"}}},
            {"$lookup": lookup},
            {"$match": {"$expr": {"$not": [{"$setEquals": ["$auditor_copy", expected]}]}}},
        ]

    def _takes(self) -> Estimate:
        column = self._table.column(self._field) if self._table is not None else None
        shape = column.shape if column is not None else None
        many = shape.array.mean if shape is not None and shape.array is not None else 1.0
        rows = self._table.rows if self._table is not None else None
        each = shape.bytes_mean if shape is not None else None
        disk = None if rows is None or each is None else int(rows * each * 2)
        return estimates.batches(
            self._table,
            estimates.COPIES_PER_SECOND,
            "copied",
            many * (shape.presence if shape is not None else 1.0),
            disk,
        )

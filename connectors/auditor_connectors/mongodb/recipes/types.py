"""The recipe for a field's type: the application reads both types, then batches convert what is of the old one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from auditor.connector import Draft
from auditor.model.catalog import Index, Key, Table
from auditor.model.facts import Facts
from auditor.model.operation import ChangeColumnType
from auditor.model.vocabulary import Phase
from auditor_connectors.drafting import application
from auditor_connectors.mongodb.javascript import collection, literal
from auditor_connectors.mongodb.recipes import estimates
from auditor_connectors.mongodb.recipes.batches import NOTES, in_batches, of_batch, update
from auditor_connectors.mongodb.recipes.conditions import exists, none_fit, none_match
from auditor_connectors.mongodb.recipes.conversion import TARGETS, Conversion, types_of
from auditor_connectors.mongodb.recipes.expiry import FAR, lower, set_expiry_of
from auditor_connectors.mongodb.recipes.indexes import bare
from auditor_connectors.mongodb.recipes.paths import Path
from auditor_connectors.mongodb.recipes.steps import OBSERVATION_DAYS, change, draft

_DISTINCT = (
    'It has a unique index: when two values become equal ("7" and 7), the batch ends with error 11000. Mend one of '
    "the two, and run it again."
)
_RANGE = (
    "Queries compare within a type only: a query for the new type does not find values of the old one. Until the "
    "last one is converted, ask for both: {$in: [old, new]}, and ranges by $or."
)
_ZONE = "A text without a zone is taken for UTC."


def change_column_type(operation: ChangeColumnType, facts: Facts) -> Iterator[Draft]:
    """Convert the values of a field, and of those that are changed together with it."""
    for one in (operation, *operation.together):
        yield from _one(one, facts)


def _one(operation: ChangeColumnType, facts: Facts) -> Iterator[Draft]:
    key = (operation.schema, operation.table)
    table, path = facts.table(key), Path(facts.table(key), operation.column)
    name = ".".join((*key, operation.column))
    sources, targets = types_of(operation.from_type), types_of(operation.to_type)
    why = _obstacle(table, path, operation, sources, targets)
    if why:
        yield application(Phase.SWITCH, f"Change the type of {name} to {operation.to_type}", why, objects=(name,))
        return
    work = _Work(operation, key, table, path, Conversion(sources, targets[0], operation.using))
    expiring = [index for index in facts.indexes_of(key) if _expires(index, operation.column)]
    yield application(
        Phase.PREPARE,
        f"Read {name} as {operation.from_type} and as {operation.to_type}",
        "Deploy code that understands both types wherever it reads the field.",
        _RANGE,
        "A version of the shape in each document (schemaVersion: 2, written by new code) tells which code wrote it.",
        kind="tolerate",
        objects=(name,),
    )
    yield application(
        Phase.EXPAND,
        f"Write {name} as {operation.to_type} only",
        "Deploy code that writes the new type, and reads both. Wait until no older code runs.",
        kind="move-writes",
        objects=(name,),
    )
    yield work.examined()
    for index in expiring:
        yield set_expiry_of(key, bare(index.table, index.name), FAR, index.expire_seconds, Phase.EXPAND)
    unique = any(index.unique and operation.column in index.columns for index in facts.indexes_of(key))
    yield work.converted(notes=(_DISTINCT,) if unique else ())
    for index in expiring:
        yield from lower(facts, (*key, operation.column), bare(index.table, index.name), index.expire_seconds or 0)
    yield application(
        Phase.SWITCH,
        f"Read {name} as {operation.to_type} only",
        "Deploy code that asks for the new type only.",
        kind="move-reads",
        objects=(name,),
    )
    yield work.forgotten()


def _obstacle(
    table: Table | None, path: Path, operation: ChangeColumnType, sources: tuple[str, ...], targets: tuple[str, ...]
) -> str:
    """Say why the values cannot be converted where they are; empty when they can."""
    documents = table.documents if table is not None else None
    if path.root == "_id":
        return "_id cannot be changed: copy the documents into a new collection with new keys, and move to that."
    if not path.usable:
        return "No expression can name this field (a dollar begins a part of its name): the application converts it."
    if not sources or len(targets) != 1 or (targets[0] not in TARGETS and operation.using is None):
        return f"The server converts no {operation.from_type} into {operation.to_type}: the application does."
    if documents is not None and (documents.time_series is not None or documents.encrypted or documents.capped):
        return "Documents of this kind of collection cannot be updated like that: write a new collection, and move."
    if documents is not None and operation.column in documents.shard_key:
        return "The field is part of the shard key: documents move when it changes. Update them one by one by _id."
    return ""


def _expires(index: Index, column: str) -> bool:
    return index.expire_seconds is not None and index.columns == (column,)


class _Work:
    """The conversion of one field of one collection."""

    def __init__(
        self, operation: ChangeColumnType, key: Key, table: Table | None, path: Path, conversion: Conversion
    ) -> None:
        self._name = ".".join((*key, operation.column))
        self._operation, self._key, self._table, self._path = operation, key, table, path
        self._conversion = conversion
        self._concerned = {operation.column: {"$type": conversion.sources}}
        self._kept = (key[0], kept_name(key[1], operation.column))

    @property
    def _share(self) -> float:
        """The share of the documents that have a value of the old type."""
        column = self._table.column(self._operation.column) if self._table is not None else None
        if column is None or column.shape is None:
            return 1.0
        return column.shape.presence * sum(column.shape.types.get(one, 0.0) for one in self._conversion.sources)

    def examined(self) -> Draft:
        """Draft the search for values that cannot be converted."""
        failing = [{"$match": self._concerned}, {"$match": {"$expr": self._path.any(self._conversion.fails)}}]
        by_type = [*failing, {"$group": {"_id": {"$type": f"${self._operation.column}"}, "documents": {"$sum": 1}}}]
        notes = [
            (
                "A conversion that would lose something (the digits after the point of a number, the zeros before a "
                "code) counts as none. Mend such values by what the application knows of them, then run this again."
            ),
            f"Which they are: {collection(self._key)}.aggregate({literal([*failing, {'$project': {'_id': 1}}])})",
        ]
        if self._conversion.target == "date" and "string" in self._conversion.sources:
            notes.append(_ZONE)
        documents = self._table.documents if self._table is not None else None
        if documents is not None and documents.validator is not None:
            notes.append(
                "The collection has a validator: let it allow both types first, or batches end with error 121."
            )
        return draft(
            Phase.EXPAND,
            f"Count the documents whose {self._name} cannot become {self._operation.to_type}",
            f"{collection(self._key)}.aggregate({literal(by_type)}).toArray()",
            verify=none_fit(self._key, failing),
            takes=estimates.scan(self._table),
            notes=notes,
        )

    def converted(self, notes: tuple[str, ...]) -> Draft:
        """Draft the conversion, which keeps what was there before."""
        keep: list[Mapping[str, Any]] = [
            {"$project": {"before": f"${self._path.root}"}},
            {"$merge": {"into": self._kept[1], "on": "_id", "whenMatched": "keepExisting"}},
        ]
        pipeline = literal([{"$set": {self._path.root: self._path.changed(self._conversion.changed)}}])
        matched = f"{{$match: {of_batch(self._concerned)}}}"
        kept = ", ".join(literal(stage) for stage in keep)
        work = (
            f"  {collection(self._key)}.aggregate([{matched}, {kept}], majority).toArray();\n"
            + update(self._key, self._concerned, pipeline)
        )  # fmt: skip
        rows = self._table.rows if self._table is not None else None
        mean = self._table.documents.bytes_mean if self._table is not None and self._table.documents else None
        disk = None if rows is None or mean is None else int(rows * self._share * mean)
        return draft(
            Phase.BACKFILL,
            f"Convert {self._name} to {self._operation.to_type}",
            *in_batches(self._key, self._concerned, self._operation.id, work),
            verify=none_match(self._key, self._concerned),
            rollback=self._restored(),
            takes=estimates.batches(
                self._table, estimates.UPDATES_PER_SECOND / 2, "kept and converted", self._share, disk
            ),
            notes=(
                *NOTES,
                (
                    f"{'.'.join(self._kept)} keeps each {self._path.root} as it was. The way back restores those "
                    "that have not changed since; what was written meanwhile stays: keep code that reads both."
                ),
                "What an older writer still adds, the verification finds: run it again then.",
                *notes,
            ),
        )

    def _restored(self) -> tuple[str, ...]:
        """Write the way back: the kept values, where the documents have what these were converted to."""
        root = self._path.root
        # $merge has the kept value as a variable only, over which the expression is written as over the field.
        expected = _of_variable(self._path.changed(self._conversion.changed), f"${root}", "$$before")
        restored = {"$cond": [{"$eq": [f"${root}", expected]}, "$$before", f"${root}"]}
        merge = {
            "$merge": {
                "into": self._key[1], "on": "_id", "let": {"before": "$before"},
                "whenMatched": [{"$set": {root: restored}}], "whenNotMatched": "discard",
            }
        }  # fmt: skip
        stages = f"[{{$match: {{_id: {{$in: ids}}}}}}, {literal(merge)}]"
        work = f"  {collection(self._kept)}.aggregate({stages}, majority).toArray();"
        back = in_batches(self._kept, {}, f"back from {self._operation.id}", work, undoes=self._operation.id)
        return (*back, f"{collection(self._kept)}.drop()")

    def forgotten(self) -> Draft:
        """Draft the drop of what was kept."""
        return change(
            Phase.CONTRACT,
            f"Drop {'.'.join(self._kept)}, which keeps {self._name} as it was",
            f"{collection(self._kept)}.drop()",
            verify=exists(self._kept, absent=True),
            precondition=none_match(self._key, self._concerned),
            reversible=False,
            point_of_no_return=True,
            observe_days=OBSERVATION_DAYS,
            notes=("From here on the values of the old type are in backups only.",),
        )


def _of_variable(expression: Any, field: str, variable: str) -> Any:
    """An expression over a variable in place of a field."""
    if isinstance(expression, dict):
        return {name: _of_variable(one, field, variable) for name, one in expression.items()}
    if isinstance(expression, list):
        return [_of_variable(one, field, variable) for one in expression]
    if expression == field or (isinstance(expression, str) and expression.startswith(f"{field}.")):
        return variable + expression[len(field) :]
    return expression


LONGEST_NAME = 200
"""Bytes of a collection's name: with the database's it stays below the 255 that all versions take."""


def kept_name(table: str, column: str) -> str:
    """The name of the collection that keeps a field as it was."""
    name = f"{table}.before.{column}".replace("$", "_").replace("\0", "_")
    return name.encode()[:LONGEST_NAME].decode(errors="ignore")

"""Recipes for fields: another name, while old and new code read and write them, and the end of one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bson import json_util

from auditor.connector import Draft
from auditor.model.catalog import Index, Key
from auditor.model.facts import Facts
from auditor.model.operation import DropColumn, DropIndex, RenameColumn
from auditor.model.vocabulary import Phase
from auditor_connectors.drafting import application
from auditor_connectors.mongodb.javascript import literal
from auditor_connectors.mongodb.recipes import estimates
from auditor_connectors.mongodb.recipes.batches import NOTES, in_batches, update
from auditor_connectors.mongodb.recipes.conditions import none_match
from auditor_connectors.mongodb.recipes.indexes import build, drop_index, over
from auditor_connectors.mongodb.recipes.paths import Expression, Path
from auditor_connectors.mongodb.recipes.steps import OBSERVATION_DAYS, draft

_FROZEN = (
    "No expression can name this field, or documents of this kind are not updated like that: the application does."
)
_SPACE = "Documents get smaller, the files do not: compact gives the space back."


def rename_column(operation: RenameColumn, facts: Facts) -> Iterator[Draft]:
    """Write both names, copy the old one's values, read the new name, and take the old one away."""
    key = (operation.schema, operation.table)
    old = Path(facts.table(key), operation.column)
    new = Path(facts.table(key), _beside(old, operation.to))
    names = f"{'.'.join((*key, old.name))}", f"{'.'.join((*key, new.name))}"
    if _is_frozen(facts, key, old) or not new.usable or old.parent != new.parent:
        yield application(Phase.SWITCH, f"Rename {names[0]} to {names[1]}", _FROZEN, objects=names)
        return
    rename = _Rename(facts, key, old, new, operation.id)
    yield application(
        Phase.EXPAND,
        f"Write {names[0]} and {names[1]}, read {names[0]}",
        "Deploy code that writes every value under both names.",
        kind="tolerate",
        objects=names,
    )
    indexes = [index for index in over(facts, key, (old.name,)) if not index.primary]
    for index in indexes:
        if index.method == "btree" and not rename.has_index_like(index):
            yield rename.index(index)
    yield rename.copied()
    yield application(
        Phase.SWITCH,
        f"Read {names[1]}, write both",
        "Deploy code that reads the new name. Both are written for as long as a way back is wanted.",
        *(f"The index {index.path} has to be made again over the new name by hand." for index in indexes
          if index.method != "btree"),
        kind="move-reads",
        objects=names,
    )  # fmt: skip
    yield application(
        Phase.SWITCH,
        f"Use {names[0]} no more",
        "Deploy code that knows the new name only, and wait until no older code runs.",
        kind="stop-using",
        objects=names[:1],
    )
    for index in indexes:
        yield from drop_index(DropIndex(schema=key[0], table=key[1], name=index.name), facts)
    yield rename.removed()


def _beside(old: Path, to: str) -> str:
    """The new path: the last part alone is beside the old one."""
    return f"{old.parent}.{to}" if old.parent and "." not in to else to


def _is_frozen(facts: Facts, key: Key, path: Path) -> bool:
    """Whether updates of many documents cannot change the field."""
    table = facts.table(key)
    documents = table.documents if table is not None else None
    if path.root == "_id" or not path.usable:
        return True
    if documents is None:
        return False
    kind = documents.time_series is not None or documents.encrypted or documents.capped
    return kind or path.name in documents.shard_key


class _Rename:
    """The way of one field's values to another name beside it."""

    def __init__(self, facts: Facts, key: Key, old: Path, new: Path, work: str) -> None:
        self._facts, self._key, self._old, self._new, self._work = facts, key, old, new, work
        self._table = facts.table(key)
        self._around = Path(self._table, old.parent) if old.parent else None

    def has_index_like(self, index: Index) -> bool:
        """Whether there is an index over the new name already, of the same keys: there can be no second one."""
        keys = self._keys(index)
        return any(list(_keys_of(one).items()) == list(keys.items()) for one in self._facts.indexes_of(self._key))

    def _keys(self, index: Index) -> Mapping[str, int]:
        old, new = self._old.name, self._new.name
        within = f"{old}."
        keys = _keys_of(index).items()
        return {new + name[len(old) :] if name == old or name.startswith(within) else name: kind for name, kind in keys}

    def index(self, index: Index) -> Draft:
        """Draft an index over the new name like one over the old one."""
        keys = self._keys(index)
        options: dict[str, Any] = {
            **({"unique": True} if index.unique else {}),
            **({"sparse": True} if index.sparse else {}),
            **({"expireAfterSeconds": index.expire_seconds} if index.expire_seconds is not None else {}),
        }
        if index.predicate:
            options["partialFilterExpression"] = self._renamed(json_util.loads(index.predicate))
        if index.parts[0].collation:
            locale, _, strength = index.parts[0].collation.partition("/")
            options["collation"] = {"locale": locale, "strength": int(strength)}
        return build(self._facts, Phase.EXPAND, self._key, keys, options)[1]

    def _renamed(self, query: Mapping[str, Any]) -> Mapping[str, Any]:
        return {self._new.name if name == self._old.name else name: one for name, one in query.items()}

    def copied(self) -> Draft:
        """Draft the copy of the values to the new name."""
        missing = self._lacks(self._old, self._new)
        return draft(
            Phase.BACKFILL,
            f"Copy {self._old.name} to {self._new.name} in {'.'.join(self._key)}",
            *self._batches(missing, self._copy(self._old, self._new), self._work),
            verify=none_match(self._key, missing),
            rollback=self._batches(
                _has(self._new), literal([{"$unset": self._new.name}]), f"back from {self._work}", self._work
            ),
            takes=self._takes("copied"),
            notes=(*NOTES, "Documents that have the new name already keep what they have there."),
        )

    def removed(self) -> Draft:
        """Draft the end of the old name."""
        return draft(
            Phase.CONTRACT,
            f"Remove {self._old.name} from the documents of {'.'.join(self._key)}",
            *self._batches(_has(self._old), literal([{"$unset": self._old.name}]), f"end of {self._work}"),
            verify=none_match(self._key, _has(self._old)),
            precondition=none_match(self._key, self._lacks(self._old, self._new)),
            rollback=self._batches(
                self._lacks(self._new, self._old),
                self._copy(self._new, self._old),
                f"again {self._work}",
                f"end of {self._work}",
            ),
            takes=self._takes("made smaller"),
            observe_days=OBSERVATION_DAYS,
            notes=(*NOTES, _SPACE),
        )

    def _batches(
        self, query: Mapping[str, Any], pipeline: str, work: str, undoes: str | None = None
    ) -> tuple[str, ...]:
        return in_batches(self._key, query, work, update(self._key, query, pipeline), undoes=undoes)

    def _takes(self, what: str) -> estimates.Estimate:
        column = self._table.column(self._old.name) if self._table is not None else None
        share = column.shape.presence if column is not None and column.shape is not None else 1.0
        return estimates.batches(self._table, estimates.UPDATES_PER_SECOND, what, share)

    def _lacks(self, source: Path, target: Path) -> Mapping[str, Any]:
        """The query for documents that have one name where they do not have the other."""
        if self._around is None:
            return {source.name: {"$exists": True}, target.name: {"$exists": False}}
        here, there = source.parts[-1], target.parts[-1]

        def lacks(around: str) -> Expression:
            asked = [(f"{around}.{here}", "$ne"), (f"{around}.{there}", "$eq")]
            return {"$and": [{sign: [{"$type": value}, "missing"]} for value, sign in asked]}

        return {source.name: {"$exists": True}, "$expr": self._around.any(lacks)}

    def _copy(self, source: Path, target: Path) -> str:
        """The update that gives a value the other name as well."""
        here, there = source.parts[-1], target.parts[-1]
        if self._around is None:
            return literal([{"$set": {there: {"$ifNull": [f"${there}", f"${here}"]}}}])

        def both(around: str) -> Expression:
            added = {there: {"$ifNull": [f"{around}.{there}", f"{around}.{here}"]}}
            return {"$cond": [{"$eq": [{"$type": around}, "object"]}, {"$mergeObjects": [around, added]}, around]}

        return literal([{"$set": {self._around.root: self._around.changed(both)}}])


def _keys_of(index: Index) -> Mapping[str, int]:
    return {part.column or "": -1 if part.descending else 1 for part in index.parts}


def _has(path: Path) -> Mapping[str, Any]:
    return {path.name: {"$exists": True}}


def drop_column(operation: DropColumn, facts: Facts) -> Iterator[Draft]:
    """Let the application forget it, then take it out of the documents at the very end."""
    key = (operation.schema, operation.table)
    path, name = Path(facts.table(key), operation.column), ".".join((*key, operation.column))
    yield application(
        Phase.SWITCH,
        f"Stop using {name}",
        "Deploy code that neither reads nor writes the field, and wait until no older code runs.",
        kind="stop-using",
        objects=(name,),
    )
    if _is_frozen(facts, key, path):
        yield application(Phase.CONTRACT, f"Remove {name}", _FROZEN, objects=(name,))
        return
    for index in over(facts, key, (path.name,)):
        yield from drop_index(DropIndex(schema=key[0], table=key[1], name=index.name), facts)
    yield remove(facts, key, path, operation.id)


def remove(facts: Facts, key: Key, path: Path, work: str) -> Draft:
    """Draft the removal of a field from all documents, from which nothing leads back."""
    query = _has(path)
    return draft(
        Phase.CONTRACT,
        f"Remove {path.name} from the documents of {'.'.join(key)}",
        *in_batches(key, query, f"end of {work}", update(key, query, literal([{"$unset": path.name}]))),
        verify=none_match(key, query),
        reversible=False,
        point_of_no_return=True,
        observe_days=OBSERVATION_DAYS,
        takes=estimates.batches(facts.table(key), estimates.UPDATES_PER_SECOND, "made smaller"),
        notes=(*NOTES, _SPACE, "The values are in backups only afterwards: have it approved, and take a backup."),
    )

"""Recipes for indexes: built while clients write, and hidden before they are dropped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bson import json_util

from auditor.connector import Draft
from auditor.model.catalog import Index, Key
from auditor.model.facts import Facts
from auditor.model.operation import AddIndex, DropIndex
from auditor.model.vocabulary import Phase
from auditor.text import size
from auditor_connectors.drafting import application
from auditor_connectors.mongodb.javascript import create_index
from auditor_connectors.mongodb.recipes import estimates
from auditor_connectors.mongodb.recipes.conditions import all_of, index_is, no_duplicates
from auditor_connectors.mongodb.recipes.paths import Path
from auditor_connectors.mongodb.recipes.replicas import is_replica_set
from auditor_connectors.mongodb.recipes.steps import HIDDEN_DAYS, RETRY, change, command

LARGE_SECONDS = 1800.0
"""From here on a build is worth the trouble of going from member to member."""

_BUILD = (
    "Reads and writes go on while it is built, on all members at once. It needs its lock for a moment when it begins "
    "and when it ends, and waits there for transactions that are open on the collection, others behind it: hold back "
    'long transactions. Watch it by db.currentOp({"command.createIndexes": {$exists: true}}); db.killOp ends it.'
)
_QUORUM = "It counts when the majority has built it: a member that is down does not hold it up, but has to catch up."
_ROLLING = (
    "It takes long. Where the load is near what the members bear, build it from member to member instead: restart a "
    "secondary without replSet on another port, build it there, let it come back and catch up; the primary last, after "
    "rs.stepDown(). Not for a unique index, unless nothing writes meanwhile: "
    "https://www.mongodb.com/docs/manual/tutorial/build-indexes-on-replica-sets/"
)
_COMPUTED = "An index holds fields, no expressions: let the application write the result to a field, and index that."
_HINTS = "A query that names it by hint() fails from now on: look for such hints."


def add_index(operation: AddIndex, facts: Facts) -> Iterator[Draft]:
    """Build it while reads and writes go on; hide and drop what it replaces last."""
    key = (operation.schema, operation.table)
    partial = json_util.loads(operation.predicate) if operation.predicate else None
    collation = _collation(operation.collation)
    options = {
        **({"unique": True} if operation.unique else {}),
        **({"partialFilterExpression": partial} if partial else {}),
        **({"collation": collation} if collation else {}),
    }
    keys = {name: _kind(operation, name) for name in (*operation.columns, *operation.include)}
    if operation.expressions or not keys:
        path = ".".join(key)
        yield application(Phase.EXPAND, f"Build an index on what {path} computes", _COMPUTED, objects=(path,))
        return
    name, draft = build(facts, Phase.EXPAND, key, keys, options)
    yield draft
    if operation.replaces is not None:
        drop = DropIndex(schema=key[0], table=key[1], name=operation.replaces, covered_by=f"{key[1]}.{name}")
        yield from drop_index(drop, facts)


def _kind(operation: AddIndex, name: str) -> Any:
    if name in operation.operator_classes:
        return operation.operator_classes[name]
    method = operation.method or "btree"
    return method if method not in ("btree", "wildcard") else -1 if name in operation.descending else 1


def _collation(name: str | None) -> Mapping[str, Any] | None:
    """A collation from how the model writes it: locale and strength."""
    if name is None:
        return None
    locale, _, strength = name.partition("/")
    return {"locale": locale, "strength": int(strength or 3)}


def build(
    facts: Facts, phase: Phase, key: Key, keys: Mapping[str, Any], options: Mapping[str, Any]
) -> tuple[str, Draft]:
    """Draft the building of an index; its name is the one that the shell would give it, if that is free."""
    table, fields = facts.table(key), tuple(keys)
    name = free_name(facts, key, "_".join(f"{field}_{kind}" for field, kind in keys.items()))
    takes = estimates.index(facts, table, fields)
    unique = None
    if options.get("unique"):
        arrays = dict.fromkeys(path for field in fields for path in Path(table, field).arrays)
        unique = no_duplicates(key, fields, arrays, options.get("partialFilterExpression"), options.get("collation"))
    in_set, long = is_replica_set(facts), (takes.seconds or 0.0) > LARGE_SECONDS
    return name, change(
        phase,
        f"Build the {'unique ' if unique else ''}index {name} on {'.'.join(key)}",
        command(
            key, "collMod", {}
        ),  # changes nothing, and gives up where the build would wait with everybody behind it
        create_index(key, keys, {"name": name, **options}, "majority" if in_set else ""),
        verify=index_is(key, name),
        precondition=all_of(index_is(key, name, absent=True), unique),
        rollback=(command(key, "dropIndexes", {"index": name}),),
        takes=takes,
        notes=(_BUILD, *((_QUORUM,) if in_set else ()), *((_ROLLING,) if long and in_set else ())),
    )


def free_name(facts: Facts, key: Key, wanted: str) -> str:
    """A name for an index that none of the collection has."""
    taken = {bare(index.table, index.name) for index in facts.indexes_of(key)}
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}_{number}"
    return name


def bare(table: str, name: str) -> str:
    """The name of an index within its collection."""
    return name.removeprefix(f"{table}.")


def drop_index(operation: DropIndex, facts: Facts) -> Iterator[Draft]:
    """Hide it from the planner, watch, then drop it: showing it again takes no time, building it again does."""
    key, name = (operation.schema, operation.table), bare(operation.table, operation.name)
    index = facts.index((operation.schema, operation.name))
    path = f"{'.'.join(key)}.{name}"
    cover = bare(operation.table, operation.covered_by) if operation.covered_by else None
    covered = index_is(key, cover, "!one.hidden") if cover is not None else None
    why = (
        f"{'.'.join(key)}.{cover} serves in its place."
        if cover is not None
        else "Nothing is known to use it; each member counts for itself, and from its start on: look at all of them."
    )
    if index is None or index.visible:
        yield change(
            Phase.SWITCH,
            f"Hide the index {path} from the planner",
            hide(key, name, hidden=True),
            verify=index_is(key, name, "!one.hidden", absent=True),
            precondition=covered,
            rollback=(hide(key, name, hidden=False),),
            notes=(
                why,
                (
                    "It is kept up to date, and shows again at once if a query turns out to need it. Uniqueness and "
                    "expiry stay in force meanwhile."
                ),
                _HINTS,
                RETRY,
            ),
        )
    yield change(
        Phase.CONTRACT,
        f"Drop the index {path}",
        command(key, "dropIndexes", {"index": name}),
        verify=index_is(key, name, absent=True),
        precondition=all_of(covered, index_is(key, name, "one.hidden === true")),
        rollback=recreate(index),
        reversible=index is not None and index.definition is not None,
        observe_days=max(operation.observe_days, HIDDEN_DAYS),
        notes=(why, "Its size is not known." if index is None or index.bytes is None else
               f"It frees {size(index.bytes)} on each member.", RETRY),
    )  # fmt: skip


def hide(key: Key, name: str, *, hidden: bool) -> str:
    """Write the command that hides an index from the planner, or shows it again."""
    return command(key, "collMod", {"index": {"name": name, "hidden": hidden}})


def recreate(index: Index | None) -> tuple[str, ...]:
    """Write the statement that builds a dropped index again as it was, hidden as it was before the drop."""
    if index is None or index.definition is None:
        return ()
    name = bare(index.table, index.name)
    return (index.definition, *((hide(index.table_key, name, hidden=True),) if index.visible else ()))


def over(facts: Facts, key: Key, columns: Iterable[str]) -> tuple[Index, ...]:
    """The indexes over any of some fields, or over what is in them."""
    wanted = tuple(columns)
    return tuple(
        index
        for index in facts.indexes_of(key)
        if any(name == one or name.startswith(f"{one}.") for name in index.columns for one in wanted)
    )

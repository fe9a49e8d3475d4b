"""From a command, as the profiler, the log or the server's list of operations tells it, to its shape."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from auditor.model.uses import Parsed, TableUse
from auditor_connectors.mongodb.shapes.conditions import Conditions
from auditor_connectors.mongodb.shapes.text import call, change, projection, query, sorting, stages
from auditor_connectors.mongodb.shapes.values import key, named
from auditor_connectors.scanning import PLACEHOLDER

_SUMMARIES = frozenset({"$group", "$count", "$sortByCount", "$bucket", "$bucketAuto", "$facet", "$setWindowFields"})
_KEEPING = frozenset({"$match", "$sort", "$limit", "$skip", "$lookup"})
"""Stages after which the fields of a document are still those of its collection."""
_DEEPEST = 10


class Shape(Struct, frozen=True, kw_only=True):
    """An operation without its values: where it went, what it is as a text of the shell, and what it asks."""

    database: str
    text: str
    kind: str
    parsed: Parsed


def shape_of(database: str, command: Mapping[str, Any], *, op: str = "command", target: str = "") -> Shape | None:
    """The shape of a command; None for one that is no query or change of documents.

    ``op`` is what the profiler calls the operation; it keeps single updates and deletions, of the collection
    ``target``, without the command that sent them.
    """
    if op == "update" and "q" in command:
        return _update(database, target, command)
    if op in ("remove", "delete") and "q" in command:
        return _delete(database, target, command)
    for name, write in _COMMANDS.items():
        if isinstance(command.get(name), str):
            return write(database, command)
    return None


def _shape(database: str, text: str, kind: str, name: Any, conditions: Conditions, **more: Any) -> Shape:
    uses = (conditions.use(database, name),) if isinstance(name, str) and kind != "insert" else ()
    target = (database, name) if kind != "select" else None
    parsed = Parsed(kind=kind, target=target, uses=uses, scripts=conditions.scripts, **more)
    return Shape(database=database, text=text, kind=kind, parsed=parsed)


def _filtered(filter_: Any, sort: Any = None, *, limited: bool = False) -> Conditions:
    found = Conditions(limited=limited)
    found.read(filter_)
    found.sort(sort)
    return found


def _hint(command: Mapping[str, Any]) -> str | None:
    hint = command.get("hint")
    if isinstance(hint, str):
        return named(hint)
    if not isinstance(hint, Mapping):
        return None
    return ", ".join(
        f"{key(name)}: {how if isinstance(how, int | float) else named(how)}" for name, how in hint.items()
    )


def _find(database: str, command: Mapping[str, Any]) -> Shape:
    name, filter_, skips = command["find"], command.get("filter", {}), bool(command.get("skip"))
    limited = bool(command.get("limit") or command.get("singleBatch"))
    asked = [query(filter_)]
    if command.get("projection"):
        asked.append(projection(command["projection"]))
    then = [f"sort({sorting(command['sort'])})"] if command.get("sort") else []
    then += [f"skip({PLACEHOLDER})"] if skips else []
    then += [f"limit({PLACEHOLDER})"] if limited else []
    then += _options(command)
    text = call(name, "find", *asked, then=then)
    conditions = _filtered(filter_, command.get("sort"), limited=limited)
    return _shape(database, text, "select", name, conditions, skips=skips, hint=_hint(command))


def _options(command: Mapping[str, Any]) -> Iterator[str]:
    collation = command.get("collation")
    if isinstance(collation, Mapping) and collation.get("locale"):
        known = {name: value for name, value in collation.items() if name in ("locale", "strength")}
        yield f"collation({json.dumps(known)})"
    hint = _hint(command)
    if hint is not None:
        yield (
            f"hint({json.dumps(hint, ensure_ascii=False)})" if isinstance(command["hint"], str) else f"hint({{{hint}}})"
        )


def _aggregate(database: str, command: Mapping[str, Any]) -> Shape | None:
    name, pipeline = command["aggregate"], command.get("pipeline")
    if not isinstance(pipeline, list):
        return None
    text = call(name, "aggregate", stages(pipeline), then=list(_options(command)))
    uses = list(_uses(database, name, pipeline, 0))
    names = {stage for each in pipeline if isinstance(each, Mapping) for stage in each}
    written = next((_written(database, each) for each in pipeline if isinstance(each, Mapping) and _writes(each)), None)
    parsed = Parsed(
        kind="select",
        target=written,
        uses=tuple(use for use, _ in uses),
        summarizes=bool(names & _SUMMARIES),
        skips="$skip" in names,
        scripts=any(scripts for _, scripts in uses) or "$function" in text or "$accumulator" in text,
        hint=_hint(command),
    )
    return Shape(database=database, text=text, kind="select", parsed=parsed)


def _writes(stage: Mapping[str, Any]) -> bool:
    return "$out" in stage or "$merge" in stage


def _written(database: str, stage: Mapping[str, Any]) -> tuple[str, str] | None:
    into = stage.get("$out", stage.get("$merge"))
    into = into.get("into", into.get("coll")) if isinstance(into, Mapping) else into
    if isinstance(into, Mapping):
        return (str(into.get("db", database)), str(into.get("coll")))
    return (database, into) if isinstance(into, str) else None


def _uses(database: str, name: str, pipeline: list[Any], depth: int) -> Iterator[tuple[TableUse, bool]]:
    """What a pipeline asks of its collection, as far as its first stages tell, and of those that it looks into."""
    found, own = Conditions(), True
    others: list[tuple[TableUse, bool]] = []
    for stage in pipeline if depth <= _DEEPEST else ():
        for operator, value in stage.items() if isinstance(stage, Mapping) else ():
            own = own and operator in _KEEPING
            if operator in ("$lookup", "$graphLookup", "$unionWith"):
                others += _joined(database, operator, value, depth)
            elif operator == "$facet" and isinstance(value, Mapping):
                for inner in value.values():
                    others += list(_uses(database, "", inner if isinstance(inner, list) else [], depth + 1))[1:]
            elif own and operator == "$match":
                found.read(value)
            elif own and operator == "$sort" and not found.order:
                found.sort(value)
            elif own and operator == "$limit":
                found.limited = True
    yield found.use(database, name), found.scripts
    yield from others


def _joined(database: str, operator: str, value: Any, depth: int) -> Iterator[tuple[TableUse, bool]]:
    if isinstance(value, str):
        yield Conditions().use(database, value), False
        return
    name = value.get("coll" if operator == "$unionWith" else "from") if isinstance(value, Mapping) else None
    if not isinstance(name, str):
        return
    inner = value.get("pipeline")
    uses = list(_uses(database, name, inner if isinstance(inner, list) else [], depth + 1))
    by = value.get("foreignField", value.get("connectToField"))
    first, scripts = uses[0]
    if isinstance(by, str):
        first = replace(first, joined=(named(by), *first.joined))
    yield first, scripts
    yield from uses[1:]


def _count(database: str, command: Mapping[str, Any]) -> Shape:
    filter_ = command.get("query", {})
    text = call(command["count"], "count", query(filter_), then=list(_options(command)))
    return _shape(database, text, "select", command["count"], _filtered(filter_), summarizes=True, hint=_hint(command))


def _distinct(database: str, command: Mapping[str, Any]) -> Shape:
    filter_ = command.get("query", {})
    text = call(
        command["distinct"], "distinct", json.dumps(named(command.get("key", "")), ensure_ascii=False), query(filter_)
    )
    return _shape(database, text, "select", command["distinct"], _filtered(filter_), summarizes=True)


def _update(database: str, target: str, command: Mapping[str, Any]) -> Shape:
    new = command.get("u", {})
    replaces = isinstance(new, Mapping) and not any(str(name).startswith("$") for name in new)
    method = "updateMany" if command.get("multi") else "replaceOne" if replaces else "updateOne"
    text = call(target, method, query(command["q"]), change(new), then=list(_options(command)))
    return _shape(database, text, "update", target, _filtered(command["q"], limited=not command.get("multi")),
                  assigned=tuple(_assigned(new)), hint=_hint(command))  # fmt: skip


def _assigned(new: Any) -> Iterator[str]:
    for part in new if isinstance(new, list) else [new]:
        for operator, fields in part.items() if isinstance(part, Mapping) else ():
            if str(operator).startswith("$") and isinstance(fields, Mapping):
                yield from map(named, fields)


def _delete(database: str, target: str, command: Mapping[str, Any]) -> Shape:
    one = bool(command.get("limit"))
    text = call(target, "deleteOne" if one else "deleteMany", query(command["q"]), then=list(_options(command)))
    return _shape(database, text, "delete", target, _filtered(command["q"], limited=one), hint=_hint(command))


def _find_and_modify(database: str, command: Mapping[str, Any]) -> Shape:
    name = command.get("findAndModify", command.get("findandmodify"))
    filter_, new = command.get("query", {}), command.get("update")
    parts = [f"query: {query(filter_)}"]
    parts += [f"sort: {sorting(command['sort'])}"] if command.get("sort") else []
    parts += [f"update: {change(new)}"] if new is not None else ["remove: true"]
    text = call(name, "findAndModify", "{" + ", ".join(parts) + "}")
    conditions = _filtered(filter_, command.get("sort"), limited=True)
    kind = "update" if new is not None else "delete"
    return _shape(
        database, text, kind, name, conditions, assigned=tuple(_assigned(new or {})), hint=_hint(command)
    )  # fmt: skip


def _insert(database: str, command: Mapping[str, Any]) -> Shape:
    text = call(command["insert"], "insert", PLACEHOLDER)
    return _shape(database, text, "insert", command["insert"], Conditions())


def _map_reduce(database: str, command: Mapping[str, Any]) -> Shape:
    name = command.get("mapReduce", command.get("mapreduce"))
    filter_ = command.get("query", {})
    text = call(name, "mapReduce", PLACEHOLDER, PLACEHOLDER, "{query: " + query(filter_) + "}")
    conditions = _filtered(filter_, command.get("sort"))
    conditions.scripts = True
    return _shape(database, text, "select", name, conditions, summarizes=True)


_COMMANDS = {
    "find": _find, "aggregate": _aggregate, "count": _count, "distinct": _distinct, "insert": _insert,
    "findAndModify": _find_and_modify, "findandmodify": _find_and_modify, "mapReduce": _map_reduce,
    "mapreduce": _map_reduce,
}  # fmt: skip


def explained(plan: str) -> str:
    """A summary of a plan: stages and the keys of indexes, which hold no values but names that may be data."""
    words = []
    for word in plan.replace("{", "{ ").replace("}", " }").split():
        name, colon, rest = word.partition(":")
        words.append(f"{named(name)}{colon}{rest}" if colon else word)
    return " ".join(words)

"""Write operations as the shell would, with a placeholder for every value.

What is written is built from what is known to be no value: names of fields, operators, collections. All else is a
placeholder, so that what this does not know of is never shown.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from bson.regex import Regex

from auditor_connectors.mongodb.shapes.values import collection, key, named, pattern_of, pattern_text
from auditor_connectors.scanning import PLACEHOLDER, cut

LIMIT = 2000
"""Characters of a shape that are kept."""
_DEEPEST = 20
_WIDEST = 60
"""Members of a document or list that are written; what an application sends has no limit."""
_LISTS = frozenset({"$in", "$nin", "$all"})
_FILTERS = frozenset({"$and", "$or", "$nor"})
_NAMES = frozenset({"from", "localField", "foreignField", "as", "connectFromField", "connectToField", "depthField",
                    "coll", "into", "includeArrayIndex"})  # fmt: skip
"""Members of stages whose value is the name of a field or collection."""

Writer = Callable[[Any, int], str]


def _braces(parts: Iterable[str]) -> str:
    return "{" + ", ".join(parts) + "}"


def _members(document: Mapping[str, Any], write: Callable[[str, Any], str]) -> str:
    parts = [write(str(name), value) for name, value in list(document.items())[:_WIDEST]]
    return _braces([*parts, "…"] if len(document) > _WIDEST else parts)


def _list(items: Sequence[Any], write: Writer, depth: int) -> str:
    """A list, in which what has the same shape stands once."""
    return "[" + ", ".join(dict.fromkeys(write(item, depth + 1) for item in items[:_WIDEST])) + "]"


def query(value: Any, depth: int = 0) -> str:
    """A filter."""
    if not isinstance(value, Mapping) or depth > _DEEPEST:
        return PLACEHOLDER

    def member(name: str, inner: Any) -> str:
        if name in _FILTERS and isinstance(inner, list):
            return f"{name}: {_list(inner, query, depth)}"
        if name == "$expr":
            return f"{name}: {expression(inner, depth + 1)}"
        if name.startswith("$"):
            return f"{key(name)}: {PLACEHOLDER}"
        return f"{key(name)}: {_condition(inner, depth + 1)}"

    return _members({name: inner for name, inner in value.items() if name != "$comment"}, member)


def _condition(value: Any, depth: int) -> str:
    if value is None:
        return "null"
    if isinstance(value, Regex):
        return pattern_text(pattern_of(value) or "regex")
    if not (isinstance(value, Mapping) and value and str(next(iter(value))).startswith("$")) or depth > _DEEPEST:
        return PLACEHOLDER

    def member(name: str, inner: Any) -> str:
        if name == "$regex":
            return f"{name}: {pattern_text(pattern_of(inner, value.get('$options', '')) or 'regex')}"
        if name in _LISTS:
            return f"{name}: [{PLACEHOLDER}]"
        if name == "$exists":
            return f"{name}: {'true' if inner else 'false'}"
        if name == "$not" or (name == "$elemMatch" and _is_operators(inner)):
            return f"{name}: {_condition(inner, depth + 1)}"
        return f"{key(name)}: {query(inner, depth + 1) if name == '$elemMatch' else _scalar(inner)}"

    return _members({name: inner for name, inner in value.items() if name != "$options"}, member)


def _is_operators(value: Any) -> bool:
    return isinstance(value, Mapping) and bool(value) and str(next(iter(value))).startswith("$")


def _scalar(value: Any) -> str:
    return "null" if value is None else PLACEHOLDER


def expression(value: Any, depth: int = 0) -> str:
    """An expression of a pipeline: paths of fields stay, everything else that is no operator is a value."""
    if depth > _DEEPEST:
        return PLACEHOLDER
    if isinstance(value, str) and value.startswith("$"):
        return json.dumps(f"${named(value[1:])}", ensure_ascii=False)
    if isinstance(value, Mapping):
        return _members(
            value,
            lambda name, inner: f"{key(name)}: {_scalar(0) if _is_code(name) else expression(inner, depth + 1)}",
        )
    if isinstance(value, list):
        return _list(value, expression, depth)
    return _scalar(value)


def _is_code(name: str) -> bool:
    return name in ("$literal", "$function", "$accumulator", "$where")


def projection(value: Any) -> str:
    """Which fields are asked for."""
    if not isinstance(value, Mapping):
        return PLACEHOLDER
    return _members(
        value,
        lambda name, inner: (
            f"{key(name)}: " + (("1" if inner else "0") if isinstance(inner, bool | int | float) else expression(inner))
        ),
    )


def sorting(value: Any) -> str:
    """An order."""
    if not isinstance(value, Mapping):
        return PLACEHOLDER
    return _members(value, lambda name, how: f"{key(name)}: {direction(how) or PLACEHOLDER}")


def direction(how: Any) -> int | None:
    """1 for upwards, -1 for downwards, None for what is no order by a field."""
    return (-1 if how < 0 else 1) if isinstance(how, int | float) else None


def stages(pipeline: Any, depth: int = 0) -> str:
    """A pipeline."""
    if not isinstance(pipeline, list) or depth > _DEEPEST:
        return PLACEHOLDER
    return "[" + ", ".join(_stage(stage, depth) for stage in pipeline[:_WIDEST]) + "]"


def _stage(stage: Any, depth: int) -> str:
    if not isinstance(stage, Mapping):
        return PLACEHOLDER
    return _members(stage, lambda name, value: f"{key(name)}: {_stage_value(name, value, depth + 1)}")


def _stage_value(name: str, value: Any, depth: int) -> str:
    if name == "$match":
        return query(value, depth)
    if name == "$sort":
        return sorting(value)
    if name == "$project":
        return projection(value)
    if name == "$facet" and isinstance(value, Mapping):
        return _members(value, lambda facet, inner: f"{key(facet)}: {stages(inner, depth)}")
    if name in ("$unionWith", "$unset", "$count", "$out") and isinstance(value, str):
        return key(value)
    if name in ("$lookup", "$graphLookup", "$unionWith", "$unwind", "$merge") and isinstance(value, Mapping):
        return _members(value, lambda part, inner: f"{key(part)}: {_stage_part(part, inner, depth)}")
    if name in ("$group", "$addFields", "$set", "$replaceRoot", "$replaceWith", "$unwind", "$sortByCount", "$bucket"):
        return expression(value, depth)
    return PLACEHOLDER


def _stage_part(name: str, value: Any, depth: int) -> str:
    if name == "pipeline":
        return stages(value, depth)
    if name == "restrictSearchWithMatch":
        return query(value, depth)
    if name in _NAMES and isinstance(value, str):
        return json.dumps(named(value), ensure_ascii=False)
    return expression(value, depth)


def change(value: Any) -> str:
    """What an update does."""
    if isinstance(value, list):
        return stages(value)
    if not _is_operators(value):
        return PLACEHOLDER
    return _members(value, lambda name, fields: f"{key(name)}: {_changed(fields)}")


def _changed(fields: Any) -> str:
    if not isinstance(fields, Mapping):
        return PLACEHOLDER
    return _members(fields, lambda name, _value: f"{key(name)}: {PLACEHOLDER}")


def call(name: Any, method: str, *arguments: str, then: Iterable[str] = ()) -> str:
    """A method of a collection with its arguments, and the methods that follow."""
    head = "db" if not isinstance(name, str) else collection(name)
    return cut(f"{head}.{method}({', '.join(arguments)})" + "".join(f".{each}" for each in then), LIMIT)

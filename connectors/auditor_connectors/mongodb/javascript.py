"""JavaScript for mongosh: values of a document, collections whatever their names are, and the keys of indexes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bson import Binary, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp

_PLAIN = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*\Z", re.ASCII)
_WHOLE = re.compile(r"(0|[1-9][0-9]*)\Z", re.ASCII)
_PROTOTYPE = "__proto__"
_INT32 = 1 << 31


class Code(str):
    """JavaScript that stands for a value: it is written as it is."""

    __slots__ = ()


def literal(value: Any) -> str:
    """Write a value of a document as mongosh takes it. Objects keep the order of their fields.

    Raises:
        TypeError: it is of no type that a document can hold.

    """
    for kinds, write in _WRITERS:
        if isinstance(value, kinds):
            return write(value)
    message = f"no document holds a {type(value).__name__}"
    raise TypeError(message)


def text(value: str) -> str:
    """Write a string. What would hide in it, or end its line, is escaped."""
    written = json.dumps(value, ensure_ascii=False)
    if written.isprintable():
        return written
    return "".join(one if one.isprintable() else json.dumps(one)[1:-1] for one in written)


def document(value: Mapping[str, Any]) -> str:
    """Write an object.

    JavaScript moves names that are whole numbers before all others, which a Map does not.
    """
    if len(value) > 1 and any(_WHOLE.match(name) for name in value):
        return f"new Map([{', '.join(f'[{text(name)}, {literal(one)}]' for name, one in value.items())}])"
    return "{" + ", ".join(f"{_name(name)}: {literal(one)}" for name, one in value.items()) + "}"


def is_ordered(value: Mapping[str, Any]) -> bool:
    """Whether JavaScript would move none of its names."""
    return not document(value).startswith("new Map")


def _name(name: str) -> str:
    if name == _PROTOTYPE:  # which would be no field of it, but what it inherits from
        return f"[{text(name)}]"
    return name if _PLAIN.match(name) else text(name)


def _whole_number(value: int) -> str:
    return str(value) if -_INT32 <= value < _INT32 else f'NumberLong("{value}")'


def _number(value: float) -> str:
    odd = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
    return f"Double({value!r})" if value.is_integer() else odd.get(repr(value), repr(value))


def _moment(value: datetime) -> str:
    aware = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
    return f'ISODate("{aware.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")}Z")'


def _bytes(value: bytes) -> str:
    return f'HexData({value.subtype if isinstance(value, Binary) else 0}, "{value.hex()}")'


def _regex(value: Regex[str] | re.Pattern[str]) -> str:
    letters = {re.IGNORECASE: "i", re.MULTILINE: "m", re.DOTALL: "s", re.VERBOSE: "x"}
    flags = "".join(letter for flag, letter in letters.items() if value.flags & flag)
    return f"BSONRegExp({text(value.pattern)}, {text(flags)})"


def _array(value: Sequence[Any]) -> str:
    return "[" + ", ".join(literal(one) for one in value) + "]"


_WRITERS: Sequence[tuple[Any, Callable[[Any], str]]] = (
    (Code, str),
    (str, text),
    (bool, lambda value: "true" if value else "false"),
    (Int64, lambda value: f'NumberLong("{value}")'),
    (int, _whole_number),
    (float, _number),
    (type(None), lambda _: "null"),
    (Mapping, document),
    (datetime, _moment),
    (ObjectId, lambda value: f'ObjectId("{value}")'),
    (Decimal128, lambda value: f'NumberDecimal("{value}")'),
    ((Regex, re.Pattern), _regex),
    (bytes, _bytes),
    (MinKey, lambda _: "MinKey()"),
    (MaxKey, lambda _: "MaxKey()"),
    (Timestamp, lambda value: f"Timestamp({{t: {value.time}, i: {value.inc}}})"),
    (Sequence, _array),
)
"""What writes which type. The first that fits counts."""


def database(name: str) -> str:
    """Write what stands for a database."""
    return f"db.getSiblingDB({text(name)})"


def collection(key: tuple[str, str]) -> str:
    """Write what stands for a collection, given as (database, name): any name will do."""
    return f"{database(key[0])}.getCollection({text(key[1])})"


def create_index(key: tuple[str, str], keys: Mapping[str, Any], options: Mapping[str, Any], quorum: str = "") -> str:
    """Write the statement that builds an index. ``quorum`` is how many members have to be ready before it counts."""
    if is_ordered(keys):
        last = f", {text(quorum)}" if quorum else ""
        return f"{collection(key)}.createIndex({document(keys)}, {document(options)}{last})"
    # The shell's own method takes no Map.
    command = {"createIndexes": key[1], "indexes": [{"key": keys, **options}]}
    return f"{database(key[0])}.runCommand({document({**command, **({'commitQuorum': quorum} if quorum else {})})})"

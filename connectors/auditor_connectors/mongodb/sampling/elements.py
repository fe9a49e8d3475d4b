"""Walk through a document as the server sends it, without making values of its bytes.

https://bsonspec.org/spec.html
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct

DOUBLE, STRING, OBJECT, ARRAY, BINARY, UNDEFINED, OBJECT_ID, BOOL, DATE, NULL = range(0x01, 0x0B)
REGEX, DB_POINTER, JAVASCRIPT, SYMBOL, SCOPED, INT, TIMESTAMP, LONG, DECIMAL = range(0x0B, 0x14)
MIN_KEY, MAX_KEY = 0xFF, 0x7F

NAMES = {
    DOUBLE: "double", STRING: "string", OBJECT: "object", ARRAY: "array", BINARY: "binData", UNDEFINED: "undefined",
    OBJECT_ID: "objectId", BOOL: "bool", DATE: "date", NULL: "null", REGEX: "regex", DB_POINTER: "dbPointer",
    JAVASCRIPT: "javascript", SYMBOL: "symbol", SCOPED: "javascriptWithScope", INT: "int", TIMESTAMP: "timestamp",
    LONG: "long", DECIMAL: "decimal", MIN_KEY: "minKey", MAX_KEY: "maxKey",
}  # fmt: skip
"""The types as ``$type`` names them: https://www.mongodb.com/docs/manual/reference/bson-types/"""

_FIXED = {DOUBLE: 8, UNDEFINED: 0, OBJECT_ID: 12, BOOL: 1, DATE: 8, NULL: 0, INT: 4, TIMESTAMP: 8, LONG: 8,
          DECIMAL: 16, MIN_KEY: 0, MAX_KEY: 0}  # fmt: skip
_COUNTED = {STRING: 4, JAVASCRIPT: 4, SYMBOL: 4, BINARY: 5, DB_POINTER: 16, OBJECT: 0, ARRAY: 0, SCOPED: 0}
"""Bytes beside those that a value's leading length counts."""

_length = Struct("<i").unpack_from
number = {
    DOUBLE: Struct("<d").unpack_from,
    INT: Struct("<i").unpack_from,
    LONG: Struct("<q").unpack_from,
    DATE: Struct("<q").unpack_from,
}
"""How a value of a type is read as a number, from the bytes and its position; a date is in milliseconds."""


def elements(data: bytes, start: int = 0) -> Iterator[tuple[int, bytes, int, int]]:
    """Yield type, name, start and end of each value of the document or array that begins at ``start``.

    Raises:
        ValueError: the document has a type that is not known.

    """
    position = start + 4
    while kind := data[position]:
        close = data.index(0, position + 1)
        begin = close + 1
        if kind in _FIXED:
            end = begin + _FIXED[kind]
        elif kind in _COUNTED:
            end = begin + _length(data, begin)[0] + _COUNTED[kind]
        elif kind == REGEX:
            end = data.index(0, data.index(0, begin) + 1) + 1
        else:
            raise ValueError(f"type {kind} is not known")
        yield kind, data[position + 1 : close], begin, end
        position = end

"""Texts for a shell and for the server's own languages: words for bash, globs, and Lua's patterns of names of keys.

Output of redis-cli that goes into a pipe or a variable is raw, so nothing here asks for that.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from auditor.model.keyspace import Kind

_PART = re.compile(r"\{id\}")
_GLOB_SIGNS = re.compile(r"([*?\[\]\\])")
_LUA_SIGNS = re.compile(r"([\^$()%.\[\]*+\-?])")
_CLASSES: dict[Kind, str] = {"number": "%d", "uuid": "%x%-", "hash": "%x"}
"""What the parts of a name consist of that look alike; of all others it is known where they end, and no more."""


def quote(text: str) -> str:
    """Write a text as one word for bash. What would hide in it, or end its line, is escaped."""
    if text.isprintable():
        return shlex.quote(text)
    return "$'" + "".join(_escaped(one) for one in text) + "'"


def _escaped(character: str) -> str:
    if character in "'\\":
        return f"\\{character}"
    if character.isprintable():
        return character
    return "".join(f"\\x{byte:02x}" for byte in character.encode("utf-8", "surrogateescape"))


def literals(pattern: str) -> list[str]:
    """What stands before, between and after the parts of a key pattern that differ from key to key."""
    return _PART.split(pattern)


def parts_of(pattern: str) -> int:
    """How many parts of a key pattern differ from key to key."""
    return len(literals(pattern)) - 1


def glob(pattern: str) -> str:
    """The glob for the keys of a pattern; keys with more parts may fit it too."""
    return "*".join(_GLOB_SIGNS.sub(r"\\\1", literal) for literal in literals(pattern))


def lua_pattern(pattern: str, kinds: Sequence[Kind] = ()) -> str:
    """The pattern of Lua for exactly the keys of a key pattern; it captures the parts that differ.

    ``kinds`` says what they look like. Of a part of another kind it is known that the sign after it, and the one
    before it, do not occur in it.
    """
    pieces = literals(pattern)
    known: Sequence[Kind | None] = kinds if len(kinds) == len(pieces) - 1 else [None] * (len(pieces) - 1)
    written = "^" + _literally(pieces[0])
    for kind, before, after in zip(known, pieces[:-1], pieces[1:], strict=True):
        written += f"({_part(kind, before, after)})" + _literally(after)
    return written + "$"


def _part(kind: Kind | None, before: str, after: str) -> str:
    if kind is not None and kind in _CLASSES:
        return f"[{_CLASSES[kind]}]+"
    ends = {one for one in (before[-1:], after[:1]) if one and not one.isalnum()}
    return f"[^{_literally(''.join(sorted(ends)))}]+" if ends else ".+"


def _literally(text: str) -> str:
    """A text as a part of a Lua pattern."""
    return _LUA_SIGNS.sub(r"%\1", text)


def separator(pattern: str) -> str | None:
    """The sign that divides the name of a pattern where it differs, None where nothing does."""
    pieces = literals(pattern)
    for piece in (*reversed(pieces[:-1]), pieces[-1]):
        signs = [one for one in piece if not one.isalnum() and one not in "{}"]
        if signs:
            return signs[-1]
    return None


def hash_tag(pattern: str) -> str | None:
    """What stands in the braces that decide in which slot of a cluster a key is, None where the whole name does.

    https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags
    """
    bare = _PART.sub("\0", pattern)
    start = bare.find("{")
    end = bare.find("}", start + 1) if start >= 0 else -1
    return bare[start + 1 : end] if end > start + 1 else None


def script(text: str) -> str:
    """Write a script for EVAL as one word for bash: without indentation and empty lines."""
    return shlex.quote("\n".join(line.strip() for line in text.splitlines() if line.strip()))

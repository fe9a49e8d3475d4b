"""Commands of Redis as people type them: split into words, and which of them no case can take back."""

from __future__ import annotations

import re

MAJORS = {"redis": 8, "valkey": 9, "redis-6.2": 6, "redis-debian": 7, "redis-7.2": 7, "valkey-8.1": 8}
"""The servers that a case may run on, with their major versions."""

# What is not taken back where a case for Redis is run (redis_cases.py).
LASTING = re.compile(
    r"""(?ix)^\s*(?:shutdown | debug\s+(?!sleep\b)\S+ | failover | module | replicaof | slaveof | config\s+rewrite
      | acl\s+(?:save|load|setuser\s+default) | config\s+set\s.*requirepass
      | cluster\s+(?!info|nodes|shards|slots|myid|keyslot|countkeys|getkeys)\S+)"""
)
_ESCAPES = {"n": b"\n", "r": b"\r", "t": b"\t", "b": b"\b", "a": b"\a"}


def words(text: str) -> list[bytes]:
    """The words of one command: https://redis.io/docs/latest/develop/tools/cli/#string-quoting-and-escaping.

    Raises:
        ValueError: a quote is not closed, or something stands right behind one.

    """
    return split(text, 0)[0]


def split(text: str, start: int) -> tuple[list[bytes], int]:
    """The words of the command that begins at a position, and where it ends: at the first line break in no quotes.

    Other than there, a quoted word may go over several lines.

    Raises:
        ValueError: a quote is not closed, or something stands right behind one.

    """
    found: list[bytes] = []
    position = start
    while position < len(text) and text[position] != "\n":
        if text[position].isspace():
            position += 1
        elif text[position] in "\"'":
            word, position = _quoted(text, position)
            found.append(word)
            if position < len(text) and not text[position].isspace():
                raise ValueError("something stands right behind a closing quote")
        else:
            end = position
            while end < len(text) and not text[end].isspace():
                end += 1
            found.append(text[position:end].encode())
            position = end
    return found, position


def _quoted(text: str, start: int) -> tuple[bytes, int]:
    """The word in quotes that begins at a position, and where it ends."""
    quote, position, found = text[start], start + 1, b""
    while position < len(text):
        character = text[position]
        if character == quote:
            return found, position + 1
        if character != "\\":
            found += character.encode()
            position += 1
        elif quote == "'":  # knows no escapes but that of itself
            escaped = text.startswith("'", position + 1)
            found += b"'" if escaped else b"\\"
            position += 2 if escaped else 1
        elif code := re.compile(r"\\x([0-9A-Fa-f]{2})").match(text, position):
            found += bytes.fromhex(code[1])
            position = code.end()
        else:
            following = text[position + 1 : position + 2]
            found += _ESCAPES.get(following, following.encode())
            position += 2
    raise ValueError(f"the quote {quote} is not closed")

"""Take every literal out of a statement before anything keeps it.

The digests of the performance schema have question marks already; the process list shows everything. The scanner
follows the lexical rules of the server (chapter 11.1 of its documentation). Where a text is ambiguous or ends in the
middle of something, more is taken out, never less.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

LIMIT = 2000
"""The longest text that is kept, in characters."""

PLACEHOLDER = "?"

# One token, tried in this order at each position. A text in double quotes is a string unless ANSI_QUOTES is set: it is
# always taken out. The letters and character sets that introduce a literal come before the word. Dashes begin a comment
# only before a space. What stands in /*! … */ is part of the statement: only its edges are left out.
_TOKEN = re.compile(
    r"""
      (?P<space>\s++)
    | (?P<line>(?:\#|--(?=[\s\x00-\x1f]|\Z))[^\n]*+)
    | (?P<version>/\*M?!\d*+|\*/)
    | (?P<comment>/\*.*?(?:\*/|\Z))
    | (?P<string>(?:[nNxXbB]|_[A-Za-z0-9]++\s*+(?:[xXbB])?)?
                 (?:'(?:[^'\\]++|''|\\.)*+(?:'|\\?\Z)|"(?:[^"\\]++|""|\\.)*+(?:"|\\?\Z)))
    | (?P<name>`(?:[^`]++|``)*+`)
    | (?P<unended>`.*+)
    | (?P<variable>@@?(?:[\w.$]++|`(?:[^`]++|``)*+`)?)
    | (?P<word>[A-Za-z_$\x80-\U0010ffff][\w$\x80-\U0010ffff]*+)
    | (?P<number>\.?[0-9](?:(?<=[eE])[+-][0-9]|[\w.$])*+)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_LITERALS = frozenset({"string", "unended", "number"})
_QUOTES = re.compile(r"""(?<!\\)(?:\\\\)*\\['"`]""")

# A value is a value even where it is written as a bare word.
_ASSIGNED = re.compile(
    r"^(?P<head>SET (?!TRANSACTION|SESSION TRANSACTION|GLOBAL TRANSACTION).*?:?= ?).*$", re.IGNORECASE
)


def redact(text: str, limit: int = LIMIT) -> str:
    """Return a statement with every literal replaced by ``?``, without comments, on one line, at most ``limit`` long.

    Strings in either quotes, hexadecimal and bit strings, and numbers are literals; names in backticks, variables,
    parameters and the words true, false and null are not. What SET assigns is taken out even where it is a bare word.
    """
    # A statement is cut only after its literals are out; what is far beyond the limit cannot reach the result.
    line = "".join(_pieces(text, 2 * limit)).strip()
    line = _ASSIGNED.sub(rf"\g<head>{PLACEHOLDER}", line)
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _pieces(text: str, enough: int) -> Iterator[str]:
    """Walk through the tokens of a text and give back what may be kept, until that is enough characters."""
    position, end, spaced, kept = 0, len(text), True, 0
    while position < end and kept <= enough:
        match = _TOKEN.match(text, position)
        assert match is not None  # noqa: S101 -- the last alternative matches any character
        kind, token, position = str(match.lastgroup), match.group(), match.end()
        if kind in ("space", "line", "comment", "version"):
            if not spaced:
                spaced, kept = True, kept + 1
                yield " "
            continue
        spaced = False
        if kind == "string" and _QUOTES.search(token):
            # Whether a backslash escapes the quote depends on a mode of the session: from here on nothing is sure.
            position = end
        piece = PLACEHOLDER if kind in _LITERALS else token
        kept += len(piece)
        yield piece

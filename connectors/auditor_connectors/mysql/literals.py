"""Take every literal out of a statement before anything keeps it.

The digests of the performance schema have question marks already; the process list shows everything. The scanner
follows the lexical rules of the server (chapter 11.1 of its documentation). Where a text is ambiguous or ends in the
middle of something, more is taken out, never less.
"""

from __future__ import annotations

import re

from auditor_connectors.scanning import PLACEHOLDER, cut, without_literals

LIMIT = 2000
"""The longest text that is kept, in characters."""

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
_SPACES = frozenset({"space", "line", "comment", "version"})
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
    line = without_literals(
        text, limit, token=_TOKEN, spaces=_SPACES, literals=_LITERALS, ends={"string": _after_string}
    )
    return cut(_ASSIGNED.sub(rf"\g<head>{PLACEHOLDER}", line), limit)


def _after_string(match: re.Match[str]) -> int:
    """Whether a backslash escapes the quote behind it depends on a mode of the session: after it nothing is sure."""
    return len(match.string) if _QUOTES.search(match.group()) else match.end()

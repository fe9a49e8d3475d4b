"""Take every literal out of a statement before anything keeps it.

pg_stat_statements replaces constants by parameters in statements that it can plan, but leaves utility statements as
they were written, passwords included; the activity view and log files show everything. The scanner follows the lexical
rules of the server (chapter 4.1 of its documentation). Where a text is ambiguous or ends in the middle of something,
more is taken out, never less: the tokenizer of a parsing library refuses such texts, and takes four times as long.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

LIMIT = 2000
"""The longest text that is kept, in characters."""

PLACEHOLDER = "?"

# One token, tried in this order at each position. A word may hold dollar signs, so that it comes before the dollar
# quote; the letters that introduce a literal come before the word. To the server every character beyond ASCII is part
# of a word. Numbers swallow whatever is glued to them.
_LETTER = r"A-Za-z_\x80-\U0010ffff"
_TOKEN = re.compile(
    rf"""
      (?P<space>[\ \t\n\r\f\v]++)
    | (?P<line>--[^\n\r]*+)
    | (?P<comment>/\*)
    | (?P<escape>[eE]'(?:[^'\\]++|''|\\.)*+(?:'|\\?\Z))
    | (?P<string>(?:[bBxXnN]|[uU]&)?'(?:[^']++|'')*+(?:'|\Z))
    | (?P<name>(?:[uU]&)?"(?:[^"]++|"")*+")
    | (?P<unended>(?:[uU]&)?".*+)
    | (?P<parameter>\$[0-9]++(?![{_LETTER}$]))
    | (?P<word>[{_LETTER}][0-9${_LETTER}]*+)
    | (?P<dollar>\$(?:[{_LETTER}][0-9{_LETTER}]*+)?\$)
    | (?P<number>\.?[0-9](?:(?<=[eE])[+-][0-9]|\.(?!\.)|[0-9${_LETTER}])*+)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_LITERALS = frozenset({"escape", "string", "unended", "dollar", "number"})
_COMMENT_EDGE = re.compile(r"/\*|\*/")
_AMBIGUOUS = re.compile(r"\\'")

# A value is a value even where it is written as a bare word.
_ASSIGNED = re.compile(
    r"""^(?P<head>(?:.*?;\ ?)?(?:ALTER\ (?:SYSTEM|ROLE|USER|DATABASE|FUNCTION|PROCEDURE|ROUTINE)\ .*?)?
    \bSET\ (?:SESSION\ |LOCAL\ )?[\w."$]+\ ?(?:=|\bTO\b)\ ?).*$""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_PASSWORD = re.compile(
    r"(\b(?:CREATE|ALTER) (?:ROLE|USER|GROUP)\b[^;]*?\bPASSWORD )(?!\?|NULL\b)[^\s;]+", re.IGNORECASE
)
_HIDDEN = "<insufficient privilege>"


def redact(text: str, limit: int = LIMIT) -> str:
    """Return a statement with every literal replaced by ``?``, without comments, on one line, at most ``limit`` long.

    Strings of every form, bit strings, numbers and dollar-quoted bodies are literals; names, quoted or not, parameters
    and the words true, false and null are not. What SET assigns and what follows PASSWORD is taken out even where it
    is a bare word. A text that the server hid from the session becomes empty.
    """
    if text == _HIDDEN:
        return ""
    # A statement is cut only after its literals are out; what is far beyond the limit cannot reach the result.
    line = "".join(_pieces(text, 2 * limit)).strip()
    line = _ASSIGNED.sub(rf"\g<head>{PLACEHOLDER}", line)
    line = _PASSWORD.sub(rf"\g<1>{PLACEHOLDER}", line)
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _pieces(text: str, enough: int) -> Iterator[str]:
    """Walk through the tokens of a text and give back what may be kept, until that is enough characters."""
    position, end, spaced, kept = 0, len(text), True, 0
    while position < end and kept <= enough:
        match = _TOKEN.match(text, position)
        assert match is not None  # noqa: S101 -- the last alternative matches any character
        kind, token, position = str(match.lastgroup), match.group(), match.end()
        if kind in ("space", "line", "comment"):
            if kind == "comment":
                position = _after_comment(text, position)
            if not spaced:
                spaced, kept = True, kept + 1
                yield " "
            continue
        spaced = False
        if kind == "dollar":
            close = text.find(token, position)
            position = end if close < 0 else close + len(token)
        elif kind == "string" and _AMBIGUOUS.search(token):
            # Whether a backslash escapes the quote depends on a setting of the session: from here on nothing is sure.
            position = end
        piece = PLACEHOLDER if kind in _LITERALS else token
        kept += len(piece)
        yield piece


def _after_comment(text: str, position: int) -> int:
    """The position after a block comment, which may hold others."""
    depth = 1
    for edge in _COMMENT_EDGE.finditer(text, position):
        depth += 1 if edge.group() == "/*" else -1
        if depth == 0:
            return edge.end()
    return len(text)

"""Take every literal out of a statement before anything keeps it.

pg_stat_statements replaces constants by parameters in statements that it can plan, but leaves utility statements as
they were written, passwords included; the activity view and log files show everything. The scanner follows the lexical
rules of the server (chapter 4.1 of its documentation). Where a text is ambiguous or ends in the middle of something,
more is taken out, never less: the tokenizer of a parsing library refuses such texts, and takes four times as long.
"""

from __future__ import annotations

import re

from auditor_connectors.scanning import PLACEHOLDER, cut, without_literals

LIMIT = 2000
"""The longest text that is kept, in characters."""

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
_SPACES = frozenset({"space", "line", "comment"})
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
    line = without_literals(text, limit, token=_TOKEN, spaces=_SPACES, literals=_LITERALS, ends=_ENDS)
    line = _ASSIGNED.sub(rf"\g<head>{PLACEHOLDER}", line)
    return cut(_PASSWORD.sub(rf"\g<1>{PLACEHOLDER}", line), limit)


def _after_string(match: re.Match[str]) -> int:
    """Whether a backslash escapes the quote behind it depends on a setting of the session: after it nothing is sure."""
    return len(match.string) if _AMBIGUOUS.search(match.group()) else match.end()


def _after_dollar(match: re.Match[str]) -> int:
    """The position after the quotation that a dollar quote opens."""
    close = match.string.find(match.group(), match.end())
    return len(match.string) if close < 0 else close + len(match.group())


def _after_comment(match: re.Match[str]) -> int:
    """The position after a block comment, which may hold others."""
    depth = 1
    for edge in _COMMENT_EDGE.finditer(match.string, match.end()):
        depth += 1 if edge.group() == "/*" else -1
        if depth == 0:
            return edge.end()
    return len(match.string)


_ENDS = {"string": _after_string, "dollar": _after_dollar, "comment": _after_comment}

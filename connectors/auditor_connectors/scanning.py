"""Walk through a statement token by token and keep what is no literal. What a token is, each engine says itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

PLACEHOLDER = "?"
"""What stands in the place of a literal."""


def without_literals(
    text: str,
    limit: int,
    *,
    token: re.Pattern[str],
    spaces: frozenset[str],
    literals: frozenset[str],
    ends: Mapping[str, Callable[[re.Match[str]], int]],
) -> str:
    """Return a statement on one line, with a placeholder for every literal and without comments.

    ``token`` matches at every position; the name of its group that matched is the kind of the token. Kinds in
    ``spaces`` become one space, those in ``literals`` a placeholder. ``ends`` tells, of the kinds that go on for longer
    than an expression can say, the position behind a token.

    The result may be longer than ``limit`` characters: a statement is cut only after its literals are out, and what is
    far beyond the limit is not looked at.
    """
    kept: list[str] = []
    position, end, spaced, length = 0, len(text), True, 0
    while position < end and length <= 2 * limit:
        match = token.match(text, position)
        assert match is not None  # noqa: S101 -- the last alternative of every pattern matches any character
        kind = str(match.lastgroup)
        position = ends[kind](match) if kind in ends else match.end()
        if kind in spaces:
            piece, spaced = "" if spaced else " ", True
        else:
            piece, spaced = PLACEHOLDER if kind in literals else match.group(), False
        length += len(piece)
        kept.append(piece)
    return "".join(kept).strip()


def cut(line: str, limit: int) -> str:
    """Shorten a line to ``limit`` characters, with an ellipsis that tells of it."""
    return line if len(line) <= limit else line[: limit - 1] + "…"

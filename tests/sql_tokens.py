"""Splits SQL as psql does: into tokens, and into statements at those semicolons that end one."""

from __future__ import annotations

import re
from collections.abc import Iterator

# One token of SQL, as psql's lexer sees it: https://www.postgresql.org/docs/18/sql-syntax-lexical.html
_TOKEN = re.compile(
    r"""(?P<comment>--[^\n]*)
      | (?P<block>/\*)
      | (?P<dollar>\$(?:[A-Za-z_\x80-\U0010ffff][\w\x80-\U0010ffff]*)?\$)
      | (?P<string>[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*")
      | (?P<word>[A-Za-z_\x80-\U0010ffff][\w$\x80-\U0010ffff]*)
      | (?P<end>;)
      | (?P<space>\s+)
      | (?P<other>.)""",
    re.DOTALL | re.VERBOSE,
)


def tokens(text: str) -> Iterator[tuple[str, str, int]]:
    """Split SQL into (kind, text, position); quoted parts and block comments are one token.

    Raises:
        ValueError: a quote or comment is not closed; the second argument is its position.

    """
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:  # the pattern has an alternative for every character
            raise AssertionError(position)
        kind, end = match.lastgroup or "", match.end()
        if kind == "dollar":
            close = text.find(match[0], end)
            if close < 0:
                raise ValueError(f"the quote {match[0]} is not closed", position)
            kind, end = "string", close + len(match[0])
        elif kind == "block":
            kind, end = "space", _block_end(text, position)
        elif kind == "other" and match[0] in "'\"":
            raise ValueError(f"the quote {match[0]} is not closed", position)
        yield kind, text[position:end], position
        position = end


def _block_end(text: str, start: int) -> int:
    """Where a block comment ends; they nest."""
    depth = 0
    for match in re.finditer(r"/\*|\*/", text[start:]):
        depth += 1 if match[0] == "/*" else -1
        if depth == 0:
            return start + match.end()
    raise ValueError("the comment /* is not closed", start)


class Depth:
    """Counts what a semicolon may stand inside of without ending the statement, as psql does."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.parentheses = 0
        self.blocks = 0

    def feed(self, kind: str, text: str) -> None:
        """Take the next token."""
        if kind == "other":
            self.parentheses += {"(": 1, ")": -1}.get(text, 0)
        elif kind == "word":
            word = text.lower()
            if len(self.words) < 4:
                self.words.append(word)
            routine = self.words[0] == "create" and {"function", "procedure"} & set(self.words)
            if routine and (word == "begin" or (word == "case" and self.blocks)):
                self.blocks += 1
            elif word == "end" and self.blocks:
                self.blocks -= 1

    @property
    def open(self) -> bool:
        """Whether the statement goes on after a semicolon."""
        return self.parentheses > 0 or self.blocks > 0

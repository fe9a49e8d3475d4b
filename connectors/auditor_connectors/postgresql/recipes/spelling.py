r"""Spells out what cannot be seen in names and strings, so that a statement copied from a report is the one that works.

A report shows control and formatting characters (newlines, escapes, bidirectional marks) as visible escapes. The
statements of a plan therefore write them as escapes that the server reads: ``U&"two\000alines"``, ``E'two\nlines'``.
Names may come from the catalog's own texts (definitions of indexes, views, constraints) as well as from recipes, so
the finished statements are gone through. Line breaks between tokens are layout and stay.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from auditor.connector import Draft, Recipe
from auditor.model.facts import Facts
from auditor.model.operation import Operation
from auditor.model.plan import Step
from auditor.text import visible

_TOKEN = re.compile(
    r"""
    (?<![\w$]) (?P<dollar> \$ (?P<tag> (?:[^\W\d]\w*)? ) \$ (?P<body> .*? ) \$ (?P=tag) \$ )
    | (?<![\w$]) [eE]' (?P<escaped> (?: [^'\\] | \\. | '' )* ) '
    | ' (?P<string> (?: [^'] | '' )* ) '
    | " (?P<name> (?: [^"] | "" )* ) "
    | (?P<comment> --[^\n]* | /\*.*?\*/ )
    """,
    re.DOTALL | re.VERBOSE,
)
_BREAK = "\n"
_LETTERS = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def copyable(recipe: Recipe) -> Recipe:
    """Make a recipe write statements and queries that can be copied from a report."""

    @functools.wraps(recipe)
    def spelled(operation: Operation, facts: Facts) -> Iterator[Draft]:
        for draft in recipe(operation, facts):
            yield replace(draft, step=_step(draft.step))

    return spelled


def _step(step: Step) -> Step:
    return replace(
        step,
        statements=_all(step.statements),
        rollback=_all(step.rollback),
        precondition=None if step.precondition is None else spell(step.precondition),
        verify=None if step.verify is None else spell(step.verify),
    )


def _all(statements: Iterable[str]) -> tuple[str, ...]:
    return tuple(spell(statement) for statement in statements)


def spell(statement: str) -> str:
    """Write a statement such that nothing in its names, strings and code has to be made visible by a report."""
    return statement if statement.isprintable() else _TOKEN.sub(_token, statement)


def _token(token: re.Match[str]) -> str:
    text = token.group()
    if token["dollar"] is not None:
        return _code(token["body"], text)
    if not _is_hidden(text):
        return text
    if token["name"] is not None:
        return f'U&"{_spell_name(token["name"])}"'
    if token["escaped"] is not None:
        return f"E'{_spell_string(token['escaped'])}'"
    if token["string"] is not None:
        doubled = token["string"].replace("\\", "\\\\")
        return f"E'{_spell_string(doubled)}'"
    return text


def _code(body: str, whole: str) -> str:
    """Write a body of code as a string with escapes when it needs some: PL/pgSQL does not take ``U&"…"`` everywhere."""
    pieces = list(_pieces(body))
    if not any(_is_hidden(piece) for piece in pieces if piece != _BREAK):
        return whole
    return "E'" + "".join(piece if piece == _BREAK else _spell_string(_doubled(piece)) for piece in pieces) + "'"


def _pieces(code: str) -> Iterator[str]:
    """Part code into its tokens, what stands between them, and the line breaks of its layout."""
    position = 0
    for token in (*_TOKEN.finditer(code), None):
        between = code[position : token.start() if token is not None else len(code)]
        for number, line in enumerate(between.split(_BREAK)):
            yield from (_BREAK, line) if number else (line,)
        if token is not None:
            yield token.group()
            position = token.end()


def _doubled(text: str) -> str:
    """Write a text as it stands within ``E'…'``."""
    return text.replace("\\", "\\\\").replace("'", "''")


def _is_hidden(text: str) -> bool:
    return not text.isprintable() and visible(text) != text


def _spell_name(name: str) -> str:
    return "".join(
        "\\\\" if one == "\\" else one if not _is_hidden(one) else f"\\{ord(one):04x}" if ord(one) < 0x10000
        else f"\\+{ord(one):06x}"
        for one in name
    )  # fmt: skip


def _spell_string(text: str) -> str:
    return "".join(
        one if not _is_hidden(one) else _LETTERS.get(one) or (
            f"\\u{ord(one):04x}" if ord(one) < 0x10000 else f"\\U{ord(one):08x}"
        )
        for one in text
    )  # fmt: skip

"""Pieces of HTML that are made in Python: the only place, with the diagram, where tags are put around given text.

Every function escapes the text that it is given and makes visible what would hide or reorder it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup, escape

from auditor.rendering.words import script
from auditor.text import visible

_STRESSED = re.compile(r"\*(\w[^*]*\w)\*")
_UNUSUAL = re.compile(r"([^\n\t -~])")


class Once:
    """Gives out each identifier once: a page stays valid even when two findings claim the same."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def __call__(self, name: str) -> Markup:
        """Return the attribute for an element, empty when another element has the identifier."""
        if name in self._given:
            return Markup("")
        self._given.add(name)
        return Markup(' id="{}"').format(name)


def shown(value: Any) -> Any:
    """Make text visible on its way into the page; markup has been so already."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def code(statements: str | Sequence[str], language: str = "sql") -> Markup:
    """Write statements of a language so that they look safe and copy true.

    A character that would hide or reorder text is isolated and preceded by its name, which the style sheet prints and
    a copy leaves out.
    """
    return Markup("").join(_character(part) for part in _UNUSUAL.split(script(statements, language)))


def _character(part: str) -> Markup:
    spelled = visible(part) if _UNUSUAL.fullmatch(part) else part
    if spelled == part:
        text = part.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        return Markup(text)  # noqa: S704 -- escaped as text is; quotes need it only in attributes
    # References to 0x80-0x9F mean other characters (a relic of Windows-1252), so these stand as they are.
    reference = part if 0x80 <= ord(part) <= 0x9F else Markup("&#{};").format(ord(part))
    return Markup('<i class="u" data-u="{}">{}</i>').format(spelled, reference)


def prose(text: str) -> Markup:
    """Write a section of documentation: paragraphs, lists with dashes, words in backticks and words in asterisks."""
    blocks = []
    for block in re.split(r"\n\s*\n", text.strip()):
        lines = block.splitlines()
        first = next((n for n, line in enumerate(lines) if line.startswith("- ")), len(lines))
        if lines[:first]:
            blocks.append(Markup("<p>{}</p>").format(_inline(" ".join(lines[:first]))))
        if lines[first:]:
            items = re.split(r"(?m)^- ", "\n".join(lines[first:]))[1:]
            rows = (Markup("<li>{}</li>").format(_inline(" ".join(item.split()))) for item in items)
            blocks.append(Markup("<ul>{}</ul>").format(Markup("").join(rows)))
    return Markup("").join(blocks)


def _inline(text: str) -> Markup:
    parts = re.split(r"`+([^`]+)`+", text)
    return Markup("").join(
        Markup("<code>{}</code>").format(visible(part))
        if number % 2
        else Markup(_STRESSED.sub(r"<em>\1</em>", escape(visible(part))))  # noqa: S704 -- escaped before
        for number, part in enumerate(parts)
    )


def bar(parts: Sequence[tuple[str, float]], whole: float, title: str, start: float = 0.0) -> Markup:
    """Draw a bar of parts (class, amount) on a scale from 0 to ``whole``, beginning at ``start``.

    ``title`` says the same in words. A part that is not nothing stays visible, however small.
    """
    position, rectangles = 100.0 * start / whole if whole else 0.0, []
    for style, amount in parts:
        if amount > 0 and whole > 0:
            width = min(max(100.0 * amount / whole, 0.6), 100.0)
            x = min(position, 100.0 - width)
            rectangles.append(Markup('<rect class="{}" x="{:.4g}%" width="{:.4g}%"/>').format(style, x, width))
            position += width
    return Markup('<svg class="bar" role="img"><title>{}</title>{}</svg>').format(
        visible(title), Markup("").join(rectangles)
    )

"""The HTML report: one file that needs nothing else, with its style and its script locked by their hashes.

Everything that a template prints passes ``_shown``: text is escaped, and what would hide or reorder text is spelled
out. Only the functions of this module that return ``Markup`` write tags, each over escaped text.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from auditor.model.report import Audit
from auditor.model.vocabulary import Outcome, ProbeOutcome, Severity
from auditor.rendering import Rendered, words
from auditor.rendering.decisions import decisions, worth
from auditor.rendering.diagram_svg import draw
from auditor.rendering.reading import embed
from auditor.rendering.view import LISTED, View, anchor, cost_of
from auditor.text import duration, quantity, size, visible

_HIDDEN = re.compile(r"[^\n\t -~]")


def render(audit: Audit, stem: str) -> Rendered:  # noqa: ARG001 -- the signature that all renderers share
    """Write the page."""
    environment = _environment()
    style, script = (_asset(environment, name) for name in ("report.css", "report.js"))
    view = View(audit)
    kind, data = embed(audit)
    page = environment.get_template("report.html.j2").render(
        audit=audit, view=view, decisions=decisions(view), worth=worth(view), style=Markup(style),  # noqa: S704 -- ours
        script=Markup(script), style_hash=_hash(style), script_hash=_hash(script),  # noqa: S704 -- ours
        data_type=kind, data=Markup(data),  # noqa: S704 -- embed() lets nothing end the element
        diagram=Markup(draw(audit.diagram)) if audit.diagram else None,  # noqa: S704 -- draw() escapes every name
        once=_Once(), Severity=Severity, Outcome=Outcome, ProbeOutcome=ProbeOutcome, listed=LISTED, words=words,
    )  # fmt: skip
    return Rendered(main=page.encode("utf-8", errors="replace"))


class _Once:
    """Gives out each identifier once: a page stays valid even when two findings claim the same."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def __call__(self, name: str) -> Markup:
        """Return the attribute for an element, empty when another element has the identifier."""
        if name in self._given:
            return Markup("")
        self._given.add(name)
        return Markup(' id="{}"').format(name)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("auditor_templates", ""), autoescape=True, undefined=StrictUndefined, finalize=_shown,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    environment.filters.update(code=_code, prose=_prose, anchor=lambda name, kind: anchor(kind, name))
    environment.globals.update(
        bar=_bar,
        size=size,
        duration=duration,
        quantity=quantity,
        cost_of=cost_of,
        moment=words.moment,
        count=words.count,
    )
    return environment


@cache
def _asset(environment: Environment, name: str) -> str:
    if environment.loader is None:
        raise AssertionError("the environment is made with a loader")
    return "\n".join(
        line.strip() for line in environment.loader.get_source(environment, name)[0].splitlines() if line.strip()
    )


def _hash(text: str) -> str:
    """Write the hash of an element's text as a content security policy does."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _shown(value: Any) -> Any:
    """Make text visible on its way into the page; markup has been so already."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _code(statements: str | Sequence[str]) -> Markup:
    """Write statements so that they look safe and copy true.

    A character that would hide or reorder text is isolated and preceded by its name, which the style sheet prints and
    a copy leaves out.
    """
    text = statements if isinstance(statements, str) else "\n".join(statements)
    if text.isascii() and text.replace("\n", "").isprintable():
        return escape(text)
    return Markup("").join(_hidden(part) for part in re.split(f"({_HIDDEN.pattern})", text))


def _hidden(part: str) -> Markup:
    spelled = visible(part) if len(part) == 1 and part not in "\n\t" else part
    if spelled == part:
        return escape(part)
    # References to 0x80-0x9F mean other characters (a relic of Windows-1252), so these stand as they are.
    reference = part if 0x80 <= ord(part) <= 0x9F else Markup("&#{};").format(ord(part))
    return Markup('<i class="u" data-u="{}">{}</i>').format(spelled, reference)


def _prose(text: str) -> Markup:
    """Write a section of documentation: paragraphs, lists with dashes, and words in backticks."""
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
    parts = re.split(r"`([^`]+)`", text)
    return Markup("").join(
        Markup("<code>{}</code>").format(visible(part)) if number % 2 else escape(visible(part))
        for number, part in enumerate(parts)
    )


def _bar(parts: Sequence[tuple[str, float]], whole: float, title: str, start: float = 0.0) -> Markup:
    """Draw a bar of parts (class, amount) on a scale from 0 to ``whole``, beginning at ``start``.

    ``title`` says the same in words. A part that is not nothing stays visible, however small.
    """
    position, rectangles = 100.0 * start / whole if whole else 0.0, []
    for style, amount in parts:
        if amount > 0 and whole > 0:
            width = min(max(100.0 * amount / whole, 0.6), 100.0)
            x = min(position, 100.0 - width)
            rectangles.append(Markup('<rect class="{}" x="{:.2f}" y="0" width="{:.2f}" height="10"/>')
                              .format(style, x, width))  # fmt: skip
            position += width
    return Markup(
        '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" role="img"><title>{}</title>{}</svg>'
    ).format(visible(title), Markup("").join(rectangles))

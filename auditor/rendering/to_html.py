"""The HTML report: one file that needs nothing else, with its style and its script locked by their hashes.

Everything that a template prints passes ``markup.shown`` and is escaped.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache, partial

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from auditor.model.report import Audit
from auditor.model.vocabulary import Outcome, ProbeOutcome
from auditor.rendering import Rendered, markup, words
from auditor.rendering.decisions import decisions, worth
from auditor.rendering.diagram_svg import draw
from auditor.rendering.reading import embed
from auditor.rendering.view import FRAME_BYTES, LISTED, View, anchor, by_probe, cost_of, finding_anchor, page_bytes
from auditor.text import count, duration, percent, quantity, size

_OMITTED = re.compile("</(?:td|th|tr|thead|tbody|li|dt|dd)>")
"""End tags that HTML lets a page leave out. Given text is escaped, so only the templates' own are found."""

_TAG = re.compile(r"<[a-z][^<>]*>")
_QUOTED = re.compile(r'="([\w#-]+)"(?!/)')
"""Values of attributes whose quotes HTML lets a page leave out. What is given as an attribute's value is escaped."""

TRIES, SLACK = 4, 2_000
"""Times that a page is written to find what fits, and bytes of room that may stay unused: estimates are close."""


def render(audit: Audit, stem: str) -> Rendered:  # noqa: ARG001 -- the signature that all renderers share
    """Write the page, with as much in full as its size allows."""
    data = embed(audit)
    diagram = draw(audit.diagram) if audit.diagram else None
    limit = page_bytes(audit)
    room = limit - FRAME_BYTES - len(data[1]) - len(diagram or "")
    pages: list[bytes] = []
    for _ in range(TRIES):
        view = View(audit, room)
        page = _page(view, data, diagram)
        left = limit - len(page)
        pages.append(page)
        if 0 <= left < SLACK or (left >= 0 and view.is_complete) or room <= 0:
            break
        room += left - SLACK // 2 if left >= 0 else left + left // 4
    return Rendered(main=min(pages, key=lambda page: (len(page) > limit, abs(limit - len(page)))))


def _page(view: View, data: tuple[str, str], diagram: Markup | None) -> bytes:
    style, script = _asset("report.css"), _asset("report.js")
    text = _environment(view.audit.terms.script).get_template("report.html.j2").render(
        audit=view.audit, view=view, decisions=decisions(view), worth=worth(view), diagram=diagram,
        style=Markup(style), style_hash=_hash(style), script=Markup(script), script_hash=_hash(script),  # noqa: S704 -- ours
        data_type=data[0], data=Markup(data[1]),  # noqa: S704 -- embed() lets nothing end the element
        once=markup.Once(), Outcome=Outcome, ProbeOutcome=ProbeOutcome, listed=LISTED, words=words,
    )  # fmt: skip
    head, main, rest = text.partition("<main")
    main, end, rest = rest.partition("</main>")
    body = _TAG.sub(lambda tag: _QUOTED.sub(r"=\1", tag[0]), _OMITTED.sub("", main))
    return f"{head}<main{body}{end}{rest}".encode("utf-8", errors="replace")


@cache
def _environment(language: str) -> Environment:
    """What pages are made with whose statements are of a language."""
    environment = Environment(
        loader=PackageLoader("auditor_templates", ""), autoescape=True, undefined=StrictUndefined,
        finalize=markup.shown, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    environment.filters.update(
        code=partial(markup.code, language=language),
        prose=markup.prose,
        place=finding_anchor,
        by_probe=by_probe,
        anchor=lambda name, kind: anchor(kind, name),
    )
    environment.globals.update(
        bar=markup.bar, cost_of=cost_of, count=count, percent=percent, duration=duration, moment=words.moment,
        quantity=quantity, size=size,
    )  # fmt: skip
    return environment


@cache
def _asset(name: str) -> str:
    """Return a file of the templates without its indentation, its empty lines and the comments of a script."""
    environment = _environment("sql")
    if environment.loader is None:
        raise AssertionError("the environment is made with a loader")
    lines = (line.strip() for line in environment.loader.get_source(environment, name)[0].splitlines())
    text = "\n".join(line for line in lines if line and not line.startswith("//"))
    return re.sub(r" ?([{}:;,>]) ?\n?|\n", r"\1", text) if name.endswith(".css") else text


def _hash(text: str) -> str:
    """Write the hash of an element's text as a content security policy does."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

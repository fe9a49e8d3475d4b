"""The Markdown report, for a forge or a wiki: GitHub-flavoured, and readable as plain text.

Everything that a template prints passes ``_shown``: what Markdown or HTML would take for its own syntax is escaped, and
so is what a forge would turn into a link or a mention. Only functions of this module return ``Text``, which is printed
as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from auditor.model.report import Audit
from auditor.model.vocabulary import Outcome, ProbeOutcome, Severity
from auditor.rendering import Rendered, words
from auditor.rendering.decisions import decisions, worth
from auditor.rendering.mermaid import write_mermaid
from auditor.rendering.view import LISTED, View, cost_of, page_bytes
from auditor.text import count, duration, percent, quantity, size, visible


class Text(str):
    """Markdown that is meant as such."""

    __slots__ = ()


def render(audit: Audit, stem: str) -> Rendered:  # noqa: ARG001 -- the signature that all renderers share
    """Write the report."""
    view = View(audit, 2 * page_bytes(audit))  # no markup and no data take room here
    page = _environment().get_template("report.md.j2").render(
        audit=audit, view=view, decisions=decisions(view), worth=worth(view), words=words, listed=LISTED,
        Severity=Severity, Outcome=Outcome, ProbeOutcome=ProbeOutcome,
        mermaid=write_mermaid(audit.diagram) if audit.diagram else None,
    )  # fmt: skip
    return Rendered(main=re.sub(r"\n{3,}", "\n\n", page).encode("utf-8", errors="replace"))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("auditor_templates", ""), autoescape=False, undefined=StrictUndefined, finalize=_shown,  # noqa: S701 -- _shown escapes
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    environment.filters.update(code=code, fence=fence, prose=_prose, names=_names, diagram=_diagram)
    environment.globals.update(
        size=size,
        duration=duration,
        quantity=quantity,
        cost_of=cost_of,
        moment=words.moment,
        count=count,
        percent=percent,
    )
    return environment


def _shown(value: Any) -> Any:
    return escape(value) if isinstance(value, str) and not isinstance(value, Text) else value


def escape(text: str) -> str:
    """Write text on one line so that Markdown shows it as it is, in a paragraph, a list item, or a table's cell."""
    text = visible(" ".join(text.split()) if "\n" in text else text)
    text = re.sub(r"[\\`*\[\]<>|~&$]", r"\\\g<0>", text)
    text = re.sub(r"(?<![^\W_])_|_(?![^\W_])", r"\\_", text)
    text = re.sub(r"^(\s*)([-+=#])", r"\1\\\2", text)
    text = re.sub(r"^(\s*\d+)([.)])(?=\s|$)", r"\1\\\2", text)
    text = re.sub(r"#(?=\d)", r"\\#", text)
    return text.replace("://", "&#58;//").replace("www.", "www&#46;").replace("@", "@<!-- -->")


def code(text: str) -> Text:
    """Write a name as code. One that holds a backtick or a pipe is written with references, which a table survives."""
    shown = visible(text)
    if not shown.strip() or re.search(r"[`|\\]|^\s|\s$", shown):
        return Text("<code>" + re.sub(r"[^\w ]|_", lambda match: f"&#{ord(match[0])};", shown) + "</code>")
    return Text(f"`{shown}`")


def fence(statements: str | Sequence[str], language: str = "sql") -> Text:
    """Write statements of a language as a block of code, behind a fence that none of their lines can end.

    Markdown cannot show a character that hides or reorders text and still let it be copied: it is spelled out, and a
    line says so.
    """
    text = words.script(statements, language)
    shown = "\n".join("\t".join(visible(part) for part in line.split("\t")) for line in text.split("\n"))
    longest = max((len(run) for run in re.findall(r"`+", shown)), default=0)
    marks = "`" * max(3, longest + 1)
    warning = "" if shown == text else "Characters that would hide are spelled out; copy from the JSON report.\n\n"
    return Text(f"{warning}{marks}{language}\n{shown}\n{marks}")


def _names(items: Sequence[str], most: int = 3) -> Text:
    """Write some names as code, and how many more there are."""
    rest = f" and {len(items) - most} more" if len(items) > most else ""
    return Text(", ".join(code(item) for item in items[:most]) + rest)


def _prose(text: str) -> Text:
    """Write a section of documentation as an item of a list: its own items below it, words in backticks as code."""
    lines = re.sub(r"\n- ", "\x00", text.strip()).split("\x00")
    return Text("\n  - ".join(_inline(" ".join(line.split())) for line in lines))


def _inline(text: str) -> str:
    parts = re.split(r"`+([^`]+)`+", text)
    return "".join(code(part) if number % 2 else escape(part) for number, part in enumerate(parts))


def _diagram(text: str) -> Text:
    """Write a diagram's text as a block that a forge draws; the writer lets no backtick into it."""
    return Text(f"```mermaid\n{text}\n```")

"""The documentation of checks that a report prints beside their findings."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from auditor.model.finding import CheckResult
from auditor.model.snapshot import Terms
from auditor.model.vocabulary import Outcome
from auditor.registry import load_checks, load_connectors

OWN = "auditor"
"""The origin of the checks that come with this program: whoever reads its reports has them."""

Pages = dict[str, dict[str, str]]
"""The summary and the sections of checks, by check."""


_NAMES = re.compile(r"([\w, ]+): ")


def pages_of(results: Iterable[CheckResult], engine: str, terms: Terms, origin: str | None = None) -> Pages:
    """Return the pages of the checks that failed on an engine, in its words and their order; of one origin if given."""
    checks = load_checks()
    found = (checks[one.check] for one in results if one.outcome is Outcome.FAILED and one.check in checks)
    return {
        one.id: {
            "summary": terms.prose(one.summary),
            **{name: terms.prose(said_of(engine, text)) for name, text in one.sections.items()},
        }
        for one in found
        if origin is None or one.origin == origin
    }


def said_of(engine: str, text: str) -> str:
    """Leave out of a section what is about other engines: a paragraph that begins with their names and a colon."""
    known, kept = load_connectors().keys(), []
    for paragraph in text.split("\n\n"):
        match = _NAMES.match(paragraph)
        names = set(match[1].lower().split(", ")) if match else set()
        if match is None or not names <= known:
            kept.append(paragraph)
        elif engine in names:
            kept.append(paragraph[match.end() :])
    return "\n\n".join(kept)


def without_known(
    pages: Mapping[str, dict[str, str]],
    results: Iterable[CheckResult],
    engine: str,
    terms: Terms,
    names: Collection[str],
) -> Pages:
    """Empty the named sections where this program has the same: its own pages can be looked up again."""
    own = pages_of(results, engine, terms, OWN)
    return {
        check: {
            name: "" if name in names and own.get(check, {}).get(name) == text else text for name, text in page.items()
        }
        for check, page in pages.items()
    }


def with_known(pages: Mapping[str, dict[str, str]], results: Iterable[CheckResult], engine: str, terms: Terms) -> Pages:
    """Fill the sections that were emptied."""
    own = pages_of(results, engine, terms, OWN)
    return {
        check: {name: text or own.get(check, {}).get(name, "") for name, text in page.items()}
        for check, page in pages.items()
    }

"""What a check declares: its title, its pillar, its weight, what it looks at and what it needs to see."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Container, Iterable, Mapping
from typing import Any

from msgspec import Struct

from auditor.model.finding import Verdict
from auditor.model.units import Unit
from auditor.model.vocabulary import Confidence, Pillar, Severity

HEADINGS = ("What", "Why it matters", "When it is fine", "How to fix it", "Sources")
"""The sections of a check's docstring, in their order."""


class Check(Struct, frozen=True, kw_only=True):
    """A check's metadata.

    ``title`` states the flaw ("Foreign keys have no supporting index"), ``passed`` its absence. ``needs`` names the
    probes without which nothing can be said: when one of them was not ``ok`` the check is *not assessed*, and when the
    connector has no such probe it is *not applicable*. "databases|status" needs whichever of the two the connector
    has, where engines keep the same facts in different places. ``engines`` limits the check to engines whose meaning
    of these facts it relies on; empty: every engine that has the probes.
    """

    title: str
    passed: str
    pillar: Pillar
    severity: Severity
    unit: Unit
    needs: tuple[str, ...]
    confidence: Confidence = Confidence.CERTAIN
    engines: tuple[str, ...] = ()

    def needed(self, known: Container[str]) -> tuple[str, ...]:
        """Which probes it needs of a connector: of alternatives the first that is known, the first of all if none."""
        return tuple(known_of(need, known) for need in self.needs)


def known_of(need: str, known: Container[str]) -> str:
    """Which probe "databases|status" means: the first of the alternatives that is known, the first of all if none."""
    return next((name for name in need.split("|") if name in known), need.partition("|")[0])


Judge = Callable[..., Iterable[Verdict]]
"""``judge(item, facts, *, limit=default, …)``: yields a Flaw or an Unknown, or nothing when the item is sound."""


class LoadedCheck(Struct, frozen=True, kw_only=True):
    """A check with its id, its judge, the limits that configuration may override, and its documentation."""

    id: str
    check: Check
    judge: Judge
    limits: Mapping[str, float]
    summary: str
    sections: Mapping[str, str]
    origin: str


def limits_of(judge: Judge) -> dict[str, float]:
    """Read the limits of a judge: its keyword-only parameters with their defaults."""
    parameters = inspect.signature(judge).parameters.values()
    return {p.name: p.default for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY}


def parse_documentation(docstring: str) -> tuple[str, dict[str, str]]:
    """Split a check's docstring into its first line and its sections by heading.

    Raises:
        ValueError: a heading is missing, unknown or out of order.

    """
    text = inspect.cleandoc(docstring)
    head, *parts = text.split("\n## ")
    sections: dict[str, str] = {}
    for part in parts:
        title, _, body = part.partition("\n")
        sections[title.strip()] = body.strip()
    if tuple(sections) != HEADINGS:
        raise ValueError(f"the documentation's headings are {tuple(sections)}, not {HEADINGS}")
    return head.strip(), sections


def load(module: Any, identifier: str, origin: str) -> LoadedCheck:
    """Make a check of a module that has ``CHECK`` and ``judge``.

    Raises:
        ValueError: the documentation does not have the fixed headings.

    """
    summary, sections = parse_documentation(module.__doc__ or "")
    return LoadedCheck(
        id=identifier, check=module.CHECK, judge=module.judge, limits=limits_of(module.judge),
        summary=summary, sections=sections, origin=origin,
    )  # fmt: skip

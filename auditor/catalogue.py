"""The catalogues as text: a check's page, the whole of docs/checks, and the list of operations."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin

from auditor.model.check import HEADINGS, LoadedCheck
from auditor.model.vocabulary import Pillar
from auditor.wishes import KINDS, fields_of


def page(loaded: LoadedCheck) -> str:
    """Write a check's page in Markdown: its docstring, with what it looks at, needs and can be tuned by."""
    check = loaded.check
    lines = [
        f"# {loaded.id}", "", loaded.summary, "",
        f"- Pillar: {check.pillar}", f"- Severity: {check.severity} (confidence: {check.confidence})",
        f"- Looks at: {check.unit.plural}",
        f"- Needs the probes: {', '.join(need.replace('|', ' or ') for need in check.needs)}",
        f"- Engines: {', '.join(check.engines) or 'every engine that has these probes'}",
    ]  # fmt: skip
    if loaded.limits:
        limits = ", ".join(f"`{name} = {value:g}`" for name, value in loaded.limits.items())
        lines.append(f"- Limits (`[limits.{loaded.id}]` in auditor.toml): {limits}")
    for heading in HEADINGS:
        lines += ["", f"## {heading}", "", loaded.sections[heading]]
    return "\n".join(lines) + "\n"


def index(checks: Mapping[str, LoadedCheck]) -> str:
    """Write the table of all checks, by pillar."""
    lines = [
        "# Checks", "",
        f"{len(checks)} checks. This page and those that it links to come from the checks' docstrings: `make docs`.",
    ]  # fmt: skip
    for pillar in Pillar:
        group = [loaded for loaded in checks.values() if loaded.check.pillar is pillar]
        if not group:
            continue
        lines += ["", f"## {pillar.capitalize()}", "", "| check | severity | flaw |", "| --- | --- | --- |"]
        lines += [f"| [{c.id}]({c.id}.md) | {c.check.severity} | {c.check.title} |" for c in group]
    return "\n".join(lines) + "\n"


def pages(checks: Mapping[str, LoadedCheck]) -> dict[str, str]:
    """Return every file of docs/checks by its name."""
    return {"README.md": index(checks), **{f"{loaded.id}.md": page(loaded) for loaded in checks.values()}}


_WORDS: Mapping[Any, str] = {str: "text", int: "whole number", float: "number", bool: "true or false"}


def operations() -> str:
    """Write docs/operations.md: every kind of operation with the fields that may be asked for."""
    lines = [
        "# Operations", "",
        f"{len(KINDS)} kinds. Each may be asked for in `auditor.toml` ([how](plan.md#operations-that-you-ask-for)).",
        "This page comes from the records of the operations: `make docs`.",
    ]  # fmt: skip
    for name, kind in sorted(KINDS.items()):
        lines += ["", f"## {name}", "", inspect.cleandoc(kind.__doc__ or ""), "", "| field | value |", "| --- | --- |"]
        for field in fields_of(kind):
            needed = ", needed" if field.required else ""
            lines.append(f"| `{field.encode_name}` | {_words(field.type)}{needed} |")
    return "\n".join(lines) + "\n"


def _words(annotation: Any) -> str:
    """Say what a field holds, as TOML has it."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is UnionType:
        return _words(next(one for one in inner if one is not NoneType))
    if origin is Literal:
        return " or ".join(f"`{one}`" for one in inner)
    if origin in (dict, Mapping):
        return f"table: {_words(inner[1])} by name"
    if origin is tuple:
        return f"list of {_words(inner[0])}" if inner[-1] is Ellipsis else f"{len(inner)} times {_words(inner[0])}"
    return _WORDS[annotation]

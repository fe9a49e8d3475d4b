"""The catalogue of checks as text: a check's page, and the whole of docs/checks."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.model.check import HEADINGS, LoadedCheck
from auditor.model.vocabulary import Pillar


def page(loaded: LoadedCheck) -> str:
    """Write a check's page in Markdown: its docstring, with what it looks at, needs and can be tuned by."""
    check = loaded.check
    lines = [
        f"# {loaded.id}", "", loaded.summary, "",
        f"- Pillar: {check.pillar}", f"- Severity: {check.severity} (confidence: {check.confidence})",
        f"- Looks at: {check.unit.plural}", f"- Needs the probes: {', '.join(check.needs)}",
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

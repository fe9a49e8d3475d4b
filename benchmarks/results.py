"""The file that all benchmarks write to, a section each."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

FILE = Path(__file__).with_name("results.md")


def write_section(title: str, lines: Iterable[str]) -> None:
    """Put lines of Markdown under a heading, in the place of what stood there; other sections stay as they are."""
    text = FILE.read_text(encoding="utf-8") if FILE.exists() else ""
    sections = dict(re.findall(r"^## (.+)\n((?:(?!## ).*\n?)*)", text, flags=re.MULTILINE))
    sections[title] = "\n" + "\n".join(lines).strip() + "\n\n"
    head = "# What was measured\n\n"
    body = "".join(f"## {name}\n\n{content.strip()}\n\n" for name, content in sections.items())
    FILE.write_text(head + body.rstrip() + "\n", encoding="utf-8")


def circumstances(*programs: str) -> str:
    """Say when and on what this was measured; ``programs`` are names with versions."""
    day = datetime.now(UTC).date().isoformat()
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    return f"{day}; {machine}; Python {platform.python_version()}; {', '.join(programs)}."

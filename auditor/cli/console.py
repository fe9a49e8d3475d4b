"""What the command line says: the verdict on standard output, talk and progress on standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from auditor.model.report import Audit
from auditor.text import visible

_STYLES = {"bold": "1", "dim": "2", "red": "31", "yellow": "33", "green": "32"}
_state = {"color": True, "quiet": False}


def configure(*, color: bool, quiet: bool) -> None:
    """Set how this run talks. ``NO_COLOR`` in the environment always wins."""
    _state["color"] = color and not os.environ.get("NO_COLOR")
    _state["quiet"] = quiet


def paint(text: str, style: str, stream: IO[str]) -> str:
    """Colour a text when the stream is a terminal that may be coloured."""
    if not _state["color"] or not stream.isatty():
        return text
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m"


def say(text: str = "") -> None:
    """Print talk to standard error, unless told to be quiet."""
    if not _state["quiet"]:
        print(text, file=sys.stderr, flush=True)


def report_error(message: str, hint: str, status: int) -> int:
    """Print an error in one line, and its hint in another; return the status."""
    print(f"{paint('error', 'red', sys.stderr)}: {visible(message)}", file=sys.stderr)
    if hint:
        print(f"{paint('hint', 'bold', sys.stderr)}: {visible(hint)}", file=sys.stderr)
    return status


@contextmanager
def progress() -> Iterator[Callable[[str, str, int, int], None]]:
    """Show what is going on in one line of a terminal, and nothing elsewhere: ``update(verb, name, number, total)``."""
    live = sys.stderr.isatty() and not _state["quiet"]

    def update(verb: str, name: str, number: int, total: int) -> None:
        if live:
            print(f"\r\x1b[2K{verb} {number}/{total}  {visible(name)}", end="", file=sys.stderr, flush=True)

    try:
        yield update
    finally:
        if live:
            print("\r\x1b[2K", end="", file=sys.stderr, flush=True)


def print_verdict(audit: Audit, written: Sequence[Path], stream: IO[str]) -> None:
    """Print the verdict, the decisions that matter most, and where the files are."""
    from auditor.rendering.decisions import decisions
    from auditor.rendering.view import View

    score, target = audit.score, audit.target
    counts = [
        f"{sum(f.severity == severity and f.suppressed is None for f in audit.findings)} {severity}"
        for severity in ("critical", "high", "medium", "low")
    ]
    overall = "–" if score.overall is None else f"{score.overall:g}"
    style = "green" if score.grade == "good" else "yellow" if score.grade == "needs work" else "red"
    name = f"{target.name} ({target.flavour or target.engine} {target.version})"
    print(f"{paint(visible(name), 'bold', stream)}", file=stream)
    print(f"Score {paint(f'{overall} {score.grade}', style, stream)}"
          f" (floor {_number(score.floor)}, ceiling {_number(score.ceiling)}, coverage {score.coverage:.0%}"
          f"{', provisional' if score.provisional else ''})", file=stream)  # fmt: skip
    print(f"Findings: {', '.join(counts)}", file=stream)
    for number, decision in enumerate(decisions(View(audit))[:3], start=1):
        print(f"{number}. {visible(decision.title)}", file=stream)
        for gain in decision.buys[:1]:
            print(paint(f"   {visible(gain)}", "dim", stream), file=stream)
    steps = sum(len(phase.steps) for phase in audit.plan.phases)
    print(f"Plan: {steps} steps in {len(audit.plan.phases)} phases", file=stream)
    for path in written:
        print(f"  {path}", file=stream)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"

"""What the command line says: results on standard output, talk and progress on standard error."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from auditor.model.report import Audit
from auditor.outputs import write_stdout
from auditor.text import count, percent, visible

if TYPE_CHECKING:
    from auditor.model.proof import Proof
    from auditor.rendering.decisions import Decision

_STYLES = {"bold": "1", "dim": "2", "red": "31", "yellow": "33", "green": "32"}
_state = {"color": True, "quiet": False}
_lines: list[Progress] = []  # at most one, while there is progress to show


def configure(*, color: bool = True, quiet: bool = False) -> None:
    """Set how this run talks. ``NO_COLOR`` in the environment always wins."""
    _state["color"] = color and not os.environ.get("NO_COLOR")
    _state["quiet"] = quiet


def paint(text: str, style: str, stream: IO[str] | None) -> str:
    """Colour a text when the stream is a terminal that may be coloured."""
    if not _state["color"] or not _is_terminal(stream):
        return text
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m"


def _is_terminal(stream: IO[str] | None) -> bool:
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"


def show(text: str) -> None:
    """Print a result to standard output. Names in it have been made visible.

    Raises:
        UsageError: standard output cannot take it. A closed one is no error.

    """
    _clear_progress()
    if sys.stdout is not None:
        write_stdout(f"{text}\n".encode(sys.stdout.encoding or "utf-8", "backslashreplace"))


def say(text: str) -> None:
    """Print a line of talk to standard error, unless told to be quiet."""
    if not _state["quiet"]:
        tell(visible(text))


def report_error(message: str, hint: str, status: int) -> int:
    """Print an error in one line, and its hint in another; return the status."""
    tell(f"{paint('error', 'red', sys.stderr)}: {visible(message)}")
    if hint:
        tell(f"{paint('hint', 'bold', sys.stderr)}: {visible(hint)}")
    return status


def tell(text: str) -> None:
    """Print to standard error, quiet or not. Names have been made visible. Nobody can be told that it is full."""
    _clear_progress()
    if sys.stderr is not None:
        with suppress(OSError):
            print(text, file=sys.stderr, flush=True)


class Progress:
    """One line of a terminal that shows what is going on; nothing elsewhere."""

    def __init__(self) -> None:
        self._live = _is_terminal(sys.stderr) and not _state["quiet"]
        self._shown = False

    def __call__(self, verb: str, name: str, number: int, total: int) -> None:
        """Show the step that was just taken."""
        if self._live:
            self._write(f"\r\x1b[2K{verb} {number}/{total}  {visible(name)}")
            self._shown = True

    def clear(self) -> None:
        """Wipe the line, so that something else can be said."""
        if self._shown:
            self._write("\r\x1b[2K")
            self._shown = False

    @staticmethod
    def _write(text: str) -> None:
        with suppress(OSError):
            print(text, end="", file=sys.stderr, flush=True)


@contextmanager
def progress() -> Iterator[Progress]:
    """Show progress within the block. Its line is wiped at the end, and whenever something else is said."""
    _lines.append(Progress())
    try:
        yield _lines[-1]
    finally:
        _lines.pop().clear()


def _clear_progress() -> None:
    for line in _lines:
        line.clear()


def print_verdict(audit: Audit, written: Sequence[Path], *, to_stdout: bool = True) -> None:
    """Print the verdict, the decisions that matter most, and where the files are.

    On standard error, when standard output holds a report, it is talk.
    """
    from auditor.rendering.decisions import decisions
    from auditor.rendering.view import View

    stream = sys.stdout if to_stdout else sys.stderr
    score, target = audit.score, audit.target
    counts = [
        f"{sum(f.severity == severity and f.suppressed is None for f in audit.findings)} {severity}"
        for severity in ("critical", "high", "medium", "low")
    ]
    overall = "–" if score.overall is None else f"{score.overall:g}"
    style = "green" if score.grade == "good" else "yellow" if score.grade == "needs work" else "red"
    name = f"{target.name} ({target.flavour or target.engine} {target.version})"
    bounds = f"floor {_number(score.floor)}, ceiling {_number(score.ceiling)}, coverage {percent(score.coverage)}"
    lines = [
        paint(visible(name), "bold", stream),
        f"Score {paint(f'{overall} {score.grade}', style, stream)} ({bounds}"
        + (", provisional)" if score.provisional else ")"),
        f"Findings: {', '.join(counts)}",
    ]
    for number, decision in enumerate(decisions(View(audit))[:3], start=1):
        what = visible(f"{decision.title}{_subject(decision)}")
        lines.append(f"{number}. {what} {paint(f'[{decision.severity}]', 'dim', stream)}")
        lines += [paint(f"   {visible(gain)}", "dim", stream) for gain in decision.buys[:1]]
    steps = sum(len(phase.steps) for phase in audit.plan.phases)
    lines.append(f"Plan: {count(steps, 'step')} in {count(len(audit.plan.phases), 'phase')}")
    lines += [f"  {visible(str(path))}" for path in written]
    if to_stdout:
        show("\n".join(lines))
    elif not _state["quiet"]:
        tell("\n".join(lines))


def print_proof(proof: Proof, written: Sequence[Path]) -> None:
    """Print what a rehearsal proved, the marks and steps that failed, and where the files are."""
    stream = sys.stdout
    verdict, style = ("passed", "green") if proof.passed else ("failed", "red")
    if proof.interrupted:
        verdict, style = "interrupted", "yellow"
    tally = {
        word: sum(1 for step in proof.steps if step.outcome == word)
        for word in ("rehearsed", "failed", "not-rehearsed")
    }
    lines = [
        f"Rehearsal {paint(verdict, style, stream)}: {proof.engine} {proof.server_version}, {count(proof.rows, 'row')}",
        f"Steps: {tally['rehearsed']} rehearsed, {tally['failed']} failed, {tally['not-rehearsed']} not rehearsed",
    ]
    for mark in proof.marks:
        if mark.verdict != "passed":
            lines.append(visible(f"{mark.id} {mark.title}: {mark.verdict.replace('-', ' ')}. {mark.reason}"))
    lines += [visible(f"{step.step} failed: {step.reason or 'no reason is known'}") for step in proof.failed]
    lines += [f"  {visible(str(path))}" for path in written]
    show("\n".join(lines))


def _subject(decision: Decision) -> str:
    """Name the one object that a decision is about, or count the findings, where the title does not."""
    if len(decision.subjects) > 1:
        return "" if re.search(r"\d", decision.title) else f" ({count(decision.findings, 'finding')})"
    name = decision.subjects[0].name
    parent, _, last = name.rpartition(".")
    return f": {name}" if parent and last not in decision.title else ""


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"

"""The log file that a user gives beside a target: one more source, which is told of like a probe."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

from auditor.connector import ProbeInfo
from auditor.model.snapshot import ProbeResult
from auditor.model.vocabulary import ProbeOutcome

SLOW_LOG = ProbeInfo(
    probe="slow-log",
    purpose="read a log file of the server that lies here: slow statements, errors, waits, spills",
    privilege="the file (--slow-log)",
)
_ABSENT = "no log file was given (--slow-log FILE)"


class Log(Protocol):
    """What a reader made of a log file."""

    @property
    def lines(self) -> int:
        """How many lines it has."""


L = TypeVar("L", bound=Log)


def read_beside(path: Path | None, read: Callable[[Path], L]) -> tuple[L | None, ProbeResult]:
    """Read a log file with an engine's reader; without a file there is nothing to tell but that.

    Raises:
        UsageError: the file cannot be read, or is no log of the engine.

    """
    if path is None:
        return None, ProbeResult(probe=SLOW_LOG.probe, outcome=ProbeOutcome.UNSUPPORTED, reason=_ABSENT)
    started = time.perf_counter()
    log = read(path)
    elapsed = round((time.perf_counter() - started) * 1000, 1)
    return log, ProbeResult(probe=SLOW_LOG.probe, outcome=ProbeOutcome.OK, rows=log.lines, milliseconds=elapsed)

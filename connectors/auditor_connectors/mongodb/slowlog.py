"""What a server's log tells of its workload: slow operations, errors, waits for locks, what went to disk.

The log is a JSON document a line (4.4 and later) and is read once, as a stream. Operations are counted by their shape,
without values.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from bson import json_util

from auditor.errors import UsageError
from auditor.model.workload import SlowLog
from auditor_connectors.logfile import LogFile
from auditor_connectors.mongodb.assemble.totals import ReadLog, Totals, logged
from auditor_connectors.mongodb.assemble.values import AWARE, iso
from auditor_connectors.tallies import Tallies

WAIT_MS = 50.0
"""Milliseconds from which the time of locks counts as a wait, as it does in the logs of other engines."""
_SLOW = '"Slow query"'


def read_slow_log(path: Path) -> ReadLog:
    """Read a log, plain or compressed with gzip.

    ``skipped`` counts the lines that could not be understood and the occurrences of shapes beyond ``SHAPES``.

    Raises:
        UsageError: the file cannot be read, or is no such log.

    """
    file = LogFile(path)
    with file:
        if any(line.strip() for line in file.first) and not any(map(_known, file.first)):
            raise UsageError(f"{path} is no log of mongod", "give the file that systemLog.path names, of 4.4 or later")
        reader = _Reader()
        for row in logged(reader.entries(file.read())):
            reader.count(row)
        entries, folded = reader.tallies.entries()
    log = SlowLog(
        format="json",
        lines=file.lines,
        skipped=reader.unread + folded,
        first=iso(reader.first),
        last=iso(reader.last),
        entries=entries,
    )
    return ReadLog(log, reader.totals)


class _Reader:
    """Reads lines and counts what is slow. ``first`` and ``last`` are the moments of the first and last of these."""

    def __init__(self) -> None:
        self.unread = 0
        self.first: datetime | None = None
        self.last: datetime | None = None
        self.tallies = Tallies()
        self.totals = Totals()

    def entries(self, lines: Iterator[str]) -> Iterator[Mapping[str, Any]]:
        """The entries about slow operations."""
        for line in lines:
            if _SLOW not in line:
                continue
            try:
                entry = json_util.loads(line, json_options=AWARE)
            except (ValueError, TypeError, KeyError):
                self.unread += 1
                continue
            if isinstance(entry, dict):
                yield entry

    def count(self, row: Mapping[str, Any]) -> None:
        """Count a slow operation."""
        shape = self.totals.add(row)
        moment = row.get("ts")
        if isinstance(moment, datetime):
            self.first, self.last = self.first or moment, moment
        if shape is None:
            return
        took, waited = float(row.get("millis") or 0), _waited(row.get("locks"))
        self.tallies.of("slow", shape.text).add(1, took)
        if waited >= WAIT_MS:
            self.tallies.of("lock-wait", shape.text).add(1, waited)
        if row.get("usedDisk"):
            self.tallies.of("temp-file", shape.text).add(1)
        if row.get("errName"):
            self.tallies.of("error", f"error {row['errName']}").add()


def _waited(locks: Any) -> float:
    """Milliseconds that an operation waited for locks."""
    waits = [
        spent
        for lock in (locks.values() if isinstance(locks, Mapping) else ())
        for spent in (lock.get("timeAcquiringMicros", {}).values() if isinstance(lock, Mapping) else ())
    ]
    return sum(spent for spent in waits if isinstance(spent, int | float)) / 1000


def _known(line: str) -> bool:
    """Whether a line is an entry of such a log."""
    try:
        entry = json.loads(line)
    except ValueError:
        return False
    return isinstance(entry, dict) and {"t", "s", "c", "msg"} <= entry.keys()

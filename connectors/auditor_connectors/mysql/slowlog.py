"""What a server's slow query log tells of its workload: slow statements, lock waits, spills, errors.

The log is a file, which is read once, as a stream, or a table of the server. Statements are counted by their text
without literals. What stands in it differs by product and setting; what is there is taken: on MySQL the time of locks
is that of row locks and in a file with ``log_slow_extra`` errors are told too, on MariaDB it is that of metadata and
table locks, and in a file ``log_slow_verbosity`` tells of spills.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from msgspec import Struct

from auditor.errors import UsageError
from auditor.model.workload import SlowEntry, SlowLog
from auditor_connectors.logfile import MESSAGE, LogFile
from auditor_connectors.mysql.literals import redact
from auditor_connectors.mysql.probe import Row
from auditor_connectors.tallies import Tallies, shaping

WAIT_MS = 50.0
"""Milliseconds from which the time of locks counts as a wait: every statement takes some.

MariaDB counts the time to open a table as well.
"""

_HEADER = re.compile(r"# (Time|User@Host): ")
_TIMES = re.compile(r"# Query_time: +(\d+(?:\.\d+)?) +Lock_time: +(\d+(?:\.\d+)?)")
_ISO = re.compile(r"# Time: (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)")
_SHORT = re.compile(r"# Time: (\d\d)(\d\d)(\d\d) +(\d\d?):(\d\d):(\d\d)")
_ERROR = re.compile(r"\bErrno: ([1-9]\d*)")
_SPILLED = re.compile(r"\bTmp_table_on_disk: Yes|\bCreated_tmp_disk_tables: [1-9]|\bFilesort_on_disk: Yes")
_SPILL_BYTES = re.compile(r"\bTmp_table_sizes: (\d+)")
_PRELUDE = re.compile(r"(?:use .*|SET (?:last_insert_id=\d+,)?(?:insert_id=\d+,)?timestamp=\d+(?:\.\d+)?);\s*\Z")
_BANNER = re.compile(r".*, Version: .*started with:|Tcp port: |Time\s+Id\s+Command\s+Argument")
_ADMINISTRATOR = "# administrator command: "

# https://dev.mysql.com/doc/mysql-errors/en/server-error-reference.html
_DEADLOCK = "1213"
_WAITED = "1205"

_shape = shaping(redact)


class _Entry(Struct):
    """A statement of the log, and what its header says of it."""

    milliseconds: float | None = None
    locked_ms: float = 0.0
    error: str | None = None
    spilled: bool = False
    spilled_bytes: int = 0
    text: str = ""

    def describe(self, line: str) -> None:
        """Take what a line of the header says."""
        if times := _TIMES.match(line):
            self.milliseconds, self.locked_ms = 1000 * float(times[1]), 1000 * float(times[2])
        if error := _ERROR.search(line):
            self.error = error[1]
        if _SPILLED.search(line):
            self.spilled = True
        if size := _SPILL_BYTES.search(line):
            self.spilled_bytes = int(size[1])

    def extend(self, line: str) -> None:
        """Add a line of the statement."""
        if len(self.text) < MESSAGE:
            self.text = (self.text + line)[:MESSAGE]


def read_slow_log(path: Path) -> SlowLog:
    """Read a slow query log, plain or compressed with gzip.

    ``skipped`` counts the lines that could not be understood and the occurrences of shapes beyond ``SHAPES``. Times
    that MariaDB writes are in the server's own zone, which the log does not tell.

    Raises:
        UsageError: the file cannot be read, or is not a slow query log.

    """
    file = LogFile(path)
    with file:
        if any(line.strip() for line in file.first) and not any(map(_known, file.first)):
            raise UsageError(f"{path} is not a slow query log", "give the file that slow_query_log_file names")
        reader = _Reader()
        for line in file.read():
            reader.take(line)
        entries, folded = reader.finish()
    return SlowLog(
        format="slow",
        lines=file.lines,
        skipped=reader.unread + folded,
        first=reader.first,
        last=reader.last,
        entries=entries,
    )


def from_table(rows: Sequence[Row]) -> SlowLog:
    """Count the rows of mysql.slow_log. Moments are those of the server's own zone, which the table does not tell."""
    tallies = Tallies()
    for row in rows:
        _tally(tallies, _of_row(row))
    entries, folded = tallies.entries()
    moments = sorted(row["moment"].isoformat(timespec="seconds") for row in rows)
    return SlowLog(
        format="slow-table",
        lines=len(rows),
        skipped=folded,
        first=moments[0] if moments else None,
        last=moments[-1] if moments else None,
        entries=entries,
    )


class _Reader:
    """Puts entries together from lines and counts them. ``first`` and ``last`` are the moments of the log's ends."""

    def __init__(self) -> None:
        self.unread = 0
        self.first: str | None = None
        self.last: str | None = None
        self._tallies = Tallies()
        self._entry: _Entry | None = None
        self._ended = True

    def take(self, line: str) -> None:
        """Read a line.

        A header may only stand behind the end of a statement: what looks like one elsewhere is part of a literal.
        """
        if self._ended and (match := _HEADER.match(line)):
            self._count()
            self._entry = _Entry() if match[1] == "User@Host" else None
            if match[1] == "Time":
                self._note(line)
        elif self._ended and _BANNER.match(line):
            self._count()
        elif self._entry is None:
            self.unread += bool(line.strip())
        elif not self._entry.text and line.startswith("#") and not line.startswith(_ADMINISTRATOR):
            self._entry.describe(line)
        elif self._entry.text or not _PRELUDE.match(line):
            self._entry.extend(line)
            self._ended = line.rstrip().endswith(";")

    def finish(self) -> tuple[tuple[SlowEntry, ...], int]:
        """Return what was counted and how many occurrences were folded."""
        self._count()
        return self._tallies.entries()

    def _note(self, line: str) -> None:
        moment = _moment(line)
        self.first = self.first or moment
        self.last = moment or self.last

    def _count(self) -> None:
        """Count the entry that has come to its end; the server's own commands are no statements."""
        entry, self._entry, self._ended = self._entry, None, True
        if entry is not None and entry.text and not entry.text.startswith(_ADMINISTRATOR):
            _tally(self._tallies, entry)


def _tally(tallies: Tallies, entry: _Entry) -> None:
    """Count a statement for what it was: slow at least."""
    if entry.milliseconds is None:
        return
    text = _shape(entry.text).removesuffix(";")
    if entry.error == _DEADLOCK:
        tallies.of("deadlock", text).add(1, entry.milliseconds)
    elif entry.error is not None and entry.error != _WAITED:
        tallies.of("error", f"error {entry.error}").add()
    if entry.locked_ms >= WAIT_MS or entry.error == _WAITED:
        tallies.of("lock-wait", text).add(1, max(entry.locked_ms, 0.0))
    if entry.spilled:
        tallies.of("temp-file", text).add(1, size=entry.spilled_bytes)
    tallies.of("slow", text).add(1, entry.milliseconds)


def _of_row(row: Row) -> _Entry:
    """The statement of a row. One product keeps its text as bytes."""
    text, thousandth = row["text"], timedelta(milliseconds=1)
    return _Entry(
        milliseconds=row["took"] / thousandth,
        locked_ms=row["locked"] / thousandth,
        text=text.decode("utf-8", "replace") if isinstance(text, bytes) else text,
    )


def _known(line: str) -> bool:
    """Whether a line is sure proof of a slow query log."""
    return bool(_HEADER.match(line) or _TIMES.match(line) or _BANNER.match(line))


def _moment(line: str) -> str | None:
    """The moment of a ``# Time:`` line, with its zone where it tells one."""
    if match := _ISO.match(line):
        return match[1] + match[2]
    if match := _SHORT.match(line):
        year, month, day, hour, minute, second = match.groups()
        return f"20{year}-{month}-{day}T{int(hour):02}:{minute}:{second}"
    return None

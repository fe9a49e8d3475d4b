"""Read the records of a server's log file in any of its formats, as a stream.

Memory is bounded whatever the file holds: lines, records and messages are cut at fixed lengths.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from auditor.errors import UsageError
from auditor_connectors.logfile import LINE, MESSAGE, LogFile

Format = Literal["stderr", "csvlog", "jsonlog"]

_SEVERITIES = (
    "LOG",
    "ERROR",
    "FATAL",
    "PANIC",
    "WARNING",
    "NOTICE",
    "INFO",
    "DEBUG",
    "DEBUG1",
    "DEBUG2",
    "DEBUG3",
    "DEBUG4",
    "DEBUG5",
)
_STDERR = re.compile(
    rf"^(?P<prefix>|[^\t\n].{{0,400}}?)\b(?P<tag>{'|'.join(_SEVERITIES)}|STATEMENT|DETAIL|HINT|CONTEXT|QUERY|LOCATION"
    r"|BACKTRACE):  (?P<text>.*)",
    re.DOTALL,
)
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.\d+)?(?: (UTC|GMT|[+-]\d\d)(?![\w:]))?")
_CSV = re.compile(
    r'^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? [^\s,]+,(?:"(?:[^"]|"")*"|[^",]*),(?:"(?:[^"]|"")*"|[^",]*),\d*,'
)
_STATE = re.compile(r"([0-9A-Z]{5}): ")
_PROCESS = re.compile(r"\[(\d+)\]|\b([0-9a-f]{8}\.[0-9a-f]{1,8})\b")


class Record(Struct):
    """One entry of a log. ``process`` tells sessions apart; it is empty where the format does not say."""

    severity: str
    message: str
    moment: str | None = None
    process: str = ""
    state: str | None = None
    detail: str | None = None
    statement: str | None = None


class _JsonRecord(Struct):
    """The members of a line of the format jsonlog that are read."""

    error_severity: str
    message: str = ""
    timestamp: str = ""
    session_id: str = ""
    state_code: str | None = None
    detail: str | None = None
    statement: str | None = None


_JSON = msgspec.json.Decoder(_JsonRecord)


class Log:
    """An open log file: its format, its records, and how many lines were read and could not be understood."""

    def __init__(self, path: Path) -> None:
        """Open a file, plain or compressed with gzip, and find out its format.

        Raises:
            UsageError: the file cannot be read, or nothing in its first lines looks like a log of the server.

        """
        self.unread = 0
        self._file = LogFile(path)
        first = self._file.first
        found = next((kind for kind in map(_format, first) if kind is not None), None)
        if found is None and any(line.strip() for line in first):
            with self._file:
                raise UsageError(
                    f"{path} is not a log of a PostgreSQL server",
                    "give a log file in the format stderr, csvlog or jsonlog, with English messages",
                )
        self.format: Format = found or "stderr"

    @property
    def lines(self) -> int:
        """How many lines have been read."""
        return self._file.lines

    def records(self) -> Iterator[Record]:
        """Read the records, once.

        Raises:
            UsageError: the file cannot be read to its end.

        """
        readers = {"stderr": self._stderr, "csvlog": self._csvlog, "jsonlog": self._jsonlog}
        with self._file as file:
            yield from readers[self.format](file.read())

    def _stderr(self, lines: Iterable[str]) -> Iterator[Record]:
        """Put together a record from its first line, the lines that continue it, and its detail and statement."""
        record: Record | None = None
        part = "message"
        for line in lines:
            if line.startswith("\t") or not line.strip():
                if record is not None and part:
                    _extend(record, part, "\n" + line.strip("\r\n").removeprefix("\t"))
                continue
            match = _STDERR.match(line)
            if match is None:
                self.unread += 1
                continue
            tag, text = match["tag"], match["text"].rstrip("\r\n")[:MESSAGE]
            if tag in _SEVERITIES:
                if record is not None:
                    yield record
                part = "message"
                # With log_error_verbosity = verbose the SQLSTATE comes before the message.
                state = _STATE.match(text)
                message = text[state.end() :] if state else text
                record = Record(
                    tag, message, _iso(match["prefix"]), _process(match["prefix"]), state[1] if state else None
                )
            else:
                part = {"STATEMENT": "statement", "DETAIL": "detail"}.get(tag, "")
                if record is not None and part:
                    setattr(record, part, text)
        if record is not None:
            yield record

    def _csvlog(self, lines: Iterable[str]) -> Iterator[Record]:
        """Take the columns by their position, which no version has changed; later ones have only added some."""
        previous = csv.field_size_limit(2 * LINE)
        try:
            for text in self._csv_texts(lines):
                try:
                    row = next(csv.reader(text.splitlines(keepends=True), strict=True))
                    moment, process, severity, state = row[0], row[5], row[11], row[12]
                    message, detail, statement = (row[number][:MESSAGE] for number in (13, 14, 19))
                except (csv.Error, IndexError, StopIteration):
                    self.unread += 1
                    continue
                yield Record(severity, message, _iso(moment), process, state, detail or None, statement or None)
        finally:
            csv.field_size_limit(previous)

    def _csv_texts(self, lines: Iterable[str]) -> Iterator[str]:
        """Join the lines of a record: it is over where its quotes are even."""
        parts: list[str] = []
        quotes = size = 0
        for line in lines:
            if quotes % 2 and size > LINE and _CSV.match(line):
                # An odd quote somewhere: the record is given up where the next one begins.
                self.unread += 1
                parts, quotes, size = [], 0, 0
            quotes, size = quotes + line.count('"'), size + len(line)
            if size <= 2 * LINE:
                parts.append(line)
            if quotes % 2 == 0:
                yield "".join(parts)
                parts, quotes, size = [], 0, 0
        self.unread += bool(parts)

    def _jsonlog(self, lines: Iterable[str]) -> Iterator[Record]:
        for line in lines:
            try:
                row = _JSON.decode(line)
                yield Record(
                    row.error_severity,
                    row.message[:MESSAGE],
                    _iso(row.timestamp),
                    row.session_id,
                    row.state_code,
                    row.detail,
                    None if row.statement is None else row.statement[:MESSAGE],
                )
            except msgspec.DecodeError:
                self.unread += bool(line.strip())


def _format(line: str) -> Format | None:
    """The format of which a line is sure proof."""
    if line.startswith("{") and '"error_severity"' in line:
        return "jsonlog"
    if _CSV.match(line):
        return "csvlog"
    return "stderr" if _STDERR.match(line) else None


def _extend(record: Record, part: str, text: str) -> None:
    known = getattr(record, part) or ""
    if len(known) < MESSAGE:
        setattr(record, part, (known + text)[:MESSAGE])


def _iso(text: str) -> str | None:
    """The moment in a prefix, in UTC where the log says its zone as an offset or as UTC, else as it stands."""
    match = _MOMENT.search(text)
    if match is None:
        return None
    zone = {"UTC": "Z", "GMT": "Z", None: ""}.get(match[3], f"{match[3]}:00")
    return f"{match[1]}T{match[2]}{zone}"


def _process(prefix: str) -> str:
    match = _PROCESS.search(prefix)
    return "" if match is None else match[1] or match[2]

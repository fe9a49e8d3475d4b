"""What a server's log tells of its workload: slow statements, errors, waits, spills, checkpoints, maintenance, logins.

The log is read once, as a stream. Statements are counted by their text without literals; of an error's message only
what the server itself words is kept, because the rest may quote data.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from auditor.model.workload import SlowEntry, SlowLog
from auditor_connectors.postgresql.literals import redact
from auditor_connectors.postgresql.logerrors import error_text
from auditor_connectors.postgresql.logformats import Log, Record
from auditor_connectors.tallies import SHAPES, Key, Tallies, Tally, shaping

_SESSIONS = 10_000  # whose last statement is remembered until its duration comes

_NUMBER = r"(\d+(?:\.\d+)?)"
_DURATION = re.compile(
    rf"duration: {_NUMBER} ms(?:  (statement|parse|bind|execute|plan|fastpath function call)(?: [^:]*)?:\s?(.*))?",
    re.DOTALL,
)
_LOGGED = re.compile(r"(?:statement|execute [^:]*): (.*)", re.DOTALL)
_PLANNED = re.compile(
    r'"Query Text": "((?:[^"\\]|\\.)*)"|Query Text: (.*?)(?=\n[^\n]*  \((?:cost|actual|never)|\Z)', re.DOTALL
)
_WAIT = re.compile(rf"process \d+ (still waiting for|acquired) (\w+) on .* after {_NUMBER} ms", re.DOTALL)
_SPILL = re.compile(r'temporary file: path ".*", size (\d+)')
_CHECKPOINT = re.compile(
    rf"(checkpoint|restartpoint) (starting|complete):([a-z \-]*)(?:.*total={_NUMBER} s)?", re.DOTALL
)
_VACUUM = re.compile(r'automatic ((?:aggressive )?(?:vacuum|analyze)(?: to prevent wraparound)?) of table "([^"]*)"')
_ELAPSED = re.compile(rf"elapsed: {_NUMBER} s")
_ENDED = re.compile(r"disconnection: session time: (\d+):(\d\d):(\d\d\.\d+)")
_KILLED = re.compile(r"server process \(PID \d+\) was terminated by signal \d+")

_shape = shaping(redact)


class _Latest(OrderedDict[str, Any]):
    """The last thing that each session did; the session that was silent longest is forgotten first."""

    def note(self, process: str, thing: Any) -> None:
        self[process] = thing
        self.move_to_end(process)
        if len(self) > _SESSIONS:
            self.popitem(last=False)


def read_slow_log(path: Path) -> SlowLog:
    """Read a log file of the server, in the format stderr, csvlog or jsonlog, plain or compressed with gzip.

    ``skipped`` counts the lines that could not be understood and the occurrences of shapes beyond ``SHAPES``.

    Raises:
        UsageError: the file cannot be read, or is not a log of the server.

    """
    log = Log(path)
    reader = _Reader()
    first = last = None
    for record in log.records():
        first, last = first or record.moment, record.moment or last
        reader.take(record)
    entries, folded = reader.entries()
    return SlowLog(
        format=log.format, lines=log.lines, skipped=log.unread + folded, first=first, last=last, entries=entries
    )


class _Reader:
    """Counts the records of a log by kind and shape."""

    def __init__(self) -> None:
        self._tallies = Tallies()
        self._planned: dict[Key, Tally] = {}
        self._statements = _Latest()
        self._waits = _Latest()
        self._checkpoints = _Latest()
        # By the first word of the message, so that most records are tried by one pattern only.
        self._readers: dict[str, Callable[[Record], None]] = {
            "duration": self._duration,
            "statement": self._logged,
            "execute": self._logged,
            "process": self._wait,
            "temporary": self._spill,
            "checkpoint": self._checkpoint,
            "restartpoint": self._checkpoint,
            "checkpoints": self._frequent,
            "automatic": self._maintenance,
            "connection": self._authorized,
            "replication": self._authorized,
            "disconnection": self._ended,
            "server": self._killed,
        }

    def take(self, record: Record) -> None:
        """Count a record."""
        if record.severity in ("ERROR", "FATAL", "PANIC"):
            self._error(record)
        elif record.severity == "LOG":
            word = re.match(r"\w*", record.message)
            reader = self._readers.get(word.group() if word else "")
            if reader is not None:
                reader(record)

    def entries(self) -> tuple[tuple[SlowEntry, ...], int]:
        """Return what was counted, what takes longest first within a kind, and how many occurrences were folded."""
        for key, tally in self._planned.items():
            # A plan is one more line about a statement whose duration may have been logged by itself.
            self._tallies.put(key, tally)
        return self._tallies.entries()

    # --- one kind of record each -------------------------------------------------------------------------------------

    def _duration(self, record: Record) -> None:
        match = _DURATION.match(record.message)
        if match is None:
            return
        milliseconds, how, text = float(match[1]), match[2], match[3]
        if how is None:
            # The statement was logged on its own before; a duration without one tells nothing.
            text = self._statements.pop(record.process, None)
            if text is not None:
                self._tallies.of("slow", _shape(text)).add(1, milliseconds)
        elif how == "plan":
            self._plan(text, milliseconds)
        else:
            if record.detail is not None and record.detail.startswith("prepare: "):
                text = record.detail.removeprefix("prepare: ")
            # Parsing and binding take time, but only the execution is a run of the statement.
            self._tallies.of("slow", _shape(text)).add(how not in ("parse", "bind"), milliseconds)

    def _plan(self, text: str, milliseconds: float) -> None:
        """Count what auto_explain tells: the text of the statement, never the plan, whose filters quote values."""
        match = _PLANNED.search(text)
        if match is not None and len(self._planned) < SHAPES:
            statement = match[2] if match[1] is None else match[1].replace('\\"', '"').replace("\\n", "\n")
            self._planned.setdefault(("slow", _shape(statement)), Tally()).add(1, milliseconds)

    def _logged(self, record: Record) -> None:
        match = _LOGGED.match(record.message)
        if match is not None:
            detail = record.detail or ""
            prepared = detail.startswith("prepare: ")
            self._statements.note(record.process, detail.removeprefix("prepare: ") if prepared else match[1])

    def _wait(self, record: Record) -> None:
        match = _WAIT.match(record.message)
        if match is None:
            return
        milliseconds = float(match[3])
        tally = self._tallies.of(
            "lock-wait", _shape(record.statement) if record.statement else f"waiting for {match[2]}"
        )
        if match[1] == "acquired":
            before = self._waits.pop(record.process, 0.0)
            tally.add(0 if before else 1, milliseconds - before, milliseconds)
        else:
            self._waits.note(record.process, milliseconds)
            tally.add(1, milliseconds)

    def _spill(self, record: Record) -> None:
        match = _SPILL.match(record.message)
        if match is not None:
            text = _shape(record.statement) if record.statement else "statement not logged"
            self._tallies.of("temp-file", text).add(1, size=int(match[1]))

    def _checkpoint(self, record: Record) -> None:
        match = _CHECKPOINT.match(record.message)
        if match is None:
            return
        if match[2] == "starting":
            self._checkpoints.note(record.process, f"{match[1]}: {match[3].strip()}")
        else:
            text = self._checkpoints.pop(record.process, match[1])
            self._tallies.of("checkpoint", text).add(1, 1000 * float(match[4] or 0))

    def _frequent(self, record: Record) -> None:
        if record.message.startswith("checkpoints are occurring too frequently"):
            self._tallies.of("checkpoint", "checkpoints are occurring too frequently").add()

    def _maintenance(self, record: Record) -> None:
        match = _VACUUM.match(record.message)
        if match is not None:
            elapsed = _ELAPSED.search(record.message)
            seconds = float(elapsed[1]) if elapsed else 0.0
            self._tallies.of("autovacuum", f"{match[1]} of {match[2]}").add(1, 1000 * seconds)

    def _authorized(self, record: Record) -> None:
        if "connection authorized: " in record.message[:40]:
            encrypted = " SSL enabled (protocol=" in record.message
            self._tallies.of("connection", "connected with TLS" if encrypted else "connected").add()

    def _ended(self, record: Record) -> None:
        match = _ENDED.match(record.message)
        if match is not None:
            seconds = 3600 * int(match[1]) + 60 * int(match[2]) + float(match[3])
            self._tallies.of("connection", "disconnected").add(1, 1000 * seconds)

    def _killed(self, record: Record) -> None:
        match = _KILLED.match(record.message)
        if match is not None:
            self._tallies.of("error", re.sub(r" \(PID \d+\)", "", match.group())).add()

    def _error(self, record: Record) -> None:
        if record.message.startswith("deadlock detected"):
            self._tallies.of("deadlock", _shape(record.statement) if record.statement else "statement not logged").add()
        else:
            self._tallies.of("error", error_text(record.message, record.state)).add()

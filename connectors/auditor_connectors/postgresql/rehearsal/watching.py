"""Watches who waits for whom while a plan is carried out, and tells which waits of clients were a step's doing."""

from __future__ import annotations

import threading
import time
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

import psycopg

from auditor_connectors.postgresql.rehearsal.carrying import Carrier, add_lock
from auditor_connectors.postgresql.rehearsal.measured import Passage, Question, Sample, Wait
from auditor_connectors.postgresql.rehearsal.sessions import Sessions

INTERVAL_SECONDS = 0.008
"""Between two looks at the locks."""

_STRONGEST = "AccessExclusiveLock"

NOTEWORTHY_SECONDS = 0.02
"""Shorter answers are nobody's wait: they are within the noise of a busy machine."""

_WAITS = """
SELECT pid, pg_blocking_pids(pid) FROM pg_stat_activity
WHERE wait_event_type = 'Lock' AND datname = current_database()
"""
_HELD = """
SELECT relation::int, mode FROM pg_locks WHERE pid = %s AND locktype = 'relation' AND granted AND relation >= 16384
AND mode IN ('ShareUpdateExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
"""
_NAMES = """
SELECT oid::int, format('%s.%s', relnamespace::regnamespace::text, relname) FROM pg_class
WHERE relkind IN ('r', 'p', 'm') AND oid >= 16384
"""


class Watcher(threading.Thread):
    """Looks at the locks of a database until its context is left."""

    def __init__(self, sessions: Sessions, carrier: Carrier) -> None:
        super().__init__(name="watcher", daemon=True)
        self.samples: list[Sample] = []
        self._carrier = carrier
        self._connection = sessions.open(prepare=True)
        self._names: dict[int, str] = dict(self._connection.execute(_NAMES).fetchall())
        self._stopping = threading.Event()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self.join(timeout=10)
        self._connection.close()

    def run(self) -> None:
        """Take samples."""
        with suppress(psycopg.Error):  # the session is ended with the rehearsal
            while not self._stopping.wait(INTERVAL_SECONDS):
                begun = time.monotonic()
                waits = {pid: tuple(others) for pid, others in self._connection.execute(_WAITS)}
                held: dict[int, str] = {}
                for relation, mode in self._connection.execute(_HELD, (self._carrier.process,)):
                    if relation in self._names and held.get(relation) != _STRONGEST:
                        held[relation] = mode
                self.samples.append(Sample(begun, time.monotonic(), waits, held))

    def note_locks(self, passage: Passage) -> None:
        """Add to a passage the locks that were seen while it went on, on tables that were there when this began."""
        for sample in self._of(passage):
            for relation, mode in sample.held.items():
                add_lock(passage.locks, self._names[relation], mode)

    def _of(self, passage: Passage) -> Iterator[Sample]:
        """The looks within a passage: one that began before it may show the locks of the step before."""
        seen = _between(self.samples, passage.started, passage.ended)
        return (sample for sample in seen if sample.begun >= passage.started)

    def exclusive_seconds(self, passage: Passage) -> float:
        """The longest time for which the passage was seen to hold a lock that keeps even readers out.

        Between two looks it may come and go unseen: where a statement of its own took it, the time since then counts.
        """
        longest, since = passage.held_seconds, None
        for sample in self._of(passage):
            if _STRONGEST not in sample.held.values():
                since = None
                continue
            since = sample.at if since is None else since
            longest = max(longest, sample.at - since)
        return longest

    def waits(self, questions: Iterable[Question], passages: Sequence[Passage]) -> list[Wait]:
        """Attribute the slow answers, the slowest first."""
        slow = [one for one in questions if one.seconds >= NOTEWORTHY_SECONDS]
        return [self._attribute(one, passages) for one in sorted(slow, key=lambda one: -one.seconds)]

    def _attribute(self, question: Question, passages: Sequence[Passage]) -> Wait:
        seen = [
            sample for sample in _between(self.samples, question.started, question.started + question.seconds)
            if question.process in sample.waits
        ]  # fmt: skip
        for sample in seen:
            for passage in passages:
                if passage.started <= sample.at <= passage.ended and _waits_for(
                    sample, question.process, passage.process
                ):
                    statement = next(
                        (one.statement for one in reversed(passage.timed) if one.started <= sample.at <= one.ended),
                        None,
                    )
                    return Wait(question, passage, statement)
        return Wait(question, None, None)


def _between(samples: Sequence[Sample], start: float, end: float) -> Sequence[Sample]:
    first = bisect_left(samples, start, key=lambda one: one.at)
    return samples[first : bisect_right(samples, end, key=lambda one: one.at)]


def _waits_for(sample: Sample, process: int, other: int) -> bool:
    """Whether a process waits for another, be it through third ones."""
    seen: set[int] = set()
    ahead = list(sample.waits.get(process, ()))
    while ahead:
        one = ahead.pop()
        if one == other:
            return True
        if one not in seen:
            seen.add(one)
            ahead += sample.waits.get(one, ())
    return False

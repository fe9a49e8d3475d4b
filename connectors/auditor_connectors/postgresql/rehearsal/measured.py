"""What a rehearsal writes down while it goes on. Moments are seconds of the monotonic clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from auditor.model.calibration import Calibration
from auditor.model.plan import Step
from auditor.model.proof import Run
from auditor_connectors.postgresql.rehearsal.state import Seen

LOCKS = (
    "ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE", "SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE",
    "ACCESS EXCLUSIVE",
)  # fmt: skip
"""The modes of locks on tables, in the order of their strength."""

FIRST_BLOCKING = LOCKS.index("SHARE")
"""From here on, writes wait."""


class Question(NamedTuple):
    """One statement of a client: which, when, for how long, and the SQLSTATE of its error."""

    client: str
    prepared: bool
    process: int
    statement: str
    started: float
    seconds: float
    error: str | None = None


class Sample(NamedTuple):
    """Who waited for whom at a moment, and the locks that the runner held on tables, by their identifiers.

    It was looked from ``begun`` to ``at``: what it shows was so at some time between.
    """

    begun: float
    at: float
    waits: Mapping[int, tuple[int, ...]]
    held: Mapping[int, str]


class Timed(NamedTuple):
    """A statement of a step, from its sending to its answer."""

    started: float
    ended: float
    statement: str


@dataclass
class Passage:
    """What became of a step, or of its way back, in one run.

    ``seconds`` is the try that went through. ``locks`` maps the tables that were there before to the strongest mode
    held, ``heavy`` names those that were rewritten, scanned or indexed, ``rewrote`` those with a new file.
    """

    step: str
    run: str
    started: float
    ended: float = 0.0
    outcome: Literal["done", "skipped", "gave-up", "failed", "killed"] = "done"
    reason: str | None = None
    seconds: float = 0.0
    held_seconds: float = 0.0  # from a statement that locked a table against readers to the end of its transaction
    tries: int = 1
    process: int = 0
    timed: list[Timed] = field(default_factory=list)
    locks: dict[str, str] = field(default_factory=dict)
    heavy: set[str] = field(default_factory=set)
    rewrote: set[str] = field(default_factory=set)
    wal_bytes: int = 0
    disk_bytes: int = 0
    before: Seen = field(default_factory=Seen)
    after: Seen = field(default_factory=Seen)

    @property
    def done(self) -> bool:
        """Whether the step did what it should."""
        return self.outcome == "done"

    def strongest_on(self, tables: Iterable[str]) -> str | None:
        """The strongest lock that was seen on one of these tables, None where none was."""
        return max((self.locks[table] for table in tables), key=LOCKS.index, default=None)


class Wait(NamedTuple):
    """A client's wait: its question, the passage and the statement that it waited for; None where none was seen."""

    question: Question
    passage: Passage | None
    behind: str | None


class Lag(NamedTuple):
    """How far the standby was behind at a moment: seconds since the primary was there, and bytes of the log."""

    at: float
    seconds: float
    bytes: int


class Cancelled(NamedTuple):
    """A query on the standby that replay cancelled, and when."""

    at: float
    statement: str


@dataclass
class Attended:
    """What was seen on the standby in one run."""

    lags: list[Lag] = field(default_factory=list)
    cancelled: list[Cancelled] = field(default_factory=list)

    def within(self, start: float, end: float) -> Attended:
        """What of it falls between two moments."""
        return Attended(
            [one for one in self.lags if start <= one.at < end],
            [one for one in self.cancelled if start <= one.at < end],
        )

    @property
    def longest(self) -> Lag:
        """The longest lag, in seconds; of nothing it is none."""
        return max(self.lags, key=lambda one: one.seconds, default=Lag(0.0, 0.0, 0))

    @property
    def most_bytes(self) -> int:
        """The most bytes of the log that were not replayed yet."""
        return max((one.bytes for one in self.lags), default=0)


class Kill(NamedTuple):
    """A step whose session was ended some seconds after its start, and whether it then came to its end.

    ``lost``: not the session was ended but the process that carried the step out was killed; ``unattended``: its
    session was still there when the step was run again.
    """

    step: str
    after: float
    converged: bool
    reason: str = ""
    lost: bool = False
    unattended: bool = False


class Way(NamedTuple):
    """Steps carried out and taken back: how many, and what then differed from before."""

    steps: int
    schema: tuple[str, ...]
    data: tuple[str, ...]


class Starved(NamedTuple):
    """A step that could get no lock: whether it gave up in time, changed nothing, and went through afterwards.

    ``window`` are the seconds from ``started`` on over which its tries were spread by their real pauses; 0 where these
    were shortened.
    """

    step: str
    passed: bool
    tries: int
    longest_try: float
    reason: str = ""
    started: float = 0.0
    window: float = 0.0


@dataclass
class Record:
    """All that a rehearsal has measured. What a run that did not take place would have measured is None or empty.

    ``left`` says per step why it was not rehearsed. ``exclusive`` is the longest hold of a lock against readers, by
    step. Schemas and data are what differs: definitions, or tables and columns. ``standby`` holds by run what was seen
    on the standby; ``alone`` says why there is none. ``foreseen`` are steps with estimates for the database that they
    are rehearsed on, which rest on ``calibration``; ``unforeseen`` says why there are none.
    """

    steps: list[Step]
    backfills: frozenset[str] = frozenset()
    switches: frozenset[str] = frozenset()
    left: dict[str, str] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)
    passages: dict[str, list[Passage]] = field(default_factory=dict)
    questions: dict[str, list[Question]] = field(default_factory=dict)
    waits: dict[str, list[Wait]] = field(default_factory=dict)
    exclusive: dict[str, float] = field(default_factory=dict)
    schema_back: tuple[str, ...] | None = None
    shape_back: tuple[str, ...] = ()  # the same in the terms of shapes, which name the objects
    repaired: int = 0  # constraints and indexes that were not valid before, and stay so on the way back
    schema_again: tuple[str, ...] | None = None
    data: dict[str, tuple[str, ...]] = field(default_factory=dict)
    kills: list[Kill] = field(default_factory=list)
    killed_schemas: list[tuple[str, ...]] = field(default_factory=list)
    ways: list[Way] = field(default_factory=list)
    starved: list[Starved] = field(default_factory=list)
    guards: tuple[int, tuple[str, ...]] | None = None  # how many say that nothing is to be done; steps that would run
    remains: tuple[str, ...] | None = None
    standby: dict[str, Attended] = field(default_factory=dict)
    alone: str = "no standby stands beside the disposable server"
    foreseen: Mapping[str, Step] = field(default_factory=dict)
    calibration: Calibration | None = None
    unforeseen: str = "how fast the server works was not measured"
    interrupted: bool = False
    broken: str | None = None  # why the runs after the way back could not take place

    def forward(self, step: str) -> Passage | None:
        """The first passage of a step forward."""
        for run in (FORWARD, FINAL):
            for one in self.passages.get(run, ()):
                if one.step == step:
                    return one
        return None

    def on_standby(self, passage: Passage) -> Attended:
        """What was seen on the standby from the begin of a passage to that of the next one."""
        begun = [one.started for one in self.passages.get(passage.run, ()) if one.started > passage.started]
        return self.standby.get(passage.run, Attended()).within(passage.started, min(begun, default=float("inf")))

    def loaded(self) -> Iterator[str]:
        """The runs in which clients worked beside the plan."""
        return (run for run in (FORWARD, BACK, FINAL) if run in self.passages)


BASELINE = "baseline"
FORWARD = "forward under load"
BACK = "back under load"
AGAIN = "forward again"
SWITCHED = "switched again and again"
KILLED = "killed and resumed"
PREFIXES = "back from part of the way"
STARVED = "starved of locks"
FINAL = "behind the point of no return"

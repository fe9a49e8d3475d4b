"""What the core expects of a connector: one object per engine, found through the entry points ``auditor.connectors``.

Importing a connector's package must not import its driver: that happens inside ``collect``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from auditor.exporting.worklist import Dialect, ExportFormat
from auditor.model.facts import Facts
from auditor.model.operation import Operation
from auditor.model.plan import Plan, Step
from auditor.model.proof import Proof
from auditor.model.snapshot import ProbeResult, Snapshot
from auditor.target import Target

Progress = Callable[[ProbeResult, int, int], None]
"""Called after each probe with its result, its number from 1, and the number of probes."""

Recipe = Callable[[Operation, Facts], Iterator["Draft"]]
"""How an engine performs one kind of operation, as drafts of steps in order."""


class Draft(Struct, frozen=True, kw_only=True):
    """A step as a recipe writes it: its place among the phases, and the step without what only the planner knows.

    ``step.id``, ``step.operation``, ``step.depends_on`` and ``step.findings`` are filled in by the planner; each draft
    depends on the one before it. Drafts of one phase that share a word in ``once`` become one step, done once after
    everything that leads to any of them: a restart of the server, for instance.
    """

    phase: str
    step: Step
    once: str | None = None


class CollectOptions(Struct, frozen=True, kw_only=True):
    """How to collect. Timeouts are seconds. ``slow_log`` is a log file of the server to read beside it.

    ``time_budget`` limits all probes together, where an engine must be asked about its objects one by one; ``sample``
    allows to look at a bounded number of rows, where nothing else tells what they hold.
    """

    statement_timeout: float = 30.0
    time_budget: float = 300.0
    sample: bool = True
    lock_timeout: float = 2.0
    connect_timeout: float = 10.0
    slow_log: Path | None = None
    statements: int = 500


class RehearsalOptions(Struct, frozen=True, kw_only=True):
    """How to rehearse a plan.

    ``on`` is the disposable database, None for a server that is started for the purpose. ``schema`` is where the
    schema comes from: a database to copy it from, or a snapshot. Tables get at most ``rows`` rows, which the same
    ``seed`` makes the same. Clients run for ``baseline_seconds`` before anything is changed. ``thorough``: end every
    step at every moment and take the plan back from everywhere, instead of a sample. ``starve_seconds``: how long a
    lock that a step needs is held against it while it tries with its real pauses; 0 shortens both. Finished runs are
    kept in the file ``kept``; ``resume``: go on after those that are.
    """

    on: Target | None = None
    schema: Target | Snapshot | None = None
    rows: int = 100_000
    baseline_seconds: float = 10.0
    seed: int = 1
    thorough: bool = False
    starve_seconds: float = 0.0
    kept: Path | None = None
    resume: bool = False


class ProbeInfo(Struct, frozen=True, kw_only=True):
    """What a probe is, for the documentation: its purpose, the privilege and the version that it needs."""

    probe: str
    purpose: str
    privilege: str
    since: str = ""
    timeout: float | None = None


class Connector(Protocol):
    """An engine family that can be audited.

    ``demonstrates`` says whether ``demo`` has a server to show, ``rehearses`` whether ``rehearse`` can prove a plan.
    """

    engine: str
    title: str
    schemes: Sequence[str]
    example: str
    demonstrates: bool
    rehearses: bool

    def collect(self, target: Target, options: CollectOptions, progress: Progress | None = None) -> Snapshot:
        """Read the target.

        Raises:
            UnreachableError: the server cannot be reached or refuses the login.

        """
        ...

    def databases(self, target: Target, options: CollectOptions) -> Sequence[str]:
        """Name the databases of the server that can be audited one by one, sorted."""
        ...

    def probes(self) -> Iterable[ProbeInfo]:
        """List every probe, in the order in which they run."""
        ...

    def recipes(self) -> Mapping[str, Recipe]:
        """Map kinds of operations to the recipes that perform them on this engine."""
        ...

    def export_formats(self) -> Sequence[ExportFormat]:
        """List the formats of the engine's own programs in which a plan can be written."""
        ...

    def dialect(self) -> Dialect:
        """How statements are guarded in the files of migration tools that serve many engines."""
        ...

    def rehearse(self, plan: Plan, options: RehearsalOptions, tell: Callable[[str], None]) -> Proof:
        """Carry out a plan on a disposable server under load, and tell what was measured.

        An interruption ends it early, with what was measured by then.

        Raises:
            UsageError: the database may not be used, or there is no server and no room for one.
            UnreachableError: a server cannot be reached or refuses the login.

        """
        ...

    def demo(self, tell: Callable[[str], None] | None = None) -> AbstractContextManager[str]:
        """Start a disposable server with a sample database; the value is its URL, and leaving the context ends it.

        ``tell`` is told in one line each what happens next.

        Raises:
            UsageError: what the demonstration needs is not installed.

        """
        ...

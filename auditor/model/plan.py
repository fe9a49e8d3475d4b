"""The plan: phases of steps that a person can copy and run, with what each takes, blocks and undoes."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from auditor.model.operation import AnyOperation
from auditor.model.vocabulary import Blocks, Phase

DeployKind = Literal["tolerate", "name-columns", "move-reads", "move-writes", "stop-using", "reconnect", "other"]
"""What the application does: understand the old and the new form; name columns instead of asking for all; read from
another place; write to another place, to both for as long as a way back is wanted; use something no more; take new
connections, within the step; or what the step's notes say."""


class Deploy(Struct, frozen=True, kw_only=True):
    """A point at which the application has to change. ``objects`` are the tables or columns, as a report writes them.

    What depends on the step waits until the change runs everywhere.
    """

    kind: DeployKind
    objects: tuple[str, ...] = ()


class CutoverLine(Struct, frozen=True, kw_only=True):
    """A line of a cut-over sheet: at which moment (T is when clients are stopped), and what is done or seen to."""

    when: str
    what: str


class Step(Struct, frozen=True, kw_only=True):
    """One step of a plan. Durations are seconds, sizes bytes; None means that nothing measured allows an estimate.

    ``statements`` run in order, in one transaction when ``transactional``. ``lock`` is the engine's name of the
    strongest lock. ``blocking_seconds`` is how long others may wait. ``duration_seconds`` is how long the step runs,
    in half of all cases; in nine of ten it takes no longer than ``duration_p90_seconds``. ``disk_bytes`` is what it
    needs of the disk, ``wal_bytes`` what it writes to the engine's log, ``replica_lag_seconds`` how far replicas fall
    behind, None where there are none. ``basis`` says what the estimates rest on. ``verify`` returns true (or the said
    result) when the step is done. ``audience`` is "database" or "application": who acts. ``server`` is empty for what
    runs on the audited server, precondition, verification and way back included, or a word for another: "target" is the
    one that data moves to. ``deploy`` is set where the
    application has to change, in a step of its own or within this one. ``observe_days`` is how long to watch what was
    done so far before the step is taken. ``point_of_no_return`` marks the first step of an operation after which its
    way back is closed. ``cutover`` is the sheet of a step that stops clients for longer than they would fail to notice.
    """

    id: str
    title: str
    operation: str
    depends_on: tuple[str, ...] = ()
    statements: tuple[str, ...] = ()
    transactional: bool = True
    lock: str | None = None
    blocks: Blocks = Blocks.NOTHING
    blocking_seconds: float | None = None
    duration_seconds: float | None = None
    duration_p90_seconds: float | None = None
    disk_bytes: int | None = None
    wal_bytes: int | None = None
    replica_lag_seconds: float | None = None
    basis: str = ""
    precondition: str | None = None
    verify: str | None = None
    rollback: tuple[str, ...] = ()
    reversible: bool = True
    point_of_no_return: bool = False
    observe_days: int = 0
    audience: str = "database"
    server: str = ""
    deploy: Deploy | None = None
    cutover: tuple[CutoverLine, ...] = ()
    notes: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()


class PlanPhase(Struct, frozen=True, kw_only=True):
    """A phase and its steps in an order that respects their dependencies.

    ``waves`` parts them for those who work side by side: the steps of one wave, by identity, may run at the same time,
    and the next wave begins when all of them are done.
    """

    phase: Phase
    steps: tuple[Step, ...]
    goal: str = ""
    exit_criterion: str = ""
    waves: tuple[tuple[str, ...], ...] = ()


class Conflict(Struct, frozen=True, kw_only=True):
    """Operations that could not all stand, what was decided and why."""

    operations: tuple[str, ...]
    decision: str
    reason: str


class ColumnShape(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A column as it was planned for. ``filled`` says what gives it a value when a writer gives none."""

    name: str
    type: str
    nullable: bool = True
    filled: Literal["default", "identity", "generated"] | None = None


class ReferenceShape(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A foreign key of a table as it was planned for."""

    name: str
    columns: tuple[str, ...]
    referenced_schema: str
    referenced_table: str
    referenced_columns: tuple[str, ...]
    on_delete: str = "no action"


class TableShape(Struct, frozen=True, kw_only=True):
    """What a table looked like when it was planned for, or a view whose rows are to be kept.

    ``digest`` is that of all that defines it, and nothing that is measured. ``objects`` maps "column a", "index b",
    "constraint c" or "reference d" (a foreign key of another table) to a short checksum, which tells what has changed.
    ``columns``, ``key`` (those of the primary key) and ``references`` are what a model in an application says; they are
    empty for partitions, and in reports of older versions.
    """

    schema: str
    table: str
    digest: str
    objects: dict[str, str]
    columns: tuple[ColumnShape, ...] = ()
    key: tuple[str, ...] = ()
    references: tuple[ReferenceShape, ...] = ()


class Plan(Struct, frozen=True, kw_only=True):
    """Operations, the phases that carry them out, and the conflicts that were resolved on the way.

    ``shapes`` are those of the tables that the operations touch. ``hash`` identifies what is done, in which order, and
    to which schema: whatever was rehearsed or approved holds for a plan of the same hash only. Estimates, notes and
    findings are not part of it.
    """

    operations: tuple[AnyOperation, ...] = ()
    phases: tuple[PlanPhase, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    shapes: tuple[TableShape, ...] = ()
    hash: str = ""

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps in their order."""
        return tuple(step for phase in self.phases for step in phase.steps)

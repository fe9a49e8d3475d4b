"""What every export format writes: the plan's steps in order, each with its place, its file's name and its header."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from auditor.exporting.orm.engine import Orm
from auditor.model.plan import Plan, PlanPhase, Step
from auditor.model.report import Audit
from auditor.text import duration, visible

_LONGEST_NAME = 60
"""Letters of a title in a file's name: with number and phase it stays far below what any file system takes."""


class Entry(Struct, frozen=True, kw_only=True):
    """A step at its place. ``name`` is its file's name without suffix: number, identifier and title, plain letters."""

    number: int
    of: int
    name: str
    phase: PlanPhase
    step: Step
    mends: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The title on one line, with nothing in it that hides."""
        return one_line(self.step.title)

    @property
    def by_hand(self) -> bool:
        """Whether people or other programs do it: there is nothing to run in the database."""
        return not self.step.statements

    @property
    def is_final(self) -> bool:
        """Whether nothing takes it back."""
        return bool(self.step.statements) and not self.step.rollback and not self.step.reversible


class Worklist(Struct, frozen=True, kw_only=True):
    """The plan of one target as a list of steps to carry out."""

    target: str
    plan: Plan
    entries: tuple[Entry, ...]


class ExportedFile(Struct, frozen=True, kw_only=True):
    """The content of a file; ``executable`` ones are programs."""

    text: str
    executable: bool = False


Files = Mapping[str, ExportedFile]
"""Files by their path below the folder, with ``/`` between its parts."""


class Dialect(Struct, frozen=True, kw_only=True):
    """How an engine's statements are guarded where no program looks at their answers.

    ``demand`` writes one statement that fails with a message unless a query returns true. ``tick`` writes a statement
    by which a session says that people have done the step of an identifier, ``is_ticked`` the query that is true then.
    ``unset`` are statements that put the settings of a session back which steps may have changed. ``redoes`` tells the
    steps whose purpose is to be done again (sampling, rebuilding): that their verification is true says nothing.
    ``options`` are what a program must be told on this engine, by the name of its format.
    ``served_by_tools``: the migration tools that serve many engines serve this one.
    ``orm`` is what object-relational mappers have to know of the engine, None where they do not speak to it.
    """

    demand: Callable[[str, str], str]
    tick: Callable[[str], str]
    is_ticked: Callable[[str], str]
    unset: tuple[str, ...]
    redoes: Callable[[Step], bool]
    options: Mapping[str, str] = {}  # a struct copies its default
    served_by_tools: bool = True
    orm: Orm | None = None


class ExportFormat(Struct, frozen=True, kw_only=True):
    """A format: its name on the command line, what it is for, and what writes it.

    ``many_servers``: what runs the files can reach other servers than the audited one.
    """

    name: str
    purpose: str
    write: Callable[[Worklist, Dialect], Files]
    many_servers: bool = False


def worklist_of(audit: Audit) -> Worklist:
    """Number the steps of a report's plan and give each a name for its file."""
    titles = {finding.fingerprint: finding.title for finding in audit.findings}
    placed = [(phase, step) for phase in audit.plan.phases for step in phase.steps]
    width = max(3, len(str(len(placed))))
    target = audit.target
    return Worklist(
        target=one_line(f"{target.name} ({target.flavour or target.engine} {target.version})"),
        plan=audit.plan,
        entries=tuple(
            Entry(
                number=number,
                of=len(placed),
                name=f"{number:0{width}d}-{slug(f'{step.id} {step.title}')}",
                phase=phase,
                step=step,
                mends=tuple(dict.fromkeys(titles[one] for one in step.findings if one in titles)),
            )
            for number, (phase, step) in enumerate(placed, start=1)
        ),
    )


_ELSEWHERE = (
    "It runs on the {server}, to which the program that runs these files has no connection. Take its statements from "
    "the report, or from the export as sql."
)


def on_one_server(worklist: Worklist) -> Worklist:
    """Leave to people what runs on another server, for programs that have one connection."""
    return replace(worklist, entries=tuple(_here(entry) for entry in worklist.entries))


def _here(entry: Entry) -> Entry:
    step = entry.step
    if not step.server:
        return entry
    note = _ELSEWHERE.format(server=step.server)
    here = replace(step, statements=(), precondition=None, verify=None, rollback=(), notes=(*step.notes, note))
    return replace(entry, step=here)


def slug(text: str) -> str:
    """Write a text as plain small letters, digits and dashes, for a file's name."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:_LONGEST_NAME].strip("-")


def one_line(text: str) -> str:
    """Write a text on one line, with nothing in it that hides or ends the line."""
    return visible(" ".join(text.split()))


def header(entry: Entry, way_back: str) -> Sequence[str]:
    """Say in lines what a reader wants to know before running a step; ``way_back`` names what undoes it."""
    step = entry.step
    waits = "nothing" if step.blocks.value == "nothing" else step.blocks.value.replace("-", " ")
    if step.blocking_seconds:
        waits += f", for up to {duration(step.blocking_seconds)}"
    facts = [
        ("Step", f"{entry.number} of {entry.of}, {step.id}"),
        ("Title", entry.title),
        ("Phase", entry.phase.phase.value),
        ("Operation", step.operation),
        ("Findings", "; ".join(entry.mends)),
        ("Done by", "people" if entry.by_hand else "the statements below"),
        ("Server", step.server),
        ("Lock", step.lock or ""),
        ("Blocks", waits),
        ("Run time", "not estimated" if step.duration_seconds is None else duration(step.duration_seconds)),
        ("Basis", step.basis),
        ("Transaction", "" if entry.by_hand else "one" if step.transactional else "none"),
        ("Precondition", step.precondition or ""),
        ("Verification", step.verify or ""),
        ("Way back", "none: a point of no return" if step.point_of_no_return else way_back),
        *(("Note", note) for note in step.notes),
    ]
    return [f"{name}: {one_line(value)}" for name, value in facts if value]

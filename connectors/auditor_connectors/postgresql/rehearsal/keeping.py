"""What a rehearsal keeps of its finished runs, so that it can go on after an interruption instead of starting over.

The ground is made anew: the same snapshot and seed give the same schema and rows. So what is kept belongs to a plan,
a schema, a seed, a number of rows and a version of the server, and to nothing else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
from msgspec import Struct

from auditor.connector import RehearsalOptions
from auditor.errors import UsageError
from auditor.model.plan import Plan
from auditor.storage import pack, read_file, write_file
from auditor_connectors.postgresql.rehearsal import measured
from auditor_connectors.postgresql.rehearsal.measured import Passage, Record
from auditor_connectors.postgresql.rehearsal.state import Relation, Rows, Seen, Shape

_WITH_SHAPES = (measured.FORWARD, measured.BACK, measured.AGAIN)
"""The runs whose definitions before and after each step are looked at later."""

_WORDS = {
    "plan": "plan",
    "seed": "--seed",
    "rows": "--rows",
    "thorough": "--thorough",
    "starve": "--starve-seconds",
    "server": "server version",
    "schema": "schema",
}
_OVER = "start over without --resume"

Change = tuple[tuple[str, ...], tuple[str, ...]]
"""The lines that went from one shape to the next, and those that came."""


class Kept(Struct, frozen=True, kw_only=True):
    """The finished runs of a rehearsal, and what the later ones compare with.

    ``about`` says what it is of. ``shapes`` holds, for the passages of a run, the definitions before and after each
    as changes of the ones before; the record itself is without them.
    """

    about: Mapping[str, str]
    finished: tuple[str, ...]
    record: Record
    shapes: Mapping[str, tuple[Change, ...]]
    restless: frozenset[str]
    first_schema: tuple[str, ...]
    first_shape: frozenset[str]
    done_schema: tuple[str, ...]
    done_rows: tuple[tuple[Relation, Rows], ...]


class Keeper:
    """The file in which the finished runs are kept; without one nothing is, and nothing is found."""

    def __init__(self, path: Path | None, plan: Plan, options: RehearsalOptions) -> None:
        self._path = path
        self.about = {
            "plan": plan.hash,
            "seed": str(options.seed),
            "rows": str(options.rows),
            "thorough": "yes" if options.thorough else "no",
            "starve": f"{options.starve_seconds:g}",
        }

    def find(self) -> Kept:
        """Read what an interrupted rehearsal has kept.

        Raises:
            UsageError: there is none, it cannot be read, or it is of another plan or made with other options.

        """
        if self._path is None or not self._path.is_file():
            raise UsageError(f"no interrupted rehearsal is kept in {self._path}", _OVER)
        try:
            kept = msgspec.json.decode(read_file(self._path), type=Kept)
        except msgspec.DecodeError:
            raise UsageError(f"{self._path} holds no rehearsal that this version can go on with", _OVER) from None
        self.check(kept)
        return kept

    def check(self, kept: Kept) -> None:
        """Compare what is known by now of this rehearsal with the kept one.

        Raises:
            UsageError: they differ; the message names the first difference.

        """
        for name, here in self.about.items():
            there = kept.about.get(name, "")
            if there != here:
                raise UsageError(
                    f"the interrupted rehearsal had another {_WORDS[name]}: {there[:12]}, and here it is {here[:12]}",
                    _OVER,
                )

    def write(self, kept: Kept) -> None:
        """Keep what has been finished.

        Raises:
            UsageError: the file cannot be written.

        """
        if self._path is not None:
            write_file(self._path, pack(self._path.name, msgspec.json.encode(kept)))


def fingerprint(schema: Iterable[str]) -> str:
    """Tell a schema, as pg_dump writes it, from others."""
    return hashlib.sha256("\0".join(schema).encode()).hexdigest()


def without_shapes(record: Record) -> tuple[Record, dict[str, tuple[Change, ...]]]:
    """Part a record from the definitions in its passages, which repeat each other a thousand times."""
    passages = {run: [_bare(one) for one in found] for run, found in record.passages.items()}
    waits = {
        run: [one._replace(passage=None if one.passage is None else _bare(one.passage)) for one in found]
        for run, found in record.waits.items()
    }
    shapes = {run: tuple(_changes(found)) for run, found in record.passages.items() if run in _WITH_SHAPES}
    return replace(record, passages=passages, waits=waits), shapes


def _bare(passage: Passage) -> Passage:
    return replace(passage, before=Seen(), after=Seen())


def give_shapes(record: Record, shapes: Mapping[str, Sequence[Change]]) -> None:
    """Put the definitions back into the passages of a record."""
    for run, changes in shapes.items():
        shape: Shape = frozenset()
        found: list[Seen] = []
        for gone, come in changes:
            shape = (shape - set(gone)) | set(come)
            base = found[0].base if found else shape
            found.append(Seen(base, base - shape, shape - base))
        for number, passage in enumerate(record.passages[run]):
            passage.before, passage.after = found[2 * number : 2 * number + 2]


def _changes(passages: Iterable[Passage]) -> Iterable[Change]:
    last: Shape = frozenset()
    for passage in passages:
        for shape in (passage.before.lines, passage.after.lines):
            yield tuple(sorted(last - shape)), tuple(sorted(shape - last))
            last = shape

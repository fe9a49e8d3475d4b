"""Liquibase: one changelog of formatted SQL, with a way back for every change set.

The program would split statements by a grammar of its own, which does not know every engine's blocks of code. So it is
told not to: what must run alone is a change set alone.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

from auditor.exporting.parts import Part, backward, forward
from auditor.exporting.readme import readme
from auditor.exporting.worklist import Dialect, Entry, ExportedFile, ExportFormat, Files, Worklist, header
from auditor.rendering.words import script

CHANGELOG = "changelog.sql"

_WORDS = "liquibase|changeset|rollback|precondition|comment|ignore|property|validCheckSum"
_DIRECTIVE = re.compile(rf"^(\s*)--(?=\s*({_WORDS}))", re.IGNORECASE | re.MULTILINE)


def write(worklist: Worklist, dialect: Dialect) -> Files:
    """Write the changelog."""
    lines = ["--liquibase formatted sql"]
    for entry in worklist.entries:
        lines += ["", *(f"-- {line}" for line in header(entry, "the rollback of its change sets"))]
        for number, (part, back) in enumerate(_change_sets(entry, dialect), start=1):
            lines += ["", *_change_set(entry, number, part, back)]
    names = {entry.number: f"{CHANGELOG}, {entry.name.partition('-')[0]}" for entry in worklist.entries}
    return {
        "README.md": readme(worklist, _USAGE, lambda entry: names[entry.number]),
        CHANGELOG: ExportedFile(text="\n".join(lines) + "\n"),
    }


def _change_sets(entry: Entry, dialect: Dialect) -> Iterator[tuple[Part | None, Part | None]]:
    """Pair what runs with what takes it back. Change sets are taken back from the last to the first."""
    parts, back = list(_do(entry, dialect)), list(_undo(entry, dialect))
    alone = len(parts) == 1 and all(part.transactional or part.setting for part in back)
    if alone and parts[0].transactional:
        yield parts[0], Part(statements=tuple(one for part in back for one in part.statements), transactional=True)
        return
    # The ways back stand beside the last change sets, the first to be taken back at the end.
    padded = [*[None] * (len(parts) - len(back)), *reversed(back)]
    yield from itertools.zip_longest(parts, padded)


def _do(entry: Entry, dialect: Dialect) -> Sequence[Part]:
    step = entry.step
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    if entry.by_hand:
        message = f"people act first ({step.id}): {entry.title}; when it is done: liquibase mark-next-changeset-ran"
        return (Part(statements=(dialect.demand("SELECT false", message),), transactional=True),)
    if step.precondition is not None:
        before = (dialect.demand(step.precondition, f"the precondition of {step.id} does not hold: {entry.title}"),)
    if step.verify is not None:
        after = (dialect.demand(step.verify, f"the verification of {step.id} does not hold: {entry.title}"),)
    parts = forward(entry)
    if len(parts) == 1 and parts[0].transactional:
        return (Part(statements=(*before, *parts[0].statements, *after), transactional=True),)
    unset = dialect.unset if any(part.setting for part in parts) else ()
    return (*_each(before), *parts, *_each(after), *_unset(unset))


def _undo(entry: Entry, dialect: Dialect) -> Sequence[Part]:
    step = entry.step
    if entry.is_final:
        return _each((dialect.demand("SELECT false", f"nothing takes {step.id} back: {entry.title}"),))
    parts = backward(entry)
    return (*parts, *_unset(dialect.unset)) if parts else ()


def _unset(statements: Sequence[str]) -> Sequence[Part]:
    return (Part(statements=tuple(statements)),) if statements else ()


def _each(statements: Sequence[str]) -> Sequence[Part]:
    return tuple(Part(statements=(one,)) for one in statements)


def _change_set(entry: Entry, number: int, part: Part | None, back: Part | None) -> Iterator[str]:
    step = entry.step
    together = part is not None and part.transactional
    yield (
        f"--changeset auditor:{entry.name.partition('-')[0]}-{step.id}-{number} splitStatements:false "
        f"stripComments:false runInTransaction:{'true' if together else 'false'}"
    )
    yield _without_directives("SELECT 1;" if part is None else part.text)
    if back is None or not back.statements:
        yield "--rollback empty"
        return
    wrapped = back.transactional and not together and len(back.statements) > 1
    text = script(("BEGIN", *back.statements, "COMMIT") if wrapped else back.statements)
    yield from (f"--rollback {line}" for line in _without_directives(text).split("\n"))


def _without_directives(text: str) -> str:
    """Keep a comment inside a statement from being read as an instruction to the program."""
    return _DIRECTIVE.sub(r"\1-- -", text)


_USAGE = """
`liquibase update --changelog-file=changelog.sql` runs what has not run, and stops where a precondition or a
verification does not hold; `liquibase rollback-count` takes back, one change set at a time.

A lock timeout changes nothing: wait a minute, and update again. What fails outside of a transaction may leave something
behind: the notes of the step say what.

Where people act, the update stops and says so. When that is done: `liquibase mark-next-changeset-ran`, then update
again.
"""

FORMAT = ExportFormat(name="liquibase", purpose="a changelog of formatted SQL for Liquibase", write=write)

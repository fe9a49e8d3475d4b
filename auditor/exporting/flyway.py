"""Flyway: a versioned script per step, an undo script beside it, and a configuration where no transaction may be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from auditor.exporting.parts import Part, backward, forward
from auditor.exporting.readme import readme
from auditor.exporting.worklist import Dialect, Entry, ExportedFile, ExportFormat, Files, Worklist, header
from auditor.rendering.words import script

_OUTSIDE = ExportedFile(text="executeInTransaction=false\n")


def write(worklist: Worklist, dialect: Dialect) -> Files:
    """Write the scripts. Flyway's own history says which have run; each checks its precondition and its outcome."""
    files: dict[str, ExportedFile] = {}
    for entry in worklist.entries:
        way_back = f"{_name('U', entry)}, with an edition of Flyway that undoes"
        for name, comments, parts in (
            (_name("V", entry), header(entry, way_back), _do(entry, dialect)),
            (_name("U", entry), [f"Takes back step {entry.number}: {entry.title}"], _undo(entry, dialect)),
        ):
            outside = any(not part.transactional and not part.setting for part in parts)
            files[name] = ExportedFile(text=_text(comments, parts, outside=outside))
            if outside:
                files[f"{name}.conf"] = _OUTSIDE
    option = dialect.options.get(FORMAT.name)
    usage = (
        _USAGE
        + (_OPTION.format(option) if option else "")
        + (_REPLACED if any("${" in file.text for file in files.values()) else "")
    )
    return {"README.md": readme(worklist, usage, lambda entry: _name("V", entry)), **files}


def _name(prefix: str, entry: Entry) -> str:
    number, _, rest = entry.name.partition("-")
    return f"{prefix}{number}__{rest.replace('-', '_')}.sql"


def _do(entry: Entry, dialect: Dialect) -> Sequence[Part]:
    step = entry.step
    before, after = [], []
    if entry.by_hand:
        how = f"when it is done, run Flyway with -initSql={dialect.tick(step.id)!r}"
        message = f"people act first ({step.id}): {entry.title}; {how}"
        before.append(dialect.demand(dialect.is_ticked(step.id), message))
    if step.precondition is not None:
        message = f"the precondition of {step.id} does not hold: {entry.title}"
        before.append(dialect.demand(step.precondition, message))
    if step.verify is not None:
        after.append(dialect.demand(step.verify, f"the verification of {step.id} does not hold: {entry.title}"))
    parts = forward(entry)
    unset = dialect.unset if any(part.setting for part in parts) else ()
    return (*_together(before), *parts, *_together(after), *(Part(statements=(one,)) for one in unset))


def _undo(entry: Entry, dialect: Dialect) -> Sequence[Part]:
    step = entry.step
    if entry.is_final:
        return _together([dialect.demand("SELECT false", f"nothing takes {step.id} back: {entry.title}")])
    if entry.by_hand:
        return _together([dialect.demand(
            dialect.is_ticked(step.id), f"people take back what they did first ({step.id}): {entry.title}; when it is "
            f"done, run Flyway with -initSql={dialect.tick(step.id)!r}",
        )])  # fmt: skip
    parts = backward(entry)
    return (*parts, *(Part(statements=(one,)) for one in dialect.unset)) if parts else ()


def _together(statements: Iterable[str]) -> Sequence[Part]:
    return tuple(Part(statements=(one,), transactional=True) for one in statements)


def _text(comments: Sequence[str], parts: Sequence[Part], *, outside: bool) -> str:
    lines = [f"-- {line}" for line in comments]
    for part in parts:
        wrapped = outside and part.transactional and len(part.statements) > 1
        lines += ["", script(("BEGIN", *part.statements, "COMMIT") if wrapped else part.statements)]
    if not parts:
        lines += ["", "-- There is nothing to take back.", "SELECT 1;"]
    return "\n".join(lines) + "\n"


_USAGE = """
Put the files where `flyway.locations` points, and number them on after your own if there are any. `flyway migrate` runs
what has not run, and stops where a precondition or a verification does not hold.

A lock timeout changes nothing: wait a minute, and migrate again. A script outside of a transaction that failed needs
`flyway repair` first; its notes say what it may have left behind.

Where people act, it stops, and says by which `-initSql` it goes on when that is done.
"""
_OPTION = "\nRun it with `{}`: otherwise it holds a transaction of its own, for which some scripts wait without end.\n"
_REPLACED = "\nRun it with `-placeholderReplacement=false`: a statement holds what Flyway would replace.\n"

FORMAT = ExportFormat(name="flyway", purpose="versioned and undo scripts for Flyway", write=write)

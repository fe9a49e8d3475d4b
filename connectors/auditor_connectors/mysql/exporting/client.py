"""Plain SQL for the programs mysql and mariadb: a file per step, and a shell program that runs them in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from auditor.exporting.program import Runner, program
from auditor.exporting.readme import readme
from auditor.exporting.worklist import Dialect, Entry, ExportedFile, ExportFormat, Files, Worklist, header
from auditor_connectors.mysql.recipes.estimates import MAX_TRIES, PAUSE_SECONDS

_HEAD = "SET NAMES utf8mb4;"
_RUNNER = Runner(
    program="the program mysql or mariadb",
    place="server",
    about="How to connect, the program reads from an option file: that named by DEFAULTS, or your own.",
    settings=("CLIENT=${CLIENT:-mysql}", "DEFAULTS=${DEFAULTS:-}"),
    client='"$CLIENT" ${DEFAULTS:+"--defaults-file=$DEFAULTS"} --batch --skip-column-names'
    ' --default-character-set=utf8mb4 <"${1:-/dev/stdin}"',
    identify="printf '%s\\n' \"SELECT concat_ws(' ', @@hostname, @@port, @@datadir);\" | client",
    suffix="sql",
    mark="--",
    true="1",
    busy=("^ERROR 1205 ", "^ERROR 1213 "),
    tries=MAX_TRIES,
    pause_seconds=PAUSE_SECONDS,
)
_END_OF_ROUTINE = "//"
_ROUTINES = ("CREATE PROCEDURE ", "CREATE TRIGGER ")


def write(worklist: Worklist, dialect: Dialect) -> Files:
    """Write the files of the steps, of what tells that they are done, of the ways back, the program and its page."""
    files = {
        "README.md": readme(worklist, _USAGE, lambda entry: f"steps/{entry.name}.sql"),
        "run.sh": program(_RUNNER),
    }
    for entry in worklist.entries:
        files[f"steps/{entry.name}.sql"] = ExportedFile(text=_step(entry, dialect))
        files[f"rollback/{entry.name}.sql"] = ExportedFile(text=_way_back(entry, dialect))
        if entry.by_hand and entry.step.precondition is not None:
            files[f"before/{entry.name}.sql"] = ExportedFile(text=_joined(_HEAD, _precondition(entry, dialect)))
        if entry.step.verify is not None and not dialect.redoes(entry.step):
            files[f"done/{entry.name}.sql"] = ExportedFile(text=_joined(_HEAD, _ended(entry.step.verify)))
    return files


def _step(entry: Entry, dialect: Dialect) -> str:
    step = entry.step
    lines = [*_comments(header(entry, f"rollback/{entry.name}.sql")), "", _HEAD]
    if step.precondition is not None and not entry.by_hand:
        lines.append(_precondition(entry, dialect))
    lines += _ended_all(step.statements)
    if step.verify is not None:
        message = f"the verification of {step.id} does not hold: {entry.title}"
        lines.append(_ended(dialect.demand(step.verify, message)))
    return _joined(*lines)


def _precondition(entry: Entry, dialect: Dialect) -> str:
    message = f"the precondition of {entry.step.id} does not hold: {entry.title}"
    return _ended(dialect.demand(entry.step.precondition or "SELECT TRUE", message))


def _way_back(entry: Entry, dialect: Dialect) -> str:
    lines = [f"-- Takes back step {entry.number}: {entry.title}", "", _HEAD]
    if entry.is_final:
        return _joined(*lines, _ended(dialect.demand("SELECT FALSE", f"nothing takes this back: {entry.title}")))
    if entry.by_hand:
        message = f"people take it back, then ./run.sh untick {entry.number}: {entry.title}"
        return _joined(*lines, _ended(dialect.demand("SELECT FALSE", message)))
    return _joined(*lines, *(_ended_all(entry.step.rollback) or ["-- There is nothing to take back."]))


def _ended_all(statements: Iterable[str]) -> list[str]:
    return [_ended(statement) for statement in statements]


def _ended(statement: str) -> str:
    """Write a statement with its end. Both programs take a backslash before a backtick for more of the name."""
    if statement.startswith(_ROUTINES):
        end = _END_OF_ROUTINE
        while end in statement:
            end += "/"
        return f"DELIMITER {end}\n{statement}{end}\nDELIMITER ;"
    if "\\" not in statement:
        return f"{statement};"
    spelled = f"SET @auditor_statement = CONVERT(X'{statement.encode().hex()}' USING utf8mb4)"
    return "\n".join(f"{one};" for one in (spelled, *_PREPARED))


_PREPARED = (
    "PREPARE auditor_statement FROM @auditor_statement",
    "EXECUTE auditor_statement",
    "DEALLOCATE PREPARE auditor_statement",
)


def _comments(lines: Sequence[str]) -> Iterator[str]:
    return (f"-- {line}" for line in lines)


def _joined(*lines: str) -> str:
    return "\n".join(lines) + "\n"


_USAGE = """
Say where the database is by an option file (`DEFAULTS=my.cnf`, with user, password and host below `[client]`; your own
`~/.my.cnf` is read without it), directly and not through a proxy. `CLIENT` names the program: `mysql`, or `mariadb`.
Then `./run.sh` runs what has not run, one step after the other, and stops where a precondition or a verification does
not hold. What it did stands in `journal`, a file beside it: keep it.

On a lock wait timeout nothing has changed: it waits and tries again. `TRIES`, `PAUSE` (seconds) and `JOURNAL` in the
environment change how.

Where people act, it stops. When that is done: `./run.sh tick STEP`, then run it again. `./run.sh status` lists the
steps; `./run.sh rollback STEP` takes back everything from the last step to that one, `./run.sh rollback all`
everything. Each file can also be run alone: `mysql < steps/….sql`; those below `done` tell by 1 that a step is done.
"""

FORMAT = ExportFormat(
    name="sql", purpose="files for the programs mysql and mariadb, and one that runs them in order", write=write
)

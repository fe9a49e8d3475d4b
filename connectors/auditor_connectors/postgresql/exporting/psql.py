"""Plain SQL for psql: a file per step, one that takes it back, and a program for the shell that runs them in order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from importlib.resources import files as resources

from auditor.exporting.parts import Part, backward, forward
from auditor.exporting.readme import readme
from auditor.exporting.worklist import Dialect, Entry, ExportedFile, ExportFormat, Files, Worklist, header
from auditor.rendering.words import script
from auditor_connectors.postgresql.exporting.guards import ask
from auditor_connectors.postgresql.recipes.estimates import LOCK_TIMEOUT_SECONDS, MAX_TRIES, pause_between_tries

_HEAD = r"""\set ON_ERROR_STOP on
\set VERBOSITY verbose
\encoding UTF8
"""
_DEFAULT = r"""\if :{?NAME}
\else
\set NAME VALUE
\endif
"""
_IS_TRUE = r"""SELECT current_setting('auditor.answer') AS answer \gset auditor_
\if :auditor_answer
"""
# Longer than deadlock_timeout, so that the server cancels an autovacuum that is in the way.
_LAST_TRY = r"""\if :last_try
SELECT set_config('lock_timeout', greatest(l.setting::bigint, d.setting::bigint + 500)::text, LOCAL) AS last_try
FROM pg_settings l, pg_settings d WHERE l.name = 'lock_timeout' AND d.name = 'deadlock_timeout' \gset auditor_
\endif"""
# The address stands in the environment alone: an argument of psql would show it to everybody who lists processes.
# Without it, the connection would go back to the audited server.
_ELSEWHERE = r"""\set server `printf %s "$VARIABLE"`
SELECT :'server' <> '' AS answer \gset auditor_
\if :auditor_answer
\connect :server
\else
DO $$BEGIN RAISE EXCEPTION 'this runs on the SERVER: put its address into VARIABLE'; END$$;
\endif
"""
# Not the shorter ones of locks that are taken while others are held.
_SHORT = re.compile(rf"SET (?P<local>LOCAL )?lock_timeout = '{LOCK_TIMEOUT_SECONDS * 1000:.0f}ms'")


def write(worklist: Worklist, dialect: Dialect) -> Files:
    """Write the files of the steps, of the ways back, the program and the page that says how to use them."""
    files = {
        "README.md": readme(worklist, _USAGE, lambda entry: f"steps/{entry.name}.sql"),
        "run.sh": ExportedFile(text=_program(), executable=True),
    }
    for entry in worklist.entries:
        files[f"steps/{entry.name}.sql"] = ExportedFile(text=_step(entry, dialect))
        files[f"rollback/{entry.name}.sql"] = ExportedFile(text=_way_back(entry, dialect))
    return files


def _program() -> str:
    text = resources(__package__).joinpath("run.sh").read_text(encoding="utf-8")
    return text.replace("@TRIES@", str(MAX_TRIES)).replace("@PAUSE@", f"{pause_between_tries():.0f}")


def _step(entry: Entry, dialect: Dialect) -> str:
    step = entry.step
    lines = [*_comments(header(entry, f"rollback/{entry.name}.sql")), "", _HEAD, *_connection(entry)]
    if entry.by_hand:
        message = f"people act first: {entry.title}; when it is done: ./run.sh tick {entry.name}"
        lines += [_default("ticked", "off"), r"\if :ticked", r"\else", _end(dialect.demand("SELECT false", message)),
                  r"\endif", *_check(entry, dialect)]  # fmt: skip
        return _joined(lines)
    parts = forward(entry)
    work = [*_guard(entry, dialect, parts), *_run(parts)]
    if step.verify is not None and not dialect.redoes(step):
        work = [_end(ask(step.verify)), _IS_TRUE, r"\echo auditor: done already", r"\else", *work, r"\endif"]
    return _joined([*lines, *_variables(parts), *work, *_check(entry, dialect)])


def _connection(entry: Entry) -> Iterator[str]:
    """Connect to the server that the step runs on, if it is not the one that psql was started for."""
    server = entry.step.server
    if server:
        yield _ELSEWHERE.replace("SERVER", server).replace("VARIABLE", f"{server.upper()}_URL")


def _guard(entry: Entry, dialect: Dialect, parts: Sequence[Part]) -> Iterator[str]:
    """Check the precondition, unless a part of the step has run already."""
    step = entry.step
    if step.precondition is None:
        return
    demand = _end(dialect.demand(step.precondition, f"the precondition of {step.id} does not hold: {entry.title}"))
    if _are_several(parts):
        yield from (r"SELECT :skip = 0 AS answer \gset auditor_", r"\if :auditor_answer", demand, r"\endif")
    else:
        yield demand


def _are_several(parts: Sequence[Part]) -> bool:
    return sum(not part.setting for part in parts) > 1


def _variables(parts: Sequence[Part]) -> Iterator[str]:
    """Give the variables that the parts read their values for a file that is run alone."""
    if any(_SHORT.match(statement) for part in parts for statement in part.statements):
        yield _default("last_try", "off")
    if _are_several(parts):
        yield _default("skip", "0")


def _check(entry: Entry, dialect: Dialect) -> Iterator[str]:
    """Demand the verification; settings are looked at when the session has had time to read them again."""
    step = entry.step
    if step.verify is not None:
        if any("pg_reload_conf" in statement for statement in step.statements):
            yield "SELECT pg_sleep(1);"
        yield _end(dialect.demand(step.verify, f"the verification of {step.id} does not hold: {entry.title}"))


def _way_back(entry: Entry, dialect: Dialect) -> str:
    lines = [f"-- Takes back step {entry.number}: {entry.title}", f"-- Transaction: {_transaction(entry)}", "", _HEAD]
    lines += _connection(entry)
    if entry.is_final:
        return _joined([*lines, _end(dialect.demand("SELECT false", f"nothing takes this back: {entry.title}"))])
    if entry.by_hand:
        message = f"people take it back: {entry.title}; when it is done: ./run.sh untick {entry.name}"
        return _joined([*lines, _end(dialect.demand("SELECT false", message))])
    parts = backward(entry)
    if not parts:
        return _joined([*lines, "-- There is nothing to take back."])
    return _joined([*lines, *_variables(parts), *_run(parts)])


def _transaction(entry: Entry) -> str:
    return "one" if entry.step.transactional else "none"


def _run(parts: Sequence[Part]) -> Iterator[str]:
    """Run parts in order. When there are several, each says that it is done, and is left out when it was before."""
    several = _are_several(parts)
    number = 0
    for part in parts:
        lines = [*(["BEGIN;"] if part.transactional else []), *_statements(part),
                 *(["COMMIT;"] if part.transactional else [])]  # fmt: skip
        if part.setting or not several:
            yield from lines
            continue
        yield rf"SELECT :skip <= {number} AS answer \gset auditor_"
        number += 1
        yield from (r"\if :auditor_answer", *lines, rf"\echo auditor: part {number} done", r"\endif")


def _statements(part: Part) -> Iterator[str]:
    for statement in part.statements:
        yield _end(statement)
        if short := _SHORT.match(statement):
            yield _LAST_TRY.replace("LOCAL", "true" if short["local"] else "false")


def _end(statement: str) -> str:
    return script((statement,))


def _default(name: str, value: str) -> str:
    return _DEFAULT.replace("NAME", name).replace("VALUE", value)


def _comments(lines: Sequence[str]) -> Iterator[str]:
    return (f"-- {line}" for line in lines)


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(line.rstrip("\n") if line.endswith("\n") else line for line in lines) + "\n"


_USAGE = """
Say where the database is by the environment that psql reads (`PGHOST`, `PGDATABASE`, `PGUSER`, `PGSERVICE`, a password
file), directly and not through a pooler. Then `./run.sh` runs what has not run, one step after the other, and stops
where a precondition or a verification does not hold. What it did stands in `journal`, a file beside it: keep it.

On a lock timeout nothing has changed: it waits and tries again, the last time long enough for an autovacuum to give
way. `TRIES`, `PAUSE` (seconds) and `JOURNAL` in the environment change how. A step that runs on another server says so,
and takes that server's address from `TARGET_URL` (a URL or `service=…`).

Where people act, it stops. When that is done: `./run.sh tick STEP`, then run it again. `./run.sh status` lists the
steps; `./run.sh rollback STEP` takes back everything from the last step to that one, `./run.sh rollback all`
everything. Each file can also be run alone: `psql -X -f steps/….sql`.
"""

FORMAT = ExportFormat(
    name="sql", purpose="files for psql, and a program that runs them in order", write=write, many_servers=True
)

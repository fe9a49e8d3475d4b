"""Alembic: a chain of revisions, one per step, that look before they act and take themselves back."""

from __future__ import annotations

from auditor.exporting.parts import Part, backward, forward
from auditor.exporting.python import docstring, written, written_parts
from auditor.exporting.readme import readme
from auditor.exporting.worklist import Dialect, Entry, ExportedFile, ExportFormat, Files, Worklist, header

FOLDER = "versions"

_REVISION = """\
{docstring}
{comments}

import time
from contextlib import nullcontext

from alembic import context, op
from sqlalchemy.exc import DBAPIError

revision = {revision!r}
down_revision = {before!r}
branch_labels = None
depends_on = None

STEP = {step!r}
TITLE = {title!r}
BY_HAND = {by_hand}
FINAL = {final}
PRECONDITION = {precondition}
VERIFICATION = {verification}
DONE_WHEN_VERIFIED = {guarded}
# Each part: whether it must stand outside of a transaction, and its statements.
FORWARD = {forward}
BACKWARD = {backward}


def upgrade() -> None:
    _check_environment()
    if BY_HAND:
        _ask_people("done", "people act first")
    elif DONE_WHEN_VERIFIED and _is_done():
        return
    _demand("precondition", PRECONDITION, tries=1)
    _run(FORWARD)
    _demand("verification", VERIFICATION, tries=5)


def downgrade() -> None:
    _check_environment()
    if FINAL:
        raise RuntimeError(f"nothing takes {{STEP}} back: {{TITLE}}")
    if BY_HAND:
        _ask_people("undone", "people take back what they did first")
    _run(BACKWARD)


def _check_environment() -> None:
    # Every step has to be a transaction of its own: its locks would otherwise be held until the last one has run.
    if not op.get_context().opts.get("transaction_per_migration"):
        raise RuntimeError("env.py has to call context.configure(..., transaction_per_migration=True)")


def _ask_people(word: str, what: str) -> None:
    said = context.get_x_argument(as_dictionary=True).get(word, "").split(",")
    if STEP not in said and not context.is_offline_mode():
        raise RuntimeError(f"{{what}} ({{STEP}}): {{TITLE}}; when it is done: alembic -x {{word}}={{STEP}} ...")


def _execute(statement: str):
    # As it stands: neither colons nor percent signs mean parameters.
    return op.get_bind().exec_driver_sql(statement, execution_options={{"no_parameters": True}})


def _is_done() -> bool:
    if context.is_offline_mode():
        return False
    try:
        with op.get_bind().begin_nested():
            return bool(_execute(VERIFICATION).scalar())
    except DBAPIError:  # what it looks at is not there yet
        return False


def _demand(what: str, query: str | None, tries: int) -> None:
    if query is None or context.is_offline_mode():
        return
    for again in range(tries):
        if _execute(query).scalar():
            return
        time.sleep(again)
    raise RuntimeError(f"the {{what}} of {{STEP}} does not hold: {{query}}")


def _run(parts: list[tuple[bool, list[str]]]) -> None:
    for outside, statements in parts:
        with op.get_context().autocommit_block() if outside else nullcontext():
            for statement in statements:
                if context.is_offline_mode():
                    op.get_context().impl.static_output(f"{{statement}};")
                else:
                    _execute(statement)
"""


def write(worklist: Worklist, dialect: Dialect) -> Files:
    """Write the revisions. Alembic's table says which have run; each looks whether it is done before it acts."""
    mark = worklist.plan.hash[:8] or "unmarked"
    files: dict[str, ExportedFile] = {}
    before = None
    for entry in worklist.entries:
        revision = f"plan_{mark}_{entry.name.partition('-')[0]}"
        files[_path(entry)] = ExportedFile(text=_revision(entry, dialect, revision, before))
        before = revision
    return {"README.md": readme(worklist, _USAGE, _path), **files}


def _path(entry: Entry) -> str:
    return f"{FOLDER}/plan_{entry.name.replace('-', '_')}.py"


def _revision(entry: Entry, dialect: Dialect, revision: str, before: str | None) -> str:
    step = entry.step
    forward_parts, backward_parts = forward(entry), backward(entry)
    unset = [Part(statements=dialect.unset)]
    return _REVISION.format(
        docstring=docstring(f"{entry.number}. {entry.title}"),
        comments="\n".join(f"# {line}" for line in header(entry, "downgrade")),
        revision=revision,
        before=before,
        step=step.id,
        title=entry.title,
        by_hand=entry.by_hand,
        final=entry.is_final,
        precondition=written(step.precondition, ""),
        verification=written(step.verify, ""),
        guarded=step.verify is not None and not dialect.redoes(step),
        forward=written_parts([*forward_parts, *(unset if any(part.setting for part in forward_parts) else [])]),
        backward=written_parts([*backward_parts, *(unset if backward_parts else [])]),
    )


_USAGE = """
Put the files of `versions` beside your own revisions, and write your newest revision into `down_revision` of the first.
`env.py` has to call `context.configure(..., transaction_per_migration=True)`; a revision refuses to run otherwise.

`alembic upgrade head` runs what has not run, and stops where a precondition or a verification does not hold. A lock
timeout changes nothing: wait a minute, and upgrade again. `alembic downgrade -1` takes the last step back.

Where people act, it stops and says so. When that is done, go on with `alembic -x done=STEP upgrade head`, with the
identifier that it names; on the way back with `-x undone=STEP`.
"""

FORMAT = ExportFormat(name="alembic", purpose="a chain of revisions for Alembic", write=write)

"""What the files say in words: which deploy point it is, what has to be done, and what the plan does not hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from auditor.exporting.orm.moments import Column, Model, Moment
from auditor.exporting.python import docstring
from auditor.exporting.worklist import header, one_line

END = "after_the_plan"
"""The name of the file with the models as they are at the end."""

_ADVICE: Mapping[str, Sequence[str]] = {
    "tolerate": (
        "Deploy these before the next step. The column that the plan has made beside the old one is not in them: a",
        "trigger fills it, and queries do not name it.",
    ),
    "name-columns": (
        "A query through a model names the model's columns, so that a new one goes unseen. Look for those that do not:",
        "text with * or without a list of columns, RETURNING *, and copies of whole tables.",
    ),
    "move-reads": (
        "Values are read from the new table, and written to the old columns: a trigger copies them. Do not write to",
        "the new table yet.",
    ),
    "move-writes": (
        "The old columns are gone from the models: values are written to the new table. The plan's notes at this step",
        "say how the way back is kept open.",
    ),
    "stop-using": (
        "The column is gone from the models in the release before the database drops it: no query names it any more.",
    ),
    "reconnect": (
        "Connections are recycled within this step: what was prepared on them before knows the old result types.",
    ),
    "end": ("The models of the tables that the plan has changed, as they are when all of its steps are done.",),
}


def module(moment: Moment, body: Sequence[str]) -> str:
    """Write a file of Python: what it is for, and its body."""
    if moment.entry is None:
        title, facts = "The models after the plan.", []
    else:
        title = f"{moment.entry.number}. {moment.entry.title}"
        facts = [f"# {line}" for line in header(moment.entry, "the models of the deploy point before")]
    lines = [docstring(title), *facts, *(f"# {line}" for line in _ADVICE[moment.kind]), "", *body]
    return "\n".join(lines).rstrip("\n") + "\n"


def advice(column: Column) -> Iterator[str]:
    """Say what is special about a column at this moment."""
    shape = column.shape
    if column.before is not None:
        yield f"{one_line(column.before)} until the switch, {one_line(shape.type)} after it: write what fits both."
    if column.elsewhere:
        yield "Still written here, read from the other table."
    if shape.filled == "generated":
        yield "The database computes it."


def notes_of(model: Model) -> Iterator[str]:
    """Say what a reader's own model has that is not here."""
    for one in model.gone:
        yield f"Take out of your model, if it is in there: the {one.kind} {one_line(one.name)}."
    if not model.is_new:
        yield "Indexes and constraints that were there before the plan: as in your model."

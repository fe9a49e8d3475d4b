"""What the files say in words: which deploy point it is, what has to be done, and what the plan does not hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from auditor.exporting.orm import changes as by
from auditor.exporting.orm.engine import Orm
from auditor.exporting.orm.modelling import Column, Model
from auditor.exporting.orm.moments import Moment
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
    "other": ("No model changes here, as far as the plan knows: what the step says is all.",),
    "other enum-to-lookup": (
        "The column refers to the table of its values: an Enum, or choices, in the code no longer say what may be",
        "written, and a new value is a new row there.",
    ),
    "other archive-rows": ("The models of the table stay as they are: rows go, not columns.",),
    "move-reads extract-json": (
        "The column is read in place of the document's key, and not written yet: a trigger copies the key into it,",
        "after the write. Until a row is read again, and for what did not fit, the property looks into the document.",
    ),
    "move-writes extract-json": (
        "Both are written. A document that is written without the key would empty the column; the property sets both.",
    ),
    "stop-using extract-json": (
        "The column stands alone. Neither reads nor writes of documents name the key any more.",
    ),
    "move-reads merge-tables": (
        "What the companion holds is read from the table, and still written to the companion: a trigger carries it",
        "over. Do not write the new columns yet. The companion's class works on when a view takes its table's place.",
    ),
    "move-writes merge-tables": (
        "The columns are written here, where the database has no defaults for them: give every value. The class of the",
        "companion is that of a view by now, for code that still names it, and there is nothing to migrate of it.",
    ),
    "stop-using merge-tables": (
        "The companion's class is gone from the models in the release before the database drops the view.",
    ),
    "other materialise-view": (
        "Where a view is read through a class, the one of the kept rows takes its place for readers who can do with",
        "rows of their age; who has to see what was just written keeps the view's. Nothing is written through either.",
    ),
    "other materialise-view in place": (
        "No model changes: a class of the view goes on reading it. The class below says how old its rows are.",
    ),
    "stop-using move-schema": (
        "References to tables that move, or of such tables to others, are plain columns from here on: no joins, no",
        "cascades and no locks across the border. The application asks the other side, and looks for orphans itself.",
    ),
    "move-writes move-schema": (
        "The classes stay as they are; the tables that have moved are read and written in another database. Deploy it",
        "together with the new address: who still writes to the old one is refused.",
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
    of = moment.operation
    if of == "materialise-view" and not any(moment.models[table].is_view for table in moment.tables):
        of = f"{of} in place"
    said = _ADVICE.get(f"{moment.kind} {of}", _ADVICE[moment.kind])
    lines = [docstring(title), *facts, *(f"# {line}" for line in (*said, *_more(moment))), "", *body]
    return "\n".join(lines).rstrip("\n") + "\n"


def _more(moment: Moment) -> Iterator[str]:
    """Say what becomes of old rows, and at the end which operations change no model, and of which none is known."""
    for one in moment.archived:
        yield _archive(one)
    if moment.kind == "reconnect":
        yield (
            "The models below may be deployed after it; those of before go on working."
            if moment.tables
            else "No model changes with it."
        )
    if moment.meanwhile:
        names = ", ".join(one_line(".".join(key)) for key in moment.meanwhile)
        yield f"Steps since the deploy point before have changed the models of {names}."
    if moment.entry is not None:
        return
    if moment.reading.unchanging:
        kinds = Counter(one.kind for one in moment.reading.unchanging)
        listed = ", ".join(f"{kind} ({number})" for kind, number in sorted(kinds.items()))
        yield f"Operations of the plan that change no model: {listed}."
    for operation in moment.reading.unknown:
        yield f"Done by people in a way of their own, so that its models are not known: {one_line(operation.id)}."


def _archive(one: by.Archived) -> str:
    table = one_line(".".join(one.table))
    if one.into is None:
        return (
            f"Old rows of {table} are in detached partitions, tables of their own, until step {one.until} drops them."
        )
    into = one_line(".".join(one.into))
    if one.over:
        return f"Old rows of {table} were in {into}, which step {one.until} drops: no model has it any more."
    return (
        f"Old rows of {table} are in {into} from step {one.since} to {one.until}. Where they are read, take its class."
    )


def advice(column: Column) -> Iterator[str]:
    """Say what is special about a column at this moment."""
    shape = column.shape
    if column.before is not None:
        yield f"{one_line(column.before)} until the switch, {one_line(shape.type)} after it: write what fits both."
    if column.elsewhere:
        yield "Still written here, read from the other table."
    if column.companion is not None:
        yield f"Read here, still written to {one_line('.'.join(column.companion))}."
    if shape.filled == "generated":
        yield "The database computes it."


def doubled_advice(one: by.Doubled, column: Column, orm: Orm) -> str:
    """Say what is special about a column that holds what a key of a document holds, too."""
    key, document = one_line(".".join(one.keys)), one_line(one.document)
    said = (
        f"Filled from {key} in {document}: write it there."
        if one.use == "read"
        else f"Written with {key} in {document}."
    )
    known = orm.column_class(column.shape.type)
    return (
        said if known is not None and known.parser is not None else f"{said} No property: texts have many forms of it."
    )


def notes_of(model: Model) -> Iterator[str]:
    """Say what a reader's own model has that is not here."""
    for one in model.gone:
        yield f"Take out of your model, if it is in there: the {one.kind} {one_line(one.name)}."
    if model.archive is not None:
        yield "Old rows of another table, for a time: the plan makes it and drops it."
    if model.merged is not None:
        into = one_line(".".join(model.merged.table))
        yield f"A view over {into}." if model.is_view else f"Becomes part of {into}: written here, read there."
    if model.kept is not None:
        view = one_line(".".join(model.kept.table))
        yield (
            f"The kept rows of {view}: nothing is written."
            if model.is_view
            else f"Its one row says when the last refresh of the rows of {view} began."
        )
    if not model.is_new and not model.is_view:
        yield "Indexes and constraints that were there before the plan: as in your model."

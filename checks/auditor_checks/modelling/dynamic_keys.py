"""Names of fields are data.

## What
Objects whose fields are named by values (ids, dates, addresses), or by so many different names, each of them rare and
all with the same kind of content, that they can only be values. In this report such a name is written ``*``.

## Why it matters
No index can be built over a field whose name is not known, no validator can describe it, and a query has to know the
value to form the path. The names are stored in every document and are no secret to anybody who may list fields.

## When it is fine
A small fixed set of names, such as languages, is no data: it is left out. A map that is only ever read as a whole.

## How to fix it
Keep an array of pairs instead (``{k: …, v: …}``, the attribute pattern), or a document for each name, and build one
index over it. Write both while old code reads the old form.

## Sources
MongoDB manual, "Group Data with the Attribute Pattern".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import COLLECTIONS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._documents import collection_subject, documents_of, parent, rows, sampled, shape_of, unsampled
from auditor_checks._words import fitting

CHECK = Check(
    title="Names of fields are data",
    passed="No names of fields are data",
    pillar=Pillar.MODELLING,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=COLLECTIONS,
    needs=("collections", "fields"),
)


def judge(table: Table, _facts: Facts) -> Iterator[Verdict]:
    """Report each object whose names the sampler took for data, but not those inside another such object."""
    if unknown := unsampled(table):
        yield unknown
    for path in documents_of(table).dynamic:
        around, column = parent(path), table.column(path)
        if column is None or "*" in around.split("."):
            continue
        name = table.column_path(around) if around else table.path
        kinds = ", ".join(sorted(shape_of(column).types))
        yield Flaw(
            subject=Subject(kind="field", name=name) if around else collection_subject(table),
            title=fitting(f"The names of the fields of {name} are data"),
            evidence=(
                Evidence(name="values under such names", value=shape_of(column).documents, unit="values",
                         probe="fields"),
                Evidence(name="types of the values", value=kinds, probe="fields"),
                sampled(table),
                rows(table),
            ),
            explanation=f"In {name} ids, dates or other values stand where names of fields should; below them are "
            f"values of the type {kinds}.",
            recommendation="Keep an array of pairs of name and value with one index over both, or one document each.",
            operations=(
                ChangeApplication(
                    topic="data-as-names", subject=name,
                    instruction=f"Write the content of {name} as an array of {{k, v}} beside it, move the old "
                    "documents in batches, let the readers follow, and stop writing the old form.",
                ),
            ),
        )  # fmt: skip

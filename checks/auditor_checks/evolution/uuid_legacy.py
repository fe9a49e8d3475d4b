"""UUIDs are stored in the legacy form.

## What
Fields with binary values of the subtype 3, and fields with both subtypes, 3 and 4.

## Why it matters
Subtype 3 does not say in which order its bytes are: C#, Java and Python wrote them differently, so that one driver
reads another's UUID as a different one. The same UUID in subtype 3 and in subtype 4 is two values, and is found by
neither search for the other.

## When it is fine
All programs use one driver with one setting, and no other subtype appears.

## How to fix it
Set ``uuidRepresentation`` in every driver to what was written so far, write subtype 4 into a second field, fill it in
batches, and move the readers.

## Sources
MongoDB specifications, "Handling of Native UUID Types"; BSON specification, binary subtypes.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import COLLECTIONS
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._documents import field_subject, is_data_name, rows, sampled, shape_of, unsampled
from auditor_checks._words import fitting, percent

CHECK = Check(
    title="UUIDs are stored in the legacy form",
    passed="UUIDs are stored in the form that all drivers read alike",
    pillar=Pillar.EVOLUTION,
    severity=Severity.LOW,
    unit=COLLECTIONS,
    needs=("collections", "fields"),
)


def judge(table: Table, _facts: Facts) -> Iterator[Verdict]:
    """Look at the subtypes of binary values."""
    if unknown := unsampled(table):
        yield unknown
    for column in table.columns:
        formats = shape_of(column).formats
        old, new = formats.get("uuid-old", 0.0), formats.get("uuid", 0.0)
        if not old or is_data_name(column.name):
            continue
        path = table.column_path(column.name)
        yield Flaw(
            subject=field_subject(table, column),
            title=fitting(f"{path} holds UUIDs of the legacy subtype" + (" beside new ones" if new else "")),
            severity=Severity.MEDIUM if new else Severity.LOW,
            evidence=(
                Evidence(name="share of subtype 3", value=round(old, 4), unit="share", probe="fields"),
                Evidence(name="share of subtype 4", value=round(new, 4), unit="share", probe="fields"),
                sampled(table),
                rows(table),
            ),
            explanation=f"{percent(old)} of the binary values of {path} have the subtype 3"
            + (f", {percent(new)} the subtype 4: the same UUID is two values." if new else "."),
            recommendation="Set the representation in every driver, then move to subtype 4 by way of a second field.",
            operations=(
                ChangeApplication(
                    topic="uuid-subtype", subject=path,
                    instruction=f"Find out which driver wrote {path}, set uuidRepresentation to it, then write subtype "
                    "4 into a second field, fill it in batches, and move the readers.",
                ),
            ),
        )  # fmt: skip

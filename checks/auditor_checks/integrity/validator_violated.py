"""Documents lack what their validator demands.

## What
Collections whose validator requires fields at the top that some of the sampled documents do not have. They were stored
before the rule, or while it only warned.

## Why it matters
Under the level strict, every change of such a document fails, whatever it changes; readers that trust the rule fail as
well.

## When it is fine
Old documents are being mended, and the level is moderate until then.

## How to fix it
Find all of them (``$nor`` with the rule), fill in what is missing in batches, then set the level to strict.

## Sources
MongoDB manual, "Specify Validation Level for Existing Documents", "Query for and Modify Valid or Invalid Documents".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import Unit
from auditor.model.units import table_subject as subject_of
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._documents import documents_of, field_subject, rows, sample_of, sampled, shape_of, unsampled
from auditor_checks._words import fitting, percent


def _demanding(facts: Facts) -> list[Table]:
    return [table for table in facts.tables if (rule := documents_of(table).validator) is not None and rule.required]


CHECK = Check(
    title="Documents lack what their validator demands",
    passed="Documents have what their validator demands",
    pillar=Pillar.INTEGRITY,
    severity=Severity.MEDIUM,
    unit=Unit(
        plural="collections with required fields", items=_demanding, subject=subject_of,
        weight=lambda facts, table: facts.exposure(table),
    ),
    needs=("collections", "fields"),
)  # fmt: skip


def judge(table: Table, _facts: Facts) -> Iterator[Verdict]:
    """Look up the required fields among those of the sample."""
    rule, looked = documents_of(table).validator, sample_of(table).documents
    if unknown := unsampled(table):
        yield unknown
    if rule is None or not looked:
        return
    lacking = {
        name: 1.0 - (shape_of(column).presence if (column := table.column(name)) is not None else 0.0)
        for name in rule.required
    }
    broken = {name: share for name, share in lacking.items() if share > 0}
    if not broken:
        return
    worst = max(broken, key=lambda name: (broken[name], name))
    yield Flaw(
        title=fitting(f"{percent(broken[worst])} of {table.path} lack {worst}, which the validator demands"),
        related=tuple(field_subject(table, column) for name in broken if (column := table.column(name)) is not None),
        evidence=(
            *(
                Evidence(name=f"share without {name}", value=round(share, 4), unit="share", probe="fields")
                for name, share in sorted(broken.items())
            ),
            Evidence(name="validationLevel", value=rule.level, probe="collections"),
            sampled(table),
            rows(table),
        ),
        impact=Impact(risk="changes of these documents that fail" if rule.level == "strict" else None),
        explanation=f"Of {looked:,} sampled documents of {table.path} {percent(broken[worst])} lack {worst}"
        + (f", and {len(broken) - 1} more required fields are missing in some" if len(broken) > 1 else "")
        + ".",
        recommendation="Fill in what is missing in batches, then set the level to strict.",
        operations=(
            ChangeApplication(
                topic="validator-violations", subject=table.path,
                instruction=f"Find the documents of {table.path} that break the validator ($nor with its rule, in "
                f"batches by _id) and fill in {', '.join(sorted(broken))}.",
            ),
        ),
    )  # fmt: skip

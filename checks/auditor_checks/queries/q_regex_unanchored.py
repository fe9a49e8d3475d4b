"""A regular expression that does not say how a value begins reads everything.

## What
Frequent statements that search a field by a regular expression that does not begin with ^ and plain characters, and
read many documents or index entries in each call, with no condition beside it that compares a field with a value.

## Why it matters
An index is ordered by how values begin. A pattern that may match anywhere is tried on every value.

## When it is fine
The collection is small, or it is a search that somebody makes once a day.

## How to fix it
Search for words with a text index or a search engine, for beginnings with a pattern that starts with ^, for parts that
are known beforehand by a field that holds them.

## Sources
MongoDB manual, "$regex", Index Use.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import ChangeApplication
from auditor.model.units import STATEMENTS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.model.workload import Statement
from auditor_checks.queries._plans import alone, read
from auditor_checks.queries._statements import PROBE, common_evidence, is_application, short, tables_of

CHECK = Check(
    title="A regular expression that may match anywhere reads everything",
    passed="No frequent search matches anywhere at the price of reading everything",
    pillar=Pillar.QUERIES,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=STATEMENTS,
    needs=("profile",),
    engines=("mongodb",),
)


def judge(
    statement: Statement, facts: Facts, *, min_calls: float = 20, min_read: float = 1_000, high_read: float = 100_000
) -> Iterator[Flaw]:
    """Report a frequent statement that searches by a pattern that may match anywhere and reads much."""
    each = read(statement)
    if statement.calls < min_calls or each < min_read or not is_application(statement):
        return
    for table, entry in alone(statement, facts):
        fields = [name for name, operator in entry.use.searched if operator == "regex"]
        if not fields or entry.use.equal:
            continue
        yield Flaw(
            title=f"{table.name} is searched by a part of {fields[0]}, {each:,.0f} documents read",
            severity=Severity.MEDIUM if each >= high_read else Severity.LOW,
            related=tables_of(statement, facts),
            evidence=(
                *common_evidence(statement, facts),
                Evidence(
                    name="documents or index entries read by a call", value=round(each), unit="documents", probe=PROBE
                ),
                Evidence(name="plan", value=statement.plan, probe=PROBE),
            ),
            impact=Impact(milliseconds=round(statement.total_ms, 1), risk="it grows with the collection"),
            explanation=(
                f"{statement.calls:,} calls searched {table.path} by a pattern over {fields[0]} with no beginning, "
                f"and read {each:,.0f} documents or index entries each."
            ),
            recommendation="Search for words with a text index, or for beginnings with a pattern that starts with ^.",
            operations=(
                ChangeApplication(
                    topic="unanchored-search",
                    subject=f"{table.path}.{fields[0]}",
                    instruction=f"Search by words, by a beginning or by another field: {short(statement.text)}",
                ),
            ),
        )

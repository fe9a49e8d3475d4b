"""A regular expression that ignores case reads everything.

## What
Frequent statements that search a field by a regular expression with the option i, or that begins with (?i), and read
many documents or index entries in each call, with no condition beside it that compares a field with a value.

## Why it matters
An index holds upper and lower case apart. A pattern that ignores the difference has no place in it to begin at: the
whole index, or the whole collection, is read each time.

## When it is fine
The collection is small, or it is a search that somebody makes once a day.

## How to fix it
To find a word in whichever case, build an index with a collation of strength 2 and ask with the same collation for
equality. Or keep a copy of the field in lower case, with an index, and compare that.

## Sources
MongoDB manual, "$regex", Index Use; "Case-Insensitive Indexes".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import AddIndex, ChangeApplication
from auditor.model.units import STATEMENTS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.model.workload import Statement
from auditor_checks.queries._plans import alone, read
from auditor_checks.queries._statements import PROBE, common_evidence, is_application, short, tables_of

CHECK = Check(
    title="A regular expression that ignores case reads everything",
    passed="No frequent search ignores case at the price of reading everything",
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
    """Report a frequent statement that searches by a pattern that ignores case and reads much."""
    each = read(statement)
    if statement.calls < min_calls or each < min_read or not is_application(statement):
        return
    for table, entry in alone(statement, facts):
        fields = [name for name, operator in entry.use.searched if operator == "regex-insensitive"]
        if not fields or entry.use.equal:
            continue
        yield Flaw(
            title=f"{table.name} is searched by {fields[0]} in whichever case, {each:,.0f} documents read",
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
                f"{statement.calls:,} calls searched {table.path} by a pattern over {fields[0]} that ignores case, and "
                f"read {each:,.0f} documents or index entries each: no index has a place to begin at."
            ),
            recommendation="Build an index with a collation of strength 2, and ask for equality with that collation.",
            operations=(
                ChangeApplication(
                    topic="case-insensitive-search",
                    subject=f"{table.path}.{fields[0]}",
                    instruction=f"Ask for equality with the index's collation instead of: {short(statement.text)}",
                ),
                AddIndex(schema=table.schema, table=table.name, columns=(fields[0],), collation="en/2"),
            ),
        )

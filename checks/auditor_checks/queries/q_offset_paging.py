"""Pages are fetched by offset.

## What
Statements with LIMIT and OFFSET, or skip and limit, that read many more blocks or rows than those that they return
would need.

## Why it matters
The server reads and throws away everything before the offset: page one thousand costs a thousand times the first, and
rows move between pages while the user turns them.

## When it is fine
Only the first pages are ever read: then the measured cost stays small, and this check silent.

## How to fix it
Page by key: remember the last row's sort key and ask for what comes after it, with an index in that order.

## Sources
M. Winand, "We need tool support for keyset pagination"; PostgreSQL manual, "LIMIT and OFFSET": skipped rows still
have to be computed; MongoDB manual, "cursor.skip()".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import ChangeApplication
from auditor.model.units import STATEMENTS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.model.workload import Statement
from auditor_checks.queries._statements import PROBE, common_evidence, is_application, short, tables_of

CHECK = Check(
    title="Pages are fetched by offset",
    passed="Pages are fetched by key, or are cheap",
    pillar=Pillar.QUERIES,
    severity=Severity.LOW,
    confidence=Confidence.LIKELY,
    unit=STATEMENTS,
    needs=("statements|profile",),
    engines=("postgresql", "mysql", "mariadb", "mongodb"),
)
PAIR = re.compile(r"(?i)\blimit\s+\?\s*,\s*\?")
OFFSET = re.compile(r"(?i)\boffset\s+(\$\d+|\?)")


def judge(
    statement: Statement, facts: Facts, *, min_calls: float = 5, blocks_per_row: float = 10, min_mean_ms: float = 5
) -> Iterator[Flaw]:
    """Compare the blocks that a call reads with the rows that it returns."""
    if statement.kind != "select" or statement.calls < min_calls or not _is_offset(statement):
        return
    # Where no blocks are counted, the rows that were passed over tell the same.
    examined = statement.rows_examined
    if examined is not None and statement.keys_examined is not None:
        examined = max(examined, statement.keys_examined)  # an index may be walked without its rows
    unit, read = ("blocks", statement.blocks_hit + statement.blocks_read) if examined is None else ("rows", examined)
    if statement.mean_ms < min_mean_ms or read < blocks_per_row * max(statement.rows, statement.calls):
        return
    if not is_application(statement):
        return
    yield Flaw(
        title=f"Pages by offset cost {statement.mean_ms:,.0f} ms each",
        related=tables_of(statement, facts),
        evidence=(
            *common_evidence(statement, facts),
            Evidence(name=f"{unit} read by a call", value=round(read / statement.calls), unit=unit, probe=PROBE),
            Evidence(name="rows of a call", value=round(statement.rows / statement.calls, 1), unit="rows", probe=PROBE),
        ),
        impact=Impact(milliseconds=round(statement.total_ms, 1), risk="later pages cost more and more"),
        explanation=(
            f"A call reads {read / statement.calls:,.0f} {unit} for {statement.rows / statement.calls:,.0f} rows: "
            "everything before the offset is read and thrown away."
        ),
        recommendation="Page by key, with an index in the order of the pages.",
        operations=(
            ChangeApplication(
                topic="offset-paging",
                subject=statement.id,
                instruction=f"Page by key instead of: {short(statement.text)}",
            ),
        ),
    )


def _is_offset(statement: Statement) -> bool:
    """Whether a statement skips rows: by OFFSET, or by the first of two numbers after LIMIT."""
    if statement.parsed is not None:
        return statement.parsed.skips
    text = statement.text
    return OFFSET.search(text) is not None or PAIR.search(text) is not None

"""Statements carry lists of hundreds of values.

## What
Counted statements with an IN list of a hundred constants or more. From version 18 on the server counts lists of all
lengths as one statement and shows them shortened, so that their length is not known.

## Why it matters
Every length of the list is another statement: it is parsed and planned anew, and each takes a place in
pg_stat_statements, from which it pushes out others.

## When it is fine
A one-off by hand: what was called a few times is not reported.

## How to fix it
Send one array: WHERE id = ANY ($1). For thousands of values, put them into a temporary table, analyse it and join.

## Sources
PostgreSQL manual, "Row and Array Comparisons"; "pg_stat_statements"; release notes of version 18.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw
from auditor.model.operation import ChangeApplication
from auditor.model.units import STATEMENTS
from auditor.model.vocabulary import Pillar, Severity
from auditor.model.workload import Statement
from auditor_checks.queries._statements import common_evidence, is_application, tables_of

CHECK = Check(
    title="Statements carry lists of hundreds of values",
    passed="No statement carries a long list of values",
    pillar=Pillar.QUERIES,
    severity=Severity.LOW,
    unit=STATEMENTS,
    needs=("statements",),
    engines=("postgresql",),
)
_LIST = re.compile(r"\bin\s*\(((?:\s*\$\d+\s*,)+\s*\$\d+\s*)\)", re.IGNORECASE)


def judge(statement: Statement, facts: Facts, *, values: float = 100, calls: float = 20) -> Iterator[Flaw]:
    """Count the constants of the longest list."""
    if not is_application(statement) or statement.calls < calls:
        return
    longest = max((match[1].count(",") + 1 for match in _LIST.finditer(statement.text)), default=0)
    if longest < values:
        return
    yield Flaw(
        title=f"A list of {longest:,} values is sent {statement.calls:,} times",
        related=tables_of(statement, facts),
        evidence=(
            Evidence(name="values in the list", value=longest, unit="values", probe="statements"),
            *common_evidence(statement, facts),
        ),
        explanation=f"It was parsed with {longest:,} constants; with another number it is another statement.",
        recommendation="Send one array: = ANY ($1).",
        operations=(
            ChangeApplication(
                topic="long-lists",
                subject=statement.id,
                instruction="Send the values as one array, = ANY ($1), or join a temporary table.",
            ),
        ),
    )

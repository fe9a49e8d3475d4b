"""A row-level security policy asks the same question for every row.

## What
Policies of large tables that call current_setting(), or a function of the schema auth (auth.uid(), auth.jwt(),
auth.role()), outside a subquery.

## Why it matters
The answer is the same for the whole statement, but where no index serves the policy the server calls the function for
every row that it looks at. In a subquery of its own it is called once.

## When it is fine
An index serves the condition in every statement: then it is computed once for the scan.

## How to fix it
Write (SELECT auth.uid()) in place of auth.uid() in the policy: ALTER POLICY takes its lock for a moment.

## Sources
PostgreSQL manual, "CREATE POLICY"; "Function Volatility Categories"; Supabase documentation, "RLS performance".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.catalog import Table
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import ChangeApplication
from auditor.model.units import TABLES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import counted, fitting

CHECK = Check(
    title="Policy asks the same question for every row",
    passed="Policies ask once for a statement",
    pillar=Pillar.QUERIES,
    severity=Severity.LOW,
    unit=TABLES,
    needs=("tables", "policies"),
    engines=("postgresql",),
)
_CALL = re.compile(r"(\bselect\s+)?(\bauth\.\w+\(|\bcurrent_setting\()", re.IGNORECASE)


def judge(table: Table, facts: Facts, *, rows: float = 10_000) -> Iterator[Flaw]:
    """Look for the calls in the policies' conditions, where there are many rows."""
    if not table.row_security or facts.rows(table) < rows:
        return
    found = {}
    for policy in facts.policies_of(table.key):
        # A policy for inserts is asked once for each new row anyway.
        calls = [
            match[2] for match in _CALL.finditer(policy.using or "") if _outside(policy.using or "", match.start())
        ]
        if calls and policy.command != "insert":
            found[policy.name] = calls[0].rstrip("(")
    if not found:
        return
    name, call = next(iter(sorted(found.items())))
    yield Flaw(
        title=fitting(f"{counted(len(found), 'policy', 'policies')} of {table.path} ask {call}() for every row"),
        related=tuple(Subject(kind="policy", name=f"{table.path}.{policy}") for policy in sorted(found)),
        evidence=(
            Evidence(name="policies", value=", ".join(sorted(found)), probe="policies"),
            Evidence(name="function", value=call, probe="policies"),
            Evidence(name="rows", value=round(facts.rows(table)), unit="rows", probe="tables"),
        ),
        impact=Impact(rows=round(facts.rows(table))),
        explanation=f"{name} calls {call}() for each row that a scan of {table.path} looks at.",
        recommendation=f"Write (SELECT {call}(…)) in the policy.",
        operations=(
            ChangeApplication(
                topic="policy-subquery",
                subject=table.path,
                instruction=f"Put the calls of {call} in the policies of {table.path} into subqueries of their own.",
            ),
        ),
    )


def _outside(text: str, position: int) -> bool:
    """Whether a place of the condition is in no subquery: no parenthesis that is open there begins with SELECT."""
    opened: list[bool] = []
    for index, character in enumerate(text[:position]):
        if character == "(":
            opened.append(text[index + 1 :].lstrip().upper().startswith("SELECT"))
        elif character == ")" and opened:
            opened.pop()
    return not any(opened)

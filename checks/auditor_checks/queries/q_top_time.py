"""A few statements take most of the database's time.

## What
Single statements whose share of the time of all statements is large, where there is enough load to judge. Where the
counting has just begun, only those that were called often, graded low.

## Why it matters
Tuning anything else cannot help much: what these few gain, the whole server gains.

## When it is fine
A database whose purpose is one query; then this names the right place to look.

## How to fix it
Look at the statement's plan with its usual parameters: what does it read, sort and repeat? Then give it an index,
less to do, or fewer calls.

## Sources
PostgreSQL manual, "pg_stat_statements": total_exec_time.
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
from auditor_checks.queries._statements import PROBE, common_evidence, is_application, share, short, tables_of

CHECK = Check(
    title="Statement takes a large share of the database's time",
    passed="No statement dominates the database's time",
    pillar=Pillar.QUERIES,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=STATEMENTS,
    needs=("statements|profile",),
)


def judge(
    statement: Statement,
    facts: Facts,
    *,
    min_share: float = 0.2,
    high_share: float = 0.5,
    busy_ms: float = 60_000,
    quiet_ms: float = 2_000,
    quiet_calls: float = 20,
) -> Iterator[Flaw]:
    """Compare the statement's share with the limit, where the database did anything worth sharing.

    In a short time of counting, a statement that is called again and again already shows; a single long one does not.
    """
    total, part = facts.workload.statements_total_ms or facts.statement_ms, share(statement, facts)
    busy = total >= busy_ms
    if not busy and (total < quiet_ms or statement.calls < quiet_calls):
        return
    if part < min_share or not is_application(statement) or not statement.top_level:
        return
    yield Flaw(
        title=f"One statement takes {part:.0%} of the time of all",
        severity=Severity.LOW if not busy else Severity.HIGH if part >= high_share else Severity.MEDIUM,
        related=tables_of(statement, facts),
        evidence=(
            *common_evidence(statement, facts),
            Evidence(name="rows", value=statement.rows, unit="rows", probe=PROBE),
            *_blocks(statement),
        ),
        impact=Impact(milliseconds=round(statement.total_ms, 1)),
        explanation=f"{statement.calls:,} calls of {statement.mean_ms:,.2f} ms make {part:.0%} of all time.",
        recommendation="Look at its plan with the usual parameters before tuning anything else.",
        operations=(
            ChangeApplication(
                topic="top-statement",
                subject=statement.id,
                instruction=f"Examine the plan of: {short(statement.text)}",
            ),
        ),
    )


def _blocks(statement: Statement) -> tuple[Evidence, ...]:
    """The blocks that the statement read, where the engine counts them."""
    if not statement.blocks_hit and not statement.blocks_read:
        return ()
    return (Evidence(name="blocks read", value=statement.blocks_read, unit="blocks", probe=PROBE),)

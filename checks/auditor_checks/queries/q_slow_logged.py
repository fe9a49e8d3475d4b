"""The log is full of one slow statement.

## What
Statements of the slow log that take much of all the logged time, or are slow whenever they are logged. It looks only
where the server's own statistics of statements tell nothing: those count quick calls too, and say more.

## Why it matters
Somebody waits for each of these calls. What is logged most costs most, and is what to look at first.

## When it is fine
Reports and batch jobs that nobody waits for.

## How to fix it
Look at its plan with the usual parameters; give it an index or less to do. Turn the statement statistics on, which tell
how often it is quick.

## Sources
PostgreSQL manual, "Error Reporting and Logging": log_min_duration_statement; MySQL manual, "The Slow Query Log".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import LOGS_ALONE
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.model.workload import SlowLog
from auditor_checks._words import fitting
from auditor_checks.queries._logged import PROBE, evidence, is_statement, logged
from auditor_checks.queries._statements import short

CHECK = Check(
    title="Logged statement is slow",
    passed="No logged statement stands out",
    pillar=Pillar.QUERIES,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=LOGS_ALONE,
    needs=(),  # without a log there is nothing to look at
    engines=("postgresql", "mysql", "mariadb", "mongodb"),
)


def judge(
    log: SlowLog | Unknown,
    facts: Facts,  # noqa: ARG001 -- every judge has it
    *,
    mean_ms: float = 500,
    high_ms: float = 5_000,
    min_calls: float = 20,
    share: float = 0.2,
    share_ms: float = 60_000,
    most: float = 10,
) -> Iterator[Verdict]:
    """Compare the mean of the logged calls, and the share of the logged time, with the limits."""
    if isinstance(log, Unknown):
        yield log
        return
    slow = [entry for entry in log.entries if entry.kind == "slow"]
    total = sum(entry.total_ms for entry in slow)
    long = [
        entry
        for entry in slow
        if is_statement(entry)
        and (
            (entry.count >= min_calls and entry.total_ms >= mean_ms * entry.count)
            or (entry.total_ms >= share_ms and entry.total_ms >= share * total)
        )
    ]
    for entry in sorted(long, key=lambda entry: (-entry.total_ms, entry.text))[: int(most)]:
        mean = entry.total_ms / entry.count
        yield Flaw(
            subject=logged(entry),
            title=fitting(f"A statement was logged {entry.count} times and took {mean:,.0f} ms on average"),
            severity=Severity.HIGH if mean >= high_ms and entry.count >= min_calls else Severity.MEDIUM,
            evidence=(
                *evidence(entry, "calls"),
                Evidence(
                    name="share of the logged time", value=round(entry.total_ms / total, 4), unit="share", probe=PROBE
                ),
            ),
            impact=Impact(milliseconds=round(entry.total_ms, 1)),
            explanation=(
                f"{entry.count:,} logged calls took {entry.total_ms / 1000:,.1f} s: {entry.total_ms / total:.0%} of "
                "all the logged time. Calls below the limit of the log are not counted."
            ),
            recommendation="Look at its plan with the usual parameters; give it an index or less to do.",
            operations=(
                ChangeApplication(
                    topic="slow-statement",
                    subject=logged(entry).name,
                    instruction=f"Examine the plan of: {short(entry.text)}",
                ),
            ),
        )

"""Every statement is written to the log.

## What
log_statement is all, or log_min_duration_statement is 0.

## Why it matters
The log grows with the work, the disk that it fills is often the database's own, and what matters drowns in it. The
values in the statements stand there in clear: personal data, and the passwords of CREATE ROLE.

## When it is fine
For an hour, to record a workload. For an audit there are better ways: pgaudit logs classes of statements.

## How to fix it
Log slow statements (log_min_duration_statement at a second) and a sample of the others (log_min_duration_sample with
log_statement_sample_rate); let log_statement be ddl or none. A reload is enough.

## Sources
PostgreSQL manual, "Error Reporting and Logging: What to Log", with its caution about sensitive data.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import SetSetting
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity

CHECK = Check(
    title="Every statement is written to the log",
    passed="Log takes the statements that matter",
    pillar=Pillar.OPERATIONS,
    severity=Severity.LOW,
    unit=SERVER,
    needs=("settings",),
    engines=("postgresql",),
)
ADVICE = {"log_statement": ("all", "ddl"), "log_min_duration_statement": ("0", "1s")}
"""Setting: the value that logs everything, and what to set in its place."""


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read both settings; one finding tells of both."""
    if all(facts.setting(name) is None for name in ADVICE):
        yield Unknown(reason="the logging settings are not visible")
        return
    found = {name: advice for name, (everything, advice) in ADVICE.items() if facts.setting(name) == everything}
    if not found:
        return
    first = next(iter(found))
    yield Flaw(
        title=f"Every statement is written to the log: {first} is {facts.setting(first)}",
        subject=Subject(kind="setting", name=first),
        evidence=tuple(Evidence(name=name, value=facts.setting(name), probe="settings") for name in found),
        impact=Impact(risk="personal data and passwords stand in the log in clear"),
        explanation="The log takes every statement with the values in it.",
        recommendation="Log slow statements and a sample of the others; a reload is enough.",
        operations=tuple(
            SetSetting(name=name, value=advice, previous=facts.setting(name)) for name, advice in found.items()
        ),
    )

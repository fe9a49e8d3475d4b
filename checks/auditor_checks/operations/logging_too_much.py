"""Every statement is written to the log.

## What
log_statement is all, or log_min_duration_statement is 0.

## Why it matters
The log grows with the work, the disk that it fills is often the database's own, and what matters drowns in it. The
values in the statements stand there in clear: personal data, and passwords where a statement sets one.

## When it is fine
For an hour, to record a workload.

PostgreSQL: For an audit there are better ways: pgaudit logs classes of statements.

## How to fix it
PostgreSQL: Log slow statements (log_min_duration_statement at a second) and a sample of the others
(log_min_duration_sample with log_statement_sample_rate); let log_statement be ddl or none. A reload is enough.

MySQL, MariaDB: Switch the general log off; the slow query log, to a file that is rotated, tells what is slow. Neither
takes a restart.

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
from auditor_checks._settings import PRODUCTS, invisible, is_off, is_on, setting_flaw

CHECK = Check(
    title="Every statement is written to the log",
    passed="Log takes the statements that matter",
    pillar=Pillar.OPERATIONS,
    severity=Severity.LOW,
    unit=SERVER,
    needs=("settings",),
    engines=("postgresql", "mysql", "mariadb"),
)
ADVICE = {"log_statement": ("all", "ddl"), "log_min_duration_statement": ("0", "1s")}
"""Setting: the value that logs everything, and what to set in its place."""


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read both settings; one finding tells of both."""
    if facts.target.engine in PRODUCTS:
        yield from _general_log(facts)
        return
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


def _general_log(facts: Facts) -> Iterator[Verdict]:
    """Read whether everything is logged, whether passwords are, and whether logs are tables of the server itself."""
    general, raw, output = (facts.setting(name) for name in ("general_log", "log_raw", "log_output"))
    if general is None:
        yield invisible("general_log")
    elif is_on(general):
        yield setting_flaw(
            facts, "general_log", "OFF", severity=Severity.MEDIUM,
            title="Every statement is written to the log: general_log is ON",
            explanation="The general log takes every statement with the values in it.",
            recommendation="Switch it off, which takes no restart; use the slow query log or digests instead.",
            risk="personal data stands in the log in clear, and each statement waits for it",
        )  # fmt: skip
    if is_on(raw):
        yield setting_flaw(
            facts, "log_raw", "OFF", severity=Severity.HIGH,
            title="Passwords are written to the log as they are",
            explanation="Statements that set passwords are logged without the password being replaced.",
            recommendation="Switch log_raw off, and remove the logs that were written meanwhile.",
            risk="whoever reads the log has the passwords",
        )  # fmt: skip
    slow = facts.setting("slow_query_log")
    if output is not None and "TABLE" in output.upper() and not (is_off(general) and is_off(slow)):
        yield setting_flaw(
            facts, "log_output", "FILE", title="The server writes its logs to tables of its own",
            explanation="mysql.slow_log and mysql.general_log are CSV tables that lock as a whole and grow for ever.",
            recommendation="Set FILE, which takes no restart, and rotate the files.",
            risk="statements wait for the log table's lock",
        )  # fmt: skip

"""The log does not tell what an incident review will ask for.

## What
Logging of slow statements, lock waits, temporary files, checkpoints or autovacuum is off. One finding names all gaps.

## Why it matters
What was not logged cannot be found out afterwards: which statement was slow last night, who waited for whom, what
spilled to disk.

## When it is fine
Another tool records the same facts continuously.

## How to fix it
PostgreSQL: Switch the settings on and reload; none needs a restart. Choose the thresholds so that the log stays
readable.

MySQL, MariaDB: Switch the slow query log on and set long_query_time to a second; neither takes a restart.

## Sources
PostgreSQL manual, "Error Reporting and Logging": log_min_duration_statement, log_lock_waits, log_temp_files,
log_checkpoints, log_autovacuum_min_duration.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject, Unknown, Verdict
from auditor.model.operation import SetSetting
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import PRODUCTS, invisible, is_off, is_on, setting_flaw

CHECK = Check(
    title="Log leaves out what an incident review needs",
    passed="Log tells what an incident review asks for",
    pillar=Pillar.OPERATIONS,
    severity=Severity.MEDIUM,
    unit=SERVER,
    needs=("settings",),
    engines=("postgresql", "mysql", "mariadb"),
)
ADVICE = {  # setting: (values that mean off, what to set, what it would tell)
    "log_min_duration_statement": (("-1",), "1s", "slow statements"),
    "log_lock_waits": (("off",), "on", "lock waits"),
    "log_temp_files": (("-1",), "10MB", "temporary files"),
    "log_checkpoints": (("off",), "on", "checkpoints"),
    "log_autovacuum_min_duration": (("-1",), "10s", "autovacuum runs"),
}


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Gather the settings that are off."""
    if facts.target.engine in PRODUCTS:
        yield from _slow_log(facts)
        return
    off = {name: facts.setting(name) for name, (words, _, _) in ADVICE.items() if facts.setting(name) in words}
    if facts.setting("log_min_duration_sample") not in (None, "-1") or "auto_explain" in (
        facts.setting("shared_preload_libraries") or ""
    ):
        off.pop("log_min_duration_statement", None)
    if all(facts.setting(name) is None for name in ADVICE):
        yield Unknown(reason="the logging settings are not visible")
    if not off:
        return
    told = ", ".join(ADVICE[name][2] for name in off)
    grave = "log_min_duration_statement" in off or "log_lock_waits" in off
    yield Flaw(
        title=f"Log does not tell of {told}",
        severity=Severity.MEDIUM if len(off) > 1 and grave else Severity.LOW,
        subject=Subject(kind="server", name="server"),
        related=tuple(Subject(kind="setting", name=name) for name in off),
        evidence=tuple(Evidence(name=name, value=value, probe="settings") for name, value in off.items()),
        explanation=f"The log holds nothing about {told}.",
        recommendation="Switch these on; a reload is enough.",
        operations=tuple(SetSetting(name=name, value=ADVICE[name][1], previous=value) for name, value in off.items()),
        degree=len(off) / len(ADVICE),
    )


def _slow_log(facts: Facts, *, longest: float = 5) -> Iterator[Verdict]:
    """Read whether slow statements are logged, and what counts as slow. Digests tell of statements as well."""
    value, seconds = facts.setting("slow_query_log"), facts.setting_number("long_query_time")
    counted = is_on(facts.setting("performance_schema"))
    if value is None or seconds is None:
        yield invisible("slow_query_log")
    elif is_off(value):
        yield setting_flaw(
            facts, "slow_query_log", "ON", severity=Severity.LOW if counted else Severity.MEDIUM,
            title="Log does not tell of slow statements",
            evidence=(
                Evidence(name="performance_schema", value=facts.setting("performance_schema"), probe="settings"),
            ),
            explanation="No slow statement is written down"
            + ("; the digests of the performance schema tell of shapes, not of single calls." if counted
               else ", and nothing else counts statements."),
            recommendation="Switch the slow query log on with a long_query_time of a second; that takes no restart.",
            risk="after an incident nobody can tell what ran",
        )  # fmt: skip
    elif seconds > longest:
        yield setting_flaw(
            facts, "long_query_time", "1", severity=Severity.LOW,
            title=f"Log takes statements from {seconds:g} seconds on only",
            explanation=f"A statement that takes less than {seconds:g} seconds is not written down.",
            recommendation="Set a second; that takes no restart.",
            risk="statements that are slow for their users stay out of sight",
        )  # fmt: skip

"""Nothing ends runaway statements and forgotten transactions.

## What
statement_timeout, idle_in_transaction_session_timeout and lock_timeout are off for the server and the database, and
for every role that logs in.

## Why it matters
One forgotten transaction keeps locks and old versions of rows for as long as it lives; one runaway statement takes a
core and its memory; one migration that waits for a lock makes every later reader wait behind it.

## When it is fine
The application or the pooler sets them for each session (which the server does not show), or only batch jobs use the
server.

## How to fix it
Set them per role: short for the application, long or none for batch jobs, backups and migrations. They apply to new
sessions; no restart is needed.

## Sources
PostgreSQL manual, "Statement Behavior": setting statement_timeout in postgresql.conf is not recommended because it
affects all sessions; ALTER ROLE … SET.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject, Unknown, Verdict
from auditor.model.operation import SetSetting
from auditor.model.units import SERVER
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor.text import duration
from auditor_checks._settings import PRODUCTS, invisible, setting_flaw

CHECK = Check(
    title="Nothing ends runaway statements and forgotten transactions",
    passed="Statements and transactions have time limits",
    pillar=Pillar.TRANSACTIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=SERVER,
    needs=("settings", "databases|settings"),
    engines=("postgresql", "mysql", "mariadb"),
)
ADVICE = {  # setting: (value for an application's role, severity, harm)
    "idle_in_transaction_session_timeout": ("60s", Severity.MEDIUM, "a forgotten transaction keeps its locks for ever"),
    "statement_timeout": ("30s", Severity.MEDIUM, "a runaway statement runs until somebody sees it"),
    "lock_timeout": ("5s", Severity.LOW, "a statement that waits for a lock makes others wait behind it for ever"),
}


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Look for each timeout on the server, the database and the roles that log in."""
    if facts.target.engine in PRODUCTS:
        yield from _limits(facts)
        return
    database = facts.database
    users = [role for role in facts.security.roles if role.login and not role.superuser and not role.system]
    if not facts.roles:
        yield Unknown(reason="the roles' own settings are not visible")
        return
    for name, (value, severity, harm) in ADVICE.items():
        setting = facts.settings.get(name)
        scopes = [database.settings if database is not None else {}]
        for role in users:
            scopes += [role.settings, role.database_settings.get(facts.target.name, {})]
        if setting is None or any(_on(scope.get(name)) for scope in scopes):
            continue
        # What the audit's own role or connection brought along says nothing about other sessions.
        if _on(setting.value) and setting.source not in ("client", "user", "database user"):
            continue
        role_name = users[0].name if len(users) == 1 else None
        yield Flaw(
            title=f"{name} is off for every role",
            subject=Subject(kind="setting", name=name),
            severity=severity,
            evidence=(
                Evidence(name=f"{name} of the server", value="0", probe="settings"),
                Evidence(name="login roles with a value of their own", value=0, unit="roles", probe="roles"),
                Evidence(name="login roles", value=len(users), unit="roles", probe="roles"),
            ),
            explanation=f"Neither the server nor the database nor any role sets {name}, so {harm}.",
            recommendation=f"Set it for the application's role, for instance to {value}; leave batch jobs more.",
            operations=(
                SetSetting(name=name, value=value, previous="0", role=role_name,
                           database=None if role_name else facts.target.name),
            ),
            discriminator=name,
        )  # fmt: skip


def _on(value: str | None) -> bool:
    return value is not None and value not in ("", "0")


_LIMITS = {  # setting: (seconds in its unit, the longest that is no finding in seconds, what to set, severity, harm)
    "lock_wait_timeout": (1.0, 3600.0, "60", Severity.LOW,
                          "a change of a table that waits for a transaction makes everybody else wait behind it"),
    "max_execution_time": (0.001, None, "30000", Severity.LOW, "a runaway query runs until somebody sees it"),
    "max_statement_time": (1.0, None, "30", Severity.LOW, "a runaway statement runs until somebody sees it"),
    "idle_transaction_timeout": (1.0, None, "60", Severity.MEDIUM,
                                 "a forgotten transaction keeps its locks for hours"),
}  # fmt: skip


def _limits(facts: Facts) -> Iterator[Verdict]:
    """Read the limits that the product has. None of them can be set for an account by itself."""
    if all(facts.setting(name) is None for name in _LIMITS):
        yield invisible(*_LIMITS)
    for name, (unit, longest, wanted, severity, harm) in _LIMITS.items():
        value = facts.setting_number(name)
        if value is None or (0 < value * unit <= longest if longest is not None else value > 0):
            continue
        told = "off" if value == 0 else duration(value * unit)
        yield setting_flaw(
            facts, name, wanted, severity=severity, risk=harm, title=f"{name} is {told}",
            explanation=f"{name} is {told} unless a session sets another value, so {harm}.",
            recommendation="Let the application's sessions set it, or set it for all; leave batch jobs more.",
        )  # fmt: skip

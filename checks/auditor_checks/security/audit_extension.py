"""Neither logins nor changes of the schema are recorded.

## What
log_connections is off, log_statement records no changes of the schema, and no auditing library is loaded. One of the
three is enough for this check to pass.

## Why it matters
After an incident nobody can tell who logged in and who changed a table or a privilege. Most rules for personal or
payment data ask for such a trail.

## When it is fine
A proxy in front of the server or the provider records the same. On managed services nothing is said.

## How to fix it
Set log_connections on and log_statement to ddl, both by a reload. pgaudit tells more, for single objects too, and needs
a restart once.

## Sources
PostgreSQL manual, "Error Reporting and Logging: What to Log"; the documentation of pgaudit; CIS PostgreSQL Benchmark.
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
    title="Neither logins nor changes of the schema are recorded",
    passed="Logins or changes of the schema are recorded",
    pillar=Pillar.SECURITY,
    severity=Severity.LOW,
    unit=SERVER,
    needs=("settings",),
    engines=("postgresql",),
)
LIBRARIES = frozenset({"pgaudit", "pg_audit", "edb_audit", "set_user"})
OFF = frozenset({"off", ""})


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Look for any trail at all."""
    logins, statements = facts.setting("log_connections"), facts.setting("log_statement")
    libraries = facts.setting("shared_preload_libraries")
    if (logins is not None and logins not in OFF) or statements in ("ddl", "mod", "all"):
        return
    if libraries is not None and not LIBRARIES.isdisjoint(name.strip() for name in libraries.split(",")):
        return
    if facts.target.managed:
        yield Unknown(reason="the operator of a managed service may record this elsewhere")
        return
    if logins is None or statements is None or libraries is None:
        yield Unknown(reason="the settings of logging are not all visible", grant=facts.probes["settings"].grant)
        return
    yield Flaw(
        subject=Subject(kind="server", name="server"),
        related=tuple(Subject(kind="setting", name=name) for name in ("log_connections", "log_statement")),
        evidence=(
            Evidence(name="log_connections", value=logins or "off", probe="settings"),
            Evidence(name="log_statement", value=statements, probe="settings"),
            Evidence(name="shared_preload_libraries", value=libraries or "none", probe="settings"),
        ),
        impact=Impact(risk="after an incident nobody can tell who did what"),
        explanation="The server writes down neither who logs in nor who changes the schema or the privileges.",
        recommendation="Record logins and changes of the schema in the log; a reload is enough.",
        operations=(
            SetSetting(name="log_connections", value="on", previous=logins or None),
            SetSetting(name="log_statement", value="ddl", previous=statements),
        ),
    )

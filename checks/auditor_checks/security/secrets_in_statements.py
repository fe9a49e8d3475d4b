"""Statements that set a password were recorded with their text.

## What
Utility statements in the statement statistics that set a role's password, or that hold the login of a user mapping or a
subscription. The audit takes every literal out before it keeps a text: it sees that there was one, not what it was.

## Why it matters
The statistics replace constants in queries, not in such statements: the password stands there as it was written, for
everybody with pg_monitor or pg_read_all_stats, and for every tool that copies the statistics.

## When it is fine
The text holds only a hash that the client made, as psql's password command does. That cannot be told apart here.

## How to fix it
Change these passwords, letting the client hash them; take the entries out with pg_stat_statements_reset; and switch
pg_stat_statements.track_utility off where such statements go on.

## Sources
PostgreSQL manual, "pg_stat_statements"; "ALTER ROLE" (the note on passwords in the log).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import ChangeApplication, SetSetting
from auditor.model.units import DATABASE
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._words import counted

CHECK = Check(
    title="Statements that set passwords were recorded",
    passed="No recorded statement sets a password",
    pillar=Pillar.SECURITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=DATABASE,
    needs=("statements",),
    engines=("postgresql",),
)
SETTING = "pg_stat_statements.track_utility"
# A question mark stands where a literal was; what the server itself replaced is a numbered parameter.
SECRET = re.compile(
    r"""(?ix)^\s*(?: (?:create|alter)\s+(?:role|user|group)\b[^;]*\bpassword\s+\?
      | (?:create|alter)\s+user\s+mapping\b.*\bpassword\s+\?
      | (?:create|alter)\s+subscription\b.*\bconnection\s+\? )"""
)


def judge(_database: Facts, facts: Facts) -> Iterator[Verdict]:
    """Look through the texts of utility statements; one finding names all."""
    found = [s for s in facts.statements if s.kind == "utility" and SECRET.search(s.text)]
    if not found:
        probe = facts.probes["statements"]
        if probe.reason is not None:
            yield Unknown(reason=probe.reason, grant=probe.grant)
        return
    on = facts.setting(SETTING)
    operations: list[ChangeApplication | SetSetting] = [
        ChangeApplication(
            topic="passwords-in-statements",
            subject=facts.target.name,
            instruction=(
                "Set these passwords again with a client that hashes them (psql's password command), and take the "
                "recorded entries out with pg_stat_statements_reset(userid, dbid, queryid)."
            ),
        )
    ]
    if on == "on":
        operations.append(SetSetting(name=SETTING, value="off", previous=on))
    yield Flaw(
        subject=Subject(kind="setting", name=SETTING),
        related=tuple(Subject(kind="query", name=statement.id) for statement in found),
        evidence=(
            Evidence(name="statements with a secret", value=len(found), unit="statements", probe="statements"),
            Evidence(name="the first of them", value=found[0].text[:120], probe="statements"),
            Evidence(name=SETTING, value=on, probe="settings"),
        ),
        impact=Impact(risk="everybody who may read the statistics reads the passwords"),
        explanation=(
            f"What a client wrote as a password or login stands in {counted(len(found), 'recorded statement')}, for "
            "everybody who may read the statement statistics."
        ),
        recommendation="Change these passwords with client-side hashing, and remove the entries.",
        operations=tuple(operations),
    )

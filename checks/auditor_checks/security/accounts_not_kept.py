"""Accounts are forgotten by the next restart.

## What
Accounts beside default exist, and the server has neither a file for accounts (aclfile) nor a configuration file.

## Why it matters
After the next restart, perhaps an unplanned one, nobody can log in as them: applications fail, or come in as default
where that needs no password.

## When it is fine
The accounts stand on the server's command line (--user), or something makes them after each start. Where there is a
file, whether the accounts stand in it cannot be seen, and nothing is reported.

## How to fix it
Start the server with a configuration file that is on a volume and names an aclfile; then ACL SAVE writes the accounts
after each change.

## Sources
Redis documentation, "ACL: Use an external ACL file"; ACL SAVE. Valkey documentation, "ACL".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import SERVER
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._nodes import REDIS
from auditor_checks._settings import evidence_of, invisible
from auditor_checks._words import counted
from auditor_checks.security._acl import DEFAULT

CHECK = Check(
    title="Accounts are forgotten by the next restart",
    passed="Accounts can be kept in a file",
    pillar=Pillar.SECURITY,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=SERVER,
    needs=("acl", "config", "info"),
    engines=REDIS,
)
_SHOWN = 10


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Ask for a file in which accounts could be."""
    accounts = sorted(role.name for role in facts.security.roles if role.login and role.name != DEFAULT)
    file, own = facts.server.states.get("config_file"), facts.setting("aclfile")
    if facts.target.managed or not accounts:
        return
    if own is None:
        yield invisible("aclfile")
        return
    if file is None:
        yield Unknown(reason="whether the server has a configuration file is not visible")
        return
    if own or file != "none":
        return
    yield Flaw(
        related=tuple(Subject(kind="role", name=name) for name in accounts[:_SHOWN]),
        evidence=(
            Evidence(name="accounts beside default", value=len(accounts), unit="accounts", probe="acl"),
            evidence_of("aclfile", facts),
            Evidence(name="configuration file", value=file, probe="info"),
        ),
        impact=Impact(risk="applications cannot log in after the next restart"),
        explanation=f"{counted(len(accounts), 'account')} beside default can be kept nowhere: the server has no file.",
        recommendation="Give the server a configuration file with an aclfile, and save the accounts.",
        operations=(
            ChangeApplication(
                topic="accounts-file", subject="server",
                instruction="Write the rules that ACL LIST shows into a file on a volume, name it as aclfile in a "
                "configuration file, and start the server with that, a replica first; from then on ACL SAVE after each "
                "change.",
            ),
        ),
    )  # fmt: skip

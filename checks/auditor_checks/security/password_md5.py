"""New passwords are stored as MD5 hashes.

## What
password_encryption is md5.

## Why it matters
An MD5 hash of this kind is as good as the password for whoever reads it, and is quickly guessed from. Version 18 warns
at each such password; a later version will not have them.

## When it is fine
Drivers from before 2018 that cannot answer SCRAM are still in use; update them.

## How to fix it
Set scram-sha-256, reload, and have the passwords set again (stored-md5 lists whose). Host-based rules with the method
md5 accept both.

## Sources
PostgreSQL manual, "Password Authentication"; release notes of versions 14 (new default) and 18 (md5 is deprecated).
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
    title="New passwords are stored as MD5 hashes",
    passed="New passwords are stored as SCRAM hashes",
    pillar=Pillar.SECURITY,
    severity=Severity.MEDIUM,
    unit=SERVER,
    needs=("settings",),
    engines=("postgresql",),
)
# Before version 14 the setting also took "on", which means md5.
WEAK = frozenset({"md5", "on"})


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read the setting."""
    value = facts.setting("password_encryption")
    if value is None:
        yield Unknown(reason="password_encryption is not visible")
    elif value in WEAK:
        yield Flaw(
            subject=Subject(kind="setting", name="password_encryption"),
            evidence=(Evidence(name="password_encryption", value=value, probe="settings"),),
            impact=Impact(risk="a hash that leaks serves in place of the password"),
            explanation="Every password that is set from now on is stored as an MD5 hash.",
            recommendation="Set scram-sha-256 and reload, after making sure that every driver can answer SCRAM.",
            operations=(SetSetting(name="password_encryption", value="scram-sha-256", previous=value),),
        )

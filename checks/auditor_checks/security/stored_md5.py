"""A login role's password is stored as an MD5 hash.

## What
Roles that may log in and whose password is kept as an MD5 hash.

## Why it matters
Whoever reads the hash, from a dump of the roles or from a backup, can log in with it without knowing the password, and
guesses the password quickly, for the salt is the role's name. Version 18 announces the end of these hashes.

## When it is fine
The role logs in by certificate or Kerberos only; then take the password away.

## How to fix it
Set password_encryption to scram-sha-256 and set the password again; it may stay the same.

## Sources
PostgreSQL manual, "Password Authentication"; release notes of version 18.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import ReplacePasswordHash
from auditor.model.security import Role
from auditor.model.units import ROLES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import fitting

CHECK = Check(
    title="Password is stored as an MD5 hash",
    passed="No password is stored as an MD5 hash",
    pillar=Pillar.SECURITY,
    severity=Severity.MEDIUM,
    unit=ROLES,
    needs=("roles", "passwords"),
    engines=("postgresql",),
)


def judge(role: Role, _facts: Facts) -> Iterator[Verdict]:
    """Read how the password is stored; a superuser's is worth more."""
    if not role.login:
        return
    if role.password is None:
        yield Unknown(reason=f"how the password of {role.name} is stored is not visible")
    elif role.password == "md5":  # noqa: S105 -- the kind of hash
        yield Flaw(
            title=fitting(f"The password of {role.name} is stored as an MD5 hash"),
            severity=Severity.HIGH if role.superuser else Severity.MEDIUM,
            evidence=(
                Evidence(name="stored as", value=role.password, probe="passwords"),
                Evidence(name="superuser", value=role.superuser, probe="roles"),
            ),
            impact=Impact(risk="a hash that leaks serves in place of the password"),
            explanation=f"Whoever reads the hash of {role.name} can log in with it.",
            recommendation="Set the password again under password_encryption = scram-sha-256.",
            operations=(ReplacePasswordHash(name=role.name),),
        )

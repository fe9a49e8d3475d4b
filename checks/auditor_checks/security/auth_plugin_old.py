"""An account uses an authentication plugin that is weak or about to go.

## What
MySQL, MariaDB: Accounts with mysql_old_password (broken), mysql_native_password (SHA-1; off by default in MySQL 8.4 and
removed in 9.0) or sha256_password (deprecated). MariaDB still makes native passwords by default: there they are only
noted.

MongoDB: Accounts that can prove who they are by SCRAM-SHA-1 only.

## Why it matters
A stored credential of this kind that leaks is cracked quickly.

MySQL, MariaDB: After the next upgrade the account may not be able to log in.

## When it is fine
While clients are left that know nothing newer.

## How to fix it
Make a second account, switch the clients, then drop the old way.

MySQL: An account can have two passwords for a while (RETAIN CURRENT PASSWORD).

MongoDB: updateUser with the password and both mechanisms lets the account prove itself in both ways meanwhile.

## Sources
MySQL manual, "Authentication Plugins" and "Native Pluggable Authentication"; MariaDB documentation, "Authentication
Plugin - mysql_native_password". MongoDB manual, "SCRAM: SHA-1 and SHA-256".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Verdict
from auditor.model.operation import ReplacePasswordHash
from auditor.model.security import Role
from auditor.model.units import ROLES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import PRODUCTS
from auditor_checks._words import fitting

CHECK = Check(
    title="An account proves itself in an outdated way",
    passed="Accounts prove themselves in ways that last",
    pillar=Pillar.SECURITY,
    severity=Severity.MEDIUM,
    unit=ROLES,
    needs=("roles|accounts",),
    engines=(*PRODUCTS, "mongodb"),
)
OLD = {
    "mysql_old_password": ("its hashes are broken", Severity.HIGH),
    "mysql_native_password": ("its hashes are quickly cracked, and MySQL 9 has no longer got it", Severity.MEDIUM),
    "SCRAM-SHA-1": ("its hashes, made of MD5 and SHA-1, are cracked faster", Severity.MEDIUM),
    "sha256_password": ("it is deprecated, and slow without TLS", Severity.LOW),
}


def judge(role: Role, facts: Facts) -> Iterator[Verdict]:
    """Report the plugin by what is wrong with it on this product."""
    known = OLD.get(role.plugin or "")
    if known is None or not role.login:
        return
    harm, severity = known
    probe = "roles" if "roles" in facts.probes else "accounts"
    if facts.target.engine == "mariadb" and role.plugin == "mysql_native_password":
        severity = Severity.INFO
    yield Flaw(
        title=fitting(f"{role.name} logs in by {role.plugin}"),
        severity=severity,
        evidence=(Evidence(name="way to log in", value=role.plugin, probe=probe),),
        impact=Impact(risk=harm),
        explanation=f"{role.plugin}: {harm}.",
        recommendation="Give the account a second way to log in, move its clients, then take the old one away.",
        operations=(ReplacePasswordHash(name=role.name),),
    )

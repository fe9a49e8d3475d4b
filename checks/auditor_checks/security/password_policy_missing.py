"""Passwords are not checked.

## What
No component or plugin that checks passwords is loaded (validate_password on MySQL, simple_password_check or
cracklib_password_check on MariaDB).

## Why it matters
A password of four letters is accepted, and found in minutes by whoever tries.

## When it is fine
All accounts prove themselves by a socket, a directory service or certificates, or machines make the passwords.

## How to fix it
Load the component; it takes no restart, and concerns passwords that are set from then on.

## Sources
MySQL manual, "The Password Validation Component"; MariaDB documentation, "Password Validation Plugins".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import PRODUCTS, invisible

CHECK = Check(
    title="Nothing refuses weak passwords",
    passed="Weak passwords are refused",
    pillar=Pillar.SECURITY,
    severity=Severity.LOW,
    unit=SERVER,
    needs=("settings",),
    engines=PRODUCTS,
)
PREFIXES = ("validate_password", "simple_password_check", "cracklib_password_check", "password_reuse_check")
REMEDY = {
    "mysql": "INSTALL COMPONENT 'file://component_validate_password'",
    "mariadb": "INSTALL SONAME 'simple_password_check'",
}


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Look for the settings that such a component brings."""
    if not facts.settings:
        yield invisible("settings")
        return
    if facts.target.managed or any(name.startswith(PREFIXES) for name in facts.settings):
        return
    remedy = REMEDY[facts.target.engine]
    yield Flaw(
        evidence=(Evidence(name="settings of a component that checks passwords", value=0, probe="settings"),),
        impact=Impact(risk="passwords that are found by trying"),
        explanation="No component that checks new passwords is loaded.",
        recommendation="Load one; passwords that are set from then on are checked.",
        operations=(ChangeApplication(topic="password-policy", subject="server", instruction=f"Run: {remedy}"),),
    )

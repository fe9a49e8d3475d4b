"""root is let in from other machines.

## What
Accounts called root whose host is not the machine of the server.

## Why it matters
root is the name that everybody tries, and may do everything. On the network its password is all that stands before the
server.

## When it is fine
A bastion is the only machine that it may come from: a single address is graded lower.

## How to fix it
Make named accounts for the administrators, then drop root for other hosts.

## Sources
MySQL manual, "Making MySQL Secure Against Attackers"; MariaDB documentation, mariadb-secure-installation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.security import Role
from auditor.model.units import ROLES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import PRODUCTS
from auditor_checks._words import fitting
from auditor_checks.security._roles import is_provider

CHECK = Check(
    title="The administrator may log in over the network",
    passed="The administrator logs in on the machine itself",
    pillar=Pillar.SECURITY,
    severity=Severity.HIGH,
    unit=ROLES,
    needs=(
        "roles",
        "settings",
    ),
    engines=PRODUCTS,
)
HERE = frozenset({"localhost", "127.0.0.1", "::1"})
ADDRESS = re.compile(r"[0-9a-fA-F.:]+$")


def judge(role: Role, facts: Facts) -> Iterator[Verdict]:
    """Report root by the hosts that it may come from."""
    if role.user != "root" or not role.login or role.host is None or role.host in HERE or is_provider(role, facts):
        return
    pattern = "%" in role.host or "_" in role.host or "/" in role.host
    if not pattern and not ADDRESS.match(role.host) and "." not in role.host:
        return  # the machine's own name, which installers write beside localhost
    yield Flaw(
        title=fitting(f"root may log in from {role.host}"),
        severity=Severity.HIGH if pattern else Severity.LOW,
        evidence=(
            Evidence(name="host", value=role.host, probe="roles"),
            Evidence(name="bind_address", value=facts.setting("bind_address"), probe="settings"),
        ),
        impact=Impact(risk="the name that everybody tries may do everything"),
        explanation=f"root is let in from {role.host} with no more than its password.",
        recommendation="Give administrators accounts of their own, then drop root for other hosts.",
        operations=(
            ChangeApplication(
                topic="remote-root",
                subject=role.name,
                instruction=f"Give administrators named accounts, then drop {role.name}.",
            ),
        ),
    )

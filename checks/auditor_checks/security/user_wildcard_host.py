"""A powerful account is let in from every machine.

## What
Accounts that may change the data of all databases or more, and come from anywhere. Graded by what they may do, and
lower where the server listens to its own machine only.

MySQL, MariaDB: Their host is %, or a pattern for most of the world.

MongoDB: They have no restriction of the addresses of their clients (clientSource).

## Why it matters
A password that leaks is then enough from everywhere. Where the account is bound to the addresses of its clients, it is
worthless elsewhere.

## When it is fine
A firewall or private network admits known machines only, and addresses change with each deployment.

## How to fix it
MySQL, MariaDB: Make the same account for the networks that its clients have, move the clients, then drop the wide one.

MongoDB: Give the account authenticationRestrictions with the networks of its clients; that is a change of the account.

## Sources
MySQL manual, "Specifying Account Names"; MariaDB documentation, "CREATE USER: Host Name Component".
MongoDB manual, "Authentication Restrictions".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.security import Role
from auditor.model.units import ROLES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import PRODUCTS, evidence_of
from auditor_checks._words import fitting
from auditor_checks.security._network import address_setting, listens_beyond

CHECK = Check(
    title="An account with power may come from anywhere",
    passed="Accounts with power come from known places",
    pillar=Pillar.SECURITY,
    severity=Severity.LOW,
    unit=ROLES,
    needs=("roles|accounts", "settings|options"),
    engines=(*PRODUCTS, "mongodb"),
)
WIDE = frozenset({"%", "", "0.0.0.0/0.0.0.0", "%.%.%.%", "%.%"})


def judge(role: Role, facts: Facts) -> Iterator[Verdict]:
    """Report a wide host by the power that is behind it."""
    if not role.login or role.host is None or role.host not in WIDE or not (role.superuser or role.all_data == "write"):
        return
    beyond, address = listens_beyond(facts), address_setting(facts)
    probe = "roles" if "roles" in facts.probes else "accounts"
    severity = Severity.HIGH if role.superuser else Severity.MEDIUM
    yield Flaw(
        title=fitting(f"{role.name} may do {'everything' if role.superuser else 'much'} and come from anywhere"),
        severity=severity if beyond else Severity.LOW,
        evidence=(
            Evidence(name="host", value=role.host or "any", probe=probe),
            Evidence(name="may do everything", value=role.superuser, probe=probe),
            Evidence(name="with the data of all databases", value=role.all_data, probe=probe),
            *([Evidence(name="TLS is required", value=role.requires_tls, probe=probe)] if probe == "roles" else []),
            evidence_of(address, facts),
        ),
        impact=Impact(risk="a password that leaks opens the server from everywhere"),
        explanation=f"Nothing but its password keeps {role.name} from being used on other machines than its clients'.",
        recommendation=(
            "Restrict the account to the networks of its clients (authenticationRestrictions)."
            if role.user is None
            else "Make the account for the networks of its clients, move these, then drop the wide one."
        ),
        operations=(
            ChangeApplication(
                topic="account-host",
                subject=role.name,
                instruction=(
                    f"Give {role.name} authenticationRestrictions with the networks of its clients."
                    if role.user is None
                    else f"Replace {role.name} by an account that comes from the networks of its clients only."
                ),
            ),
        ),
    )

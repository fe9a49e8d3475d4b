"""A login role has an attribute that its work does not need.

## What
Roles that may log in, are no superusers, and may create roles, pass row-level security by, or replicate although they
also own or write tables.

MySQL, MariaDB: Accounts that may make accounts, read and write files of the server's
machine (FILE) or stop the server, or replicate although they may write everywhere. The right to create databases is
named along with these, never alone.

MongoDB: Accounts that may make accounts and grant roles (userAdminAnyDatabase, or the like on admin), administer the
whole deployment (clusterAdmin) or stop servers (hostManager).

## Why it matters
PostgreSQL: Before version 16 a role that may create roles can make itself a member of every role but superusers, so
also of those that run programs on the server. A role that passes row-level security by reads every tenant's rows. A
role that replicates can copy the whole server, all databases and password hashes included.

MySQL, MariaDB: An account that may make accounts makes one for whoever gets hold of it; one with FILE reads and writes
files of the server's machine; one that replicates reads the changes of all databases.

MongoDB: Who may grant roles gives itself every one of them; who administers the deployment drops databases and members.

## When it is fine
An account that administers users creates them; one that only replicates replicates. Accounts for replication that work
on no table and those for backups are therefore not reported.

PostgreSQL: A role that takes dumps has to pass row-level security by.

## How to fix it
Split the work: one role for the application, one for administration, one for replication. Then take the attribute away.

## Sources
PostgreSQL manual, "Role Attributes"; "CREATE ROLE"; release notes of version 16 (CREATEROLE is limited to roles that it
administers). MySQL manual, "Privileges Provided by MySQL".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import AlterRole, Revoke
from auditor.model.security import Role
from auditor.model.units import ROLES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import fitting
from auditor_checks.security._roles import is_backup, is_provider, works_on_data

CHECK = Check(
    title="Login role has an attribute that it should not need",
    passed="Login roles have no attribute beyond their work",
    pillar=Pillar.SECURITY,
    severity=Severity.HIGH,
    unit=ROLES,
    needs=("roles|account-roles", "tables|accounts", "grants|roles|accounts"),
    engines=("postgresql", "mysql", "mariadb", "mongodb"),
)
# From this version on such a role reaches only roles that it made or was given to administer.
LIMITED_CREATEROLE = 160000

POWERS = {  # privileges over the whole server: what they allow, and how grave that is
    "FILE": ("read and write files on the server's machine", Severity.HIGH),
    "SHUTDOWN": ("stop the server", Severity.MEDIUM),
    "clusterAdmin": ("change the set or cluster and drop any database", Severity.MEDIUM),
    "hostManager": ("stop the server", Severity.MEDIUM),
}


def judge(role: Role, facts: Facts) -> Iterator[Flaw]:
    """Gather the attributes that are too much; one finding names them all."""
    if role.superuser or not role.login or is_provider(role, facts):
        return
    found = _excess(role, facts)
    if not found:
        return
    attributes = [name for name, _, _ in found if name not in POWERS]
    attributes += ["create_database"] if role.create_database else []
    powers = " and ".join(power for _, power, _ in found)
    yield Flaw(
        title=fitting(f"Role {role.name} may {powers}"),
        severity=min((severity for _, _, severity in found), key=lambda severity: severity.rank),
        evidence=tuple(
            Evidence(name=name.replace("_", " "), value=True, probe="roles")
            for name in [*attributes, *(name for name, _, _ in found if name in POWERS)]
        ),
        impact=Impact(risk=f"whoever gets this login may {powers}"),
        explanation=f"{role.name} may log in and {powers}.",
        recommendation="Move what needs the attribute to a role of its own, then take it away from this one.",
        operations=_operations(role, attributes, [name for name, _, _ in found if name in POWERS]),
        degree=min(1.0, 0.5 * len(found)),
    )


def _operations(role: Role, attributes: list[str], powers: list[str]) -> tuple[AlterRole | Revoke, ...]:
    """What takes the attributes away, and the privileges over the server that an engine has in their place."""
    found: list[AlterRole | Revoke] = []
    if attributes:
        found.append(AlterRole(name=role.name, attributes=dict.fromkeys(attributes, False)))
    if powers:
        found.append(Revoke(object_kind="server", name="server", privileges=tuple(powers), grantee=role.name))
    return tuple(found)


def _excess(role: Role, facts: Facts) -> list[tuple[str, str, Severity]]:
    """The attributes that are too much: name, what they allow, and how grave that is."""
    found = []
    if role.create_role:
        limited = facts.target.engine == "postgresql" and facts.version >= LIMITED_CREATEROLE
        found.append(("create_role", "create roles", Severity.MEDIUM if limited else Severity.HIGH))
    if role.replication and works_on_data(role, facts):
        found.append(("replication", "copy the whole server by replication", Severity.HIGH))
    if role.bypass_row_security and not is_backup(role):
        secured = any(table.row_security for table in facts.tables)
        severity = Severity.HIGH if secured and works_on_data(role, facts) else Severity.MEDIUM
        found.append(("bypass_row_security", "pass row-level security by", severity if secured else Severity.LOW))
    if not is_backup(role):
        found += [(name, *POWERS[name]) for name in role.powers if name in POWERS]
    return found

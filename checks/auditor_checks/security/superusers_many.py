"""A role that may log in is a superuser beside the one that the server needs.

## What
Superusers that may log in, without the one that the server was created with. A superuser that an application is
connected as is reported by superuser-app instead.

MySQL, MariaDB: Accounts with SUPER, or that may both make accounts and pass privileges on; root is the one that the
server was created with.

MongoDB: Accounts with the role root, or with a role that allows everything, where they are more than a few: no account
is there from the beginning.

## Why it matters
Nothing that the server checks limits such a login: it reads every row of every database, and reads and writes files of
the machine. Each one is one more password that opens all of this.

PostgreSQL: It passes row-level security by, and runs programs as the server's operating system user.

## When it is fine
Named administrators each have a login of their own, so that the log tells who did what: keep those few, and let them
work with fewer rights until they need more.

## How to fix it
PostgreSQL: Give the role what it needs by grants and predefined roles (pg_monitor, pg_read_all_data, pg_maintain and
the like), then take SUPERUSER away.

MySQL, MariaDB: Give the account what it needs by grants on its databases, then take SUPER and the other privileges on
everything
away.

MongoDB: Grant readWrite or another role on the databases that the account works in, then revoke root.

## Sources
PostgreSQL manual, "Role Attributes" and "Predefined Roles". MySQL manual, "Privileges Provided by MySQL". MongoDB
manual, "Built-In Roles: Superuser Roles".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import AlterRole
from auditor.model.security import Role
from auditor.model.units import ROLES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import counted, fitting
from auditor_checks.security._roles import application_sessions, bootstrap_superuser, is_bootstrap, is_provider

CHECK = Check(
    title="One more superuser may log in",
    passed="Nobody but the server's own superuser may log in as one",
    pillar=Pillar.SECURITY,
    severity=Severity.MEDIUM,
    unit=ROLES,
    needs=("roles|accounts",),
    engines=("postgresql", "mysql", "mariadb", "mongodb"),
)


def judge(role: Role, facts: Facts, *, several: float = 3) -> Iterator[Flaw]:
    """Report a superuser with a login; graver when there are more than ``several`` of them."""
    if not role.superuser or not role.login or is_provider(role, facts):
        return
    if facts.server.role is not None:
        yield from _accounts(role, facts, several)
        return
    original = bootstrap_superuser(facts)
    if is_bootstrap(role, facts) or application_sessions(role.name, facts)[0]:
        return
    others = [r for r in facts.security.roles if r.superuser and r.login and not is_bootstrap(r, facts)]
    yield Flaw(
        title=fitting(f"{'Role ' if role.user is None else ''}{role.name} may log in as a superuser"),
        severity=Severity.HIGH if len(others) > several else Severity.MEDIUM,
        related=(Subject(kind="role", name=original),),
        evidence=(
            Evidence(name="superuser", value=True, probe="roles"),
            Evidence(
                name="superusers with a login beside the first", value=len(others), unit="accounts", probe="roles"
            ),
        ),
        impact=Impact(risk="whoever gets this login has all data of the server, and files of its machine"),
        explanation=(
            f"{counted(len(others), 'superuser')} may log in beside {original}, {role.name} among them: nothing "
            "that the server checks limits what it reads, changes or runs."
        ),
        recommendation=(
            "Grant the role what it needs, by predefined roles where one fits; then take SUPERUSER away."
            if role.user is None
            else "Grant the account what it needs, then take SUPER and CREATE USER with GRANT OPTION away."
        ),
        operations=(AlterRole(name=role.name, attributes={"superuser": False}),),
    )


def _accounts(role: Role, facts: Facts, several: float) -> Iterator[Flaw]:
    """Report the superusers of a server that was made without one, where they are more than its administrators."""
    all_of_them = [one.name for one in facts.security.roles if one.superuser]
    if len(all_of_them) <= several:
        return
    yield Flaw(
        title=fitting(f"{role.name} is one of {len(all_of_them)} accounts that may do everything"),
        evidence=(
            Evidence(name="roles", value=", ".join(edge.role for edge in role.member_of), probe="accounts"),
            Evidence(name="accounts that may do everything", value=len(all_of_them), unit="accounts", probe="accounts"),
        ),
        impact=Impact(risk="whoever gets this login has all data and all accounts"),
        explanation=f"{len(all_of_them)} accounts may do everything, {role.name} among them.",
        recommendation="Grant the account what it needs on the databases that it works in, then revoke the wide role.",
        operations=(AlterRole(name=role.name, attributes={"superuser": False}),),
    )

"""A login role can become as good as a superuser through its memberships.

## What
Roles that may log in, are no superusers, and are members, directly or through others, of a superuser or of a predefined
role that reaches the server's files and programs: pg_execute_server_program, pg_write_server_files,
pg_read_server_files. Where one group gives this to many, the group is reported.

## Why it matters
Whoever runs programs or writes files as the server's operating system user can make itself a superuser; whoever reads
files reads every database and the password hashes. Several steps of membership hide this from a list of roles.

## When it is fine
Administrators take the power by SET ROLE when they need it, and the log tells. A backup role reads the server's files:
roles that are named so are not reported for reading.

## How to fix it
Revoke the membership that leads there. A client loads its own files itself, with psql's copy command, without any of
this.

## Sources
PostgreSQL manual, "Predefined Roles"; "Role Membership".
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject
from auditor.model.operation import RevokeMembership
from auditor.model.security import Role
from auditor.model.units import ROLES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import fitting
from auditor_checks.security._roles import is_backup, is_provider, ways_up

CHECK = Check(
    title="Login role can become as good as a superuser",
    passed="No membership leads to a superuser's powers",
    pillar=Pillar.SECURITY,
    severity=Severity.HIGH,
    unit=ROLES,
    needs=("roles",),
    engines=("postgresql",),
)
POWERS = {
    "pg_execute_server_program": "run programs on the server",
    "pg_write_server_files": "write the server's files",
    "pg_read_server_files": "read the server's files",
}


def judge(role: Role, facts: Facts, *, crowd: float = 3) -> Iterator[Flaw]:
    """Follow the role's memberships; a group that leads more than ``crowd`` logins up stands for all of them."""
    if role.superuser or is_provider(role, facts):
        return
    members = _led(role, facts)
    if not role.login and len(members) <= crowd:
        return
    ways = [way for way in _powerful(role, facts) if role.login or len(way) == 2]
    ways = [way for way in ways if not (role.login and _told_of_group(way, facts, crowd))]
    if not ways:
        return
    powers = [_power(way[-1]) for way in ways]
    grave = any(way[-1] != "pg_read_server_files" for way in ways)
    shown = "; ".join(" → ".join(way) for way in ways)
    yield Flaw(
        title=fitting(f"Role {role.name} can {powers[0]}{' and more' if len(powers) > 1 else ''} by membership"),
        severity=Severity.HIGH if grave else Severity.MEDIUM,
        related=tuple(
            Subject(kind="role", name=name)
            for name in dict.fromkeys((*(name for way in ways for name in way[1:]), *members))
        ),
        evidence=(
            Evidence(name="membership", value=shown, probe="roles"),
            Evidence(name="logins that it gives this to", value=len(members), unit="roles", probe="roles"),
        ),
        impact=Impact(risk=f"whoever gets such a login can {', '.join(powers)}"),
        explanation=f"Through {shown} the role can {', '.join(powers)}, which is as good as being a superuser.",
        recommendation="Revoke the membership, and give the work that needs it to a role that only does this.",
        operations=tuple(RevokeMembership(name=way[-2], role=way[-1]) for way in ways),
    )


def _powerful(role: Role, facts: Facts) -> list[tuple[str, ...]]:
    """The ways from a role to powers; a superuser's power is only to be had by SET ROLE or by the right to grant it."""
    found = []
    for way in ways_up(role, facts):
        above = facts.roles.get(way[-1])
        if way[-1] in POWERS or (above is not None and above.superuser and _may_become(way, facts)):
            found.append(way)
    return [way for way in found if not (is_backup(role) and way[-1] == "pg_read_server_files")]


def _may_become(way: tuple[str, ...], facts: Facts) -> bool:
    for member, group in pairwise(way):
        edges = [edge for edge in facts.roles[member].member_of if edge.role == group]
        if not any(edge.set or edge.admin for edge in edges):
            return False
    return True


def _power(name: str) -> str:
    return POWERS.get(name) or f"become the superuser {name}"


def _led(group: Role, facts: Facts) -> list[str]:
    """The logins that are members of a role, directly or not."""
    logins = (role for role in facts.security.roles if role.login and not role.superuser)
    return [role.name for role in logins if any(way[-1] == group.name for way in ways_up(role, facts))]


def _told_of_group(way: tuple[str, ...], facts: Facts, crowd: float) -> bool:
    """Whether the last role before the power is a group that is reported itself."""
    group = facts.roles.get(way[-2])
    return group is not None and not group.login and not group.system and len(_led(group, facts)) > crowd

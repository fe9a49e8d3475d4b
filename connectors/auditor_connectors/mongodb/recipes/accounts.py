"""Recipes for accounts: give what is needed, see that it is enough, then take away what is too much."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor.connector import Draft
from auditor.model.facts import Facts
from auditor.model.operation import AlterRole, Revoke, RevokeMembership
from auditor.model.vocabulary import Phase
from auditor_connectors.drafting import application
from auditor_connectors.mongodb.javascript import database, document, literal, text
from auditor_connectors.mongodb.recipes.estimates import Estimate
from auditor_connectors.mongodb.recipes.steps import draft

# https://www.mongodb.com/docs/manual/reference/built-in-roles/
_GIVES = {
    "superuser": ("root@admin", "__system@admin"),
    "create_role": ("userAdminAnyDatabase@admin", "userAdmin@admin", "dbOwner@admin"),
}
_POWERS = frozenset(role for roles in _GIVES.values() for role in roles)
_AT_ONCE = Estimate(0.1, None, "in force at once, for sessions that are open too")


def alter_role(operation: AlterRole, facts: Facts) -> Iterator[Draft]:
    """Take the roles away that give what an account should not have."""
    held = _held(facts, operation.name)
    lost = {role for name, kept in operation.attributes.items() if not kept for role in _GIVES.get(name, ())}
    yield from _without(facts, operation.name, [role for role in held if role in lost])


def revoke(operation: Revoke, facts: Facts) -> Iterator[Draft]:
    """Take roles away by which an account works on the whole server."""
    held = _held(facts, operation.grantee)
    lost = {f"{one}@{operation.schema or 'admin'}" for one in operation.privileges}
    yield from _without(facts, operation.grantee, [role for role in held if role in lost])


def revoke_membership(operation: RevokeMembership, facts: Facts) -> Iterator[Draft]:
    """Take one role away."""
    yield from _without(facts, operation.name, [operation.role])


def _held(facts: Facts, name: str) -> Sequence[str]:
    role = facts.roles.get(name)
    return [one.role for one in role.member_of] if role is not None else []


def _without(facts: Facts, account: str, lost: Sequence[str]) -> Iterator[Draft]:
    if not lost:
        yield application(
            Phase.SWITCH,
            f"Narrow the roles of {account}",
            "What is too much comes from a role of your own: look at it by db.getRole(…, {showPrivileges: true}), and "
            "take the privileges out of it by db.revokePrivilegesFromRole.",
        )
        return
    user, _, home = account.rpartition("@")
    kept = [role for role in _held(facts, account) if role not in lost]
    needs = [{"role": "readWrite", "db": schema.name} for schema in facts.snapshot.catalog.schemas]
    held = f"{database(home)}.getUser({text(user)}).roles"
    if not kept and needs:
        yield draft(
            Phase.PREPARE,
            f"Give {account} roles on the databases that it uses",
            f"{database(home)}.grantRolesToUser({text(user)}, {literal(needs)})",
            verify=_all_of(held, needs),
            rollback=(f"{database(home)}.revokeRolesFromUser({text(user)}, {literal(needs)})",),
            takes=_AT_ONCE,
            notes=(
                (
                    "readWrite on every audited database is more than it may need: leave out what it does not use, "
                    "and say read where it only reads. What it does: db.currentOp({$all: true}), the profiler, the log."
                ),
            ),
        )
    roles = [{"role": one.rpartition("@")[0], "db": one.rpartition("@")[2]} for one in lost]
    yield draft(
        Phase.SWITCH,
        f"Take {', '.join(lost)} from {account}",
        f"{database(home)}.revokeRolesFromUser({text(user)}, {literal(roles)})",
        verify=f"!({_any_of(held, roles)})",
        precondition=_others(account) if _POWERS.intersection(lost) else None,
        rollback=(f"{database(home)}.grantRolesToUser({text(user)}, {literal(roles)})",),
        takes=_AT_ONCE,
        notes=(
            "What it may no longer do fails from now on with error 13: watch its log, and go back at once if it must.",
            "Better still for an application: an account and a password of its own, and an end to this one.",
        ),
    )


def _any_of(held: str, roles: Sequence[dict[str, str]]) -> str:
    asked = " || ".join(f"(one.role === {text(one['role'])} && one.db === {text(one['db'])})" for one in roles)
    return f"{held}.some(one => {asked})"


def _all_of(held: str, roles: Sequence[dict[str, str]]) -> str:
    return " && ".join(_any_of(held, [one]) for one in roles)


def _others(account: str) -> str:
    """Whether somebody else can still manage accounts."""
    user, _, home = account.rpartition("@")
    found = f'db.getSiblingDB("admin").runCommand({document({"usersInfo": {"forAllDBs": True}})}).users'
    may = 'role => role.db === "admin" && ["root", "userAdminAnyDatabase"].includes(role.role)'
    return f"{found}.some(one => one._id !== {text(f'{home}.{user}')} && one.roles.some({may}))"

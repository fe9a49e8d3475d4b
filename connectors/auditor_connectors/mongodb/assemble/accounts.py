"""Accounts and what they may do, from their roles and from what these inherit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from auditor.model.security import Membership, Role, Security
from auditor_connectors.mongodb.probe import Raw, Row

_Name = tuple[str, str]
"""A role and the database that it is one of."""

# https://www.mongodb.com/docs/manual/reference/built-in-roles/: who has one of these can give itself all others.
_EVERYTHING = frozenset({("root", "admin"), ("__system", "admin")})
_ACCOUNTS = frozenset({("userAdminAnyDatabase", "admin"), ("userAdmin", "admin"), ("dbOwner", "admin")})
_WRITES = frozenset({("readWriteAnyDatabase", "admin"), ("restore", "admin")})
_READS = frozenset({("readAnyDatabase", "admin"), ("backup", "admin")})
_OPERATES = frozenset({"clusterAdmin", "clusterManager", "hostManager", "dbAdminAnyDatabase", "restore"})
_WRITING = frozenset({"insert", "update", "remove", "anyAction"})


def security(raw: Raw) -> Security:
    """Every account, by name."""
    made = {(row["role"], row["db"]): row for row in raw.get("account-roles", ())}
    found = (_account(row, made) for row in raw.get("accounts", ()))
    return Security(roles=tuple(sorted(found, key=lambda role: role.name)))


def _account(row: Row, made: Mapping[_Name, Row]) -> Role:
    given = [(role["role"], role["db"]) for role in row.get("roles", ())]
    held = {*given, *(inherited for role in given for inherited in _inherited(made.get(role)))}
    privileges = [one for role in given if role in made for one in made[role]["privileges"]]
    mechanisms = sorted(row.get("mechanisms", ()))
    return Role(
        name=f"{row['user']}@{row['db']}",
        login=True,
        plugin=",".join(mechanisms) or "external",
        host=None if row["limited"] else "",
        superuser=not held.isdisjoint(_EVERYTHING) or any(map(_anything, privileges)),
        create_role=not held.isdisjoint(_ACCOUNTS),
        powers=tuple(sorted({role for role, database in held if database == "admin"} & _OPERATES)),
        all_data=_all_data(held, privileges),
        member_of=tuple(Membership(role=f"{role}@{database}") for role, database in sorted(given)),
    )


def _inherited(role: Row | None) -> Iterator[_Name]:
    yield from role["inherited"] if role is not None else ()


def _anything(privilege: Mapping[str, Any]) -> bool:
    return bool(privilege["resource"].get("anyResource")) and "anyAction" in privilege["actions"]


def _all_data(held: set[_Name], privileges: list[Any]) -> Any:
    """What it may do with the data of all databases; None where it is limited to some."""
    everywhere = [one for one in privileges if one["resource"].get("db") == "" and not one["resource"]["collection"]]
    actions = {action for one in everywhere for action in one["actions"]}
    if not held.isdisjoint(_WRITES | _EVERYTHING) or actions & _WRITING or any(map(_anything, privileges)):
        return "write"
    return "read" if not held.isdisjoint(_READS) or "find" in actions else None

"""Accounts and the roles that somebody made; never a credential, never what an account carries along for its owner."""

from __future__ import annotations

from auditor_connectors.mongodb.probe import Probe, Role, Row
from auditor_connectors.mongodb.session import Session

_VIEWER = Role("viewAccounts", actions=("viewUser", "viewRole"))
_MOST = 1_000
_KEPT = ("user", "db", "roles", "mechanisms")


def _accounts(session: Session) -> list[Row]:
    """All accounts in one command, and in another one what a list leaves out: where each may come from."""
    users = session.command("admin", "usersInfo", {"forAllDBs": True})["users"]
    if len(users) > _MOST:
        session.tell(f"only {_MOST:,} of {len(users):,} accounts were looked at")
    users = users[:_MOST]
    asked = [{"user": user["user"], "db": user["db"]} for user in users]
    told = session.command("admin", "usersInfo", asked, showAuthenticationRestrictions=True)["users"] if asked else []
    limited = {
        (user["user"], user["db"])
        for user in told
        if any(user.get(name) for name in ("authenticationRestrictions", "inheritedAuthenticationRestrictions"))
    }
    return [
        {**{name: user[name] for name in _KEPT if name in user}, "limited": (user["user"], user["db"]) in limited}
        for user in users
    ]


def _roles(session: Session) -> list[Row]:
    """The roles that accounts hold and that the server does not have by itself, with what they end up allowing."""
    users = session.command("admin", "usersInfo", {"forAllDBs": True})["users"][:_MOST]
    held = sorted({(role["role"], role["db"]) for user in users for role in user.get("roles", ())})
    own = [(role["role"], role["db"]) for role in _told(session, held, privileges=False) if not role.get("isBuiltin")]
    return [
        {"role": role["role"], "db": role["db"],
         "inherited": [(one["role"], one["db"]) for one in role.get("inheritedRoles", ())],
         "privileges": role.get("inheritedPrivileges", [])}
        for role in _told(session, own, privileges=True)
    ]  # fmt: skip


def _told(session: Session, roles: list[tuple[str, str]], *, privileges: bool) -> list[Row]:
    if not roles:
        return []
    asked = [{"role": role, "db": database} for role, database in roles]
    found: list[Row] = session.command("admin", "rolesInfo", asked, showPrivileges=privileges)["roles"]
    return found


PROBES = (
    Probe(name="accounts", purpose="list accounts with their roles, and from where they may log in", read=_accounts,
          role=_VIEWER),
    Probe(name="account-roles", purpose="read what the roles that somebody made allow", read=_roles, role=_VIEWER),
)  # fmt: skip

"""From rows to accounts: who may log in from where, how, and with which privileges over the whole server."""

from __future__ import annotations

from typing import Any, Literal

from auditor.model.security import Role, Security
from auditor_connectors.mysql.probe import Raw, Row

_POWERS = {
    "File_priv": "FILE", "Process_priv": "PROCESS", "Shutdown_priv": "SHUTDOWN", "Reload_priv": "RELOAD",
    "Grant_priv": "GRANT OPTION",
}  # fmt: skip
"""Privileges over the server by their columns; those that the model has a field for are left out."""

_SYSTEM = frozenset({"mysql.sys", "mysql.session", "mysql.infoschema", "mariadb.sys"})
_WITHOUT_PASSWORD = frozenset({
    "unix_socket", "auth_socket", "auth_pam", "pam", "auth_gssapi", "gssapi", "authentication_ldap_sasl",
    "authentication_ldap_simple", "authentication_kerberos", "authentication_windows", "authentication_webauthn",
    "authentication_openid_connect", "mysql_no_login", "named_pipe",
})  # fmt: skip
"""Ways to log in that keep no password in the server."""


def security(raw: Raw) -> Security:
    """Return the accounts by name."""
    known = {(row["user"], row["host"]): row for row in raw.get("passwords", ())}
    roles = [_role(row, known.get((row["User"], row["Host"])), known) for row in raw.get("roles", ())]
    return Security(roles=tuple(sorted(roles, key=lambda role: role.name)))


def _role(row: Row, secret: Row | None, known: dict[tuple[str, str], Row]) -> Role:
    is_role = _yes(row["is_role"])
    locked = _yes(row["account_locked"]) if row["account_locked"] is not None else None
    if locked is None and known:
        locked = secret is not None and secret["locked"] not in (None, "0", "false")
    writes = [row[column] for column in ("Insert_priv", "Update_priv", "Delete_priv", "Drop_priv")]
    plugin = (secret or {}).get("plugin") or row["plugin"] or None
    return Role(
        # A role of MariaDB has no host; those of MySQL are accounts that nobody can log in to.
        name=f"{row['User']}@{row['Host']}" if row["Host"] or not is_role else row["User"],
        user=row["User"],
        host=row["Host"] or None,
        login=not is_role and not locked,
        plugin=plugin,
        superuser=_yes(row["Super_priv"]) or all(map(_yes, (row["Grant_priv"], row["Create_user_priv"]))),
        create_role=_yes(row["Create_user_priv"]),
        replication=_yes(row["Repl_slave_priv"]),
        all_data="write" if any(map(_yes, writes)) else "read" if _yes(row["Select_priv"]) else None,
        powers=tuple(sorted(word for column, word in _POWERS.items() if _yes(row[column]))),
        locked=locked,
        requires_tls=None if is_role else bool(row["ssl_type"]),
        connection_limit=int(row["max_user_connections"] or 0) or -1,
        password=None if is_role or secret is None else _password(plugin, secret),
        system=row["User"] in _SYSTEM,
    )


def _password(plugin: str | None, secret: Row) -> Literal["none", "other"]:
    """Whether the account logs in with a password that it does not have."""
    return "none" if int(secret["without"]) and (plugin or "") not in _WITHOUT_PASSWORD else "other"


def _yes(value: Any) -> bool:
    return value in ("Y", 1, "1")

"""Probes of accounts. Hashes of passwords never leave the server: only whether there is one, and of which kind."""

from __future__ import annotations

from auditor_connectors.mysql.probe import Need, Probe

# What an account must be allowed to read of mysql.user: all of it but what tells of passwords.
_COLUMNS = (
    "Host", "User", "plugin", "ssl_type", "max_user_connections", "Select_priv", "Insert_priv", "Update_priv",
    "Delete_priv", "Drop_priv", "Grant_priv", "Super_priv", "Create_user_priv", "Repl_slave_priv", "File_priv",
    "Process_priv", "Shutdown_priv", "Reload_priv",
)  # fmt: skip
_MYSQL = (*_COLUMNS, "account_locked", "password_expired")
_MARIADB = (*_COLUMNS, "is_role", "password_expired")


def _roles(columns: tuple[str, ...], more: str) -> str:
    return f"SELECT {', '.join(columns)}, {more} FROM mysql.user"  # noqa: S608 -- names of our own


ROLES = Probe(
    name="roles",
    purpose="list the accounts with their privileges over the whole server and their way to log in",
    # A role of MySQL is an account that is locked and whose password has expired.
    sql={
        0: _roles(_COLUMNS, "'N' AS account_locked, 'N' AS is_role"),
        50706: _roles((*_COLUMNS, "account_locked"), "'N' AS is_role"),
        80000: _roles(_MYSQL, "if(account_locked = 'Y' AND password_expired = 'Y', 'Y', 'N') AS is_role"),
    },
    mariadb={0: _roles(_COLUMNS, "NULL AS account_locked, 'N' AS is_role"), 100005: _roles(_MARIADB,
             "NULL AS account_locked")},
    privilege="SELECT on the columns of mysql.user that tell nothing of passwords",
    need=Need(columns=(("mysql", "user", _MYSQL),)),
    need_mariadb=Need(columns=(("mysql", "user", _MARIADB),)),
)  # fmt: skip

PASSWORDS = Probe(
    name="passwords",
    purpose="tell which accounts have no password, and which are locked, without a single hash",
    sql="""
SELECT User AS user, Host AS host, authentication_string = '' OR authentication_string IS NULL AS without,
       NULL AS plugin, NULL AS locked
  FROM mysql.user
""",
    # An account may have several ways to log in there; one without a password is enough.
    mariadb={
        0: """
SELECT User AS user, Host AS host, Password = '' AND authentication_string = '' AS without, NULL AS plugin,
       NULL AS locked
  FROM mysql.user
""",
        100400: """
SELECT User AS user, Host AS host,
       coalesce(json_value(Priv, '$.authentication_string'), '') = '' AND
         NOT json_exists(Priv, '$.auth_or') AS without,
       coalesce(json_value(Priv, '$.plugin'), '') AS plugin, json_value(Priv, '$.account_locked') AS locked
  FROM mysql.global_priv
 WHERE json_value(Priv, '$.is_role') IS NULL
""",
    },
    privilege="SELECT on the table of accounts, which shows the hashes of passwords as well",
    need=Need(tables=(("mysql", "user"),), proposed=None),
    need_mariadb=Need(tables=(("mysql", "global_priv"),), proposed=None),
)

PROBES: tuple[Probe, ...] = (ROLES, PASSWORDS)

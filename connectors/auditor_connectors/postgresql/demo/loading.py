"""Load the sample database: roles, tables, rows, indexes, and what wear did to them."""

from __future__ import annotations

import secrets
from importlib.resources import files

import psycopg
from psycopg import sql

from auditor_connectors.postgresql.embedded import Server

DATABASE = "shop"
LOGINS = ("shop_app", "shop_web", "reporting", "deploy", "fulfilment_service", "auditor")


def scripts(folder: str) -> list[bytes]:
    """The SQL files of a folder of this package, in the order of their names."""
    found = [item for item in files(__package__).joinpath(folder).iterdir() if item.name.endswith(".sql")]
    return [item.read_bytes() for item in sorted(found, key=lambda item: item.name)]


def load(server: Server) -> dict[str, str]:
    """Fill the server and return the password of each login role, drawn anew."""
    passwords = {role: secrets.token_urlsafe(18) for role in LOGINS}
    roles, *tables = scripts("tables")
    *finish, wear = scripts("finish")
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(roles)
        for role, password in passwords.items():
            change = sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(password))
            connection.execute(change)
        connection.execute("CREATE DATABASE shop OWNER shop_owner")
    with psycopg.connect(server.url(DATABASE), autocommit=True) as connection:
        _extensions(connection)
        connection.execute("SET ROLE shop_owner")
        for text in (*tables, *scripts("rows"), *finish):
            connection.execute(text)  # one transaction each, because it is one message
        connection.execute("RESET ROLE")
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("SET ROLE shop_owner")
        connection.execute(wear)
        # The counters of a session are told to the others after a while, or when it is asked to.
        connection.execute("SELECT pg_stat_force_next_flush()")
        connection.execute("VACUUM (ANALYZE) shop.page_views")
        _failed_index(connection)
        connection.execute("RESET ROLE")
        # The statements so far, with the passwords among them, are not the shop's work.
        connection.execute("SELECT pg_stat_statements_reset()")
    return passwords


def _extensions(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    connection.execute("CREATE EXTENSION pg_stat_statements")
    connection.execute("CREATE EXTENSION pgstattuple")
    # As installed with the server of 2020, and not updated with it since.
    connection.execute("CREATE EXTENSION pg_trgm VERSION '1.5'")
    # What pg_monitor leaves out of an audit's reach.
    connection.execute("GRANT SELECT ON pg_hba_file_rules, pg_file_settings TO auditor")
    connection.execute("GRANT EXECUTE ON FUNCTION pg_hba_file_rules(), pg_show_all_file_settings() TO auditor")


def _failed_index(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """Leave the invalid index of somebody who found out that some customers had registered twice."""
    try:
        connection.execute(
            "CREATE UNIQUE INDEX CONCURRENTLY customers_email_lower_key ON shop.customers (lower(email))"
        )
    except psycopg.errors.UniqueViolation:
        return
    raise AssertionError("no customer registered twice")

"""From rows to records: roles, grants, host rules, foreign servers."""

from __future__ import annotations

from auditor.model.security import DefaultPrivilege, ForeignServer, Grant, HostRule, Membership, Role, Security
from auditor_connectors.postgresql.assemble.values import pairs
from auditor_connectors.postgresql.probe import Raw, Row


def security(raw: Raw) -> Security:
    """Put together what the probes brought of access; without ``passwords`` the kinds of hashes are unknown."""
    passwords = {row["name"]: row["kind"] for row in raw.get("passwords", ())}
    return Security(
        roles=tuple(_role(row, passwords) for row in raw.get("roles", ())),
        grants=tuple(_grant(row) for row in raw.get("grants", ())),
        default_privileges=tuple(_default_privilege(row) for row in raw.get("default-privileges", ())),
        host_rules=tuple(_host_rule(row) for row in raw.get("host-rules", ())),
        foreign_servers=tuple(_foreign_server(row) for row in raw.get("foreign-servers", ())),
    )


def _role(row: Row, passwords: dict[str, str]) -> Role:
    settings = {entry["database"]: pairs(entry["settings"]) for entry in row["settings"] or ()}
    return Role(
        name=row["name"],
        login=row["login"],
        superuser=row["superuser"],
        create_role=row["create_role"],
        create_database=row["create_database"],
        replication=row["replication"],
        bypass_row_security=row["bypass_row_security"],
        connection_limit=row["connection_limit"],
        valid_until=row["valid_until"],
        password=passwords.get(row["name"]),  # type: ignore[arg-type]  # the statement yields these four words
        system=row["system"],
        member_of=tuple(
            Membership(role=entry["role"], admin=entry["admin"], inherit=entry["inherit"], set=entry["set"])
            for entry in row["member_of"] or ()
        ),
        settings=settings.get(None, {}),
        database_settings={database: values for database, values in settings.items() if database is not None},
    )


def _grant(row: Row) -> Grant:
    return Grant(
        kind=row["kind"],
        schema=row["schema"],
        name=row["name"],
        column=row["column"],
        grantee=row["grantee"],
        privileges=tuple(row["privileges"]),
        grantable=row["grantable"],
        default=row["default"],
    )


def _default_privilege(row: Row) -> DefaultPrivilege:
    return DefaultPrivilege(
        role=row["role"],
        schema=row["schema"],
        kind=row["kind"],
        grantee=row["grantee"],
        privileges=tuple(row["privileges"]),
    )


def _host_rule(row: Row) -> HostRule:
    return HostRule(
        line=row["line"],
        type=row["type"] or "",
        databases=tuple(row["databases"] or ()),
        users=tuple(row["users"] or ()),
        address=row["address"],
        netmask=row["netmask"],
        method=row["method"],
        error=row["error"],
    )


def _foreign_server(row: Row) -> ForeignServer:
    return ForeignServer(
        name=row["name"],
        wrapper=row["wrapper"],
        owner=row["owner"],
        options=tuple(row["options"] or ()),
        foreign_tables=row["foreign_tables"],
        stored_passwords=None if row["hidden"] else row["stored_passwords"],
    )

"""Recipes for access. What takes a right away stands where the plan switches, with the statement that gives it back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from auditor.connector import Draft
from auditor.model.facts import Facts
from auditor.model.operation import (
    AlterRole,
    ChangeHostRule,
    EnableTls,
    ReplacePasswordHash,
    Revoke,
    RevokeMembership,
    SetRoutineSetting,
    SetRowSecurity,
    SetViewOption,
)
from auditor.model.vocabulary import Phase
from auditor_connectors.drafting import application
from auditor_connectors.postgresql.recipes.queries import relation_is
from auditor_connectors.postgresql.recipes.settings import RELOAD, setting_value
from auditor_connectors.postgresql.recipes.sql import ident, literal, qualified, regclass
from auditor_connectors.postgresql.recipes.steps import brief, runbook

_ATTRIBUTES: Mapping[str, tuple[str, str]] = {
    "login": ("LOGIN", "rolcanlogin"),
    "superuser": ("SUPERUSER", "rolsuper"),
    "create_role": ("CREATEROLE", "rolcreaterole"),
    "create_database": ("CREATEDB", "rolcreatedb"),
    "replication": ("REPLICATION", "rolreplication"),
    "bypass_row_security": ("BYPASSRLS", "rolbypassrls"),
}
"""Attributes of the model with the server's word and the column of pg_roles."""

# The catalog that holds the list of privileges of a kind of object: (table, list, the row's condition or "").
_OBJECTS: Mapping[str, tuple[str, str, str]] = {
    "table": ("TABLE", "pg_class", "relacl"),
    "view": ("TABLE", "pg_class", "relacl"),
    "materialized-view": ("TABLE", "pg_class", "relacl"),
    "sequence": ("SEQUENCE", "pg_class", "relacl"),
    "function": ("ROUTINE", "pg_proc", "proacl"),
    "schema": ("SCHEMA", "pg_namespace", "nspacl"),
    "database": ("DATABASE", "pg_database", "datacl"),
    "language": ("LANGUAGE", "pg_language", "lanacl"),
    "foreign-server": ("FOREIGN SERVER", "pg_foreign_server", "srvacl"),
    "type": ("TYPE", "pg_type", "typacl"),
    "parameter": ("PARAMETER", "pg_parameter_acl", "paracl"),
}
_DEFAULT_LISTS = {"function": "f", "schema": "n", "database": "d", "language": "l", "type": "T"}
_OWNERS = {
    "function": "proowner",
    "schema": "nspowner",
    "database": "datdba",
    "language": "lanowner",
    "type": "typowner",
}
_NAMES = {
    "schema": "nspname", "database": "datname", "language": "lanname", "foreign-server": "srvname", "type": "typname",
    "parameter": "parname",
}  # fmt: skip


# --- roles and privileges ----------------------------------------------------------------------------------------


def alter_role(operation: AlterRole, facts: Facts) -> Iterator[Draft]:
    """Take attributes away; sessions that are open keep running, with the new rights from their next statement on."""
    role, target = facts.roles.get(operation.name), f"ALTER ROLE {ident(operation.name)}"
    words = [_word(name, value=value) for name, value in sorted(operation.attributes.items())]
    before = [
        _word(name, value=bool(getattr(role, name, not value))) for name, value in sorted(operation.attributes.items())
    ]
    conditions = " AND ".join(
        f"{'' if value else 'NOT '}{_ATTRIBUTES[name][1]}"
        for name, value in sorted(operation.attributes.items())
        if name in _ATTRIBUTES
    )
    yield runbook(
        Phase.SWITCH,
        f"Make the role {operation.name} {', '.join(words)}",
        f"{target} {' '.join(words)}",
        transactional=True,
        verify=f"SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = {literal(operation.name)} AND {conditions})",
        rollback=(f"{target} {' '.join(before)}",),
        notes=("Find out first what it does with them: log its statements for a week (log_statement for the role).",),
        seconds=0.0,
        basis="a change of the catalog",
    )


def _word(name: str, *, value: bool) -> str:
    word = _ATTRIBUTES[name][0] if name in _ATTRIBUTES else name.upper()
    return word if value else f"NO{word}"


def revoke_membership(operation: RevokeMembership, facts: Facts) -> Iterator[Draft]:
    """Take a role out of another one."""
    role = facts.roles.get(operation.name)
    membership = next((m for m in role.member_of if m.role == operation.role), None) if role is not None else None
    option = " WITH ADMIN OPTION" if membership is not None and membership.admin else ""
    yield runbook(
        Phase.SWITCH,
        f"Take {operation.name} out of the role {operation.role}",
        f"REVOKE {ident(operation.role)} FROM {ident(operation.name)}",
        transactional=True,
        verify=(
            "SELECT NOT EXISTS (SELECT FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid JOIN pg_roles u "
            f"ON u.oid = m.member WHERE r.rolname = {literal(operation.role)} AND u.rolname = "
            f"{literal(operation.name)})"
        ),
        rollback=(f"GRANT {ident(operation.role)} TO {ident(operation.name)}{option}",),
        notes=("Grant it what it needs of its own first.",),
        seconds=0.0,
        basis="a change of the catalog",
    )


def revoke(operation: Revoke, facts: Facts) -> Iterator[Draft]:
    """Take privileges away; the precondition of care is to grant them to those who need them first."""
    kind = operation.object_kind
    word = _OBJECTS.get(kind, ("TABLE", "pg_class", "relacl"))[0]
    target = _object(operation)
    everybody = operation.grantee == "PUBLIC"
    grantee = "PUBLIC" if everybody else ident(operation.grantee)
    privileges = ", ".join(operation.privileges)
    grants = facts.grants_on(kind, operation.schema, operation.name)
    option = any(g.grantee == operation.grantee and g.grantable for g in grants)
    path = ".".join(part for part in (operation.schema, operation.name) if part)
    yield runbook(
        Phase.SWITCH,
        f"Take {privileges} on the {kind.replace('-', ' ')} {path} from {operation.grantee}",
        f"REVOKE {privileges} ON {word} {target} FROM {grantee}",
        transactional=True,
        verify=_not_granted(operation),
        rollback=(f"GRANT {privileges} ON {word} {target} TO {grantee}{' WITH GRANT OPTION' if option else ''}",),
        notes=(
            "First grant it by name to the roles that use it today: whoever has it only through PUBLIC loses it."
            if everybody
            else "First make sure that nothing which logs in as this role uses it.",
        ),
        seconds=0.0,
        basis="a change of the catalog",
    )


def _object(operation: Revoke) -> str:
    name = ident(operation.name) if operation.schema is None else qualified((operation.schema, operation.name))
    if operation.object_kind == "parameter":
        return operation.name
    return f"{name}({operation.arguments or ''})" if operation.object_kind == "function" else name


def _not_granted(operation: Revoke) -> str:
    """Write a query that is true when the object's list of privileges has none of them for the grantee."""
    kind = operation.object_kind
    _, catalog, column = _OBJECTS.get(kind, ("TABLE", "pg_class", "relacl"))
    access = f"o.{column}"
    if kind in _DEFAULT_LISTS:
        access = f"coalesce(o.{column}, acldefault('{_DEFAULT_LISTS[kind]}', o.{_OWNERS[kind]}))"
    if catalog == "pg_class":
        found = f"o.oid = {regclass((operation.schema or 'public', operation.name))}"
    elif kind == "function":
        found = (
            f"o.pronamespace = {literal(ident(operation.schema or 'public'))}::regnamespace AND o.proname = "
            f"{literal(operation.name)} AND pg_get_function_identity_arguments(o.oid) = "
            f"{literal(operation.arguments or '')}"
        )
    else:
        found = f"o.{_NAMES[kind]} = {literal(operation.name)}"
    role = (
        "0"
        if operation.grantee == "PUBLIC"
        else f"(SELECT oid FROM pg_roles WHERE rolname = {literal(operation.grantee)})"
    )
    privileges = ", ".join(literal(privilege.upper()) for privilege in operation.privileges)
    return (
        f"SELECT NOT EXISTS (SELECT FROM {catalog} o, aclexplode({access}) a WHERE {found} "
        f"AND a.grantee = {role} AND a.privilege_type IN ({privileges}))"
    )


# --- routines, views, rows ---------------------------------------------------------------------------------------


def set_routine_setting(operation: SetRoutineSetting, facts: Facts) -> Iterator[Draft]:
    """Fix the setting for the time of the routine's execution; calls that run go on as they are."""
    target = f"ALTER ROUTINE {qualified((operation.schema, operation.name))}({operation.arguments})"
    routine = next(
        (
            one
            for one in facts.catalog.routines
            if (one.schema, one.name, one.arguments) == (operation.schema, operation.name, operation.arguments)
        ),
        None,
    )
    before = routine.settings.get(operation.setting) if routine is not None else None
    name = ident(operation.setting)
    back = f"RESET {name}" if before is None else f"SET {name} = {setting_value(operation.setting, before)}"
    pattern = literal(operation.setting.replace("_", "\\_") + "=%")
    yield runbook(
        Phase.EXPAND,
        f"Fix {operation.setting} of {operation.schema}.{operation.name}",
        f"{target} SET {name} = {setting_value(operation.setting, operation.value)}",
        transactional=True,
        verify=(
            f"SELECT EXISTS (SELECT FROM pg_proc p, unnest(p.proconfig) one WHERE p.proname = "
            f"{literal(operation.name)} AND p.pronamespace = {literal(ident(operation.schema))}::regnamespace AND "
            f"pg_get_function_identity_arguments(p.oid) = {literal(operation.arguments)} AND one LIKE {pattern})"
        ),
        rollback=(f"{target} {back}",),
        notes=(
            (
                "Its body must find everything on that path: call it once in a test session. A function with a "
                "setting is not inlined into queries."
            ),
        ),
        seconds=0.0,
        basis="a change of the catalog",
    )


def set_view_option(operation: SetViewOption, facts: Facts) -> Iterator[Draft]:
    """Set the option; queries that run go on as they are."""
    key = (operation.schema, operation.name)
    pattern = literal(f"{operation.option}={operation.value}")
    yield brief(
        facts,
        Phase.SWITCH,
        f"Set {operation.option} of the view {'.'.join(key)} to {operation.value}",
        f"ALTER VIEW {qualified(key)} SET ({ident(operation.option)} = {literal(operation.value)})",
        verify=relation_is(key, f"reloptions @> ARRAY[{pattern}]"),
        rollback=(f"ALTER VIEW {qualified(key)} RESET ({ident(operation.option)})",),
        notes=("Those who read the view then need rights of their own on what it reads: grant them first.",)
        if operation.option == "security_invoker"
        else (),
    )


def set_row_security(operation: SetRowSecurity, facts: Facts) -> Iterator[Draft]:
    """Switch it on once there are policies: without one, all rows are hidden from everybody but the owner."""
    key = (operation.schema, operation.table)
    table, alter = facts.table(key), f"ALTER TABLE {qualified(key)}"
    on = table is not None and table.row_security
    forced = table is not None and table.row_security_forced
    changes = [
        *([] if on else ["ENABLE ROW LEVEL SECURITY"]),
        *(["FORCE ROW LEVEL SECURITY"] if operation.force else []),
    ]
    back = [
        *(["NO FORCE ROW LEVEL SECURITY"] if operation.force and not forced else []),
        *([] if on else ["DISABLE ROW LEVEL SECURITY"]),
    ]
    condition = "relrowsecurity" + (" AND relforcerowsecurity" if operation.force else "")
    yield brief(
        facts,
        Phase.SWITCH,
        f"Let the policies of {'.'.join(key)} take effect{', for its owner too' if operation.force else ''}",
        *(f"{alter} {change}" for change in changes),
        precondition=f"SELECT EXISTS (SELECT FROM pg_policy WHERE polrelid = {regclass(key)})",
        verify=relation_is(key, condition),
        rollback=tuple(f"{alter} {change}" for change in back),
        notes=("Try it as each role in a transaction that is rolled back, and compare the numbers of visible rows.",),
    )


# --- logins ------------------------------------------------------------------------------------------------------


def change_host_rule(operation: ChangeHostRule, facts: Facts) -> Iterator[Draft]:
    """Try the new method for one client, then for all; a reload affects new connections only."""
    file = facts.setting("hba_file") or "pg_hba.conf"
    line = f"Line {operation.line} of {file} reads: {operation.rule}"
    no_error = "SELECT NOT EXISTS (SELECT FROM pg_hba_file_rules WHERE error IS NOT NULL)"
    yield runbook(
        Phase.EXPAND,
        f"Try {operation.to_method} for one client of host rule {operation.line}",
        RELOAD,
        notes=(
            line,
            (
                f"Above it, add the same line for one address only (/32 or /128) with {operation.to_method}, reload, "
                "and connect from there. Set log_connections: from version 14 on the log names the method that let a "
                "client in."
            ),
            "A role without a password, or with an md5 hash when the method is scram-sha-256, cannot log in.",
        ),
        verify=no_error,
    )
    yield runbook(
        Phase.SWITCH,
        f"Change host rule {operation.line} from {operation.from_method} to {operation.to_method}",
        RELOAD,
        notes=(
            line,
            (
                f"Keep a copy of the file and a superuser's session open, write {operation.to_method} for "
                f"{operation.from_method}, reload. Sessions that are connected stay; new ones use the new method."
            ),
        ),
        verify=(
            f"SELECT NOT EXISTS (SELECT FROM pg_hba_file_rules WHERE error IS NOT NULL OR "
            f"(line_number = {operation.line} AND auth_method = {literal(operation.from_method)}))"
        ),
        rollback=(RELOAD,),
    )


def enable_tls(operation: EnableTls, facts: Facts) -> Iterator[Draft]:
    """Offer encryption unless the server does already, move the clients, then require it."""
    if facts.setting("ssl") != "on":
        yield _offer_tls()
    yield application(
        Phase.SWITCH,
        "Let every client connect with sslmode=verify-full",
        "Give the clients the authority's certificate, set sslmode=verify-full (or verify-ca behind a name that "
        "changes), and deploy. Poolers need it on both of their sides.",
        verify="SELECT NOT EXISTS (SELECT FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) WHERE NOT s.ssl "
        "AND a.client_addr IS NOT NULL AND a.backend_type = 'client backend')",
    )
    file = facts.setting("hba_file") or "pg_hba.conf"
    yield runbook(
        Phase.CONTRACT,
        "Refuse connections without TLS",
        RELOAD,
        notes=(f"In {file} write hostssl for host in every rule for the network, keep the old file, reload.",),
        verify="SELECT NOT EXISTS (SELECT FROM pg_hba_file_rules WHERE type = 'host' AND address NOT IN "
        "('127.0.0.1', '::1') OR error IS NOT NULL)",
        rollback=(RELOAD,),
    )


def _offer_tls() -> Draft:
    return runbook(
        Phase.EXPAND,
        "Offer TLS to clients",
        "ALTER SYSTEM SET ssl_min_protocol_version = 'TLSv1.2'",
        "ALTER SYSTEM SET ssl = on",
        RELOAD,
        notes=(
            (
                "First put a certificate and its key where ssl_cert_file and ssl_key_file point; the key must be "
                "readable by the server's account only (mode 0600)."
            ),
            (
                "ssl needs no restart: it takes effect for new connections at the reload. Clients that prefer TLS, "
                "which is libpq's default, use it at once."
            ),
        ),
        verify="SELECT current_setting('ssl') = 'on'",
        rollback=("ALTER SYSTEM RESET ssl", "ALTER SYSTEM RESET ssl_min_protocol_version", RELOAD),
        seconds=0.0,
        basis="a reload",
    )


def replace_password_hash(operation: ReplacePasswordHash, facts: Facts) -> Iterator[Draft]:
    """Have the password set again, hashed by the client, so that no log ever sees it."""
    name = operation.name
    yield runbook(
        Phase.SWITCH,
        f"Set the password of {name} again, with the strong hash",
        *(
            ("ALTER SYSTEM SET password_encryption = 'scram-sha-256'", RELOAD)
            if facts.setting("password_encryption") != "scram-sha-256"
            else ()
        ),
        notes=(
            "$ psql -c '\\password " + ident(name).replace("'", "'\\''") + "'",
            (
                "psql hashes on the client. The same password will do. Drivers older than 2018 (libpq before 10) "
                "cannot answer SCRAM: update them first. Rules with the method md5 accept both hashes."
            ),
        ),
        verify=(
            "SELECT EXISTS (SELECT FROM pg_authid WHERE rolpassword LIKE 'SCRAM-SHA-256$%' "
            f"AND rolname = {literal(name)})"
        ),
    )

"""What the connector tells of access: roles, grants, host rules, foreign servers."""

from __future__ import annotations

import msgspec

from tests.collecting import SECRET, collect, role
from tests.servers import AnyServer, Pool, fresh_database


def test_roles_with_their_memberships_and_settings(every_server: AnyServer) -> None:
    with (
        role(every_server, attributes="VALID UNTIL '2030-01-02 03:04:05+00' CONNECTION LIMIT 3 BYPASSRLS") as group,
        role(every_server, f"{group}", "pg_monitor", attributes="VALID UNTIL 'infinity' CREATEDB") as member,
        fresh_database(every_server) as database,
    ):
        version = collect(database.url).server.version_number
        database.run(
            f"ALTER ROLE {member} SET statement_timeout = '1min'",
            f"ALTER ROLE {member} IN DATABASE {database.name} SET my.api_key = '{SECRET}'",
            f"GRANT {group} TO {member} WITH ADMIN OPTION",
            f"SET password_encryption = 'md5'; ALTER ROLE {member} PASSWORD '{SECRET}'",
        )
        if version >= 160000:
            database.run(f"GRANT {group} TO {member} WITH INHERIT FALSE, SET FALSE")
        snapshot = collect(database.url)
    roles = {found.name: found for found in snapshot.security.roles}
    assert roles[group].valid_until == "2030-01-02T03:04:05Z"
    assert (roles[group].connection_limit, roles[group].bypass_row_security, roles[group].password) == (
        3,
        True,
        "scram-sha-256",
    )
    assert (roles[member].valid_until, roles[member].create_database, roles[member].password) == (None, True, "md5")
    assert roles[member].settings == {"statement_timeout": "1min"}
    assert roles[member].database_settings == {database.name: {"my.api_key": "***"}}
    memberships = {found.role: found for found in roles[member].member_of}
    assert set(memberships) == {group, "pg_monitor"}
    expected = (True, version < 160000, version < 160000)
    assert (memberships[group].admin, memberships[group].inherit, memberships[group].set) == expected
    assert roles["pg_monitor"].system
    assert not roles["postgres"].system
    assert roles["pg_monitor"].password == "none"
    text = msgspec.json.encode(snapshot)
    assert SECRET.encode() not in text
    assert b"SCRAM-SHA-256$" not in text


def test_grants_are_told_for_everybody_but_the_owner(every_server: AnyServer) -> None:
    with role(every_server) as name, fresh_database(every_server) as database:
        version = collect(database.url).server.version_number
        database.run(
            'CREATE SCHEMA "s.1"',
            'CREATE TABLE "s.1"."t ""2""" (a int, b int)',
            f'GRANT SELECT, INSERT ON "s.1"."t ""2""" TO {name} WITH GRANT OPTION',
            'GRANT SELECT (a) ON "s.1"."t ""2""" TO PUBLIC',
            f'GRANT USAGE ON SCHEMA "s.1" TO {name}',
            "CREATE SEQUENCE public.q",
            f"GRANT USAGE ON SEQUENCE public.q TO {name}",
            "CREATE VIEW public.v AS SELECT 1 AS x",
            "GRANT SELECT ON public.v TO PUBLIC",
            "CREATE FUNCTION public.f(int, text DEFAULT 'x') RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "CREATE FUNCTION public.g() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            f"GRANT EXECUTE ON FUNCTION public.f TO {name}",
            "CREATE TYPE public.mood AS ENUM ('a')",
            f"GRANT USAGE ON TYPE public.mood TO {name}",
            "CREATE EXTENSION pg_stat_statements",
            f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO {name}",
            "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
        )
        if version >= 150000:
            database.run(f"GRANT SET ON PARAMETER log_statement TO {name}")
        found = collect(database.url).security
    grants = {
        (grant.kind, grant.path, grant.grantee): grant
        for grant in found.grants
        if grant.grantee in ("PUBLIC", name) and grant.name not in ("public", "template0", "template1", "postgres")
    }
    table = grants["table", 's.1.t "2"', name]
    assert (table.privileges, table.grantable) == (("INSERT", "SELECT"), True)
    assert grants["column", 's.1.t "2".a', "PUBLIC"].privileges == ("SELECT",)
    assert grants["schema", "s.1", name].privileges == ("USAGE",)
    assert grants["sequence", "public.q", name].privileges == ("USAGE",)
    assert grants["view", "public.v", "PUBLIC"].privileges == ("SELECT",)
    assert grants["function", "public.f(integer, text)", name].privileges == ("EXECUTE",)
    assert grants["type", "public.mood", name].privileges == ("USAGE",)
    everybody = grants["database", database.name, "PUBLIC"]
    assert (everybody.privileges, everybody.default) == (("CONNECT", "TEMPORARY"), True)
    assert (("parameter", "log_statement", name) in grants) == (version >= 150000)
    assert not any(kind == "function" and path.startswith("public.g(") for kind, path, _ in grants)
    assert not any("pg_stat_statements" in path for _, path, _ in grants)
    assert not any(grant.grantee == "postgres" for grant in found.grants)
    defaults = {(each.schema, each.kind, each.grantee): each.privileges for each in found.default_privileges}
    assert defaults["public", "table", name] == ("SELECT",)
    # A list that leaves out PUBLIC is how the server remembers that the default was taken away.
    assert defaults[None, "function", "postgres"] == ("EXECUTE",)
    assert (None, "function", "PUBLIC") not in defaults


def test_host_rules_come_in_the_order_of_the_file(pool: Pool) -> None:
    rules = (
        "hostssl shop,/^audit +app 10.0.0.0/8 scram-sha-256",
        f'host all all 0.0.0.0/0 radius radiusservers=127.0.0.1 radiussecrets="{SECRET}"',
        "local all all trust",
    )
    own = pool.shared("postgresql-17", settings={"ssl": "on"}, hba=rules)
    found = collect(own.url()).security.host_rules
    assert [(rule.type, rule.method) for rule in found[-3:]] == [
        ("hostssl", "scram-sha-256"),
        ("host", "radius"),
        ("local", "trust"),
    ]
    assert found[-3].databases == ("shop", "/^audit")
    assert found[-3].users == ("+app",)
    assert (found[-3].address, found[-3].netmask) == ("10.0.0.0", "255.0.0.0")
    assert [rule.line for rule in found] == sorted(rule.line for rule in found)
    assert SECRET not in repr(found)


def test_foreign_servers_give_names_of_options_only(every_server: AnyServer) -> None:
    with role(every_server) as name, fresh_database(every_server) as database:
        database.run(
            "CREATE EXTENSION postgres_fdw",
            f"CREATE SERVER remote FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '{SECRET}', dbname 'x')",
            f"CREATE USER MAPPING FOR postgres SERVER remote OPTIONS (user 'u', password '{SECRET}')",
            f"CREATE USER MAPPING FOR {name} SERVER remote OPTIONS (user 'u')",
            "CREATE FOREIGN TABLE t (a int) SERVER remote",
        )
        seen = collect(database.url)
        hidden = collect(database.url_of(name, SECRET))
        database.run("DROP EXTENSION postgres_fdw CASCADE")
    (found,) = seen.security.foreign_servers
    assert (found.name, found.wrapper, found.options) == ("remote", "postgres_fdw", ("dbname", "host"))
    assert (found.foreign_tables, found.stored_passwords) == (1, 1)
    assert hidden.security.foreign_servers[0].stored_passwords is None
    assert next(result for result in hidden.probes if result.probe == "foreign-servers").reason
    assert SECRET.encode() not in msgspec.json.encode(seen)

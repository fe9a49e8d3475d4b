"""Probes of who may do what: roles, grants, host rules, foreign servers. No secret leaves the server."""

from __future__ import annotations

from auditor_connectors.postgresql.probe import Probe

# An object of the system or of an extension carries the privileges that its maker gave it.
_OWN = "left(n.nspname, 3) <> 'pg_' AND n.nspname <> 'information_schema'"

_ROLES = """
SELECT r.rolname::text AS name, r.rolcanlogin AS login, r.rolsuper AS superuser, r.rolcreaterole AS create_role,
       r.rolcreatedb AS create_database, r.rolreplication AS replication, r.rolbypassrls AS bypass_row_security,
       r.rolconnlimit AS connection_limit,
       CASE WHEN isfinite(r.rolvaliduntil)
            THEN to_char(r.rolvaliduntil AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') END AS valid_until,
       r.oid < 16384 AND left(r.rolname, 3) = 'pg_' AS system,
       (SELECT json_agg(json_build_object('role', g.role, 'admin', g.admin, 'inherit', g.inherit, 'set', g.set)
                        ORDER BY g.role)
          FROM (SELECT pg_catalog.pg_get_userbyid(m.roleid)::text AS role, bool_or(m.admin_option) AS admin,
                       {inherit} AS inherit, {set} AS set
                  FROM pg_catalog.pg_auth_members m WHERE m.member = r.oid GROUP BY m.roleid) g) AS member_of,
       (SELECT json_agg(json_build_object('database', d.datname, 'settings', s.setconfig) ORDER BY d.datname)
          FROM pg_catalog.pg_db_role_setting s LEFT JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase
         WHERE s.setrole = r.oid) AS settings
  FROM pg_catalog.pg_roles r
 ORDER BY r.rolname
"""

ROLES = Probe(
    name="roles",
    purpose="list the roles with their attributes, memberships and session settings",
    sql={
        0: _ROLES.replace("{inherit}", "r.rolinherit").replace("{set}", "true"),
        160000: _ROLES.replace("{inherit}", "bool_or(m.inherit_option)").replace("{set}", "bool_or(m.set_option)"),
    },
)

PASSWORDS = Probe(
    name="passwords",
    purpose="tell how each role's password is stored, from the first letters of its hash",
    sql="""
SELECT rolname::text AS name,
       CASE WHEN rolpassword IS NULL THEN 'none'
            WHEN left(rolpassword, 3) = 'md5' AND length(rolpassword) = 35 THEN 'md5'
            WHEN left(rolpassword, 14) = 'SCRAM-SHA-256$' THEN 'scram-sha-256'
            ELSE 'other' END AS kind
  FROM pg_catalog.pg_authid
 ORDER BY rolname
""",
    # A grant on pg_authid would hand out the hashes themselves: none is proposed.
    privilege="superuser",
)

# Objects with an explicit list, and databases without one: everybody may connect to those. That everybody may execute
# a routine without a list is a fact of the routine.
_GRANTS = """
WITH lists AS (
  SELECT CASE c.relkind WHEN 'S' THEN 'sequence' WHEN 'v' THEN 'view' ELSE 'table' END AS kind,
         n.nspname::text AS schema, c.relname::text AS name, NULL::text AS column, c.relowner AS owner,
         c.relacl AS list, false AS default, 'pg_catalog.pg_class'::regclass::oid AS class, c.oid AS object
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relacl IS NOT NULL AND {own}
  UNION ALL
  SELECT 'column', n.nspname, c.relname, a.attname, c.relowner, a.attacl, false,
         'pg_catalog.pg_class'::regclass, c.oid
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE a.attacl IS NOT NULL AND NOT a.attisdropped AND {own}
  UNION ALL
  SELECT 'function', n.nspname, p.proname || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')', NULL,
         p.proowner, p.proacl, false, 'pg_catalog.pg_proc'::regclass, p.oid
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
   WHERE p.proacl IS NOT NULL AND {own}
  UNION ALL
  SELECT 'type', n.nspname, t.typname, NULL, t.typowner, t.typacl, false, 'pg_catalog.pg_type'::regclass, t.oid
    FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
   WHERE t.typacl IS NOT NULL AND {own}
  UNION ALL
  SELECT 'schema', NULL, n.nspname, NULL, n.nspowner, n.nspacl, false, 'pg_catalog.pg_namespace'::regclass, n.oid
    FROM pg_catalog.pg_namespace n
   WHERE n.nspacl IS NOT NULL AND {own}
  UNION ALL
  SELECT 'language', NULL, l.lanname, NULL, l.lanowner, l.lanacl, false, 'pg_catalog.pg_language'::regclass, l.oid
    FROM pg_catalog.pg_language l
   WHERE l.lanacl IS NOT NULL
  UNION ALL
  SELECT 'foreign-server', NULL, s.srvname, NULL, s.srvowner, s.srvacl, false,
         'pg_catalog.pg_foreign_server'::regclass, s.oid
    FROM pg_catalog.pg_foreign_server s
   WHERE s.srvacl IS NOT NULL
  UNION ALL
  SELECT 'database', NULL, d.datname, NULL, d.datdba, coalesce(d.datacl, pg_catalog.acldefault('d', d.datdba)),
         d.datacl IS NULL, 'pg_catalog.pg_database'::regclass, d.oid
    FROM pg_catalog.pg_database d
  {parameters}
)
SELECT l.kind, l.schema, l.name, l.column,
       CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.pg_get_userbyid(a.grantee)::text END AS grantee,
       array_agg(DISTINCT a.privilege_type ORDER BY a.privilege_type) AS privileges,
       bool_or(a.is_grantable) AS grantable, l.default
  FROM lists l CROSS JOIN LATERAL pg_catalog.aclexplode(l.list) a
 WHERE a.grantee <> l.owner
   AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d
                    WHERE d.classid = l.class AND d.objid = l.object AND d.deptype = 'e')
 GROUP BY l.kind, l.schema, l.name, l.column, l.default, a.grantee
 ORDER BY l.kind, l.schema NULLS FIRST, l.name, l.column NULLS FIRST, grantee
"""
# The owner of a parameter is the bootstrap superuser, whose number is 10.
_PARAMETERS = """UNION ALL
  SELECT 'parameter', NULL, p.parname, NULL, 10, p.paracl, false, 'pg_catalog.pg_parameter_acl'::regclass, p.oid
    FROM pg_catalog.pg_parameter_acl p"""

GRANTS = Probe(
    name="grants",
    purpose="list the privileges of everybody but the owners",
    sql={
        0: _GRANTS.replace("{own}", _OWN).replace("{parameters}", ""),
        150000: _GRANTS.replace("{own}", _OWN).replace("{parameters}", _PARAMETERS),
    },
)

DEFAULT_PRIVILEGES = Probe(
    name="default-privileges",
    purpose="list the privileges that future objects will carry",
    sql="""
SELECT pg_catalog.pg_get_userbyid(d.defaclrole)::text AS role, n.nspname::text AS schema,
       CASE d.defaclobjtype WHEN 'r' THEN 'table' WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'function'
                            WHEN 'T' THEN 'type' WHEN 'n' THEN 'schema' WHEN 'L' THEN 'large-object'
                            ELSE d.defaclobjtype::text END AS kind,
       CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.pg_get_userbyid(a.grantee)::text END AS grantee,
       array_agg(DISTINCT a.privilege_type ORDER BY a.privilege_type) AS privileges
  FROM pg_catalog.pg_default_acl d
  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace
 CROSS JOIN LATERAL pg_catalog.aclexplode(d.defaclacl) a
 GROUP BY d.defaclrole, n.nspname, d.defaclobjtype, a.grantee
 ORDER BY role, n.nspname NULLS FIRST, kind, grantee
""",
)

_HOST_RULES = """
SELECT line_number AS line, type, database AS databases, user_name AS users, address, netmask, auth_method AS method,
       error
  FROM pg_catalog.pg_hba_file_rules
 ORDER BY {order}
"""

HOST_RULES = Probe(
    name="host-rules",
    purpose="read the rules of host-based authentication as the file has them",
    # The options of a rule are left out: one of them is the password of a directory service. Lines that the server
    # could not read have no number since version 16 and come last.
    sql={
        0: _HOST_RULES.replace("{order}", "line_number"),
        160000: _HOST_RULES.replace("{order}", "rule_number NULLS LAST, file_name, line_number"),
    },
    privilege="SELECT on pg_hba_file_rules and EXECUTE on its function",
    grant="GRANT SELECT ON pg_catalog.pg_hba_file_rules TO {role}; "
    "GRANT EXECUTE ON FUNCTION pg_catalog.pg_hba_file_rules() TO {role}",
)

FOREIGN_SERVERS = Probe(
    name="foreign-servers",
    purpose="list the connections to other servers, the names of their options, and whether they store passwords",
    # The conditions of visibility are those of the view pg_user_mappings, which shows NULL where it hides.
    sql="""
SELECT s.srvname::text AS name, w.fdwname::text AS wrapper, pg_catalog.pg_get_userbyid(s.srvowner)::text AS owner,
       (SELECT array_agg(split_part(o, '=', 1) ORDER BY o) FROM unnest(s.srvoptions) AS o) AS options,
       (SELECT count(*) FROM pg_catalog.pg_foreign_table t WHERE t.ftserver = s.oid) AS foreign_tables,
       m.hidden, m.stored_passwords
  FROM pg_catalog.pg_foreign_server s
  JOIN pg_catalog.pg_foreign_data_wrapper w ON w.oid = s.srvfdw
 CROSS JOIN LATERAL (
       SELECT count(*) FILTER (WHERE NOT v.visible) AS hidden,
              count(*) FILTER (WHERE EXISTS (SELECT 1 FROM unnest(u.umoptions) AS o
                                              WHERE split_part(o, '=', 1) = 'password')) AS stored_passwords
         FROM pg_catalog.pg_user_mappings u
        CROSS JOIN LATERAL (
              SELECT (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user)
                  OR (u.umuser <> 0 AND u.usename = current_user
                      AND (pg_has_role(s.srvowner, 'USAGE') OR has_server_privilege(s.oid, 'USAGE')))
                  OR (u.umuser = 0 AND pg_has_role(s.srvowner, 'USAGE')) AS visible) v
        WHERE u.srvid = s.oid) m
 ORDER BY s.srvname
""",
    privilege="CONNECT; superuser to see whether user mappings store passwords",
)

PROBES: tuple[Probe, ...] = (
    ROLES,
    PASSWORDS,
    GRANTS,
    DEFAULT_PRIVILEGES,
    HOST_RULES,
    FOREIGN_SERVERS,
)

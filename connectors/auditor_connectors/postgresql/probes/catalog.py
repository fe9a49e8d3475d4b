"""Probes of the catalog: what objects there are and how they are declared.

Rows refer to relations by their number (oid); the assembly turns numbers into addresses. A function that opens a
relation waits for whoever holds it under ACCESS EXCLUSIVE: relations in ``%(locked)s`` are kept away from those.
"""

from __future__ import annotations

import re

from auditor_connectors.postgresql.probe import Probe

# Measured on versions 12 to 18: pg_get_indexdef, pg_get_expr, and pg_get_constraintdef of a check wait for the table;
# pg_get_constraintdef of keys and foreign keys waits for nobody; pg_sequence_last_value waits for weaker locks as well.

# Names that begin with pg_ are reserved for the system: its catalogs, and the temporary schemas of other sessions.
_OWN = "left(n.nspname, 3) <> 'pg_' AND n.nspname NOT IN ('information_schema', 'crdb_internal')"
_FREE = "<> ALL (%(locked)s::oid[])"
# From the extension to its members: there are few, and looking for the extension of each object would take longer.
_EXTENSION = """LEFT JOIN (
       SELECT d.objid, x.extname
         FROM pg_catalog.pg_extension x
         JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.refobjid = x.oid
          AND d.classid = 'pg_catalog.{catalog}'::regclass AND d.objsubid = 0 AND d.deptype = 'e'
       OFFSET 0) e ON e.objid = {alias}.oid"""


def phrase(sql: str, **parts: str) -> str:
    """Return a statement with its recurring parts filled in.

    ``{own}`` leaves out the system's schemas (n is pg_namespace), ``{free}`` follows a number and leaves out locked
    relations, ``{extension:CATALOG:ALIAS}`` joins the extension e that an object belongs to.
    """

    def extension(match: re.Match[str]) -> str:
        return _EXTENSION.replace("{catalog}", match[1]).replace("{alias}", match[2])

    for name, text in {**parts, "own": _OWN, "free": _FREE}.items():
        sql = sql.replace("{" + name + "}", text)
    return re.sub(r"\{extension:(\w+):(\w+)\}", extension, sql)


LOCKED_RELATIONS = Probe(
    name="locked-relations",
    purpose="find the relations that reading would have to wait for",
    # Whoever waits for the lock stops newcomers just as who holds it. A prepared transaction has no process.
    sql="""
SELECT l.relation, bool_or(l.granted) AS granted
  FROM pg_catalog.pg_locks l
  LEFT JOIN pg_catalog.pg_class c ON c.oid = l.relation
 WHERE l.locktype = 'relation' AND l.pid IS DISTINCT FROM pg_backend_pid()
   AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
   AND (l.mode = 'AccessExclusiveLock'
        OR (c.relkind = 'S' AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock')))
 GROUP BY l.relation
 ORDER BY l.relation
""",
)

SCHEMAS = Probe(
    name="schemas",
    purpose="list the schemas and what everybody may do in them",
    sql=phrase(
        """
SELECT n.oid, n.nspname::text AS name, quote_ident(n.nspname) AS quoted,
       pg_catalog.pg_get_userbyid(n.nspowner)::text AS owner, p.public_create, p.public_usage,
       e.extname::text AS extension
  FROM pg_catalog.pg_namespace n
 CROSS JOIN LATERAL (
       SELECT coalesce(bool_or(a.privilege_type = 'CREATE'), false) AS public_create,
              coalesce(bool_or(a.privilege_type = 'USAGE'), false) AS public_usage
         FROM pg_catalog.aclexplode(coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner))) a
        WHERE a.grantee = 0) p
  {extension:pg_namespace:n}
 WHERE {own}
"""
    ),
)

TABLES = Probe(
    name="tables",
    purpose="list tables, partitioned and foreign tables and materialised views",
    many=True,
    # The statistics of a column are visible under the conditions of the view pg_stats.
    sql=phrase(
        """
SELECT c.oid, n.nspname::text AS schema, c.relname::text AS name, c.relkind::text AS kind,
       pg_catalog.pg_get_userbyid(c.relowner)::text AS owner, c.relpersistence::text AS persistence,
       c.reltuples::float8 AS rows, c.relpages AS pages, c.relhasindex AS has_index, c.reltoastrelid AS toast,
       c.reloptions AS options, c.relrowsecurity AS row_security, c.relforcerowsecurity AS row_security_forced,
       c.relreplident::text AS replica_identity, c.relispopulated AS populated, s.spcname::text AS tablespace,
       e.extname::text AS extension, t.description AS comment, coalesce(g.dropped, 0) AS dropped_columns,
       has_any_column_privilege(c.oid, 'SELECT') AND NOT (c.relrowsecurity AND row_security_active(c.oid))
         AS statistics_visible
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_tablespace s ON s.oid = c.reltablespace
  LEFT JOIN pg_catalog.pg_description t ON t.objoid = c.oid AND t.classoid = 'pg_catalog.pg_class'::regclass
   AND t.objsubid = 0
  LEFT JOIN (SELECT attrelid, count(*) AS dropped FROM pg_catalog.pg_attribute
              WHERE attisdropped GROUP BY attrelid) g ON g.attrelid = c.oid
  {extension:pg_class:c}
 WHERE c.relkind IN ('r', 'p', 'f', 'm') AND {own}
"""
    ),
)

_COLUMNS = """
SELECT a.attrelid AS relation, a.attnum AS position, a.attname::text AS name, a.atttypid AS type_oid,
       a.atttypmod AS modifier, pg_catalog.format_type(a.atttypid, a.atttypmod) AS type,
       a.attnotnull AS required, a.attidentity::text AS identity, a.attgenerated::text AS generated,
       CASE WHEN a.atthasdef AND a.attrelid {free} THEN pg_catalog.pg_get_expr(f.adbin, f.adrelid) END AS default,
       CASE WHEN a.attcollation <> y.typcollation THEN l.collname::text END AS collation,
       a.attcollation AS collation_oid,
       {compression} AS compression, nullif(a.attstattarget, -1) AS statistics_target, t.description AS comment
  FROM pg_catalog.pg_attribute a
  JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_type y ON y.oid = a.atttypid
  LEFT JOIN pg_catalog.pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
  LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation
  LEFT JOIN pg_catalog.pg_description t ON t.objoid = c.oid AND t.classoid = 'pg_catalog.pg_class'::regclass
   AND t.objsubid = a.attnum
 WHERE c.relkind IN ('r', 'p', 'f', 'm') AND {own} AND a.attnum > 0 AND NOT a.attisdropped
 ORDER BY a.attrelid, a.attnum
"""

COLUMNS = Probe(
    name="columns",
    purpose="list the columns with types, defaults and how they are filled",
    many=True,
    sql={
        0: phrase(_COLUMNS, compression="NULL::text"),
        140000: phrase(_COLUMNS, compression="nullif(a.attcompression::text, '')"),
    },
)

# The text of a plain index follows from its parts, and the assembly writes it: asking the server for each costs more
# than all else, and waits for locks. Collation 100 is the database's own.
_INDEXES = """
SELECT i.*, CASE WHEN NOT i.plain AND i.relation {free} THEN pg_catalog.pg_get_indexdef(i.oid) END AS definition
  FROM (
SELECT i.indexrelid AS oid, i.indrelid AS relation, n.nspname::text AS schema, c.relname::text AS name,
       m.amname::text AS method, c.relkind = 'I' AS partitioned, i.indnkeyatts AS keys, i.indkey::text AS columns,
       i.indoption::text AS options, i.indclass::text AS classes, i.indcollation::text AS collations,
       i.indisunique AS unique, i.indisprimary AS primary, i.indisexclusion AS exclusion,
       NOT i.indimmediate AS deferrable, i.indisvalid AS valid, i.indisready AS ready,
       i.indisreplident AS replica_identity, i.indisclustered AS clustered, {nulls} AS nulls_not_distinct,
       c.reltuples::float8 AS rows, c.relpages AS pages, c.reloptions AS reloptions, h.inhparent AS parent,
       i.indpred IS NOT NULL AS partial, e.extname::text AS extension,
       CASE WHEN i.indpred IS NOT NULL AND i.indrelid {free}
            THEN pg_catalog.pg_get_expr(i.indpred, i.indrelid) END AS predicate,
       CASE WHEN i.indexprs IS NOT NULL AND i.indrelid {free}
            THEN ARRAY(SELECT pg_catalog.pg_get_indexdef(i.indexrelid, k, false)
                         FROM generate_series(1, i.indnkeyatts) AS k) END AS expressions,
       m.amname = 'btree' AND i.indexprs IS NULL AND i.indpred IS NULL AND NOT i.indisexclusion
         AND c.reloptions IS NULL AND i.indcollation::oid[] <@ '{0,100}'::oid[]
         AND NOT i.indclass::oid[] && (SELECT array_agg(oid) FROM pg_catalog.pg_opclass WHERE NOT opcdefault) AS plain
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_am m ON m.oid = c.relam
  LEFT JOIN pg_catalog.pg_inherits h ON h.inhrelid = i.indexrelid
  {extension:pg_class:c}
 WHERE {own} OFFSET 0) i
"""

INDEXES = Probe(
    name="indexes",
    purpose="list the indexes with everything that makes two of them differ",
    many=True,
    sql={
        0: phrase(_INDEXES, nulls="false"),
        150000: phrase(_INDEXES, nulls="i.indnullsnotdistinct"),
    },
)

OPERATOR_CLASSES = Probe(
    name="operator-classes",
    purpose="name the operator classes and collations that indexes use",
    sql="""
SELECT 'class' AS kind, oid, opcname::text AS name, opcdefault AS default FROM pg_catalog.pg_opclass
 UNION ALL
SELECT 'collation', oid, collname::text, false FROM pg_catalog.pg_collation
 WHERE oid IN (SELECT unnest(indcollation::oid[]) FROM pg_catalog.pg_index)
""",
)

# The texts of most keys and references follow from their parts as well. From version 18 on each NOT NULL is a
# constraint: those that hold for every row under the name that the server gives them say no more than the column does,
# so that they are left out.
_CONSTRAINTS = """
SELECT o.conrelid AS relation, o.conname::text AS name, o.contype::text AS kind,
       array_to_string(o.conkey, ' ') AS columns, nullif(o.confrelid, 0) AS referenced,
       array_to_string(o.confkey, ' ') AS referenced_columns, o.confdeltype::text AS on_delete,
       {delete_columns} AS on_delete_columns,
       o.confupdtype::text AS on_update, o.confmatchtype::text AS match, o.convalidated AS validated,
       {enforced} AS enforced,
       o.contype = 'f' AND EXISTS (SELECT 1 FROM pg_catalog.pg_trigger g
                                    WHERE g.tgconstraint = o.oid AND g.tgenabled = 'D') AS triggers_disabled,
       o.condeferrable AS deferrable, nullif(o.conindid, 0) AS index,
       o.conparentid <> 0 OR NOT o.conislocal AS inherited,
       p.plain,
       CASE WHEN NOT p.plain AND (o.contype IN ('p', 'u', 'f') OR (o.contype <> 'n' AND o.conrelid {free}))
            THEN pg_catalog.pg_get_constraintdef(o.oid) END AS definition,
       t.description AS comment
  FROM pg_catalog.pg_constraint o
  JOIN pg_catalog.pg_class c ON c.oid = o.conrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = o.conindid
  LEFT JOIN pg_catalog.pg_attribute a ON o.contype = 'n' AND a.attrelid = o.conrelid AND a.attnum = o.conkey[1]
  LEFT JOIN pg_catalog.pg_description t ON t.objoid = o.oid AND t.classoid = 'pg_catalog.pg_constraint'::regclass
 CROSS JOIN LATERAL (
       SELECT NOT o.condeferrable AND o.convalidated
              AND ((o.contype IN ('p', 'u') AND i.indnatts = i.indnkeyatts {plain_key})
                   OR (o.contype = 'f' AND o.confmatchtype = 's' {plain_reference})) {plain} AS plain) p
 WHERE (o.contype IN ('p', 'u', 'f', 'c', 'x')
        OR (o.contype = 'n' AND (NOT o.convalidated OR t.description IS NOT NULL
                                 OR o.conname <> c.relname || '_' || a.attname || '_not_null')))
   AND {own}
"""

CONSTRAINTS = Probe(
    name="constraints",
    purpose="list the constraints, and whether they hold for every row",
    many=True,
    sql={
        0: phrase(
            _CONSTRAINTS, enforced="true", plain_key="", plain_reference="", delete_columns="NULL::text", plain=""
        ),
        150000: phrase(
            _CONSTRAINTS,
            enforced="true",
            plain_key="AND NOT i.indnullsnotdistinct",
            plain_reference="AND o.confdelsetcols IS NULL",
            delete_columns="array_to_string(o.confdelsetcols, ' ')",
            plain="",
        ),
        180000: phrase(
            _CONSTRAINTS,
            enforced="o.conenforced",
            plain_key="AND NOT i.indnullsnotdistinct",
            plain_reference="AND o.confdelsetcols IS NULL",
            delete_columns="array_to_string(o.confdelsetcols, ' ')",
            plain="AND o.conenforced AND NOT o.conperiod",
        ),
    },
)

SEQUENCES = Probe(
    name="sequences",
    purpose="list the sequences with their position and the columns that they feed",
    many=True,
    # The position of an unlogged sequence cannot be read on a standby.
    sql=phrase(
        """
SELECT q.*,
       CASE WHEN q.readable THEN pg_catalog.pg_sequence_last_value(q.oid) END AS last_value,
       (SELECT json_agg(json_build_array(f.adrelid::bigint, f.adnum))
          FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_attrdef f ON f.oid = d.objid
         WHERE d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = q.oid
           AND d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.deptype = 'n') AS fed
  FROM (
SELECT s.seqrelid AS oid, n.nspname::text AS schema, c.relname::text AS name, s.seqtypid AS type_oid,
       s.seqmin AS minimum, s.seqmax AS maximum, s.seqincrement AS increment, s.seqstart AS start,
       s.seqcache AS cache, s.seqcycle AS cycle, o.refobjid AS owner, o.refobjsubid AS owner_column,
       o.deptype = 'i' AS identity, e.extname::text AS extension, s.seqrelid {free} AS free,
       has_sequence_privilege(s.seqrelid, 'SELECT, USAGE') AS permitted,
       has_sequence_privilege(s.seqrelid, 'SELECT, USAGE') AND s.seqrelid {free}
         AND NOT (c.relpersistence = 'u' AND pg_is_in_recovery()) AS readable
  FROM pg_catalog.pg_sequence s
  JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_depend o ON o.classid = 'pg_catalog.pg_class'::regclass AND o.objid = s.seqrelid
   AND o.objsubid = 0 AND o.refclassid = 'pg_catalog.pg_class'::regclass AND o.deptype IN ('a', 'i')
  {extension:pg_class:c}
 WHERE {own} OFFSET 0) q
"""
    ),
    privilege="SELECT or USAGE on each sequence",
)

VIEWS = Probe(
    name="views",
    purpose="list the views, their columns, and the columns that they read",
    sql=phrase(
        """
SELECT c.oid, n.nspname::text AS schema, c.relname::text AS name,
       pg_catalog.pg_get_userbyid(c.relowner)::text AS owner, c.reloptions AS options, e.extname::text AS extension,
       r.reads, k.columns
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN (
       SELECT a.attrelid, json_agg(json_build_array(a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod))
                                   ORDER BY a.attnum) AS columns
         FROM pg_catalog.pg_attribute a
        WHERE a.attnum > 0 AND NOT a.attisdropped
        GROUP BY a.attrelid) k ON k.attrelid = c.oid
  LEFT JOIN (
       SELECT w.ev_class,
              json_agg(DISTINCT jsonb_build_array(nr.nspname, cr.relname, a.attname)) AS reads
         FROM pg_catalog.pg_rewrite w
         JOIN pg_catalog.pg_depend p ON p.classid = 'pg_catalog.pg_rewrite'::regclass AND p.objid = w.oid
          AND p.refclassid = 'pg_catalog.pg_class'::regclass AND p.refobjid <> w.ev_class AND p.deptype = 'n'
         JOIN pg_catalog.pg_class cr ON cr.oid = p.refobjid
         JOIN pg_catalog.pg_namespace nr ON nr.oid = cr.relnamespace
         LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = p.refobjid AND a.attnum = p.refobjsubid
          AND p.refobjsubid <> 0
        GROUP BY w.ev_class) r ON r.ev_class = c.oid
  {extension:pg_class:c}
 WHERE c.relkind = 'v' AND {own}
"""
    ),
)

# No dependency is recorded on what every database has, so that calls are looked for in the tree of the view's query: of
# versions 12 to 18 alike. SQLValueFunctionOp in primnodes.h: below 9 are dates and times, 9 to 12 are kinds of users,
# 14 is the current schema; 13, the database, is the same for everybody.
VIEW_CALLS = Probe(
    name="view-calls",
    purpose="find what views call that does not always give the same",
    sql=phrase(
        """
SELECT c.oid, json_agg(DISTINCT jsonb_build_array(f.name, f.varies)) FILTER (WHERE f.name IS NOT NULL) AS calls
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_rewrite w ON w.ev_class = c.oid AND w.rulename = '_RETURN'
  LEFT JOIN LATERAL (
       SELECT pn.nspname || '.' || p.proname AS name,
              CASE WHEN p.provolatile = 'v' THEN 'call'
                   WHEN pn.nspname = 'pg_catalog' AND p.proname ~ ('^(current_|session_user|system_user|user$|has_|' ||
                        'pg_has_role|row_security|inet_|pg_backend_pid|pg_my_temp|pg_.*_is_visible|txid_|pg_current_)')
                   THEN 'session' ELSE 'statement' END AS varies
         FROM regexp_matches(w.ev_action::text, ':(?:funcid|opfuncid|aggfnoid|winfnoid) ([0-9]+)', 'g') m (found)
         JOIN pg_catalog.pg_proc p ON p.oid = m.found[1]::oid AND p.provolatile <> 'i'
         JOIN pg_catalog.pg_namespace pn ON pn.oid = p.pronamespace
        UNION
       SELECT 'pg_catalog.' || CASE WHEN m.found[1]::int < 9 THEN 'now' WHEN m.found[1]::int = 14 THEN 'current_schema'
                                    WHEN m.found[1]::int = 12 THEN 'session_user' ELSE 'current_user' END,
              CASE WHEN m.found[1]::int < 9 THEN 'statement' ELSE 'session' END
         FROM regexp_matches(w.ev_action::text, '[{]SQLVALUEFUNCTION :op ([0-9]+)', 'g') m (found)
        WHERE m.found[1]::int <> 13
        UNION
       SELECT sn.nspname || '.' || s.relname, 'session'
         FROM regexp_matches(w.ev_action::text, ':relid ([0-9]+)', 'g') m (found)
         JOIN pg_catalog.pg_class s ON s.oid = m.found[1]::oid
         JOIN pg_catalog.pg_namespace sn ON sn.oid = s.relnamespace
        WHERE sn.nspname IN ('pg_catalog', 'information_schema')) f ON true
 WHERE c.relkind = 'v' AND {own}
 GROUP BY c.oid
"""
    ),
)

_ROUTINES = """
SELECT n.nspname::text AS schema, p.proname::text AS name,
       pg_catalog.pg_get_function_identity_arguments(p.oid) AS arguments,
       CASE WHEN p.prorettype IN ('pg_catalog.trigger'::regtype, 'pg_catalog.event_trigger'::regtype) THEN 't'
            ELSE p.prokind::text END AS kind,
       l.lanname::text AS language, l.lanpltrusted AS language_trusted, r.rolname::text AS owner,
       r.rolsuper AS owner_superuser, p.prosecdef AS security_definer, p.proconfig AS settings,
       p.provolatile::text AS volatility,
       p.proacl IS NULL OR EXISTS (SELECT 1 FROM pg_catalog.aclexplode(p.proacl) a
                                    WHERE a.grantee = 0 AND a.privilege_type = 'EXECUTE') AS public_execute,
       {bound} AS body_bound,
       e.extname::text AS extension
  FROM pg_catalog.pg_proc p
  JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  JOIN pg_catalog.pg_language l ON l.oid = p.prolang
  LEFT JOIN pg_catalog.pg_roles r ON r.oid = p.proowner
  {extension:pg_proc:p}
 WHERE {own}
"""

ROUTINES = Probe(
    name="routines",
    purpose="list functions and procedures with their security attributes, without their bodies",
    sql={
        0: phrase(_ROUTINES, bound="false"),
        140000: phrase(_ROUTINES, bound="p.prosqlbody IS NOT NULL"),
    },
)

_TRIGGERS = """
SELECT t.tgrelid AS relation, t.tgname::text AS name, t.tgenabled::text AS enabled, t.tgtype AS bits,
       fn.nspname::text AS function_schema, p.proname::text AS function_name
  FROM pg_catalog.pg_trigger t
  JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
  JOIN pg_catalog.pg_namespace fn ON fn.oid = p.pronamespace
 WHERE NOT t.tgisinternal AND {whole} AND {own}
"""

TRIGGERS = Probe(
    name="triggers",
    purpose="list the triggers that users made, without the copies that partitions carry",
    sql={
        0: phrase(_TRIGGERS, whole="true"),
        130000: phrase(_TRIGGERS, whole="t.tgparentid = 0"),
    },
)

# A rule that does nothing has one action of the command type "nothing", whose number grew when MERGE came. An empty
# condition is written <>.
_RULES = """
SELECT n.nspname::text AS schema, c.relname::text AS table, w.rulename::text AS name, w.ev_type::text AS event,
       w.is_instead AS instead, starts_with(w.ev_action::text, '({QUERY :commandType {nothing} ') AS nothing,
       w.ev_qual::text <> '<>' AS conditional, w.ev_enabled::text AS enabled
  FROM pg_catalog.pg_rewrite w
  JOIN pg_catalog.pg_class c ON c.oid = w.ev_class
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  {extension:pg_class:c}
 WHERE w.rulename <> '_RETURN' AND e.extname IS NULL AND {own}
"""

RULES = Probe(
    name="rules",
    purpose="list the rules that rewrite statements, without those that make a view",
    sql={
        0: phrase(_RULES, nothing="6"),
        150000: phrase(_RULES, nothing="7"),
    },
)

POLICIES = Probe(
    name="policies",
    purpose="list the policies of row-level security",
    sql=phrase(
        """
SELECT p.polrelid AS relation, p.polname::text AS name, p.polpermissive AS permissive, p.polcmd::text AS command,
       ARRAY(SELECT CASE r WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.pg_get_userbyid(r)::text END
               FROM unnest(p.polroles) AS r ORDER BY 1) AS roles,
       CASE WHEN p.polrelid {free} THEN pg_catalog.pg_get_expr(p.polqual, p.polrelid) END AS using,
       CASE WHEN p.polrelid {free} THEN pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) END AS check
  FROM pg_catalog.pg_policy p
  JOIN pg_catalog.pg_class c ON c.oid = p.polrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE {own}
"""
    ),
)

TYPES = Probe(
    name="types",
    purpose="resolve domains, arrays and enumerations to what they are made of",
    # The row type of every table, and the array of it, say nothing new.
    sql="""
SELECT y.oid, n.nspname::text AS schema, y.typname::text AS name, y.typtype::text AS kind,
       y.typcategory::text AS category, y.typbasetype AS base, y.typelem AS element, y.typtypmod AS modifier,
       y.typlen AS length, y.typalign::text AS alignment, e.labels,
       pg_catalog.format_type(coalesce(nullif(y.typbasetype, 0), nullif(y.typelem, 0), y.oid), y.typtypmod) AS made_of
  FROM pg_catalog.pg_type y
  JOIN pg_catalog.pg_namespace n ON n.oid = y.typnamespace
  LEFT JOIN pg_catalog.pg_type m ON m.oid = y.typelem
  LEFT JOIN (SELECT enumtypid, count(*) AS labels FROM pg_catalog.pg_enum GROUP BY enumtypid) e ON e.enumtypid = y.oid
 WHERE y.typtype IN ('b', 'd', 'e', 'r', 'm') AND m.typtype IS DISTINCT FROM 'c'
""",
)

_EXTENSIONS = """
SELECT a.name::text AS name, n.nspname::text AS schema, e.extversion AS installed, a.default_version AS available,
       coalesce(e.extrelocatable, v.relocatable, false) AS relocatable, coalesce({trusted}, false) AS trusted
  FROM pg_catalog.pg_available_extensions a
  LEFT JOIN pg_catalog.pg_available_extension_versions v ON v.name = a.name AND v.version = a.default_version
  FULL JOIN pg_catalog.pg_extension e ON e.extname = a.name
  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
"""

EXTENSIONS = Probe(
    name="extensions",
    purpose="list the extensions that are installed or could be",
    sql={
        0: phrase(_EXTENSIONS, trusted="false"),
        130000: phrase(_EXTENSIONS, trusted="v.trusted"),
    },
)

EXTENDED_STATISTICS = Probe(
    name="extended-statistics",
    purpose="list the statistics over several columns",
    sql=phrase(
        """
SELECT n.nspname::text AS schema, x.stxname::text AS name, x.stxrelid AS relation, x.stxkeys::text AS columns,
       x.stxkind::text[] AS kinds
  FROM pg_catalog.pg_statistic_ext x
  JOIN pg_catalog.pg_namespace n ON n.oid = x.stxnamespace
 WHERE {own}
"""
    ),
)

_PARTITIONS = """
SELECT c.oid AS relation, h.inhparent AS parent, h.inhseqno AS position, c.relispartition AS partition,
       {pending} AS detach_pending,
       CASE WHEN c.relispartition AND c.oid {free} THEN pg_catalog.pg_get_expr(c.relpartbound, c.oid) END AS bound,
       w.partdefid AS parent_default, p.partstrat::text AS strategy, p.partattrs::text AS columns,
       CASE WHEN p.partrelid IS NOT NULL AND c.oid {free} THEN pg_catalog.pg_get_partkeydef(c.oid) END AS key
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_inherits h ON h.inhrelid = c.oid
  LEFT JOIN pg_catalog.pg_partitioned_table p ON p.partrelid = c.oid
  LEFT JOIN pg_catalog.pg_partitioned_table w ON w.partrelid = h.inhparent
 WHERE c.relkind IN ('r', 'p', 'f') AND (h.inhrelid IS NOT NULL OR p.partrelid IS NOT NULL) AND {own}
 ORDER BY c.oid, h.inhseqno
"""

PARTITIONS = Probe(
    name="partitions",
    purpose="read how tables are partitioned, and what inherits from what",
    sql={
        0: phrase(_PARTITIONS, pending="false"),
        140000: phrase(_PARTITIONS, pending="coalesce(h.inhdetachpending, false)"),
    },
)

PROBES: tuple[Probe, ...] = (
    LOCKED_RELATIONS,
    SCHEMAS,
    TYPES,
    TABLES,
    INDEXES,
    OPERATOR_CLASSES,
    CONSTRAINTS,
    COLUMNS,
    SEQUENCES,
    PARTITIONS,
    VIEWS,
    VIEW_CALLS,
    ROUTINES,
    TRIGGERS,
    RULES,
    POLICIES,
    EXTENSIONS,
    EXTENDED_STATISTICS,
)

"""Probes of the server as a whole: identity, settings, databases, counters of the log, checkpoints and I/O.

A statistics view whose columns differ from version to version is read with ``*``: the assembly takes the columns that
are there and leaves the others unknown. No statement here holds a percent sign or a brace that is not a placeholder.
"""

from __future__ import annotations

from auditor_connectors.postgresql.probe import Probe

SERVER = Probe(
    name="server",
    purpose="identify the server, its start, and what the session may see",
    # Only functions and catalogs that the products which speak the protocol have as well: much depends on this row.
    sql="""
SELECT version() AS version_text,
       current_setting('server_version_num')::int AS version_number,
       pg_is_in_recovery() AS in_recovery,
       pg_postmaster_start_time() AS started_at,
       current_user::text AS session_role,
       current_database()::text AS current_database,
       (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) AS session_superuser,
       (SELECT pg_has_role(oid, 'USAGE') FROM pg_catalog.pg_roles WHERE rolname = 'pg_read_all_settings')
         AS reads_all_settings,
       (SELECT pg_has_role(oid, 'USAGE') FROM pg_catalog.pg_roles WHERE rolname = 'pg_read_all_stats')
         AS reads_all_stats,
       EXISTS (SELECT 1 FROM pg_catalog.pg_proc WHERE proname = 'aurora_version') AS aurora
""",
)

CONTROL_FILE = Probe(
    name="control-file",
    purpose="tell one cluster from another, and whether this session and the cluster's pages are protected",
    sql="""
SELECT (SELECT system_identifier::text FROM pg_catalog.pg_control_system()) AS system_identifier,
       pg_catalog.pg_notification_queue_usage() AS notification_queue_usage,
       (SELECT ssl FROM pg_catalog.pg_stat_ssl WHERE pid = pg_backend_pid()) AS ssl,
       (SELECT encrypted FROM pg_catalog.pg_stat_gssapi WHERE pid = pg_backend_pid()) AS gss_encrypted
""",
)

SETTINGS = Probe(
    name="settings",
    purpose="read every configuration parameter with its source and what a change needs",
    # What this session itself set is shown as it would be without it.
    sql="""
SELECT name,
       CASE WHEN source = 'session' THEN reset_val ELSE setting END AS value,
       unit, boot_val, source, context, vartype, pending_restart
  FROM pg_catalog.pg_settings
 ORDER BY name
""",
    privilege="CONNECT; pg_read_all_settings to see all",
    grant="GRANT pg_monitor TO {role}",
    bare=True,
)

FILE_SETTINGS = Probe(
    name="file-settings",
    purpose="find errors in the configuration files that a restart would stumble over",
    sql="""
SELECT sourcefile, sourceline, name, error
  FROM pg_catalog.pg_file_settings
 WHERE error IS NOT NULL
 ORDER BY sourcefile, sourceline
""",
    privilege="SELECT on pg_file_settings and EXECUTE on its function",
    grant="GRANT SELECT ON pg_catalog.pg_file_settings TO {role}; "
    "GRANT EXECUTE ON FUNCTION pg_catalog.pg_show_all_file_settings() TO {role}",
)

# From version 15 on a database whose counters were never reset does not tell since when it counts. The oldest event
# that its counters have seen proves that they count at least since then; shared catalogs are older than the database.
_DATABASES = """
WITH witness AS (
  SELECT min(e.value::timestamptz) AS moment
    FROM pg_catalog.pg_stat_sys_tables t
    JOIN pg_catalog.pg_class c ON c.oid = t.relid AND NOT c.relisshared
   CROSS JOIN LATERAL jsonb_each_text(to_jsonb(t)) e
   WHERE t.schemaname = 'pg_catalog' AND left(e.key, 5) = 'last_'
)
SELECT d.datname::text AS name,
       d.datname = current_database() AS current,
       d.datistemplate AS template,
       d.datallowconn AS allow_connections,
       pg_catalog.pg_get_userbyid(d.datdba)::text AS owner,
       pg_catalog.pg_encoding_to_char(d.encoding)::text AS encoding,
       d.datcollate::text AS collation,
       d.datctype::text AS character_type,
       {locale}
       d.datconnlimit AS connection_limit,
       age(d.datfrozenxid) AS transaction_age,
       mxid_age(d.datminmxid) AS multixact_age,
       CASE WHEN has_database_privilege(d.oid, 'CONNECT')
              OR (SELECT pg_has_role(oid, 'USAGE') FROM pg_catalog.pg_roles WHERE rolname = 'pg_read_all_stats')
            THEN pg_catalog.pg_database_size(d.oid) END AS bytes,
       (SELECT s.setconfig FROM pg_catalog.pg_db_role_setting s WHERE s.setdatabase = d.oid AND s.setrole = 0)
         AS settings,
       CASE WHEN d.datname = current_database() THEN (SELECT moment FROM witness) END AS witnessed_since,
       s.*
  FROM pg_catalog.pg_database d
  LEFT JOIN pg_catalog.pg_stat_database s ON s.datid = d.oid
 ORDER BY d.datname
"""
_LOCALES = {
    0: "",
    150000: "d.datlocprovider AS locale_provider, d.daticulocale AS locale, d.datcollversion AS collation_version, "
    "pg_catalog.pg_database_collation_actual_version(d.oid) AS collation_version_actual,",
    170000: "d.datlocprovider AS locale_provider, d.datlocale AS locale, d.datcollversion AS collation_version, "
    "pg_catalog.pg_database_collation_actual_version(d.oid) AS collation_version_actual,",
}

DATABASES = Probe(
    name="databases",
    purpose="list the databases with sizes, ages, collation versions and counters",
    sql={version: _DATABASES.replace("{locale}", locale) for version, locale in _LOCALES.items()},
    privilege="CONNECT; pg_read_all_stats for the sizes of other databases",
    grant="GRANT pg_monitor TO {role}",
)

COLLATIONS = Probe(
    name="collations",
    purpose="find collations whose library has changed since indexes were built on them",
    # The database's own default collation (provider d) is judged with the databases.
    sql="""
WITH used AS (
  SELECT DISTINCT k.id, i.indexrelid
    FROM pg_catalog.pg_index i
   CROSS JOIN LATERAL unnest(i.indcollation::oid[]) AS k(id)
   WHERE k.id <> 0
)
SELECT n.nspname::text AS schema, c.collname::text AS name, c.collprovider::text AS provider,
       c.collversion AS recorded, pg_catalog.pg_collation_actual_version(c.oid) AS actual,
       json_agg(json_build_array(ni.nspname, ci.relname) ORDER BY ni.nspname, ci.relname) AS indexes
  FROM used u
  JOIN pg_catalog.pg_collation c ON c.oid = u.id
  JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace
  JOIN pg_catalog.pg_class ci ON ci.oid = u.indexrelid
  JOIN pg_catalog.pg_namespace ni ON ni.oid = ci.relnamespace
 WHERE c.collprovider <> 'd'
   AND c.collversion IS NOT NULL
   AND c.collversion IS DISTINCT FROM pg_catalog.pg_collation_actual_version(c.oid)
 GROUP BY c.oid, n.nspname, c.collname, c.collprovider, c.collversion
 ORDER BY n.nspname, c.collname
""",
)

CHECKPOINTS = Probe(
    name="checkpoints",
    purpose="read the counters of the checkpointer and the background writer",
    sql={
        0: "SELECT * FROM pg_catalog.pg_stat_bgwriter",
        170000: """
SELECT c.*, b.buffers_clean, b.maxwritten_clean, b.buffers_alloc
  FROM pg_catalog.pg_stat_checkpointer c CROSS JOIN pg_catalog.pg_stat_bgwriter b
""",
    },
)

LOG_STATISTICS = Probe(
    name="log-statistics",
    purpose="read the counters of the write-ahead log",
    sql="SELECT * FROM pg_catalog.pg_stat_wal",
    since=140000,
    missing="the server counts write-ahead log since version 14",
)

LOG_DIRECTORY = Probe(
    name="log-directory",
    purpose="measure the write-ahead log on disk",
    sql="SELECT sum(size)::bigint AS bytes, count(*) AS files FROM pg_catalog.pg_ls_waldir()",
    privilege="pg_monitor",
    grant="GRANT pg_monitor TO {role}",
)

INPUT_OUTPUT = Probe(
    name="io",
    purpose="read the counters of I/O by kind of backend, object and context",
    sql="SELECT * FROM pg_catalog.pg_stat_io ORDER BY backend_type, object, context",
    since=160000,
    missing="the server counts I/O by kind of backend since version 16",
)

LARGE_OBJECTS = Probe(
    name="large-objects",
    purpose="count the large objects and their bytes",
    sql="""
SELECT count(*) AS count, pg_catalog.pg_total_relation_size('pg_catalog.pg_largeobject') AS bytes
  FROM pg_catalog.pg_largeobject_metadata
""",
)

EVENT_TRIGGERS = Probe(
    name="event-triggers",
    purpose="name the event triggers, which run at every change of the schema",
    sql="SELECT evtname::text AS name FROM pg_catalog.pg_event_trigger WHERE evtenabled <> 'D' ORDER BY evtname",
)

PROBES: tuple[Probe, ...] = (
    SERVER,
    CONTROL_FILE,
    SETTINGS,
    DATABASES,
    FILE_SETTINGS,
    COLLATIONS,
    CHECKPOINTS,
    LOG_STATISTICS,
    LOG_DIRECTORY,
    INPUT_OUTPUT,
    LARGE_OBJECTS,
    EVENT_TRIGGERS,
)

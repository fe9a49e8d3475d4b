"""Probes of what the server is doing and has done: sessions, locks, maintenance under way, statements."""

from __future__ import annotations

from auditor_connectors.postgresql.probe import MARK, Probe

# pg_blocking_pids stops the lock manager for a moment: it is asked only for sessions that wait for a lock.
_SESSIONS = """
WITH waiting AS MATERIALIZED (
  SELECT pid, {since} AS seconds FROM pg_catalog.pg_locks WHERE NOT granted GROUP BY pid
)
SELECT a.pid, a.backend_type, a.usename::text AS user, a.datname::text AS database, a.application_name AS application,
       CASE WHEN a.client_addr IS NOT NULL
            THEN CASE WHEN host(a.client_addr) = '::1' OR left(host(a.client_addr), 4) = '127.'
                      THEN 'loopback' ELSE 'network' END
            WHEN a.client_port = -1 THEN 'local' END AS client,
       CASE WHEN a.client_port IS NOT NULL THEN t.ssl OR coalesce(g.encrypted, false) END AS encrypted,
       a.state,
       extract(epoch FROM clock_timestamp() - a.xact_start)::float8 AS transaction_seconds,
       extract(epoch FROM clock_timestamp() - a.query_start)::float8 AS query_seconds,
       extract(epoch FROM clock_timestamp() - a.state_change)::float8 AS state_seconds,
       extract(epoch FROM clock_timestamp() - a.backend_start)::float8 AS connected_seconds,
       a.wait_event_type AS wait_type, a.wait_event,
       greatest(age(a.backend_xmin), age(a.backend_xid)) AS horizon_age,
       CASE WHEN w.pid IS NOT NULL THEN pg_catalog.pg_blocking_pids(a.pid) END AS blocked_by,
       w.seconds AS waiting_seconds,
       a.query AS statement
  FROM pg_catalog.pg_stat_activity a
  LEFT JOIN waiting w ON w.pid = a.pid
  LEFT JOIN pg_catalog.pg_stat_ssl t ON t.pid = a.pid
  LEFT JOIN pg_catalog.pg_stat_gssapi g ON g.pid = a.pid
 WHERE a.pid <> pg_backend_pid()
 ORDER BY a.pid
"""

SESSIONS = Probe(
    name="sessions",
    purpose="list the sessions with their state, how long it has lasted, and who waits for whom",
    sql={
        0: _SESSIONS.replace("{since}", "NULL::float8"),
        140000: _SESSIONS.replace("{since}", "extract(epoch FROM clock_timestamp() - min(waitstart))::float8"),
    },
    privilege="CONNECT; pg_read_all_stats for the details of other roles' sessions",
    grant="GRANT pg_monitor TO {role}",
)

LOCKS = Probe(
    name="locks",
    purpose="list the locks that sessions wait for, the strong ones that they hold, and advisory locks",
    # Weak locks are left out unless somebody waits for the same relation: they are many and hurt nobody. Bounded.
    sql="""
WITH held AS MATERIALIZED (
  SELECT * FROM pg_catalog.pg_locks WHERE pid <> pg_backend_pid()
)
SELECT h.pid, h.locktype, h.mode, h.granted, n.nspname::text AS schema, c.relname::text AS name
  FROM held h
  LEFT JOIN pg_catalog.pg_class c ON c.oid = h.relation AND h.locktype = 'relation'
   AND h.database IN (0, (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()))
  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE NOT h.granted
    OR h.locktype = 'advisory'
    OR (h.locktype = 'relation' AND h.mode IN ('ShareUpdateExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock',
                                               'ExclusiveLock', 'AccessExclusiveLock'))
    OR (h.locktype = 'relation' AND EXISTS (SELECT 1 FROM held w WHERE NOT w.granted AND w.locktype = 'relation'
                                               AND w.database = h.database AND w.relation = h.relation))
 ORDER BY h.granted, h.pid, h.locktype, n.nspname, c.relname, h.mode
 LIMIT 5000
""",
)

PREPARED_TRANSACTIONS = Probe(
    name="prepared-transactions",
    purpose="list the transactions prepared for two-phase commit",
    sql="""
SELECT gid AS name, owner::text AS owner, database::text AS database,
       extract(epoch FROM clock_timestamp() - prepared)::float8 AS age_seconds, age(transaction) AS horizon_age
  FROM pg_catalog.pg_prepared_xacts
 ORDER BY prepared, gid
""",
)

_PROGRESS = """
SELECT p.kind, p.pid AS session, a.datname::text AS database, n.nspname::text AS schema, c.relname::text AS name,
       p.phase, p.done, p.total,
       coalesce(position('(to prevent wraparound)' IN a.query) > 0, false) AS against_wraparound
  FROM (SELECT 'vacuum' AS kind, pid, relid, phase, heap_blks_scanned AS done, heap_blks_total AS total
          FROM pg_catalog.pg_stat_progress_vacuum
        UNION ALL
        SELECT 'create-index', pid, relid, phase, blocks_done, blocks_total
          FROM pg_catalog.pg_stat_progress_create_index
        UNION ALL
        SELECT 'cluster', pid, relid, phase, heap_blks_scanned, heap_blks_total
          FROM pg_catalog.pg_stat_progress_cluster
        {more}) p
  LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = p.pid
  LEFT JOIN pg_catalog.pg_class c ON c.oid = p.relid AND a.datname = current_database()
  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 ORDER BY p.kind, p.pid
"""
_PROGRESS_13 = """UNION ALL
        SELECT 'analyze', pid, relid, phase, sample_blks_scanned, sample_blks_total
          FROM pg_catalog.pg_stat_progress_analyze
        UNION ALL
        SELECT 'base-backup', pid, NULL, phase, backup_streamed, backup_total
          FROM pg_catalog.pg_stat_progress_basebackup"""
_PROGRESS_14 = """
        UNION ALL
        SELECT 'copy', pid, relid, command, bytes_processed, bytes_total
          FROM pg_catalog.pg_stat_progress_copy"""

PROGRESS = Probe(
    name="progress",
    purpose="list vacuum, analyze, index builds, backups and copies under way",
    sql={
        0: _PROGRESS.replace("{more}", ""),
        130000: _PROGRESS.replace("{more}", _PROGRESS_13),
        140000: _PROGRESS.replace("{more}", _PROGRESS_13 + _PROGRESS_14),
    },
    privilege="CONNECT; pg_read_all_stats for the work of other roles",
    grant="GRANT pg_monitor TO {role}",
)

# The columns are those of the extension's version, which after an upgrade of the server is not the server's: they are
# taken by name from a document of the row, and the first name that is there counts. One entry stands for a statement
# whoever ran it; the deviation is that of all its runs together.
STATEMENTS = Probe(
    name="statements",
    purpose="read the statements of this database that cost most, by several measures, and the sum of all",
    sql="""
WITH entry AS MATERIALIZED (
  SELECT to_jsonb(s) - 'query' AS e, s.query, s.userid
    FROM {schema}.pg_stat_statements s
   WHERE s.dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
     AND right(s.query, {length}) <> '{mark}'
), named AS (
  SELECT e->>'queryid' AS queryid, coalesce((e->>'toplevel')::boolean, true) AS top_level, userid, query, e,
         (e->>'calls')::bigint AS calls, (e->>'rows')::bigint AS rows,
         coalesce(e->>'total_exec_time', e->>'total_time')::float8 AS total_ms,
         coalesce(e->>'mean_exec_time', e->>'mean_time')::float8 AS mean_ms,
         coalesce(e->>'stddev_exec_time', e->>'stddev_time')::float8 AS deviation_ms
    FROM entry
), totals AS (
  SELECT count(*) AS entries, sum(total_ms) AS database_ms, sum(calls)::bigint AS database_calls FROM named
), merged AS MATERIALIZED (
  SELECT queryid, top_level, min(query) AS text,
         CASE WHEN min(userid) = max(userid) THEN pg_catalog.pg_get_userbyid(min(userid))::text END AS user,
         sum(calls)::bigint AS calls, sum(rows)::bigint AS rows, sum(total_ms) AS total_ms,
         sum(total_ms) / nullif(sum(calls), 0) AS mean_ms,
         min(coalesce(e->>'min_exec_time', e->>'min_time')::float8) AS minimum_ms,
         max(coalesce(e->>'max_exec_time', e->>'max_time')::float8) AS maximum_ms,
         sqrt(greatest(0, sum(calls * (deviation_ms ^ 2 + mean_ms ^ 2)) / nullif(sum(calls), 0)
                          - (sum(calls * mean_ms) / nullif(sum(calls), 0)) ^ 2)) AS deviation_ms,
         sum((e->>'total_plan_time')::float8) AS planning_ms,
         sum((e->>'shared_blks_hit')::bigint)::bigint AS blocks_hit,
         sum((e->>'shared_blks_read')::bigint)::bigint AS blocks_read,
         sum((e->>'shared_blks_dirtied')::bigint)::bigint AS blocks_dirtied,
         sum((e->>'temp_blks_read')::bigint)::bigint AS temp_blocks_read,
         sum((e->>'temp_blks_written')::bigint)::bigint AS temp_blocks_written,
         sum(coalesce(e->>'shared_blk_read_time', e->>'blk_read_time')::float8) AS read_ms,
         sum((e->>'wal_bytes')::numeric)::bigint AS wal_bytes,
         sum((e->>'wal_fpi')::bigint)::bigint AS wal_full_pages,
         sum((e->>'jit_generation_time')::float8 + (e->>'jit_inlining_time')::float8
             + (e->>'jit_optimization_time')::float8 + (e->>'jit_emission_time')::float8) AS jit_ms,
         min((e->>'stats_since')::timestamptz) AS since
    FROM named
   WHERE queryid IS NOT NULL
   GROUP BY queryid, top_level
), ranked AS (
  SELECT m.*,
         least(row_number() OVER (ORDER BY total_ms DESC, queryid), row_number() OVER (ORDER BY calls DESC, queryid),
               row_number() OVER (ORDER BY temp_blocks_written + temp_blocks_read DESC, queryid),
               row_number() OVER (ORDER BY rows DESC, queryid), row_number() OVER (ORDER BY mean_ms DESC, queryid),
               row_number() OVER (ORDER BY blocks_read DESC, queryid)) AS rank
    FROM merged m
)
SELECT r.queryid, r.top_level, left(r.text, 100000) AS text, r.user, current_database()::text AS database,
       r.calls, r.rows, r.total_ms, r.mean_ms, r.minimum_ms, r.maximum_ms, r.deviation_ms, r.planning_ms,
       r.blocks_hit, r.blocks_read, r.blocks_dirtied, r.temp_blocks_read, r.temp_blocks_written, r.read_ms,
       r.wal_bytes, r.wal_full_pages, r.jit_ms, r.since,
       t.entries, t.database_ms, t.database_calls
  FROM totals t LEFT JOIN ranked r ON r.rank <= %(limit)s
 ORDER BY r.total_ms DESC, r.queryid, r.top_level
""".replace("{length}", str(len(MARK))).replace("{mark}", MARK),
    extension="pg_stat_statements",
    privilege="pg_read_all_stats",
    grant="GRANT pg_monitor TO {role}",
    missing="the extension pg_stat_statements is not installed in this database: add it to shared_preload_libraries, "
    "restart, and run CREATE EXTENSION pg_stat_statements",
)

STATEMENTS_INFO = Probe(
    name="statements-info",
    purpose="tell since when statements are counted and how many entries were evicted",
    sql="SELECT dealloc AS evicted, stats_reset FROM {schema}.pg_stat_statements_info",
    since=140000,
    extension="pg_stat_statements",
    missing="it needs pg_stat_statements 1.9 or later, which comes with version 14",
)

PROBES: tuple[Probe, ...] = (SESSIONS, LOCKS, PREPARED_TRANSACTIONS, PROGRESS, STATEMENTS, STATEMENTS_INFO)

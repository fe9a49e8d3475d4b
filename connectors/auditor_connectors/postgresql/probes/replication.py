"""Probes of archiving and replication: slots, replicas, publications, subscriptions, conflicts on a standby."""

from __future__ import annotations

from auditor_connectors.postgresql.probe import Probe

# Where the log stands: on a standby, what has been replayed.
_POSITION = """
CASE WHEN pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn() ELSE pg_catalog.pg_current_wal_lsn() END
""".strip()

ARCHIVER = Probe(
    name="archiver",
    purpose="read what continuous archiving has stored and where it failed",
    sql="""
SELECT archived_count, last_archived_time, failed_count, last_failed_time, stats_reset
  FROM pg_catalog.pg_stat_archiver
""",
)

SLOTS = Probe(
    name="slots",
    purpose="list the replication slots with the log and the dead rows that they keep",
    sql="""
SELECT s.*,
       pg_catalog.pg_wal_lsn_diff({position}, s.restart_lsn)::bigint AS retained_bytes,
       greatest(age(s.xmin), age(s.catalog_xmin)) AS horizon_age
  FROM pg_catalog.pg_replication_slots s
 ORDER BY s.slot_name
""".replace("{position}", _POSITION),
)

REPLICAS = Probe(
    name="replicas",
    purpose="list the servers that stream from this one, with their lag",
    sql="""
SELECT r.pid, r.application_name, r.state, r.sync_state,
       pg_catalog.pg_wal_lsn_diff({position}, r.replay_lsn)::bigint AS lag_bytes,
       extract(epoch FROM r.replay_lag)::float8 AS lag_seconds,
       age(r.backend_xmin) AS horizon_age,
       s.slot_name::text AS slot, s.slot_type AS slot_type
  FROM pg_catalog.pg_stat_replication r
  LEFT JOIN pg_catalog.pg_replication_slots s ON s.active_pid = r.pid
 ORDER BY r.application_name, s.slot_name, r.pid
""".replace("{position}", _POSITION),
    privilege="CONNECT; pg_read_all_stats for state and lag",
    grant="GRANT pg_monitor TO {role}",
)

_PUBLICATIONS = """
SELECT p.pubname::text AS name, p.puballtables AS all_tables,
       p.pubinsert, p.pubupdate, p.pubdelete, p.pubtruncate,
       (SELECT json_agg(json_build_array(n.nspname, c.relname) ORDER BY n.nspname, c.relname)
          FROM (SELECT r.prrelid AS relation FROM pg_catalog.pg_publication_rel r WHERE r.prpubid = p.oid
                {schemas}) t
          JOIN pg_catalog.pg_class c ON c.oid = t.relation
          JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace) AS tables
  FROM pg_catalog.pg_publication p
 ORDER BY p.pubname
"""
_PUBLISHED_SCHEMAS = """
UNION
SELECT k.oid
  FROM pg_catalog.pg_publication_namespace s
  JOIN pg_catalog.pg_class k ON k.relnamespace = s.pnnspid
 WHERE s.pnpubid = p.oid AND k.relkind IN ('r', 'p') AND k.relpersistence = 'p'
"""

PUBLICATIONS = Probe(
    name="publications",
    purpose="list the publications and their tables",
    sql={
        0: _PUBLICATIONS.replace("{schemas}", ""),
        150000: _PUBLICATIONS.replace("{schemas}", _PUBLISHED_SCHEMAS),
    },
)

# pg_subscription.oid is readable by everybody only since version 14, subconninfo never: neither is touched.
_SUBSCRIPTIONS = """
SELECT s.subname::text AS name, s.subenabled AS enabled, s.subpublications::text[] AS publications,
       s.subslotname::text AS slot {errors}
  FROM pg_catalog.pg_subscription s {statistics}
 WHERE s.subdbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
 ORDER BY s.subname
"""

SUBSCRIPTIONS = Probe(
    name="subscriptions",
    purpose="list the subscriptions with their errors",
    sql={
        0: _SUBSCRIPTIONS.replace("{errors}", "").replace("{statistics}", ""),
        150000: _SUBSCRIPTIONS.replace("{errors}", ", t.apply_error_count, t.sync_error_count").replace(
            "{statistics}", "LEFT JOIN pg_catalog.pg_stat_subscription_stats t ON t.subid = s.oid"
        ),
    },
)

CONFLICTS = Probe(
    name="conflicts",
    purpose="count the queries that a standby cancelled because of replay",
    sql="SELECT * FROM pg_catalog.pg_stat_database_conflicts ORDER BY datname",
)

PROBES: tuple[Probe, ...] = (ARCHIVER, SLOTS, REPLICAS, PUBLICATIONS, SUBSCRIPTIONS, CONFLICTS)

"""Probes of what the server counts and estimates: sizes, usage, ages, column statistics, bloat."""

from __future__ import annotations

from auditor_connectors.postgresql.probe import Probe
from auditor_connectors.postgresql.probes.catalog import phrase

SIZES = Probe(
    name="sizes",
    purpose="measure tables, their out-of-line storage and their indexes on disk",
    # Every file is asked for its size once: that of a table's indexes is the sum over the indexes.
    sql=phrase(
        """
SELECT c.oid AS relation, c.relkind::text AS kind,
       CASE WHEN c.relkind IN ('r', 'm') AND c.reltoastrelid {free} THEN pg_catalog.pg_table_size(c.oid)
            WHEN c.relkind = 'i' THEN pg_catalog.pg_table_size(c.oid) END AS bytes,
       CASE WHEN c.relkind IN ('r', 'm') THEN pg_catalog.pg_relation_size(c.oid) END AS heap_bytes,
       CASE WHEN c.reltoastrelid = 0 THEN 0
            WHEN c.reltoastrelid {free} THEN pg_catalog.pg_total_relation_size(c.reltoastrelid) END AS toast_bytes
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'm', 'i') AND {own} AND c.oid {free}
"""
    ),
)

TABLE_USAGE = Probe(
    name="table-usage",
    purpose="read how often tables are scanned, written, vacuumed and analysed",
    sql="""
SELECT s.*, i.*
  FROM pg_catalog.pg_stat_user_tables s
  JOIN pg_catalog.pg_statio_user_tables i USING (relid)
""",
)

INDEX_USAGE = Probe(
    name="index-usage",
    purpose="read how often indexes are scanned",
    sql="SELECT s.* FROM pg_catalog.pg_stat_user_indexes s",
)

# How far the values of a narrow integer reach into its type (21: smallint, 23: integer), to the percent. The highest of
# many bounds is passed over: it may be a single value that stands for "none".
_RANGE_USED = """
       CASE WHEN a.atttypid IN (21, 23) THEN (
            SELECT round(b[cardinality(b) - (cardinality(b) >= 20)::int]::numeric
                         / CASE a.atttypid WHEN 21 THEN 32767 ELSE 2147483647 END, 2)::float8
              FROM (SELECT s.histogram_bounds::text::bigint[] AS b) bounds) END AS range_used
""".strip()

COLUMN_STATISTICS = Probe(
    name="column-statistics",
    purpose="read what the planner knows of columns, as shares and lengths",
    sql=f"""
SELECT s.schemaname::text AS schema, s.tablename::text AS table, s.attname::text AS column, s.inherited,
       s.null_frac AS null_fraction, s.avg_width AS average_width, s.n_distinct AS distinct, s.correlation,
       s.most_common_freqs[1] AS top_frequency,
       coalesce(array_length(s.most_common_freqs, 1), 0) AS sampled, NULL::json AS shapes,
       {_RANGE_USED}
  FROM pg_catalog.pg_stats s
  JOIN pg_catalog.pg_namespace n ON n.nspname = s.schemaname
  JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = s.tablename
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = s.attname
 WHERE left(s.schemaname, 3) <> 'pg_' AND s.schemaname <> 'information_schema'
""",
    privilege="SELECT on each table",
)

AGES = Probe(
    name="ages",
    purpose="tell how many transactions old the oldest row of each table may be",
    sql=phrase(
        """
SELECT c.oid AS relation,
       greatest(CASE WHEN c.relfrozenxid <> '0'::xid THEN age(c.relfrozenxid) END,
                CASE WHEN t.relfrozenxid <> '0'::xid THEN age(t.relfrozenxid) END) AS transaction_age,
       greatest(CASE WHEN c.relminmxid <> '0'::xid THEN mxid_age(c.relminmxid) END,
                CASE WHEN t.relminmxid <> '0'::xid THEN mxid_age(t.relminmxid) END) AS multixact_age
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_class t ON t.oid = c.reltoastrelid
 WHERE c.relkind IN ('r', 'm') AND {own}
"""
    ),
)

PROBES: tuple[Probe, ...] = (SIZES, TABLE_USAGE, INDEX_USAGE, AGES, COLUMN_STATISTICS)

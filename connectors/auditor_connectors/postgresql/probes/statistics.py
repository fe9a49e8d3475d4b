"""Probes of what the server counts and estimates: sizes, usage, ages, column statistics, bloat."""

from __future__ import annotations

from auditor_connectors.postgresql.probe import Probe
from auditor_connectors.postgresql.probes.catalog import phrase
from auditor_connectors.postgresql.probes.shapes import SHAPE

SIZES = Probe(
    name="sizes",
    purpose="measure tables, their out-of-line storage and their indexes on disk",
    # Asking an index for its size makes the server process keep its description, about 6 kB each. Small indexes of
    # small tables that have not grown or changed since they were analysed have the size that the catalog says.
    sql=phrase(
        """
WITH block AS (
  SELECT current_setting('block_size')::bigint AS size
), heap AS MATERIALIZED (
  SELECT c.oid, c.reltoastrelid AS toast, t.relpages AS toast_pages, c.relpages AS pages,
         pg_catalog.pg_relation_size(c.oid) AS bytes, pg_catalog.pg_stat_get_mod_since_analyze(c.oid) AS modified
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_class t ON t.oid = c.reltoastrelid
   WHERE c.relkind IN ('r', 'm') AND {own} AND c.oid {free}
), stored AS (
  SELECT h.*, CASE WHEN h.toast = 0 OR (h.bytes = 0 AND h.toast_pages = 0) THEN 0
                   WHEN h.toast {free} THEN pg_catalog.pg_relation_size(h.toast) END AS toasted
    FROM heap h OFFSET 0
)
SELECT s.oid AS relation, false AS is_index, s.bytes AS heap_bytes,
       s.bytes + CASE WHEN s.bytes > 0 THEN pg_catalog.pg_relation_size(s.oid, 'fsm')
                                            + pg_catalog.pg_relation_size(s.oid, 'vm') ELSE 0 END AS bytes,
       CASE WHEN s.toast = 0 THEN 0 WHEN s.toasted = 0 THEN b.size
            WHEN s.toasted > 0 THEN pg_catalog.pg_total_relation_size(s.toast) END AS toast_bytes
  FROM stored s CROSS JOIN block b
 UNION ALL
SELECT c.oid, true, NULL,
       CASE WHEN c.relpages BETWEEN 1 AND 16 AND h.pages <= 16 AND h.pages * b.size = h.bytes AND h.modified = 0
            THEN c.relpages * b.size
            WHEN c.oid {free} THEN pg_catalog.pg_table_size(c.oid) END,
       NULL
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid AND c.relkind = 'i'
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN heap h ON h.oid = i.indrelid
 CROSS JOIN block b
 WHERE {own}
"""
    ),
    many=True,
)

_TABLE_USAGE = """
SELECT s.relid AS relation, s.seq_scan, s.seq_tup_read, s.idx_scan, s.idx_tup_fetch, s.n_tup_ins, s.n_tup_upd,
       s.n_tup_del, s.n_tup_hot_upd, s.n_live_tup, s.n_dead_tup, s.n_mod_since_analyze, s.last_vacuum,
       s.last_autovacuum, s.last_analyze, s.last_autoanalyze, s.vacuum_count, s.autovacuum_count, {later},
       i.heap_blks_read, i.heap_blks_hit, i.idx_blks_read, i.idx_blks_hit, i.toast_blks_read, i.toast_blks_hit
  FROM pg_catalog.pg_stat_user_tables s
  LEFT JOIN pg_catalog.pg_statio_user_tables i USING (relid)
 WHERE left(s.schemaname, 3) <> 'pg_'
"""
_NO_INSERTS = "NULL::bigint AS n_ins_since_vacuum"
_INSERTS = "s.n_ins_since_vacuum"
_NO_SCAN_TIMES = (
    ", NULL::bigint AS n_tup_newpage_upd, NULL::timestamptz AS last_seq_scan, NULL::timestamptz AS last_idx_scan"
)
_SCAN_TIMES = ", s.n_tup_newpage_upd, s.last_seq_scan, s.last_idx_scan"

TABLE_USAGE = Probe(
    name="table-usage",
    purpose="read how often tables are scanned, written, vacuumed and analysed",
    sql={
        0: phrase(_TABLE_USAGE, later=_NO_INSERTS + _NO_SCAN_TIMES),
        130000: phrase(_TABLE_USAGE, later=_INSERTS + _NO_SCAN_TIMES),
        160000: phrase(_TABLE_USAGE, later=_INSERTS + _SCAN_TIMES),
    },
    many=True,
)

_INDEX_USAGE = """
SELECT s.indexrelid AS relation, s.idx_scan, s.idx_tup_read, {last} AS last_idx_scan
  FROM pg_catalog.pg_stat_user_indexes s
 WHERE left(s.schemaname, 3) <> 'pg_'
"""

INDEX_USAGE = Probe(
    name="index-usage",
    purpose="read how often indexes are scanned",
    sql={
        0: phrase(_INDEX_USAGE, last="NULL::timestamptz"),
        160000: phrase(_INDEX_USAGE, last="s.last_idx_scan"),
    },
    many=True,
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
    many=True,
)

# The kinds of a slot of pg_statistic: 1 most common values, 2 bounds of the histogram, 3 correlation.
_SLOT = (
    "CASE {kind} "
    + " ".join(f"WHEN s.stakind{number} THEN s.{{what}}{number}" for number in range(1, 6))
    + " END"
)  # fmt: skip
_FREQUENCIES = phrase(_SLOT, kind="1", what="stanumbers")
_COMMON = phrase(_SLOT, kind="1", what="stavalues")
_BOUNDS = phrase(_SLOT, kind="2", what="stavalues")
_CORRELATION = phrase(_SLOT, kind="3", what="stanumbers")

LOOKED_AT = 5000
"""How many columns have their sampled values looked at, those of the tables with the most rows first."""

# The first rows are what the planner knows of each column, the others what its values look like. Values are looked at
# where they can tell something: texts, and integers of up to 32 bits (21, 23). A domain has the category of what it is
# made of. How far an integer reaches into its type is kept to the percent, without the highest of many bounds: it may
# be a single value that stands for "none".
_COLUMN_STATISTICS = """
WITH looked_at AS MATERIALIZED (
  SELECT n.nspname, c.relname, a.attname, a.attrelid, a.attnum, a.atttypid
    FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_type y ON y.oid = a.atttypid
   WHERE c.relkind IN ('r', 'p', 'm') AND c.reltuples >= 50 AND {own} AND a.attnum > 0 AND NOT a.attisdropped
     AND (y.typcategory = 'S' OR a.atttypid IN (21, 23))
   ORDER BY c.reltuples DESC, a.attrelid, a.attnum LIMIT {columns}
), sample AS (
  SELECT w.attrelid, w.attnum, w.atttypid, {sample}
)
{source}
 UNION ALL
SELECT p.attrelid, p.attnum, p.inherited, NULL, NULL, NULL, NULL, NULL, NULL,
         CASE WHEN p.atttypid IN (21, 23) THEN (
              SELECT round(b[cardinality(b) - (cardinality(b) >= 20)::int]::numeric
                           / CASE p.atttypid WHEN 21 THEN 32767 ELSE 2147483647 END, 2)::float8
                FROM (SELECT p.bounds::text::bigint[] AS b) x) END AS range_used,
         CASE WHEN p.atttypid NOT IN (21, 23) AND p.width < 300 THEN (
              SELECT json_object_agg(z.shape, z.number)
                FROM (SELECT {shape} AS shape, count(*) AS number
                        FROM (SELECT rtrim(m) AS v FROM unnest((p.common::text::text[])[1:20]) AS m
                               UNION ALL
                              SELECT rtrim(y.b[k])
                                FROM (SELECT p.bounds::text::text[] AS b OFFSET 0) y,
                                     generate_series(1, cardinality(y.b), (cardinality(y.b) + 29) / 30) AS k
                              OFFSET 0) t
                       WHERE t.v <> '' GROUP BY 1) z) END AS shapes
  FROM (SELECT * FROM sample OFFSET 0) p
"""

_VIEW_SAMPLE = """s.inherited, s.avg_width AS width, s.most_common_vals AS common, s.histogram_bounds AS bounds
    FROM looked_at w
    JOIN pg_catalog.pg_stats s ON s.schemaname = w.nspname AND s.tablename = w.relname AND s.attname = w.attname"""
_VIEW_SOURCE = """
SELECT a.attrelid AS relation, a.attnum AS position, s.inherited, s.null_frac AS null_fraction,
       s.avg_width AS average_width, s.n_distinct AS distinct, s.correlation,
       s.most_common_freqs[1] AS top_frequency, coalesce(array_length(s.most_common_freqs, 1), 0) AS common,
       NULL::float8 AS range_used, NULL::json AS shapes
  FROM pg_catalog.pg_stats s
  JOIN (SELECT n.nspname, c.relname, a.attname, a.attrelid, a.attnum
          FROM pg_catalog.pg_attribute a
          JOIN pg_catalog.pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p', 'm', 'f')
          JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE a.attnum > 0 AND NOT a.attisdropped AND {own} OFFSET 0) a
    ON a.nspname = s.schemaname AND a.relname = s.tablename AND a.attname = s.attname"""
_DIRECT_SAMPLE = """s.stainherit AS inherited, s.stawidth AS width, {common} AS common, {bounds} AS bounds
    FROM looked_at w
    JOIN pg_catalog.pg_statistic s ON s.starelid = w.attrelid AND s.staattnum = w.attnum"""
_DIRECT_SOURCE = """
SELECT s.starelid AS relation, s.staattnum AS position, s.stainherit AS inherited, s.stanullfrac AS null_fraction,
       s.stawidth AS average_width, s.stadistinct AS distinct, ({correlation})[1] AS correlation,
       ({frequencies})[1] AS top_frequency, coalesce(array_length({frequencies}, 1), 0) AS common,
       NULL::float8 AS range_used, NULL::json AS shapes
  FROM pg_catalog.pg_statistic s
  JOIN pg_catalog.pg_class c ON c.oid = s.starelid AND c.relkind IN ('r', 'p', 'm', 'f')
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE {own}"""

COLUMN_STATISTICS = Probe(
    name="column-statistics",
    purpose="read what the planner knows of columns, as shares and lengths; values do not leave the server",
    sql=phrase(
        _COLUMN_STATISTICS, sample=_VIEW_SAMPLE, source=_VIEW_SOURCE, shape=SHAPE, columns=str(LOOKED_AT)
    ),
    direct=phrase(
        _COLUMN_STATISTICS,
        sample=_DIRECT_SAMPLE,
        source=_DIRECT_SOURCE,
        shape=SHAPE,
        columns=str(LOOKED_AT),
        common=_COMMON,
        bounds=_BOUNDS,
        correlation=_CORRELATION,
        frequencies=_FREQUENCIES,
    ),
    privilege="SELECT on each table",
    many=True,
)  # fmt: skip

TABLE_BLOAT = Probe(
    name="table-bloat",
    purpose="estimate the space in tables that holds no live data, from widths and row counts",
    derived_from=("tables", "columns", "types", "table-usage", "column-statistics"),
    privilege="SELECT on each table",
)

TABLE_BLOAT_MEASURED = Probe(
    name="table-bloat-measured",
    purpose="measure that space in the tables where the estimate found most of it",
    sql="""
SELECT c.oid AS relation, b.bytes, round((b.bytes / greatest(p.table_len, 1.0))::numeric, 3)::float8 AS ratio,
       'measured' AS method
  FROM pg_catalog.pg_class c
 CROSS JOIN LATERAL {schema}.pgstattuple_approx(c.oid::regclass) p
  LEFT JOIN LATERAL (SELECT option_value::int AS percent FROM pg_catalog.pg_options_to_table(c.reloptions)
                      WHERE option_name = 'fillfactor') f ON true
 CROSS JOIN LATERAL (SELECT greatest(0, p.approx_free_space + p.dead_tuple_len
                                        - p.table_len * (100 - coalesce(f.percent, 100)) / 100)::bigint AS bytes) b
 WHERE c.oid = ANY (%(candidates)s::oid[]) AND c.relkind IN ('r', 'm')
""",
    extension="pgstattuple",
    privilege="EXECUTE on pgstattuple_approx",
    grant="GRANT pg_stat_scan_tables TO {role}",
    missing="the extension pgstattuple is not installed in this database: bloat is estimated only",
    timeout=10.0,
    many=True,
    candidates=True,
)

INDEX_BLOAT = Probe(
    name="index-bloat",
    purpose="estimate the space in B-tree indexes that holds no entries, from widths and row counts",
    derived_from=("indexes", "columns", "types", "table-usage", "column-statistics"),
    privilege="SELECT on each table",
)

PROBES: tuple[Probe, ...] = (
    SIZES,
    TABLE_USAGE,
    INDEX_USAGE,
    AGES,
    COLUMN_STATISTICS,
    TABLE_BLOAT,
    TABLE_BLOAT_MEASURED,
    INDEX_BLOAT,
)

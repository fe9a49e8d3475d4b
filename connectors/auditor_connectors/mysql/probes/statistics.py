"""Probes of sizes, and of how tables and indexes are used."""

from __future__ import annotations

from collections.abc import Mapping

from auditor_connectors.mysql.probe import Need, Probe

SIZES = Probe(
    name="sizes",
    purpose="measure tables, and all indexes of each together",
    sql="""
SELECT TABLE_SCHEMA AS `schema`, TABLE_NAME AS name, DATA_LENGTH AS data_bytes, INDEX_LENGTH AS index_bytes
  FROM information_schema.TABLES
 WHERE {own:TABLE_SCHEMA} AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')
""",
    privilege="SELECT on the databases",
    need=Need(databases=("SELECT",)),
)

INDEX_SIZES = Probe(
    name="index-sizes",
    purpose="read the sizes of single indexes, and how many values lead them, from InnoDB's statistics, and their age",
    sql="""
SELECT database_name AS `schema`, table_name AS `table`, index_name AS name,
       max(if(stat_name = 'size', stat_value, NULL)) AS pages,
       max(if(stat_name = 'n_diff_pfx01', stat_value, NULL)) AS first_values, max(last_update) AS gathered
  FROM mysql.innodb_index_stats
 WHERE stat_name IN ('size', 'n_diff_pfx01') AND {own:database_name}
 GROUP BY database_name, table_name, index_name
""",
    privilege="SELECT on mysql.innodb_index_stats",
    need=Need(tables=(("mysql", "innodb_index_stats"),)),
)

_USAGE = ("performance_schema", "table_io_waits_summary_by_index_usage")
_NEED = Need(tables=(_USAGE, ("performance_schema", "setup_consumers"), ("performance_schema", "setup_instruments")))

# One row for each index, and one without an index for what was read without one and for all inserts.
TABLE_USAGE = Probe(
    name="table-usage",
    purpose="read how many rows were read and written in each table since the server started",
    sql="""
SELECT OBJECT_SCHEMA AS `schema`, OBJECT_NAME AS `table`,
       sum(if(INDEX_NAME IS NULL, COUNT_FETCH, 0)) AS without_index,
       sum(if(INDEX_NAME IS NULL, 0, COUNT_FETCH)) AS by_index,
       sum(COUNT_INSERT) AS inserted, sum(COUNT_UPDATE) AS updated, sum(COUNT_DELETE) AS deleted, NULL AS changed
  FROM performance_schema.table_io_waits_summary_by_index_usage
 WHERE OBJECT_TYPE = 'TABLE' AND {own:OBJECT_SCHEMA}
 GROUP BY OBJECT_SCHEMA, OBJECT_NAME
""",
    privilege="SELECT on performance_schema",
    need=_NEED,
)

INDEX_USAGE = Probe(
    name="index-usage",
    purpose="read how many rows were read through each index since the server started",
    sql="""
SELECT OBJECT_SCHEMA AS `schema`, OBJECT_NAME AS `table`, INDEX_NAME AS name, COUNT_FETCH AS `reads`
  FROM performance_schema.table_io_waits_summary_by_index_usage
 WHERE OBJECT_TYPE = 'TABLE' AND INDEX_NAME IS NOT NULL AND {own:OBJECT_SCHEMA}
""",
    privilege="SELECT on performance_schema",
    need=_NEED,
)

# Of a histogram only its shares are read: the values that are its bounds stay where they are. Where each value has a
# bucket of its own the share is what stands second in it; elsewhere a value does.
_MARIADB_COLUMNS = ("db_name", "table_name", "column_name", "nulls_ratio", "avg_length", "avg_frequency")
VALUE_STATISTICS = Probe(
    name="value-statistics",
    purpose="read how many values columns have, and how often they are null, where somebody had that measured",
    sql={
        80003: """
SELECT SCHEMA_NAME AS `schema`, TABLE_NAME AS `table`, COLUMN_NAME AS name, HISTOGRAM->>'$."null-values"' AS nulls,
       NULL AS width, NULL AS frequency, NULL AS `rows`,
       if(HISTOGRAM->>'$."histogram-type"' = 'singleton', HISTOGRAM->>'$.buckets[*][1]', NULL) AS shares
  FROM information_schema.COLUMN_STATISTICS
 WHERE {own:SCHEMA_NAME}
"""
    },
    mariadb="""
SELECT c.db_name AS `schema`, c.table_name AS `table`, c.column_name AS name, c.nulls_ratio AS nulls,
       c.avg_length AS width, c.avg_frequency AS frequency, t.cardinality AS `rows`, NULL AS shares
  FROM mysql.column_stats c
  JOIN mysql.table_stats t ON t.db_name = c.db_name AND t.table_name = c.table_name
 WHERE {own:c.db_name}
""",
    privilege="SELECT on the databases; on MariaDB on columns of mysql.column_stats, and on mysql.table_stats",
    need=Need(databases=("SELECT",)),
    need_mariadb=Need(tables=(("mysql", "table_stats"),), columns=(("mysql", "column_stats", _MARIADB_COLUMNS),)),
)

# MariaDB counts these where userstat is on. Of what was written it tells the rows, not what was done to them; that a
# table was read and none of its rows was found counts for nothing, there as in its performance schema.
USERSTAT: Mapping[str, Probe] = {
    "table-usage": Probe(
        name="table-usage",
        purpose=TABLE_USAGE.purpose,
        sql="""
SELECT t.TABLE_SCHEMA AS `schema`, t.TABLE_NAME AS `table`, t.ROWS_CHANGED AS changed,
       greatest(t.ROWS_READ - coalesce(i.by_index, 0), 0) AS without_index, coalesce(i.by_index, 0) AS by_index,
       0 AS inserted, 0 AS updated, 0 AS deleted
  FROM information_schema.TABLE_STATISTICS t
  LEFT JOIN (SELECT TABLE_SCHEMA, TABLE_NAME, sum(ROWS_READ) AS by_index
               FROM information_schema.INDEX_STATISTICS
              GROUP BY TABLE_SCHEMA, TABLE_NAME) i
    ON CAST(i.TABLE_SCHEMA AS BINARY) = CAST(t.TABLE_SCHEMA AS BINARY)
   AND CAST(i.TABLE_NAME AS BINARY) = CAST(t.TABLE_NAME AS BINARY)
 WHERE {own:t.TABLE_SCHEMA}
""",
        need=Need(databases=("SELECT",)),
    ),
    "index-usage": Probe(
        name="index-usage",
        purpose=INDEX_USAGE.purpose,
        sql="""
SELECT TABLE_SCHEMA AS `schema`, TABLE_NAME AS `table`, INDEX_NAME AS name, ROWS_READ AS `reads`
  FROM information_schema.INDEX_STATISTICS
 WHERE {own:TABLE_SCHEMA}
""",
        need=Need(databases=("SELECT",)),
    ),
}
"""What is asked instead of the performance schema, by the name of the probe."""

PROBES: tuple[Probe, ...] = (SIZES, INDEX_SIZES, VALUE_STATISTICS, TABLE_USAGE, INDEX_USAGE)

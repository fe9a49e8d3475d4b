"""Probes of sizes, and of how tables and indexes are used."""

from __future__ import annotations

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
    purpose="read the sizes of single indexes, and how many values lead them, from InnoDB's statistics",
    sql="""
SELECT database_name AS `schema`, table_name AS `table`, index_name AS name,
       max(if(stat_name = 'size', stat_value, NULL)) AS pages,
       max(if(stat_name = 'n_diff_pfx01', stat_value, NULL)) AS first_values
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
       sum(COUNT_INSERT) AS inserted, sum(COUNT_UPDATE) AS updated, sum(COUNT_DELETE) AS deleted
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

PROBES: tuple[Probe, ...] = (SIZES, INDEX_SIZES, TABLE_USAGE, INDEX_USAGE)

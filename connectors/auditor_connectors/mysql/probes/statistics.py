"""Probes of sizes, and of how tables and indexes are used."""

from __future__ import annotations

from auditor_connectors.mysql.probe import Need, Probe

SIZES = Probe(
    name="sizes",
    purpose="measure tables and all their indexes together",
    sql="""
SELECT TABLE_SCHEMA AS `schema`, TABLE_NAME AS name, ENGINE AS engine, DATA_LENGTH AS data_bytes,
       INDEX_LENGTH AS index_bytes, DATA_FREE AS free_bytes
  FROM information_schema.TABLES
 WHERE {own:TABLE_SCHEMA} AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')
""",
    privilege="SELECT on the databases",
    need=Need(databases=("SELECT",)),
)

PROBES: tuple[Probe, ...] = (SIZES,)

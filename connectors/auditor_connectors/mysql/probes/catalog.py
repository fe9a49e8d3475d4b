"""Probes of the dictionary. Bodies of routines, triggers and views never leave the assembly.

The dictionary shows an account only the objects on which it has privileges, and says nothing of the others: what each
view asks for was measured on MySQL 9.7 and MariaDB 10.11.
"""

from __future__ import annotations

from auditor_connectors.mysql.probe import Need, Probe

_BEYOND_SELECT = (
    "SHOW VIEW", "INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "REFERENCES", "INDEX", "ALTER", "CREATE VIEW",
    "TRIGGER",
)  # fmt: skip
_ANY_OF_TABLES = Need(databases=("SELECT", *_BEYOND_SELECT))
_OF_ROUTINES = ("EXECUTE", "ALTER ROUTINE", "CREATE ROUTINE")

TABLES = Probe(
    name="tables",
    purpose="list the tables with their storage engines and estimated rows",
    sql="""
SELECT TABLE_SCHEMA AS `schema`, TABLE_NAME AS name, TABLE_TYPE AS kind, ENGINE AS engine, TABLE_ROWS AS `rows`,
       AUTO_INCREMENT AS next_number, TABLE_COLLATION AS collation, CREATE_OPTIONS AS options, ROW_FORMAT AS row_format,
       TABLE_COMMENT AS comment, DATA_LENGTH AS data_bytes, INDEX_LENGTH AS index_bytes
  FROM information_schema.TABLES
 WHERE {own:TABLE_SCHEMA} AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')
""",
    privilege="SELECT on the databases",
    need=_ANY_OF_TABLES,
)

_COLUMNS = """
SELECT TABLE_SCHEMA AS `schema`, TABLE_NAME AS `table`, COLUMN_NAME AS name, ORDINAL_POSITION AS position,
       {quoted}, COLUMN_TYPE AS type, DATA_TYPE AS base, CHARACTER_MAXIMUM_LENGTH AS length,
       NUMERIC_PRECISION AS `precision`, NUMERIC_SCALE AS scale, IS_NULLABLE AS nullable,
       COLUMN_DEFAULT AS `default`, EXTRA AS extra,
       CHARACTER_SET_NAME AS character_set, COLLATION_NAME AS collation, COLUMN_COMMENT AS comment
  FROM information_schema.COLUMNS
 WHERE {own:TABLE_SCHEMA}
 ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION
"""

COLUMNS = Probe(
    name="columns",
    purpose="list the columns with their types, defaults and character sets",
    sql=_COLUMNS.replace("{quoted}", "0 AS quoted"),
    mariadb={
        0: _COLUMNS.replace("{quoted}", "0 AS quoted"),
        # From here on defaults are written as expressions: https://mariadb.com/kb/en/information-schema-columns-table/
        100207: _COLUMNS.replace("{quoted}", "1 AS quoted"),
    },
    privilege="SELECT on the databases",
    need=_ANY_OF_TABLES,
)

_INDEXES = """
SELECT TABLE_SCHEMA AS `schema`, TABLE_NAME AS `table`, INDEX_NAME AS name, NON_UNIQUE AS non_unique,
       SEQ_IN_INDEX AS position, COLUMN_NAME AS `column`, COLLATION AS direction, SUB_PART AS length,
       INDEX_TYPE AS method, CARDINALITY AS cardinality, {more}
  FROM information_schema.STATISTICS
 WHERE {own:TABLE_SCHEMA}
 ORDER BY TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX
"""

INDEXES = Probe(
    name="indexes",
    purpose="list the indexes with everything that makes two of them differ",
    sql={
        0: _INDEXES.replace("{more}", "'YES' AS visible, NULL AS expression"),
        80000: _INDEXES.replace("{more}", "IS_VISIBLE AS visible, NULL AS expression"),
        80013: _INDEXES.replace("{more}", "IS_VISIBLE AS visible, EXPRESSION AS expression"),
    },
    mariadb={
        0: _INDEXES.replace("{more}", "'YES' AS visible, NULL AS expression"),
        100600: _INDEXES.replace("{more}", "if(IGNORED = 'YES', 'NO', 'YES') AS visible, NULL AS expression"),
    },
    privilege="SELECT on the databases",
    need=_ANY_OF_TABLES,
)

# Keys follow from the indexes. The parts of foreign keys and checks stand in several views of the dictionary: they are
# brought together by the assembly, because a join of such views takes time that grows with the square of their rows.
_REFERENCES = """
SELECT 'foreign-key' AS kind, TABLE_SCHEMA AS `schema`, TABLE_NAME AS `table`, CONSTRAINT_NAME AS name,
       ORDINAL_POSITION AS position, COLUMN_NAME AS `column`, REFERENCED_TABLE_SCHEMA AS referenced_schema,
       REFERENCED_TABLE_NAME AS referenced_table, REFERENCED_COLUMN_NAME AS referenced_column,
       NULL AS `index`, NULL AS on_update, NULL AS on_delete, NULL AS clause, 'YES' AS enforced
  FROM information_schema.KEY_COLUMN_USAGE
 WHERE REFERENCED_TABLE_NAME IS NOT NULL AND {own:TABLE_SCHEMA}
 UNION ALL
SELECT 'rule', CONSTRAINT_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, 1, NULL, NULL, NULL, NULL,
       UNIQUE_CONSTRAINT_NAME, UPDATE_RULE, DELETE_RULE, NULL, NULL
  FROM information_schema.REFERENTIAL_CONSTRAINTS
 WHERE {own:CONSTRAINT_SCHEMA}
"""
_CHECKS_MYSQL = """
 UNION ALL
SELECT 'check', TABLE_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, ENFORCED
  FROM information_schema.TABLE_CONSTRAINTS
 WHERE CONSTRAINT_TYPE = 'CHECK' AND {own:TABLE_SCHEMA}
 UNION ALL
SELECT 'clause', CONSTRAINT_SCHEMA, NULL, CONSTRAINT_NAME, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
       CHECK_CLAUSE, NULL
  FROM information_schema.CHECK_CONSTRAINTS
 WHERE {own:CONSTRAINT_SCHEMA}
"""
_CHECKS_MARIADB = """
 UNION ALL
SELECT 'check', CONSTRAINT_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
       CHECK_CLAUSE, 'YES'
  FROM information_schema.CHECK_CONSTRAINTS
 WHERE {own:CONSTRAINT_SCHEMA}
"""

CONSTRAINTS = Probe(
    name="constraints",
    purpose="list foreign keys and checks, and whether they are enforced; keys follow from the indexes",
    sql={0: _REFERENCES, 80016: _REFERENCES + _CHECKS_MYSQL},
    mariadb=_REFERENCES + _CHECKS_MARIADB,
    privilege="SELECT on the databases; on MariaDB SHOW VIEW or another privilege that changes something",
    need=_ANY_OF_TABLES,
    # MariaDB hides the rules of foreign keys from an account that may only read.
    need_mariadb=Need(databases=_BEYOND_SELECT),
)

_COUNTERS = """
SELECT TABLE_SCHEMA AS `schema`, TABLE_NAME AS `table`, COLUMN_NAME AS `column`
  FROM information_schema.COLUMNS
 WHERE EXTRA LIKE '%auto_increment%' AND {own:TABLE_SCHEMA}
"""

SEQUENCES = Probe(
    name="sequences",
    purpose="find the columns that AUTO_INCREMENT numbers; how far it has come stands with the tables",
    sql=_COUNTERS,
    # Where an object of CREATE SEQUENCE stands, only a statement for each of them would tell.
    mariadb=_COUNTERS
    + """
 UNION ALL
SELECT TABLE_SCHEMA, TABLE_NAME, NULL
  FROM information_schema.TABLES
 WHERE TABLE_TYPE = 'SEQUENCE' AND {own:TABLE_SCHEMA}
""",
    privilege="SELECT on the databases",
    need=_ANY_OF_TABLES,
)

PARTITIONS = Probe(
    name="partitions",
    purpose="read how tables are partitioned",
    sql="""
SELECT TABLE_SCHEMA AS `schema`, TABLE_NAME AS `table`, PARTITION_NAME AS name, PARTITION_METHOD AS method,
       PARTITION_EXPRESSION AS expression, PARTITION_DESCRIPTION AS bound, TABLE_ROWS AS `rows`
  FROM information_schema.PARTITIONS
 WHERE PARTITION_NAME IS NOT NULL AND {own:TABLE_SCHEMA}
 ORDER BY TABLE_SCHEMA, TABLE_NAME, PARTITION_ORDINAL_POSITION, SUBPARTITION_ORDINAL_POSITION
""",
    privilege="SELECT on the databases",
    need=_ANY_OF_TABLES,
)

VIEWS = Probe(
    name="views",
    purpose="list the views and the tables that they read",
    sql="""
SELECT TABLE_SCHEMA AS `schema`, TABLE_NAME AS name, VIEW_DEFINITION AS definition, DEFINER AS definer,
       SECURITY_TYPE AS security
  FROM information_schema.VIEWS
 WHERE {own:TABLE_SCHEMA}
""",
    privilege="SELECT and SHOW VIEW on the databases",
    need=Need(databases=("SHOW VIEW",)),
)

ROUTINES = Probe(
    name="routines",
    purpose="list functions and procedures with their security attributes, without their bodies",
    sql="""
SELECT ROUTINE_SCHEMA AS `schema`, ROUTINE_NAME AS name, ROUTINE_TYPE AS kind, DEFINER AS definer,
       SECURITY_TYPE AS security, IS_DETERMINISTIC AS `deterministic`, ROUTINE_BODY AS body
  FROM information_schema.ROUTINES
 WHERE ROUTINE_TYPE IN ('FUNCTION', 'PROCEDURE') AND {own:ROUTINE_SCHEMA}
""",
    privilege="SHOW_ROUTINE, or SELECT everywhere",
    need=Need(privileges=("SHOW_ROUTINE", "SELECT"), databases=_OF_ROUTINES, proposed="everywhere"),
    need_mariadb=Need(privileges=("SELECT",), databases=_OF_ROUTINES, proposed="everywhere"),
)

TRIGGERS = Probe(
    name="triggers",
    purpose="list the triggers, with the tables that their bodies name",
    sql="""
SELECT EVENT_OBJECT_SCHEMA AS `schema`, EVENT_OBJECT_TABLE AS `table`, TRIGGER_NAME AS name,
       ACTION_TIMING AS timing, EVENT_MANIPULATION AS event, DEFINER AS definer, ACTION_STATEMENT AS body
  FROM information_schema.TRIGGERS
 WHERE {own:TRIGGER_SCHEMA}
""",
    privilege="TRIGGER on the databases, which allows to make some as well",
    need=Need(databases=("TRIGGER",), proposed=None),
)

JOBS = Probe(
    name="jobs",
    purpose="list the events that the server runs by a schedule, without their bodies",
    sql="""
SELECT EVENT_SCHEMA AS `schema`, EVENT_NAME AS name, DEFINER AS definer, STATUS AS status
  FROM information_schema.EVENTS
 WHERE {own:EVENT_SCHEMA}
""",
    privilege="EVENT on the databases, which allows to make some as well",
    need=Need(databases=("EVENT",), proposed=None),
)

PROBES: tuple[Probe, ...] = (
    TABLES,
    COLUMNS,
    INDEXES,
    CONSTRAINTS,
    SEQUENCES,
    PARTITIONS,
    VIEWS,
    ROUTINES,
    TRIGGERS,
    JOBS,
)

"""Probes of InnoDB: its counters, the space of its tables and the shapes of their rows."""

from __future__ import annotations

from auditor_connectors.mysql.probe import Need, Probe

_PROCESS = Need(privileges=("PROCESS",))

METRICS = Probe(
    name="innodb-metrics",
    purpose="read InnoDB's counters of deadlocks and of old versions of rows",
    sql="""
SELECT NAME AS name, COUNT AS value
  FROM information_schema.INNODB_METRICS
 WHERE NAME IN ('lock_deadlocks', 'trx_rseg_history_len') AND STATUS = 'enabled'
""",
    mariadb="""
SELECT VARIABLE_NAME AS name, VARIABLE_VALUE AS value
  FROM information_schema.GLOBAL_STATUS
 WHERE VARIABLE_NAME IN ('INNODB_DEADLOCKS', 'INNODB_HISTORY_LIST_LENGTH')
""",
    privilege="PROCESS; none on MariaDB",
    need=_PROCESS,
    need_mariadb=Need(),
)

# The free space of a table in a tablespace with others is that of all of them together.
TABLE_BLOAT = Probe(
    name="table-bloat",
    purpose="read how much of the files of tables holds nothing",
    sql="""
SELECT TABLE_SCHEMA AS `schema`, TABLE_NAME AS name, DATA_FREE AS free_bytes
  FROM information_schema.TABLES
 WHERE ENGINE = 'InnoDB' AND DATA_FREE > 0 AND @@innodb_file_per_table AND {own:TABLE_SCHEMA}
""",
    privilege="SELECT on the databases",
    need=Need(databases=("SELECT",)),
)

# Names are written as those of files; the parts of a partitioned table stand each by itself.
ROW_VERSIONS = Probe(
    name="row-versions",
    purpose="read how many shapes of rows instant changes have left in tables",
    sql={
        80029: """
SELECT NAME AS file, TOTAL_ROW_VERSIONS AS versions
  FROM information_schema.INNODB_TABLES
 WHERE TOTAL_ROW_VERSIONS > 0
"""
    },
    mariadb={},
    privilege="PROCESS",
    need=_PROCESS,
)

# Since the statistics were gathered or the table was opened, whichever came last; by names as ROW_VERSIONS has them.
# MySQL leaves partitions out.
_CHANGED = "SELECT NAME AS file, MODIFIED_COUNTER AS changed FROM information_schema.{view} WHERE MODIFIED_COUNTER > 0"
CHANGED_ROWS = Probe(
    name="changed-rows",
    purpose="read how many rows were changed since InnoDB gathered the statistics of their tables",
    sql={
        0: _CHANGED.replace("{view}", "INNODB_SYS_TABLESTATS"),
        80000: _CHANGED.replace("{view}", "INNODB_TABLESTATS"),
    },
    mariadb=_CHANGED.replace("{view}", "INNODB_SYS_TABLESTATS"),
    privilege="PROCESS",
    need=_PROCESS,
)

PROBES: tuple[Probe, ...] = (METRICS, TABLE_BLOAT, ROW_VERSIONS, CHANGED_ROWS)

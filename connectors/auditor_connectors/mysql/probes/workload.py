"""Probes of what the server is doing and has done: sessions, locks, statements."""

from __future__ import annotations

from auditor_connectors.mysql.probe import Need, Probe
from auditor_connectors.slowlog import SLOW_LOG

_PROCESS = Need(privileges=("PROCESS",))

# InnoDB writes moments in the time zone of the machine, whatever the session's zone is.
SESSIONS = Probe(
    name="sessions",
    purpose="list the sessions with what they do and how long their transactions have been open",
    sql="""
SELECT p.ID AS id, p.USER AS user, p.DB AS `database`, p.COMMAND AS command, p.TIME AS seconds, p.STATE AS state,
       CASE WHEN p.HOST = 'localhost' THEN 'local'
            WHEN p.HOST LIKE 'localhost:%' OR p.HOST LIKE '127.%' OR p.HOST LIKE '::1%' THEN 'loopback'
            ELSE 'network' END AS client,
       p.INFO AS statement, t.transaction_seconds
  FROM information_schema.PROCESSLIST p
  LEFT JOIN (SELECT trx_mysql_thread_id AS id,
                    max(timestampdiff(SECOND, convert_tz(trx_started, 'SYSTEM', '+00:00'), utc_timestamp()))
                      AS transaction_seconds
               FROM information_schema.INNODB_TRX
              GROUP BY trx_mysql_thread_id) t ON t.id = p.ID
 WHERE p.ID <> connection_id()
 ORDER BY p.ID
""",
    privilege="PROCESS",
    need=_PROCESS,
)

_THREADS = (("performance_schema", "threads"), ("performance_schema", "session_connect_attrs"))

CONNECTIONS = Probe(
    name="connections",
    purpose="tell which sessions are encrypted, and how their programs call themselves",
    sql="""
SELECT t.PROCESSLIST_ID AS id, t.CONNECTION_TYPE AS connection, a.program
  FROM performance_schema.threads t
  LEFT JOIN (SELECT PROCESSLIST_ID, max(ATTR_VALUE) AS program
               FROM performance_schema.session_connect_attrs
              WHERE ATTR_NAME = 'program_name'
              GROUP BY PROCESSLIST_ID) a ON a.PROCESSLIST_ID = t.PROCESSLIST_ID
 WHERE t.TYPE = 'FOREGROUND' AND t.PROCESSLIST_ID IS NOT NULL
""",
    privilege="SELECT on performance_schema",
    need=Need(tables=_THREADS),
)

# Of the many who wait for one lock, each waits for those before it as well: only who has it is of interest.
LOCKS = Probe(
    name="locks",
    purpose="find the sessions that wait for another's locks on rows or, where they are counted, on tables",
    sql={
        0: """
SELECT DISTINCT r.trx_mysql_thread_id AS waiting, b.trx_mysql_thread_id AS blocking,
       timestampdiff(SECOND, convert_tz(r.trx_wait_started, 'SYSTEM', '+00:00'), utc_timestamp()) AS seconds
  FROM information_schema.INNODB_LOCK_WAITS w
  JOIN information_schema.INNODB_TRX r ON r.trx_id = w.requesting_trx_id
  JOIN information_schema.INNODB_TRX b ON b.trx_id = w.blocking_trx_id
""",
        80001: """
SELECT DISTINCT r.PROCESSLIST_ID AS waiting, b.PROCESSLIST_ID AS blocking, r.PROCESSLIST_TIME AS seconds
  FROM performance_schema.data_lock_waits w
  JOIN performance_schema.threads r ON r.THREAD_ID = w.REQUESTING_THREAD_ID
  JOIN performance_schema.threads b ON b.THREAD_ID = w.BLOCKING_THREAD_ID
 UNION
SELECT r.PROCESSLIST_ID, b.PROCESSLIST_ID, r.PROCESSLIST_TIME
  FROM performance_schema.metadata_locks p
  JOIN performance_schema.metadata_locks g
    ON g.OBJECT_TYPE = p.OBJECT_TYPE AND g.OBJECT_SCHEMA = p.OBJECT_SCHEMA AND g.OBJECT_NAME = p.OBJECT_NAME
   AND g.LOCK_STATUS = 'GRANTED' AND g.OWNER_THREAD_ID <> p.OWNER_THREAD_ID
  JOIN performance_schema.threads r ON r.THREAD_ID = p.OWNER_THREAD_ID
  JOIN performance_schema.threads b ON b.THREAD_ID = g.OWNER_THREAD_ID
 WHERE p.LOCK_STATUS = 'PENDING' AND p.OBJECT_TYPE = 'TABLE'
   AND (g.LOCK_TYPE IN ('EXCLUSIVE', 'SHARED_NO_READ_WRITE', 'SHARED_NO_WRITE', 'SHARED_UPGRADABLE')
        OR p.LOCK_TYPE IN ('EXCLUSIVE', 'SHARED_NO_READ_WRITE'))
""",
    },
    mariadb="""
SELECT DISTINCT r.trx_mysql_thread_id AS waiting, b.trx_mysql_thread_id AS blocking,
       timestampdiff(SECOND, convert_tz(r.trx_wait_started, 'SYSTEM', '+00:00'), utc_timestamp()) AS seconds
  FROM information_schema.INNODB_LOCK_WAITS w
  JOIN information_schema.INNODB_TRX r ON r.trx_id = w.requesting_trx_id
  JOIN information_schema.INNODB_TRX b ON b.trx_id = w.blocking_trx_id
""",
    privilege="SELECT on performance_schema; PROCESS on MariaDB",
    need=Need(tables=tuple(("performance_schema", name) for name in ("data_lock_waits", "metadata_locks", "threads"))),
    need_mariadb=_PROCESS,
)

# Statements that were sent without a default database, ours among them, are counted under none.
STATEMENTS = Probe(
    name="statements",
    purpose="read the statements of the databases that cost most, by several measures, and the sum of all",
    sql="""
SELECT d.*, t.total_wait, t.total_calls, t.entries
  FROM (SELECT SCHEMA_NAME AS `schema`, DIGEST AS digest, DIGEST_TEXT AS text, COUNT_STAR AS calls,
               SUM_TIMER_WAIT AS wait, MIN_TIMER_WAIT AS minimum_wait, MAX_TIMER_WAIT AS maximum_wait,
               SUM_ROWS_SENT AS sent, SUM_ROWS_AFFECTED AS affected, SUM_ROWS_EXAMINED AS examined,
               SUM_NO_INDEX_USED AS unindexed, SUM_SELECT_FULL_JOIN AS full_joins,
               SUM_CREATED_TMP_DISK_TABLES AS disk_tables, SUM_SORT_MERGE_PASSES AS passes, SUM_ERRORS AS errors,
               FIRST_SEEN AS first_seen
          FROM performance_schema.events_statements_summary_by_digest
         WHERE DIGEST IS NOT NULL AND SCHEMA_NAME IS NOT NULL AND {own:SCHEMA_NAME}
         ORDER BY SUM_TIMER_WAIT DESC, DIGEST
         LIMIT {limit}) d
  JOIN (SELECT sum(SUM_TIMER_WAIT) AS total_wait, sum(COUNT_STAR) AS total_calls, count(*) AS entries
          FROM performance_schema.events_statements_summary_by_digest
         WHERE DIGEST IS NOT NULL AND SCHEMA_NAME IS NOT NULL AND {own:SCHEMA_NAME}) t
 ORDER BY d.wait DESC, d.digest
""",
    privilege="SELECT on performance_schema",
    need=Need(
        tables=(
            ("performance_schema", "events_statements_summary_by_digest"),
            ("performance_schema", "setup_consumers"),
            ("performance_schema", "setup_instruments"),
        )
    ),
)

STATEMENTS_INFO = Probe(
    name="statements-info",
    purpose="tell how many statements found no room among those that are counted",
    sql="""
SELECT COUNT_STAR AS evicted, FIRST_SEEN AS first_seen
  FROM performance_schema.events_statements_summary_by_digest
 WHERE DIGEST IS NULL
""",
    privilege="SELECT on performance_schema",
    need=STATEMENTS.need,
)

# The newest rows, and of each statement twice what is kept of one, as its literals go; without those of audits.
# The table has no index: the server reads all of it, for as long as its timeout lets it. Writers do not wait for that.
LOG_TABLE = Probe(
    name=SLOW_LOG.probe,
    purpose="read the slow query log: a file that lies here, or the server's own table of it",
    sql="""
SELECT start_time AS moment, query_time AS took, lock_time AS locked, left(sql_text, 4000) AS text
  FROM mysql.slow_log
 WHERE {own:db} AND sql_text NOT LIKE '%/* auditor */'
 ORDER BY start_time DESC
 LIMIT 5000
""",
    privilege=f"{SLOW_LOG.privilege}, or SELECT on mysql.slow_log",
    need=Need(tables=(("mysql", "slow_log"),)),
)

PROBES: tuple[Probe, ...] = (SESSIONS, CONNECTIONS, LOCKS, STATEMENTS, STATEMENTS_INFO)

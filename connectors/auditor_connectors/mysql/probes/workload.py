"""Probes of what the server is doing and has done: sessions, replicas, statements."""

from __future__ import annotations

from auditor_connectors.mysql.probe import Need, Probe

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

REPLICAS = Probe(
    name="replicas",
    purpose="find the servers that take this one's binary log, and whether this one takes another's",
    sql="""
SELECT ID AS id, USER AS user, COMMAND AS command
  FROM information_schema.PROCESSLIST
 WHERE COMMAND LIKE 'Binlog Dump%'
    OR (USER = 'system user' AND COMMAND IN ('Connect', 'Query', 'Slave_IO', 'Slave_SQL'))
 ORDER BY ID
""",
    privilege="PROCESS",
    need=_PROCESS,
)

# Statements that were sent without a default database, ours among them, are counted under none.
STATEMENTS = Probe(
    name="statements",
    purpose="read the statements of the databases that cost most, by several measures, and the sum of all",
    sql="""
SELECT d.*, t.total_wait, t.total_calls, t.entries
  FROM (SELECT SCHEMA_NAME AS `schema`, DIGEST AS digest, DIGEST_TEXT AS text, COUNT_STAR AS calls,
               SUM_TIMER_WAIT AS wait, MIN_TIMER_WAIT AS minimum_wait, MAX_TIMER_WAIT AS maximum_wait,
               SUM_ROWS_SENT AS sent, SUM_ROWS_AFFECTED AS affected, FIRST_SEEN AS first_seen
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

PROBES: tuple[Probe, ...] = (SESSIONS, REPLICAS, STATEMENTS, STATEMENTS_INFO)

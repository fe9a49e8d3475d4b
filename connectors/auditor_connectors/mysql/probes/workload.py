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

PROBES: tuple[Probe, ...] = (SESSIONS, REPLICAS)

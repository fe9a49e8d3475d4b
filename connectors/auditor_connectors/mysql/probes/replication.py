"""Probes of replication: who takes this server's changes, and whose changes it takes."""

from __future__ import annotations

from auditor_connectors.mysql.probe import Need, Probe

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
    need=Need(privileges=("PROCESS",)),
)

SOURCES = Probe(
    name="sources",
    purpose="read how far this server has come with the changes of its sources, if it has any",
    sql={0: "SHOW SLAVE STATUS", 80022: "SHOW REPLICA STATUS"},
    mariadb="SHOW ALL SLAVES STATUS",
    privilege="REPLICATION CLIENT, or SLAVE MONITOR on MariaDB",
    need=Need(privileges=("REPLICATION CLIENT", "SUPER")),
    need_mariadb=Need(privileges=("SLAVE MONITOR", "SUPER")),
)

PROBES: tuple[Probe, ...] = (REPLICAS, SOURCES)

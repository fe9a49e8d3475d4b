"""Probes of the server as a whole: identity, variables, counters, what it instruments."""

from __future__ import annotations

from auditor_connectors.mysql.probe import Need, Probe

SERVER = Probe(
    name="server",
    purpose="identify the server and what the session may see",
    sql="SELECT VERSION() AS version_text, CURRENT_USER() AS account, @@version_comment AS comment",
)

SETTINGS = Probe(
    name="settings",
    purpose="read the global variables with where their values come from",
    sql={
        0: "SHOW GLOBAL VARIABLES",
        80000: """
SELECT v.VARIABLE_NAME AS name, v.VARIABLE_VALUE AS value, NULL AS boot,
       if(p.VARIABLE_NAME IS NULL, i.VARIABLE_SOURCE, 'PERSISTED') AS source,
       p.VARIABLE_VALUE AS persisted, i.VARIABLE_SOURCE AS loaded
  FROM performance_schema.global_variables v
  LEFT JOIN performance_schema.variables_info i ON i.VARIABLE_NAME = v.VARIABLE_NAME
  LEFT JOIN performance_schema.persisted_variables p ON p.VARIABLE_NAME = v.VARIABLE_NAME
 ORDER BY v.VARIABLE_NAME
""",
    },
    mariadb="""
SELECT lower(VARIABLE_NAME) AS name, GLOBAL_VALUE AS value, DEFAULT_VALUE AS boot, GLOBAL_VALUE_ORIGIN AS source
  FROM information_schema.SYSTEM_VARIABLES
 WHERE VARIABLE_SCOPE <> 'SESSION ONLY'
 ORDER BY VARIABLE_NAME
""",
)

STATUS = Probe(
    name="status",
    purpose="read the counters of the server",
    sql="SHOW GLOBAL STATUS",
)

_INSTRUMENTS = """
SELECT NAME AS name, ENABLED AS enabled FROM performance_schema.setup_consumers
 UNION ALL
SELECT NAME, ENABLED FROM performance_schema.setup_instruments WHERE NAME = 'wait/io/table/sql/handler'
 UNION ALL
SELECT 'statement', max(ENABLED) FROM performance_schema.setup_instruments WHERE NAME LIKE 'statement/sql/%'
"""
# What is set last in a session looks there as if it had been set for the server.
_SESSION_VARIABLES = """
 UNION ALL
SELECT lower(v.VARIABLE_NAME), 'SESSION'
  FROM performance_schema.variables_by_thread v
  JOIN performance_schema.threads t ON t.THREAD_ID = v.THREAD_ID
 WHERE t.PROCESSLIST_ID = connection_id()
"""

INSTRUMENTS = Probe(
    name="instruments",
    purpose="read what the performance schema counts, and which variables a session may have for itself",
    sql={0: _INSTRUMENTS, 50707: _INSTRUMENTS + _SESSION_VARIABLES},
    mariadb=_INSTRUMENTS,
    privilege="SELECT on performance_schema",
    need=Need(tables=(("performance_schema", "setup_consumers"), ("performance_schema", "setup_instruments"))),
)

SCHEMAS = Probe(
    name="schemas",
    purpose="list the databases with their character sets",
    sql="""
SELECT SCHEMA_NAME AS name, DEFAULT_CHARACTER_SET_NAME AS character_set, DEFAULT_COLLATION_NAME AS collation
  FROM information_schema.SCHEMATA
 WHERE {own:SCHEMA_NAME}
""",
    privilege="SELECT on the databases",
    need=Need(privileges=("SHOW DATABASES",), databases=("SELECT",)),
)

PROBES: tuple[Probe, ...] = (SERVER, SETTINGS, STATUS, INSTRUMENTS, SCHEMAS)

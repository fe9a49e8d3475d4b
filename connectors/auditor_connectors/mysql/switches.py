"""What the server was told not to count, and what it had no room to count: counters that say nothing by their zeros."""

from __future__ import annotations

from collections.abc import Mapping

from auditor_connectors.mysql.probe import Need, Probe, Raw
from auditor_connectors.mysql.probes.statistics import USERSTAT

_SWITCHES = {  # probe: what has to be switched on for it among consumers and instruments
    "table-usage": ("global_instrumentation", "wait/io/table/sql/handler"),
    "index-usage": ("global_instrumentation", "wait/io/table/sql/handler"),
    "statements": ("global_instrumentation", "thread_instrumentation", "statements_digest", "statement"),
    "statements-info": ("global_instrumentation", "thread_instrumentation", "statements_digest", "statement"),
}
_AT_START = frozenset({"CONFIG", "COMMAND-LINE"})
"""Where a variable has its value from that it had when the server started."""
_USERSTAT_WOULD_DO = "; userstat=ON there counts the use of tables and indexes as well"
_COUNTERS = ("performance_schema_table_instances_lost", "performance_schema_index_stat_lost")


def switched_off(probe: Probe, need: Need, raw: Raw) -> str | None:
    """Say why the performance schema counts nothing for a probe, and how that is changed; None where it counts."""
    if not any(schema == "performance_schema" for schema, _ in need.tables):
        return None
    if _variable(raw, "performance_schema") in ("OFF", "0"):
        return "performance_schema is off: set performance_schema=ON in the server's configuration and restart" + (
            _USERSTAT_WOULD_DO if probe.name in USERSTAT and _variable(raw, "userstat") is not None else ""
        )
    enabled = {row["name"]: row["enabled"] for row in raw.get("instruments", ())}
    for name in _SWITCHES.get(probe.name, ()):
        if enabled.get(name) == "NO":
            table = "setup_instruments" if "/" in name or name == "statement" else "setup_consumers"
            return f"{name} is switched off: set ENABLED to YES for it in performance_schema.{table}"
    return None


def lost_counters(raw: Raw) -> bool:
    """Whether the server had no room for the counters of some tables or indexes."""
    counts = {row["Variable_name"].lower(): row["Value"] for row in raw.get("status", ())}
    return any(counts.get(name, "0") not in ("0", "") for name in _COUNTERS)


def lost(probe: Probe, raw: Raw) -> str | None:
    """Say that counters are there for a part of the tables only; None where all are counted."""
    if probe.name not in ("table-usage", "index-usage") or not lost_counters(raw):
        return None
    return "the server has no room for the counters of all tables: raise performance_schema_max_table_instances"


def counts_by_userstat(raw: Raw) -> bool:
    """Whether MariaDB's userstat counts since the server started, where the performance schema does not.

    Of one that was switched on in a session nobody knows since when it counts: what has no counter may have been used.
    """
    return (
        _variable(raw, "performance_schema") in ("OFF", "0")
        and _variable(raw, "userstat") in ("ON", "1")
        and any(row["name"] == "userstat" and row["source"] in _AT_START for row in raw.get("settings", ()))
    )


def logs_to_table(settings: Mapping[str, str]) -> bool:
    """Whether slow statements are being written to a table of the server."""
    return settings.get("slow_query_log", "").upper() in ("ON", "1") and "TABLE" in settings.get("log_output", "")


def _variable(raw: Raw, name: str) -> str | None:
    for row in raw.get("settings", ()):
        if (row.get("name") or row.get("Variable_name") or "").lower() == name:
            value = row.get("value", row.get("Value"))
            return None if value is None else str(value).upper()
    return None

"""From rows to records: the server with its variables and replicas."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta

from auditor.model.server import Database, Server, Setting
from auditor_connectors.mysql.assemble.replication import replicas, sources
from auditor_connectors.mysql.assemble.values import iso, masked
from auditor_connectors.mysql.probe import Raw, Row
from auditor_connectors.mysql.session import Identity

_DEFAULTS = frozenset({"compiled", "compile-time"})
"""How the products call a value that nobody set."""
_RUNTIME = frozenset({"dynamic", "sql"})
"""How they call a value that somebody set in a session, and that a restart forgets."""

_OLD_WORDS = re.compile(r"slave|master")
"""What was replaced by replica and source in the names of variables; the old names are kept beside them."""

_COUNTERS = (
    "aborted_clients", "aborted_connects", "binlog_cache_disk_use", "binlog_cache_use",
    "connection_errors_max_connections", "connections", "created_tmp_disk_tables", "created_tmp_tables",
    "innodb_buffer_pool_read_requests", "innodb_buffer_pool_reads", "innodb_buffer_pool_wait_free",
    "innodb_checkpoint_age", "innodb_checkpoint_max_age", "innodb_log_waits", "innodb_os_log_written",
    "innodb_buffer_pool_pages_free", "innodb_buffer_pool_pages_total", "innodb_redo_log_enabled",
    "innodb_row_lock_time", "innodb_row_lock_waits", "max_used_connections",
    "performance_schema_digest_lost", "prepared_stmt_count", "qcache_hits", "qcache_inserts", "qcache_lowmem_prunes",
    "questions", "select_full_join", "sort_merge_passes", "table_locks_immediate", "table_locks_waited",
    "table_open_cache_hits", "table_open_cache_misses", "table_open_cache_overflows", "threads_connected",
    "threads_created", "rpl_semi_sync_master_clients", "rpl_semi_sync_source_clients",
    "rpl_semi_sync_master_no_tx", "rpl_semi_sync_source_no_tx", "uptime",
)  # fmt: skip
_SWITCH = {"ON": 1.0, "OFF": 0.0}
_METRICS = {"lock_deadlocks": "innodb_deadlocks", "trx_rseg_history_len": "innodb_history_list_length"}
"""InnoDB's own counters by the names that they have in SHOW STATUS of the other product."""


def variables(raw: Raw) -> Mapping[str, str]:
    """The global variables by name, in lower case."""
    return {name.lower(): value for name, value, _, _ in map(_columns, raw.get("settings", ()))}


def status(raw: Raw) -> Mapping[str, str]:
    """The counters of the server by name, in lower case."""
    return {row["Variable_name"].lower(): row["Value"] or "" for row in raw.get("status", ())}


def server(raw: Raw, identity: Identity) -> Server:
    """Put together what the probes brought of the server; what they did not bring stays unknown."""
    counters = status(raw)
    uptime = counters.get("uptime", "")
    started = identity.moment - timedelta(seconds=int(uptime)) if uptime.isdigit() else None
    cipher = counters.get("ssl_cipher")
    return Server(
        version_number=identity.version,
        version_text=identity.version_comment,
        in_recovery=bool(raw.get("sources")) or any(row["user"] == "system user" for row in raw.get("replicas", ())),
        started_at=iso(started),
        session_role=identity.account,
        session_superuser=identity.privileges.globally("SUPER"),
        session_encrypted=None if cipher is None else bool(cipher),
        settings=_settings(raw),
        replicas=replicas(raw, counters),
        sources=sources(raw),
        counters=_counters(raw, counters),
        counters_seconds=_number(counters.get("uptime_since_flush_status") or uptime),
        tls=_offers_tls(raw, counters),
        tls_until=_certificate_end(counters.get("ssl_server_not_after")),
        totals=_totals(raw, counters, iso(started)),
    )


def _counters(raw: Raw, counters: Mapping[str, str]) -> dict[str, float]:
    """The counters that checks read, by the names of SHOW STATUS in lower case."""
    found = {name: number for name in _COUNTERS if (number := _number(counters.get(name))) is not None}
    for row in raw.get("innodb-metrics", ()):
        number = _number(str(row["value"]))
        name = row["name"].lower()
        if number is not None:
            found[_METRICS.get(name, name)] = number
    return dict(sorted(found.items()))


def _totals(raw: Raw, counters: Mapping[str, str], since: str | None) -> Database | None:
    """What is counted for all databases together; None where the counters are not visible."""
    if "status" not in raw:
        return None
    whole = {name: int(number) for name, number in _counters(raw, counters).items()}
    requests, reads = whole.get("innodb_buffer_pool_read_requests"), whole.get("innodb_buffer_pool_reads")
    return Database(
        name="",
        blocks_read=reads,
        blocks_hit=None if requests is None or reads is None else max(0, requests - reads),
        deadlocks=whole.get("innodb_deadlocks"),
        sessions_total=whole.get("connections"),
        sessions_abandoned=whole.get("aborted_clients"),
        stats_since=since,
    )


def _offers_tls(raw: Raw, counters: Mapping[str, str]) -> bool | None:
    """Whether there is a certificate to speak TLS with. Newer versions of MySQL have no have_ssl."""
    settings = variables(raw)
    if "have_ssl" in settings:
        return settings["have_ssl"].upper() == "YES"
    if not settings or not counters:
        return None
    certificate = counters.get("current_tls_cert", settings.get("ssl_cert", ""))
    return bool(certificate) and bool(settings.get("tls_version"))


def _certificate_end(text: str | None) -> str | None:
    """The end of the certificate's validity, which the server writes as OpenSSL does."""
    try:
        return iso(datetime.strptime(text or "", "%b %d %H:%M:%S %Y GMT").replace(tzinfo=UTC))
    except ValueError:
        return None


def _number(text: str | None) -> float | None:
    """A counter; what is only on or off counts as one or none."""
    try:
        return _SWITCH.get(text or "") if text in _SWITCH or not text else float(text)
    except ValueError:
        return None


def _columns(row: Row) -> tuple[str, str, str | None, str | None]:
    """Name, value, default and origin of a variable; SHOW tells the first two only."""
    if "Variable_name" in row:
        return row["Variable_name"], row["Value"] or "", None, None
    return row["name"], row["value"] or "", row["boot"], row["source"]


def _settings(raw: Raw) -> tuple[Setting, ...]:
    own = {row["name"] for row in raw.get("instruments", ()) if row["enabled"] == "SESSION"}
    return tuple(sorted((_setting(row, own) for row in raw.get("settings", ())), key=lambda setting: setting.name))


def _setting(row: Row, own: Collection[str]) -> Setting:
    """A variable; ``own`` are those of which a session may have set what is told of their origin."""
    name, value, boot, source = _columns(row)
    origin = "unknown" if source == "DYNAMIC" and name.lower() in own else (source or "unknown").lower()
    return Setting(
        name=name.lower(),
        value=masked(name, value),
        boot=None if boot is None else masked(name, boot),
        source="default" if origin in _DEFAULTS else "runtime" if origin in _RUNTIME else origin,
        pending_restart=_waits(row, name, value),
    )


def _waits(row: Row, name: str, value: str) -> bool:
    """Whether the server keeps another value of a variable for its next start.

    A number that it was started with it may have adjusted itself. Of two names of one variable the newer one counts.
    """
    kept = row.get("persisted")
    if kept is None or kept.lower() == value.lower() or _OLD_WORDS.search(name):
        return False
    return row["loaded"] != "PERSISTED" or not kept.isdigit()

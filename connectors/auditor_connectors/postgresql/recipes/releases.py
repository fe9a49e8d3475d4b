"""What changes between major versions that an upgrade has to look at.

Settings: the difference of pg_settings between servers of neighbouring versions (14.23, 15.19, 16.15, 17.11, 18.6); a
test asks these servers again. The rest: the release notes of the version, "Migration to Version …".
"""

from __future__ import annotations

from collections.abc import Mapping

REMOVED_SETTINGS: Mapping[int, Mapping[str, str]] = {
    15: {"stats_temp_directory": "statistics are in memory"},
    16: {
        "force_parallel_mode": "renamed to debug_parallel_query",
        "promote_trigger_file": "promote by pg_promote() or pg_ctl promote",
        "vacuum_defer_cleanup_age": "use hot_standby_feedback or replication slots",
    },
    17: {
        "db_user_namespace": "it has no successor",
        "old_snapshot_threshold": "it has no successor; end idle transactions by a timeout",
        "trace_recovery_messages": "it has no successor",
    },
    18: {},
}
"""By the first version that does not know them: a server with one of these in its configuration does not start."""

CHANGED_DEFAULTS: Mapping[int, Mapping[str, str]] = {
    15: {"hash_mem_multiplier": "2", "log_checkpoints": "on", "log_autovacuum_min_duration": "10min"},
    17: {"vacuum_buffer_usage_limit": "2MB"},
    18: {"effective_io_concurrency": "16", "maintenance_io_concurrency": "16"},
}
"""Settings whose default is another one from a version on: where nobody has set them, the new server differs."""

ATTENTION: Mapping[int, tuple[str, ...]] = {
    15: (
        (
            "From 15 on the functions of an exclusive backup (pg_start_backup, pg_stop_backup) are gone: scripts use "
            "pg_backup_start and pg_backup_stop."
        ),
    ),
    16: (
        (
            "From 16 on CREATEROLE lets a role manage only roles that it has ADMIN OPTION on: grant it to those who "
            "administer others."
        ),
    ),
    17: (
        (
            "From 17 on maintenance (ANALYZE, REINDEX, REFRESH MATERIALIZED VIEW) has a safe search_path: "
            "functions in expression indexes and materialised views must name schemas, or fix search_path themselves."
        ),
    ),
    18: (
        (
            "18 refuses a foreign key whose two sides have different collations, one of them nondeterministic: the "
            "schema would not load."
        ),
        (
            "From 18 on full-text search follows the database's own collation provider: where that is not libc, "
            "rebuild full-text and pg_trgm indexes after pg_upgrade."
        ),
    ),
}
"""What to look at by the first version that it holds for."""


def between(old: int, new: int) -> range:
    """The major versions that an upgrade enters on its way, the last included."""
    return range(old + 1, new + 1)

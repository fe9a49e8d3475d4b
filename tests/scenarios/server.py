"""The server: settings, extensions, slots."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.model.operation import (
    CreateExtension,
    DropSlot,
    MoveExtension,
    ResetSetting,
    SetSetting,
    UpdateExtension,
)
from tests.scenarios.base import Scenario

SCENARIOS: Mapping[str, Scenario] = {
    "settings": Scenario(
        setup=("ALTER SYSTEM SET deadlock_timeout = '3s'", "SELECT pg_reload_conf()", "SELECT pg_sleep(0.3)"),
        operations=(
            SetSetting(name="work_mem", value="12MB"),
            SetSetting(name="statement_timeout", value="30s", database="postgres"),
            SetSetting(name="log_lock_waits", value="on"),
            SetSetting(name="idle_in_transaction_session_timeout", value="5min"),
            SetSetting(name="random_page_cost", value="1.1"),
            SetSetting(name="search_path", value='"$user", public', role="postgres"),
            ResetSetting(name="deadlock_timeout", previous="3s"),
        ),
    ),
    "extensions": Scenario(
        setup=("CREATE SCHEMA extras", "CREATE EXTENSION citext"),
        operations=(
            CreateExtension(name="pg_trgm"),
            MoveExtension(name="citext", from_schema="public", to_schema="extras"),
            CreateExtension(name="pg_stat_statements", preload=True),
        ),
        final=True,
    ),
    "an old extension": Scenario(
        setup=("CREATE EXTENSION pg_stat_statements VERSION '1.8'",),
        operations=(UpdateExtension(name="pg_stat_statements", from_version="1.8", to_version="1.9"),),
        final=True,
    ),
    "a slot": Scenario(
        setup=("SELECT pg_create_physical_replication_slot('auditor_idle', true)",),
        operations=(DropSlot(name="auditor_idle"),),
        final=True,
    ),
}  # fmt: skip

"""Recipes for settings. What needs a restart is written down now and takes effect at one restart for all of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from auditor.connector import Draft
from auditor.model.facts import Facts
from auditor.model.operation import ResetSetting, SetSetting
from auditor.model.vocabulary import Blocks, Phase
from auditor_connectors.postgresql.recipes.sql import ident, literal
from auditor_connectors.postgresql.recipes.steps import runbook

# GUC_LIST_QUOTE in guc_tables.c: ALTER SYSTEM takes their elements one by one. One string with commas would become a
# single element, and the server would not start.
_LISTS = frozenset(
    (
        "local_preload_libraries",
        "search_path",
        "session_preload_libraries",
        "shared_preload_libraries",
        "temp_tablespaces",
        "unix_socket_directories",
    )
)

# Contexts "backend" and "superuser-backend" of pg_settings: fixed when a session begins, so that the one that
# changes them does not see it.
_AT_LOGIN = frozenset(
    (
        "ignore_system_indexes",
        "jit_debugging_support",
        "jit_profiling_support",
        "log_connections",
        "log_disconnections",
        "post_auth_delay",
    )
)
_BYTES = re.compile(r"\s*-?\d+(\.\d+)?\s*[kMGT]?B\s*")
_TIME = re.compile(r"\s*-?\d+(\.\d+)?\s*(us|ms|s|min|h|d)\s*")

_CHECK_FILE = (
    "Check the file first: SELECT * FROM pg_file_settings WHERE error IS NOT NULL AND error <> 'setting could not be "
    "applied' must return nothing."
)

RESTART_SECONDS = 10.0
"""A restart with a checkpoint just before it: the shutdown checkpoint is short and recovery has nothing to do."""

RELOAD = "SELECT pg_reload_conf()"

REPLICA = "replica"
"""The word for the server that a step runs on where it is every replica of the audited one."""

_AT_LEAST_ON_REPLICAS = frozenset(
    (
        "max_connections",
        "max_locks_per_transaction",
        "max_prepared_transactions",
        "max_wal_senders",
        "max_worker_processes",
    )
)


def set_setting(operation: SetSetting, facts: Facts) -> Iterator[Draft]:
    """Set it for the server, a database or a role, and let it take effect at a reload, a login or the restart."""
    lowered = is_lowered(operation.name, operation.value, operation.previous, facts)
    if lowered is False:
        yield on_replicas(facts, operation.name, operation.value, first=True)
    yield from changed(
        facts,
        operation.name,
        f"SET {ident(operation.name)} = {setting_value(operation.name, operation.value)}",
        _back(operation.name, operation.previous),
        title=f"Set {operation.name} to {operation.value}{_scope(operation.role, operation.database)}",
        verify=value_is(facts, operation.name, operation.value),
        role=operation.role,
        database=operation.database,
        restart=operation.restart,
    )
    if lowered is True:
        yield on_replicas(facts, operation.name, operation.value, first=False)


def reset_setting(operation: ResetSetting, facts: Facts) -> Iterator[Draft]:
    """Give it back its default, for the server, a database or a role."""
    found = facts.settings.get(operation.name)
    boot = found.boot if found is not None else None
    lowered = None if boot is None else is_lowered(operation.name, boot, operation.previous, facts)
    if lowered is False and boot is not None:
        yield on_replicas(facts, operation.name, boot, first=True)
    yield from changed(
        facts,
        operation.name,
        f"RESET {ident(operation.name)}",
        _back(operation.name, operation.previous),
        title=f"Reset {operation.name} to its default{_scope(operation.role, operation.database)}",
        verify=None
        if boot is None
        else f"SELECT setting = boot_val FROM pg_settings WHERE name = {literal(operation.name)}",
        role=operation.role,
        database=operation.database,
        restart=operation.restart,
    )
    if lowered is True and boot is not None:
        yield on_replicas(facts, operation.name, boot, first=False)


def is_lowered(name: str, value: str, previous: str | None, facts: Facts) -> bool | None:
    """Whether a setting that replicas must have at least as high goes down; None where the order does not matter.

    Manual, "Hot Standby", "Administrator's Overview": a replica with a lower value than its primary does not start, or
    stops replaying when the change reaches it. So they are raised on the replicas first, and lowered there last.
    """
    physical = any(not replica.logical for replica in facts.server.replicas)
    before = previous if previous is not None else facts.setting(name)
    if name not in _AT_LEAST_ON_REPLICAS or not physical or before is None:
        return None
    try:
        return None if int(value) == int(before) else int(value) < int(before)
    except ValueError:
        return None


def on_replicas(facts: Facts, name: str, value: str, *, first: bool) -> Draft:
    """Draft what is done on every replica, before the primary or after it."""
    statement = f"ALTER SYSTEM SET {ident(name)} = {setting_value(name, value)}"
    order = "First raise" if first else "Then lower"
    names = ", ".join(sorted(replica.name for replica in facts.server.replicas if not replica.logical))
    draft = runbook(
        Phase.PREPARE,
        f"{order} {name} to {value} on every replica",
        notes=(
            f'$ psql -X -d service=auditor_replica -c "{statement}"',
            '$ pg_ctl restart -D "$PGDATA" -m fast',
            f"One after the other: {names}. What ALTER SYSTEM writes on the primary does not travel.",
            "A replica that has less than its primary stops replaying, and does not start again."
            if first
            else "Only when the primary runs with the new value, and the replica has replayed that.",
        ),
        verify=value_is(facts, name, value),
    )
    return replace(draft, step=replace(draft.step, server=REPLICA))


def changed(
    facts: Facts,
    name: str,
    change: str,
    back: str,
    *,
    title: str,
    verify: str | None,
    role: str | None = None,
    database: str | None = None,
    restart: bool = False,
) -> Iterator[Draft]:
    """Draft the change of a setting; ``change`` and ``back`` are what follows ALTER SYSTEM, ROLE or DATABASE."""
    if role is not None or database is not None:
        target = f"ALTER ROLE {ident(role)}" if role is not None else f"ALTER DATABASE {ident(database or '')}"
        target += f" IN DATABASE {ident(database)}" if role is not None and database is not None else ""
        yield runbook(
            Phase.PREPARE,
            title,
            f"{target} {change}",
            verify=_role_verify(name, role, database, set_now=change.startswith("SET")),
            rollback=(f"{target} {back}",),
            notes=("Sessions take it up at their next login: recycle the connections of pools.",),
            seconds=0.0,
            basis="a change of the catalog",
        )
        return
    yield runbook(
        Phase.PREPARE,
        title,
        f"ALTER SYSTEM {change}",
        *(() if restart else (RELOAD,)),
        verify=_written(name, set_now=change.startswith("SET")) if restart else verify,
        rollback=(f"ALTER SYSTEM {back}", *(() if restart else (RELOAD,))),
        notes=_notes(facts, name, restart=restart),
        seconds=0.0,
        basis="written to a file; a reload takes effect in an instant",
    )
    if restart:
        yield restart_once(facts)


def restart_once(facts: Facts) -> Draft:
    """Draft the one restart that all settings which need one share."""
    replica = bool(facts.server.replicas)
    return runbook(
        Phase.PREPARE,
        "Restart the server once, for every setting above that waits for it",
        "CHECKPOINT",
        verify="SELECT NOT EXISTS (SELECT FROM pg_settings WHERE pending_restart)",
        notes=(
            _CHECK_FILE,
            "With a replica: restart it first, switch over to it, then restart this server; clients reconnect once."
            if replica
            else "All sessions end, and clients must reconnect; a pooler that can pause (PAUSE, RESUME) hides it from "
            "them. Do it right after the checkpoint.",
            '$ pg_ctl restart -D "$PGDATA" -m fast',
        ),
        blocks=Blocks.EVERYTHING,
        blocking_seconds=RESTART_SECONDS,
        seconds=RESTART_SECONDS,
        basis="a restart right after a checkpoint takes seconds; the first minutes read from disk",
        once="restart",
    )


def setting_value(name: str, value: str) -> str:
    """Write a setting's value; the elements of a list one by one."""
    if name in _LISTS:
        elements = [element.strip().strip('"') for element in value.split(",") if element.strip()]
        return ", ".join(literal(element) for element in elements) or "''"
    return literal(value)


def value_is(facts: Facts, name: str, value: str) -> str:
    """Write a query that is true when the setting has the value, whatever unit either is written in."""
    if name in _AT_LOGIN:
        return f"SELECT EXISTS (SELECT FROM pg_file_settings WHERE name = {literal(name)} AND applied)"
    current = f"current_setting({literal(name)}, true)"
    found = facts.settings.get(name)
    if found is not None and found.bytes is not None and _BYTES.fullmatch(value):
        return f"SELECT pg_size_bytes({current}) = pg_size_bytes({literal(value)})"
    if (
        found is not None
        and found.seconds is not None
        and re.fullmatch(r"\s*-?\d+(\.\d+)?\s*(us|ms|s|min|h|d)\s*", value)
    ):
        return f"SELECT {current}::interval = {literal(value)}::interval"
    if name in _LISTS:
        plain = value.translate({ord(" "): None, ord('"'): None})
        return f"SELECT translate({current}, ' \"', '') = {literal(plain)}"
    if re.fullmatch(r"-?\d+(\.\d+)?", value):
        return f"SELECT (SELECT setting FROM pg_settings WHERE name = {literal(name)})::numeric = {value}"
    return f"SELECT lower({current}) = lower({literal(value)})"


def _written(name: str, *, set_now: bool) -> str:
    exists = "EXISTS" if set_now else "NOT EXISTS"
    return (
        f"SELECT {exists} (SELECT FROM pg_file_settings WHERE name = {literal(name)} "
        "AND sourcefile LIKE '%postgresql.auto.conf')"
    )


def _role_verify(name: str, role: str | None, database: str | None, *, set_now: bool) -> str:
    exists = "EXISTS" if set_now else "NOT EXISTS"
    user = f"(SELECT oid FROM pg_roles WHERE rolname = {literal(role)})" if role is not None else "0"
    base = f"(SELECT oid FROM pg_database WHERE datname = {literal(database)})" if database is not None else "0"
    pattern = literal(name.lower().replace("_", "\\_") + "=%")
    return (
        f"SELECT {exists} (SELECT FROM pg_db_role_setting, unnest(setconfig) one WHERE setrole = {user} "
        f"AND setdatabase = {base} AND one ILIKE {pattern})"
    )


def _back(name: str, previous: str | None) -> str:
    return f"RESET {ident(name)}" if previous is None else f"SET {ident(name)} = {setting_value(name, previous)}"


def _scope(role: str | None, database: str | None) -> str:
    return (f" for the role {role}" if role else "") + (f" in the database {database}" if database else "")


def _notes(facts: Facts, name: str, *, restart: bool) -> tuple[str, ...]:
    notes = ["It is in force after the restart below."] if restart else []
    if facts.target.managed:
        notes.append(f"On a managed service change {name} in its parameter group instead: ALTER SYSTEM is not allowed.")
    return tuple(notes)

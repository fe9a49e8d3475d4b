"""Recipes for replicas, slots and backups."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.connector import Draft
from auditor.model.facts import Facts
from auditor.model.operation import AddReplica, DropSlot, EnableArchiving
from auditor.model.vocabulary import Phase
from auditor_connectors.postgresql.recipes.estimates import human_bytes
from auditor_connectors.postgresql.recipes.settings import RELOAD, changed
from auditor_connectors.postgresql.recipes.sql import literal
from auditor_connectors.postgresql.recipes.steps import runbook

BASE_BACKUP_BYTES_PER_SECOND = 100e6
"""A base backup over a gigabit network."""

RESTORE_POINT = "auditor_restore_test"
"""The point in the log to which the first restore goes."""


def drop_slot(operation: DropSlot, facts: Facts) -> Iterator[Draft]:
    """Drop it once nobody is known who would come back for it."""
    slot = next((one for one in facts.server.slots if one.name == operation.name), None)
    retained = slot.retained_bytes if slot is not None else None
    kept = f"It keeps {human_bytes(retained)} of log from being removed." if retained is not None else ""
    name = literal(operation.name)
    yield runbook(
        Phase.PREPARE,
        f"Drop the replication slot {operation.name}",
        f"SELECT pg_drop_replication_slot({name})",
        precondition=f"SELECT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = {name} AND NOT active)",
        verify=f"SELECT NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = {name})",
        reversible=False,
        point_of_no_return=True,
        notes=(
            *((kept,) if kept else ()),
            "Ask its consumer's owner first: a consumer that comes back afterwards must copy everything again.",
            "So that no slot can fill the disk again, set max_slot_wal_keep_size.",
        ),
        seconds=0.1,
        basis="removes a directory",
    )


def add_replica(operation: AddReplica, facts: Facts) -> Iterator[Draft]:
    """Copy the running server, let the copy follow, and try the switch-over."""
    size = facts.total_bytes
    seconds = None if size is None else round(size / BASE_BACKUP_BYTES_PER_SECOND, 1)
    if facts.setting("wal_level") == "minimal":
        yield from _log_for_replicas(facts)
    yield runbook(
        Phase.PREPARE,
        "Create a role and a slot for the replica",
        "CREATE ROLE auditor_replica REPLICATION LOGIN",
        "SELECT pg_create_physical_replication_slot('auditor_replica')",
        notes=(
            "Give the role a password (\\password) and a line of type “hostssl replication” in pg_hba.conf.",
            "Bound what the slot may retain: max_slot_wal_keep_size.",
        ),
        verify="SELECT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = 'auditor_replica')",
        rollback=("SELECT pg_drop_replication_slot('auditor_replica')", "DROP ROLE auditor_replica"),
        seconds=0.1,
        basis="a change of the catalog",
    )
    yield runbook(
        Phase.EXPAND,
        "Build the replica and let it follow",
        notes=(
            '$ pg_basebackup -h PRIMARY -U auditor_replica -D "$PGDATA" -R -S auditor_replica -X stream -c fast -P',
            "On another machine, in another zone. Then start it, and set hot_standby_feedback where it serves readers.",
        ),
        verify="SELECT EXISTS (SELECT FROM pg_stat_replication WHERE state = 'streaming')",
        seconds=seconds,
        disk_bytes=size,
        basis="unknown size"
        if size is None
        else f"{human_bytes(size)} at {BASE_BACKUP_BYTES_PER_SECOND / 1e6:.0f} MB/s",
    )
    yield runbook(
        Phase.SWITCH,
        "Rehearse the switch-over to the replica",
        notes=(
            (
                "Decide who promotes (Patroni, repmgr, the cloud's control plane), let clients name both hosts with "
                "target_session_attrs=read-write, and measure how long writes pause."
            ),
        ),
        verify="SELECT coalesce(max(replay_lag), interval '0') < interval '10 seconds' FROM pg_stat_replication",
    )


def enable_archiving(operation: EnableArchiving, facts: Facts) -> Iterator[Draft]:
    """Archive the log continuously, take a base backup, and prove it by a restore to a point in time."""
    if facts.setting("wal_level") == "minimal":
        yield from _log_for_replicas(facts)
    if facts.setting("archive_mode") == "off":
        yield from changed(
            facts, "archive_mode", "SET archive_mode = 'on'", "RESET archive_mode",
            title="Set archive_mode to on", verify="SELECT current_setting('archive_mode') = 'on'", restart=True,
        )  # fmt: skip
    yield runbook(
        Phase.PREPARE,
        "Make a place for the archive, on another machine or in an object store",
        notes=(
            "$ pgbackrest --stanza=main stanza-create",
            (
                "pgBackRest, WAL-G or Barman; the commands here are pgBackRest's. Encrypt it, and let the server's "
                "account add to it but not delete: what breaks into the server must not reach the backups."
            ),
        ),
    )
    before = facts.setting("archive_command")
    back = f"SET archive_command = {literal(before)}" if before and before != "(disabled)" else "RESET archive_command"
    yield runbook(
        Phase.PREPARE,
        "Archive the log with a tool made for it",
        "ALTER SYSTEM SET archive_command = 'pgbackrest --stanza=main archive-push %p'",
        "ALTER SYSTEM SET archive_timeout = '5min'",
        RELOAD,
        "SELECT pg_switch_wal()",
        notes=(
            "$ pgbackrest --stanza=main check",
            "A hand-written cp loses data on a crash. With the timeout at most the last five minutes are lost.",
            "Alarm when pg_stat_archiver.failed_count grows or the last archived segment is older than ten minutes.",
        ),
        verify="SELECT last_archived_time > coalesce(last_failed_time, '-infinity') FROM pg_stat_archiver",
        rollback=(f"ALTER SYSTEM {back}", "ALTER SYSTEM RESET archive_timeout", RELOAD),
    )
    size = facts.total_bytes
    yield runbook(
        Phase.PREPARE,
        "Take a base backup, and mark a point after it",
        f"SELECT pg_create_restore_point({literal(RESTORE_POINT)})",
        "SELECT pg_switch_wal()",
        precondition="SELECT current_setting('archive_mode') <> 'off'",
        notes=(
            "$ pgbackrest --stanza=main backup --type=full",
            "The backup first, then the statements: the point lies in the log that follows it.",
        ),
        seconds=None if size is None else round(size / BASE_BACKUP_BYTES_PER_SECOND, 1),
        basis="unknown size"
        if size is None
        else f"{human_bytes(size)} at {BASE_BACKUP_BYTES_PER_SECOND / 1e6:.0f} MB/s",
    )
    yield runbook(
        Phase.PREPARE,
        "Restore it elsewhere to that point, and measure how long it takes",
        notes=(
            f"$ pgbackrest --stanza=main restore --type=name --target={RESTORE_POINT} --target-action=promote",
            (
                "On a scratch machine. Start it, compare row counts, run pg_amcheck, and write down how long all of it "
                "took: that is the recovery time. Repeat it every quarter, by a schedule, with an alarm."
            ),
        ),
    )


def _log_for_replicas(facts: Facts) -> Iterator[Draft]:
    yield from changed(
        facts, "wal_level", "SET wal_level = 'replica'", "SET wal_level = 'minimal'",
        title="Set wal_level to replica", verify="SELECT current_setting('wal_level') <> 'minimal'", restart=True,
    )  # fmt: skip

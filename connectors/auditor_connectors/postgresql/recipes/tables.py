"""Recipes for whole tables: their options, their space, their statistics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from auditor.connector import Draft
from auditor.model.catalog import Key, Table
from auditor.model.facts import Facts
from auditor.model.operation import (
    AnalyzeTable,
    CreateStatistics,
    RepackTable,
    SetLogged,
    SetReplicaIdentity,
    SetTableOptions,
    VacuumTable,
)
from auditor.model.vocabulary import Blocks, Phase
from auditor_connectors.postgresql.recipes import estimates
from auditor_connectors.postgresql.recipes.queries import relation_is
from auditor_connectors.postgresql.recipes.shadow import copy_and_swap
from auditor_connectors.postgresql.recipes.sql import free_name, ident, idents, literal, qualified, regclass
from auditor_connectors.postgresql.recipes.steps import (
    SHARE_UPDATE_EXCLUSIVE,
    brief,
    online,
    runbook,
    until,
)


def set_table_options(operation: SetTableOptions, facts: Facts) -> Iterator[Draft]:
    """Set or reset options; on a partitioned table at its leaves, which hold the rows."""
    key = (operation.schema, operation.table)
    table = facts.table(key)
    leaves = facts.leaves(table) if table is not None else ()
    for target, current in [(leaf.key, leaf.options) for leaf in leaves] or [(key, {})]:
        values = ", ".join(f"{name} {value or 'to its default'}" for name, value in operation.options.items())
        yield brief(
            facts,
            Phase.EXPAND,
            f"Set {values} for {'.'.join(target)}",
            *_option_changes(table, target, operation.options),
            lock=SHARE_UPDATE_EXCLUSIVE,
            verify=_options_are(target, operation.options),
            rollback=_option_changes(table, target, {name: current.get(name, "") for name in operation.options}),
            notes=("fillfactor shapes pages that are written from now on; repack to shape the others.",)
            if "fillfactor" in operation.options
            else (),
        )


def _option_changes(table: Table | None, target: Key, options: Mapping[str, str]) -> tuple[str, ...]:
    what = "MATERIALIZED VIEW" if table is not None and table.kind == "materialized-view" else "TABLE"
    alter = f"ALTER {what} {qualified(target)}"
    given = ", ".join(f"{_option(name)} = {literal(value)}" for name, value in options.items() if value)
    reset = ", ".join(_option(name) for name, value in options.items() if not value)
    return (
        *((f"{alter} SET ({given})",) if given else ()),
        *((f"{alter} RESET ({reset})",) if reset else ()),
    )


def _option(name: str) -> str:
    return ".".join(ident(part) for part in name.split("."))


def _options_are(target: Key, options: Mapping[str, str]) -> str:
    """Write a query that is true when the table (or, for toast.*, its out-of-line table) has the options."""
    conditions = []
    for name, value in options.items():
        holder = "reloptions"
        if name.startswith("toast."):
            holder = "(SELECT t.reloptions FROM pg_class t WHERE t.oid = pg_class.reltoastrelid)"
        plain = name.removeprefix("toast.")
        pattern = literal(plain.replace("_", "\\_") + "=%")
        conditions.append(
            f"{holder} @> ARRAY[{literal(f'{plain}={value}')}]"
            if value
            else f"NOT EXISTS (SELECT FROM unnest({holder}) one WHERE one LIKE {pattern})"
        )
    return relation_is(target, " AND ".join(conditions))


def repack_table(operation: RepackTable, facts: Facts) -> Iterator[Draft]:
    """Copy the live rows into a new file beside the old one by a tool made for it, and swap for an instant."""
    key = (operation.schema, operation.table)
    table, path = facts.table(key), f"{operation.schema}.{operation.table}"
    if table is not None and table.kind == "materialized-view":
        yield online(
            Phase.EXPAND,
            f"Refresh {path} beside itself",
            f"REFRESH MATERIALIZED VIEW CONCURRENTLY {qualified(key)}",
            takes=estimates.rewrite(facts, table),
            lock="EXCLUSIVE",
            notes=("It needs a unique index without a condition. Readers go on.",),
        )
        return
    offered = {extension.name for extension in facts.catalog.extensions}
    tool = next((name for name in ("pg_repack", "pg_squeeze") if name in offered), None)
    if tool is not None and tool not in facts.extensions:
        yield runbook(
            Phase.PREPARE,
            f"Install {tool}",
            f"CREATE EXTENSION IF NOT EXISTS {tool}",
            notes=("Its command-line program must have the same version.",) if tool == "pg_repack" else (),
            verify=f"SELECT EXISTS (SELECT FROM pg_extension WHERE extname = {literal(tool)})",
            rollback=(f"DROP EXTENSION IF EXISTS {tool}",),
            seconds=1.0,
            basis="creates a few functions",
            once=f"install {tool}",
        )
    size = estimates.copy_disk(table)
    takes = estimates.rewrite(facts, table)
    wasted = table.bloat.bytes if table is not None and table.bloat is not None else None
    yield runbook(
        Phase.EXPAND,
        f"Repack {path}",
        *((f"SELECT squeeze.squeeze_table({literal(key[0])}, {literal(key[1])})",) if tool == "pg_squeeze" else ()),
        notes=(
            *(_repack_commands(facts, key) if tool != "pg_squeeze" else ()),
            (
                "It needs a primary key, the space of a second copy until it ends, and two instants under ACCESS "
                "EXCLUSIVE; it waits for older transactions. Never use VACUUM FULL or CLUSTER instead: they lock "
                "everybody out for the whole copy."
            ),
            *((f"It gives back about {estimates.human_bytes(wasted)}.",) if wasted is not None else ()),
        ),
        precondition=f"SELECT EXISTS (SELECT FROM pg_index WHERE indrelid = {regclass(key)} AND indisunique "
        "AND indisvalid AND indpred IS NULL)",
        blocks=Blocks.EVERYTHING,
        blocking_seconds=2 * estimates.LOCK_TIMEOUT_SECONDS,
        seconds=takes.value,
        basis="; ".join(part for part in (takes.basis, size.basis) if part),
        disk_bytes=None if size.value is None else int(size.value),
        wal_bytes=takes.wal,
    )


def _repack_commands(facts: Facts, key: Key) -> tuple[str, ...]:
    database = facts.database.name if facts.database is not None else facts.target.name
    return (
        "$ pg_repack --dbname=" + shell(database) + " --table=" + shell(qualified(key)) + " --no-kill-backend",
        "If pg_repack is not there, install the package of that name for the server's version, or pg_squeeze.",
    )


def shell(text: str) -> str:
    """Quote a word for a shell."""
    return "'" + text.replace("'", "'\\''") + "'"


def vacuum_table(operation: VacuumTable, facts: Facts) -> Iterator[Draft]:
    """Clean it now, without cutting off the file's tail, which would take a lock that replicas replay."""
    key = (operation.schema, operation.table)
    options = "FREEZE, TRUNCATE FALSE" if operation.freeze else "TRUNCATE FALSE"
    age = f"age(relfrozenxid) < current_setting('autovacuum_freeze_max_age')::bigint / 2 OR {_is_partitioned()}"
    yield online(
        Phase.PREPARE,
        f"{'Freeze' if operation.freeze else 'Vacuum'} {operation.schema}.{operation.table}",
        f"VACUUM ({options}) {qualified(key)}",
        takes=estimates.vacuum(facts, facts.table(key), freeze=operation.freeze),
        verify=relation_is(key, f"({age})") if operation.freeze else None,
        notes=(
            "It reads and writes much: do it outside of the busy hours; vacuum_cost_delay slows it down.",
            "What old transactions, replication slots or prepared transactions still need, it cannot clean.",
        ),
    )


def _is_partitioned() -> str:
    return "relkind = 'p'"


def analyze_table(operation: AnalyzeTable, facts: Facts) -> Iterator[Draft]:
    """Take a new sample."""
    key = (operation.schema, operation.table)
    yield online(
        Phase.PREPARE,
        f"Analyse {operation.schema}.{operation.table}",
        f"ANALYZE {qualified(key)}",
        takes=estimates.analysis(facts, facts.table(key)),
        verify=relation_is(key, "reltuples >= 0"),
    )


def create_statistics(operation: CreateStatistics, facts: Facts) -> Iterator[Draft]:
    """Create the statistics object, then fill it by a sample."""
    key = (operation.schema, operation.table)
    taken = [one.name for one in facts.catalog.extended_statistics if one.schema == operation.schema]
    name = free_name("_".join((operation.table, *operation.columns)), "stat", taken)
    target = (operation.schema, name)
    exists = (
        "SELECT EXISTS (SELECT FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace "
        f"WHERE n.nspname = {literal(target[0])} AND s.stxname = {literal(name)})"
    )
    yield brief(
        facts,
        Phase.EXPAND,
        f"Create statistics over {', '.join(operation.columns)} of {'.'.join(key)}",
        f"CREATE STATISTICS {qualified(target)} ON {idents(operation.columns)} FROM {qualified(key)}",
        lock=SHARE_UPDATE_EXCLUSIVE,
        verify=exists,
        rollback=(f"DROP STATISTICS IF EXISTS {qualified(target)}",),
    )
    yield online(
        Phase.EXPAND,
        f"Fill the statistics {name}",
        f"ANALYZE {qualified(key)}",
        takes=estimates.analysis(facts, facts.table(key)),
        verify=relation_is(key, "reltuples >= 0"),
    )


def set_logged(operation: SetLogged, facts: Facts) -> Iterator[Draft]:
    """Write a small table to the log in one go; copy a large one beside itself and swap."""
    key = (operation.schema, operation.table)
    table = facts.table(key)
    durable = relation_is(key, "relpersistence = 'p'")
    if table is not None and not estimates.is_tiny(table):
        drafts = list(copy_and_swap(facts, table, why="durable"))
        yield from until(durable, (one for one in drafts if one.phase in {Phase.EXPAND, Phase.BACKFILL}))
        yield from (one for one in drafts if one.phase not in {Phase.EXPAND, Phase.BACKFILL})
        return
    yield brief(
        facts,
        Phase.SWITCH,
        f"Make {'.'.join(key)} durable",
        f"ALTER TABLE {qualified(key)} SET LOGGED",
        takes=estimates.rewrite(facts, table),
        verify=durable,
        rollback=(f"ALTER TABLE {qualified(key)} SET UNLOGGED",),
        notes=("It writes the table anew; it is small enough for that to be done under the lock.",),
    )


def set_replica_identity(operation: SetReplicaIdentity, facts: Facts) -> Iterator[Draft]:
    """Say which columns the log names when a row changes; partition by partition where there are any."""
    key = (operation.schema, operation.table)
    table = facts.table(key)
    targets = [key]
    if table is not None and table.kind == "partitioned":
        targets = [leaf.key for leaf in facts.leaves(table)] + targets
    for target in targets:
        alter = f"ALTER TABLE {qualified(target)} REPLICA IDENTITY"
        kind = {"full": "f", "default": "d", "nothing": "n"}.get(operation.identity.lower(), "i")
        yield brief(
            facts,
            Phase.EXPAND,
            f"Let replication address rows of {'.'.join(target)} by {_identity_words(operation.identity)}",
            f"{alter} {_identity(operation.identity)}",
            verify=relation_is(target, f"relreplident = '{kind}'"),
            rollback=(f"{alter} {_identity(_present_identity(facts, target))}",),
            notes=("Every update and delete then writes the whole old row to the log.",) if kind == "f" else (),
        )


def _identity(identity: str) -> str:
    return identity.upper() if identity in ("full", "default", "nothing") else f"USING INDEX {ident(identity)}"


def _identity_words(identity: str) -> str:
    words = {"full": "all columns", "default": "their primary key", "nothing": "nothing"}
    return words.get(identity, f"the index {identity}")


def _present_identity(facts: Facts, key: Key) -> str:
    table = facts.table(key)
    present = table.replica_identity if table is not None else None
    if present != "index":
        return present or "default"
    return next((index.name for index in facts.indexes_of(key) if index.replica_identity), "default")

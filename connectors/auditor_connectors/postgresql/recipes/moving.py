"""Brings another server, or another database of this one, to follow some tables by logical replication.

A service that gets a database of its own and an upgrade into a new cluster take the same steps: what differs is which
tables they take, what is dumped of the schema, and what becomes of the old side. The switch is in ``moving_switch``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from auditor.connector import Draft
from auditor.model.catalog import Index, Key, Table
from auditor.model.catalog import Sequence as SequenceObject
from auditor.model.facts import Facts
from auditor.model.operation import SetReplicaIdentity
from auditor.model.vocabulary import Phase
from auditor_connectors.postgresql.recipes import estimates
from auditor_connectors.postgresql.recipes.moves import (
    FIRST,
    FREEZE_BYTES,
    HASH_PARTS,
    HASH_SCANS,
    KEEP,
    KEPT_LOG,
    PART,
    SECOND,
    SLOTS,
    SOURCE_SERVICE,
    TARGET_SERVICE,
    VERSION_17,
    WAIT_SECONDS,
    Move,
    drop_slot_if_there,
    drop_subscription,
    elsewhere,
    frozen,
    origin_none,
)
from auditor_connectors.postgresql.recipes.moving_helpers import PUBLISHED, helpers
from auditor_connectors.postgresql.recipes.queries import all_of
from auditor_connectors.postgresql.recipes.settings import changed
from auditor_connectors.postgresql.recipes.sql import dollar, ident, literal, qualified
from auditor_connectors.postgresql.recipes.steps import (
    ROW_EXCLUSIVE,
    SHARE_ROW_EXCLUSIVE,
    SHARE_UPDATE_EXCLUSIVE,
    brief,
    online,
    runbook,
)
from auditor_connectors.postgresql.recipes.tables import set_replica_identity


def follow(facts: Facts, move: Move, preparation: Sequence[str]) -> Iterator[Draft]:
    """Draft what brings the target to follow; ``preparation`` is told to those who set it up."""
    yield from _settings(facts)
    yield from _identities(facts, move)
    yield _publish(facts, move)
    yield _load_schema(facts, move, preparation)
    yield _make_slot(facts, move)
    yield _subscribe(facts, move)
    yield _await_copy(facts, move)
    yield _load_rest(facts, move)
    yield from _compare(facts, move)
    yield _guard(facts, move)


# --- what must be there first ------------------------------------------------------------------------------------


def _settings(facts: Facts) -> Iterator[Draft]:
    """Have the log written for decoding, with room for slots, and bound what they may keep of it."""
    level = facts.setting("wal_level")
    if level is not None and level != "logical":
        yield from changed(
            facts, "wal_level", "SET wal_level = 'logical'", f"SET wal_level = {literal(level)}",
            title="Set wal_level to logical", verify=None, restart=True,
        )  # fmt: skip
    for name in ("max_replication_slots", "max_wal_senders"):
        found = facts.setting_number(name)
        needed = len(facts.server.slots) + SLOTS
        if found is not None and found < needed:
            yield from changed(
                facts, name, f"SET {name} = {needed}", f"SET {name} = {found:.0f}",
                title=f"Set {name} to {needed}", verify=None, restart=True,
            )  # fmt: skip
    if facts.setting(KEEP) == "-1":
        yield from changed(
            facts, KEEP, f"SET {KEEP} = '{KEPT_LOG}'", f"RESET {KEEP}",
            title=f"Let no replication slot keep more than {KEPT_LOG} of log",
            verify=f"SELECT pg_size_bytes(current_setting('{KEEP}')) = pg_size_bytes('{KEPT_LOG}')",
        )  # fmt: skip


def _identities(facts: Facts, move: Move) -> Iterator[Draft]:
    """Give an identity to tables without one: their updates would fail as soon as they are published."""
    for table in move.tables:
        if any(not _has_identity(facts, leaf) for leaf in facts.leaves(table)):
            index = None if table.kind == "partitioned" else _identifying(facts, table)
            identity = "full" if index is None else index.name
            wanted = SetReplicaIdentity(schema=table.schema, table=table.name, identity=identity)
            yield from set_replica_identity(wanted, facts)


def _has_identity(facts: Facts, table: Table) -> bool:
    if table.replica_identity in ("full", "index"):
        return True
    return table.replica_identity != "nothing" and facts.primary_key(table.key) is not None


def _identifying(facts: Facts, table: Table) -> Index | None:
    """Find an index that may identify rows: unique, at once, over all rows, of columns that are never NULL."""
    for index in facts.indexes_of(table.key):
        columns = [table.column(part.column) if part.column else None for part in index.parts]
        whole = index.unique and index.usable and index.predicate is None and not index.deferrable
        if whole and all(column is not None and not column.nullable for column in columns):
            return index
    return None


# --- the source --------------------------------------------------------------------------------------------------


def _publish(facts: Facts, move: Move) -> Draft:
    relations = ", ".join([*(qualified(t.key) for t in move.tables), *(f"{move.name}.{one}" for one in PUBLISHED)])
    ledger = f"INSERT INTO {move.name}.tables VALUES {', '.join(_ledger_rows(facts, move))}"
    positions = [
        f"({literal(qualified(one.key))}, {_feeds(one)})" for one in sorted(move.sequences, key=lambda one: one.key)
    ]
    return brief(
        facts,
        Phase.REARCHITECT,
        f"Publish {move.what}, with a ledger of the move",
        *helpers(move.name),
        *([ledger] if move.tables else []),
        *([f"INSERT INTO {move.name}.sequences VALUES {', '.join(positions)}"] if positions else []),
        f"CREATE PUBLICATION {move.name} FOR TABLE {relations}",
        lock=SHARE_UPDATE_EXCLUSIVE,
        precondition=all_of(_all_identified(move), _all_logged(move)),
        verify=f"SELECT EXISTS (SELECT FROM pg_publication WHERE pubname = {literal(move.name)})",
        rollback=(f"DROP PUBLICATION IF EXISTS {move.name}", f"DROP SCHEMA IF EXISTS {move.name} CASCADE"),
        notes=_obstacles(facts, move),
    )


def _ledger_rows(facts: Facts, move: Move) -> Iterator[str]:
    """Write the rows of the ledger: each table with its parts, each partition without."""
    for table in move.tables:
        part, recent = _parts(facts, table)
        yield f"({literal(qualified(table.key))}, {literal(part)}, {literal(recent)})"
        for leaf in facts.leaves(table):
            if leaf.key != table.key:
                yield f"({literal(qualified(leaf.key))}, NULL, 'true')"


def _parts(facts: Facts, table: Table) -> tuple[str, str]:
    """Write the expression that parts a table's rows for the comparison, and which rows the freeze has time for."""
    key = facts.primary_key(table.key)
    columns = key.columns if key is not None else ()
    found = table.column(columns[0]) if len(columns) == 1 else None
    large = (estimates.heap_bytes(facts, table) or 0) > FREEZE_BYTES
    if found is not None and found.family == "integer":
        name = f"auditor_row.{ident(found.name)}"
        newest = f"{name} > (SELECT max({ident(found.name)}) FROM {qualified(table.key)}) - {PART}"
        return f"{name} / {PART}", newest if large else "true"
    text = f"ROW({', '.join(f'auditor_row.{ident(one)}' for one in columns)})::text" if columns else "auditor_row::text"
    return f"hashtextextended({text}, 0) % {HASH_PARTS}", "false" if large else "true"


def _feeds(sequence: SequenceObject) -> str:
    """Write the table and the column that a sequence numbers, as far as there is one."""
    owner = (sequence.owner_schema, sequence.owner_table, sequence.owner_column)
    schema, table, column = sequence.fed[0] if sequence.fed else owner
    if schema is None or table is None or column is None:
        return "NULL, NULL"
    return f"{literal(qualified((schema, table)))}, {literal(ident(column))}"


def _all_identified(move: Move) -> str:
    """True when every table that moves, partitions included, has something that identifies its rows."""
    return (
        f"SELECT NOT EXISTS (SELECT FROM unnest({_array(move)}) one(name), pg_partition_tree(to_regclass(one.name)) p "
        "JOIN pg_class c ON c.oid = p.relid WHERE p.isleaf AND NOT (c.relreplident = 'f' OR c.relreplident IN ('d', "
        "'i') AND EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND (i.indisreplident OR c.relreplident "
        "= 'd' AND i.indisprimary))))"
    )


def _all_logged(move: Move) -> str:
    """True when every table is there and none of them is unlogged: changes of such tables do not travel."""
    return (
        f"SELECT bool_and(coalesce(c.relpersistence = 'p', false)) IS NOT FALSE FROM unnest({_array(move)}) one(name) "
        "LEFT JOIN pg_class c ON c.oid = to_regclass(one.name)"
    )


def _array(move: Move) -> str:
    return f"ARRAY[{', '.join(literal(qualified(table.key)) for table in move.tables)}]::text[]"


def _obstacles(facts: Facts, move: Move) -> Iterator[str]:
    """Say what of these tables does not travel, or not as it seems."""
    yield (
        "From here to the end of the move nothing changes the schema. Where it must: additions on the target first, "
        "removals on the source first. New tables and partitions need ALTER SUBSCRIPTION … REFRESH PUBLICATION."
    )
    unlogged = [table.path for table in move.tables if table.persistence == "unlogged"]
    if unlogged:
        yield f"Unlogged, so that no row travels: {', '.join(unlogged)}. Make them durable, or leave them out."
    if facts.server.large_objects is not None and facts.server.large_objects.count:
        yield (
            f"{facts.server.large_objects.count:,} large objects do not travel: dump them while writes are stopped "
            "(pg_dump --large-objects), or store them in columns before."
        )
    keys = {leaf.key for table in move.tables for leaf in facts.leaves(table)} | {t.key for t in move.tables}
    always = [one.path for one in facts.triggers if one.table_key in keys and one.enabled in ("replica", "always")]
    if always:
        yield f"These triggers fire for replicated rows as well, and would do their work twice: {', '.join(always)}."
    secured = [table.path for table in move.tables if table.row_security]
    if secured:
        yield (
            f"Rows of {', '.join(secured)} are protected by policies: the subscriptions must belong to a superuser, or "
            "a role with BYPASSRLS."
        )
    wide = [table.path for table in move.tables if any(column.family == "binary" for column in table.columns)]
    if wide:
        yield (
            f"A value of more than 512 MB in {', '.join(wide)} cannot be copied as text: give the subscription the "
            "option binary = true."
        )


def _make_slot(facts: Facts, move: Move) -> Draft:
    failover = ", false, false, true" if facts.version >= VERSION_17 and facts.server.replicas else ""
    return runbook(
        Phase.REARCHITECT,
        f"Keep the log of {move.what} from now on",
        f"SELECT pg_create_logical_replication_slot({literal(move.name)}, 'pgoutput'{failover})",
        precondition=all_of(
            "SELECT current_setting('wal_level') = 'logical'",
            "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND xact_start < now() - "
            "interval '1 minute')",
        ),
        verify=_slot_there(move.name),
        rollback=(drop_slot_if_there(move.name),),
        notes=(
            "It waits for every transaction that has written and is still open.",
            (
                "A slot whose reader has stopped keeps the log until max_slot_wal_keep_size, and is lost then: alarm "
                "when pg_replication_slots shows it inactive, or wal_status other than reserved."
            ),
        ),
        seconds=0.1,
        basis="waits for open transactions, then writes a file",
    )


def _slot_there(name: str) -> str:
    return f"SELECT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = {literal(name)})"


# --- the target --------------------------------------------------------------------------------------------------


def _load_schema(facts: Facts, move: Move, preparation: Sequence[str]) -> Draft:
    """Load tables and their keys; what else is built while rows arrive would slow the copy."""
    source, target = f"service={SOURCE_SERVICE}", f"service={TARGET_SERVICE}"
    return elsewhere(runbook(
        Phase.REARCHITECT,
        f"Set up the target of {move.what}: tables and keys, no other index yet",
        notes=(
            *preparation,
            (f"Both servers' accounts, and yours, name the two databases {SOURCE_SERVICE} and {TARGET_SERVICE} in a "
            "connection service file (pg_service.conf, or where PGSERVICEFILE points), with a role that may replicate; "
            "passwords belong into password files. On the target: wal_level = logical, for the way back."),
            "The programs are those of the newer of the two versions.",
            f"$ pg_dump -d {source} -Fc --schema-only --no-publications --no-subscriptions{move.dump} -f move.dump",
            f'$ psql -X -A -t -d {source} -c "{_KEYS}" > keys',
            f'$ psql -X -A -t -d {source} -c "{_cut_list(move)}" > cut',
            f"$ pg_restore -d {target} --exit-on-error --section=pre-data move.dump",
            "$ pg_restore -l --section=post-data move.dump | grep -F -f keys > keys.list",
            f"$ pg_restore -d {target} --exit-on-error -L keys.list move.dump",
        ),
        verify=all_of(_all_logged(move), _all_identified(move)),
        basis="done by people: no estimate",
    ))  # fmt: skip


# The second number in a line of pg_restore's list is the object's own in the source: names would have to be quoted.
_KEYS = (
    "SELECT format(' 2606 %s CONSTRAINT ', c.oid) FROM pg_constraint c WHERE c.contype = 'p' OR EXISTS (SELECT FROM "
    "pg_index i WHERE i.indexrelid = c.conindid AND i.indisreplident AND c.contype = 'u') UNION ALL SELECT format(' "
    "1259 %s INDEX ', indexrelid) FROM pg_index WHERE indisreplident"
)


def _cut_list(move: Move) -> str:
    if not move.cut:
        return "SELECT NULL WHERE false"
    rows = ", ".join(f"({literal(qualified(one.table_key))}, {literal(one.name)})" for one in move.cut)
    query = (
        f"SELECT format(' 2606 %s FK CONSTRAINT ', oid) FROM pg_constraint JOIN (VALUES {rows}) cut(place, name) ON "
        "conrelid = to_regclass(cut.place) AND conname = cut.name"
    )
    return re.sub(r'([\\"$`])', r"\\\1", query)


def _subscribe(facts: Facts, move: Move) -> Draft:
    size = sum(estimates.heap_bytes(facts, table) or 0 for table in move.tables)
    return elsewhere(runbook(
        Phase.REARCHITECT,
        f"Let the target copy and follow {move.what}",
        f"CREATE SUBSCRIPTION {move.name} CONNECTION 'service={SOURCE_SERVICE}' PUBLICATION {move.name} "
        f"WITH (slot_name = {literal(move.name)}, create_slot = false{origin_none(facts)})",
        verify=f"SELECT EXISTS (SELECT FROM pg_subscription WHERE subname = {literal(move.name)})",
        rollback=drop_subscription(move.name),
        notes=(
            "As a superuser: others would have to write a password into the statement.",
            ("The copy reads each table once on the source, in one transaction each: vacuum keeps what is deleted "
            "meanwhile."),
        ),
        seconds=0.1,
        disk_bytes=size or None,
        basis=f"starts the copy of {estimates.human_bytes(size)}",
    ))  # fmt: skip


def _await_copy(facts: Facts, move: Move) -> Draft:
    body = f"""
BEGIN
  WHILE EXISTS (SELECT FROM pg_subscription_rel r JOIN pg_subscription s ON s.oid = r.srsubid
      WHERE s.subname = {literal(move.name)} AND r.srsubstate <> 'r') LOOP
    IF NOT (SELECT subenabled FROM pg_subscription WHERE subname = {literal(move.name)}) THEN
      RAISE EXCEPTION 'the subscription was disabled: see the log of this server';
    END IF;
    COMMIT;
    PERFORM pg_sleep(0.1);
  END LOOP;
END
"""
    copies = [estimates.rewrite(facts, table) for table in move.tables]
    known = [copy.value for copy in copies if copy.value is not None]
    seconds = sum(known) if len(known) == len(copies) else None
    return elsewhere(online(
        Phase.REARCHITECT,
        f"Wait until {move.what} is copied",
        f"DO {dollar(body)}",
        takes=estimates.Estimate(seconds, f"the copy of all tables, {estimates.rate(facts)}"),
        lock=ROW_EXCLUSIVE,
        verify=f"SELECT bool_and(r.srsubstate = 'r') FROM pg_subscription_rel r JOIN pg_subscription s ON s.oid = "
        f"r.srsubid WHERE s.subname = {literal(move.name)}",
        notes=("An error, a row that is there already for instance, stands in the target's log, and is tried again.",),
    ))  # fmt: skip


def _load_rest(facts: Facts, move: Move) -> Draft:
    keys = {table.schema for table in move.tables}
    refreshed = [view for view in facts.materialized_views if view.schema in keys]
    target = f"service={TARGET_SERVICE}"
    return elsewhere(runbook(
        Phase.REARCHITECT,
        f"Build the indexes, keys and triggers of {move.what} on the target, and take statistics",
        notes=(
            "$ pg_restore -l --section=post-data move.dump | grep -v -F -f keys | grep -v -F -f cut > rest.list",
            f"$ pg_restore -d {target} --exit-on-error -j 4 -L rest.list move.dump",
            *(f'$ psql -X -d {target} -c "REFRESH MATERIALIZED VIEW {_in_shell(view.key)}"' for view in refreshed),
            f"$ vacuumdb -d {target} --analyze --jobs 4",
            "Statistics do not travel with the rows: without them the first queries get bad plans.",
        ),
        verify=f"SELECT NOT EXISTS (SELECT FROM unnest({_array(move)}) one(name), pg_partition_tree(to_regclass("
        "one.name)) p WHERE p.isleaf AND pg_relation_size(p.relid) > 0 AND NOT EXISTS (SELECT FROM pg_statistic "
        "WHERE starelid = p.relid))",
    ))  # fmt: skip


def _in_shell(key: Key) -> str:
    return re.sub(r'([\\"$`])', r"\\\1", qualified(key))


def _compare(facts: Facts, move: Move) -> Iterator[Draft]:
    """Compare while writes go on: parts that the source has unchanged before and after must be the same between."""
    scans = [estimates.work(facts, table, HASH_SCANS) for table in move.tables]
    known = [one.value for one in scans if one.value is not None]
    takes = estimates.Estimate(
        round(sum(known), 3) if len(known) == len(scans) else None, f"a sum over all rows, {estimates.rate(facts)}"
    )
    for word in (FIRST, SECOND):
        yield online(
            Phase.REARCHITECT,
            f"Take the {word} sums of {move.what} at the source",
            f"SELECT {move.name}.take_sums({literal(word)}, false)",
            takes=takes,
            lock=ROW_EXCLUSIVE,
            verify=f"SELECT EXISTS (SELECT FROM {move.name}.marks WHERE mark = {literal(word)})",
            rollback=(f"DELETE FROM {move.name}.marks WHERE mark = {literal(word)}",),
        )
        if word == FIRST:
            yield elsewhere(online(
                Phase.REARCHITECT,
                f"Take the sums of {move.what} at the target",
                f"CALL {move.name}.wait_for({literal(FIRST)}, {WAIT_SECONDS})",
                f"SELECT {move.name}.find_sums({literal(FIRST)}, false)",
                takes=takes,
                lock=ROW_EXCLUSIVE,
                verify=f"SELECT EXISTS (SELECT FROM {move.name}.found WHERE mark = {literal(FIRST)}) OR NOT EXISTS "
                f"(SELECT FROM {move.name}.sums WHERE mark = {literal(FIRST)})",
                rollback=(f"DELETE FROM {move.name}.found WHERE mark = {literal(FIRST)}",),
            ))  # fmt: skip
    yield elsewhere(runbook(
        Phase.REARCHITECT,
        f"Compare {move.what} on both servers",
        f"CALL {move.name}.wait_for({literal(SECOND)}, {WAIT_SECONDS})",
        verify=f"SELECT NOT EXISTS (SELECT FROM {move.name}.differences({literal(FIRST)}, {literal(SECOND)}))",
        notes=(
            (f"SELECT * FROM {move.name}.differences({literal(FIRST)}, {literal(SECOND)}) names the parts that differ "
            "although nothing changed them. Parts that are written all the time are compared in the freeze."),
        ),
        seconds=1.0,
        basis="reads the ledger",
    ))  # fmt: skip


def _guard(facts: Facts, move: Move) -> Draft:
    """Let nobody write to the target before it is its turn; what replication applies passes."""
    return elsewhere(brief(
        facts,
        Phase.REARCHITECT,
        f"Refuse writes to {move.what} at the target until the switch",
        f"SELECT {move.name}.freeze()",
        lock=SHARE_ROW_EXCLUSIVE,
        verify=frozen(move),
        rollback=(f"SELECT {move.name}.thaw()",),
    ))  # fmt: skip

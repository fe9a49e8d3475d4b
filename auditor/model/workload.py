"""What the server was doing: sessions, locks, statements, maintenance. Texts are normalised and free of literals.

Durations are seconds in activity and milliseconds in statement statistics, as their names say.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from auditor.model.uses import Parsed


class Session(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A connection at the moment of the snapshot. ``client`` is "local", "loopback" or "network": never an address.

    ``kind`` is "client" for an ordinary session, otherwise what background work it does. ``horizon_age`` is how many
    transactions back it keeps dead rows from being cleaned. ``details_visible`` is False when the engine hid its state.
    ``library`` is the driver that it says it uses, with its version; ``memory_bytes`` is what the server keeps for it,
    ``output_bytes`` of these wait to be sent.
    """

    id: int
    kind: str = "client"
    user: str | None = None
    database: str | None = None
    application: str | None = None
    client: Literal["local", "loopback", "network"] | None = None
    encrypted: bool | None = None
    state: str | None = None
    transaction_seconds: float | None = None
    query_seconds: float | None = None
    state_seconds: float | None = None
    connected_seconds: float | None = None
    wait_type: str | None = None
    wait_event: str | None = None
    horizon_age: int | None = None
    blocked_by: tuple[int, ...] = ()
    waiting_seconds: float | None = None
    statement: str | None = None
    details_visible: bool = True
    library: str | None = None
    subscriptions: int = 0
    memory_bytes: int | None = None
    output_bytes: int | None = None


class Lock(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A lock on a relation, or an advisory lock, that a session holds or waits for."""

    session: int
    kind: Literal["relation", "advisory", "transaction", "other"]
    mode: str
    granted: bool
    schema: str | None = None
    name: str | None = None


class PreparedTransaction(Struct, frozen=True, kw_only=True):
    """A transaction prepared for two-phase commit, which no session holds any more."""

    name: str
    owner: str
    database: str
    age_seconds: float
    horizon_age: int | None = None


class Statement(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A normalised statement with its totals. Times are milliseconds, blocks are the engine's pages.

    ``kind`` is select, insert, update, delete, merge, utility or other. ``since`` is when this entry began to count.
    What not every engine counts is None there: ``rows_examined`` were read to give ``rows``; ``unindexed`` calls used
    no index, ``full_joins`` joins read a whole table for each row before, ``temp_tables_disk`` temporary tables went to
    disk, ``sort_passes`` merged what did not fit into memory, ``errors`` calls failed, ``sorts`` calls sorted what no
    index gave in order, ``keys_examined`` entries of indexes were read, ``bytes`` were answered, ``conflicts`` writes
    had to try again, ``spills`` calls wrote to disk what did not fit into memory, ``replans`` calls gave up their plan
    for another. ``plan`` is how the engine carried it out, in its own words. ``parsed`` is set where the engine
    tells what a statement asks in another way than by a text that a parser must take apart.
    """

    id: str
    text: str
    kind: str = "other"
    user: str | None = None
    database: str | None = None
    top_level: bool = True
    calls: int = 0
    total_ms: float = 0.0
    mean_ms: float = 0.0
    minimum_ms: float | None = None
    maximum_ms: float | None = None
    deviation_ms: float | None = None
    planning_ms: float | None = None
    rows: int = 0
    blocks_hit: int = 0
    blocks_read: int = 0
    blocks_dirtied: int = 0
    temp_blocks_read: int = 0
    temp_blocks_written: int = 0
    read_ms: float | None = None
    wal_bytes: int | None = None
    wal_full_pages: int | None = None
    jit_ms: float | None = None
    rows_examined: int | None = None
    unindexed: int | None = None
    full_joins: int | None = None
    temp_tables_disk: int | None = None
    sort_passes: int | None = None
    errors: int | None = None
    sorts: int | None = None
    keys_examined: int | None = None
    bytes: int | None = None
    conflicts: int | None = None
    spills: int | None = None
    replans: int | None = None
    plan: str | None = None
    parsed: Parsed | None = None
    since: str | None = None


SlowKind = Literal["slow", "error", "lock-wait", "deadlock", "temp-file", "checkpoint", "autovacuum", "connection",
                   "large-request", "large-reply"]  # fmt: skip
"""What an entry of a log tells of."""


class SlowEntry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The shape of a statement or message in a log, with how often it stood there and how long it took."""

    kind: SlowKind
    text: str
    count: int = 0
    total_ms: float = 0.0
    maximum_ms: float = 0.0
    bytes: int = 0


class SlowLog(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a log told. ``format`` is the engine's name of it: stderr, csvlog, jsonlog; slow, slow-table; slowlog."""

    format: str
    lines: int = 0
    skipped: int = 0
    first: str | None = None
    last: str | None = None
    entries: tuple[SlowEntry, ...] = ()


class Progress(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Maintenance under way: vacuum, analyze, create-index, cluster, base-backup, copy."""

    kind: str
    session: int
    database: str | None = None
    schema: str | None = None
    name: str | None = None
    phase: str | None = None
    seconds: float | None = None
    done: int | None = None
    total: int | None = None
    against_wraparound: bool = False


class Trace(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a database keeps of each operation that it carries out: nothing, the slow ones, or every one.

    ``slower_than_ms`` is from when on one is slow, in milliseconds; ``sampled`` is the share of them that is kept.
    ``bytes`` and ``bytes_maximum`` are the size of what is kept and its limit.
    """

    database: str
    level: Literal["off", "slow", "all"]
    slower_than_ms: float | None = None
    sampled: float = 1.0
    entries: int = 0
    bytes: int | None = None
    bytes_maximum: int | None = None


class Command(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A command of an engine that counts by the commands' names; "config|get" is a subcommand.

    ``rejected`` calls were refused before they began, ``failed`` ended in an error. Percentiles are milliseconds.
    """

    name: str
    calls: int = 0
    milliseconds: float = 0.0
    rejected: int | None = None
    failed: int | None = None
    p50_ms: float | None = None
    p99_ms: float | None = None
    p999_ms: float | None = None

    @property
    def mean_ms(self) -> float:
        """Milliseconds of a call, on average."""
        return self.milliseconds / self.calls if self.calls else 0.0


class LatencyEvent(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that held the server up for longer than it was told to watch for: the last time and the longest."""

    name: str
    at: str | None = None
    last_ms: float = 0.0
    maximum_ms: float = 0.0


class Channels(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Messages that are passed on and not kept: channels with subscribers, patterns of channels, and the pairs of both.

    ``alone`` channels have one subscriber only.
    """

    channels: int = 0
    patterns: int = 0
    alone: int = 0
    subscribers: int = 0


class Workload(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything about activity. ``statements_evicted`` counts entries that the engine dropped for lack of room.

    ``statements`` holds only those that cost most by one measure or another; ``statements_total_ms`` and
    ``statements_total_calls`` are the sums over all statements of the database, so that shares of them are true.
    ``statements_threshold_ms`` is set where only calls that took at least so long were counted.

    ``commands``, ``errors`` (by their codes) and ``latency`` are what an engine counts that knows commands, not
    statements; those of all servers of a deployment are summed up.
    """

    sessions: tuple[Session, ...] = ()
    locks: tuple[Lock, ...] = ()
    prepared_transactions: tuple[PreparedTransaction, ...] = ()
    statements: tuple[Statement, ...] = ()
    statements_since: str | None = None
    statements_evicted: int | None = None
    statements_total_ms: float | None = None
    statements_total_calls: int | None = None
    statements_threshold_ms: float | None = None
    traces: tuple[Trace, ...] = ()
    slow_log: SlowLog | None = None
    progress: tuple[Progress, ...] = ()
    commands: tuple[Command, ...] = ()
    errors: dict[str, int] = {}
    latency: tuple[LatencyEvent, ...] = ()
    channels: Channels | None = None

"""The server itself: settings, databases, storage counters, replication. Sizes are bytes, durations are seconds."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct


class Setting(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A configuration parameter as in force. ``value`` and ``boot`` are in ``unit``; secrets are masked.

    ``context`` says what a change needs: "restart", "reload", "session" or "fixed". ``source`` is "default" when
    nobody set it, and "runtime" when the next restart forgets it. Parameters whose value at the server is hidden by one
    of the auditing session or role are left out.
    """

    name: str
    value: str
    unit: str | None = None
    boot: str | None = None
    source: str = "default"
    context: Literal["fixed", "restart", "reload", "session"] = "session"
    pending_restart: bool = False
    bytes: int | None = None
    seconds: float | None = None


class Database(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A database of the server, with its counters since ``stats_since``. ``connection_limit`` is -1 for no limit."""

    name: str
    current: bool = False
    template: bool = False
    allow_connections: bool = True
    owner: str | None = None
    encoding: str | None = None
    collation: str | None = None
    character_type: str | None = None
    locale_provider: str | None = None
    collation_version: str | None = None
    collation_version_actual: str | None = None
    bytes: int | None = None
    connection_limit: int | None = None
    transaction_age: int | None = None
    multixact_age: int | None = None
    settings: dict[str, str] = {}
    sessions: int | None = None
    commits: int | None = None
    rollbacks: int | None = None
    blocks_read: int | None = None
    blocks_hit: int | None = None
    temp_files: int | None = None
    temp_bytes: int | None = None
    deadlocks: int | None = None
    conflicts: int | None = None
    checksum_failures: int | None = None
    sessions_total: int | None = None
    sessions_abandoned: int | None = None
    sessions_fatal: int | None = None
    sessions_killed: int | None = None
    stats_since: str | None = None


class Collation(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A collation whose recorded version differs from the library's, with the indexes that depend on it."""

    schema: str
    name: str
    provider: str | None = None
    recorded: str | None = None
    actual: str | None = None
    indexes: tuple[tuple[str, str], ...] = ()


class Slot(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A replication slot. ``retained_bytes`` is the log that it keeps from being removed."""

    name: str
    kind: Literal["physical", "logical"]
    plugin: str | None = None
    database: str | None = None
    active: bool = False
    temporary: bool = False
    retained_bytes: int | None = None
    status: str | None = None
    safe_bytes: int | None = None
    inactive_since: str | None = None
    invalidation: str | None = None
    horizon_age: int | None = None
    failover: bool | None = None


class Replica(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A server that receives changes from this one."""

    name: str
    state: str | None = None
    sync: str | None = None
    lag_bytes: int | None = None
    lag_seconds: float | None = None
    horizon_age: int | None = None
    slot: str | None = None
    logical: bool = False


class Publication(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A set of tables published to logical subscribers."""

    name: str
    all_tables: bool = False
    operations: tuple[str, ...] = ()
    tables: tuple[tuple[str, str], ...] = ()


class Subscription(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A subscription to another server's publications; its connection string is never kept."""

    name: str
    enabled: bool = True
    publications: tuple[str, ...] = ()
    apply_errors: int | None = None
    sync_errors: int | None = None
    slot: str | None = None


class Archiver(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Continuous archiving of the log."""

    archived: int = 0
    failed: int = 0
    last_archived_at: str | None = None
    last_failed_at: str | None = None
    since: str | None = None


class Checkpoints(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Checkpoint and background writer counters. ``*_ms`` are milliseconds."""

    timed: int = 0
    requested: int = 0
    write_ms: float | None = None
    sync_ms: float | None = None
    buffers_checkpoint: int | None = None
    buffers_background: int | None = None
    buffers_backend: int | None = None
    buffers_allocated: int | None = None
    background_limit_hits: int | None = None
    since: str | None = None


class LogStatistics(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Write-ahead log counters."""

    records: int = 0
    full_pages: int = 0
    bytes: int = 0
    buffers_full: int | None = None
    since: str | None = None


class IoStatistics(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """I/O by kind of backend, object and context."""

    backend: str
    object: str
    context: str
    reads: int = 0
    writes: int = 0
    extends: int = 0
    hits: int = 0
    evictions: int = 0
    read_ms: float | None = None
    write_ms: float | None = None


class Conflicts(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Queries that a standby cancelled because of replay."""

    tablespace: int = 0
    lock: int = 0
    snapshot: int = 0
    buffer_pin: int = 0
    deadlock: int = 0
    logical_slot: int = 0


class Source(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A server whose changes this one takes over, itself being a replica; "" is the name of an only channel.

    ``receiving`` and ``applying`` say whether the two halves of the work go on; ``connecting``: the first half tries.
    ``lag_seconds`` is None where nobody can tell, which is not zero. ``delay_seconds`` is a delay that somebody wants.
    ``error`` is the number of the last error, never its text. ``filters`` counts the rules that leave changes out.
    ``positions`` says how the place in the stream is kept: by global transaction ids or by file and offset.
    """

    name: str
    receiving: bool = True
    applying: bool = True
    connecting: bool = False
    lag_seconds: float | None = None
    delay_seconds: float = 0.0
    error: int | None = None
    filters: int = 0
    positions: Literal["gtid", "file"] | None = None
    encrypted: bool | None = None


class Member(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A server of a set whose members hold the same data and elect the one among them that takes writes.

    ``name`` says which by its number, never where it runs. ``state`` is the engine's word in lower case ("primary",
    "secondary", "recovering", "down", …); None where only the configuration is known. ``votes`` counts in elections,
    and only who has a ``priority`` above 0 can win one. An ``arbiter`` votes and holds no data; who is ``hidden``
    serves no clients; ``delay_seconds`` is a delay that somebody wants. ``lag_seconds`` is how far it is behind the
    primary, None where nobody can tell.

    The log of changes, from which the other members catch up, reaches back ``log_seconds``, holds ``log_bytes`` and
    drops its oldest entries at ``log_limit_bytes``; None where the member could not be asked.
    """

    name: str
    state: str | None = None
    votes: int = 1
    priority: float = 1.0
    arbiter: bool = False
    hidden: bool = False
    builds_indexes: bool = True
    delay_seconds: float = 0.0
    lag_seconds: float | None = None
    log_seconds: float | None = None
    log_bytes: int | None = None
    log_limit_bytes: int | None = None

    @property
    def electable(self) -> bool:
        """Whether it can become the primary."""
        return self.votes > 0 and self.priority > 0 and not self.arbiter


class Shard(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A part of a cluster that holds a part of the data; ``name`` is its number. ``draining``: it is to be removed."""

    name: str
    draining: bool = False


class Node(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One of the servers of a deployment that were asked each by itself; ``name`` is its number, never where it runs.

    ``counters`` and ``states`` are its own numbers and words by the engine's names, as those of ``Server`` are; so are
    the values of ``settings`` that differ from those of the first one. ``slots`` of the key space belong to it.
    """

    name: str
    role: Literal["primary", "replica"] = "primary"
    counters: dict[str, float] = {}
    states: dict[str, str] = {}
    settings: dict[str, str] = {}
    slots: int | None = None
    replicas: int | None = None


class Watch(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Servers that watch a primary and promote a replica when ``quorum`` of them agree that it is down.

    ``watchers`` know of each other, of these ``down`` do not answer. ``down_after_seconds`` is their patience.
    """

    name: str
    watchers: int = 1
    down: int = 0
    quorum: int = 1
    replicas: int = 0
    down_after_seconds: float | None = None
    flags: tuple[str, ...] = ()


class Warned(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the server complained of when it started: ``topic`` is a slug, ``found`` and ``wanted`` are numbers."""

    topic: str
    found: float | None = None
    wanted: float | None = None


class LargeObjects(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Large objects: how many, and their bytes (None: not visible)."""

    count: int = 0
    bytes: int | None = None


class Server(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The server behind the target. ``memory_bytes`` and ``cpus`` are set only when the server itself tells.

    ``counters`` are the engine's own by its own names, counted for ``counters_seconds``; positions and levels that it
    tells in the same place are among them; ``states`` are words that it tells there. ``tls`` says whether clients can
    encrypt their connections, and ``tls_until`` until when the certificate is valid. ``session_authenticated`` is
    False where nobody had to log in. ``role`` is what a server is in a deployment of several. ``balancing`` says
    whether documents are moved so that all shards hold alike; None where there are none. ``totals`` counts for the
    server as a whole what an engine does not count by database. ``nodes`` are all servers of the deployment that
    were asked, the target first, where an engine has to be asked one by one; ``watches`` are those who watch over
    it.
    """

    version_number: int = 0
    version_text: str = ""
    in_recovery: bool = False
    started_at: str | None = None
    session_role: str | None = None
    session_superuser: bool = False
    session_encrypted: bool | None = None
    session_authenticated: bool | None = None
    role: Literal["standalone", "member", "router"] | None = None
    system_identifier: str | None = None
    memory_bytes: int | None = None
    cpus: int | None = None
    data_checksums: bool | None = None
    log_bytes: int | None = None
    notification_queue_usage: float | None = None
    counters: dict[str, float] = {}
    counters_seconds: float | None = None
    states: dict[str, str] = {}
    tls: bool | None = None
    tls_until: str | None = None
    totals: Database | None = None
    settings: tuple[Setting, ...] = ()
    file_errors: tuple[str, ...] = ()
    databases: tuple[Database, ...] = ()
    collations: tuple[Collation, ...] = ()
    slots: tuple[Slot, ...] = ()
    replicas: tuple[Replica, ...] = ()
    sources: tuple[Source, ...] = ()
    members: tuple[Member, ...] = ()
    shards: tuple[Shard, ...] = ()
    nodes: tuple[Node, ...] = ()
    watches: tuple[Watch, ...] = ()
    balancing: bool | None = None
    warnings: tuple[Warned, ...] = ()
    publications: tuple[Publication, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    archiver: Archiver | None = None
    checkpoints: Checkpoints | None = None
    log_statistics: LogStatistics | None = None
    io: tuple[IoStatistics, ...] = ()
    conflicts: Conflicts | None = None
    large_objects: LargeObjects | None = None
    event_triggers: tuple[str, ...] = ()

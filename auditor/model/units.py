"""What a check looks at, one by one: the objects, how a report names them, and how much each weighs in the score.

A check names its unit; the pipeline walks the units, so that a check's body only judges, and so that every result has
a denominator. A new unit is one more value here, with no engine in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import log10
from typing import Any

from msgspec import Struct

from auditor.model.catalog import Table, dotted
from auditor.model.facts import Facts, TableColumn
from auditor.model.finding import Subject


class Unit(Struct, frozen=True, kw_only=True):
    """A kind of object to judge. ``plural`` is how a report counts them; ``weight`` is one's exposure (1 or more)."""

    plural: str
    items: Callable[[Facts], Iterable[Any]]
    subject: Callable[[Any], Subject]
    weight: Callable[[Facts, Any], float] = lambda _facts, _item: 1.0


def _named(kind: str) -> Callable[[Any], Subject]:
    return lambda item: Subject(kind=kind, name=item.name)


def _at_path(kind: str) -> Callable[[Any], Subject]:
    return lambda item: Subject(kind=kind, name=item.path)


def _of_table(facts: Facts, item: Any) -> float:
    return facts.exposure(facts.table(item.table_key))


def table_subject(table: Table) -> Subject:
    """A table or collection, as a report names it."""
    return Subject(kind="collection" if table.kind == "collection" else "table", name=table.path)


def column_subject(item: TableColumn) -> Subject:
    """A column or field, as a report names it."""
    return column_called(item.table, item.column.name)


def column_called(table: Table, name: str) -> Subject:
    """A column or field of a table by its name, as a report names it; a field may be known by its name alone."""
    return Subject(kind="field" if table.kind == "collection" else "column", name=table.column_path(name))


TABLES = Unit(plural="tables", items=lambda f: f.tables, subject=table_subject, weight=lambda f, t: f.exposure(t))
COLLECTIONS = Unit(
    plural="collections", items=lambda f: [table for table in f.tables if table.kind == "collection"],
    subject=table_subject, weight=lambda f, t: f.exposure(t),
)  # fmt: skip
KEY_PATTERNS = Unit(
    plural="key patterns", items=lambda f: f.keyspace.patterns, subject=_at_path("key-pattern"),
    weight=lambda _facts, pattern: 1.0 + log10(1.0 + (pattern.keys.value if pattern.keys is not None else 0.0)),
)  # fmt: skip
LOGICAL_DATABASES = Unit(plural="databases with keys", items=lambda f: f.keyspace.databases, subject=_named("database"))
PARTITIONED_TABLES = Unit(
    plural="partitioned tables", items=lambda f: [t for t in f.tables if t.kind == "partitioned" or t.parts],
    subject=_at_path("table"), weight=lambda f, t: f.exposure(t),
)  # fmt: skip
MATERIALIZED_VIEWS = Unit(
    plural="materialised views", items=lambda f: f.materialized_views, subject=_at_path("view"),
    weight=lambda f, t: f.exposure(t),
)  # fmt: skip
COLUMNS = Unit(
    plural="columns", items=lambda f: f.columns, subject=column_subject,
    weight=lambda f, c: f.exposure(c.table),
)  # fmt: skip
INDEXES = Unit(plural="indexes", items=lambda f: f.indexes, subject=_at_path("index"), weight=_of_table)
FOREIGN_KEYS = Unit(
    plural="foreign keys", items=lambda f: f.foreign_keys, subject=_at_path("constraint"), weight=_of_table
)
CONSTRAINTS = Unit(
    plural="constraints", items=lambda f: f.constraints, subject=_at_path("constraint"), weight=_of_table
)
SEQUENCES = Unit(plural="sequences", items=lambda f: f.sequences, subject=_at_path("sequence"))
VIEWS = Unit(plural="views", items=lambda f: f.views, subject=_at_path("view"))
ROUTINES = Unit(plural="routines", items=lambda f: f.routines, subject=_at_path("function"))
TRIGGERS = Unit(plural="triggers", items=lambda f: f.triggers, subject=_at_path("trigger"), weight=_of_table)
SCHEMAS = Unit(
    plural="schemas", items=lambda f: [s for s in f.catalog.schemas if s.extension is None], subject=_named("schema")
)
EXTENSIONS = Unit(plural="installed extensions", items=lambda f: f.extensions.values(), subject=_named("extension"))
ROLES = Unit(plural="roles", items=lambda f: [r for r in f.security.roles if not r.system], subject=_named("role"))
HOST_RULES = Unit(
    plural="host-based rules", items=lambda f: f.security.host_rules,
    subject=lambda rule: Subject(kind="host-rule", name=f"line {rule.line}"),
)  # fmt: skip
DATABASES = Unit(
    plural="databases",
    items=lambda f: [d for d in f.server.databases if d.allow_connections and not d.template],
    subject=_named("database"),
)
COUNTED_DATABASES = Unit(  # or the server, where it counts for all of them together
    plural="databases with counters of their own",
    items=lambda f: DATABASES.items(f) or ([f.server.totals] if f.server.totals is not None else []),
    subject=lambda d: Subject(kind="database", name=d.name) if d.name else Subject(kind="server", name="server"),
)  # fmt: skip
STATEMENTS = Unit(plural="statements", items=lambda f: f.statements, subject=lambda s: Subject(kind="query", name=s.id))
LOGS = Unit(plural="logs", items=lambda f: f.logs, subject=lambda _log: Subject(kind="server", name="log"))
LOGS_ALONE = Unit(
    plural="logs that stand in for statement statistics",
    items=lambda f: [] if f.statements else f.logs, subject=lambda _log: Subject(kind="server", name="log"),
)  # fmt: skip
COMMANDS = Unit(
    plural="commands", items=lambda f: f.workload.commands, subject=lambda c: Subject(kind="command", name=c.name),
    weight=lambda _facts, command: 1.0 + log10(1.0 + command.calls),
)  # fmt: skip
LATENCY_EVENTS = Unit(plural="latency events", items=lambda f: f.workload.latency, subject=_named("event"))
STREAMS = Unit(
    plural="streams", items=lambda f: f.keyspace.streams,
    subject=lambda stream: Subject(kind="key-pattern", name=stream.path),
)  # fmt: skip
SESSIONS = Unit(
    plural="sessions", items=lambda f: f.sessions, subject=lambda s: Subject(kind="session", name=str(s.id))
)
TRACES = Unit(
    plural="databases with a trace of their operations", items=lambda f: f.workload.traces,
    subject=lambda trace: Subject(kind="database", name=trace.database),
)  # fmt: skip
INDEX_BUILDS = Unit(
    plural="index builds", items=lambda f: [p for p in f.workload.progress if p.kind == "create-index"],
    subject=lambda build: Subject(kind="index", name=dotted(build.schema or "", build.name or "")),
)  # fmt: skip
PREPARED_TRANSACTIONS = Unit(
    plural="prepared transactions", items=lambda f: f.workload.prepared_transactions, subject=_named("transaction")
)
SLOTS = Unit(plural="replication slots", items=lambda f: f.server.slots, subject=_named("replication"))
SOURCES = Unit(
    plural="sources of replication", items=lambda f: f.server.sources,
    subject=lambda source: Subject(kind="replication", name=source.name or "source"),
)  # fmt: skip
JOBS = Unit(plural="scheduled jobs", items=lambda f: f.catalog.jobs, subject=_at_path("job"))
REPLICAS = Unit(plural="replicas", items=lambda f: f.server.replicas, subject=_named("replication"))
MEMBERS = Unit(plural="members", items=lambda f: f.server.members, subject=_named("replication"))
MEMBER_SET = Unit(
    plural="sets of several members", items=lambda f: [f] if len(f.server.members) > 1 else [],
    subject=lambda _facts: Subject(kind="server", name="server"),
)  # fmt: skip
NODES = Unit(
    plural="servers", items=lambda f: f.server.nodes,
    subject=lambda node: Subject(kind="server", name="server" if node.name == "0" else f"server {node.name}"),
)  # fmt: skip
PRIMARIES = Unit(
    plural="primaries", items=lambda f: [node for node in f.server.nodes if node.role == "primary"],
    subject=NODES.subject,
)  # fmt: skip
WATCHES = Unit(plural="watched primaries", items=lambda f: f.server.watches, subject=_named("replication"))
PUBLICATIONS = Unit(plural="publications", items=lambda f: f.server.publications, subject=_named("replication"))
SUBSCRIPTIONS = Unit(plural="subscriptions", items=lambda f: f.server.subscriptions, subject=_named("replication"))
DATABASE = Unit(plural="database", items=lambda f: [f], subject=lambda f: Subject(kind="database", name=f.target.name))
SERVER = Unit(plural="server", items=lambda f: [f], subject=lambda _facts: Subject(kind="server", name="server"))

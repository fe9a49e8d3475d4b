"""From rows to records: sessions."""

from __future__ import annotations

from auditor.model.workload import Session, Workload
from auditor_connectors.mysql.literals import redact
from auditor_connectors.mysql.probe import Raw, Row

_IDLE = "Sleep"
_CLIENTS = frozenset({"Sleep", "Query", "Execute", "Fetch", "Prepare", "Statistics", "Ping", "Init DB", "Field List",
                      "Change user", "Close stmt", "Reset stmt", "Long Data", "Quit", "Connect"})  # fmt: skip
"""The commands of the protocol that applications send; the others are those of replication and background work."""


def workload(raw: Raw) -> Workload:
    """Put together what the probes brought of activity."""
    return Workload(sessions=tuple(map(_session, raw.get("sessions", ()))))


def _session(row: Row) -> Session:
    """A session. The server tells how long it has been in its state: asleep, or at its statement."""
    command, seconds = row["command"], float(row["seconds"] or 0)
    client = command in _CLIENTS and row["user"] not in ("system user", "event_scheduler")
    opened = row["transaction_seconds"]
    idle = command == _IDLE
    return Session(
        id=row["id"],
        kind="client" if client else command.lower(),
        user=row["user"],
        database=row["database"],
        client=row["client"],
        state=("idle in transaction" if opened is not None else "idle") if idle else "active",
        transaction_seconds=None if opened is None else max(0.0, float(opened)),
        query_seconds=None if idle else max(0.0, seconds),
        state_seconds=max(0.0, seconds),
        wait_event=row["state"] or None,
        statement=redact(row["statement"]) or None if row["statement"] else None,
    )

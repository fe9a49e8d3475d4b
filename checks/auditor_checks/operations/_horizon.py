"""Who keeps dead rows from being cleaned: the oldest snapshots that somebody still holds."""

from __future__ import annotations

from typing import NamedTuple

from auditor.model.facts import Facts
from auditor.model.finding import Subject
from auditor.model.operation import AnyOperation, ChangeApplication, DropSlot, EndSession, ResolvePreparedTransaction
from auditor.model.workload import Session
from auditor.text import duration


class Holder(NamedTuple):
    """Something that holds the horizon ``age`` transactions back."""

    age: int
    subject: Subject
    words: str
    advice: str
    operation: AnyOperation
    rows: str = "Rows"
    """Which rows it keeps: a logical slot keeps only those of the system catalogs."""


def holders(facts: Facts) -> list[Holder]:
    """Everything that holds the horizon of the audited database, the oldest first."""
    found = [*_sessions(facts), *_prepared(facts), *_slots(facts), *_replicas(facts)]
    return sorted(found, key=lambda holder: (-holder.age, holder.subject))


def _sessions(facts: Facts) -> list[Holder]:
    # A walsender's horizon is that of the replica or slot behind it.
    return [
        Holder(
            session.horizon_age, Subject(kind="session", name=str(session.id)),
            _session_words(session),
            "Ask its owner, end the session, and set a timeout for transactions that wait",
            EndSession(session=session.id, reason="it keeps dead rows from being cleaned"),
        )
        for session in facts.workload.sessions
        if session.horizon_age is not None
        and session.kind in ("client", "parallel worker", "background worker")
        and session.database in (None, facts.target.name)
    ]  # fmt: skip


def _session_words(session: Session) -> str:
    """Name a session; what the engine hides from this role is left out."""
    state = f", {session.state}" if session.state else ""
    age = f", its transaction open for {duration(session.transaction_seconds)}" if session.transaction_seconds else ""
    return f"session {session.id} of {session.user or 'an unknown role'}{state}{age}"


def _prepared(facts: Facts) -> list[Holder]:
    return [
        Holder(
            transaction.horizon_age, Subject(kind="transaction", name=transaction.name),
            f"the prepared transaction {transaction.name}, {duration(transaction.age_seconds)} old",
            "Ask its coordinator and commit it or roll it back",
            ResolvePreparedTransaction(name=transaction.name),
        )
        for transaction in facts.workload.prepared_transactions
        if transaction.horizon_age is not None and transaction.database == facts.target.name
    ]  # fmt: skip


def _slots(facts: Facts) -> list[Holder]:
    return [
        Holder(
            slot.horizon_age, Subject(kind="replication", name=slot.name),
            f"the {slot.kind} replication slot {slot.name}, {'in use' if slot.active else 'which nobody consumes'}",
            "Let its consumer catch up" if slot.active else "Drop the slot unless its consumer is coming back",
            _catch_up(slot.name) if slot.active else DropSlot(name=slot.name),
            "Rows of the system catalogs" if slot.kind == "logical" else "Rows",
        )
        for slot in facts.server.slots
        if slot.horizon_age is not None
    ]  # fmt: skip


def _replicas(facts: Facts) -> list[Holder]:
    # A replica with a slot holds the horizon through the slot.
    return [
        Holder(
            replica.horizon_age, Subject(kind="replication", name=replica.name),
            f"a query on the replica {replica.name}, which reports its snapshots to this server",
            "Shorten the queries on the replica, or stop it from reporting them",
            _catch_up(replica.name),
        )
        for replica in facts.server.replicas
        if replica.horizon_age is not None and replica.slot is None
    ]  # fmt: skip


def _catch_up(name: str) -> ChangeApplication:
    return ChangeApplication(
        topic="horizon", subject=name, instruction=f"Find out why {name} holds an old snapshot and let it move on."
    )

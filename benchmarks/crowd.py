"""The clients that work while a change is made, and the transactions that are in its way: the same for everybody."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from auditor_connectors.postgresql.rehearsal.clients import PAUSE_SECONDS, Client, Crowd, Role, in_the_way, roles
from auditor_connectors.postgresql.rehearsal.questions import Addition, Work
from auditor_connectors.postgresql.rehearsal.sessions import Connection, Sessions
from auditor_connectors.postgresql.rehearsal.state import Relation

BLOCKED_SECONDS, FREE_SECONDS = 2.0, 1.0
"""How long each transaction is in the way, and how long none is before the next."""

EMAIL = 1
"""The place of the e-mail address among the columns of a new customer, who gets one of his own."""

_SEARCH_PATH = "-c statement_timeout=60s -c search_path="


class Member(Client):
    """A client of a rehearsal, but with new connections only when a deploy gives it some, or when its own has broken.

    A program that meets a stale prepared statement goes on with it: that is what an error of a change costs.
    """

    def __init__(self, sessions: Sessions, role: Role, crowd: Public, seed: int) -> None:
        super().__init__(sessions, role, crowd, seed)
        self._public, self._deployed = crowd, crowd.deploys

    def _ask(self, work: Work) -> bool:
        if self._deployed != self._public.deploys:
            self._deployed = self._public.deploys
            super()._reconnect()
        return super()._ask(work)

    def _reconnect(self) -> None:
        if self._connection.closed:
            super()._reconnect()


class Public(Crowd):
    """The clients while they work. ``deploys`` counts how often they were given new connections."""

    def __init__(self, sessions: Sessions, kinds: Sequence[Role]) -> None:
        super().__init__(sessions, (), seed=0)
        self.deploys = 0
        self._kinds = kinds
        self.clients = [Member(sessions, role, self, number) for number, role in enumerate(kinds)]

    def deploy(self, schema: str = "public") -> None:
        """Have every client take a new connection, in which unqualified names lead to a schema."""
        for kind in self._kinds:
            kind.settings = _SEARCH_PATH + schema
        self.deploys += 1


def kinds_of(connection: Connection, tables: Sequence[Relation], statements: Sequence[str]) -> list[Role]:
    """Make up the clients. They name tables without a schema, so that a deploy can lead them to another.

    ``statements`` are those of the change: what it takes away, clients have stopped to use.
    """
    found = roles(connection, tables, statements, ())
    for kind in found:
        kind.settings = _SEARCH_PATH + "public"
        for work in kind.works:
            if isinstance(work, Addition):
                if work.table == ("public", "customers"):
                    work.fresh.append((EMAIL, "S"))
                work.insert, work.delete = _bare(work.insert), _bare(work.delete)
            else:
                work.statement = _bare(work.statement)
    return found


def _bare(statement: str) -> str:
    return statement.replace("public.", "")


@contextmanager
def disturbed(sessions: Sessions, table: Relation) -> Iterator[None]:
    """Keep a long statement and an idle transaction in the way of a table by turns, from the first moment on."""
    over, begun = threading.Event(), threading.Event()

    def disturb() -> None:
        for number in itertools.count():
            with in_the_way(sessions, table, BLOCKED_SECONDS, works=number % 2 == 0):
                begun.set()
                over.wait(BLOCKED_SECONDS)
            if over.wait(FREE_SECONDS):
                return

    thread = threading.Thread(target=disturb, name="disturbing", daemon=True)
    thread.start()
    begun.wait(timeout=10)
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=20)


__all__ = ["PAUSE_SECONDS", "Public", "disturbed", "kinds_of"]

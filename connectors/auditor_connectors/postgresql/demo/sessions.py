"""The sessions of the shop's applications, which stay connected while the database is looked at."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, Self

import psycopg

from auditor_connectors.postgresql.demo.loading import DATABASE
from auditor_connectors.postgresql.embedded import Server

Ask = Callable[..., psycopg.Cursor[tuple[Any, ...]]]
"""Executes a statement with its parameters, in one of an application's sessions."""

# Application, role, number of sessions. The warehouse service never learned to say its name.
POOLS = (
    ("storefront", "shop_app", 5),
    ("checkout-api", "shop_app", 3),
    ("backoffice", "shop_app", 1),
    ("worker", "shop_app", 1),
    ("metabase", "reporting", 1),
    ("", "fulfilment_service", 2),
)


class Sessions(ExitStack):
    """Every pool of sessions, and two that quarrel about an order. Leaving the context closes them all."""

    def __init__(self, server: Server, passwords: Mapping[str, str]) -> None:
        super().__init__()
        self.server = server
        self.passwords = passwords
        self.pools: dict[str, list[psycopg.Connection[tuple[Any, ...]]]] = {}

    def __enter__(self) -> Self:
        super().__enter__()
        try:
            for application, role, size in POOLS:
                self.pools[application] = [self._open(application, role) for _ in range(size)]
            self._quarrel()
        except BaseException:
            self.close()
            raise
        return self

    def ask(self, application: str) -> Ask:
        """Return a function that executes statements in the application's sessions in turn."""
        turns = itertools.cycle(self.pools[application])
        return lambda statement, *parameters: next(turns).execute(statement, parameters or None)

    @contextmanager
    def transaction(self, application: str) -> Iterator[Ask]:
        """Open a transaction in the application's first session; the value executes statements in it."""
        connection = self.pools[application][0]
        with connection.transaction():
            yield lambda statement, *parameters: connection.execute(statement, parameters or None)

    def settle(self) -> None:
        """Let every session hand over its counters, which it would otherwise keep for up to ten seconds."""
        for connection in itertools.chain.from_iterable(self.pools.values()):
            connection.execute("SELECT pg_stat_force_next_flush()")
            connection.execute("SELECT 1")

    def _open(self, application: str, role: str) -> psycopg.Connection[tuple[Any, ...]]:
        """Open a session that ends with the context.

        It does not wait for the disk at commit, by a start-up option, which an audit does not see: the wait would
        measure the machine of whoever tries this, and say nothing of the shop.
        """
        connection = psycopg.connect(
            self.server.url(DATABASE, role, self.passwords[role]),
            application_name=application,
            options="-c synchronous_commit=off",
            autocommit=True,
        )
        self.callback(connection.close)
        return connection

    def _quarrel(self) -> None:
        """Open a transaction that somebody forgot, and a session that waits for it."""
        forgotten = self._open("backoffice", "shop_app")
        forgotten.execute("BEGIN")
        forgotten.execute("UPDATE shop.orders SET customer_note = 'call back' WHERE id = 29991")
        waiting = self._open("checkout-api", "shop_app")
        # Sent without waiting for the answer, which never comes.
        waiting.pgconn.send_query(b"UPDATE shop.orders SET status = 'shipped' WHERE id = 29991")
        waiting.pgconn.flush()

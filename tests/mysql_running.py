"""Carries out recipes for MySQL and MariaDB as a report's reader would, with clients that read and write meanwhile."""

from __future__ import annotations

import contextlib
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pymysql

from auditor.connector import CollectOptions
from auditor.model.facts import Facts
from auditor.model.operation import AnyOperation
from auditor.model.plan import Step
from auditor.registry import load_connectors
from auditor.target import parse_target
from tests.mysql_servers import Account, Cursor

LOCK_TIMEOUT = 1205
_COUNTER = re.compile(r" AUTO_INCREMENT=\d+")


def facts_of(server: Account, name: str) -> Facts:
    """Audit a database."""
    connector = load_connectors()[server.engine]
    target = parse_target(server.url(name), connector.schemes, connector.example)
    return Facts(connector.collect(target, CollectOptions()))


def steps_of(facts: Facts, operation: AnyOperation) -> list[Step]:
    """What the recipe of an operation makes of a database."""
    recipe = load_connectors()[facts.target.engine].recipes()[operation.kind]
    return [draft.step for draft in recipe(operation, facts)]


def shape(server: Account, name: str) -> dict[str, list[str]]:
    """The definition of every table, line by line: neither the order of keys nor the counter's place matters."""
    tables = server.run("SHOW FULL TABLES WHERE Table_type = 'BASE TABLE'", database=name)
    found = {}
    for table, _ in tables:
        text = server.run(f"SHOW CREATE TABLE `{table.replace('`', '``')}`", database=name)[0][1]
        found[table] = sorted(line.rstrip(",") for line in _COUNTER.sub("", text).split("\n"))
    return found


class Runner:
    """One session that runs steps: it looks whether a step is done, demands what it needs, and verifies."""

    def __init__(self, connection: pymysql.Connection[Cursor]) -> None:
        self.connection = connection
        self.ran: list[str] = []

    def is_true(self, query: str) -> bool:
        return bool(self.all(query)[0][0])

    def all(self, statement: str) -> Sequence[Any]:
        with self.connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall()

    def forward(self, step: Step) -> None:
        """Run a step unless it is done; people's steps cannot be run."""
        if not step.statements or (step.verify is not None and self.is_true(step.verify)):
            return
        assert step.precondition is None or self.is_true(step.precondition), (step.title, step.precondition)
        self.ran.append(step.title)
        for statement in step.statements:
            self.all(statement)
        assert step.verify is None or self.is_true(step.verify), (step.title, step.verify)

    def back(self, step: Step) -> None:
        for statement in step.rollback:
            self.all(statement)


def there_and_back(
    server: Account, name: str, steps: Sequence[Step], *clients: Sequence[str]
) -> tuple[dict[str, list[str]], float]:
    """Run steps while clients work, once more, and back: the definitions afterwards, and the longest that one waited.

    Doing them again must do nothing, and the way back must end at the definitions of before.
    """
    before = shape(server, name)
    with contextlib.closing(server.connect(name)) as connection:
        runner = Runner(connection)
        with under_load(server, name, *clients) as started:
            for step in steps:
                runner.forward(step)
        after, first = shape(server, name), list(runner.ran)
        for step in steps:
            runner.forward(step)
        assert runner.ran == first
        assert shape(server, name) == after != before
        for step in reversed(steps):
            runner.back(step)
    assert shape(server, name) == before
    return after, max(client.longest for client in started)


class Client(threading.Thread):
    """Runs statements one after the other in a session of its own, and measures how long the slowest took."""

    def __init__(self, server: Account, name: str, statements: Sequence[str]) -> None:
        super().__init__(daemon=True)
        self.connection = server.connect(name)
        self.statements = statements
        self.stop = threading.Event()
        self.longest, self.slowest, self.done = 0.0, "", 0
        self.error: Exception | None = None

    def run(self) -> None:
        with contextlib.closing(self.connection), self.connection.cursor() as cursor:
            while not self.stop.is_set():
                statement = self.statements[self.done % len(self.statements)].replace("{n}", str(self.done))
                started = time.monotonic()
                try:
                    cursor.execute(statement)
                    cursor.fetchall()
                except Exception as error:  # noqa: BLE001 -- the test tells
                    self.error = error
                    return
                took = time.monotonic() - started
                if took > self.longest:
                    self.longest, self.slowest = took, statement
                self.done += 1
                self.stop.wait(0.01)


@contextlib.contextmanager
def under_load(server: Account, name: str, *clients: Sequence[str]) -> Iterator[list[Client]]:
    """Let a client run each list of statements until the block ends; none may fail."""
    started = [Client(server, name, statements) for statements in clients]
    for client in started:
        client.start()
    _wait(lambda: all(client.done > 2 or client.error for client in started))
    try:
        yield started
    finally:
        for client in started:
            client.stop.set()
        for client in started:
            client.join(60)
    assert [client.error for client in started] == [None] * len(started)


def _wait(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert condition()


@contextlib.contextmanager
def open_transaction(server: Account, name: str, statement: str) -> Iterator[pymysql.Connection[Cursor]]:
    """Hold the metadata lock of what a statement reads, in a transaction that does not end by itself."""
    connection = server.connect(name)
    try:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute(statement)
            cursor.fetchall()
        yield connection
        connection.rollback()
    finally:
        connection.close()

"""Reading a server through the whole connector, with the rights and the company that a test is about."""

from __future__ import annotations

import contextlib
import itertools
import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from auditor.connector import CollectOptions
from auditor.model.snapshot import Snapshot
from auditor.model.vocabulary import ProbeOutcome
from auditor.target import parse_target
from auditor_connectors.postgresql import connector
from auditor_connectors.postgresql.probe import Probe
from auditor_connectors.postgresql.probes import replication, security, server, workload
from tests.servers import AnyServer

SECRET = "hunter2"
PROBES: tuple[Probe, ...] = (*server.PROBES, *security.PROBES, *workload.PROBES, *replication.PROBES)
"""The probes that are not about the objects of one database."""
_numbers = itertools.count(1)


def collect(url: str, **options: Any) -> Snapshot:
    """Read a target."""
    target = parse_target(url, connector.schemes, connector.example)
    return connector.collect(target, CollectOptions(**options))


def outcomes(snapshot: Snapshot) -> dict[str, ProbeOutcome]:
    """What became of those probes."""
    names = {probe.name for probe in PROBES}
    return {result.probe: result.outcome for result in snapshot.probes if result.probe in names}


@contextlib.contextmanager
def role(on: AnyServer, *grants: str, attributes: str = "") -> Iterator[str]:
    """A role that may log in with the secret as its password; it is dropped afterwards."""
    name = f"role_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(on.url(), autocommit=True) as admin:
        admin.execute("SET password_encryption = 'scram-sha-256'")
        admin.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{SECRET}' {attributes}".encode())
        try:
            for grant in grants:
                admin.execute(f"GRANT {grant} TO {name}".encode())
            yield name
        finally:
            admin.execute(f"DROP OWNED BY {name}".encode())
            admin.execute(f"DROP ROLE {name}".encode())


def eventually(ask: Callable[[], Any], what: str) -> Any:
    """Ask until there is an answer."""
    for _ in range(200):
        if answer := ask():
            return answer
        time.sleep(0.05)
    return pytest.fail(f"it did not come: {what}")


@contextlib.contextmanager
def at_the_same_time(url: str, *statements: str) -> Iterator[None]:
    """Run statements in a session of their own that may wait or work for long; it is ended after the block."""
    with psycopg.connect(url, autocommit=True) as connection:

        def run() -> None:
            with contextlib.suppress(psycopg.Error):
                for statement in statements:
                    connection.execute(statement.encode())

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield
        finally:
            connection.cancel()
            thread.join(timeout=20)
            assert not thread.is_alive()

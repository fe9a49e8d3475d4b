"""Two servers between which a plan moves tables, a client that goes on writing, and who carries out the steps."""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from auditor.model.plan import Step
from auditor_connectors.postgresql.embedded import Server
from tests.collecting import eventually
from tests.servers import AnyServer, Database

OPENS = "Open the target"
STOPS = "Stop writes"


class Client:
    """A client that inserts, updates and deletes, at whichever server ``address`` names, and keeps a record of it."""

    def __init__(self, url: str) -> None:
        self.address = url
        self.expected: dict[int, int] = {}
        self.errors: list[str] = []
        self.waits: list[float] = []
        self._stop = threading.Event()
        self._pause = threading.Event()
        self._resting = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(30)
        assert not self._thread.is_alive()

    @contextlib.contextmanager
    def at_rest(self) -> Iterator[dict[int, int]]:
        """Hold the client between two transactions; the value is what its table must hold."""
        self._resting.clear()
        self._pause.set()
        assert self._resting.wait(30)
        try:
            yield dict(self.expected)
        finally:
            self._pause.clear()

    def _run(self) -> None:
        chance = random.Random(1)
        last = time.monotonic()
        while not self._stop.is_set():
            if self._pause.is_set():
                self._resting.set()
                time.sleep(0.005)
                last = time.monotonic()
                continue
            url = self.address
            try:
                with psycopg.connect(url, autocommit=True) as connection:
                    while url == self.address and not self._stop.is_set() and not self._pause.is_set():
                        self._write(connection, chance)
                        now = time.monotonic()
                        self.waits.append(now - last)
                        last = now
                        time.sleep(0.002)
            except psycopg.errors.ReadOnlySqlTransaction:
                time.sleep(0.005)  # writes are stopped: nothing was changed, try again
            except psycopg.errors.LockNotAvailable:
                time.sleep(0.005)
            except psycopg.Error as error:
                self.errors.append(f"{type(error).__name__}: {error}")
                time.sleep(0.05)

    def _write(self, connection: psycopg.Connection[tuple[Any, ...]], chance: random.Random) -> None:
        choice = chance.random()
        value = chance.randrange(10**6)
        if choice < 0.6 or len(self.expected) < 10:
            row = connection.execute(
                "INSERT INTO shop.orders (customer_id, amount, note) VALUES (%s, %s, 'live') RETURNING id",
                (1 + value % 50, value),
            ).fetchone()
            assert row is not None
            assert row[0] not in self.expected
            self.expected[row[0]] = value
        elif choice < 0.9:
            key = chance.choice(tuple(self.expected))
            connection.execute("UPDATE shop.orders SET amount = %s WHERE id = %s", (value, key))
            self.expected[key] = value
        else:
            key = chance.choice(tuple(self.expected))
            connection.execute("DELETE FROM shop.orders WHERE id = %s", (key,))
            del self.expected[key]


@dataclass
class Pair:
    """The audited server, the target, and a folder for what the shell leaves. ``took`` are seconds by step."""

    source: Database
    target: Database
    folder: Path
    took: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        lines = []
        for name, database in (("auditor_source", self.source), ("auditor_target", self.target)):
            lines += [f"[{name}]", *(f"{key}={value}" for key, value in conninfo_to_dict(database.url).items())]
        (self.folder / "services").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def side(self, step: Step) -> Database:
        """The database that a step works on."""
        return self.target if step.server == "target" else self.source

    def run(self, step: Step) -> None:
        """Carry out a step on its server, with what people do in a shell, and verify it."""
        begun = time.monotonic()
        with self.side(step).connect() as connection:
            connection.execute("SET statement_timeout = '120s'")
            if step.precondition is not None:
                assert _ask(connection, step.precondition) is True, f"precondition of {step.title}: {step.precondition}"
            if step.statements and step.transactional:
                for _ in range(20):
                    try:
                        with connection.transaction():
                            for statement in step.statements:
                                connection.execute(self.addressed(statement).encode())
                        break
                    except psycopg.errors.LockNotAvailable:
                        time.sleep(0.05)
                else:
                    raise AssertionError(f"no lock for {step.title}")
            else:
                self.one_by_one(connection, step.statements)
            for note in step.notes:
                if note.startswith("$ ") and not note.startswith("$ pg_ctl"):
                    self.shell(note[2:])
            connection.execute("RESET ALL")
            if step.verify is not None:
                eventually(lambda: _ask(connection, step.verify or ""), f"verification of {step.title}: {step.verify}")
        self.took[step.title] = time.monotonic() - begun

    def undo(self, step: Step) -> None:
        """Take a step back on its server."""
        with self.side(step).connect() as connection:
            self.one_by_one(connection, step.rollback)

    def one_by_one(self, connection: psycopg.Connection[Any], statements: Sequence[str]) -> None:
        """Run statements outside of a transaction, unless they open one."""
        for statement in statements:
            connection.execute(self.addressed(statement).encode())

    def addressed(self, statement: str) -> str:
        """Put addresses in the place of services: the disposable servers have no service file."""
        for name, database in (("auditor_source", self.source), ("auditor_target", self.target)):
            info = make_conninfo(database.url)
            statement = statement.replace(f"'service={name}'", "'" + info.replace("'", "''") + "'")
        return statement

    def shell(self, command: str) -> None:
        """Run a command as people would, with the programs of the newer server."""
        server = self.target.server
        assert isinstance(server, Server)
        place = Path(server.binaries.program("psql")).parent
        environment = {
            **server.binaries.environment, "PATH": f"{place}:{os.environ['PATH']}",
            "PGSERVICEFILE": str(self.folder / "services"),
        }  # fmt: skip
        done = subprocess.run(
            ["/bin/bash", "-e", "-o", "pipefail", "-c", command], cwd=self.folder, env=environment, capture_output=True,
            text=True, stdin=subprocess.DEVNULL, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}: {done.stderr}"


def _ask(connection: psycopg.Connection[tuple[Any, ...]], query: str) -> Any:
    row = connection.execute(query.encode()).fetchone()
    return None if row is None else row[0]


def steps_until(steps: Sequence[Step], beginning: str) -> int:
    """The number of the first step whose title begins so."""
    return next(number for number, step in enumerate(steps) if step.title.startswith(beginning))


__all__ = ["OPENS", "STOPS", "AnyServer", "Client", "Pair", "steps_until"]

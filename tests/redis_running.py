"""Carries out recipes for Redis and Valkey as a report's reader would, in bash, with clients that read and write."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from importlib.resources import files as resources
from pathlib import Path
from typing import Any, Self

import redis
from msgspec.structs import replace

from auditor.connector import CollectOptions
from auditor.model.facts import Facts
from auditor.model.keyspace import KeyPattern, Keyspace
from auditor.model.operation import AnyOperation
from auditor.model.plan import Step
from auditor.registry import load_connectors
from auditor.target import parse_target
from tests.redis_programs import program
from tests.redis_servers import Server

LONGEST_WAIT_SECONDS = 1.0
"""What a client may wait at most while a recipe runs, on a machine that others use too."""

_PATIENCE = 120.0
_CONNECT = resources("auditor_connectors.redis.exporting").joinpath("connect.bash")


class ShellError(Exception):
    """A statement failed; the message is what it said."""


class Shell:
    """Bash in which redis-cli reaches a server, with a working directory of its own; a context manager."""

    def __init__(self, server: Server, target: Server | None = None, **variables: str) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.place = Path(self._folder.name)
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": self._folder.name, "URL": server.url(node=0), "REST": "0",
            "REDIS_CLI": program("redis-cli"), "BASH_ENV": str(_CONNECT),
            **({"TARGET_URL": target.url(node=0)} if target is not None else {}), **variables,
        }  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    def bash(self, text: str) -> subprocess.CompletedProcess[str]:
        """Run a text."""
        return subprocess.run(
            ["bash", "-c", text], env=self.environment, cwd=self.place, stdin=subprocess.DEVNULL, capture_output=True,
            text=True, check=False, timeout=_PATIENCE,
        )  # fmt: skip

    def run(self, *statements: str) -> str:
        """Run statements one after the other, and return what they print.

        Raises:
            ShellError: one of them failed; those behind it did not run.

        """
        done = self.bash("\n".join(["set -e", *(f"{one};" for one in statements)]))
        if done.returncode:
            raise ShellError((done.stdout + done.stderr).strip())
        return done.stdout


class Runner:
    """Runs steps: it looks whether a step is done, demands what it needs, and verifies."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.ran: list[str] = []

    def is_true(self, test: str) -> bool:
        done = self.shell.bash(test)
        assert done.returncode in (0, 1), (test, done.stderr)
        return done.returncode == 0

    def forward(self, step: Step) -> None:
        """Run a step unless it is done; people's steps cannot be run."""
        if not step.statements or (step.verify is not None and self.is_true(step.verify)):
            return
        assert step.precondition is None or self.is_true(step.precondition), (step.title, step.precondition)
        self.ran.append(step.title)
        self.shell.run(*step.statements)
        assert step.verify is None or self.is_true(step.verify), (step.title, step.verify)

    def back(self, step: Step) -> None:
        self.shell.run(*step.rollback)


def facts_of(server: Server, *patterns: KeyPattern) -> Facts:
    """Audit a server; ``patterns`` stand for what a sample of its keys shows."""
    connector = load_connectors()["redis"]
    target = parse_target(server.url(), connector.schemes, connector.example)
    snapshot = connector.collect(target, CollectOptions(sample=False))
    known = Keyspace(databases=snapshot.keyspace.databases, patterns=patterns)
    return Facts(replace(snapshot, keyspace=known) if patterns else snapshot)


def steps_of(facts: Facts, operation: AnyOperation) -> list[Step]:
    """What the recipe of an operation makes of a server."""
    recipe = load_connectors()["redis"].recipes()[operation.kind]
    return [draft.step for draft in recipe(operation, facts)]


class Moment(float):
    """Seconds since 1970, equal where they are nearly the same: a server tells what is left, and that is read later."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, float) and abs(self - other) < 0.2


def held(server: Server, database: int = 0) -> dict[bytes, tuple[Any, Moment | None]]:
    """All keys with their values, and the moments at which they end (None: never)."""
    found: dict[bytes, tuple[Any, Moment | None]] = {}
    for node in range(len(server.nodes)):
        with contextlib.closing(server.open(node=node)) as client:
            if client.info("replication")["role"] != "master":
                continue
            if database:
                client.execute_command("SELECT", database)
            for key in client.scan_iter(count=1000):
                left = client.pttl(key)
                found[key] = (_value(client, key), None if left < 0 else Moment(time.time() + left / 1000))
    return found


def _value(client: redis.Redis, key: bytes) -> Any:
    kind = client.type(key)
    reads: Mapping[bytes, Callable[[], Any]] = {
        b"string": lambda: client.get(key),
        b"hash": lambda: client.hgetall(key),
        b"set": lambda: client.smembers(key),
        b"zset": lambda: client.zrange(key, 0, -1, withscores=True),
        b"list": lambda: client.lrange(key, 0, -1),
        b"stream": lambda: client.xrange(key),
    }
    return reads[kind]()


def values(keys: Mapping[bytes, tuple[Any, Moment | None]]) -> dict[bytes, Any]:
    """The values alone, of keys that somebody keeps writing to with an expiry."""
    return {key: value for key, (value, _) in keys.items()}


class Worker(threading.Thread):
    """Calls a function over and over with a client of its own, and measures how long the slowest call took."""

    def __init__(self, server: Server, call: Callable[[redis.Redis, int], object]) -> None:
        super().__init__(daemon=True)
        self._client = server.open()
        self._call = call
        self.stop = threading.Event()
        self.longest, self.done = 0.0, 0
        self.error: Exception | None = None

    def run(self) -> None:
        with contextlib.closing(self._client) as client:
            while not self.stop.is_set():
                started = time.monotonic()
                try:
                    self._call(client, self.done)
                except Exception as error:  # noqa: BLE001 -- the test tells
                    self.error = error
                    return
                self.longest = max(self.longest, time.monotonic() - started)
                self.done += 1
                self.stop.wait(0.002)


@contextlib.contextmanager
def under_load(server: Server, *calls: Callable[[redis.Redis, int], object]) -> Iterator[list[Worker]]:
    """Let a client make each call over and over until the block ends; none may fail or wait for long."""
    workers = [Worker(server, call) for call in calls]
    for worker in workers:
        worker.start()
    deadline = time.monotonic() + 20
    while not all(worker.done > 2 or worker.error for worker in workers) and time.monotonic() < deadline:
        time.sleep(0.01)
    try:
        yield workers
    finally:
        for worker in workers:
            worker.stop.set()
        for worker in workers:
            worker.join(60)
    assert [worker.error for worker in workers] == [None] * len(workers)
    assert max(worker.longest for worker in workers) < LONGEST_WAIT_SECONDS

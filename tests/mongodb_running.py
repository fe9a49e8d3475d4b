"""Carries out recipes for MongoDB as a report's reader would in mongosh, with clients that read and write meanwhile."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from bson import json_util
from pymongo import MongoClient

from auditor.connector import CollectOptions
from auditor.model.catalog import Catalog
from auditor.model.facts import Facts
from auditor.model.operation import AnyOperation
from auditor.model.plan import Step
from auditor.model.security import Role, Security
from auditor.model.server import Member, Server
from auditor.model.snapshot import Snapshot, TargetInfo
from auditor.registry import load_connectors
from auditor.target import parse_target
from tests.mongodb_servers import Client
from tests.mongodb_servers import Server as Running
from tests.mongodb_shell import ShellError
from tests.servers import Pool

_END = "\x1e"
_LOOP = f"""
const fs = require("fs");
const asked = fs.openSync(process.env.ASKED, "r"), answers = fs.openSync(process.env.ANSWERS, "w");
const byte = Buffer.alloc(1);
for (;;) {{
  let path = "";
  while (fs.readSync(asked, byte, 0, 1) === 1 && byte.toString() !== "\\n") path += byte.toString();
  if (path === "") break;
  globalThis.answer = null;
  try {{
    load(path);
    fs.writeSync(answers, JSON.stringify({{answer: EJSON.stringify(globalThis.answer)}}) + "{_END}");
  }} catch (error) {{
    fs.writeSync(answers, JSON.stringify({{error: `${{error.name}}: ${{error.message}}`}}) + "{_END}");
  }}
}}
"""
"""What lets one shell run script after script: starting one takes seconds."""

_DEFAULTS = {"validationLevel": "strict", "validationAction": "error", "validator": {}}


class Shell:
    """One mongosh that runs scripts; a context manager."""

    def __init__(self, pool: Pool, server: Running) -> None:
        program = pool.mongosh_program()
        self._folder = tempfile.TemporaryDirectory()
        home = Path(self._folder.name)
        self._script, loop = home / "script.js", home / "loop.js"
        loop.write_text(_LOOP, encoding="utf-8")
        asked, answers = home / "asked", home / "answers"
        os.mkfifo(asked)
        os.mkfifo(answers)
        self._process = subprocess.Popen(
            [program, "--quiet", "--norc", server.url(), "--file", str(loop)],
            env={"PATH": os.environ["PATH"], "HOME": str(home), "TZ": "UTC", "ASKED": str(asked),
                 "ANSWERS": str(answers)},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, cwd=home,
        )  # fmt: skip
        self._asked, self._answers = asked.open("w", encoding="utf-8"), answers.open(encoding="utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._asked.close()
        self._process.wait(20)
        self._answers.close()
        self._folder.cleanup()

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        self._process.kill()

    def run(self, *statements: str) -> None:
        """Run statements, each ended as a report ends it.

        Raises:
            ShellError: one of them failed; those behind it did not run.

        """
        self._send("\n".join(f"{one};" for one in statements))

    def value(self, expression: str) -> Any:
        """What an expression is worth.

        Raises:
            ShellError: it failed.

        """
        return self._send(f"globalThis.answer = {expression};")

    def _send(self, script: str) -> Any:
        self._script.write_text(script, encoding="utf-8")
        self._asked.write(f"{self._script}\n")
        self._asked.flush()
        told = ""
        while not told.endswith(_END):
            read = self._answers.read(1)
            if not read:
                raise ShellError("the shell has ended")
            told += read
        answer = json.loads(told[:-1])
        if "error" in answer:
            raise ShellError(answer["error"])
        return json_util.loads(answer["answer"])


class Runner:
    """Runs steps: it looks whether a step is done, demands what it needs, and verifies."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.ran: list[str] = []

    def is_true(self, expression: str) -> bool:
        found = self.shell.value(expression)
        assert isinstance(found, bool), (expression, found)
        return found

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


def facts_of(server: Running, name: str) -> Facts:
    """Audit a database."""
    connector = load_connectors()["mongodb"]
    target = parse_target(server.url(name), connector.schemes, connector.example)
    return Facts(connector.collect(target, CollectOptions()))


def steps_of(facts: Facts, operation: AnyOperation) -> list[Step]:
    """What the recipe of an operation makes of a database."""
    recipe = load_connectors()["mongodb"].recipes()[operation.kind]
    return [draft.step for draft in recipe(operation, facts)]


def shape(server: Running, name: str) -> dict[str, Any]:
    """Options, indexes and documents of every collection; options that are the defaults are none."""
    database, found = server.client[name], {}
    for info in database.list_collections():
        options = {key: value for key, value in info["options"].items() if _DEFAULTS.get(key) != value}
        if info["type"] == "view":
            found[info["name"]] = (options,)
            continue
        indexes = sorted(database[info["name"]].list_indexes(), key=lambda index: str(index["name"]))
        documents = sorted(database[info["name"]].find(), key=lambda document: str(document["_id"]))
        found[info["name"]] = (options, [dict(index) for index in indexes], documents)
    return found


class Worker(threading.Thread):
    """Calls a function over and over with a client of its own, and measures how long the slowest call took."""

    def __init__(self, server: Running, call: Callable[[Client, int], object]) -> None:
        super().__init__(daemon=True)
        self._client: Client = MongoClient(server.url(), tz_aware=True)
        self._call = call
        self.stop = threading.Event()
        self.longest, self.done = 0.0, 0
        self.error: Exception | None = None

    def run(self) -> None:
        with self._client as client:
            while not self.stop.is_set():
                started = time.monotonic()
                try:
                    self._call(client, self.done)
                except Exception as error:  # noqa: BLE001 -- the test tells
                    self.error = error
                    return
                self.longest = max(self.longest, time.monotonic() - started)
                self.done += 1
                self.stop.wait(0.01)


@contextlib.contextmanager
def under_load(server: Running, *calls: Callable[[Client, int], object]) -> Iterator[list[Worker]]:
    """Let a client make each call over and over until the block ends; none may fail."""
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


@contextlib.contextmanager
def open_transaction(server: Running, name: str, collection: str) -> Iterator[None]:
    """Hold a collection's lock in a transaction that has written to it and does not end by itself."""
    with server.client.start_session() as session, session.start_transaction():
        server.client[name][collection].insert_one({"_id": "open"}, session=session)
        yield
        session.abort_transaction()


def fill(server: Running, name: str, collection: str, documents: Sequence[Mapping[str, Any]]) -> None:
    """Make a collection of documents anew."""
    server.client[name].drop_collection(collection)
    server.client[name][collection].insert_many([dict(one) for one in documents])


def facts_with(
    version: int = 60005,
    *,
    catalog: Catalog | None = None,
    roles: tuple[Role, ...] = (),
    members: tuple[Member, ...] = (),
) -> Facts:
    """What an audit says of a server that exists on paper only."""
    snapshot = Snapshot(
        tool_version="0",
        target=TargetInfo(engine="mongodb", version="6.0", name="shop", collected_at="2026-01-15T12:00:00Z"),
        server=Server(version_number=version, members=members),
        catalog=catalog or Catalog(),
        security=Security(roles=roles),
    )
    return Facts(snapshot)

"""Runs a case of a case file for MongoDB: builds its collections in the database ``shop`` and audits that."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bson import json_util
from pymongo import MongoClient
from pymongo.client_session import ClientSession
from pymongo.errors import PyMongoError

from auditor.checking import CheckRun, run_check
from auditor.connector import CollectOptions
from auditor.model.facts import Facts
from auditor.registry import connector_for, load_checks
from auditor.target import parse_target
from tests.case_format import Case, CaseError, Statement
from tests.cases import shifted
from tests.mongodb_servers import Client, Server, Started, account
from tests.servers import Pool

DATABASE = "shop"
_SYSTEM = {"admin", "config", "local"}
_GOES_ON = 1.0
"""Seconds after which a case goes on without a command that runs for long."""
_PATIENCE = 20.0
_NEVER = 3_600_000
"""Milliseconds that no command of a case takes."""
_BATCH = 1000
"""Documents that are inserted at once, of those that a ``$repeat`` makes."""
_KILOBYTE = "x" * 1024


def run_mongodb_case(case: Case, version: str, pool: Pool) -> CheckRun:
    """Build the collections of a case on a server, audit them, and run the case's check alone.

    The version is one of `mongodb_servers.VERSIONS`, or "" for the one that all tests use.

    Raises:
        CaseError: a command of the case failed.

    """
    with contextlib.ExitStack() as stack:
        settings = {**({"version": version} if version else {}), **case.settings}
        if case.roles is not None:
            settings["auth"] = "on"
        server = stack.enter_context(pool.own_mongodb(settings)) if case.exclusive else pool.mongodb(settings)
        stack.enter_context(built(case, server))
        user, password = stack.enter_context(account(server, *case.roles)) if case.roles is not None else (None, "")
        connector = connector_for("mongodb")
        target = parse_target(server.url(DATABASE, user, password), connector.schemes, connector.example)
        slow_log = server.log() if case.slow_log and isinstance(server, Started) else None
        snapshot = connector.collect(target, CollectOptions(slow_log=slow_log))
    return run_check(load_checks()[case.check], Facts(shifted(snapshot, case.after_days)), case.limits)


@contextlib.contextmanager
def built(case: Case, server: Server) -> Iterator[None]:
    """Run the commands of a case: inside the block the collections are there, and its sessions are open."""
    with contextlib.ExitStack() as stack:
        if not case.exclusive:  # a server of its own is thrown away
            stack.enter_context(_left_as_it_was(case, server))
        sessions: dict[str, _Session] = {}
        with contextlib.nullcontext() if case.exclusive else _nothing_logged(server):
            for statement in case.statements:
                name = statement.session
                if name not in sessions:
                    sessions[name] = stack.enter_context(_session(server, name))
                sessions[name].run(case, statement)
        if "" in sessions:
            sessions[""].client.close()
        yield
        for session in sessions.values():
            if session.error is not None:
                raise session.error


@contextlib.contextmanager
def _nothing_logged(server: Server) -> Iterator[None]:
    """Keep what is slow out of the log, which is there for the next cases as well."""
    before = server.run({"profile": 0, "slowms": _NEVER})
    try:
        yield
    finally:
        server.run({"profile": before["was"], "slowms": before["slowms"]})


@contextlib.contextmanager
def _left_as_it_was(case: Case, server: Server) -> Iterator[None]:
    """Take back what a case does to the server: databases, accounts and roles go, parameters are as before."""
    server.client.drop_database(DATABASE)
    databases = set(server.client.list_database_names()) | _SYSTEM
    logins = _logins(server)
    commands = [json_util.loads(statement.text) for statement in case.statements]
    names = {name for command in commands if "setParameter" in command for name in command} - {"setParameter", "$db"}
    before = server.run({"getParameter": 1, **dict.fromkeys(sorted(names), 1)}) if names else {}
    try:
        yield
    finally:
        for kind, database, name in sorted(_logins(server) - logins):
            server.run({f"drop{kind}": name}, database)
        for database in sorted(set(server.client.list_database_names()) - databases):
            server.client.drop_database(database)  # and its profiler is off
        for name in sorted(names):
            server.run({"setParameter": 1, name: before[name]})


def _logins(server: Server) -> set[tuple[str, str, str]]:
    """The accounts, and the roles that somebody made: what they are, their database and name."""
    found: set[tuple[str, str, str]] = set()
    for kind in ("User", "Role"):
        for each in server.client.admin[f"system.{kind.lower()}s"].find({}, {"db": 1, kind.lower(): 1}):
            found.add((kind, each["db"], each[kind.lower()]))
    return found


@dataclass
class _Session:
    """A client of a case with one session, and the command that it has left running."""

    server: Server
    client: Client
    session: ClientSession
    running: threading.Thread | None = None
    error: CaseError | None = None

    def run(self, case: Case, statement: Statement) -> None:
        """Run a command as often as the case says, after the one that this session still runs.

        Raises:
            CaseError: it failed.

        """
        if self.running is not None:
            self.running.join(_PATIENCE)
        if self.error is not None:
            raise self.error
        if not statement.background:
            self._repeat(case, statement)
            return
        self.running = threading.Thread(target=self._left_behind, args=(case, statement), daemon=True)
        self.running.start()
        self.running.join(_GOES_ON)

    def end(self) -> None:
        """End what runs or is open: a command, a transaction that the driver does not know of, cursors."""
        self.server.run({"killSessions": [self.session.session_id]})
        if self.running is not None:
            self.running.join(_PATIENCE)
        with contextlib.suppress(PyMongoError):  # it may be closed
            self.session.end_session()
        self.client.close()

    def _left_behind(self, case: Case, statement: Statement) -> None:
        try:
            self._repeat(case, statement)
        except CaseError as error:
            self.error = error

    def _repeat(self, case: Case, statement: Statement) -> None:
        try:
            command = json_util.loads(statement.text)
            database = command.pop("$db", DATABASE)
            for _ in range(statement.repeat):
                for part in _parts(self.server, command):
                    self._execute(part, database, drain=not statement.session)
        except PyMongoError as error:
            message = f"{case.path.name}:{statement.line}: {error}\n{statement.text[:400]}"
            raise CaseError(message) from None

    def _execute(self, command: Mapping[str, Any], database: str, *, drain: bool) -> None:
        """Run a command, and have all that it found sent."""
        answer = self.client[database].command(command, session=self.session)
        for wrong in ("writeErrors", "writeConcernError"):
            if wrong in answer:
                raise PyMongoError(str(answer[wrong])[:400])
        while drain and (cursor := answer.get("cursor", {})).get("id"):
            collection = cursor["ns"].partition(".")[2]
            answer = self.client[database].command(
                {"getMore": cursor["id"], "collection": collection}, session=self.session
            )


@contextlib.contextmanager
def _session(server: Server, name: str) -> Iterator[_Session]:
    client: Client = MongoClient(server.url(), appname=name or None)
    session = _Session(server, client, client.start_session())
    try:
        yield session
    finally:
        session.end()


def _parts(server: Server, command: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The command, or several that insert what its ``$repeat`` makes."""
    given = command.get("documents")
    if "insert" not in command or not any("$repeat" in document for document in given or ()):
        yield command
        return
    made = [one for document in given for one in (_made(server, document) if "$repeat" in document else [document])]
    for start in range(0, len(made), _BATCH):
        yield {**command, "documents": made[start : start + _BATCH]}


def _made(server: Server, template: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Documents that the server itself computes, and which no profiler of the audited database sees."""
    numbers = {"$range": [0, template["$repeat"]]}
    stages: list[dict[str, Any]] = [
        {"$limit": 1},
        {"$project": {"_id": 0, "made": {"$map": {"input": numbers, "as": "i", "in": template["document"]}}}},
        {"$unwind": "$made"},
        {"$replaceRoot": {"newRoot": "$made"}},
    ]
    # A collection that is never empty; version 5.0 has no $documents, which needs none.
    return list(server.client.admin["system.version"].aggregate(stages, let={"kilobyte": _KILOBYTE}))

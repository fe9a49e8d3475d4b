"""Runs a case of a case file for Redis and Valkey: builds its keys on an empty server and audits all of that."""

from __future__ import annotations

import contextlib
import re
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import redis
from redis import ConnectionPool
from redis.exceptions import MovedError, RedisError

from auditor.checking import CheckRun, run_check
from auditor.connector import CollectOptions
from auditor.model.facts import Facts
from auditor.registry import connector_for, load_checks
from auditor.target import parse_target
from tests.case_format import Case, CaseError, Statement
from tests.cases import shifted
from tests.redis_servers import Client, Server, account
from tests.redis_words import MAJORS, words
from tests.servers import Pool

_GOES_ON = 1.0
"""Seconds after which a case goes on without a command that waits."""
_PATIENCE = 20.0
_TOPOLOGY = {"replicas", "cluster", "sentinel", "renamed"}
"""Settings of servers that are thrown away after a case, because nothing takes back what is done to them."""
_UNKNOWN = "(?i)unknown command|unknown subcommand|wrong number of arguments"


def servers_of(case: Case, everywhere: bool = False) -> tuple[str, ...]:
    """The servers that a case runs on, of `redis_servers.SERVERS`: those that it names, or one of each product.

    If ``everywhere``, also the older ones of the products. Where its versions allow none of these it is the oldest that
    they do allow; where it wants TLS it is the only one that has it.
    """
    if case.settings.get("tls") == "on":
        return ("redis-debian",)
    low, high = case.versions
    fitting = [name for name, major in MAJORS.items() if low <= major <= high]
    related = [name for name in fitting if name.partition("-")[0] in case.engines]
    return tuple([name for name in fitting if name in case.engines or (everywhere and name in related)] or related[:1])


def run_redis_case(case: Case, engine: str, pool: Pool) -> CheckRun:
    """Build the keys of a case on one of `redis_servers.SERVERS`, audit it, and run the case's check alone.

    Raises:
        CaseError: a command of the case failed.

    """
    with contextlib.ExitStack() as stack:
        settings = dict(case.settings)
        if case.replica is not None:
            settings.setdefault("replicas", "1")
        thrown_away = case.exclusive or bool(_TOPOLOGY & set(settings))
        server = stack.enter_context(pool.own_redis(settings, engine)) if thrown_away else pool.redis(settings, engine)
        stack.enter_context(_connections_closed(server))
        if not thrown_away:
            stack.enter_context(left_as_it_was(server))
        login = stack.enter_context(account(server, case.roles)) if case.roles is not None else (None, "")
        stack.enter_context(built(case, server))
        connector = connector_for("redis")
        url = server.url(*login, node=1 if case.replica == "audited" else None)
        target = parse_target(url, connector.schemes, connector.example)
        snapshot = connector.collect(target, CollectOptions())
    return run_check(load_checks()[case.check], Facts(shifted(snapshot, case.after_days)), case.limits)


@contextlib.contextmanager
def built(case: Case, server: Server) -> Iterator[None]:
    """Run the commands of a case: inside the block the keys are there, and its sessions are open.

    What the server has counted before is forgotten.
    """
    sessions: dict[str, _Session] = {}
    with contextlib.ExitStack() as stack:
        _forget(server)
        for statement in case.statements:
            if statement.pause:
                time.sleep(statement.pause)
                continue
            name = statement.session
            if name not in sessions:
                sessions[name] = stack.enter_context(contextlib.closing(_Session(server, name)))
            sessions[name].run(case, statement)
        if "" in sessions:
            sessions.pop("").close()
        yield
        for session in sessions.values():
            if session.error is not None:
                raise session.error


def _forget(server: Server) -> None:
    """Set back what the servers count of commands, errors and slow ones."""
    for client in _each(server):
        _run(client, "SLOWLOG RESET")
        for kind in ("slow", "large-request", "large-reply"):
            _run(client, f"COMMANDLOG RESET {kind}")
        _run(client, "LATENCY RESET")
        _run(client, "ACL LOG RESET")
        _run(client, "CONFIG RESETSTAT")


def empty(server: Server) -> None:
    """Drop everything that the servers hold: keys, scripts, functions; nothing is left to save."""
    for client in _each(server):
        if client.execute_command("ROLE")[0] in {b"master", "master"}:
            client.execute_command("FLUSHALL", "SYNC")
            _run(client, "FUNCTION FLUSH")
            client.execute_command("SAVE")
        _run(client, "SCRIPT FLUSH")


@contextlib.contextmanager
def left_as_it_was(server: Server) -> Iterator[None]:
    """Take back what a case does: keys, scripts, functions and accounts go, settings are as before."""
    empty(server)
    with contextlib.closing(server.open()) as admin:
        settings, accounts = _settings(admin), _accounts(admin)
    try:
        yield
    finally:
        with contextlib.closing(server.open()) as admin:
            for name, value in _settings(admin).items():
                if settings.get(name, value) != value:
                    admin.execute_command("CONFIG", "SET", name, settings[name])
            for name in _accounts(admin) - accounts:
                admin.execute_command("ACL", "DELUSER", name)
        empty(server)


@contextlib.contextmanager
def _connections_closed(server: Server) -> Iterator[None]:
    """Close the harness's own client, which the audit would count, and again at the end."""
    server.client.close()
    try:
        yield
    finally:
        server.client.close()


def _settings(client: Client) -> dict[str, str]:
    told = client.execute_command("CONFIG", "GET", "*", NEVER_DECODE=True)
    pairs = told.items() if isinstance(told, dict) else zip(told[::2], told[1::2], strict=True)
    return {name.decode(): value.decode(errors="surrogateescape") for name, value in pairs}


def _accounts(client: Client) -> set[str]:
    return {name.decode() for name in client.execute_command("ACL", "USERS")}


def _each(server: Server) -> Iterator[Client]:
    for node in range(len(server.nodes)):
        with contextlib.closing(server.open(node=node)) as client:
            yield client


def _run(client: Client, command: str) -> None:
    """Run a command that not every version knows, and that may have no name."""
    try:
        client.execute_command(*command.split())
    except redis.ResponseError as error:
        if not re.search(_UNKNOWN, str(error)):
            raise


@dataclass
class _Session:
    """A connection of a case, those to which a cluster has sent it on, and the command that it has left running."""

    server: Server
    name: str
    running: threading.Thread | None = None
    error: CaseError | None = None
    closed: bool = False
    _connections: dict[str, Any] = field(default_factory=dict)

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

    def close(self) -> None:
        """Hang up, which also ends a command that waits."""
        self.closed = True
        for connection in self._connections.values():
            connection.disconnect()
        if self.running is not None:
            self.running.join(_PATIENCE)

    def _left_behind(self, case: Case, statement: Statement) -> None:
        try:
            self._repeat(case, statement)
        except CaseError as error:
            self.error = error

    def _repeat(self, case: Case, statement: Statement) -> None:
        try:
            command = words(statement.text)
            for _ in range(statement.repeat):
                self._execute(command)
        except (RedisError, OSError, ValueError) as error:
            if self.closed:
                return
            message = f"{case.path.name}:{statement.line}: {error}\n{statement.text[:400]}"
            raise CaseError(message) from None

    def _execute(self, command: Sequence[bytes]) -> None:
        """Run a command, where a cluster wants it run."""
        url = self.server.url(node=0)
        try:
            self._ask(url, command)
        except MovedError as moved:
            place = f"{moved.host}:{moved.port}"
            self._ask(next(other for other in self.server.nodes if urlsplit(other).netloc.endswith(place)), command)

    def _ask(self, url: str, command: Sequence[bytes]) -> None:
        if url not in self._connections:
            options: dict[str, Any] = {"protocol": 2, "driver_info": None, "socket_timeout": None, "retry": None}
            pool = ConnectionPool.from_url(url, client_name=self.name or None, **options)
            self._connections[url] = pool.make_connection()
        connection = self._connections[url]
        connection.send_command(*command)
        answer = connection.read_response()
        if isinstance(answer, list):  # of a transaction, each of whose commands may have failed
            for part in answer:
                if isinstance(part, RedisError):
                    raise part

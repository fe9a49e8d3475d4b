"""The servers that tests talk to: which there are, how they are had, and what becomes of a test that misses one.

A worker process starts each server when a test first wants it and stops it at the end of the session. Tests are kept
apart by a database each.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import shutil
import subprocess
import tempfile
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import sql

from auditor.errors import UsageError
from auditor_connectors.postgresql.embedded import Binaries, Server, find_binaries
from tests import mongodb_servers, mongodb_shell, mysql_servers, redis_programs, redis_servers
from tests.case_format import MAJORS
from tools.fetch_servers import place_of

FULL = "postgresql-18-full"
DEBIAN = "debian-15"
MATRIX = tuple(f"postgresql-{major}" for major in MAJORS)
DEFAULT = MATRIX[-1]
ENGINES = (*MATRIX, FULL, DEBIAN, *mysql_servers.ENGINES, *mongodb_servers.ENGINES, *redis_servers.ENGINES)

# tests/cases/README.md says why.
SETTINGS = {
    "shared_preload_libraries": "pg_stat_statements",
    "track_io_timing": "on",
    "track_functions": "all",
    "wal_level": "logical",
    "autovacuum_naptime": "2147483",
}
_SPECIAL_SERVERS = 4
_EXTERNAL = "AUDITOR_TEST_POSTGRESQL_URL"


class AbsentError(Exception):
    """An engine is not available here; the message says why. Any other error of a server is an error of the test."""


class External:
    """A server that somebody else runs, given by the URL of a superuser."""

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)
        with psycopg.connect(url) as connection:
            self.major = connection.info.server_version // 10000

    def url(self, database: str = "postgres", user: str | None = None, password: str | None = None) -> str:
        """The URL of a database; without a user it is the superuser's."""
        parts = self._parts
        place = parts.netloc
        if user is not None:
            place = f"{quote(user, safe='')}:{quote(password or '', safe='')}@{place.rpartition('@')[2]}"
        return urlunsplit((parts.scheme, place, "/" + quote(database, safe=""), parts.query, ""))


AnyServer = Server | External


@dataclass(frozen=True)
class Database:
    """A database of its own."""

    server: AnyServer
    name: str

    @property
    def url(self) -> str:
        """The URL for the superuser."""
        return self.server.url(self.name)

    def url_of(self, user: str, password: str) -> str:
        """The URL for another role."""
        return self.server.url(self.name, user, password)

    def connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        """A connection of the superuser in autocommit mode."""
        return connect(self.server, self.name)

    def run(self, *statements: str) -> None:
        """Run statements in a connection that is then closed."""
        with self.connect() as connection:
            for statement in statements:
                connection.execute(statement.encode())


@dataclass
class Pool:
    """The servers of one worker process."""

    required: frozenset[str] = frozenset()
    used: set[str] = field(default_factory=set)  # by the test that runs now
    _running: OrderedDict[Any, AnyServer] = field(default_factory=OrderedDict)
    _mysql: OrderedDict[Any, mysql_servers.Account] = field(default_factory=OrderedDict)
    _mongodb: OrderedDict[tuple[tuple[str, str], ...], mongodb_servers.Server] = field(default_factory=OrderedDict)
    _redis: OrderedDict[Any, redis_servers.Server] = field(default_factory=OrderedDict)

    def shared(
        self, engine: str = DEFAULT, settings: Mapping[str, str] | None = None, hba: Sequence[str] = ()
    ) -> AnyServer:
        """A server that other tests use too, with equal settings. The engine counts as used by the running test."""
        special = bool(settings or hba)
        key = (engine, tuple(sorted((settings or {}).items())), tuple(hba)) if special else engine
        if key not in self._running:
            if special:
                self._make_room()
            external = self._external(engine) if not special else None
            self._running[key] = external or self._start(engine, settings, hba)
            _enable_statements(self._running[key])
        self._running.move_to_end(key)
        self.used.add(engine)
        return self._running[key]

    @contextlib.contextmanager
    def own(
        self, engine: str = DEFAULT, settings: Mapping[str, str] | None = None, hba: Sequence[str] = ()
    ) -> Iterator[Server]:
        """A server that nobody else has used or will use."""
        with self._prepare(engine, settings, hba) as server:
            _enable_statements(server)
            self.used.add(engine)
            yield server

    def mysql(self, engine: str, settings: Mapping[str, str] | None = None) -> mysql_servers.Account:
        """A server of MySQL or MariaDB that other tests use too, with equal settings."""
        key = (engine, tuple(sorted(settings.items()))) if settings else engine
        if key not in self._mysql:
            special = [other for other in self._mysql if not isinstance(other, str)]
            if settings and len(special) >= _SPECIAL_SERVERS:
                self._mysql.pop(special[0]).stop()
            try:
                self._mysql[key] = mysql_servers.start(engine, settings)
            except mysql_servers.AbsentError as error:
                self._miss(engine, error)
        self._mysql.move_to_end(key)
        self.used.add(engine)
        return self._mysql[key]

    @contextlib.contextmanager
    def own_mysql(self, engine: str, settings: Mapping[str, str] | None = None) -> Iterator[mysql_servers.Started]:
        """A server of MySQL or MariaDB that nobody else has used or will use."""
        try:
            server = mysql_servers.Started(engine, settings)
        except mysql_servers.AbsentError as error:
            self._miss(engine, error)
        self.used.add(engine)
        try:
            yield server
        finally:
            server.stop()

    def mongodb(self, settings: Mapping[str, str] | None = None) -> mongodb_servers.Server:
        """A server of MongoDB that other tests use too, with equal settings; without any, a replica set of one."""
        key = tuple(sorted((settings or {}).items()))
        if key not in self._mongodb:
            special = [other for other in self._mongodb if other]
            if settings and len(special) >= _SPECIAL_SERVERS:
                self._mongodb.pop(special[0]).stop()
            try:
                self._mongodb[key] = mongodb_servers.start(settings)
            except mongodb_servers.AbsentError as error:
                self._miss(mongodb_servers.engine_of(settings), error)
        self._mongodb.move_to_end(key)
        self.used.add(mongodb_servers.engine_of(settings))
        return self._mongodb[key]

    @contextlib.contextmanager
    def own_mongodb(self, settings: Mapping[str, str] | None = None) -> Iterator[mongodb_servers.Started]:
        """A server of MongoDB that nobody else has used or will use."""
        try:
            server = mongodb_servers.Started(settings)
        except mongodb_servers.AbsentError as error:
            self._miss(mongodb_servers.engine_of(settings), error)
        self.used.add(mongodb_servers.engine_of(settings))
        try:
            yield server
        finally:
            server.stop()

    def mongosh(self, url: str, script: str) -> str:
        """What MongoDB's own shell prints when it runs a script (mongodb_shell.py)."""
        try:
            printed = mongodb_shell.mongosh(url, script)
        except mongodb_servers.AbsentError as error:
            self._miss("mongosh", error)
        self.used.add("mongosh")
        return printed

    def mongosh_program(self) -> str:
        """The path of MongoDB's own shell."""
        try:
            found = mongodb_shell.program()
        except mongodb_servers.AbsentError as error:
            self._miss("mongosh", error)
        self.used.add("mongosh")
        return found

    def redis(self, settings: Mapping[str, str] | None = None, engine: str = "redis") -> redis_servers.Server:
        """A server of one of `redis_servers.SERVERS` that other tests use too, with equal settings."""
        key = (engine, tuple(sorted(settings.items()))) if settings else engine
        if key not in self._redis:
            special = [other for other in self._redis if not isinstance(other, str)]
            if settings and len(special) >= _SPECIAL_SERVERS:
                self._redis.pop(special[0]).stop()
            try:
                self._redis[key] = redis_servers.start(engine, settings)
            except redis_programs.AbsentError as error:
                self._miss(engine, error)
        self._redis.move_to_end(key)
        self.used.add(engine)
        return self._redis[key]

    @contextlib.contextmanager
    def own_redis(
        self, settings: Mapping[str, str] | None = None, engine: str = "redis"
    ) -> Iterator[redis_servers.Started]:
        """A server of Redis or Valkey that nobody else has used or will use."""
        try:
            server = redis_servers.Started(engine, settings)
        except redis_programs.AbsentError as error:
            self._miss(engine, error)
        self.used.add(engine)
        try:
            yield server
        finally:
            server.stop()

    def redis_cli(self, url: str, script: str) -> str:
        """What the command line program of Redis or Valkey prints when it reads a script (redis_programs.py)."""
        try:
            printed = redis_programs.redis_cli(url, script)
        except redis_programs.AbsentError as error:
            self._miss("redis-cli", error)
        self.used.add("redis-cli")
        return printed

    def close(self) -> None:
        """Stop all servers."""
        while self._running:
            _, server = self._running.popitem()
            _stop(server)
        while self._mysql:
            self._mysql.popitem()[1].stop()
        while self._mongodb:
            self._mongodb.popitem()[1].stop()
        while self._redis:
            self._redis.popitem()[1].stop()

    def _prepare(self, engine: str, settings: Mapping[str, str] | None, hba: Sequence[str]) -> Server:
        merged = {**SETTINGS, **(settings or {})}
        try:
            files = certificate() if merged.get("ssl") == "on" else {}
            return Server(binaries_of(engine), merged, hba=hba, files=files)
        except AbsentError as error:
            self._miss(engine, error)

    def _miss(self, engine: str, error: Exception) -> NoReturn:
        """End a test whose server is not to be had: it fails where that server is required."""
        message = f"{engine} is not available: {error}"
        if engine in self.required:
            pytest.fail(message, pytrace=False)
        pytest.skip(message)

    def _start(self, engine: str, settings: Mapping[str, str] | None, hba: Sequence[str]) -> Server:
        server = self._prepare(engine, settings, hba)
        server.start()
        return server

    def _external(self, engine: str) -> External | None:
        url = os.environ.get(_EXTERNAL) if engine == DEFAULT else None
        url = url or os.environ.get(f"AUDITOR_TEST_{engine.upper().replace('-', '_')}_URL")
        return External(url) if url else None

    def _make_room(self) -> None:
        """Stop the servers with special settings that were used the longest ago."""
        special = [key for key in self._running if not isinstance(key, str)]
        for key in special[: max(0, len(special) - _SPECIAL_SERVERS + 1)]:
            _stop(self._running.pop(key))


def binaries_of(engine: str) -> Binaries:
    """Find the binaries of an engine.

    Raises:
        AbsentError: they are not installed, or lack a library of the host.

    """
    try:
        if engine == DEFAULT:
            found = find_binaries()
        elif engine == DEBIAN:
            found = find_binaries(Path("/usr/lib/postgresql/15"))
        else:
            found = find_binaries(place_of(int(engine.split("-")[1])))
        found.version  # noqa: B018 -- asking runs the program
    except UsageError as error:
        raise AbsentError(f"{error.message} ({error.hint})") from None
    except subprocess.CalledProcessError as error:
        raise AbsentError(error.stderr.strip()) from None
    return found


@functools.cache
def certificate() -> Mapping[str, bytes]:
    """A self-signed certificate and its key, under the names that PostgreSQL looks for.

    Raises:
        AbsentError: there is no ``openssl`` program to make them.

    """
    program = shutil.which("openssl")
    if program is None:
        raise AbsentError("there is no openssl program to make a certificate")
    with tempfile.TemporaryDirectory() as name:
        paths = {file: Path(name) / file for file in ("server.key", "server.crt")}
        command = [program, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=localhost"]
        command += ["-keyout", str(paths["server.key"]), "-out", str(paths["server.crt"])]
        subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL)
        return {file: path.read_bytes() for file, path in paths.items()}


def connect(server: AnyServer, database: str = "postgres") -> psycopg.Connection[tuple[Any, ...]]:
    """Connect as the superuser, in autocommit mode, such that nothing is prepared and nothing waits for ever."""
    options = "-c statement_timeout=60s -c synchronous_commit=local"  # a standby that a setting names may not exist
    return psycopg.connect(server.url(database), autocommit=True, prepare_threshold=None, options=options)


_numbers = itertools.count(1)


@contextlib.contextmanager
def fresh_database(server: AnyServer, *, keep: bool = False) -> Iterator[Database]:
    """Make an empty database; it is dropped afterwards, whoever is connected to it, unless its server goes with it."""
    database = Database(server, f"auditor_test_{os.getpid()}_{next(_numbers)}")
    name = sql.Identifier(database.name)
    # Copying files takes a third of the time that logging their pages takes, which is the default since version 15.
    strategy = sql.SQL("STRATEGY file_copy" if server.major >= 15 else "")
    with connect(server) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {} {}").format(name, strategy))
        try:
            yield database
        finally:
            if not keep:
                admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def _enable_statements(server: AnyServer) -> None:
    """Make pg_stat_statements_reset() callable from the maintenance database, where the library is loaded."""
    with connect(server) as admin:
        row = admin.execute("SHOW shared_preload_libraries").fetchone()
        if row and "pg_stat_statements" in row[0]:
            admin.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")


def _stop(server: AnyServer) -> None:
    if isinstance(server, Server):
        server.stop()

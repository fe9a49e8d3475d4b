"""Redis and Valkey servers for the tests: found, started and stopped here, or somebody else's by a URL.

They are had in this order: the server that a variable names (AUDITOR_TEST_REDIS_URL, AUDITOR_TEST_VALKEY_URL,
AUDITOR_TEST_REDIS_7_2_URL, …: the URL of an account that may do everything; all that the server holds is dropped); the
program of a wheel that the tests install; one that is on the machine.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import redis
from redis.exceptions import RedisError

from tests import redis_topologies as topologies
from tests.mongodb_servers import AbsentError as NoOpensslError
from tests.mongodb_servers import certificate
from tests.processes import Process, new_directory
from tests.redis_programs import AbsentError, program

SERVERS = ("redis", "valkey", "redis-6.2", "redis-debian", "redis-7.2", "valkey-8.1")
"""Redis 8.2, Valkey 9.1, Redis 6.2, what Debian has (7.0), Redis 7.2 (by a URL only), Valkey 8.1."""
ENGINES = (*SERVERS, "redis-cli")

_PATIENCE = 60.0
_OPTIONS = {
    "bind": "127.0.0.1",
    "save": "",
    "repl-diskless-sync-delay": "0",  # else the first replica is kept waiting for five seconds
}
"""What makes them quick and private; all else is the built-in default."""
_WITHOUT_TLS = re.compile(r"Missing implement of connection type tls|Bad directive or wrong number|TLS support")

Client = Any
"""A client of the driver, whose commands have no types."""


class Server:
    """A server, or several that belong together, by the URL of an account that may do everything.

    ``nodes`` are the URLs of all servers that hold keys: the primary first and then its replicas, or the nodes of a
    cluster, primaries first.
    """

    def __init__(self, engine: str, url: str) -> None:
        self.engine = engine
        self.nodes = [url]
        self.watchers: list[str] = []
        """The host and port of each sentinel."""

    def url(
        self, user: str | None = None, password: str = "", database: int | None = None, *, node: int | None = None
    ) -> str:
        """The URL of a numbered database, None for all of them; without a user it is that of the account above.

        Without ``node`` it is the way in that people would use: the sentinels where there are some, the first server
        where there are none. With it, it is that of one server.
        """
        parts = urlsplit(self.nodes[node or 0])
        login, _, place = parts.netloc.rpartition("@")
        if user is not None:
            login = f"{quote(user, safe='')}:{quote(password, safe='')}"
        scheme, path, query = parts.scheme, parts.path if parts.scheme == "unix" else "/", dict(parse_qsl(parts.query))
        if self.watchers and node is None:
            scheme, place, path = f"{scheme}+sentinel", ",".join(self.watchers), f"/{topologies.SERVICE}"
        if database is not None:
            query["db"] = str(database)
        options = f"?{urlencode(query, quote_via=quote)}" if query else ""
        return f"{scheme}://{login + '@' if login else ''}{place}{path}{options}"

    def watcher(self, number: int) -> str:
        """The URL of one of the sentinels, who ask for no login."""
        parts = urlsplit(self.nodes[0])
        return f"{parts.scheme}://{self.watchers[number]}/{'?' if parts.query else ''}{parts.query}"

    def open(self, user: str | None = None, password: str = "", *, node: int = 0, **options: Any) -> Client:
        """A new client of one server; whoever opens it closes it."""
        return redis.Redis.from_url(self.url(user, password, node=node), protocol=2, driver_info=None, **options)

    @functools.cached_property
    def client(self) -> Client:
        """A client of the first server that answers with text; it is closed with the server."""
        return self.open(decode_responses=True)

    @functools.cached_property
    def version(self) -> tuple[int, int]:
        """Major and minor version, of Valkey its own and not the one of Redis that it says to be like."""
        told = self.client.info("server")
        major, minor, *_ = str(told.get("valkey_version", told["redis_version"])).split(".")
        return int(major), int(minor)

    @property
    def product(self) -> str:
        """``redis`` or ``valkey``."""
        return self.engine.partition("-")[0]

    def stop(self) -> None:
        """Close the client, and end the server if it was started here."""
        if "client" in self.__dict__:
            self.client.close()
            del self.client


class Started(Server):
    """A server of our own in a temporary directory, or several.

    ``settings`` are lines of redis.conf (``maxmemory=100mb``, ``save="900 1 60 1000"``), and

    - ``auth=on``: who has no password may do nothing
    - ``tls=on``: nothing but TLS, with a certificate of our own that is its own authority
    - ``unixsocket=on``: a socket file is how it is reached; the port is there too
    - ``replicas=2``: so many replicas, all of them up to date; ``replica.NAME=VALUE`` is a setting of theirs alone
    - ``cluster=3``: a cluster of three primaries that share the slots evenly; ``cluster-replicas=1`` gives each one
    - ``sentinel=on``: three sentinels watch the primary, which has a replica; ``sentinel=2`` is two of them, and
      ``sentinel.NAME=VALUE`` says something of how they watch (``sentinel.quorum=1``)
    - ``file=none``: all of this is said on the command line, and there is no configuration file
    - ``renamed=CONFIG:xyz,KEYS:``: a command that has another name, or none
    """

    def __init__(self, engine: str, settings: Mapping[str, str] | None = None) -> None:
        settings = dict(settings or {})
        shape = topologies.Shape.taken_from(settings)
        self._program = program(engine)
        auth, self._tls = settings.pop("auth", "") == "on", settings.pop("tls", "") == "on"
        self._socket = settings.pop("unixsocket", "") == "on"
        self._told_by_file = settings.pop("file", "") != "none"
        self._renamed = dict(part.partition(":")[::2] for part in settings.pop("renamed", "").split(",") if part)
        self._password = settings.get("requirepass") or (secrets.token_urlsafe(12) if auth else "")
        self._processes: list[Process] = []
        self._files: Path | None = None
        super().__init__(engine, "")
        self.nodes = []
        try:
            if self._tls:
                self._files = _certificate()
            for number in range(shape.nodes):
                ours = {**settings, **(shape.of_replicas if shape.follows(number) else {})}
                port = topologies.port()
                options = {**_OPTIONS, **shape.options(self._password), **ours}
                self.nodes.append(self._launch(port, self._options(port, options), number))
            shape.join(self)
            for _ in range(shape.sentinels):
                self._launch_sentinel(shape)
            shape.wait(self)
        except BaseException:
            self.stop()
            raise

    def log(self, node: int = 0) -> Path:
        """The file that holds what a server says."""
        return self._processes[node].log

    def kill(self, node: int) -> None:
        """End a server at once, as a crash would."""
        self._processes[node].kill()

    def stop(self) -> None:
        """End it and remove its directory."""
        super().stop()
        for process in reversed(self._processes):  # who follows goes first, and does not complain
            with contextlib.suppress(ProcessLookupError):
                process.kill()  # one that cannot save would not end when it is asked to
            process.stop()
        if self._files is not None:
            shutil.rmtree(self._files, ignore_errors=True)

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait until something is so.

        Raises:
            RuntimeError: a server has ended, or it has taken too long.

        """
        deadline = time.monotonic() + _PATIENCE
        while not condition():
            ended = [process for process in self._processes if not process.running]
            if ended or time.monotonic() > deadline:
                raise RuntimeError(f"{what} does not come:\n{(ended or self._processes)[0].tail()}")
            time.sleep(0.02)

    def _options(self, port: int, options: dict[str, str]) -> dict[str, str]:
        if self._tls:
            file = f"{self._files}/certificate.pem"
            options |= {"tls-port": str(port), "tls-cert-file": file, "tls-key-file": file, "tls-ca-cert-file": file}
            return {"port": "0", "tls-auth-clients": "no", "tls-replication": "yes", "tls-cluster": "yes", **options}
        return {"port": str(port), **options}

    def _launch(self, port: int, options: Mapping[str, str], number: int) -> str:
        """Start a server and wait until it answers; return its URL."""
        directory = new_directory()
        (directory / "data").mkdir()
        own = {"dir": str(directory / "data"), **options}
        login = f":{quote(self._password, safe='')}@" if self._password else ""
        query = f"?{urlencode({'ssl_ca_certs': f'{self._files}/certificate.pem'})}" if self._tls else ""
        url = f"{'rediss' if self._tls else 'redis'}://{login}127.0.0.1:{port}/{query}"
        if self._socket:
            own["unixsocket"] = f"{directory}/socket"
            url = f"unix://{login}{directory}/socket"
        lines = [line for name, value in own.items() for line in _lines(name, value)]
        lines += [f'rename-command {name} "{other}"' for name, other in self._renamed.items()]
        command = [self._program]
        if self._told_by_file:
            configuration = directory / "redis.conf"
            configuration.write_text("\n".join([*lines, ""]), encoding="utf-8")
            command.append(str(configuration))
        else:
            command += [word for name, value in own.items() for word in (f"--{name}", value)]
        process = Process(command, directory)
        self._processes.append(process)
        try:
            self.until(functools.partial(_answers, url), "an answer")
        except RuntimeError:
            if self._tls and not process.running and _WITHOUT_TLS.search(process.tail()):
                raise AbsentError(f"the server for {self.engine} was built without TLS") from None
            raise
        return url

    def _launch_sentinel(self, shape: topologies.Shape) -> None:
        directory, port = new_directory(), topologies.port()
        primary = urlsplit(self.nodes[0])
        options = self._options(port, {"bind": "127.0.0.1", "dir": str(directory)})
        options.pop("tls-cluster", None)
        lines = [line for name, value in options.items() for line in _lines(name, value)]
        lines += shape.sentinel_lines(str(primary.hostname), int(primary.port or 0), self._password)
        configuration = directory / "sentinel.conf"
        configuration.write_text("\n".join([*lines, ""]), encoding="utf-8")
        self._processes.append(Process([self._program, str(configuration), "--sentinel"], directory))
        self.watchers.append(f"127.0.0.1:{port}")
        self.until(functools.partial(_answers, self.watcher(-1)), "an answer of a sentinel")


def start(engine: str, settings: Mapping[str, str] | None = None) -> Server:
    """Return a server; one with settings of its own is always started.

    Raises:
        AbsentError: there is none.

    """
    name = f"AUDITOR_TEST_{re.sub(r'[-.]', '_', engine).upper()}_URL"
    url = os.environ.get(name)
    if url and not settings:
        return Server(engine, url)
    try:
        return Started(engine, settings)
    except AbsentError as error:
        raise AbsentError(f"{error}; {name} is not set") from None


@contextlib.contextmanager
def account(server: Server, rules: Sequence[str], name: str = "auditor_case") -> Iterator[tuple[str, str]]:
    """Make an account with some rules (``+info``, ``~cache:*``) and no others; the value is its name and password."""
    password = "pw-7F"
    for node in range(len(server.nodes)):
        with contextlib.closing(server.open(node=node)) as client:
            client.execute_command("ACL", "SETUSER", name, "reset", "on", f">{password}", *rules)
    try:
        yield name, password
    finally:
        for node in range(len(server.nodes)):
            with contextlib.closing(server.open(node=node)) as client, contextlib.suppress(RedisError):
                client.execute_command("ACL", "DELUSER", name)


def _certificate() -> Path:
    directory = new_directory()
    try:
        (directory / "certificate.pem").write_bytes(certificate())
    except NoOpensslError as error:
        shutil.rmtree(directory)
        raise AbsentError(str(error)) from None
    return directory


def _lines(name: str, value: str) -> Iterator[str]:
    """The lines of redis.conf that say this; before version 7 there is one for each of several times to save."""
    words = value.split()
    if name == "save" and len(words) > 2:
        for seconds, changes in zip(words[::2], words[1::2], strict=True):
            yield f"save {seconds} {changes}"
    else:
        yield f"{name} {value}" if value else f'{name} ""'


def _answers(url: str) -> bool:
    with contextlib.closing(redis.Redis.from_url(url, protocol=2, driver_info=None, retry=None)) as client:
        try:
            return bool(client.ping())
        except redis.BusyLoadingError:
            return False
        except redis.ResponseError:  # an answer nevertheless: PING may have another name
            return True
        except (RedisError, OSError):
            return False

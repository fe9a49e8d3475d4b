"""The connections of an audit: the way in, what the server says of itself, and how probes are run."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Literal, Self, TypeVar

import redis
from msgspec import Struct
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, BusyLoadingError, NoPermissionError, ResponseError
from redis.exceptions import ConnectionError as LostError
from redis.exceptions import TimeoutError as LateError
from redis.retry import Retry

from auditor.connector import CollectOptions
from auditor.errors import UsageError
from auditor.model.vocabulary import ProbeOutcome
from auditor.target import Target
from auditor_connectors.answer import Answer
from auditor_connectors.redis.conninfo import answer_seconds, parameters, place_of, reason_of, unreachable
from auditor_connectors.redis.deployment import followed, primaries, primary_of, samplers
from auditor_connectors.redis.node import DRIVER_ERRORS, Node, Report, Role, pairs, report, words
from auditor_connectors.redis.probe import APPLICATION, NotHereError, Probe, Row

T = TypeVar("T")
Mode = Literal["standalone", "cluster", "sentinel"]

__all__ = ["Identity", "Node", "Session", "pairs", "words"]

QUIET = (ResponseError, BusyLoadingError)
"""What a question ends in that a server refuses, or does not know, while it still answers others."""


class Identity(Struct, frozen=True, kw_only=True):
    """What the server said at the login.

    ``version`` is that of Redis whose commands it has, as major * 10000 + minor * 100 + patch; ``version_text`` its
    own. ``product`` is what it calls itself. ``user`` is the account, None where accounts have no names. ``database``
    is the audited one, None for all. ``info`` holds its own report by section, {} where that may not be read.
    ``encrypted`` and ``authenticated`` are about the audit's own connection; ``hosts`` are those of the URL, by which
    services are known that somebody else operates, and are kept nowhere.
    """

    version: int
    version_text: str
    product: str
    mode: Mode
    role: Role
    user: str | None
    database: int | None
    moment: datetime
    info: Report
    hello: dict[str, str]
    encrypted: bool = False
    authenticated: bool = False
    hosts: tuple[str, ...] = ()


class Session:
    """The connections to a target; a context manager."""

    def __init__(self, target: Target, options: CollectOptions) -> None:
        """Connect.

        Raises:
            UsageError: the URL has an option that is unknown or has a wrong value.
            UnreachableError: the server cannot be reached or refuses the login.

        """
        self.options = options
        self.deadline = time.monotonic() + options.time_budget
        self.place = place_of(target)
        self._target = target
        self._partly: str | None = None
        self._lost = False
        self._nodes: list[Node] | None = None
        self._samplers: list[Node] | None = None
        self.missing = 0
        """How many primaries of the cluster could not be reached."""
        self.service: str | None = None
        """The name under which the target is watched, None where no watcher was asked."""
        self._kept: dict[str, Any] = {}
        self.watchers: list[Node] = []
        try:
            self.main = self._entrance()
            self.identity = self._greet()
        except DRIVER_ERRORS as error:
            self.close()
            raise unreachable(target, error) from None
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        """Return the session."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all connections."""
        self.close()

    def close(self) -> None:
        """Close all connections."""
        known = [getattr(self, "main", None), *(self._nodes or ()), *(self._samplers or ()), *self.watchers]
        for node in known:
            if node is not None:
                node.close()

    # --- the way in ------------------------------------------------------------------------------------------------

    def connect(
        self, address: tuple[str, int] | str, number: int, role: Role, *,
        patience: float | None = None, watcher: bool = False, anonymous: bool = False,
    ) -> Node:  # fmt: skip
        """Connect to a server of the target, by host and port or by the path of its socket file.

        ``patience`` is how many seconds to wait where that is less than the options say. ``anonymous``: without a
        login.
        """
        given = {
            **parameters(self._target, self.place, self.options, watcher=watcher), "single_connection_client": True,
            "retry": Retry(NoBackoff(), 0),
        }  # fmt: skip
        if isinstance(address, str):
            given |= {"unix_socket_path": address}
        else:
            given |= {"host": address[0], "port": address[1]}
        if anonymous:
            given |= {"username": None, "password": None}
        if patience is not None:
            given["socket_connect_timeout"] = min(patience, given["socket_connect_timeout"])
        client = redis.Redis(**given)
        client.response_callbacks.clear()  # what they make of answers differs from version to version of the driver
        node = Node(number, role, client)
        with suppress(*QUIET):  # who may not give a name has none
            node.command("CLIENT", "SETNAME", APPLICATION)
        return node

    def _entrance(self) -> Node:
        """The server that the URL names, or the primary that its watchers name."""
        if self.place.socket is not None:
            return self.connect(self.place.socket, 0, "primary")
        if not self.place.watched:
            errors: list[BaseException] = []
            for address in self.place.addresses:
                try:
                    return self.connect(address, 0, "primary")
                except DRIVER_ERRORS as error:
                    errors.append(error)
                    watcher = self._open_watcher(address) if isinstance(error, AuthenticationError) else None
                    if watcher is not None:
                        return watcher
            raise errors[0]
        return primary_of(self)

    def _open_watcher(self, address: tuple[str, int]) -> Node | None:
        """Connect to a watcher that knows no logins: those of a URL that leads to it are for what it watches."""
        with suppress(*DRIVER_ERRORS):
            node = self.connect(address, 0, "primary", anonymous=True)
            if words(pairs(node.command("HELLO")).get("mode")) == "sentinel":
                return node
            node.close()
        return None

    def _greet(self) -> Identity:
        hello, info = self._introduction()
        if _mode(info, hello) == "sentinel":  # the URL leads to a watcher: go on to what it watches
            self.main = followed(self, self.main)
            hello, info = self._introduction()
        server = info.get("Server", {})
        user = self._target.user if self._target.password is not None else "default" if hello else None
        with suppress(*QUIET):
            user = words(self.main.command("ACL", "WHOAMI"))
        moment = datetime.now(UTC)
        with suppress(*QUIET):
            seconds, micros = self.main.command("TIME")
            moment = datetime.fromtimestamp(int(seconds) + int(micros) / 1e6, UTC)
        self._look_for_database()
        version = server.get("redis_version") or hello.get("version") or "0.0.0"
        numbers = [int(part) for part in version.split("-")[0].split(".")[:3] if part.isdigit()] + [0, 0, 0]
        role = info.get("Replication", {}).get("role") or hello.get("role") or "master"
        self.main.role = "replica" if role in ("slave", "replica") else "primary"
        return Identity(
            version=numbers[0] * 10000 + numbers[1] * 100 + numbers[2],
            version_text=server.get("valkey_version") or version,
            product=server.get("server_name") or hello.get("server") or "redis",
            mode=_mode(info, hello),
            role=self.main.role,
            user=user,
            database=self.place.database,
            moment=moment,
            info=info,
            hello=hello,
            encrypted=self.place.tls,
            authenticated=self._target.user is not None or self._target.password is not None,
            hosts=tuple(host.lower() for host, _ in self._target.hosts),
        )

    def _introduction(self) -> tuple[dict[str, str], Report]:
        """What the server says to HELLO, and its own report, {} where that may not be read."""
        hello: dict[str, str] = {}
        with suppress(*QUIET):  # before 6.0 there is no such command
            hello = {name: words(value) for name, value in pairs(self.main.command("HELLO")).items()}
        try:
            return hello, report(self.main)
        except QUIET as error:
            if not hello or "NOAUTH" in str(error):
                raise
            return hello, {}

    def _look_for_database(self) -> None:
        """Raise what the server says where it does not have the database that is to be audited."""
        if self.place.database:
            try:
                self.main.command("SELECT", self.place.database)
            except ResponseError as error:
                if "range" in str(error) or "not allowed" in str(error):
                    raise UsageError(
                        f"the server has no database {self.place.database}",
                        "databases are numbered from 0; leave the number out to audit all of them",
                    ) from None

    # --- what there is ---------------------------------------------------------------------------------------------

    def nodes(self) -> list[Node]:
        """The servers whose counters and settings are read: the target, and in a cluster every primary."""
        if self._nodes is None:
            self._nodes = primaries(self)
        return self._nodes

    def samplers(self) -> list[Node]:
        """The servers whose keys are looked at, one for each part of the key space: a replica where there is one."""
        if self._samplers is None:
            self._samplers = samplers(self)
        return self._samplers

    def each(self, read: Callable[[Node], list[Row]]) -> list[Row]:
        """Read from all servers; from the others than the target what can be, and tell whose answers are missing."""
        found: list[Row] = []
        lost: list[Node] = []
        refused = 0
        for node in self.nodes():
            try:
                found += read(node)
            except ResponseError:
                if node is self.main:
                    raise
                refused += 1
            except DRIVER_ERRORS:
                if node is self.main:
                    raise
                lost.append(node)
        self._nodes = [node for node in self.nodes() if node not in lost]
        for node in lost:
            node.close()
        self.missing += len(lost)
        if self.missing or refused:
            self.tell(f"{self.missing + refused} primaries of the cluster could not be asked")
        return found

    def once(self, name: str, read: Callable[[], T]) -> T:
        """Read something that several probes need when the first of them asks."""
        if name not in self._kept:
            self._kept[name] = read()
        found: T = self._kept[name]
        return found

    def kept(self, name: str) -> Any:
        """What was read so by another probe, None where none did."""
        return self._kept.get(name)

    @property
    def exhausted(self) -> bool:
        """Whether the time of the whole audit is used up."""
        return time.monotonic() >= self.deadline

    # --- probes ----------------------------------------------------------------------------------------------------

    def run(self, probe: Probe) -> Answer:
        """Run a probe. It never raises for what the server does: that is the outcome."""
        started = time.perf_counter()
        self._partly = None
        answer = self._attempt(probe)
        elapsed = round((time.perf_counter() - started) * 1000, 1)
        return Answer(outcome=answer.outcome, rows=answer.rows, reason=answer.reason, milliseconds=elapsed)

    def _attempt(self, probe: Probe) -> Answer:
        if self.identity.version < probe.since:
            return Answer(outcome=ProbeOutcome.UNSUPPORTED, reason=probe.missing)
        if probe.keys and not self.options.sample:
            return Answer(outcome=ProbeOutcome.UNSUPPORTED, reason="--no-sample: no key is to be looked at")
        if self.exhausted:
            over = f"the time budget of {self.options.time_budget:g} s is used up"
            return Answer(outcome=ProbeOutcome.TIMED_OUT, reason=over)
        if self._lost:
            return Answer(outcome=ProbeOutcome.FAILED, reason="the connection was lost before")
        try:
            rows = probe.read(self)
        except NotHereError as error:
            return Answer(outcome=ProbeOutcome.UNSUPPORTED, reason=str(error))
        except DRIVER_ERRORS as error:
            return self._failure(error)
        return Answer(outcome=ProbeOutcome.OK, rows=rows, reason=self._partly)

    def tell(self, reason: str) -> None:
        """Note what the probe that runs can see only in part; the first reason stands."""
        self._partly = self._partly or reason

    def _failure(self, error: BaseException) -> Answer:
        """Say what an error means for a probe."""
        reason = reason_of(self._target, error)
        if isinstance(error, NoPermissionError) or "NOPERM" in str(error):
            return Answer(outcome=ProbeOutcome.DENIED, reason="the account may not run its commands")
        if isinstance(error, LateError):
            self._lost = True  # its answer may still come, to the next command
            return Answer(outcome=ProbeOutcome.TIMED_OUT, reason=f"no answer in {answer_seconds(self.options):g} s")
        if isinstance(error, BusyLoadingError) or "LOADING" in str(error):
            return Answer(outcome=ProbeOutcome.FAILED, reason="the server is loading its data into memory")
        if isinstance(error, LostError):
            self._lost = True
            return Answer(outcome=ProbeOutcome.FAILED, reason=f"the connection was lost: {reason}")
        if isinstance(error, ResponseError) and "unknown" in str(error).lower():
            return Answer(outcome=ProbeOutcome.UNSUPPORTED, reason=f"the server does not have its commands: {reason}")
        return Answer(outcome=ProbeOutcome.FAILED, reason=reason)


def _mode(info: Report, hello: dict[str, str]) -> Mode:
    server = info.get("Server", {})
    told = server.get("redis_mode") or server.get("server_mode") or hello.get("mode")
    if told == "sentinel":
        return "sentinel"
    return "cluster" if told == "cluster" else "standalone"

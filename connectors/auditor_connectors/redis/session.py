"""The connections of an audit: they send only commands that read, and each of these is bounded.

Every command goes through ``Node.command`` or ``Node.pipeline``; there is no other way to the driver.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Literal, Self, TypeVar

import redis
from msgspec import Struct
from redis.backoff import NoBackoff
from redis.exceptions import (
    BusyLoadingError,
    NoPermissionError,
    RedisError,
    ResponseError,
)
from redis.exceptions import (
    ConnectionError as LostError,
)
from redis.exceptions import (
    TimeoutError as LateError,
)
from redis.retry import Retry

from auditor.connector import CollectOptions
from auditor.model.vocabulary import ProbeOutcome
from auditor.target import Target
from auditor_connectors.answer import Answer
from auditor_connectors.redis.conninfo import parameters, place_of, reason_of, unreachable
from auditor_connectors.redis.probe import APPLICATION, READS, NotHereError, Probe

T = TypeVar("T")
Mode = Literal["standalone", "cluster", "sentinel"]

_DRIVER_ERRORS = (RedisError, OSError, UnicodeError, ValueError)
"""What a command can end in: the driver's errors, and how it fails on answers that are not what they should be."""


def words(answer: bytes | str | int | None) -> str:
    """An answer as text; bytes that are none are shown as escapes."""
    return answer.decode("utf-8", "backslashreplace") if isinstance(answer, bytes) else str(answer or "")


def pairs(answer: Any) -> dict[str, Any]:
    """A flat list of names and values, or a map, as a dictionary."""
    if isinstance(answer, dict):
        return {words(name): value for name, value in answer.items()}
    return {words(name): value for name, value in zip(answer[::2], answer[1::2], strict=False)}


class Node:
    """One server that is asked by itself: its number, what it is, and the way to it."""

    def __init__(self, number: int, role: Literal["primary", "replica"], client: redis.Redis) -> None:
        self.number, self.role, self._client = number, role, client
        self.hits = 0
        """How many hits its counters have of this audit."""

    def command(self, *words_: str | bytes | int) -> Any:
        """Send a command that only reads, and return its answer.

        Raises:
            PermissionError: the command is none that a session may send.

        """
        _check(words_)
        answer: Any = self._client.execute_command(*words_)  # type: ignore[no-untyped-call]
        return answer

    def pipeline(self, commands: Sequence[Sequence[str | bytes | int]]) -> list[Any]:
        """Send many commands at once; an answer that is an error stands in the list as it is.

        Raises:
            PermissionError: one of them is none that a session may send.

        """
        line = self._client.pipeline(transaction=False)
        for one in commands:
            _check(one)
            line.execute_command(*one)  # type: ignore[no-untyped-call]
        return line.execute(raise_on_error=False)

    def close(self) -> None:
        """Close the connection."""
        with suppress(*_DRIVER_ERRORS):
            self._client.close()


def _check(given: Sequence[str | bytes | int]) -> None:
    """Refuse what does not only read."""
    first, second = str(given[0]).lower(), str(given[1]).lower() if len(given) > 1 else ""
    if first not in READS and f"{first}|{second}" not in READS:
        raise PermissionError(f"{first} {second} is no command that only reads")


class Identity(Struct, frozen=True, kw_only=True):
    """What the server said at the login.

    ``version`` is that of Redis whose commands it has, as major * 10000 + minor * 100 + patch; ``version_text`` its
    own. ``product`` is what it calls itself. ``user`` is the account, None where accounts have no names. ``database``
    is the audited one, None for all. ``info`` holds its own report by section, {} where that may not be read.
    """

    version: int
    version_text: str
    product: str
    mode: Mode
    role: Literal["primary", "replica"]
    user: str | None
    database: int | None
    moment: datetime
    info: dict[str, dict[str, str]]
    hello: dict[str, str]


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
        self._replicas: dict[int, Node] = {}
        self._kept: dict[str, Any] = {}
        self.watchers: list[Node] = []
        try:
            self.main = self._entrance()
            self.identity = self._greet()
        except _DRIVER_ERRORS as error:
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
        known = [getattr(self, "main", None), *(self._nodes or ()), *self._replicas.values(), *self.watchers]
        for node in known:
            if node is not None:
                node.close()

    # --- the way in ------------------------------------------------------------------------------------------------

    def connect(self, address: tuple[str, int] | str, number: int, role: Literal["primary", "replica"]) -> Node:
        """Connect to a server of the target, by host and port or by the path of its socket file."""
        given = {
            **parameters(self._target, self.place, self.options), "single_connection_client": True,
            "retry": Retry(NoBackoff(), 0),
        }  # fmt: skip
        if isinstance(address, str):
            given |= {"unix_socket_path": address}
        else:
            given |= {"host": address[0], "port": address[1]}
        client = redis.Redis(**given)
        client.response_callbacks.clear()  # what they make of answers differs from version to version of the driver
        node = Node(number, role, client)
        with suppress(ResponseError):  # who may not give a name has none
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
                except _DRIVER_ERRORS as error:
                    errors.append(error)
            raise errors[0]
        return self._watched()

    def _watched(self) -> Node:
        """The primary that the watchers of the URL watch."""
        raise NotImplementedError

    def _greet(self) -> Identity:
        hello: dict[str, str] = {}
        with suppress(ResponseError):  # before 6.0 there is no such command
            hello = {name: words(value) for name, value in pairs(self.main.command("HELLO")).items()}
        info: dict[str, dict[str, str]] = {}
        try:
            info = self.info(self.main)
        except (ResponseError, BusyLoadingError) as error:
            if not hello or "NOAUTH" in str(error):
                raise
        server = info.get("Server", {})
        user: str | None = None
        with suppress(ResponseError):
            user = words(self.main.command("ACL", "WHOAMI"))
        moment = datetime.now(UTC)
        with suppress(ResponseError):
            seconds, micros = self.main.command("TIME")
            moment = datetime.fromtimestamp(int(seconds) + int(micros) / 1e6, UTC)
        version = server.get("redis_version") or hello.get("version") or "0.0.0"
        numbers = [int(part) for part in version.split("-")[0].split(".")[:3] if part.isdigit()] + [0, 0, 0]
        mode = server.get("redis_mode") or server.get("server_mode") or hello.get("mode") or "standalone"
        role = info.get("Replication", {}).get("role") or hello.get("role") or "master"
        self.main.role = "replica" if role in ("slave", "replica") else "primary"
        return Identity(
            version=numbers[0] * 10000 + numbers[1] * 100 + numbers[2],
            version_text=server.get("valkey_version") or version,
            product=server.get("server_name") or hello.get("server") or "redis",
            mode=mode if mode in ("cluster", "sentinel") else "standalone",  # type: ignore[arg-type]
            role=self.main.role,
            user=user,
            database=self.place.database,
            moment=moment,
            info=info,
            hello=hello,
        )

    @staticmethod
    def info(node: Node) -> dict[str, dict[str, str]]:
        """Read all sections of a server's own report, by their headings; the lines without one are under ""."""
        found: dict[str, dict[str, str]] = {}
        section = found.setdefault("", {})
        for line in words(node.command("INFO", "everything")).splitlines():
            if line.startswith("#"):
                section = found.setdefault(line.lstrip("# ").strip(), {})
            elif ":" in line:
                name, _, value = line.partition(":")
                section[name] = value
        return {name: values for name, values in found.items() if values}

    # --- what there is ---------------------------------------------------------------------------------------------

    def nodes(self) -> list[Node]:
        """The servers whose counters and settings are read: the target, and in a cluster every primary."""
        if self._nodes is None:
            self._nodes = [self.main]
        return self._nodes

    def samplers(self) -> list[Node]:
        """The servers whose keys are looked at, one for each part of the key space: a replica where there is one."""
        return self.nodes()

    def once(self, name: str, read: Callable[[], T]) -> T:
        """Read something that several probes need when the first of them asks."""
        if name not in self._kept:
            self._kept[name] = read()
        found: T = self._kept[name]
        return found

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
        except _DRIVER_ERRORS as error:
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
            return Answer(outcome=ProbeOutcome.TIMED_OUT, reason=f"no answer in {self.options.statement_timeout:g} s")
        if isinstance(error, BusyLoadingError) or "LOADING" in str(error):
            return Answer(outcome=ProbeOutcome.FAILED, reason="the server is loading its data into memory")
        if isinstance(error, LostError):
            self._lost = True
            return Answer(outcome=ProbeOutcome.FAILED, reason=f"the connection was lost: {reason}")
        if isinstance(error, ResponseError) and "unknown" in str(error).lower():
            return Answer(outcome=ProbeOutcome.UNSUPPORTED, reason=f"the server does not have its commands: {reason}")
        return Answer(outcome=ProbeOutcome.FAILED, reason=reason)

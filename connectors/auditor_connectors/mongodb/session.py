"""The connection of an audit: it sends only commands that read, each with a limit on its time, and none is repeated.

Every command goes through ``Session.command`` or ``Session.rows``; there is no other way to the driver.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice
from types import TracebackType
from typing import Any, Literal, Self, TypeVar

import pymongo
from bson import SON
from bson.codec_options import CodecOptions
from bson.errors import BSONError
from msgspec import Struct
from pymongo.errors import (
    ConfigurationError,
    ConnectionFailure,
    InvalidOperation,
    NetworkTimeout,
    OperationFailure,
    PyMongoError,
)
from pymongo.read_preferences import PrimaryPreferred, ReadPreference, SecondaryPreferred

from auditor.connector import CollectOptions
from auditor.errors import UnreachableError, UsageError
from auditor.model.vocabulary import ProbeOutcome
from auditor.target import Target
from auditor_connectors.answer import Answer
from auditor_connectors.mongodb.conninfo import SRV, parameters, reason_of, unreachable
from auditor_connectors.mongodb.probe import READS, SYSTEM_DATABASES, WRITING_STAGES, NotHereError, Probe, Row

_OF_DATA = frozenset({"aggregate", "find"})
_STALE_SECONDS = 90
"""The least that a driver takes, and less than any delay that somebody wants: a delayed member is not asked.

https://www.mongodb.com/docs/manual/core/read-preference-staleness/
"""

T = TypeVar("T")
Topology = Literal["standalone", "replica-set", "sharded"]

_DRIVER_ERRORS = (PyMongoError, BSONError, OSError, UnicodeError, ValueError)
"""What a command can end in: the driver's errors, and how it fails on answers that are not what they should be."""

# https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml
DENIED = frozenset({13, 18, 8000})
_UNSUPPORTED = frozenset({59, 72, 76, 115, 166, 303, 304, 305, 323, 40324, 40415})  # 303 to 305: Amazon DocumentDB's
TIMED_OUT = frozenset({50, 262})
GONE = frozenset({26, 73, 175})
"""A collection or view that somebody dropped in the middle."""

_ENDED = frozenset({43, 237})
"""A cursor that somebody killed in the middle."""


def _why_missed(error: OperationFailure) -> Literal["denied", "unsupported", "ended"] | None:
    """Why one of many objects could not be read, None for a reason that ends the probe."""
    if error.code in DENIED:
        return "denied"
    if error.code in _UNSUPPORTED:
        return "unsupported"
    return "ended" if error.code in _ENDED else None


class Member(Struct, frozen=True, kw_only=True):
    """A member of the replica set that was asked by itself: its number in the set, and how to ask it."""

    number: int
    client: pymongo.MongoClient[Any]


class Identity(Struct, frozen=True, kw_only=True):
    """What the server said at the login.

    ``version`` is major * 10000 + minor * 100 + patch. ``database`` is the audited one, None for all. ``user`` is the
    account as "name@database", None where nobody logged in. ``actions`` are the privileges that the server says it has,
    as (resource, actions); None where it does not say.
    """

    version: int
    version_text: str
    topology: Topology
    primary: bool
    set_name: str | None
    user: str | None
    roles: tuple[str, ...]
    privileges: tuple[tuple[dict[str, Any], tuple[str, ...]], ...]
    authenticated: bool
    database: str | None
    moment: datetime
    modules: tuple[str, ...]
    build: dict[str, Any]
    hello: dict[str, Any]


def _preference(name: str) -> PrimaryPreferred | SecondaryPreferred:
    """Who is asked: for documents a secondary, for all else the primary, which alone knows it as it is now."""
    return SecondaryPreferred(max_staleness=_STALE_SECONDS) if name in _OF_DATA else PrimaryPreferred()


class Session:
    """A connection to a target; a context manager."""

    def __init__(self, target: Target, options: CollectOptions) -> None:
        """Connect.

        Raises:
            UsageError: the URL has an option that is unknown or has a wrong value.
            UnreachableError: the deployment cannot be reached, refuses the login or has no such database.

        """
        self.options = options
        self.deadline = time.monotonic() + options.time_budget
        self._target = target
        self._partly: str | None = None
        self._lost = False
        self._members: dict[str, Member] | None = None
        self._kept: dict[str, Any] = {}
        try:
            self._client: pymongo.MongoClient[Any] = pymongo.MongoClient(**parameters(target, options))
        except (ConfigurationError, ValueError, TypeError) as error:
            if target.scheme == SRV:  # whose hosts are looked up here
                raise unreachable(target, error) from None
            raise UsageError(f"the URL cannot be used: {reason_of(target, error)}", "check its options") from None
        except _DRIVER_ERRORS as error:
            raise unreachable(target, error) from None
        try:
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
        for client in [self._client, *(member.client for member in (self._members or {}).values())]:
            with suppress(*_DRIVER_ERRORS):
                client.close()

    def _greet(self) -> Identity:
        hello = self._introduced()
        build = self.command("admin", "buildInfo")
        # The first command that needs a login: buildInfo answers anybody.
        status = self.command("admin", "connectionStatus", showPrivileges=True)["authInfo"]
        users = [f"{user['user']}@{user['db']}" for user in status.get("authenticatedUsers", ())]
        numbers = [*map(int, build.get("versionArray", (0, 0, 0)))][:3]
        topology: Topology = "replica-set" if "setName" in hello else "standalone"
        if hello.get("msg") == "isdbgrid":
            topology = "sharded"
        return Identity(
            version=numbers[0] * 10000 + numbers[1] * 100 + numbers[2],
            version_text=str(build.get("version", "")),
            topology=topology,
            primary=bool(hello.get("isWritablePrimary", hello.get("ismaster"))),
            set_name=hello.get("setName"),
            user=users[0] if users else None,
            roles=tuple(f"{role['role']}@{role['db']}" for role in status.get("authenticatedUserRoles", ())),
            privileges=tuple(
                (dict(one["resource"]), tuple(one["actions"])) for one in status.get("authenticatedUserPrivileges", ())
            ),
            authenticated=bool(users),
            database=self._database(),
            moment=hello.get("localTime", datetime.now(UTC)).astimezone(UTC),
            modules=tuple(build.get("modules", ())),
            build=build,
            hello=hello,
        )

    def _introduced(self) -> Row:
        """Who answers: the primary where there is one, which the driver may find after a secondary."""
        hello = self.command("admin", "hello")
        if "setName" not in hello or hello.get("isWritablePrimary") or not hello.get("primary"):
            return hello
        with suppress(ConnectionFailure):  # it may be out of reach from here
            self._client.admin.command("ping", read_preference=ReadPreference.PRIMARY)
        return self.command("admin", "hello")

    def _database(self) -> str | None:
        """The audited database. One that the user may not see may be there all the same.

        Raises:
            UnreachableError: there is no such database.

        """
        wanted = self._target.database
        if wanted is None or wanted in ("admin",):  # where users are looked up, not what anybody audits
            return None
        answer = self.command("admin", "listDatabases", nameOnly=True)
        names = [one["name"] for one in answer["databases"]]
        if wanted in names or len(names) == 0:
            return wanted
        if not self.command("admin", "connectionStatus")["authInfo"]["authenticatedUsers"]:
            raise UnreachableError(
                f"cannot audit {self._target.masked}: there is no database of this name",
                "check the name after the slash of the URL, or leave it out to audit all databases",
            )
        return wanted

    # --- commands --------------------------------------------------------------------------------------------------

    def command(self, database: str, name: str, value: Any = 1, *, on: Member | None = None, **rest: Any) -> Row:
        """Send a command that only reads, and return its answer.

        Raises:
            PermissionError: the command is none that a session may send.

        """
        document = self._checked(name, value, rest)
        client = self._client if on is None else on.client
        answer: Row = client.get_database(database).command(
            document, read_preference=_preference(name), codec_options=client.codec_options
        )
        return answer

    def rows(
        self, database: str, name: str, value: Any = 1, *, on: Member | None = None, most: int = 100_000,
        codec: CodecOptions[Any] | None = None, **rest: Any,
    ) -> Iterator[Row]:  # fmt: skip
        """Send a command that answers with a cursor, and yield at most so many of its documents, read by ``codec``.

        All of them come from the member that answered first: no other one knows the cursor.

        Raises:
            PermissionError: the command is none that a session may send.

        """
        document = self._checked(name, value, rest)
        client = self._client if on is None else on.client
        codec = codec or client.codec_options
        found = client.get_database(database, codec).cursor_command(
            document, read_preference=_preference(name), codec_options=codec
        )
        with found as cursor:
            yield from islice(cursor.batch_size(rest.get("batchSize", 0)), most)

    def _checked(self, name: str, value: Any, rest: Row) -> SON[str, Any]:
        """The command with the limit on its time: a ``maxTimeMS`` of its own, or what is left if that is less."""
        if name not in READS or (name == "profile" and value != -1):
            raise PermissionError(f"{name} is no command that only reads")
        if name == "aggregate" and any(stage.keys() & WRITING_STAGES for stage in rest.get("pipeline", ())):
            raise PermissionError("the pipeline writes")
        left = max(1, round(self._time_left() * 1000))
        return SON([(name, value), *rest.items(), ("maxTimeMS", min(rest.get("maxTimeMS", left), left))])

    def aggregate(
        self, database: str, collection: str | int, pipeline: Sequence[Row], *, on: Member | None = None, **rest: Any
    ) -> Iterator[Row]:
        """Run a pipeline that only reads; a collection of 1 stands for the database itself.

        Raises:
            PermissionError: the pipeline writes.

        """
        return self.rows(database, "aggregate", collection, on=on, pipeline=list(pipeline), cursor={}, **rest)

    def _time_left(self) -> float:
        """Seconds that the next command may take."""
        return min(self.options.statement_timeout, max(0.05, self.deadline - time.monotonic()))

    @property
    def exhausted(self) -> bool:
        """Whether the time of the whole audit is used up."""
        return time.monotonic() >= self.deadline

    # --- what there is ---------------------------------------------------------------------------------------------

    def databases(self) -> list[str]:
        """Name the databases that the user can see, without those of the system.

        Raises:
            UnreachableError: the server does not tell.

        """
        try:
            answer = self.command("admin", "listDatabases", nameOnly=True)
        except _DRIVER_ERRORS as error:
            raise unreachable(self._target, error) from None
        return sorted(one["name"] for one in answer["databases"] if one["name"] not in SYSTEM_DATABASES)

    @property
    def audited(self) -> list[str]:
        """The databases that are audited."""
        return [self.identity.database] if self.identity.database is not None else self.databases()

    def once(self, name: str, read: Callable[[], T]) -> T:
        """Read something that several probes need when the first of them asks."""
        if name not in self._kept:
            self._kept[name] = read()
        found: T = self._kept[name]
        return found

    def members(self) -> list[Member]:
        """The members of the replica set that can be asked one by one from here; none where there is no set."""
        if self._members is None:
            self._members = {}
            for host, number in self.once("hosts", self._hosts).items():
                if member := self._member(number, host):
                    self._members[host] = member
        return list(self._members.values())

    @property
    def absent(self) -> tuple[int, int]:
        """How many members with data could not be asked by themselves, and how many there are."""
        reached, there = len(self.members()), len(self.once("hosts", self._hosts))
        return there - reached, there

    def _hosts(self) -> dict[str, int]:
        """Where the members with data are, and their numbers in the set; as the server knows them, not the target."""
        with suppress(OperationFailure):  # hidden members stand in the configuration only
            configured = self.command("admin", "replSetGetConfig")["config"]["members"]
            return {one["host"]: int(one["_id"]) for one in configured if not one.get("arbiterOnly")}
        hello = self.identity.hello
        return {host: number for number, host in enumerate([*hello.get("hosts", ()), *hello.get("passives", ())])}

    def _member(self, number: int, host: str) -> Member | None:
        known = {**parameters(self._target, self.options), "host": [host], "directConnection": True}
        known["serverSelectionTimeoutMS"] = min(2_000, known["serverSelectionTimeoutMS"])
        for name in ("replicaSet", "loadBalanced", "readPreferenceTags", "maxStalenessSeconds", "srvServiceName"):
            known.pop(name, None)
        try:
            client: pymongo.MongoClient[Any] = pymongo.MongoClient(**known)
        except _DRIVER_ERRORS:  # a name that is none
            return None
        try:
            client.admin.command("ping")
        except _DRIVER_ERRORS:
            client.close()
            return None
        return Member(number=number, client=client)

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
        if probe.samples and not self.options.sample:
            return Answer(outcome=ProbeOutcome.UNSUPPORTED, reason="--no-sample: no document is to be looked at")
        if self.exhausted:
            return Answer(outcome=ProbeOutcome.TIMED_OUT, reason=self._over)
        if self._lost and not self._client.topology_description.has_readable_server(SecondaryPreferred()):
            return Answer(outcome=ProbeOutcome.FAILED, reason="the connection was lost before")
        try:
            rows = probe.read(self)
        except NotHereError as error:
            return Answer(outcome=ProbeOutcome.UNSUPPORTED, reason=str(error))
        except _DRIVER_ERRORS as error:
            return self._failure(error)
        return Answer(outcome=ProbeOutcome.OK, rows=rows, reason=self._partly)

    def each(self, items: Iterable[Any], read: Callable[[Any], Iterable[Row]]) -> Iterator[Row]:
        """Read something of each of many objects: those that are dropped meanwhile are left out in silence.

        Those that may not be read, and those for which there is no time, are told as a reason of the probe; what no
        single one allows is its outcome.
        """
        items, missed = list(items), Counter[str]()
        for number, item in enumerate(items):
            if self.exhausted:
                self.tell(f"{self._over}: {len(items) - number:,} of {len(items):,} were not read")
                return
            try:
                yield from read(item)
            except OperationFailure as error:
                if error.code in GONE:
                    continue
                why = _why_missed(error)
                if why is None:
                    raise
                missed[why] += 1
                if missed[why] == len(items) and why != "ended":
                    raise
                if why == "unsupported":
                    self.tell(reason_of(self._target, error))
        if missed["denied"]:
            self.tell(f"{missed['denied']:,} of {len(items):,} may not be read")
        if missed["ended"]:
            self.tell(f"somebody ended the reading of {missed['ended']:,} of {len(items):,}")

    def tell(self, reason: str) -> None:
        """Note what the probe that runs can see only in part; the first reason stands."""
        self._partly = self._partly or reason

    @property
    def _over(self) -> str:
        return f"the time budget of {self.options.time_budget:g} s is used up"

    def _failure(self, error: BaseException) -> Answer:
        """Say what an error means for a probe."""
        reason = reason_of(self._target, error)
        code = error.code if isinstance(error, OperationFailure) else None
        if code in TIMED_OUT:
            over = self._over if self.exhausted else f"it took longer than {self.options.statement_timeout:g} s"
            return Answer(outcome=ProbeOutcome.TIMED_OUT, reason=over)
        if code in DENIED:
            return Answer(outcome=ProbeOutcome.DENIED, reason=reason)
        if code in _UNSUPPORTED:
            return Answer(outcome=ProbeOutcome.UNSUPPORTED, reason=reason)
        if isinstance(error, NetworkTimeout):
            return Answer(outcome=ProbeOutcome.TIMED_OUT, reason="the server did not answer in time")
        if isinstance(error, ConnectionFailure | InvalidOperation):
            self._lost = True  # the driver has looked for another member for as long as a connection may take
            return Answer(outcome=ProbeOutcome.FAILED, reason=f"the connection was lost: {reason}")
        return Answer(outcome=ProbeOutcome.FAILED, reason=reason)

"""What a probe is: one bounded read, by commands that only read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from auditor_connectors.mongodb.session import Session

Row = dict[str, Any]
Raw = Mapping[str, list[Row]]
"""The rows of every probe that was ``ok``, by its name. A probe that was not ``ok`` has no entry."""

APPLICATION = "auditor"
"""How the sessions of an audit call themselves, so that what they do is not taken for somebody's work."""

SYSTEM_DATABASES = ("admin", "config", "local")

READS = frozenset("""
    aggregate balancerStatus buildInfo collStats connectionStatus dbStats find getClusterParameter getCmdLineOpts
    getDefaultRWConcern getLog getParameter getShardMap hello hostInfo listCollections
    listDatabases listIndexes listShards ping planCacheListFilters profile replSetGetConfig replSetGetStatus rolesInfo
    serverStatus top usersInfo
""".split())  # fmt: skip
"""The commands that a session may send: none of them changes anything. ``profile`` is only ever sent with level -1."""

WRITING_STAGES = frozenset({"$out", "$merge"})


class NotHereError(Exception):
    """What a probe reads does not exist on a deployment of this kind; the message is the reason for a report."""


class Role(Struct, frozen=True):
    """A role that shows what a probe reads: its name, and the database that it is granted on.

    ``actions`` are those of a role that the server does not have by itself, on every database and collection.
    """

    name: str
    database: str = "admin"
    actions: tuple[str, ...] = ()


class Probe(Struct, frozen=True, kw_only=True):
    """One bounded read of what the server keeps or counts.

    ``read`` brings its rows. ``role`` is the narrowest role of the server's own that allows it, None where everybody
    may; ``since`` the lowest version that has it, as major * 10000 + minor * 100 + patch. ``also`` is a second
    role where one is not enough: to list what the other one lets it look into. ``samples`` says that it looks at
    documents.
    """

    name: str
    purpose: str
    read: Callable[[Session], list[Row]]
    role: Role | None = None
    also: Role | None = None
    since: int = 0
    samples: bool = False
    missing: str = "this version of the server has nothing of the kind"

    @property
    def privilege(self) -> str:
        """What it takes, in words."""
        if self.role is None:
            return "none"
        if self.role.actions:
            return f"a role with the actions {' and '.join(self.role.actions)} on every database"
        names = self.role.name if self.also is None else f"{self.role.name} and {self.also.name}"
        return f"{names} on {self.role.database}"

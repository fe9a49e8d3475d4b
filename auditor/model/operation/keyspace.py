"""Operations on keys, which tables of rows do not need; ``pattern`` is a key pattern as a report shows it."""

from __future__ import annotations

from typing import ClassVar

from auditor.model.operation.base import Operation


class ExpireKeys(Operation, frozen=True, kw_only=True, tag="expire-keys"):
    """Give keys that have none a time to live, in the application and then for those that are there.

    Each lives ``seconds``, and up to the share ``jitter`` of them longer, so that they do not end all at once.
    """

    pattern: str
    database: int = 0
    seconds: int
    jitter: float = 0.1
    identity_fields: ClassVar[tuple[str, ...]] = ("pattern", "database")


class SplitKey(Operation, frozen=True, kw_only=True, tag="split-key"):
    """Spread the elements of keys that grew too big over ``parts`` keys each, by a hash of the element's name."""

    pattern: str
    database: int = 0
    type: str
    parts: int
    identity_fields: ClassVar[tuple[str, ...]] = ("pattern", "database")


class RenameKeys(Operation, frozen=True, kw_only=True, tag="rename-keys"):
    """Give keys names of another pattern while old and new code read and write them."""

    pattern: str
    database: int = 0
    to: str
    identity_fields: ClassVar[tuple[str, ...]] = ("pattern", "database")


class TrimStream(Operation, frozen=True, kw_only=True, tag="trim-stream"):
    """Keep a stream at about so many entries: where they are added, and once for those that are there."""

    pattern: str
    database: int = 0
    entries: int
    identity_fields: ClassVar[tuple[str, ...]] = ("pattern", "database")


class MoveKeys(Operation, frozen=True, kw_only=True, tag="move-keys"):
    """Move key patterns to a server of their own, by writing to both; ``purpose`` says in a word what they are for."""

    patterns: tuple[str, ...]
    database: int = 0
    purpose: str
    identity_fields: ClassVar[tuple[str, ...]] = ("purpose", "database")


class RestrictAccounts(Operation, frozen=True, kw_only=True, tag="restrict-accounts"):
    """Give each application an account that may do what it does, and take from ``name`` what nobody needs of it.

    ``commands`` are those that were seen in use, ``patterns`` the globs of keys.
    """

    name: str = "default"
    commands: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    identity_fields: ClassVar[tuple[str, ...]] = ("name",)


class MoveToCluster(Operation, frozen=True, kw_only=True, tag="move-to-cluster"):
    """Spread the keys over ``shards`` servers by the hashes of their names.

    ``tagged`` lists patterns that multi-key commands use together and that need a common hash tag.
    """

    shards: int = 3
    tagged: tuple[str, ...] = ()
    name: str = "server"
    identity_fields: ClassVar[tuple[str, ...]] = ("name",)

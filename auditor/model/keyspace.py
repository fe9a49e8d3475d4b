"""What a key-value engine holds: patterns of keys, which stand for its tables, and what a sample showed of them.

Keys are never kept, only the patterns of their names: a part that differs from key to key is written ``{id}``, whatever
it is (``user:{id}:cart``). Braces of the name itself stay, so a hash tag shows as ``cart:{{id}}:items``. Sizes are
bytes, times to live are seconds. ``None`` always means "not known", never "zero".
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Kind = Literal["number", "uuid", "hash", "date", "address", "email", "token", "text"]
"""What the parts of a name that differ look like; "hash" is hexadecimal, "token" any other mixture, "text" a word."""


def placed(pattern: str, database: int) -> str:
    """The name of a pattern as a report shows it; the number of the database follows where it is not the first."""
    return pattern if database == 0 else f"{pattern}@{database}"


class Interval(Struct, frozen=True, kw_only=True):
    """An estimate with the bounds between which the truth lies with a confidence of 95 %."""

    value: float
    low: float
    high: float


class Lifetimes(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Times to live of the sampled keys of a pattern: what was left of them, in seconds, at the moment of the sample.

    ``expiring`` is the share of the keys that have one. ``herd`` is the largest share of these that ends within one
    span of ``herd_seconds``; ``expected`` the share that would, were their ends spread evenly.
    """

    expiring: float = 0.0
    minimum: float | None = None
    median: float | None = None
    p95: float | None = None
    maximum: float | None = None
    herd: float = 0.0
    herd_seconds: float = 1.0
    expected: float = 0.0


class KeyPattern(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Keys whose names are alike, of one logical database.

    ``sampled`` keys of it were looked at, of all that were; ``keys`` and ``bytes`` are estimates for all of them.
    ``parts`` says what stands in its braces. ``types`` and ``encodings`` map the engine's words to shares of the
    sampled keys. ``bytes_*`` are sizes of single keys with all that they hold, ``elements_*`` the lengths of
    collections, as far as they were asked for. ``name_bytes`` is the mean length of a name. ``idle_seconds`` is the
    median since anybody used one of them; ``frequency`` the highest logarithmic counter of use (0 to 255) of the keys,
    where the engine counts. ``tags`` says how many different hash tags the sample has, ``tag_share`` the largest share
    of the sampled keys with one of them. ``near_limit`` is the share of the keys that would fit a compact encoding
    if its limit were twice as high, and have lost it.
    ``match`` is the glob by which the engine finds them, with others whose names are longer.
    """

    database: int = 0
    name: str
    match: str = "*"
    parts: tuple[Kind, ...] = ()
    sampled: int = 0
    share: float = 0.0
    keys: Interval | None = None
    bytes: Interval | None = None
    types: dict[str, float] = {}
    encodings: dict[str, float] = {}
    bytes_mean: float | None = None
    bytes_median: int | None = None
    bytes_p99: int | None = None
    bytes_maximum: int | None = None
    elements_median: int | None = None
    elements_maximum: int | None = None
    name_bytes: float | None = None
    lifetimes: Lifetimes | None = None
    idle_seconds: float | None = None
    frequency: int | None = None
    tags: int | None = None
    tag_share: float | None = None
    near_limit: float | None = None

    @property
    def path(self) -> str:
        """The name as a report shows it."""
        return placed(self.name, self.database)

    @property
    def type(self) -> str | None:
        """The type of most of its keys."""
        return max(self.types, key=lambda name: (self.types[name], name)) if self.types else None


class BigKey(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One of the largest keys that were seen, by its pattern. ``expires_seconds`` is None where it has no end."""

    database: int = 0
    pattern: str
    type: str
    encoding: str | None = None
    bytes: int
    elements: int | None = None
    expires_seconds: float | None = None

    @property
    def path(self) -> str:
        """The name of its pattern as a report shows it."""
        return placed(self.pattern, self.database)


class ConsumerGroup(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Consumers that share a stream: ``pending`` entries were given out and not acknowledged, ``lag`` not given out.

    ``idle_seconds`` is since the busiest of its ``consumers`` asked, ``oldest_seconds`` the age of what has been
    pending for longest; ``silent`` of the consumers have entries and have not asked for an hour. ``left`` is how
    many of the pending were given out more than an hour ago, counted up to a hundred; None: not known.
    """

    name: str
    consumers: int = 0
    silent: int = 0
    pending: int = 0
    lag: int | None = None
    idle_seconds: float | None = None
    oldest_seconds: float | None = None
    left: int | None = None


class Stream(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A stream, by the pattern of its key: its entries, how many were ever added, and who reads it in groups.

    ``seconds`` lie between its first entry and its last, as far as their identifiers are moments.
    """

    database: int = 0
    pattern: str
    entries: int
    added: int | None = None
    bytes: int | None = None
    seconds: float | None = None
    groups: tuple[ConsumerGroup, ...] = ()

    @property
    def path(self) -> str:
        """The name as a report shows it."""
        return placed(self.pattern, self.database)


class LogicalDatabase(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A numbered database: its keys, those that expire, and the mean of their times to live in seconds."""

    number: int
    keys: int = 0
    expiring: int = 0
    mean_seconds: float | None = None

    @property
    def name(self) -> str:
        """Its number as a report shows it."""
        return str(self.number)


class KeySample(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How keys were sampled: how many names were seen, of how many keys, and how many of these keys were looked at.

    ``method`` "all": every key; "scan": the first part of a walk in the order of the engine's own hash table;
    "random": single keys that the engine drew. ``cut`` says which budget ended it. ``replica`` says that a replica was
    asked. ``hits`` is how many hits the audit itself added to the engine's counters.
    """

    method: Literal["all", "scan", "random"] = "all"
    names: int = 0
    keys: int = 0
    of: int | None = None
    bytes: int = 0
    milliseconds: float = 0.0
    cut: str | None = None
    replica: bool = False
    hits: int = 0


class Keyspace(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything about keys. ``patterns`` are sorted by their bytes, largest first; ``big`` likewise.

    ``other`` is the share of sampled keys whose names fit no pattern that is listed. ``sizes`` are histograms that the
    engine keeps by itself: for each of its names ("db0_distrib_strings_sizes") how many keys are of each size.
    """

    databases: tuple[LogicalDatabase, ...] = ()
    patterns: tuple[KeyPattern, ...] = ()
    big: tuple[BigKey, ...] = ()
    streams: tuple[Stream, ...] = ()
    sample: KeySample | None = None
    other: float = 0.0
    sizes: dict[str, dict[str, int]] = {}

"""Facts about engines as data files, each with its source and the date on which it was read."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from datetime import date
from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct


class Lifecycle(Struct, frozen=True, kw_only=True):
    """The support of one major version: "18", or "8.4" where two numbers make one.

    ``latest`` is the newest minor release that was seen on the day ``read``, ``released`` when the version came out;
    both are None where they were not looked up. ``end_of_life`` is None where no end had been announced on that day.
    ``fixed`` is the first minor release without ``advisory``, a flaw that lets others take over the server.
    """

    major: str
    end_of_life: date | None = None
    source: str
    read: date
    released: date | None = None
    latest: str | None = None
    fixed: str | None = None
    advisory: str | None = None

    def covers(self, version: str) -> bool:
        """Whether a version is of this major version."""
        return f"{version}.".startswith(f"{self.major}.")

    def minor(self, version: str) -> int | None:
        """The number of a minor release of this major version; None where it has none."""
        first = version.removeprefix(f"{self.major}.").partition(".")[0]
        return int(first) if self.covers(version) and first.isdigit() else None


@cache
def lifecycles(engine: str) -> Sequence[Lifecycle]:
    """Return what is known of an engine's versions, oldest first; nothing for an engine that is not listed."""
    data = tomllib.loads(files(__name__).joinpath("lifecycles.toml").read_text(encoding="utf-8"))
    return msgspec.convert(data.get(engine, []), list[Lifecycle])


def lifecycle_of(engine: str, version: str) -> Lifecycle | None:
    """Return the support of the major version that a version belongs to; None where it is not known."""
    return next((cycle for cycle in lifecycles(engine) if cycle.covers(version)), None)

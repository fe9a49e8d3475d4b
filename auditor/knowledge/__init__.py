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
    """The support of one major version. ``latest`` is the newest minor release that was seen on the day ``read``."""

    major: str
    released: date
    end_of_life: date
    latest: str
    source: str
    read: date


@cache
def lifecycles(engine: str) -> Sequence[Lifecycle]:
    """Return what is known of an engine's versions, oldest first; nothing for an engine that is not listed."""
    data = tomllib.loads(files(__name__).joinpath("lifecycles.toml").read_text(encoding="utf-8"))
    return msgspec.convert(data.get(engine, []), list[Lifecycle])

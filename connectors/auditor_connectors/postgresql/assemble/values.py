"""Turn values as the driver delivers them into the plain ones of the model."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from auditor.target import MASK, scrub

_WORDS = r"(?:passphrase|password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|conninfo)"
_SECRET = re.compile(rf"(?i){_WORDS}")
_NO_SECRET = re.compile(r"on|off|true|false|md5|scram-sha-256|\d{1,3}")
# A variable, option or keyword with its value, as it stands in the text of a command.
_GIVEN = re.compile(rf"""(?i)([\w-]*{_WORDS}[\w-]*(?:\s*[=:]\s*|\s+))('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\s,;]+)""")

# Sizes in bytes and times in seconds of the units that pg_settings uses (its "Setting Names and Values").
_BYTES = {"B": 1, "kB": 1024, "MB": 1024**2, "GB": 1024**3, "TB": 1024**4}
_SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_UNIT = re.compile(r"(\d*)([A-Za-z]+)")


def iso(moment: datetime | None) -> str | None:
    """A moment as ISO 8601 in UTC, to the second."""
    if moment is None:
        return None
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def whole(value: object) -> int | None:
    """A count that the driver delivers as a decimal or not at all."""
    return None if value is None else int(str(value))


def measure(value: str, unit: str | None) -> tuple[int | None, float | None]:
    """The bytes and the seconds that a setting's value means in its unit.

    Both are None where the unit is neither, and where the value is negative, which always has a meaning of its own
    ("off", "as another setting").
    """
    parts = _UNIT.fullmatch(unit or "")
    if parts is None:
        return None, None
    try:
        number = float(value) * int(parts[1] or 1)
    except ValueError:
        return None, None
    if number < 0:
        return None, None
    if parts[2] in _BYTES:
        return round(number * _BYTES[parts[2]]), None
    if parts[2] in _SECONDS:
        return None, number * _SECONDS[parts[2]]
    return None, None


def masked(name: str, value: str) -> str:
    """The value of a setting without secrets: nothing of it where the name says so, else the text without them."""
    if not value or _NO_SECRET.fullmatch(value):
        return value
    return MASK if _SECRET.search(name) else scrub(_GIVEN.sub(rf"\1{MASK}", value))


def pairs(items: Iterable[str] | None) -> dict[str, str]:
    """The settings of a role or database, given as ``name=value``, sorted by name and without secrets."""
    split = (item.partition("=") for item in items or ())
    return dict(sorted((name, masked(name, value)) for name, _, value in split))

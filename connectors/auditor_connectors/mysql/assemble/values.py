"""Turn values as the driver delivers them into the plain ones of the model."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from auditor.target import MASK, scrub

_SECRET = re.compile(r"(?i)(password|passphrase|pwd|secret|token|sst_auth)$")
_STATEMENTS = re.compile(r"(?i)^init_(connect|slave|replica)$")
_NO_SECRET = re.compile(r"(?i)on|off|yes|no|\d{1,3}")


def iso(moment: datetime | None) -> str | None:
    """A moment as ISO 8601 in UTC, to the second."""
    if moment is None:
        return None
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def masked(name: str, value: str) -> str:
    """The value of a variable without secrets: nothing of it where the name says so, or where it holds statements."""
    if not value or _NO_SECRET.fullmatch(value):
        return value
    return MASK if _SECRET.search(name) or _STATEMENTS.search(name) else scrub(value)

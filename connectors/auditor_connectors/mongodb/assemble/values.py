"""Turn values as the driver delivers them into the plain ones of the model."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from bson import json_util

from auditor.target import MASK, scrub

AWARE = json_util.JSONOptions(tz_aware=True)
"""How lines of a log are read: their moments are in UTC."""

_SECRET = re.compile(r"(?i)(password|passphrase|pwd|secret|token|keyfile$|bindpassword)")


def iso(moment: datetime | None) -> str | None:
    """A moment as ISO 8601 in UTC, to the second."""
    if moment is None:
        return None
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def whole(value: Any) -> int | None:
    """A number as a whole one, None for anything else."""
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def shell(value: Any) -> str:
    """A document of a definition as the shell writes it, as far as JSON can."""
    return json.dumps(json_util.loads(json_util.dumps(value)), default=str, ensure_ascii=False)


def flat(document: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The leaves of nested documents with their dotted paths; lists are leaves."""
    for key, value in document.items():
        path = f"{prefix}{key}"
        if isinstance(value, dict):
            yield from flat(value, f"{path}.")
        else:
            yield path, value


def masked(name: str, value: Any) -> str:
    """The value of an option as text, without secrets: nothing of it where the name says that it is one."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    if text and _SECRET.search(name) and not text.startswith("/"):
        return MASK
    return scrub(text)

"""Names and identifiers for the few expressions that an operation has to spell out."""

from __future__ import annotations

import hashlib

_NAME_BYTES = 63


def identifier(name: str) -> str:
    """A name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def constraint_name(*parts: str) -> str:
    """A name for a new constraint out of the names of what it concerns; a long one is cut and told apart by a hash."""
    name = "_".join(parts)
    encoded = name.encode()
    if len(encoded) <= _NAME_BYTES:
        return name
    mark = "_" + hashlib.sha256(encoded).hexdigest()[:8]
    return encoded[: _NAME_BYTES - len(mark)].decode(errors="ignore") + mark

"""What of an operation may be shown: names of fields that are names, and what kind of pattern a pattern is."""

from __future__ import annotations

import json
import re
from typing import Any, Literal

from bson.regex import Regex

from auditor_connectors.scanning import PLACEHOLDER

_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*\Z", re.ASCII)
_LONGEST = 64
_DATA = re.compile(r"[0-9a-fA-F]{16}|\d{5}|@|://")
"""What names that are data look like: identifiers, numbers of customers, addresses."""
_PREFIX = re.compile(r"(?:\^|\\A)(?:\\[^\w\s]|[\w@:/#%&=,;<>!~` -])")

Pattern = Literal["regex", "regex-prefix", "regex-insensitive"]
"""A regular expression as an index sees it: one that is no prefix, one that is, one that is the same in any case.

Only the second is searched for in an index from one key to another:
https://www.mongodb.com/docs/manual/reference/operator/query/regex/#index-use
"""


def named(path: Any) -> str:
    """A field's path; in the place of each part that is data rather than a name stands a placeholder."""
    parts = str(path).split(".")
    return ".".join(PLACEHOLDER if len(part) > _LONGEST or _DATA.search(part) else part for part in parts)


def is_name(path: str) -> bool:
    """Whether a path was left as it is."""
    return PLACEHOLDER not in path.split(".")


def key(path: Any) -> str:
    """A field's path as it stands in a document of the shell."""
    shown = named(path)
    return shown if _IDENTIFIER.match(shown) else json.dumps(shown, ensure_ascii=False)


def collection(name: Any) -> str:
    """How the shell addresses a collection."""
    text = str(name)
    return f"db.{text}" if _IDENTIFIER.match(text) else f"db.getCollection({json.dumps(text, ensure_ascii=False)})"


def pattern_of(value: Any, options: Any = "") -> Pattern | None:
    """What kind of regular expression a value is, None where it is none."""
    if isinstance(value, Regex):
        flags = value.flags if isinstance(value.flags, int) else 0
        value, options = value.pattern, f"{options}{'i' if flags & re.IGNORECASE else ''}"
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str):
        return None
    if "i" in str(options) or value.startswith("(?i"):
        return "regex-insensitive"
    return "regex-prefix" if _PREFIX.match(value) and "|" not in value else "regex"


def pattern_text(kind: Pattern) -> str:
    """A regular expression without what it looks for."""
    return {"regex": "/?/", "regex-prefix": "/^?/", "regex-insensitive": "/?/i"}[kind]

"""How names of keys are made: what separates their parts, how words are written, which are those of libraries."""

from __future__ import annotations

import re

from auditor.model.keyspace import KeyPattern
from auditor_checks._names import singulars

LIBRARIES = frozenset(
    """
    bull bullmq celery kombu unacked sidekiq resque rq asynq spring laravel horizon django rails views stat processes
    schedule retry dead queues phpredis_session magento wp symfony redisson socket redlock
""".split()
)
"""First words of names that a library makes: nobody chose them."""

HARD = ":/|#"
_WORD = re.compile(r"[^\W_]+")
_SHORT = {
    "usr": "user", "u": "user", "sess": "session", "acct": "account", "prod": "product", "prd": "product",
    "cfg": "config", "conf": "config", "msg": "message", "notif": "notification", "cat": "category", "org":
    "organization", "cust": "customer", "ord": "order", "addr": "address", "img": "image", "inv": "invoice",
}  # fmt: skip
"""Abbreviations that stand for a word in names."""


def of_library(pattern: KeyPattern) -> bool:
    """Whether a library makes the names."""
    words = _WORD.findall(pattern.name.replace("{id}", " ").lower())
    return bool(words) and words[0] in LIBRARIES


def separator(pattern: KeyPattern) -> str | None:
    """What stands between the segments of a name: the first of the usual signs, None where there is none."""
    plain = pattern.name.replace("{id}", "0")
    return next((sign for sign in plain if sign in HARD), None) or next((sign for sign in plain if sign in "_-."), None)


def has_prefix(pattern: KeyPattern) -> bool:
    """Whether a word stands before what differs from key to key."""
    return bool(_WORD.match(pattern.name.lstrip("{:").partition("id}")[0]))


def meaning(pattern: KeyPattern) -> tuple[str, ...]:
    """The words of a name as they are meant: in lower case, in the singular, not abbreviated; "" for what differs."""
    found = []
    for part in re.findall(r"\{id\}|[^\W_]+", _apart(pattern.name)):
        if part == "{id}":
            found.append("")
            continue
        word = part.lower()
        one = min(singulars(word), key=len, default=word)
        found.append(_SHORT.get(word, _SHORT.get(one, one)))
    return tuple(found)


def _apart(name: str) -> str:
    """A name whose words in camel case stand apart."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)

"""Who is connected, who may do what, and who was refused. Addresses, passwords and names of keys never leave here."""

from __future__ import annotations

import re
from collections import Counter
from typing import Literal

from auditor_connectors.redis.node import Node, pairs, words
from auditor_connectors.redis.probe import APPLICATION, NotHereError, Probe, Row
from auditor_connectors.redis.session import Session

MANY_CLIENTS = 20_000
"""From how many connections on they are not listed: the list takes the server about a millisecond per thousand."""
RECENT = 7 * 86400.0
"""How old a refusal may be to count, in seconds."""

_FIELD = re.compile(r"(?:^| )([a-z-]+)=(.*?)(?= [a-z-]+=|$)")
_SECRET_RULE = re.compile(r"^[#>!<]")
"""How a rule of an account begins that holds a password or the hash of one."""
_LOOPBACK = re.compile(r"^(?:127\.|\[?::1\]?$|localhost$)")
_SENTINEL = re.compile(r"^sentinel-[0-9a-f]+-(?:cmd|pubsub)$")
_IN_NAMES = (
    (re.compile(r"[^\s@]+@[^\s@]+\.\w+"), "{email}"),
    (re.compile(r"\d{1,3}(?:\.\d{1,3}){3}"), "{address}"),
    (re.compile(r"\b(?=[0-9a-f-]*\d)[0-9a-f][0-9a-f-]{6,}[0-9a-f]\b", re.IGNORECASE), "{id}"),
    (re.compile(r"\d+"), "{id}"),
)


def _clients(session: Session) -> list[Row]:
    connected = float(session.identity.info.get("Clients", {}).get("connected_clients", 0))
    if connected > MANY_CLIENTS:
        raise NotHereError(f"it has {connected:,.0f} connections, and a list of them would hold it up")

    def read(node: Node) -> list[Row]:
        told = [client(line) for line in words(node.command("CLIENT", "LIST")).splitlines() if line]
        return [{"node": node.number, **row} for row in told if row["application"] != APPLICATION]

    return session.each(read)


def client(line: str) -> Row:
    """What is kept of a connection: where it comes from in a word, and its own name without what differs in it."""
    values = {match[1]: match[2] for match in _FIELD.finditer(line)}
    flags, name = values.get("flags", "N"), values.get("name", "")
    here = values.get("laddr", "").rpartition(":")
    library = " ".join(part for part in (values.get("lib-name", ""), values.get("lib-ver", "")) if part)
    return {
        "id": int(values.get("id", 0)),
        "kind": "sentinel" if _SENTINEL.match(name) else _kind(flags),
        "user": values.get("user"),
        "database": values.get("db"),
        "application": _without_ids(name) or None,
        "client": _from(values.get("addr", ""), here[0], flags),
        "port": int(here[2]) if here[2].isdigit() else None,
        "state": "blocked" if "b" in flags else "transaction" if "x" in flags else None,
        "idle": _number(values.get("idle")),
        "age": _number(values.get("age")),
        "library": library or None,
        "subscriptions": sum(int(_number(values.get(one)) or 0) for one in ("sub", "psub", "ssub")),
        "memory": _number(values.get("tot-mem")),
        "output": _number(values.get("omem")),
        "command": values.get("cmd"),
    }


def _kind(flags: str) -> str:
    """What kind of work a connection does, by the letters of its flags."""
    kinds = {"S": "replica", "O": "monitor", "M": "primary", "P": "pubsub"}
    return next((kind for letter, kind in kinds.items() if letter in flags), "client")


def _from(address: str, here: str, flags: str) -> Literal["local", "loopback", "network"]:
    host = address.rpartition(":")[0]
    if "U" in flags or address.startswith("/"):
        return "local"
    return "loopback" if _LOOPBACK.match(host) or host == here else "network"


def _without_ids(name: str) -> str:
    for pattern, word in _IN_NAMES:
        name = pattern.sub(word, name)
    return name


def _number(text: str | None) -> float | None:
    return float(text) if text is not None and text.lstrip("-").isdigit() else None


def _acl(session: Session) -> list[Row]:
    """The accounts of the target: those of other servers of a deployment ought to be the same."""
    found = []
    for answer in session.main.command("ACL", "LIST"):
        rules = words(answer).split()[1:]
        kept = [rule for rule in rules[1:] if not _SECRET_RULE.match(rule)]
        found.append({"name": rules[0], "rules": kept, "passwords": len(rules) - 1 - len(kept)})
    return found


def _acl_log(session: Session) -> list[Row]:
    """How often each kind of refusal stands in the log of late. What was asked for, and by whom, is left there.

    What audits were refused is left out: those of this account, unless it is everybody's, and those that gave a name.
    The log drops nothing because of its age.
    """
    own = None if session.identity.user == "default" else session.identity.user

    def read(node: Node) -> list[Row]:
        counted: Counter[str] = Counter()
        for entry in map(pairs, node.command("ACL", "LOG", 128)):
            named = f" name={APPLICATION} " in words(entry.get("client-info"))
            if named or words(entry.get("username")) == own or float(words(entry.get("age-seconds")) or 0) > RECENT:
                continue
            counted[words(entry.get("reason"))] += int(words(entry.get("count")) or 1)
        return [{"node": node.number, "reason": reason, "count": count} for reason, count in sorted(counted.items())]

    return session.each(read)


PROBES = (
    Probe(name="clients", purpose="list the connections: what they are, how long idle, what memory they take",
          read=_clients, commands=("client|list",)),
    Probe(name="acl", purpose="read what each account may do", read=_acl, commands=("acl|list",), since=60000,
          missing="accounts exist since version 6.0"),
    Probe(name="acl-log", purpose="count what accounts were refused in the last seven days", read=_acl_log,
          commands=("acl|log",), since=60000, missing="accounts exist since version 6.0"),
)  # fmt: skip

"""Accounts whose rights are a list of rules: what these allow in the end, and who uses an account.

Rules are read as https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/ says: in their order, a
later one over an earlier one; what stands in parentheses is a set of its own beside the others.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from auditor.model.facts import Facts
from auditor.model.security import Role
from auditor.model.vocabulary import Confidence
from auditor.model.workload import Session
from auditor_checks.security._network import is_protected, listens_beyond

DEFAULT = "default"
"""The account of whoever does not say who they are."""

_ADMIN = frozenset({"admin", "dangerous", "slow"})
_FLUSH = frozenset({"keyspace", "write", "dangerous", "slow"})
POWERS: dict[str, frozenset[str]] = {
    "acl|setuser": _ADMIN,
    "config|set": _ADMIN,
    "debug": _ADMIN,
    "module|load": _ADMIN,
    "monitor": _ADMIN,
    "replicaof": _ADMIN,
    "shutdown": _ADMIN,
    "slaveof": _ADMIN,
    "flushall": _FLUSH,
    "flushdb": _FLUSH,
    "keys": frozenset({"keyspace", "read", "dangerous", "slow"}),
    "migrate": _FLUSH,
    "swapdb": frozenset({"keyspace", "write", "dangerous", "fast"}),
}
"""Commands that reach over all keys or over the server itself, with their categories."""

CONTROL = frozenset({"acl|setuser", "config|set", "debug", "module|load", "replicaof", "shutdown", "slaveof"})
"""Those that let an account give itself every right, hand the data to another server, or stop this one."""

_TOOLS = re.compile(
    r"(?ix)(?: redis[-_.]?insight | redis[-_.]?cli | valkey[-_.]?cli | exporter | datadog | telegraf | zabbix | netdata"
    r" | newrelic | sentinel | redis[-_.]?commander | medis | p3x | rdm | resp\.?app | dbeaver | auditor | backup | rdb"
    r" | redis[-_.]?shake | riot )"
)
_ADMINISTRATIVE = frozenset("""
    acl bgrewriteaof bgsave commandlog config debug failover flushall flushdb info keys lastsave latency lolwut memory
    migrate module monitor psync replconf replicaof role save shutdown slaveof slowlog swapdb sync time
""".split())  # fmt: skip
"""Commands of administrators and their tools, which say nothing of what applications need."""
_GLOBS = 50
_UNNAMED_POOL = 3
"""So many connections that do not say what they are look like an application's; one or two may be a person's."""


def rule_sets(role: Role) -> Sequence[Sequence[str]]:
    """The rules of an account: those of the account itself, then each set in parentheses."""
    found: list[list[str]] = [[]]
    inside = False
    for rule in role.rules:
        if rule.startswith("("):
            found.append([])
            inside = True
        (found[-1] if inside else found[0]).append(rule.strip("()"))
        inside = inside and not rule.endswith(")")
    return found


def allows(rules: Sequence[str], command: str) -> bool:
    """Whether rules allow one of ``POWERS``."""
    allowed = False
    for rule in rules:
        name = rule[1:].lower()
        if rule in ("allcommands", "nocommands"):
            allowed = rule == "allcommands"
        elif rule[:1] in ("+", "-") and _means(name, command):
            allowed = rule[0] == "+"
    return allowed


def _means(name: str, command: str) -> bool:
    if name.startswith("@"):
        return name == "@all" or name[1:] in POWERS[command]
    return name in (command, command.partition("|")[0])


def powers(role: Role) -> tuple[str, ...]:
    """Which of ``POWERS`` an account has."""
    return tuple(name for name in sorted(POWERS) if any(allows(rules, name) for rules in rule_sets(role)))


def may_anything(role: Role) -> bool:
    """Whether an account may do more than to say who it is and to ask whether the server is there."""
    added = {rule[1:] for rules in rule_sets(role) for rule in rules if rule.startswith("+")}
    return bool(added - {"@connection", "auth", "hello", "ping", "quit", "reset"}) or "allcommands" in role.rules


def key_rules(role: Role) -> Sequence[str]:
    """The rules that say which keys an account may use."""
    return [rule for rules in rule_sets(role) for rule in rules if rule.startswith(("~", "%")) or rule == "allkeys"]


def sessions_of(role: Role, facts: Facts) -> tuple[Sequence[Session], Confidence]:
    """The connections that an application has opened as the account, and how sure that is.

    Connections that give neither a name nor a driver count only when they are as many as a pool has.
    """
    own = [s for s in facts.workload.sessions if s.kind in ("client", "pubsub") and s.user == role.name]
    named = [s for s in own if (s.application or s.library) and not _is_tool(s)]
    if named:
        return named, Confidence.LIKELY
    unnamed = [s for s in own if not s.application and not s.library]
    return (unnamed if len(unnamed) >= _UNNAMED_POOL else []), Confidence.POSSIBLE


def _is_tool(session: Session) -> bool:
    return any(_TOOLS.search(text) for text in (session.application, session.library) if text)


def called(sessions: Sequence[Session]) -> str:
    """What connections call themselves, by their names or else by their drivers."""
    names = sorted({session.application or session.library or "" for session in sessions} - {""})
    return ", ".join(names) or "none given"


def commands_in_use(facts: Facts) -> tuple[str, ...]:
    """The commands that were called since the server counts, without those of administrators and their tools."""
    used = {one.name.partition("|")[0] for one in facts.workload.commands if one.calls}
    return tuple(sorted(used - _ADMINISTRATIVE))


def globs_in_use(facts: Facts) -> tuple[str, ...]:
    """The globs of the keys that were seen; nothing where these are too many for rules that people read."""
    found = sorted({pattern.match for pattern in facts.keyspace.patterns})
    return tuple(found) if len(found) <= _GLOBS else ()


def reach(facts: Facts) -> bool | None:
    """Whether an account without a password can be used from other machines; None where that is not visible.

    While default has none either, the server may be in the mode in which it serves its own machine alone.
    """
    if any(session.client == "network" for session in facts.workload.sessions):
        return True
    beyond = listens_beyond(facts)
    return False if beyond and is_open(facts) and is_protected(facts) else beyond


def is_open(facts: Facts) -> bool | None:
    """Whether clients are let in without saying who they are; None where that cannot be known."""
    role = facts.roles.get(DEFAULT)
    if role is not None:
        return role.login and role.password == "none"  # noqa: S105 -- the word that there is none
    return True if facts.server.session_authenticated is False else None

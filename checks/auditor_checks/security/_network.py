"""How clients reach the server: where it listens, and what the host-based rules let in (the first that fits counts)."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from auditor.model.facts import Facts
from auditor.model.security import HostRule
from auditor.model.vocabulary import ProbeOutcome
from auditor_checks._settings import is_on

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

PROBE = "options"
"""The probe that tells how the server was started, where that is one of its own."""

PROTECTED = "protected-mode"
_ALWAYS = 70000

_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1", ""})
# Which connections a type of rule is for: (encrypted by TLS, encrypted by GSSAPI); a connection is never both.
_KINDS = {
    "local": frozenset({"local"}),
    "host": frozenset({"plain", "tls", "gss"}),
    "hostssl": frozenset({"tls"}),
    "hostnossl": frozenset({"plain", "gss"}),
    "hostgssenc": frozenset({"gss"}),
    "hostnogssenc": frozenset({"plain", "tls"}),
}

HARM = {
    "trust": "lets clients in without any proof",
    "password": "has passwords sent readable",
    "md5": "accepts md5 hashes",
    "ident": "believes the client's machine",
    "plain": "is for connections without encryption",
    "anywhere": "lets every role into every database from every address",
}
"""The weaknesses of a host-based rule, by method or by what it is for, and what each means."""


def address_setting(facts: Facts) -> str:
    """The name of the setting that says on which addresses the server listens."""
    if facts.server.role is not None:
        return "net.bindIp"
    if is_protectable(facts):
        return "bind"
    return "bind_address" if "bind_address" in facts.settings else "listen_addresses"


def listens_beyond(facts: Facts) -> bool | None:
    """Whether the server takes connections from other machines; None when that is not visible."""
    if is_on(facts.setting("skip_networking")):
        return False
    listen = facts.setting(address_setting(facts))
    if is_protectable(facts):
        return _binds_beyond(listen, facts)
    if facts.server.role is not None:
        if is_on(facts.setting("net.bindIpAll")):
            return True
        if listen is None:  # https://www.mongodb.com/docs/manual/core/security-mongodb-configuration/
            return False if PROBE in facts.probes and facts.probes[PROBE].outcome is ProbeOutcome.OK else None
    return None if listen is None else any(_is_beyond(part.strip()) for part in listen.split(","))


def is_protectable(facts: Facts) -> bool:
    """Whether the server has a mode in which only its own machine is served while nobody has to log in."""
    return PROTECTED in facts.settings


def is_protected(facts: Facts) -> bool:
    """Whether that mode is on and counts: before 7.0 it does not where addresses to listen at are named."""
    return facts.setting(PROTECTED) == "yes" and (facts.version >= _ALWAYS or not facts.setting("bind"))


def _binds_beyond(listen: str | None, facts: Facts) -> bool | None:
    """Whether a list of addresses, of which some may be absent ("-::1"), is more than those of the machine itself."""
    if listen is None:
        return None
    if facts.setting("port") == "0" and facts.setting("tls-port") in (None, "0"):
        return False
    if not listen:  # before 7.0 that meant every address
        return facts.version < _ALWAYS
    return any(_is_beyond(part.lstrip("-")) for part in listen.split())


def _is_beyond(address: str) -> bool:
    """Whether an address is one of the network: neither this machine's own nor a socket in its file system."""
    return address not in _LOOPBACK_NAMES and not address.startswith("/")


def rules_in_force(facts: Facts) -> Sequence[HostRule]:
    """The rules in their order, without lines that could not be read."""
    return [rule for rule in facts.security.host_rules if rule.error is None and rule.method is not None]


def written(rule: HostRule) -> str:
    """The rule as the file has it, but for its options."""
    address = [rule.address or "", rule.netmask or ""]
    parts = [rule.type, ",".join(rule.databases), ",".join(rule.users), *address, rule.method or ""]
    return " ".join(part for part in parts if part)


def network(rule: HostRule) -> Network | None:
    """The addresses that a rule is for; None for names, for keywords and for local rules."""
    try:
        mask = ipaddress.ip_address(rule.netmask or "")
        return ipaddress.ip_network(f"{rule.address}/{int(mask).bit_count()}", strict=False)
    except ValueError:
        return None


def is_near(rule: HostRule) -> bool:
    """Whether only this machine itself can use the rule."""
    found = network(rule)
    return rule.type == "local" or (found is not None and found.is_loopback) or rule.address == "localhost"


def is_anywhere(rule: HostRule) -> bool:
    """Whether every address fits the rule."""
    found = network(rule)
    return rule.address == "all" or (found is not None and found.prefixlen == 0)


def shadowing(rule: HostRule, facts: Facts) -> HostRule | None:
    """The first earlier rule that takes every connection that this one is for."""
    for earlier in rules_in_force(facts):
        if earlier is rule:
            return None
        if _covers(earlier, rule):
            return earlier
    return None


def _covers(one: HostRule, other: HostRule) -> bool:
    kinds = _KINDS.get(other.type, frozenset({other.type})) <= _KINDS.get(one.type, frozenset())
    return kinds and _databases(one, other) and _users(one, other) and _addresses(one, other)


def _databases(one: HostRule, other: HostRule) -> bool:
    """Whether the databases of a rule are among those of another one: "all" does not stand for replication."""
    ours, theirs = set(one.databases), set(other.databases)
    if "all" in ours and "replication" not in theirs:
        return True
    return theirs <= (ours | {"sameuser", "samerole", "samegroup"} if "all" in ours else ours)


def _users(one: HostRule, other: HostRule) -> bool:
    """Whether the users of a rule are among those of another one; groups and patterns must be the same."""
    return "all" in one.users or set(other.users) <= set(one.users)


def _addresses(one: HostRule, other: HostRule) -> bool:
    if one.type == "local" or one.address == "all":
        return True
    ours, theirs = network(one), network(other)
    if ours is None or theirs is None:
        return one.address == other.address and one.netmask == other.netmask
    if isinstance(ours, ipaddress.IPv4Network) and isinstance(theirs, ipaddress.IPv4Network):
        return theirs.subnet_of(ours)
    if isinstance(ours, ipaddress.IPv6Network) and isinstance(theirs, ipaddress.IPv6Network):
        return theirs.subnet_of(ours)
    return False


def weakness_of(rule: HostRule, facts: Facts) -> str | None:
    """The gravest weakness of a rule that is in force and can be reached."""
    if rule.error is not None or rule.method in (None, "reject") or shadowing(rule, facts) is not None:
        return None
    if rule.method in HARM:
        return rule.method
    if is_near(rule) or listens_beyond(facts) is False:
        return None
    if rule.type == "hostnossl" and rule.method != "gss":
        return "plain"
    everything = "all" in rule.databases and "all" in rule.users and is_anywhere(rule)
    return "anywhere" if everything and rule.method != "cert" else None

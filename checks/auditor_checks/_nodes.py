"""Servers that are asked one by one: what checks on them read, and what the keys that they hold are for."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.model.facts import Facts
from auditor.model.finding import Evidence
from auditor.model.server import Node
from auditor.model.units import NODES, SERVER, Unit
from auditor_checks._roles import DURABLE, roles

REDIS = ("redis",)
"""Engines whose reports and settings have the names that these checks read."""

CLUSTER = Unit(plural="clusters", items=lambda f: [f] if f.server.shards else [], subject=SERVER.subject)
CLUSTER_MEMBERS = Unit(
    plural="servers of a cluster", items=lambda f: [node for node in f.server.nodes if "cluster_member" in node.states],
    subject=NODES.subject,
)  # fmt: skip
SHARDS = Unit(
    plural="servers of a cluster with a part of the keys", items=lambda f: [n for n in f.server.nodes if n.slots],
    subject=NODES.subject,
)  # fmt: skip

_FEW = 0.1
"""Up to which share of keys that are held for good a server is a cache."""


def setting_of(node: Node, facts: Facts, name: str) -> str | None:
    """The value of a setting of one server: its own where it differs from the first one's."""
    return node.settings.get(name, facts.setting(name))


def setting(node: Node, facts: Facts, name: str) -> Evidence:
    """A setting of one server as evidence."""
    value = setting_of(node, facts, name)
    return Evidence(name=name, value="not set" if value in (None, "") else value, probe="config")


def number(node: Node, name: str) -> float:
    """A number of a server's report, 0 where it has none."""
    return node.counters.get(name, 0.0)


def counted_by(node: Node, names: Iterable[tuple[str, str | None]]) -> tuple[Evidence, ...]:
    """Numbers of a server's report as evidence, by their names with their units."""
    return tuple(
        Evidence(name=name, value=_plain(node.counters[name]), unit=unit, probe="info")
        for name, unit in names
        if name in node.counters
    )


def _plain(value: float) -> int | float:
    return int(value) if value == int(value) else round(value, 3)


def keys_of(facts: Facts) -> int:
    """How many keys the target has."""
    return sum(database.keys for database in facts.keyspace.databases)


def expiring_share(facts: Facts) -> float:
    """Which share of the keys has a time to live."""
    total = keys_of(facts)
    return sum(database.expiring for database in facts.keyspace.databases) / total if total else 0.0


def of_keys(facts: Facts) -> tuple[Evidence, ...]:
    """The keys and those that expire, as evidence."""
    return (
        Evidence(name="keys", value=keys_of(facts), unit="keys", probe="info"),
        Evidence(name="share of keys that expire", value=round(expiring_share(facts), 3), probe="info"),
    )


def durable_share(facts: Facts) -> float:
    """Which share of the keys exists nowhere else, by what they seem to be for; by their ends where none was seen."""
    shares = roles(facts).shares
    if facts.keyspace.patterns:
        return sum(share.keys for role, share in shares.items() if role in DURABLE)
    return 1 - expiring_share(facts) if keys_of(facts) else 0.0


def is_cache(facts: Facts) -> bool:
    """Whether what is held may be lost: the policy may evict any key, or nearly none of them is held for good."""
    policy = facts.server.states.get("maxmemory_policy", "")
    return policy.startswith("allkeys-") or (keys_of(facts) > 0 and durable_share(facts) < _FEW)


def is_durable(facts: Facts, *, share: float = 0.5) -> bool:
    """Whether at least the ``share`` of the keys is held for good, and nothing may evict them."""
    return keys_of(facts) > 0 and durable_share(facts) >= share and not is_cache(facts)


def follows(node: Node) -> bool:
    """Whether a server is a replica."""
    return node.role == "replica"


def pays_for_copies(node: Node, facts: Facts) -> bool:
    """Whether a server forks: it saves snapshots, rewrites its log, or brings replicas up."""
    saves = bool((setting_of(node, facts, "save") or "").strip())
    return saves or setting_of(node, facts, "appendonly") == "yes" or number(node, "connected_slaves") > 0

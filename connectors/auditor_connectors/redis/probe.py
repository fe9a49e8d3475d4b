"""What a probe is: one bounded read, by commands that only read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from auditor_connectors.redis.session import Session

Row = dict[str, Any]
Raw = Mapping[str, list[Row]]
"""The rows of every probe that was ``ok``, by its name. A probe that was not ``ok`` has no entry."""

APPLICATION = "auditor"
"""How the connections of an audit call themselves, so that what they do is not taken for somebody's work."""

READS = frozenset("""
    hello info time dbsize scan randomkey type pttl llen hlen scard zcard strlen xlen readonly select ping
    object|encoding object|freq object|idletime memory|usage memory|stats memory|doctor
    config|get slowlog|get slowlog|len commandlog|get latency|latest latency|histogram latency|doctor
    client|list client|setname client|no-touch client|no-evict acl|whoami acl|list acl|log acl|getuser
    module|list function|list pubsub|channels pubsub|numsub pubsub|numpat pubsub|shardchannels
    pubsub|shardnumsub cluster|info cluster|nodes cluster|shards cluster|slots cluster|slot-stats cluster|getkeysinslot
    cluster|countkeysinslot
    xinfo|stream xinfo|groups xinfo|consumers xpending command|info
    sentinel|masters sentinel|sentinels sentinel|replicas sentinel|ckquorum sentinel|get-master-addr-by-name
""".split())  # fmt: skip
"""The commands that a session may send, those with a bar by their first two words: none of them changes data.

``client|setname`` and ``client|no-touch`` change the audit's own connection, so that it is known and leaves no trace.
"""


class NotHereError(Exception):
    """What a probe reads does not exist on a server of this kind; the message is the reason for a report."""


class Probe(Struct, frozen=True, kw_only=True):
    """One bounded read of what the server keeps or counts.

    ``read`` brings its rows. ``commands`` are those that it sends, as access rules name them; ``since`` is the lowest
    version of Redis that has them, as major * 10000 + minor * 100 + patch. ``keys`` says that it looks at the names of
    keys, for which the user must be allowed to read them.
    """

    name: str
    purpose: str
    read: Callable[[Session], list[Row]]
    commands: tuple[str, ...]
    since: int = 0
    keys: bool = False
    missing: str = "this version of the server has nothing of the kind"

    @property
    def privilege(self) -> str:
        """What it takes, as rules of access."""
        return " ".join([*(["~*"] if self.keys else []), *(f"+{command}" for command in self.commands)])

"""Tell from a server's own answers which product it is: the original, or one that speaks its protocol."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from auditor_connectors.redis.session import Identity


class Flavour(Struct, frozen=True, kw_only=True):
    """A product: its name, whether somebody else operates it, whether it numbers its own versions, how it is known."""

    name: str
    fits: Callable[[Identity], bool]
    managed: bool = False
    own_versions: bool = True


def _told(name: str, value: str = "") -> Callable[[Identity], bool]:
    """Whether the server's report has an entry, with a value that begins so."""
    return lambda identity: any(
        section[name].startswith(value) for section in identity.info.values() if name in section
    )


def _at(*suffixes: str) -> Callable[[Identity], bool]:
    """Whether the URL leads to a host of a provider's domain."""
    return lambda identity: any(host.endswith(suffixes) for host in identity.hosts)


def _either(*conditions: Callable[[Identity], bool]) -> Callable[[Identity], bool]:
    return lambda identity: any(condition(identity) for condition in conditions)


# The first that fits is the flavour. Only Valkey was tested; the marks of the others are from public documentation.
_FLAVOURS = (
    Flavour(name="Amazon MemoryDB", managed=True, fits=_told("os", "Amazon MemoryDB")),
    Flavour(name="Amazon ElastiCache", managed=True,
            fits=_either(_told("os", "Amazon ElastiCache"), _at(".cache.amazonaws.com"))),
    Flavour(name="Azure Cache for Redis", managed=True, fits=_at(".redis.cache.windows.net", ".redis.azure.net")),
    Flavour(name="Redis Cloud", managed=True, fits=_at(".redis-cloud.com", ".redislabs.com")),
    Flavour(name="Upstash", managed=True, fits=_either(_told("upstash_version"), _at(".upstash.io"))),
    Flavour(name="Dragonfly", fits=_told("dragonfly_version")),
    Flavour(name="KeyDB", fits=_told("mvcc_depth")),
    Flavour(name="Valkey", fits=lambda it: it.product == "valkey" or _told("valkey_version")(it)),
)  # fmt: skip


def detect(identity: Identity) -> Flavour | None:
    """Name the flavour of a server, None for the original."""
    return next((flavour for flavour in _FLAVOURS if flavour.fits(identity)), None)

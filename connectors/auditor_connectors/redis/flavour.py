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


def _server(identity: Identity, name: str) -> str:
    return identity.info.get("Server", {}).get(name, "")


# The first that fits is the flavour.
_FLAVOURS = (
    Flavour(name="Valkey", fits=lambda it: it.product == "valkey" or bool(_server(it, "valkey_version"))),
    Flavour(name="Dragonfly", fits=lambda it: bool(_server(it, "dragonfly_version"))),
    Flavour(name="KeyDB", fits=lambda it: "mvcc_depth" in it.info.get("Server", {})),
)


def detect(identity: Identity) -> Flavour | None:
    """Name the flavour of a server, None for the original."""
    return next((flavour for flavour in _FLAVOURS if flavour.fits(identity)), None)

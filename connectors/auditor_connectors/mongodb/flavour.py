"""Tell from a server's own answers which product it is: the original, or one that speaks its protocol."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from auditor_connectors.mongodb.session import Identity


class Flavour(Struct, frozen=True):
    """A product: its name, whether somebody else operates it, whether it numbers its own versions, how it is known."""

    name: str
    managed: bool
    own_versions: bool
    fits: Callable[[Identity], bool]


def _host_ends(*endings: str) -> Callable[[Identity], bool]:
    """Whether the server says that its members' names end so."""

    def fits(identity: Identity) -> bool:
        hosts = [str(host).rpartition(":")[0] for host in identity.hello.get("hosts", ())]
        return any(host.endswith(endings) for host in hosts)

    return fits


# The first that fits is the flavour: other servers by what they build in, then services by where their members live.
_FLAVOURS = (
    Flavour("FerretDB", False, True, lambda it: "ferretdb" in it.build or "ferretdbVersion" in it.build),
    Flavour("Azure Cosmos DB", True, True, _host_ends(".cosmos.azure.com", ".mongocluster.cosmos.azure.com")),
    Flavour("Amazon DocumentDB", True, True, _host_ends(".docdb.amazonaws.com", ".docdb-elastic.amazonaws.com")),
    Flavour("MongoDB Atlas", True, False, _host_ends(".mongodb.net")),
    Flavour("Percona Server for MongoDB", False, False, lambda it: "psmdbVersion" in it.build),
)


def detect(identity: Identity) -> Flavour | None:
    """Name the flavour of a server, None for the original."""
    return next((flavour for flavour in _FLAVOURS if flavour.fits(identity)), None)

"""Tell from a server's own answers which product it is: the original, or one that speaks its protocol."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct

from auditor_connectors.mysql.session import Identity


class _Answers(Struct, frozen=True):
    """What a server says that tells products apart."""

    text: str
    settings: Mapping[str, str]

    def says(self, word: str) -> bool:
        """Whether the version or its comment holds a word."""
        return word in self.text

    def has(self, prefix: str) -> bool:
        """Whether any variable begins so."""
        return any(name.startswith(prefix) for name in self.settings)

    def lies_in(self, place: str) -> bool:
        """Whether the server is installed below a directory."""
        return self.settings.get("basedir", "").startswith(place)


class _Flavour(Struct, frozen=True):
    """A product: its name, whether somebody else operates it, whether it numbers its own versions, how it is known."""

    name: str
    managed: bool
    own_versions: bool
    fits: Callable[[_Answers], bool]


# The first that fits is the flavour: other servers by what they call themselves, then services by what only they have.
_FLAVOURS = (
    _Flavour("TiDB", False, True, lambda it: it.says("tidb") or it.has("tidb_")),
    _Flavour("PlanetScale", True, True, lambda it: it.says("planetscale")),
    _Flavour("Vitess", False, True, lambda it: it.says("vitess")),
    _Flavour("SingleStore", False, True, lambda it: it.says("singlestore") or it.says("memsql") or it.has("memsql_")),
    _Flavour("OceanBase", False, True, lambda it: it.says("oceanbase")),
    _Flavour("Amazon Aurora", True, True, lambda it: it.has("aurora_")),
    _Flavour("Amazon RDS", True, True, lambda it: it.lies_in("/rdsdbbin") or it.has("rds_")),
    _Flavour("Google Cloud SQL", True, True, lambda it: it.says("-google") or it.has("cloudsql_")),
    _Flavour("Azure Database", True, True, lambda it: it.says("azure") or it.has("azure_")),
    _Flavour("Percona Server", False, False, lambda it: it.says("percona")),
)


def detect(identity: Identity, settings: Mapping[str, str]) -> tuple[str | None, bool, bool]:
    """Name the flavour of a server, None for the original.

    The other values say whether somebody else operates it, and whether its versions have a calendar of their own.
    """
    answers = _Answers(text=identity.version_comment.lower(), settings=settings)
    found = next((flavour for flavour in _FLAVOURS if flavour.fits(answers)), None)
    return (None, False, False) if found is None else (found.name, found.managed, found.own_versions)

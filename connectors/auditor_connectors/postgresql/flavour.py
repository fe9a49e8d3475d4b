"""Tell from a server's own answers which product it is: PostgreSQL itself, or one that speaks its protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import Struct

from auditor_connectors.postgresql.probe import Raw


class _Answers(Struct, frozen=True):
    """What a server says that tells products apart. Parameters that a user only made up are not in ``settings``."""

    version: str
    aurora: bool
    settings: frozenset[str]
    extensions: frozenset[str]
    roles: frozenset[str]

    def says(self, word: str) -> bool:
        """Whether the version text holds a word."""
        return word in self.version.lower()

    def has(self, prefix: str) -> bool:
        """Whether any parameter belongs to a module."""
        return any(name.startswith(prefix) for name in self.settings)


class _Flavour(Struct, frozen=True):
    """A product: its name, whether somebody else operates it, and how it is known."""

    name: str
    managed: bool
    fits: Callable[[_Answers], bool]


# The first that fits is the flavour: forks by what they call themselves, then services by the parameters that only they
# define, each as its documentation lists them, then extensions that change how tables are stored. A role alone is no
# proof, anybody can make one: two of the same service are.
_FLAVOURS = (
    _Flavour("CockroachDB", False, lambda it: it.says("cockroachdb")),
    _Flavour("YugabyteDB", False, lambda it: it.says("-yb-") or it.has("yb_") or it.has("ysql_")),
    _Flavour("Amazon Redshift", True, lambda it: it.says("redshift")),
    _Flavour("Greenplum", False, lambda it: it.says("greenplum")),
    _Flavour("EDB Postgres Advanced Server", False, lambda it: it.says("enterprisedb")),
    _Flavour("Amazon Aurora", True, lambda it: it.aurora or it.has("apg_") or it.has("aurora_")),
    _Flavour("Amazon RDS", True, lambda it: it.has("rds.") or {"rdsadmin", "rds_superuser"} <= it.roles),
    _Flavour("AlloyDB", True, lambda it: it.has("alloydb.") or it.has("google_columnar_engine.")),
    _Flavour(
        "Google Cloud SQL", True, lambda it: it.has("cloudsql.") or {"cloudsqladmin", "cloudsqlsuperuser"} <= it.roles
    ),
    _Flavour("Azure Database", True, lambda it: it.has("azure.") or {"azuresu", "azure_pg_admin"} <= it.roles),
    _Flavour("Neon", True, lambda it: it.has("neon.") or {"cloud_admin", "neon_superuser"} <= it.roles),
    _Flavour(
        "Supabase", True, lambda it: it.has("supautils.") or {"supabase_admin", "supabase_auth_admin"} <= it.roles
    ),
    _Flavour("TimescaleDB", False, lambda it: "timescaledb" in it.extensions),
    _Flavour("Citus", False, lambda it: "citus" in it.extensions),
)


def detect(raw: Raw) -> tuple[str | None, bool]:
    """Name the flavour of a server, None for PostgreSQL itself, and say whether somebody else operates it."""
    identity = (raw.get("server") or [{}])[0]
    answers = _Answers(
        version=identity.get("version_text") or "",
        aurora=bool(identity.get("aurora")),
        settings=_names(row["name"] for row in raw.get("settings", ())),
        extensions=_names(row["name"] for row in raw.get("extensions", ()) if row["installed"] is not None),
        roles=_names(row["name"] for row in raw.get("roles", ())),
    )
    fitting = [flavour for flavour in _FLAVOURS if flavour.fits(answers)]
    return (fitting[0].name if fitting else None), any(flavour.managed for flavour in fitting)


def _names(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.lower() for name in names)

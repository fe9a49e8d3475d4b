"""What a session could see of what is there. The server hides objects in silence: an empty answer proves nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from msgspec import Struct

from auditor.model.vocabulary import ProbeOutcome
from auditor_connectors.mysql.probe import SYSTEM_SCHEMAS, Need, Probe, Raw
from auditor_connectors.mysql.quoting import account, ident, pattern
from auditor_connectors.mysql.session import Identity
from auditor_connectors.mysql.switches import lost, switched_off


class Seen(Struct, frozen=True, kw_only=True):
    """A probe's outcome in the light of what the account may see, with the reason and the grant that would help."""

    outcome: ProbeOutcome
    reason: str
    grant: str | None = None


def forbidden(probe: Probe, identity: Identity, raw: Raw) -> Seen | None:
    """Return why a probe is not worth asking: it would be refused, or answered with nothing. None if it may be."""
    need = probe.needs(identity.product)
    held = identity.privileges
    if probe.text(identity.product, identity.version) is None:
        return None  # the session says that it is unsupported
    if (off := switched_off(probe, need, raw)) is not None:
        return Seen(outcome=ProbeOutcome.UNSUPPORTED, reason=off)
    for schema, table in need.tables:
        if not held.on_table(schema, table):
            # The schema mysql holds the hashes of passwords: never all of it.
            place = f"{ident(schema)}.{ident(table) if schema == 'mysql' else '*'}"
            grant = f"GRANT SELECT ON {place} TO {account(identity.account)}" if need.proposed is not None else None
            return Seen(outcome=ProbeOutcome.DENIED, reason=f"it takes SELECT on {schema}.{table}", grant=grant)
    for schema, table, columns in need.columns:
        if not held.on_columns(schema, table, columns):
            place = f"({', '.join(map(ident, columns))}) ON {ident(schema)}.{ident(table)}"
            grant = f"GRANT SELECT {place} TO {account(identity.account)}"
            return Seen(outcome=ProbeOutcome.DENIED, reason=f"it takes SELECT on {schema}.{table}", grant=grant)
    if need.privileges and held.globally(*need.privileges):
        return None
    if need.privileges and not need.databases:
        grant = f"GRANT {need.privileges[0]} ON *.* TO {account(identity.account)}"
        return Seen(outcome=ProbeOutcome.DENIED, reason=f"it takes the privilege {need.privileges[0]}", grant=grant)
    if need.databases and not _some(need.databases, identity):
        where = "the databases" if identity.database is None else f"the database {identity.database}"
        reason = f"the account has no privilege {need.databases[0]} on {where}, and what it may not see is hidden"
        return Seen(outcome=ProbeOutcome.DENIED, reason=reason, grant=_grant(need, identity, raw))
    return None


def review(probe: Probe, identity: Identity, raw: Raw) -> Seen | None:
    """Return what a probe that was ``ok`` could see only in part, None when it saw all."""
    need, held = probe.needs(identity.product), identity.privileges
    if (reason := lost(probe, raw)) is not None:
        return Seen(outcome=ProbeOutcome.OK, reason=reason)
    objects = sum(1 for row in raw["sequences"] if row["column"] is None) if probe.name == "sequences" else 0
    if objects:
        return Seen(outcome=ProbeOutcome.OK, reason=f"where {objects:,} objects of CREATE SEQUENCE stand is not read")
    if not need.databases or (need.privileges and held.globally(*need.privileges)):
        return None
    if identity.database is not None and held.on_database(identity.database, need.databases):
        return None
    if identity.database is None and held.globally(*need.databases) and not held.revoked:
        return None
    what = "databases and tables" if identity.database is None else "tables"
    reason = f"only {what} on which the account has privileges are visible"
    return Seen(outcome=ProbeOutcome.OK, reason=reason, grant=_grant(need, identity, raw))


def _some(privileges: Collection[str], identity: Identity) -> bool:
    """Whether the account has some of the privileges on anything that is audited: a database, or a table of it."""
    held = identity.privileges
    if identity.database is not None:
        if held.on_database(identity.database, privileges):
            return True
        tables: Iterable[tuple[str, frozenset[str]]] = ((key[0], own) for key, own in held.tables.items())
        return any(schema == identity.database and _overlap(own, privileges) for schema, own in tables)
    if held.globally(*privileges):
        return True
    on_databases = (own for name, own in held.databases.items() if name not in SYSTEM_SCHEMAS)
    on_tables = (own for key, own in held.tables.items() if key[0] not in SYSTEM_SCHEMAS)
    return any(_overlap(own, privileges) for own in (*on_databases, *on_tables))


def _overlap(held: Collection[str], privileges: Collection[str]) -> bool:
    return "ALL PRIVILEGES" in held or not set(held).isdisjoint(privileges)


def _grant(need: Need, identity: Identity, raw: Raw) -> str | None:
    """The statement that shows everything: on the audited database, or on all of them; None if it would allow more.

    Where privileges may be revoked in part, the name of a database in a grant has no wildcards to escape:
    https://dev.mysql.com/doc/refman/8.4/en/partial-revokes.html
    """
    plain = any(row.get("name") == "partial_revokes" and row.get("value") == "ON" for row in raw.get("settings", ()))
    spelled = ident if plain else pattern
    if need.proposed is None:
        return None
    everywhere = need.proposed == "everywhere" or identity.database is None
    privilege = need.privileges[0] if need.proposed == "everywhere" else need.databases[0]
    place = f"{spelled(identity.database)}.*" if identity.database is not None and not everywhere else "*.*"
    return f"GRANT {privilege} ON {place} TO {account(identity.account)}"

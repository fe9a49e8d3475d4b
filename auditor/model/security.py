"""Who may do what: roles, grants, host-based authentication."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct


class Membership(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A role's membership in ``role``; ``admin`` allows to pass it on."""

    role: str
    admin: bool = False
    inherit: bool = True
    set: bool = True


class Role(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A role or account. ``password`` is the kind of hash, None when it may not be read, never the hash.

    ``connection_limit`` is -1 where there is none; ``valid_until`` is None where the password never expires.
    ``settings`` are the role's own session settings; ``database_settings`` those for one database.
    ``system`` marks the engine's own predefined roles. ``rules`` are what it may do as the engine writes them, without
    secrets, where that is a list in which the order counts.

    Where an account is a name together with the place that it may come from, ``name`` is "user@host", ``user`` the
    part that a session shows, and ``host`` the pattern of places. ``plugin`` names how it proves who it is where
    that is chosen for each account. ``powers`` are privileges over the whole server beside those on data, by the
    engine's names; ``all_data`` is what it may do with the data of all databases. ``locked`` is None where it may not
    be read.
    """

    name: str
    user: str | None = None
    host: str | None = None
    plugin: str | None = None
    powers: tuple[str, ...] = ()
    all_data: Literal["read", "write"] | None = None
    locked: bool | None = None
    requires_tls: bool | None = None
    login: bool = False
    superuser: bool = False
    create_role: bool = False
    create_database: bool = False
    replication: bool = False
    bypass_row_security: bool = False
    connection_limit: int | None = None
    valid_until: str | None = None
    password: Literal["none", "md5", "scram-sha-256", "other"] | None = None
    system: bool = False
    member_of: tuple[Membership, ...] = ()
    rules: tuple[str, ...] = ()
    settings: dict[str, str] = {}
    database_settings: dict[str, dict[str, str]] = {}


class Grant(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Privileges on an object for a grantee other than its owner; ``grantee`` "PUBLIC" is everybody.

    ``kind`` is table, sequence, view, function, schema, database, column, language, foreign-server, type or parameter.
    ``default`` is True when the object has no explicit list and this is what the engine grants by itself.
    """

    kind: str
    schema: str | None = None
    name: str
    column: str | None = None
    grantee: str
    privileges: tuple[str, ...] = ()
    grantable: bool = False
    default: bool = False

    @property
    def path(self) -> str:
        """The object's name as a report shows it."""
        return ".".join(part for part in (self.schema, self.name, self.column) if part is not None)


class DefaultPrivilege(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Privileges that future objects of ``kind`` made by ``role`` will carry.

    The role's own are among them: a list without "PUBLIC" is how an engine remembers that a default was revoked.
    """

    role: str
    schema: str | None = None
    kind: str
    grantee: str
    privileges: tuple[str, ...] = ()


class HostRule(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line of host-based authentication, in file order."""

    line: int
    type: str
    databases: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    address: str | None = None
    netmask: str | None = None
    method: str | None = None
    error: str | None = None


class ForeignServer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A connection to another server. ``stored_passwords`` counts user mappings that hold one; None: not visible."""

    name: str
    wrapper: str
    owner: str | None = None
    options: tuple[str, ...] = ()
    foreign_tables: int = 0
    stored_passwords: int | None = None


class Security(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything about access."""

    roles: tuple[Role, ...] = ()
    grants: tuple[Grant, ...] = ()
    default_privileges: tuple[DefaultPrivilege, ...] = ()
    host_rules: tuple[HostRule, ...] = ()
    foreign_servers: tuple[ForeignServer, ...] = ()

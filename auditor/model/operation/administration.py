"""Operations on settings, access, extensions, replication and what surrounds the database."""

from __future__ import annotations

from typing import ClassVar

from auditor.model.operation.base import Operation


class SetSetting(Operation, frozen=True, kw_only=True, tag="set-setting"):
    """Change a configuration parameter, for the server or (``role``/``database``) for some sessions.

    ``previous`` is what it was, None for the engine's default; ``restart`` whether the change waits for a restart.
    """

    name: str
    value: str
    previous: str | None = None
    role: str | None = None
    database: str | None = None
    restart: bool = False
    identity_fields: ClassVar[tuple[str, ...]] = ("name", "role", "database")


class ResetSetting(Operation, frozen=True, kw_only=True, tag="reset-setting"):
    """Give a configuration parameter back its default."""

    name: str
    previous: str
    role: str | None = None
    database: str | None = None
    restart: bool = False
    identity_fields: ClassVar[tuple[str, ...]] = ("name", "role", "database")


class AlterRole(Operation, frozen=True, kw_only=True, tag="alter-role"):
    """Change attributes of a role; keys are attribute names of the catalog model, values whether it keeps them."""

    name: str
    attributes: dict[str, bool]
    identity_fields: ClassVar[tuple[str, ...]] = ("name",)


class RevokeMembership(Operation, frozen=True, kw_only=True, tag="revoke-membership"):
    """Take a role out of another."""

    name: str
    role: str
    identity_fields: ClassVar[tuple[str, ...]] = ("name", "role")


class Revoke(Operation, frozen=True, kw_only=True, tag="revoke"):
    """Take privileges away. ``object_kind`` as in a grant; ``arguments`` for a routine."""

    object_kind: str
    schema: str | None = None
    name: str
    arguments: str | None = None
    privileges: tuple[str, ...]
    grantee: str
    identity_fields: ClassVar[tuple[str, ...]] = ("object_kind", "schema", "name", "arguments", "grantee")


class SetRoutineSetting(Operation, frozen=True, kw_only=True, tag="set-routine-setting"):
    """Fix a session setting for the time of a routine's execution."""

    schema: str
    name: str
    arguments: str
    setting: str
    value: str
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "name", "arguments", "setting")


class SetViewOption(Operation, frozen=True, kw_only=True, tag="set-view-option"):
    """Set an option of a view."""

    schema: str
    name: str
    option: str
    value: str
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "name", "option")


class SetRowSecurity(Operation, frozen=True, kw_only=True, tag="set-row-security"):
    """Switch row-level security of a table on (``force``: also for the owner)."""

    schema: str
    table: str
    force: bool = False
    identity_fields: ClassVar[tuple[str, ...]] = ("schema", "table")


class ChangeHostRule(Operation, frozen=True, kw_only=True, tag="change-host-rule"):
    """Change the authentication method of host-based rules, in stages."""

    line: int
    from_method: str
    to_method: str
    rule: str
    identity_fields: ClassVar[tuple[str, ...]] = ("line",)


class EnableTls(Operation, frozen=True, kw_only=True, tag="enable-tls"):
    """Encrypt client connections, first offered, then required."""

    name: str = "server"
    identity_fields: ClassVar[tuple[str, ...]] = ("name",)


class ReplacePasswordHash(Operation, frozen=True, kw_only=True, tag="replace-password-hash"):
    """Have a role's password stored with the strong hash."""

    name: str
    identity_fields: ClassVar[tuple[str, ...]] = ("name",)


class CreateExtension(Operation, frozen=True, kw_only=True, tag="create-extension"):
    """Install an extension; ``preload`` when the server must load its library at start.

    The planner sets ``together``: the other extensions that are to be loaded by the same restart.
    """

    name: str
    preload: bool = False
    together: tuple[str, ...] = ()
    identity_fields: ClassVar[tuple[str, ...]] = ("name",)
    planner_fields: ClassVar[tuple[str, ...]] = ("together",)


class UpdateExtension(Operation, frozen=True, kw_only=True, tag="update-extension"):
    """Bring an extension's objects to the version of its installed library."""

    name: str
    from_version: str
    to_version: str
    identity_fields: ClassVar[tuple[str, ...]] = ("name",)


class MoveExtension(Operation, frozen=True, kw_only=True, tag="move-extension"):
    """Move a relocatable extension to a schema of its own."""

    name: str
    from_schema: str
    to_schema: str
    identity_fields: ClassVar[tuple[str, ...]] = ("name",)


class RefreshCollation(Operation, frozen=True, kw_only=True, tag="refresh-collation"):
    """Rebuild what depends on a changed collation, then record its new version. No ``name``: the database's default."""

    database: str | None = None
    schema: str | None = None
    name: str | None = None
    indexes: tuple[tuple[str, str], ...] = ()
    identity_fields: ClassVar[tuple[str, ...]] = ("database", "schema", "name")


class DropSlot(Operation, frozen=True, kw_only=True, tag="drop-slot"):
    """Drop a replication slot that nobody consumes."""

    name: str
    identity_fields: ClassVar[tuple[str, ...]] = ("name",)


class AddReplica(Operation, frozen=True, kw_only=True, tag="add-replica"):
    """Introduce a replica."""

    name: str = "server"
    identity_fields: ClassVar[tuple[str, ...]] = ("name",)


class EnableArchiving(Operation, frozen=True, kw_only=True, tag="enable-archiving"):
    """Introduce base backups and continuous archiving, with a restore test."""

    name: str = "server"
    identity_fields: ClassVar[tuple[str, ...]] = ("name",)


class EnableChecksums(Operation, frozen=True, kw_only=True, tag="enable-checksums"):
    """Protect data pages by checksums."""

    name: str = "server"
    identity_fields: ClassVar[tuple[str, ...]] = ("name",)


class IntroducePooler(Operation, frozen=True, kw_only=True, tag="introduce-pooler"):
    """Put a connection pooler between the application and the server."""

    name: str = "server"
    pool_size: int | None = None
    identity_fields: ClassVar[tuple[str, ...]] = ("name",)


class UpgradeServer(Operation, frozen=True, kw_only=True, tag="upgrade-server"):
    """Move to a newer version; ``major`` when it is another major version."""

    from_version: str
    to_version: str
    major: bool = False
    identity_fields: ClassVar[tuple[str, ...]] = ("to_version",)


class ResolvePreparedTransaction(Operation, frozen=True, kw_only=True, tag="resolve-prepared-transaction"):
    """Commit or roll back a forgotten prepared transaction, after its coordinator was asked."""

    name: str
    identity_fields: ClassVar[tuple[str, ...]] = ("name",)


class EndSession(Operation, frozen=True, kw_only=True, tag="end-session"):
    """End a session that holds others up, after its owner was asked."""

    session: int
    reason: str
    identity_fields: ClassVar[tuple[str, ...]] = ("session",)


class ChangeApplication(Operation, frozen=True, kw_only=True, tag="change-application"):
    """Something that only the application's code can change. ``topic`` is a slug, ``subject`` what it concerns."""

    topic: str
    subject: str
    instruction: str
    identity_fields: ClassVar[tuple[str, ...]] = ("topic", "subject")

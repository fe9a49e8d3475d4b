"""The recipe for newer versions: a minor one by new binaries, a major one into a second cluster that follows."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.connector import Draft
from auditor.model.facts import Facts
from auditor.model.operation import UpgradeServer
from auditor.model.vocabulary import Phase
from auditor_connectors.postgresql.recipes import estimates
from auditor_connectors.postgresql.recipes.moves import Move
from auditor_connectors.postgresql.recipes.moving import follow
from auditor_connectors.postgresql.recipes.moving_switch import end, switch
from auditor_connectors.postgresql.recipes.releases import ATTENTION, CHANGED_DEFAULTS, REMOVED_SETTINGS, between
from auditor_connectors.postgresql.recipes.settings import restart_once
from auditor_connectors.postgresql.recipes.steps import runbook

NAME = "auditor_upgrade"

# Stored by number in tables: pg_upgrade refuses columns of them, which would point to something else afterwards
# (manual, "pg_upgrade", notes). Logical replication sends their text.
_NUMBERED = frozenset(
    ("regcollation", "regconfig", "regdictionary", "regnamespace", "regoper", "regoperator", "regproc", "regprocedure")
)
_ACL_CHANGED = 16
"""The version that stores aclitem in another form, so that pg_upgrade refuses columns of it."""

_NO_UNLOGGED_PARTITIONS = 18

KEEPS_STATISTICS, KEEPS_SLOTS = 18, 17
"""pg_upgrade keeps the planner's statistics from 18 on, and logical slots of a cluster that is 17 or newer."""


def upgrade_server(operation: UpgradeServer, facts: Facts) -> Iterator[Draft]:
    """Within a major version: new binaries and a restart. To another one: follow, switch, keep a way back."""
    if operation.major:
        yield from _major(operation, facts)
        return
    yield runbook(
        Phase.PREPARE,
        f"Install version {operation.to_version} beside {operation.from_version}",
        notes=(
            "Read the release notes of every version between: some ask for a reindex or an extension's update.",
            "Replicas first. The running server goes on with the old binaries until it is restarted.",
        ),
    )
    yield restart_once(facts)


def _major(operation: UpgradeServer, facts: Facts) -> Iterator[Draft]:
    old, new = _number(operation.from_version), _number(operation.to_version)
    move = Move(
        name=NAME,
        what="the database",
        tables=facts.tables,
        sequences=[sequence for sequence in facts.sequences if sequence.extension is None],
        dump="",
    )
    yield runbook(
        Phase.REARCHITECT,
        f"Settle what version {operation.to_version} does not take as it is",
        notes=(*_settings(facts, old, new), *_objects(facts, new), *_alternative(facts, old, new)),
    )
    yield from follow(facts, move, tuple(_preparation(operation, facts)))
    yield from switch(facts, move)
    yield from end(facts, move)
    yield runbook(
        Phase.REARCHITECT,
        f"Retire the cluster of version {operation.from_version}",
        notes=(
            "Take a last backup of it, stop it, and keep the backup as long as backups are kept.",
            "Replicas and backups of the new cluster have been in place since before the switch.",
        ),
        reversible=False,
    )


def _number(version: str) -> int:
    return int(version.partition(".")[0])


def _settings(facts: Facts, old: int, new: int) -> Iterator[str]:
    """Say which settings have to go, and which defaults are other ones."""
    own = {name for name, setting in facts.settings.items() if setting.source != "default"}
    gone = [
        f"{name} ({why})"
        for version in between(old, new)
        for name, why in REMOVED_SETTINGS.get(version, {}).items()
        if name in own
    ]
    if gone:
        yield f"These settings are gone, and with one of them the new server does not start: {'; '.join(gone)}."
    else:
        yield "No setting of this server is unknown to the new version, as far as they can be seen."
    changed = [
        f"{name} = {value}"
        for version in between(old, new)
        for name, value in CHANGED_DEFAULTS.get(version, {}).items()
        if name not in own
    ]
    if changed:
        yield f"Defaults that are new, and that nobody has set here: {', '.join(changed)}."
    yield from (text for version in between(old, new) for text in ATTENTION.get(version, ()))


def _objects(facts: Facts, new: int) -> Iterator[str]:
    """Say which extensions, passwords, slots and collations ask for care."""
    extensions = [f"{one.name} {one.installed}" for _, one in sorted(facts.extensions.items()) if one.name != "plpgsql"]
    if extensions:
        yield (
            f"See that these extensions exist for the new version, and install their packages: "
            f"{', '.join(extensions)}. Load "
            "those of shared_preload_libraries in the same order."
        )
    weak = sorted(role.name for role in facts.security.roles if role.password == "md5")  # noqa: S105 -- a kind of hash
    if weak:
        yield (
            f"Passwords stored as MD5 move as they are, with a warning from 18 on: have {', '.join(weak)} set theirs "
            "again with scram-sha-256 before."
        )
    slots = sorted(slot.name for slot in facts.server.slots if slot.kind == "logical" and not slot.temporary)
    if slots:
        yield (
            f"Logical slots do not come along: {', '.join(slots)}. Their readers stop at the freeze, and begin at a "
            "new slot that is made at the target before it opens."
        )
    partly = [one.path for one in facts.tables if one.kind == "partitioned" and one.persistence == "unlogged"]
    if partly and new >= _NO_UNLOGGED_PARTITIONS:
        yield f"18 has no unlogged partitioned tables: {', '.join(partly)}."


def _alternative(facts: Facts, old: int, new: int) -> Iterator[str]:
    """State what the upgrade in place costs, for those who can afford the outage."""
    numbered = [
        column.path for column in facts.columns
        if column.column.type in _NUMBERED or (column.column.type == "aclitem" and old < _ACL_CHANGED <= new)
    ]  # fmt: skip
    count = len(facts.catalog.tables) + len(facts.catalog.indexes)
    swap = " (from 18 on --swap, which is faster with many files)" if new >= KEEPS_STATISTICS else ""
    yield (
        f"Instead of all that follows, with an outage: pg_upgrade --link{swap}. Nobody is served while the schema is "
        f"dumped and loaded ({count:,} tables and indexes here; a rehearsal on a copy tells the minutes) and until "
        + (
            "the first queries are warm: it keeps statistics"
            if new >= KEEPS_STATISTICS
            else "ANALYZE has run in stages"
        )
        + ". Its only way back is a standby that was stopped before, or a restore."
    )
    if new >= KEEPS_STATISTICS and facts.server.data_checksums is False:
        yield "For it the new cluster is made with initdb --no-data-checksums: 18 would have them, and they must agree."
    if numbered:
        yield f"It refuses these columns, which replication takes: {', '.join(numbered)}."
    if old >= KEEPS_SLOTS:
        yield "It keeps logical slots, if their readers have read everything when the old cluster stops."


def _preparation(operation: UpgradeServer, facts: Facts) -> Iterator[str]:
    database = facts.database
    yield (
        f"Make a cluster of version {operation.to_version} on other disks, with data checksums, the settings above, "
        "TLS, backups and replicas of its own: it is production from the switch on."
    )
    if database is not None:
        kept = {
            "encoding": database.encoding,
            "collation": database.collation,
            "character type": database.character_type,
            "provider": database.locale_provider,
        }
        said = ", ".join(f"{name} {value}" for name, value in kept.items() if value is not None)
        yield (
            f"Create the database with {said}. Under another version of the operating system's or ICU's collations the "
            "indexes are built by the new rules, which is right: nothing is to be rebuilt."
        )
        others = [
            one.name for one in facts.server.databases if not one.template and not one.current and one.allow_connections
        ]
        if others:
            yield f"Every other database takes the same steps, or is dumped and restored: {', '.join(others)}."
    yield "$ pg_dumpall -d service=auditor_source --globals-only | psql -X -d service=auditor_target"
    yield "Roles that exist there already are reported, and change nothing."
    size = facts.total_bytes
    if size is not None:
        yield f"It needs room for {estimates.human_bytes(size)}, and for its log."

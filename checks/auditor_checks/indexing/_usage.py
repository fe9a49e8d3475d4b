"""How far the usage counters of indexes can be trusted, and what an index is there for besides being scanned."""

from __future__ import annotations

from datetime import timedelta

from auditor.model.catalog import Index, Table
from auditor.model.facts import Facts, moment
from auditor.model.finding import Unknown

_SECONDS_PER_DAY = 86400.0
_NOT_SERVING_READS = ("pg_receivewal", "pg_basebackup", "barman_receive_wal")
"""Stream consumers that keep the log and answer no query."""


def untrusted_usage(facts: Facts, min_days: float, index: Index | None = None) -> Unknown | None:
    """Say why zero scans would prove nothing on this server; None when they would.

    Where the engine counts for each index by itself, what is said is about this index.
    """
    if facts.capabilities.counts_by_index:
        return _doubt_about(index, facts, min_days) if index is not None else None
    return facts.once((untrusted_usage, min_days), lambda: _doubt(facts, min_days))


def _doubt(facts: Facts, min_days: float) -> Unknown | None:
    if facts.server.in_recovery:
        return Unknown(reason="this server is a replica: what its primary and other replicas scan is not known here")
    replicas = [
        replica
        for replica in facts.server.replicas
        if not replica.logical and replica.state != "backup" and replica.name not in _NOT_SERVING_READS
    ]
    if replicas:
        return Unknown(
            reason=f"{len(replicas)} replica(s) may answer queries, and their index scans are not counted here: "
            "compare the counters of every server before dropping an index"
        )
    days = facts.stats_days
    if days is None:
        return Unknown(reason="the server does not tell since when it counts index scans")
    if days < min_days:
        since = moment(facts.target.stats_since) or facts.now - timedelta(days=days)
        return Unknown(
            reason=f"index scans have been counted for {days:.1f} days, {min_days:.0f} are needed to cover monthly "
            f"work: this can be judged from {(since + timedelta(days=min_days)).date().isoformat()}"
        )
    return None


def _doubt_about(index: Index, facts: Facts, min_days: float) -> Unknown | None:
    if index.scans is None:
        partly = facts.probes["index-usage"].reason
        return Unknown(reason=f"not every member told how often it used its indexes: {partly or index.path}")
    days = days_counted(index, facts)
    if not index.scans and days < min_days:
        since = facts.now - timedelta(days=days)
        return Unknown(
            reason=f"scans have been counted for {days:.1f} days ({index.path}), {min_days:.0f} are needed to cover "
            f"monthly work: this can be judged from {(since + timedelta(days=min_days)).date().isoformat()}"
        )
    return None


def days_counted(index: Index, facts: Facts) -> float:
    """For how many days the scans of an index have been counted."""
    age = facts.age(index.scans_since)
    return (facts.stats_days or 0.0) if age is None else age.total_seconds() / _SECONDS_PER_DAY


def distributes(index: Index, table: Table) -> bool:
    """Whether rows are distributed over servers by what the index begins with."""
    key = table.documents.shard_key if table.documents is not None else ()
    return bool(key) and index.columns[: len(key)] == key


def serves(index: Index, columns: tuple[str, ...]) -> bool:
    """Whether the index finds the rows of a foreign key over the columns: it starts with them, in any order."""
    return index.complete and set(columns) == {part.column for part in index.parts[: len(columns)]}


def only_foreign_key_support(index: Index, facts: Facts) -> bool:
    """Whether a foreign key of the table would be left without an index if this one went."""
    return any(
        serves(index, key.columns)
        and not any(
            other.key != index.key and other.predicate is None and serves(other, key.columns)
            for other in facts.indexes_of(index.table_key)
        )
        for key in facts.constraints_of(index.table_key, "foreign-key")
    )


def enforces(index: Index) -> bool:
    """Whether the index keeps a rule or an identity, or lets rows expire: then it is needed without being scanned."""
    keeps = index.unique or index.primary or index.exclusion or index.replica_identity
    return keeps or index.constraint is not None or index.expire_seconds is not None


def entries_written(table: Table, facts: Facts) -> int:
    """Rows whose writing made an entry in every index: all inserts, and the updates that could not stay on the page.

    Where an engine does not tell what was done to rows, all that were written.
    """
    usages = [leaf.usage for leaf in facts.leaves(table) if leaf.usage is not None]
    return sum(usage.inserted + max(0, usage.updated - usage.updated_hot) + (usage.changed or 0) for usage in usages)


def written_meanwhile(index: Index, table: Table, facts: Facts) -> int:
    """What was written into an index while its scans were counted, if writes come evenly."""
    written, total = entries_written(table, facts), facts.stats_days
    if index.scans_since is None or not total:
        return written
    return round(written * min(1.0, days_counted(index, facts) / total))


def scans_of(table: Table, facts: Facts) -> int:
    """Sequential and index scans of a table over all its partitions."""
    usages = [leaf.usage for leaf in facts.leaves(table) if leaf.usage is not None]
    return sum(usage.sequential_scans + usage.index_scans for usage in usages)


def told_writes(written: int, facts: Facts) -> str:
    """Say what made entries in an index: writes of rows, or operations where these are what the engine counts."""
    if facts.capabilities.counts_by_index:
        return f"{written:,} inserts and updates were sent to its {facts.capabilities.terms.table}"
    return f"{written:,} entries were written into it"

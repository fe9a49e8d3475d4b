"""Most reads of the database miss its cache.

## What
The share of block reads that the server's own cache answered since the counters began, where enough was read to tell.

## Why it matters
Each miss asks the operating system and often the disk: hundreds of times slower than a hit, and it makes every other
reader wait for the same disk.

## When it is fine
Large scans of cold data are the purpose of the database (reports, archives), or the operating system's cache answers:
then the measured time per read is microseconds, and this check stays silent.

## How to fix it
First find the statements and tables that read most, and give them indexes or less to read; then consider more memory
for the cache.

PostgreSQL: That is shared_buffers.

MySQL, MariaDB: That is innodb_buffer_pool_size.

MongoDB: That is storage.wiredTiger.engineConfig.cacheSizeGB.

## Sources
PostgreSQL manual, view pg_stat_database, columns blks_read, blks_hit and blk_read_time; "Resource Consumption:
Memory". MongoDB manual, serverStatus: wiredTiger.cache.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import DATABASE
from auditor.model.vocabulary import Confidence, Pillar, Severity

CHECK = Check(
    title="Most reads miss the cache",
    passed="The cache answers most reads",
    pillar=Pillar.CACHING,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=DATABASE,
    needs=("databases|status|server-status",),
)


def judge(
    _database: Facts, facts: Facts, *, hit_ratio: float = 0.9, minimum_blocks: float = 1e6, fast_read_ms: float = 0.1
) -> Iterator[Verdict]:
    """Compare the hit ratio with the limit, unless reads are as fast as memory."""
    database, probe = facts.activity, facts.activity_probe
    if database is None or database.blocks_read is None or database.blocks_hit is None:
        yield Unknown(reason="the counters of the database are not visible")
        return
    total = database.blocks_read + database.blocks_hit
    if total < minimum_blocks:
        yield Unknown(reason=f"only {total:,} blocks were read since the counters began: too few to judge")
        return
    ratio = database.blocks_hit / total
    timed = [s for s in facts.statements if s.read_ms and s.blocks_read]
    milliseconds = sum(s.read_ms or 0.0 for s in timed) / max(1, sum(s.blocks_read for s in timed)) if timed else None
    if ratio >= hit_ratio or (milliseconds is not None and milliseconds < fast_read_ms):
        return
    leaves = [t for t in facts.storage_tables if t.usage is not None and t.usage.heap_read]
    worst = sorted(leaves, key=lambda t: (-(t.usage.heap_read or 0) if t.usage else 0, t.key))[:5]
    yield Flaw(
        title=f"The cache answers only {ratio:.0%} of the reads",
        related=tuple(Subject(kind="table", name=table.path) for table in worst),
        evidence=(
            Evidence(name="reads answered by the cache", value=round(ratio, 4), unit="share", probe=probe),
            Evidence(name="blocks read past the cache", value=database.blocks_read, unit="blocks", probe=probe),
            Evidence(name="time for one block", value=None if milliseconds is None else round(milliseconds, 4),
                     unit="milliseconds", probe="statements"),
            Evidence(name="size of the cache", value=_cache_bytes(facts), unit="bytes",
                     probe="settings"),
        ),
        explanation=(
            f"{database.blocks_read:,} of {total:,} block reads missed the cache"
            + (f", most of them in {', '.join(table.path for table in worst[:3])}." if worst else ".")
        ),
        recommendation="Reduce what the named tables' statements read before adding memory.",
        operations=(
            ChangeApplication(
                topic="cache", subject=facts.target.name,
                instruction="Give the statements that read most an index or less to read; then size the cache anew.",
            ),
        ),
    )  # fmt: skip


def _cache_bytes(facts: Facts) -> float | None:
    """The size of the cache by the setting that says it."""
    return facts.setting_bytes("shared_buffers") or facts.setting_number("innodb_buffer_pool_size")

"""Nothing that the server holds is kept on disk.

## What
A primary with keys that do not expire has neither snapshots (save) nor an append-only file, and nothing saved it in the
last day.

## Why it matters
A restart, a crash or a machine that moves starts with an empty server. Where replicas follow, they copy the empty
server at once, so that a restart of the primary alone loses all copies.

## When it is fine
What is held is a cache: the policy may evict every key, or nearly all keys expire; these are not reported. Or a job
saves it at other times, which counts when it ran within the last day.

## How to fix it
CONFIG SET appendonly yes writes the file while clients go on; then write the setting into the configuration. Where
losing a minute is fine, CONFIG SET save "60 10000 300 100 3600 1" is cheaper.

## Sources
Redis documentation, "Redis persistence"; "Redis replication: Safety of replication when master has persistence turned
off". Valkey documentation, "Persistence".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Unknown, Verdict
from auditor.model.operation import SetSetting
from auditor.model.server import Node
from auditor.model.units import PRIMARIES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._nodes import REDIS, is_durable, keys_of, number, of_keys, setting, setting_of

CHECK = Check(
    title="Nothing is kept on disk",
    passed="What the server holds is kept on disk, or may be lost",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.HIGH,
    confidence=Confidence.LIKELY,
    unit=PRIMARIES,
    needs=("info", "config"),
    engines=REDIS,
)
_DAY = 86400.0


def judge(node: Node, facts: Facts, *, share: float = 0.1) -> Iterator[Verdict]:
    """Read both kinds of persistence; ``share`` of the keys must be without a time to live."""
    if facts.target.managed:
        yield Unknown(reason="how a managed service keeps its data is outside the server's sight")
        return
    save, log = setting_of(node, facts, "save"), setting_of(node, facts, "appendonly")
    if save is None or log is None:
        yield Unknown(reason="save or appendonly is not visible")
        return
    if save.strip() or log == "yes" or not is_durable(facts, share=share):
        return
    ago = facts.now.timestamp() - number(node, "rdb_last_save_time")
    replicas = number(node, "connected_slaves")
    saved = number(node, "rdb_saves") > 0 or (
        "rdb_saves" not in node.counters and not replicas and number(node, "rdb_last_bgsave_time_sec") >= 0
    )  # before 7.0 a copy for a replica looks like a snapshot
    if saved and ago < _DAY:
        return  # somebody saves it from outside
    yield Flaw(
        evidence=(
            setting(node, facts, "save"), setting(node, facts, "appendonly"), *of_keys(facts),
            Evidence(name="replicas", value=int(replicas), unit="replicas", probe="info"),
        ),
        impact=Impact(risk="all keys are lost by a restart"),
        explanation=f"{keys_of(facts):,} keys are in memory alone"
        + (", and replicas copy an empty primary when it restarts." if replicas else "."),
        recommendation="Switch the append-only file on, which takes no restart; or save snapshots.",
        operations=(SetSetting(name="appendonly", value="yes", previous="no"),),
    )  # fmt: skip

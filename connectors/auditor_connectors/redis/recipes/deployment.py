"""What is known of the servers that a plan is for: one, a primary with replicas, a cluster; how all are reached."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.connector import Draft
from auditor.model.facts import Facts
from auditor.model.vocabulary import Blocks, Phase
from auditor.text import duration, size
from auditor_connectors.redis.recipes.estimates import LOAD_BYTES_PER_SECOND, Estimate
from auditor_connectors.redis.recipes.shell import quote
from auditor_connectors.redis.recipes.steps import draft

FAILOVER_SECONDS = 3.0
"""How long nothing can be written when a primary hands over in order: it waits until the replica has caught up, and
clients need a moment to find the new one. https://redis.io/docs/latest/commands/failover/"""

RESTART_SECONDS = 2.0
"""A stop and a start without the loading of the data."""

FORK_SECONDS_PER_BYTE = 10e-3 / (1 << 30)
"""What copying the page table of a GiB takes; the server's own measurement counts where there is one."""

LEAST_FORK_SECONDS = 0.001

NODES = r"""
each() {
local role=$1; shift
redis-cli CLUSTER NODES | awk -v role="$role" '$3 !~ /fail|handshake|noaddr/ && $3 ~ role {
sub(/@.*/, "", $2); port = $2; sub(/.*:/, "", port); sub(/:[^:]*$/, "", $2); print $2, port }' |
while read -r host port; do redis-cli -h "$host" -p "$port" "$@" </dev/null || exit 1; done
}
""".strip()
"""Bash: ``each ROLE COMMAND…`` runs a command on every server of a cluster whose role fits ("master", "." for all)."""

PRIMARIES = "master"
ALL = "."

KEEP = (
    "if redis-cli INFO server | grep -q '^config_file:.*[^[:space:]]'; then redis-cli CONFIG REWRITE; "
    "else echo 'There is no configuration file: put the setting where the server is started.' >&2; fi"
)
"""Bash: let the configuration file say what is in force."""


def is_cluster(facts: Facts) -> bool:
    """Whether the keys are spread over several servers by hash slots."""
    return facts.setting("cluster-enabled") == "yes" or facts.server.states.get("redis_mode") == "cluster"


def replicas(facts: Facts) -> int:
    """How many replicas follow the audited server, 0 also where that is not known."""
    return int(facts.counter("connected_slaves") or 0)


def present_bytes(facts: Facts) -> int | None:
    """The memory that the server takes for data and what belongs to it, in bytes."""
    used = facts.counter("used_memory")
    return None if used is None else int(used)


def fork_seconds(facts: Facts) -> float | None:
    """How long everything waits when the server makes a copy of itself, None where its size is not known."""
    measured = facts.counter("latest_fork_usec")
    if measured:
        return max(LEAST_FORK_SECONDS, measured / 1e6)
    used = present_bytes(facts)
    return None if used is None else max(LEAST_FORK_SECONDS, round(used * FORK_SECONDS_PER_BYTE, 4))


def fork_note(facts: Facts) -> str:
    """Say what a fork takes, and what memory it may need."""
    seconds, used = fork_seconds(facts), present_bytes(facts)
    taken = f"for about {duration(seconds)}" if seconds is not None else "for a moment"
    room = f"up to {size(used)} more" if used else "up to as much again"
    return (
        f"The server makes a copy of itself (a fork), {taken} nothing else runs. While the copy writes, memory that "
        f"clients change is held twice: {room} at worst."
    )


def sent(facts: Facts, *words: str) -> str:
    """Write a command that a setting takes: for the server, in a cluster for every one of its servers."""
    return asked(facts, " ".join(["each", ALL, *words] if is_cluster(facts) else ["redis-cli", *words]))


def kept(facts: Facts) -> str:
    """Write the command by which the configuration files say what is in force."""
    return sent(facts, "CONFIG REWRITE") if is_cluster(facts) else KEEP


def setting_is(facts: Facts, name: str, value: str) -> str:
    """Write the test whether a setting has a value, in a cluster on every server."""
    return asked(facts, f'test "{told(facts, name)}" = {quote(value)}')


def setting_has(facts: Facts, name: str, part: str) -> str:
    """Write the test whether a text is part of the value of a setting, in a cluster on every server."""
    return asked(facts, f'[[ "{told(facts, name)}" == *{quote(part)}* ]]')


def told(facts: Facts, name: str) -> str:
    """Write the expression that is the value of a setting; where servers differ, all of their values."""
    if is_cluster(facts):
        return f"$(each {ALL} CONFIG GET {quote(name)} | awk 'NR % 2 == 0' | sort -u)"
    return f"$(redis-cli CONFIG GET {quote(name)} | tail -n 1)"


def reported(facts: Facts, name: str, *, least: bool = False) -> str:
    """Write the expression that is a value of the server's own report: in a cluster the largest, or the least, of all.

    A text that has it stands in ``asked``.
    """
    told = f"tr -d '\\r' | sed -n 's/^{name}://p'"
    if not is_cluster(facts):
        return f"$(redis-cli INFO | {told})"
    return f"$(each {ALL} INFO | {told} | sort -n | {'head' if least else 'tail'} -n 1)"


def asked(facts: Facts, text: str) -> str:
    """Write a text that asks every server of a cluster."""
    return f"{NODES}\n{text}" if is_cluster(facts) else text


def each_server(facts: Facts) -> tuple[str, ...]:
    """Say that a statement counts for the server alone that runs it."""
    if is_cluster(facts) or not replicas(facts):
        return ()
    return ("Settings and accounts are not replicated: run it on each replica too, which may take over one day.",)


def restart(facts: Facts, phase: Phase, title: str, notes: Iterable[str], *, once: str | None = None) -> Draft:
    """Draft the restart of the servers: the replicas first, then the primary when it is one no more."""
    used, several = present_bytes(facts), replicas(facts) > 0 or is_cluster(facts)
    loading = 0.0 if used is None else used / LOAD_BYTES_PER_SECOND
    basis = f"{size(used)} loaded at {LOAD_BYTES_PER_SECOND / 1e6:.0f} MB/s (default calibration)"
    seconds = round(RESTART_SECONDS + loading, 1)
    return draft(
        phase,
        title,
        notes=(*notes, *(rolling(facts) if several else _ALONE)),
        takes=Estimate(seconds * (1 + replicas(facts)), None, basis if used is not None else "a stop and a start"),
        blocks=Blocks.WRITES if several else Blocks.EVERYTHING,
        blocking_seconds=FAILOVER_SECONDS if several else seconds,
        once=once,
    )


_ALONE = (
    "There is no replica: all clients wait until the server has loaded its data again. With a replica nobody would.",
    "Without a snapshot or a log on disk the data is lost: see redis-cli LASTSAVE and CONFIG GET save appendonly.",
)


def rolling(facts: Facts) -> tuple[str, ...]:
    """Say how servers are restarted one after the other."""
    return (
        (
            "Restart each replica, and wait until it is up to date: redis-cli INFO replication says "
            "master_link_status:up, and the offsets agree."
        ),
        f"Then hand over: {handing_over(facts)} Restart the old primary last, as a replica.",
        "Clients must find the new primary by themselves (Sentinel, cluster, a name that is moved).",
    )


def handing_over(facts: Facts) -> str:
    """Say by which command a replica becomes the primary in order, without the loss of a write."""
    if is_cluster(facts):
        return "CLUSTER FAILOVER on a replica of each primary."
    if facts.server.watches:
        return "SENTINEL FAILOVER <name> on one of the sentinels."
    return "FAILOVER on the primary (from version 6.2): it stops writes until the replica has them all."

"""What checks of commands share: which are those of applications, and how their counters are shown."""

from __future__ import annotations

from auditor.model.facts import Facts
from auditor.model.finding import Evidence
from auditor.model.workload import Command
from auditor_checks.queries._statements import short

SCRIPTS = frozenset("eval eval_ro evalsha evalsha_ro fcall fcall_ro".split())
"""Commands that run a script or a function of the server."""

MANY_KEYS = frozenset("""
    mget mset msetnx exists touch watch sinter sinterstore sintercard sunion sunionstore sdiff sdiffstore zinter
    zinterstore zintercard zunion zunionstore zdiff zdiffstore pfcount pfmerge bitop
""".split())  # fmt: skip
"""Commands whose work grows with the number of keys that they name."""

WHOLE_KEYSPACE = frozenset("keys flushall flushdb".split())
"""Commands that walk all keys in one go."""

DELETES = frozenset("del unlink".split())

_ADMINISTRATION = frozenset("""
    acl asking auth bgrewriteaof bgsave client cluster command commandlog config dbsize debug echo failover function
    hello hotkeys info lastsave latency lolwut memory migrate module monitor object pfdebug pfselftest ping psync pubsub
    quit readonly readwrite replconf replicaof reset restore restore-asking role save script select sentinel shutdown
    slaveof slowlog swapdb sync syncslots time wait waitaof
""".split())  # fmt: skip


def family(command: Command) -> str:
    """The name of a command without its subcommand."""
    return command.name.partition("|")[0]


def is_data(command: Command) -> bool:
    """Whether a command is on data, as an application sends it, and not on the server."""
    return is_named_data(family(command))


def is_named_data(name: str) -> bool:
    """Whether the command of this name is on data, as an application sends it, and not on the server."""
    return name not in _ADMINISTRATION


def called(facts: Facts, *names: str) -> int:
    """How often the commands of these names were called."""
    return sum(command.calls for command in facts.workload.commands if command.name in names)


def main_thread_ms(facts: Facts) -> float:
    """Milliseconds of all commands. What a script calls is in the script's own time too, and counted once."""
    scripts = sum(c.milliseconds for c in facts.workload.commands if family(c) in SCRIPTS)
    others = sum(c.milliseconds for c in facts.workload.commands if family(c) not in SCRIPTS)
    return max(scripts, others)


def figures(command: Command) -> tuple[Evidence, ...]:
    """What the server counts of a command, as far as it counts it."""
    found = [
        Evidence(name="calls", value=command.calls, unit="calls", probe="info"),
        Evidence(name="mean time of a call", value=round(command.mean_ms, 4), unit="milliseconds", probe="info"),
        Evidence(name="total time", value=round(command.milliseconds, 1), unit="milliseconds", probe="info"),
    ]
    if command.p99_ms is not None:
        found.append(Evidence(name="99th percentile", value=command.p99_ms, unit="milliseconds", probe="info"))
    return tuple(found)


_SHAPES = 3
"""How many shapes of a command a finding shows."""


def shapes(command: Command, facts: Facts) -> tuple[Evidence, ...]:
    """What the list of slow commands has of a command: the patterns of its keys, and no values."""
    log, name = facts.workload.slow_log, command.name.upper().replace("|", " ")
    found = [
        entry
        for entry in (log.entries if log is not None else ())
        if entry.kind == "slow" and (entry.text == name or entry.text.startswith(f"{name} "))
    ]
    return tuple(
        Evidence(name="in the list of slow commands", value=short(entry.text), probe="slow-log")
        for entry in found[:_SHAPES]
    )

"""Recipes for settings: in force at once where the server allows it, and kept for the next start."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from auditor.connector import Draft
from auditor.model.facts import Facts
from auditor.model.operation import ResetSetting, SetSetting
from auditor.model.vocabulary import Blocks, Phase
from auditor.target import MASK
from auditor.text import size
from auditor_connectors.redis.recipes import deployment
from auditor_connectors.redis.recipes.deployment import (
    asked,
    each_server,
    kept,
    reported,
    sent,
    setting_has,
    setting_is,
)
from auditor_connectors.redis.recipes.estimates import AT_ONCE, LOAD_BYTES_PER_SECOND, Estimate
from auditor_connectors.redis.recipes.shell import quote
from auditor_connectors.redis.recipes.steps import draft

_RESTART = "Restart the servers once, for every setting above that waits for it"
_BYTES = re.compile(r"(\d+)(k|kb|m|mb|g|gb)\Z", re.IGNORECASE)
_FACTORS = {"k": 1000, "kb": 1 << 10, "m": 10**6, "mb": 1 << 20, "g": 10**9, "gb": 1 << 30}
"""https://github.com/redis/redis/blob/8.2.0/redis.conf#L8"""

_REWRITES = ("aof_rewrite_in_progress", "aof_rewrite_scheduled")


class _Kind(NamedTuple):
    """What is particular about a setting: what must hold before, what else is to be known, and its phase."""

    precondition: str | None = None
    notes: tuple[str, ...] = ()
    phase: Phase = Phase.PREPARE


def set_setting(operation: SetSetting, facts: Facts) -> Iterator[Draft]:
    """Set it and keep it; by a restart where it cannot change while the server runs."""
    name, value = operation.name, plain(operation.value)
    before = operation.previous if operation.previous is not None else facts.setting(name)
    before = None if before is None or MASK in before else plain(before)
    if facts.target.managed:
        yield _by_the_service(f"Set {name} to {operation.value}", f"{name} = {operation.value}")
    elif operation.restart or _context(facts, name) == "restart":
        yield draft(
            Phase.PREPARE,
            f"Set {name} to {operation.value} in the configuration file",
            notes=(f"In redis.conf: {line(name, value)}", "It is in force after the restart below."),
        )
        yield deployment.restart(facts, Phase.PREPARE, _RESTART, (), once="restart")
    elif name == "appendonly" and value == "yes":
        yield _log_on(facts)
    else:
        yield _live(facts, name, value, before)


def reset_setting(operation: ResetSetting, facts: Facts) -> Iterator[Draft]:
    """Take it out of the configuration file: only a start finds the default again."""
    if facts.target.managed:
        yield _by_the_service(f"Reset {operation.name} to its default", f"{operation.name}: its default")
        return
    yield draft(
        Phase.PREPARE,
        f"Reset {operation.name} to its default",
        notes=(
            (
                f"Remove {operation.name} from redis.conf or the command line; CONFIG REWRITE would write it again "
                "as long as it is in force."
            ),
            f"Way back: {line(operation.name, operation.previous)}",
        ),
    )
    yield deployment.restart(facts, Phase.PREPARE, _RESTART, (), once="restart")


def plain(value: str) -> str:
    """A value as the server tells it: sizes in bytes."""
    found = _BYTES.match(value)
    return str(int(found[1]) * _FACTORS[found[2].lower()]) if found else value


def line(name: str, value: str) -> str:
    """The line of redis.conf."""
    return f"{name} {value}" if value else f'{name} ""'


def _context(facts: Facts, name: str) -> str | None:
    found = facts.settings.get(name)
    return None if found is None else found.context


def _by_the_service(title: str, change: str) -> Draft:
    return draft(
        Phase.PREPARE,
        title,
        notes=(
            f"The service allows no CONFIG SET: change it in its parameter group or console: {change}",
            "Look there whether the change waits for a restart, and apply it in a window of little traffic.",
        ),
    )


def _live(facts: Facts, name: str, value: str, before: str | None) -> Draft:
    kind = _kind(facts, name, value)
    back = None if before is None else sent(facts, "CONFIG SET", name, quote(before))
    return draft(
        kind.phase,
        f"Set {name} to {value}" if value else f"Set {name} to nothing",
        sent(facts, "CONFIG SET", name, quote(value)),
        kept(facts),
        precondition=kind.precondition,
        verify=_holds(facts, name, value),
        rollback=() if back is None else (back, kept(facts)),
        reversible=back is not None,
        takes=AT_ONCE,
        notes=(*kind.notes, *each_server(facts)),
    )


def _holds(facts: Facts, name: str, value: str) -> str:
    """The test whether a setting is in force. Of some the server tells more than was said, or in another order."""
    if name == "client-output-buffer-limit":
        return setting_has(facts, name, " ".join(map(plain, value.replace("replica", "slave").split())))
    if name == "notify-keyspace-events":
        return setting_has(facts, name, value[:1])
    return setting_is(facts, name, value)


def _kind(facts: Facts, name: str, value: str) -> _Kind:
    """What is particular about a setting."""
    if name == "maxmemory" and value.isdigit() and int(value) > 0:
        used = deployment.present_bytes(facts)
        return _Kind(
            precondition=asked(facts, f'test "{reported(facts, "used_memory")}" -lt {value}'),
            notes=(
                (
                    f"The server uses {size(used)} now. Below what it uses, keys would be evicted at once, or writes "
                    "refused."
                ),
                "Leave room on the machine for the copy that a snapshot makes, and for the buffers of clients.",
                "Watch how often keys are evicted and writes refused:",
                "$ redis-cli INFO stats | grep -E '^(evicted_keys|total_eviction_exceeded_time)'",
            ),
        )
    if name == "maxmemory-policy":
        return _policy(facts, value)
    if name == "activedefrag" and value == "yes":
        return _Kind(
            precondition=asked(facts, f'[[ "{reported(facts, "mem_allocator")}" == jemalloc* ]]'),
            notes=(
                (
                    "Only a server with its own jemalloc can do it. It takes up to active-defrag-cycle-max per cent of "
                    "the time of the main thread (default 25): watch the latency, and set it to no again when "
                    "mem_fragmentation_ratio has come down."
                ),
            ),
        )
    if name == "min-replicas-to-write" and value.isdigit() and int(value) > 0:
        return _Kind(
            precondition=asked(facts, f'test "{reported(facts, "connected_slaves")}" -ge {value}'),
            notes=("With fewer replicas in time, writes are refused (NOREPLICAS): have more than it asks for.",),
        )
    if name == "save" and value:
        return _Kind(notes=(deployment.fork_note(facts), "See that the snapshot's directory has room for it twice."))
    if name == "maxclients":
        return _Kind(
            notes=(
                "Each client takes a file of the process: where the system allows fewer, it is refused (LimitNOFILE).",
            )
        )
    if name == "bind":
        return _Kind(
            notes=("Name every address by which clients, replicas and sentinels come: others lose their way.",)
        )
    if name == "appendonly":
        return _Kind(notes=("What the server does not write to its log is lost with its memory.",))
    return _Kind()


def _policy(facts: Facts, value: str) -> _Kind:
    """The keys that may go have to be the right ones first: so it comes when keys have moved and have their expiry."""
    notes = [
        "Keys are chosen by what was counted of their use until now; from LRU to LFU or back the counting begins anew."
    ]
    condition = None
    if value.startswith("volatile-"):
        condition = "redis-cli INFO keyspace | grep -q 'expires=[1-9]'"
        notes.append("Only keys with a time to live are evicted. Where there are none, writes are refused.")
    elif value.startswith("allkeys-"):
        notes.append("Every key may go, also those without a time to live: nothing durable may be left here.")
    else:
        notes.append("Nothing is evicted any more: where memory runs out, writes are refused (OOM).")
    notes.append("Watch for a week what is evicted and what is missed:")
    notes.append("$ redis-cli INFO stats | grep -E '^(evicted_keys|keyspace_hits|keyspace_misses)'")
    return _Kind(precondition=condition, notes=tuple(notes), phase=Phase.CONTRACT)


def _log_on(facts: Facts) -> Draft:
    """Switch the log on while the server runs: it counts once the first rewrite is done."""
    used = deployment.present_bytes(facts)
    busy = " || ".join(f'test "{reported(facts, name)}" = 1' for name in (*_REWRITES, "rdb_bgsave_in_progress"))
    done = " && ".join(
        [
            f'test "{reported(facts, "aof_enabled", least=True)}" = 1',
            f'test "{reported(facts, "aof_last_bgrewrite_status", least=True)}" = ok',
            *(f'test "{reported(facts, name)}" = 0' for name in _REWRITES),
        ]
    )
    fork = deployment.fork_seconds(facts)
    seconds = None if used is None else round(1 + used / LOAD_BYTES_PER_SECOND, 1)
    return draft(
        Phase.PREPARE,
        "Switch the log of writes (append-only file) on",
        sent(facts, "CONFIG SET", "appendonly", "yes"),
        asked(facts, f"while {busy}; do sleep 1; done"),
        kept(facts),
        precondition=asked(facts, f"! {{ {busy}; }}"),
        verify=asked(facts, done),
        rollback=(sent(facts, "CONFIG SET", "appendonly", "no"), kept(facts)),
        takes=Estimate(
            seconds,
            None if used is None else 2 * used,
            f"{size(used)} written at {LOAD_BYTES_PER_SECOND / 1e6:.0f} MB/s (default calibration); on disk at most "
            "as much, and once more while it is rewritten",
        ),
        blocks=Blocks.EVERYTHING,
        blocking_seconds=fork,
        notes=(
            deployment.fork_note(facts),
            (
                "Never switch it on in the configuration file first: the server would start with an empty log, and "
                "without its data."
            ),
            (
                "Before: see that the directory (CONFIG GET dir) has room, and say how much may be lost: appendfsync "
                "everysec is one second of writes."
            ),
            *each_server(facts),
        ),
    )

"""A server's own report: what is a number, what is a word that may be kept, and what names a secret or a place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import isfinite

from auditor.target import MASK

Report = Mapping[str, Mapping[str, str]]
"""A server's own report, by section."""

_COUNTED_APART = frozenset({"Commandstats", "Latencystats", "Errorstats", "Keyspace", "Keysizes", "Modules"})
_STATES = frozenset("""
    redis_mode os mem_allocator maxmemory_policy rdb_last_bgsave_status aof_last_bgrewrite_status aof_last_write_status
    role master_link_status master_failover_state
""".split())  # fmt: skip
"""The words of a report that are kept. Others name places: hosts, files, processes."""
_SECRET = re.compile(r"(?i)(pass|auth|secret)(?!-?(?:file|clients|policy))")
_PLACES = frozenset({"replicaof", "slaveof", "bind-source-addr", "cluster-announce-ip", "replica-announce-ip",
                     "slave-announce-ip", "cluster-announce-hostname", "cluster-announce-human-nodename"})  # fmt: skip
_HERE = frozenset({"*", "-*", "0.0.0.0", "::", "::*", "-::*", "127.0.0.1", "::1", "-::1", "localhost"})  # noqa: S104
"""Addresses to listen at that tell of no place: every one, and those of the machine for itself."""


def counters(report: Report) -> dict[str, float]:
    """The numbers of a report by their names; what is counted by command, error or database is elsewhere."""
    found = {}
    for section, values in report.items():
        if section not in _COUNTED_APART:
            for name, value in values.items():
                number = _number(value)
                if number is not None:
                    found[name] = number
    return found


def states(report: Report) -> dict[str, str]:
    """The words of a report that are no names of places; of the configuration file only whether there is one."""
    found = {name: value for values in report.values() for name, value in values.items() if name in _STATES}
    file = report.get("Server", {}).get("config_file")
    return found if file is None else found | {"config_file": "given" if file.strip("-") else "none"}


def _number(text: str) -> float | None:
    try:
        number = float(text.removesuffix("%"))
    except ValueError:
        return None
    return number if isfinite(number) else None


def masked(name: str, value: str) -> str:
    """A value of a setting; of a secret, and of what names a place, only whether there is one."""
    if name == "bind":
        return " ".join(dict.fromkeys(part if part in _HERE else MASK for part in value.split()))
    return MASK if value and (_SECRET.search(name) or name in _PLACES) else value

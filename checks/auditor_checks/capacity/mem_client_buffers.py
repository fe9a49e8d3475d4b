"""Connections take much of the memory.

## What
The memory that is kept for clients, replies that wait to be read and commands that wait to be run, as a share of all
that is used.

## Why it matters
Clients that do not read what they asked for make the server grow: until it evicts keys for them, or the machine has no
memory left. One client is enough.

## When it is fine
A backup or a report reads much for a moment.

## How to fix it
Find the clients in CLIENT LIST (tot-mem, omem). CONFIG SET maxmemory-clients 5% (from version 7.0 on) ends the largest
before they harm; client-output-buffer-limit ends those that do not read.

## Sources
Redis documentation, "Redis client handling: Output buffer limits, Client eviction"; MEMORY STATS: clients.normal.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Verdict
from auditor.model.operation import ChangeApplication, SetSetting
from auditor.model.server import Node
from auditor.model.units import NODES
from auditor.model.vocabulary import Pillar, Severity
from auditor.text import size
from auditor_checks._nodes import REDIS, counted_by, number, setting, setting_of

CHECK = Check(
    title="Connections take much of the memory",
    passed="Connections take little memory",
    pillar=Pillar.CAPACITY,
    severity=Severity.MEDIUM,
    unit=NODES,
    needs=("info", "config"),
    engines=REDIS,
)
CLIENTS, LIMIT = "mem_clients_normal", "maxmemory-clients"


def judge(node: Node, facts: Facts, *, share: float = 0.1, min_bytes: float = 100e6) -> Iterator[Verdict]:
    """Compare what clients take with all that is used."""
    taken, used = number(node, CLIENTS), number(node, "used_memory")
    if taken < min_bytes or taken < share * used:
        return
    largest = max((one.memory_bytes or 0 for one in facts.workload.sessions), default=0)
    limit = setting_of(node, facts, LIMIT)
    yield Flaw(
        title=f"Connections take {size(taken)}, {taken / used:.0%} of the memory in use",
        severity=Severity.HIGH if taken >= 5 * share * used else Severity.MEDIUM,
        evidence=(
            *counted_by(node, ((CLIENTS, "bytes"), ("used_memory", "bytes"), ("connected_clients", "clients"))),
            Evidence(name="largest connection", value=largest, unit="bytes", probe="clients"),
            setting(node, facts, LIMIT),
        ),
        impact=Impact(bytes=int(taken), risk="one client has keys evicted, or takes the last memory of the machine"),
        explanation=f"{number(node, 'connected_clients'):,.0f} connections take {size(taken)} of {size(used)}; the "
        f"largest takes {size(largest)}.",
        recommendation="Limit what all clients together may take." if limit == "0"
        else "Find the largest in CLIENT LIST, and have it read smaller parts.",
        operations=(SetSetting(name=LIMIT, value="5%", previous="0"),) if limit == "0" else (
            ChangeApplication(
                topic="client-buffers", subject="server",
                instruction="Find in CLIENT LIST (tot-mem, omem) which clients hold much, and have them read in parts.",
            ),
        ),
    )  # fmt: skip

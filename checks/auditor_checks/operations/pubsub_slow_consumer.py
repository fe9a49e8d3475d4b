"""Clients were cut off because they read too slowly or sent too much.

## What
Connections that the server closed because their output waited beyond client-output-buffer-limit, or because a request
was larger than client-query-buffer-limit. The server counts them from Redis 7.4 and Valkey 8.0 on.

## Why it matters
A subscriber that is cut off loses the messages until it is back, and nobody tells it. A replica that is cut off copies
everything anew. Until then what waits takes memory from the keys.

## When it is fine
Once, by a program that somebody stopped in a debugger.

## How to fix it
Read messages at once and work on them elsewhere; use a stream with a consumer group where none may be lost. For
replicas raise the limit of their class above what is written while they copy.

## Sources
INFO: client_output_buffer_limit_disconnections, client_query_buffer_limit_disconnections; redis.conf,
client-output-buffer-limit; Redis documentation, "Redis client handling": output buffer limits.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Flaw, Impact, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.server import Node
from auditor.model.units import PRIMARIES
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._nodes import REDIS, counted_by, setting

CHECK = Check(
    title="Clients were cut off because they read too slowly or sent too much",
    passed="No client was cut off for its buffers",
    pillar=Pillar.OPERATIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.CERTAIN,
    unit=PRIMARIES,
    needs=("info",),
    engines=REDIS,
)
_OUTPUT, _QUERY = "client_output_buffer_limit_disconnections", "client_query_buffer_limit_disconnections"
_ADVICE = "Read messages at once and work on them elsewhere; use a stream with a consumer group where none may be lost."
_SMALLER = "Send large values in parts: a request must be smaller than client-query-buffer-limit."


def judge(node: Node, facts: Facts, *, min_times: float = 3) -> Iterator[Verdict]:
    """Read how often that was done."""
    output, query = node.counters.get(_OUTPUT), node.counters.get(_QUERY)
    if output is None or query is None:
        yield Unknown(reason="the server counts the connections that it closes since Redis 7.4 and Valkey 8.0")
        return
    if output + query < min_times:
        return
    publishes = any(c.name in ("publish", "spublish") and c.calls for c in facts.workload.commands)
    advice = _SMALLER if query > output else _ADVICE
    yield Flaw(
        title=f"{output + query:,.0f} connections were closed for their buffers",
        evidence=(
            *counted_by(node, ((_OUTPUT, "connections"), (_QUERY, "connections"))),
            setting(node, facts, "client-output-buffer-limit"),
            setting(node, facts, "client-query-buffer-limit"),
        ),
        impact=Impact(risk="messages are lost" if publishes else "clients fail, and replicas copy everything anew"),
        explanation=(
            f"The server closed {output:,.0f} connections whose output waited beyond the limit, and {query:,.0f} whose "
            "request was too large."
        ),
        recommendation=advice,
        operations=(ChangeApplication(topic="buffers", subject="server", instruction=advice),),
    )

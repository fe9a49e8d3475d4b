"""The servers themselves: their own reports and their configuration."""

from __future__ import annotations

from auditor_connectors.redis.node import Node, pairs, report, words
from auditor_connectors.redis.probe import Probe, Row
from auditor_connectors.redis.session import Session


def _info(session: Session) -> list[Row]:
    """One report per server. That of the target is the one of the login: what the audit does later is not in it."""

    def read(node: Node) -> list[Row]:
        first = node is session.main and session.identity.info
        told = session.identity.info if first else report(node)
        return [{"node": node.number, "role": node.role, "info": told}]

    return session.each(read)


def _config(session: Session) -> list[Row]:
    def read(node: Node) -> list[Row]:
        answer = pairs(node.command("CONFIG", "GET", "*"))
        return [{"node": node.number, "settings": {name: words(value) for name, value in answer.items()}}]

    return session.each(read)


def _memory(session: Session) -> list[Row]:
    return session.each(lambda node: [{"node": node.number, "memory": pairs(node.command("MEMORY", "STATS"))}])


PROBES = (
    Probe(name="info", purpose="read the server's report: memory, persistence, replication, counters, commands",
          read=_info, commands=("info",)),
    Probe(name="config", purpose="read the settings in force", read=_config, commands=("config|get",)),
    Probe(name="memory", purpose="read what the memory is used for", read=_memory, commands=("memory|stats",),
          since=40000),
)  # fmt: skip

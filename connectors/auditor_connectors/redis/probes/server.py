"""The servers themselves: their own reports and their configuration."""

from __future__ import annotations

from auditor_connectors.redis.probe import Probe, Row
from auditor_connectors.redis.session import Session, pairs, words


def _info(session: Session) -> list[Row]:
    """One report per server. That of the target is the one of the login: what the audit does later is not in it."""
    found: list[Row] = []
    for node in session.nodes():
        first = node is session.main and session.identity.info
        report = session.identity.info if first else session.info(node)
        found.append({"node": node.number, "role": node.role, "info": report})
    return found


def _config(session: Session) -> list[Row]:
    return [
        {"node": node.number, "settings": {name: words(value) for name, value in answer.items()}}
        for node in session.nodes()
        for answer in [pairs(node.command("CONFIG", "GET", "*"))]
    ]


PROBES = (
    Probe(name="info", purpose="read the server's report: memory, persistence, replication, counters, commands",
          read=_info, commands=("info",)),
    Probe(name="config", purpose="read the settings in force", read=_config, commands=("config|get",)),
)  # fmt: skip

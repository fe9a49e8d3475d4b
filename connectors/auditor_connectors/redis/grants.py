"""The command that would let a user see what a probe could not."""

from __future__ import annotations

from auditor_connectors.redis.probe import Probe
from auditor_connectors.redis.session import Identity


def grant_of(probe: Probe, identity: Identity) -> str:
    """Return what an administrator runs in redis-cli."""
    name = identity.user or "default"
    quoted = name if name.isascii() and name.replace("-", "").replace("_", "").isalnum() else f'"{_escaped(name)}"'
    return f"ACL SETUSER {quoted} {probe.privilege}"


def _escaped(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', '\\"')

"""The command that would let a user see what a probe could not."""

from __future__ import annotations

from auditor_connectors.redis.probe import Probe
from auditor_connectors.redis.recipes.shell import quote
from auditor_connectors.redis.session import Identity


def grant_of(probe: Probe, identity: Identity) -> str:
    """Return what an administrator runs in a shell."""
    return " ".join(["redis-cli ACL SETUSER", *map(quote, [identity.user or "default", *probe.privilege.split()])])

"""What is known of the deployment that a plan is for: whether there are other members, and who they are."""

from __future__ import annotations

from auditor.model.facts import Facts

_OPTIONS = ("replication.replSetName", "replication.replSet")


def is_replica_set(facts: Facts) -> bool:
    """Whether the server is a member of a replica set."""
    return bool(facts.server.replicas) or any(facts.setting(name) for name in _OPTIONS)

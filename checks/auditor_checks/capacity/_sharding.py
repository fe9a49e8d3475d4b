"""Collections that a cluster shares out among its shards."""

from __future__ import annotations

from auditor.model.facts import Facts
from auditor.model.units import TABLES, Unit


def is_shared_out(facts: Facts) -> bool:
    """Whether there is more than one shard to share out to."""
    return len(facts.server.shards) > 1


SHARED_OUT = Unit(
    plural="collections that are shared out",
    items=lambda f: [table for table in TABLES.items(f) if table.documents is not None and table.documents.shard_key],
    subject=TABLES.subject,
    weight=TABLES.weight,
)

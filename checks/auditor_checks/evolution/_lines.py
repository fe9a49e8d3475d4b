"""Which calendar of versions is that of the audited product."""

from __future__ import annotations

from auditor.knowledge import lifecycles
from auditor.model.facts import Facts


def calendar(facts: Facts) -> str | None:
    """The name of the calendar: a compatible product's own where it is known; None where it has one that is not."""
    if not facts.capabilities.own_versions:
        return facts.target.engine
    own = (facts.target.flavour or "").lower()
    return own if lifecycles(own) else None

"""What is known of the deployment that a plan is for, and how its servers are restarted without an outage."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.connector import Draft
from auditor.model.facts import Facts
from auditor.model.vocabulary import Blocks, Phase
from auditor_connectors.mongodb.recipes.estimates import Estimate
from auditor_connectors.mongodb.recipes.steps import draft

ELECTION_SECONDS = 5.0
"""How long nothing can be written when the primary hands over: a planned election takes a second or two, and drivers
need another to find the new one. https://www.mongodb.com/docs/manual/core/replica-set-elections/"""

RESTART_SECONDS = 30.0
"""A stop that writes a checkpoint, a start, and the first reads from disk."""

ROLLING = (
    (
        "One member after the other: restart a secondary, wait until rs.status() shows it as SECONDARY and caught up, "
        "then the next. The primary last, after rs.stepDown(): it hands over within a second or two."
    ),
    (
        "Drivers repeat what fails at the change of the primary once (retryWrites=true, the default): see that the "
        "application's URL names all members and replicaSet."
    ),
)
ALONE = ("There is no other member: all clients wait for the restart. With a replica set nobody would.",)


def is_replica_set(facts: Facts) -> bool:
    """Whether the server is a member of a replica set."""
    return bool(facts.server.members)


def restart(facts: Facts, phase: Phase, title: str, notes: Iterable[str], *, once: str | None = None) -> Draft:
    """Draft the restart of all servers, one after the other where there are several."""
    several = len(facts.server.members) > 1
    seconds = RESTART_SECONDS * max(1, len(facts.server.members))
    return draft(
        phase,
        title,
        notes=(*notes, *(ROLLING if several else ALONE), "$ systemctl restart mongod"),
        takes=Estimate(seconds, None, "a stop and a start of each member"),
        blocks=Blocks.WRITES if several else Blocks.EVERYTHING,
        blocking_seconds=ELECTION_SECONDS if several else RESTART_SECONDS,
        once=once,
    )


def each_member(facts: Facts) -> tuple[str, ...]:
    """Say that a statement counts for the server alone that runs it."""
    if len(facts.server.members) < 2:
        return ()
    return ("It counts for this member only: run it on each, connected to it alone (directConnection=true).",)

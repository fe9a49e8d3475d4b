"""The recipe for the way from one server to a cluster: people and the application go it, step by step.

A server cannot become a cluster while clients use it, so the cluster is built beside it.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.connector import Draft
from auditor.model.facts import Facts
from auditor.model.operation import MoveToCluster
from auditor.model.vocabulary import Phase
from auditor.text import size
from auditor_connectors.drafting import application
from auditor_connectors.redis.recipes.deployment import present_bytes
from auditor_connectors.redis.recipes.steps import OBSERVATION_DAYS, draft


def move_to_cluster(operation: MoveToCluster, facts: Facts) -> Iterator[Draft]:
    """Give keys that are used together one hash tag, build the cluster, write both, and move the reads."""
    tagged = ", ".join(operation.tagged)
    numbered = [one.name for one in facts.keyspace.databases if one.number]
    used = present_bytes(facts)
    yield application(
        Phase.REARCHITECT,
        "Use together only keys that a cluster keeps together",
        f"Commands of several keys, transactions and scripts may only name keys with the same hash tag: {tagged}."
        if tagged
        else "Commands of several keys, transactions and scripts may only name keys with the same hash tag, like "
        "{42} in cart:{42}:items. None was seen that does.",
        "Rename the keys first (dual writes). Scripts must name all of their keys in KEYS.",
        *(
            (f"A cluster has only database 0: move what is in {', '.join(numbered)} under names of their own.",)
            if numbered
            else ()
        ),
        objects=operation.tagged,
    )
    each = size(None if used is None else used / operation.shards)
    yield draft(
        Phase.REARCHITECT,
        f"Start a cluster of {operation.shards} primaries, each with a replica",
        notes=(
            f"About {each} of the present data for each, if the tags spread evenly; the same accounts and settings.",
            "$ redis-cli --cluster create HOST1:6379 … --cluster-replicas 1",
            "$ redis-cli --cluster check HOST1:6379",
        ),
    )
    yield application(
        Phase.REARCHITECT,
        "Write to both, read the old server",
        "Deploy code with a client that knows clusters: it writes each change to both, and reads the old server. Let "
        "it count what fails in the cluster (CROSSSLOT, MOVED that is not followed) before anybody depends on it.",
        kind="tolerate",
    )
    yield draft(
        Phase.REARCHITECT,
        "Copy what is there",
        notes=(
            (
                "A program of yours walks the old server by SCAN and copies each key with its expiry by DUMP, PTTL and "
                "RESTORE without REPLACE, in batches with rests: what is written to both already, stays."
            ),
            (
                "redis-cli --cluster import … --cluster-copy does it too, but each MIGRATE holds both servers up for "
                "as long as its key takes: not with large keys."
            ),
            "Compare: the sum of DBSIZE over the primaries, and a sample of keys by type, length and expiry.",
        ),
    )
    yield application(
        Phase.REARCHITECT, "Read the cluster, write both",
        "Deploy it to a part of the instances first. The way back is to read the old server again.", kind="move-reads",
    )  # fmt: skip
    yield application(
        Phase.REARCHITECT, "Write the cluster only",
        "Wait until no older code runs. Then there is no way back but by a copy.", kind="stop-using",
    )  # fmt: skip
    yield draft(
        Phase.REARCHITECT,
        "Switch the old server off",
        observe_days=OBSERVATION_DAYS,
        notes=("Keep its last snapshot. redis-cli CLIENT LIST shows that nobody uses it any more.",),
    )

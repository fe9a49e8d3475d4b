"""Recipes for connections, and for the code that uses the server: what people do, with what there is to run."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.connector import Draft
from auditor.model.facts import Facts
from auditor.model.operation import ChangeApplication, EndSession, IntroducePooler
from auditor.model.vocabulary import Phase
from auditor_connectors.drafting import application
from auditor_connectors.redis.recipes.estimates import AT_ONCE
from auditor_connectors.redis.recipes.steps import draft


def change_application(operation: ChangeApplication, facts: Facts) -> Iterator[Draft]:
    """Say what has to change, and where."""
    topic = operation.topic.replace("-", " ")
    yield application(
        Phase.SWITCH,
        f"Change the application: {topic} ({operation.subject})",
        operation.instruction,
        "Deploy it to a part of the instances first, and compare their errors and response times with the others'.",
    )


def end_session(operation: EndSession, facts: Facts) -> Iterator[Draft]:
    """Ask, then close the connection."""
    listed = f"clients=$(redis-cli CLIENT LIST) && {{}}grep -q '^id={operation.session} ' <<<\"$clients\""
    yield draft(
        Phase.PREPARE,
        f"Close the connection {operation.session}",
        f"redis-cli CLIENT KILL ID {operation.session}",
        precondition=listed.format(""),
        verify=listed.format("! "),
        reversible=False,
        takes=AT_ONCE,
        notes=(
            f"Why: {operation.reason}",
            "Look at it first, and ask its owner; its client will connect again:",
            f"$ redis-cli CLIENT LIST | grep '^id={operation.session} '",
        ),
    )


def introduce_pooler(operation: IntroducePooler, facts: Facts) -> Iterator[Draft]:
    """Keep connections open: in the client's own pool, or in a proxy where processes are many and short."""
    most = "" if operation.pool_size is None else f" Together all instances should open about {operation.pool_size}."
    yield application(
        Phase.SWITCH,
        "Use connections again instead of opening new ones",
        f"Make one pool, or one shared connection, for each process when it starts, and not for each request.{most}",
        "Where processes live for a request only (functions, PHP without persistent connections), put a proxy beside "
        "them that speaks the protocol. Commands that hold a connection need one of their own: SUBSCRIBE, BLPOP, "
        "WATCH with MULTI, MONITOR.",
        "Deploy it to a part of the instances first, and compare: redis-cli INFO stats shows "
        "total_connections_received, redis-cli INFO clients connected_clients.",
        kind="reconnect",
    )

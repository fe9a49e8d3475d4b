"""The Sentinels cannot promote a replica safely.

## What
Fewer than three Sentinels watch the primary, some of them do not answer, the quorum is 1, or it is more than those that
answer. Also: the primary that they watch has no replica that could take over.

## Why it matters
A failover needs the quorum to agree that the primary is down, and a majority of all known Sentinels to elect who does
it. With two, the loss of one machine stops failover; with a quorum of 1, one of them that is cut off from the network
declares a healthy primary dead.

## When it is fine
Never for data that has to stay available. Sentinels that were removed and are still known count as down: SENTINEL RESET
forgets them.

## How to fix it
Run three or five on machines that fail independently, with a quorum of the majority.

## Sources
Redis documentation, "High availability with Redis Sentinel: Fundamental things to know about Sentinel before
deploying".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.server import Watch
from auditor.model.units import WATCHES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._nodes import REDIS
from auditor_checks._words import fitting

CHECK = Check(
    title="The Sentinels cannot promote a replica safely",
    passed="Three or more Sentinels watch, and a majority decides",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.HIGH,
    unit=WATCHES,
    needs=("sentinels",),
    engines=REDIS,
)


def judge(watch: Watch, _facts: Facts, *, least: float = 3) -> Iterator[Verdict]:
    """Compare who watches, who answers, and how many must agree."""
    answer, majority = watch.watchers - watch.down, watch.watchers // 2 + 1
    harm: list[tuple[Severity, str]] = []
    if answer < max(watch.quorum, majority):
        harm.append((Severity.CRITICAL, f"{answer} of {watch.watchers} answer, too few for a failover"))
    elif watch.down:
        harm.append((Severity.MEDIUM, f"{watch.down} of {watch.watchers} do not answer"))
    if watch.watchers < least:
        harm.append((Severity.HIGH, f"{watch.watchers} watch, and the loss of one stops failover"))
    if watch.quorum == 1 and watch.watchers > 1:
        harm.append((Severity.MEDIUM, "one of them alone declares the primary dead (quorum 1)"))
    if watch.replicas == 0:
        harm.append((Severity.HIGH, "no replica is there that could take over"))
    if not harm:
        return
    severity = max((one for one, _ in harm), key=lambda one: one.weight)
    told = "; ".join(text for _, text in harm)
    yield Flaw(
        title=fitting(f"Sentinels: {harm[0][1]}"),
        severity=severity,
        evidence=(
            Evidence(name="Sentinels known", value=watch.watchers, unit="Sentinels", probe="sentinels"),
            Evidence(name="of these down", value=watch.down, unit="Sentinels", probe="sentinels"),
            Evidence(name="quorum", value=watch.quorum, unit="Sentinels", probe="sentinels"),
            Evidence(name="replicas", value=watch.replicas, unit="replicas", probe="sentinels"),
        ),
        impact=Impact(risk="no failover when the primary fails, or one that nobody needed"),
        explanation=f"Of the Sentinels of {watch.name}: {told}.",
        recommendation="Run three or five on machines that fail independently, with a quorum of the majority.",
        operations=(
            ChangeApplication(
                topic="sentinel", subject=watch.name,
                instruction="Run three or five Sentinels on machines that fail independently; set the quorum to their "
                "majority (SENTINEL SET NAME quorum N on each); forget those that are gone (SENTINEL RESET NAME).",
            ),
        ),
    )  # fmt: skip

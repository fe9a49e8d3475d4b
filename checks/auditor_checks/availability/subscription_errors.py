"""A subscription is disabled or fails.

## What
Subscriptions to another server's publications that are disabled, or whose workers have failed more than a few times
since the counters began.

## Why it matters
The copy stands still while the original goes on. The publisher keeps its write-ahead log for the subscriber's slot, so
that its disk fills up.

## When it is fine
During a migration that somebody watches.

## How to fix it
Read the error in the log. A conflicting row is removed or the transaction skipped (ALTER SUBSCRIPTION … SKIP), a
missing table or column is added; then enable the subscription. One that nobody needs is dropped, with its slot.

## Sources
PostgreSQL manual, "Logical Replication: Conflicts"; view pg_stat_subscription_stats (15 and newer).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import ChangeApplication
from auditor.model.server import Subscription
from auditor.model.units import SUBSCRIPTIONS
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._words import fitting

CHECK = Check(
    title="Subscription is disabled or fails",
    passed="Subscriptions receive changes",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.MEDIUM,
    unit=SUBSCRIPTIONS,
    needs=("subscriptions",),
    engines=("postgresql",),
)


def judge(subscription: Subscription, _: Facts, *, errors: float = 5) -> Iterator[Flaw]:
    """Read the subscription's state and its counters of errors."""
    failed = (subscription.apply_errors or 0) + (subscription.sync_errors or 0)
    if subscription.enabled and failed < errors:
        return
    name = subscription.name
    yield Flaw(
        title=fitting(
            f"Subscription {name} has failed {failed:,} times" if subscription.enabled
            else f"Subscription {name} is disabled"
        ),
        confidence=Confidence.LIKELY if subscription.enabled else Confidence.CERTAIN,
        evidence=(
            Evidence(name="enabled", value=subscription.enabled, probe="subscriptions"),
            Evidence(name="errors in applying", value=subscription.apply_errors, unit="errors", probe="subscriptions"),
            Evidence(name="errors in copying", value=subscription.sync_errors, unit="errors", probe="subscriptions"),
            Evidence(name="slot at the publisher", value=subscription.slot, probe="subscriptions"),
        ),
        impact=Impact(risk="the copy is out of date, and the publisher's log grows"),
        explanation=(
            f"The workers of {name} have failed {failed:,} times since the counters began." if subscription.enabled
            else f"{name} receives nothing while its slot, if it still exists, keeps the publisher's log."
        ),
        recommendation="Read the error in the log, remove its cause, and enable it; drop it if it is not needed.",
        operations=(
            ChangeApplication(
                topic="subscription", subject=name,
                instruction=f"Mend or drop the subscription {name}, and its slot at the publisher.",
            ),
        ),
    )  # fmt: skip

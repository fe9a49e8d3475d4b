"""The eviction policy does not fit what is held.

## What
A limit is set, and the policy (maxmemory-policy) would do the wrong thing there: volatile-* while hardly any key has a
time to live; noeviction although most keys are sessions or entries of a cache, which expire; or allkeys-* while keys
are held that exist nowhere else.

## Why it matters
volatile-* without such keys refuses writes like noeviction. noeviction on a cache refuses writes while it is full of
entries that nobody would miss. allkeys-* deletes data for good, and nobody is told.

## When it is fine
The limit is never reached.

## How to fix it
Set the policy that fits: allkeys-lfu or allkeys-lru for caches, noeviction for data, volatile-lru or volatile-ttl where
both share a server; better give each a server of its own. CONFIG SET takes effect at once.

## Sources
Redis documentation, "Key eviction: Eviction policies".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import SetSetting
from auditor.model.units import SERVER
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._nodes import REDIS, durable_share, expiring_share, keys_of, of_keys
from auditor_checks._roles import roles
from auditor_checks._words import fitting

CHECK = Check(
    title="The eviction policy does not fit what is held",
    passed="The eviction policy fits what is held",
    pillar=Pillar.CACHING,
    severity=Severity.MEDIUM,
    confidence=Confidence.LIKELY,
    unit=SERVER,
    needs=("info",),
    engines=REDIS,
)
NAME = "maxmemory-policy"


def judge(_server: Facts, facts: Facts, *, few: float = 0.1, most: float = 0.9, keys: float = 100) -> Iterator[Verdict]:
    """Compare the policy with how many keys expire, and with what they seem to be for."""
    policy, limit = facts.server.states.get("maxmemory_policy"), facts.counter("maxmemory")
    if policy is None or limit is None:
        yield Unknown(reason="the policy is not visible")
        return
    if not limit or keys_of(facts) < keys or facts.server.in_recovery:
        return
    expiring, durable, evicted = expiring_share(facts), durable_share(facts), facts.counter("evicted_keys") or 0
    full = (facts.counter("used_memory") or 0) >= 0.8 * limit
    if policy.startswith("allkeys-") and durable >= 1 - few:
        wanted, harm = "noeviction", "deletes data that exists nowhere else when memory is full"
        severity = Severity.CRITICAL if evicted else Severity.HIGH
    elif policy.startswith("volatile-") and expiring < few:
        wanted, harm = "noeviction", "finds hardly anything to evict, and then refuses writes"
        severity = Severity.HIGH if full else Severity.LOW
    elif policy == "noeviction" and _comes_and_goes(facts, expiring, most):
        wanted, harm = "volatile-lfu", "refuses writes while it holds what may be lost"
        severity = Severity.HIGH if full else Severity.MEDIUM
    else:
        return
    yield Flaw(
        title=fitting(f"{policy} {harm}"),
        severity=severity,
        subject=Subject(kind="setting", name=NAME),
        evidence=(
            Evidence(name=NAME, value=policy, probe="info"), *of_keys(facts),
            Evidence(name="share of keys that are held for good", value=round(durable, 3), probe="keyspace"),
            Evidence(name="keys evicted", value=int(evicted), unit="keys", probe="info"),
            Evidence(name="used_memory", value=int(facts.counter("used_memory") or 0), unit="bytes", probe="info"),
            Evidence(name="maxmemory", value=int(limit), unit="bytes", probe="info"),
        ),
        impact=Impact(risk=harm),
        explanation=f"{expiring:.0%} of the keys expire and {durable:.0%} seem to be held for good; {policy} {harm}.",
        recommendation=f"Set it to {wanted}"
        + (", after raising the limit or removing what is not needed." if wanted == "noeviction" and full else "."),
        operations=(SetSetting(name=NAME, value=wanted, previous=policy),),
    )  # fmt: skip


def _comes_and_goes(facts: Facts, expiring: float, most: float) -> bool:
    """Whether a policy that only evicts keys with an end would always find some, of which nobody expects to stay."""
    used = roles(facts).server
    if used is not None and used.role in ("cache", "session store"):
        return expiring >= most / 2
    return expiring >= most and durable_share(facts) < 1 - most

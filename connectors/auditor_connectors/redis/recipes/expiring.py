"""The recipe for keys that get a time to live: first from those who write them, then for those that are there.

Who rolled out an expiry can see later which keys have theirs from it: the moment at which such a key ends leaves a
remainder that follows from its name. The way back takes the expiry from these, and from no key that has one of its
application's own, but for one in as many as there are remainders.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.connector import Draft
from auditor.model.facts import Facts
from auditor.model.operation import ExpireKeys
from auditor.model.vocabulary import Phase
from auditor.text import duration
from auditor_connectors.drafting import application
from auditor_connectors.redis.recipes import estimates
from auditor_connectors.redis.recipes.batches import NOTES, in_batches, keys_of, none_counted
from auditor_connectors.redis.recipes.steps import draft

LEAST_REMAINDERS, MOST_REMAINDERS = 1 << 10, 1 << 16
"""Milliseconds within which the remainder lies, and so the chance that it is there by accident."""

EXACT_TIMES = 70000
"""The first version that tells at which moment a key ends. Older ones tell what is left, which is a little off."""

_NOW = "local time = redis.call('TIME') local now = time[1] * 1000 + math.floor(time[2] / 1000)"
_REMAINDER = "local mark = tonumber(string.sub(redis.sha1hex(key), 1, 8), 16) % tonumber(ARGV[6])"

_SET = f"""
if redis.call('TTL', key) == -1 then
{_REMAINDER}
local ends = now + tonumber(ARGV[7]) + math.floor(math.random() * tonumber(ARGV[8]))
redis.call('PEXPIREAT', key, string.format('%.0f', ends + (mark - ends) % tonumber(ARGV[6])))
changed = changed + 1
end
"""

_TAKE_EXACTLY = f"""
local ends = redis.call('PEXPIRETIME', key)
{_REMAINDER}
local known = ends > 0 and ends - now <= tonumber(ARGV[7]) and (ends - mark) % tonumber(ARGV[6]) == 0
if known then changed = changed + redis.call('PERSIST', key) end
"""

_TAKE_NEARLY = f"""
local left = redis.call('PTTL', key)
{_REMAINDER}
local time = redis.call('TIME')
local off = (time[1] * 1000 + math.floor(time[2] / 1000) + left - mark + 3) % tonumber(ARGV[6])
if left > 0 and left <= tonumber(ARGV[7]) and off <= 6 then changed = changed + redis.call('PERSIST', key) end
"""

_LACKS = "if redis.call('TTL', key) == -1 then changed = changed + 1 end"


def expire_keys(operation: ExpireKeys, facts: Facts) -> Iterator[Draft]:
    """Have the application write an expiry, then give one to the keys that have none."""
    keys = keys_of(facts, operation.pattern, operation.database)
    spread = int(operation.seconds * operation.jitter * 1000)
    remainders = min(MOST_REMAINDERS, max(LEAST_REMAINDERS, 1 << max(0, spread.bit_length() - 1)))
    lives = duration(operation.seconds)
    yield application(
        Phase.EXPAND,
        f"Write {keys.path} with a time to live of {lives}",
        f"Deploy code that gives each key an expiry whenever it is written: {_command(facts, operation)}. To the "
        f"{operation.seconds} s add a random part of up to {spread // 1000} s, so that keys that are written together "
        "do not end together.",
        "SET without an expiry takes away the one that there is: add it to every SET, or say KEEPTTL.",
        f"The code must do without a key from {lives} on: whoever needs it for longer writes it again in time.",
        objects=(keys.path,),
    )
    setting = in_batches(
        facts, keys, _SET, str(remainders), str(operation.seconds * 1000), str(max(0, spread - remainders)),
        before=_NOW, name="expire-keys",
    )  # fmt: skip
    exact = facts.version >= EXACT_TIMES
    latest = operation.seconds * 1000 + max(spread, remainders)
    back = in_batches(
        facts, keys, _TAKE_EXACTLY if exact else _TAKE_NEARLY, str(remainders), str(latest),
        before=_NOW if exact else "", name="persist-keys",
    )  # fmt: skip
    chance = remainders if exact else remainders // 7
    yield draft(
        Phase.BACKFILL,
        f"Give the keys of {keys.path} that have no time to live one of {lives}",
        setting,
        verify=none_counted(in_batches(facts, keys, _LACKS)),
        rollback=(back,),
        takes=estimates.walk(facts, operation.database),
        notes=(
            *NOTES,
            (
                "Keys that have an expiry keep it. Where code that writes without one still runs, the verification "
                "does not hold: run it again when no older code runs."
            ),
            (
                f"Way back: it takes the expiry from the keys that got theirs here; of others, from 1 in {chance:,} at "
                f"most. The first of the keys are gone {lives} after the beginning: decide before."
            ),
            *_evictable(facts),
        ),
    )


def _command(facts: Facts, operation: ExpireKeys) -> str:
    known = estimates.pattern_of(facts, operation.pattern, operation.database)
    if known is not None and known.type == "string":
        return f"SET … EX {operation.seconds}"
    return f"EXPIRE … {operation.seconds} in one MULTI or pipeline with the command that makes it"


def _evictable(facts: Facts) -> tuple[str, ...]:
    policy = facts.setting("maxmemory-policy") or ""
    if not policy.startswith("volatile-"):
        return ()
    return (f"With maxmemory-policy {policy} these keys may be evicted from now on when memory runs out.",)

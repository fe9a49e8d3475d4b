"""Keys on their way to another server, through the machine that runs a plan: packed by one script, unpacked by another.

What is packed is binary and passes through a pipe, so names and values may be any bytes.
"""

from __future__ import annotations

from auditor.model.facts import Facts
from auditor_connectors.redis.recipes.batches import CALL_BYTES, TOO_BIG, UNLINK, Keys, in_batches
from auditor_connectors.redis.recipes.shell import script

_PACK = f"""
{TOO_BIG}
if not big then
local data = redis.call('DUMP', key)
if data then
kept[#kept + 1] = key
kept[#kept + 1] = math.max(0, redis.call('PTTL', key))
kept[#kept + 1] = data
spent = spent + held
end
end
"""

_UNPACK = """
local changed, onward, kept = 0, cmsgpack.unpack(string.sub(ARGV[1], 1, -2))
for n = 1, #kept, 3 do
if redis.call('EXISTS', kept[n]) == 0 then
redis.call('RESTORE', kept[n], kept[n + 1], kept[n + 2])
changed = changed + 1
end
end
return onward .. ' ' .. changed
"""

_MISSED = """
local changed, onward, kept = 0, cmsgpack.unpack(string.sub(ARGV[1], 1, -2))
for n = 1, #kept do
if redis.call('EXISTS', kept[n]) == 0 then changed = changed + 1 end
end
return onward .. ' ' .. changed
"""


def packed(facts: Facts, keys: Keys, *, copies: bool, name: str = "") -> str:
    """Write the text that copies the keys of a pattern to the other server, or counts those that are missing there."""
    return in_batches(
        facts,
        keys,
        _PACK if copies else "kept[#kept + 1] = key",
        before="local kept = {}",
        name=name,
        share=CALL_BYTES if copies else 0,
        answer="cmsgpack.pack(onward, kept)",
        then=f' | target-cli -n "$database" -x EVAL {script(_UNPACK if copies else _MISSED)} 0',
    )


def unlinked_there(facts: Facts, keys: Keys) -> str:
    """Write the text that removes the keys of a pattern from the other server."""
    return in_batches(facts, keys, UNLINK, name="move-keys-back", client="target-cli")

"""The recipe for a stream that grows without end: its writers keep it short, and what is too much is trimmed once."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.connector import Draft
from auditor.model.facts import Facts
from auditor.model.operation import TrimStream
from auditor.model.vocabulary import Phase
from auditor_connectors.drafting import application
from auditor_connectors.redis.recipes import estimates
from auditor_connectors.redis.recipes.batches import NOTES, SHARE, in_batches, keys_of, none_counted
from auditor_connectors.redis.recipes.steps import OBSERVATION_DAYS, draft

NODE_ENTRIES = 100
"""How many entries the server keeps together by default: it drops all of them or none (stream-node-max-entries)."""

_UNREAD = """
local unread = false
if redis.call('XLEN', key) > tonumber(ARGV[6]) then
spent = spent + tonumber(ARGV[7])
local oldest = redis.call('XRANGE', key, '-', '+', 'COUNT', ARGV[7])
local last = oldest[#oldest][1]
for _, group in ipairs(redis.call('XINFO', 'GROUPS', key)) do
local told = {}
for n = 1, #group, 2 do told[group[n]] = group[n + 1] end
local waiting = redis.call('XPENDING', key, told.name)[2]
if before(told['last-delivered-id'], last) or waiting and not before(last, waiting) then unread = true end
end
end
"""

_BEFORE = """
local function before(one, other)
local ms, number = string.match(one, '(%d+)-(%d+)')
local others, last = string.match(other, '(%d+)-(%d+)')
ms, others, number, last = tonumber(ms), tonumber(others), tonumber(number), tonumber(last)
return ms < others or ms == others and number < last
end
"""

_TRIM = f"""
{_UNREAD}
if unread then return redis.error_reply('a group of consumers has not read what would be trimmed: try again later') end
local gone = redis.call('XTRIM', key, 'MAXLEN', '~', ARGV[6], 'LIMIT', ARGV[7])
changed = changed + gone
if gone > 0 then rest = '1' end
"""


def trim_stream(operation: TrimStream, facts: Facts) -> Iterator[Draft]:
    """Let writers trim as they add, then drop the oldest entries in batches, as far as all groups have read them."""
    keys = keys_of(facts, operation.pattern, operation.database)
    yield application(
        Phase.EXPAND,
        f"Keep {keys.path} at about {operation.entries:,} entries",
        f"Deploy code that adds by XADD … MAXLEN ~ {operation.entries} …: each addition then drops a few of the "
        "oldest entries.",
        "See first that all consumers are as quick: what is dropped, nobody reads any more.",
        objects=(keys.path,),
    )
    node = max(NODE_ENTRIES, int(facts.setting_number("stream-node-max-entries") or 0))
    given = (str(operation.entries), str(2 * node))
    longer = f"if redis.call('XLEN', key) > {operation.entries + 3 * node} then changed = changed + 1 end"
    stream = next((one for one in facts.keyspace.streams if one.path == keys.path), None)
    yield draft(
        Phase.CONTRACT,
        f"Trim {keys.path} to about {operation.entries:,} entries",
        in_batches(facts, keys, _TRIM, *given, before=_BEFORE, kind="stream", share=SHARE, name="trim-stream"),
        precondition=none_counted(
            in_batches(
                facts, keys, f"{_UNREAD}\nif unread then changed = changed + 1 end", *given, before=_BEFORE,
                kind="stream", share=SHARE,
            )
        ),
        verify=none_counted(in_batches(facts, keys, longer, kind="stream", share=SHARE)),
        reversible=False,
        point_of_no_return=True,
        observe_days=OBSERVATION_DAYS,
        takes=estimates.trimmed(facts, stream, operation.entries, operation.database),
        notes=(
            *NOTES,
            ("Before each batch it looks whether every group has acknowledged what would go; if not, it stops. "
            "Readers without a group are not known to the server: ask them."),
            "Entries are in backups only afterwards: have it approved, and take one.",
        ),
    )  # fmt: skip

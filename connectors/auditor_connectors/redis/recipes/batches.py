"""Work over many keys in small batches: a walk over the key space that can be interrupted and goes on.

A batch is one call of EVAL: a page of SCAN, and what is done to those of its keys that fit. It occupies the server for
a millisecond or so, and nobody else notices. redis-cli has no such thing, so each text that needs it brings it along.

A cursor is worth nothing after a restart of the server (the seed of its hash table is another one then), so the file
that keeps it bears the number of the server's run. Whatever a batch does can be done again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from msgspec import Struct

from auditor.model.facts import Facts
from auditor.model.keyspace import Kind, placed
from auditor_connectors.redis.recipes.deployment import is_cluster
from auditor_connectors.redis.recipes.estimates import pattern_of
from auditor_connectors.redis.recipes.shell import glob, lua_pattern, quote, script

PAGE = 250
"""Names of a page of SCAN, where what is done to a key costs little more than finding it."""

FEW = 50
"""Names of a page where each key is several commands."""

REST_SECONDS = 0.01
"""The rest after each batch: with the start of redis-cli, the server is free for nine tenths of the time."""

CALL_BYTES = 1 << 20
"""What a single call may copy of one key: it takes a few milliseconds. Who is larger is left alone, and told of."""

NOTES = (
    (
        f"It works in batches, each a call of EVAL for about a millisecond, and rests {REST_SECONDS:g} s (REST in "
        "the environment) after each. When it is interrupted, run it again: it goes on where it was, which a file "
        "auditor-….cursor in the working directory knows."
    ),
    "The account needs the rights for EVAL, SCAN, INFO and the commands of the script.",
)

_WALK = f"""
in_batches() (
cli=$1 database=$2 work=$3 script=$4; shift 4
given=("$@") total=0
walk() {{
run=$("$cli" "$@" INFO server </dev/null | tr -d '\\r' | sed -n 's/^run_id://p')
test -n "$run" || {{ echo 'The server does not answer.' >&2; return 1; }}
place=auditor-$work-$run.cursor cursor=0
test -z "$work" || test ! -s "$place" || cursor=$(cat "$place")
while :; do
answer=$("$cli" "$@" -n "$database" EVAL "$script" 0 "$cursor" "$RANDOM" "${{given[@]}}" </dev/null @THEN@) || :
[[ $answer =~ ^[0-9a-f:]+\\ [0-9]+$ ]] || {{ echo "$answer" >&2; return 1; }}
read -r cursor changed <<<"$answer"
total=$((total + changed))
test "$cursor" != 0 || break
if test -n "$work"; then echo "$cursor" >"$place"; sleep "${{REST:-{REST_SECONDS:g}}}"; fi
done
test -z "$work" || rm -f "$place"
}}
""".strip()

_ONE = """
walk || exit 1
echo "$total"
)
""".strip()

_CLUSTER = r"""
nodes=$("$cli" CLUSTER NODES | awk '$3 !~ /fail|handshake|noaddr/ && $3 ~ /master/ {
sub(/@.*/, "", $2); port = $2; sub(/.*:/, "", port); sub(/:[^:]*$/, "", $2); print $2, port }')
test -n "$nodes" || exit 1
while read -r host port; do walk -h "$host" -p "$port" || exit 1; done <<<"$nodes"
echo "$total"
)
""".strip()

MARK = "in_batches() ("
"""What a text begins with that can be interrupted and goes on."""

_PAGE = """
local page = redis.call('SCAN', ARGV[1], 'MATCH', ARGV[3], 'COUNT', ARGV[4])
local onward, changed = page[1], 0
{before}
for _, key in ipairs(page[2]) do
if string.match(key, ARGV[5]) then
{work}
end
end
return {answer}
"""

_SHARES = """
local outer, from, inner = string.match(ARGV[1], '^(%d+):?(%x*):?(%d*)$')
local page = redis.call('SCAN', outer, 'MATCH', ARGV[3], 'COUNT', ARGV[4])
local onward, changed, spent, mine = page[1], 0, 0, {{}}
for _, key in ipairs(page[2]) do
if string.match(key, ARGV[5]) and ('{kind}' == '' or redis.call('TYPE', key).ok == '{kind}') then
mine[#mine + 1] = {{redis.sha1hex(key), key}}
end
end
table.sort(mine, function(one, other) return one[1] < other[1] end)
{before}
for _, one in ipairs(mine) do
if one[1] >= from then
local key, at, rest = one[2], '0', '0'
if one[1] == from then at = inner end
if spent >= {share} then
onward = outer .. ':' .. one[1] .. ':0'
break
end
{work}
if rest ~= '0' then
onward = outer .. ':' .. one[1] .. ':' .. rest
break
end
end
end
return {answer}
"""

SHARE = 200
"""Elements that one call reads and writes: about a millisecond."""


class Keys(Struct, frozen=True, kw_only=True):
    """The keys of a pattern: how they are found, and told from others."""

    name: str
    database: int = 0
    match: str
    exact: str

    @property
    def path(self) -> str:
        """The name as a report shows it."""
        return placed(self.name, self.database)


def keys_of(facts: Facts, name: str, database: int) -> Keys:
    """How the keys of a pattern are found."""
    known = pattern_of(facts, name, database)
    kinds: Sequence[Kind] = known.parts if known is not None else ()
    return Keys(name=name, database=database, match=glob(name), exact=lua_pattern(name, kinds))


def in_batches(
    facts: Facts,
    keys: Keys,
    work: str,
    *arguments: str,
    before: str = "",
    name: str = "",
    page: int = PAGE,
    client: str = "redis-cli",
    answer: str = "onward .. ' ' .. changed",
    share: int = 0,
    kind: str = "",
    then: str = "",
) -> str:
    """Write the text that does something to all keys of a pattern, and prints how many it counted.

    ``work`` is Lua over ``key``; it adds to ``changed`` what it counts. ``arguments`` are its ``ARGV[6]`` and so on;
    ``ARGV[2]`` is a number at random. ``before`` runs once for a page. ``name`` is the work's, under which it goes on
    after an interruption; without one it only looks. ``client`` is the program that reaches the server. Where
    ``answer`` is another one than the cursor and what was counted, ``then`` makes these of it in a pipe.

    With ``share`` a call ends when the work has added so much to ``spent``, and the next one goes on at the next key
    of the page. With ``kind`` it takes only keys of that type. Work on a part of a key begins at the cursor ``at``, and
    leaves in ``rest`` where it goes on.
    """
    template = _SHARES if share else _PAGE
    text = script(template.format(before=before, work=work, answer=answer, kind=kind, share=share))
    state = f"{name}-{hashlib.sha256(f'{keys.database} {keys.name}'.encode()).hexdigest()[:12]}" if name else ""
    words = [client, str(keys.database), quote(state), text, quote(keys.match), str(page), quote(keys.exact)]
    call = " ".join(["in_batches", *words, *map(quote, arguments)])
    definition = (
        f"{_WALK.replace(' @THEN@', then)}\n{_CLUSTER if is_cluster(facts) and client == 'redis-cli' else _ONE}"
    )
    return f"{definition}\n{call}"


def none_counted(text: str) -> str:
    """Write the test whether a text that looks counts nothing."""
    definition, call = text.rsplit("\nin_batches ", 1)
    return f'{definition}\ntest "$(in_batches {call})" = 0'


TOO_BIG = f"""
local held = redis.call('MEMORY', 'USAGE', key, 'SAMPLES', 5)
local big = held and held > {CALL_BYTES}
"""
"""Lua: whether to copy a key by one call would occupy the server."""

UNLINK = "redis.call('UNLINK', key) changed = changed + 1"
"""Lua: remove a key; its memory is given back in the background."""

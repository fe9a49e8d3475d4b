"""The shape of a command: its name, the patterns of its keys, and a question mark for every value.

Where the keys of a command stand follows from https://redis.io/docs/latest/commands/command-info/; of a command that
is not known here all words are values, since none of them could be told from a key.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence

Naming = Callable[[bytes], str]
"""From the name of a key to its pattern, in which everything that may be somebody's is ``{id}``."""

_ONE = frozenset("""
    append bitcount bitfield bitfield_ro bitpos decr decrby dump expire expireat expiretime geoadd geodist geohash
    geopos georadius georadius_ro georadiusbymember georadiusbymember_ro geosearch get getbit getdel getex getrange
    getset hdel hexists hexpire hexpireat hexpiretime hget hgetall hgetdel hgetex hincrby hincrbyfloat hkeys hlen
    hmget hmset hpersist hpexpire hpexpireat hpttl hrandfield hscan hset hsetex hsetnx hstrlen httl hvals incr incrby
    incrbyfloat lindex linsert llen lpop lpos lpush lpushx lrange lrem lset ltrim persist pexpire pexpireat
    pexpiretime pfadd psetex pttl publish restore rpop rpush rpushx sadd scard set setbit setex setnx setrange
    sismember smembers smismember sort sort_ro spop spublish srandmember srem sscan strlen substr ttl type xack xadd
    xautoclaim xclaim xdel xlen xpending xrange xrevrange xtrim zadd zcard zcount zincrby zlexcount zmscore zpopmax
    zpopmin zrandmember zrange zrangebylex zrangebyscore zrank zrem zremrangebylex zremrangebyrank zremrangebyscore
    zrevrange zrevrangebylex zrevrangebyscore zrevrank zscan zscore vadd vcard vdim vemb vgetattr vinfo vismember
    vlinks vrandmember vrem vsetattr vsim keys ssubscribe delifeq
""".split())  # fmt: skip
_OF_MODULES = ("json.", "bf.", "cf.", "cms.", "topk.", "tdigest.", "graph.")
"""How commands of modules begin whose first word is a key."""
_TWO = frozenset("rename renamenx smove rpoplpush lmove blmove brpoplpush copy lcs geosearchstore zrangestore".split())
_ALL = frozenset("""
    del unlink exists touch mget watch sinter sunion sdiff sinterstore sunionstore sdiffstore pfcount pfmerge subscribe
    psubscribe
""".split())  # fmt: skip
_ALL_BUT_LAST = frozenset("blpop brpop bzpopmin bzpopmax json.mget".split())
_EVERY_SECOND = frozenset("mset msetnx".split())
_ALL_BUT_FIRST = frozenset({"bitop"})
_COUNTED = {
    "lmpop": 1, "zmpop": 1, "sintercard": 1, "zunion": 1, "zinter": 1, "zdiff": 1, "zintercard": 1, "blmpop": 2,
    "bzmpop": 2, "eval": 2, "eval_ro": 2, "evalsha": 2, "evalsha_ro": 2, "fcall": 2, "fcall_ro": 2, "zunionstore": 2,
    "zinterstore": 2, "zdiffstore": 2, "msetex": 1,
}  # fmt: skip
"""Where the number of keys stands, behind which they follow."""
_STORED = frozenset("zunionstore zinterstore zdiffstore".split())
_CONTAINERS = frozenset("""
    acl client cluster command commandlog config debug function latency memory module object pubsub script slowlog
    xgroup xinfo
""".split())  # fmt: skip
_THIRD = frozenset("object xinfo xgroup".split())
_SCRIPTS = frozenset("eval eval_ro evalsha evalsha_ro".split())
_FUNCTIONS = frozenset("fcall fcall_ro".split())
_RANGES = frozenset("lrange zrange zrevrange zrangebyscore zrevrangebyscore xrange xrevrange".split())
_ENDS = frozenset({b"0", b"-1", b"-inf", b"+inf", b"-", b"+"})
_OPTIONS = frozenset("""
    AGGREGATE ALPHA ASC ASYNC BLOCK BY BYLEX BYRADIUS BYBOX BYSCORE CH COUNT DESC EX EXAT FIELDS FREQ FROMLONLAT
    FROMMEMBER GET GROUP GT IDLE INCR KEEPTTL LEFT LIMIT LT MATCH MAXLEN MINID NOACK NOMKSTREAM NX PX PXAT REV RIGHT
    STORE STREAMS SYNC TYPE WEIGHTS WITHCOORD WITHDIST WITHSCORE WITHSCORES WITHVALUES XX
""".split())  # fmt: skip
_WORD = re.compile(r"[A-Za-z][A-Za-z_.-]{0,40}\Z")
_CUT = re.compile(rb"\.\.\. \(\d+ more bytes\)\Z")
_MORE = re.compile(rb"\.\.\. \(\d+ more arguments\)\Z")
"""How the server ends a word, or the list of the words, that it cut short."""


def shape(words: Sequence[bytes], naming: Naming) -> str:
    """The shape of a command; ``naming`` makes the patterns of its keys. No value and no key is in it."""
    name = words[0].decode("ascii", "replace")
    if not _WORD.match(name):
        return "?"
    command = name.lower()
    cut = len(words) > 1 and _MORE.match(words[-1]) is not None
    given = list(words[1:-1] if cut else words[1:])
    told = [name.upper()]
    first = 0
    if command in _CONTAINERS and given and _WORD.match(given[0].decode("ascii", "replace")):
        told.append(given[0].decode().upper())
        first = 1
    elif command in _SCRIPTS | _FUNCTIONS and given:
        told.append(_script(command, given[0]))
        first = 1
    keys = frozenset() if cut and command in {"xread", "xreadgroup"} else _keys(command, given)
    ranged = command in _RANGES
    for place, word in enumerate(given[first:], start=first):
        told.append(_one(word, is_key=place in keys, naming=naming, ranged=ranged))
    return " ".join(_folded([*told, "?"] if cut else told))


def _one(word: bytes, *, is_key: bool, naming: Naming, ranged: bool) -> str:
    if is_key:
        return naming(_CUT.sub(b"", word)) or '""'
    if ranged and word in _ENDS:
        return word.decode()
    option = word.decode("ascii", "replace").upper()
    return option if option in _OPTIONS else "?"


def _script(command: str, word: bytes) -> str:
    """Which script or function it is: of a script the beginning of its checksum, which EVALSHA names too."""
    if command in _FUNCTIONS:
        text = word.decode("ascii", "replace")
        return text if re.fullmatch(r"[A-Za-z_]\w{0,60}", text) else "?"
    sha = word.decode("ascii", "replace").lower()
    known = command.startswith("evalsha") and re.fullmatch("[0-9a-f]{40}", sha)
    return f"script#{(sha if known else hashlib.sha1(word, usedforsecurity=False).hexdigest())[:8]}"


def _keys(command: str, given: Sequence[bytes]) -> frozenset[int]:
    """Where the keys stand among the words behind the command's name."""
    count = len(given)
    fixed: Sequence[tuple[frozenset[str], Sequence[int]]] = (
        (_ONE, (0,)),
        (_TWO, (0, 1)),
        (_ALL, range(count)),
        (_ALL_BUT_LAST, range(count - 1)),
        (_EVERY_SECOND, range(0, count, 2)),
        (_ALL_BUT_FIRST, range(1, count)),
        (_THIRD, (1,)),
    )
    places = next((found for commands, found in fixed if command in commands), None)
    return frozenset(place for place in (_told(command, given) if places is None else places) if place < count)


def _told(command: str, given: Sequence[bytes]) -> Sequence[int]:
    """Where the keys stand of commands whose other words say so."""
    if command in {"xread", "xreadgroup"}:
        return _streams(given)
    if command == "scan":
        return [place + 1 for place, word in enumerate(given) if word.upper() == b"MATCH"]
    if command == "memory":
        return (1,) if given and given[0].lower() == b"usage" else ()
    if command.startswith(_OF_MODULES):
        return (0,)
    at = _COUNTED.get(command, 0)
    if not at or len(given) < at or not given[at - 1].isdigit():
        return ()
    return [*([0] if command in _STORED else []), *range(at, at + min(len(given), int(given[at - 1])))]


def _streams(given: Sequence[bytes]) -> Sequence[int]:
    """Behind STREAMS stand as many keys as identifiers; without the end of the list nobody can tell which is which."""
    upper = [word.upper() for word in given]
    if b"STREAMS" not in upper:
        return ()
    start = upper.index(b"STREAMS") + 1
    return range(start, start + (len(given) - start) // 2)


def _folded(told: Sequence[str]) -> list[str]:
    """However many equal words or pairs follow one another: their number makes no new shape."""
    found: list[str] = []
    place = 0
    while place < len(told):
        for length in (1, 2):
            unit = told[place : place + length]
            end = place + length
            while told[end : end + length] == unit:
                end += length
            if end > place + length:
                found += [*unit, "…"]
                break
        else:
            found.append(told[place])
            end = place + 1
        place = end
    return found

"""The sessions of a web site: who is logged in, how often somebody asks, codes that were sent.

Planted, at scale 1 some 39,000 keys:

- ``sess:<32 hexadecimal digits>``: hashes of six fields that end half an hour after the last use; 3 % of them, made by
  the login of an app, never end
- ``user:<number>:sessions``: sets of the sessions of a person, which nobody cleans; a robot has 20,000
- ``rl:<address>:<minute>``: counters of requests that end after two minutes; 6 % never do, because INCR and EXPIRE are
  two commands and something came between
- ``otp:<phone number>``: codes that end after five minutes
- ``token:<200 characters>``: what was given to devices, by the token itself
- ``session_<number>``: sessions of the site before this one, serialised by PHP, unused for 60 days
- ``csrf:<hexadecimal>``, ``online``, ``geo:offices``: in order

What an architect would object to:

1. ``session_*`` has no end, and nobody has used one for 60 days.
2. 3 % of ``sess:*`` and 6 % of ``rl:*`` have no end, where all others do: a path of the application forgets it.
3. ``user:*:sessions`` grows with every login and never shrinks; one has 20,000 members and is read with SMEMBERS.
4. Phone numbers in the names of keys (``otp:*``), and secrets in them (``token:*``).
5. Names of 200 bytes and more for values of a few (``token:*``).
6. Scripts with values written into their text: each is compiled and kept (EVAL with 1,200 different texts).
7. noeviction below a limit: when memory is full, nobody can log in.
8. Nothing is saved and there is no replica: a restart logs everybody out.
9. A connection per request.
10. No password, no TLS; no timeout for idle clients.
11. Values serialised by PHP (``session_*``), which no other language of the house reads.

What only looks so: HGETALL, but of six fields; ``geo:offices`` and ``online`` without an end, one fixed and one trimmed
at every write; the many different ends of sliding sessions.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.redis_worlds.making import Command, Maker, compact

SETTINGS = {"maxmemory": "256mb", "maxmemory-policy": "noeviction", "save": ""}
_SESSIONS, _USERS, _MINUTE = 15_000, 8000, 29_000_000
_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def plant(client: Any, scale: float = 1.0) -> None:
    """Make the keys on an empty server."""
    maker = Maker(client, scale, seed=21)
    names = _names(maker.count(_SESSIONS))
    maker.many(_sessions(maker, names))
    maker.many(_of_users(maker, names))
    maker.many(_limits(maker))
    maker.many(_codes(maker))
    old = [f"session_{100_000 + number}" for number in range(maker.count(1200))]
    maker.many(
        ("SET", name, f'user_id|i:{number};cart|a:1:{{i:0;s:4:"{maker.word()[:4]}";}}')
        for number, name in enumerate(old)
    )
    maker.age(old, days=60)
    maker.many(_in_order(maker))
    maker.done()


def work(client: Any) -> None:
    """Serve requests: find the session, put off its end, count, and now and then log somebody in or out."""
    maker = Maker(client, 1.0, seed=22)
    names = _names(_SESSIONS)
    for number in range(1500):
        # Every tenth comes with a cookie whose session has ended.
        name = f"sess:{maker.random.choice(names) if number % 10 else maker.hexadecimal(32)}"
        if client.execute_command("HGETALL", name):
            client.execute_command("HSET", name, "seen", 1_750_000_000 + number)
            client.execute_command("EXPIRE", name, 1800)
        limit = f"rl:{maker.address()}:{_MINUTE + 9}"
        client.execute_command("INCR", limit)
        client.execute_command("EXPIRE", limit, 120)
    for number in range(1200):
        limit = f"'rl:{maker.address()}:{_MINUTE + 9}'"
        script = f"redis.call('INCRBY', {limit}, {number}) return redis.call('EXPIRE', {limit}, 120)"
        client.execute_command("EVAL", script, 0)
    for _ in range(150):
        client.execute_command("SMEMBERS", f"user:{maker.random.randrange(_USERS)}:sessions")
    for _ in range(10):
        client.execute_command("SMEMBERS", "user:13:sessions")
    for _ in range(300):
        client.close()  # the next command connects again
        client.execute_command("EXISTS", f"sess:{maker.random.choice(names)}")


def _names(count: int) -> list[str]:
    """The identifiers of the sessions, which both halves of this world know."""
    maker = Maker(None, 1.0, seed=20)
    return [maker.hexadecimal(32) for _ in range(count)]


def _sessions(maker: Maker, names: list[str]) -> Iterator[Command]:
    for number, name in enumerate(names):
        fields = (
            "user",
            number % _USERS,
            "ip",
            maker.address(),
            "agent",
            _AGENT,
            "seen",
            1_750_000_000,
            "locale",
            "de",
        )
        yield "HSET", f"sess:{name}", *fields, "cart", compact(maker.random.sample(range(9000), 2))
        if number % 33:
            yield "EXPIRE", f"sess:{name}", maker.random.randint(60, 1800)


def _of_users(maker: Maker, names: list[str]) -> Iterator[Command]:
    for user in range(maker.count(_USERS)):
        dead = [maker.hexadecimal(32) for _ in range(maker.random.randint(1, 12))]
        yield "SADD", f"user:{user}:sessions", names[user % len(names)], *dead
    for _ in range(maker.count(20_000) // 100):
        yield "SADD", "user:13:sessions", *(maker.hexadecimal(32) for _ in range(100))


def _limits(maker: Maker) -> Iterator[Command]:
    for number in range(maker.count(6000)):
        name = f"rl:{maker.address()}:{_MINUTE + number % 9}"
        yield "INCRBY", name, maker.random.randint(1, 40)
        if number % 16:
            yield "EXPIRE", name, maker.random.randint(30, 120)


def _codes(maker: Maker) -> Iterator[Command]:
    for _ in range(maker.count(500)):
        phone = f"+4917{maker.random.randint(10**7, 10**8 - 1)}"
        yield "SET", f"otp:{phone}", maker.random.randint(100_000, 999_999), "EX", maker.random.randint(20, 300)
    for number in range(maker.count(4000)):
        token = "".join(maker.random.choices("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", k=200))
        yield "SET", f"token:{token}", number, "EX", maker.jittered(30 * 86400)


def _in_order(maker: Maker) -> Iterator[Command]:
    for _ in range(maker.count(5000)):
        yield "SET", f"csrf:{maker.hexadecimal(40)}", 1, "EX", maker.random.randint(60, 3600)
    for number in range(maker.count(300)):
        yield "ZADD", "online", 1_750_000_000 + number, number
    for number in range(20):
        yield "GEOADD", "geo:offices", 8 + number / 5, 48 + number / 10, f"office-{number}"

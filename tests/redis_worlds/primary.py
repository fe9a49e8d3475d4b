"""Redis as the only store of a shop's data: people, orders, indexes made by hand, counters.

Planted, at scale 1 some 57,000 keys:

- ``user:<number>``: hashes; 40 of them hold a picture of 40 kB in a field
- ``order:<uuid>``: JSON, written anew for every change of state
- ``user:<number>:orders``: sorted sets; that of a wholesaler has 15,000 members
- ``user:<number>:pref:<name>``: three short strings for each of 6,000 people
- ``idx:email:<address>``: the number of the person of this address
- ``products``: one hash of 40,000 fields; ``feed:global``: a list of 30,000 that only grows
- ``tmp:export:<date>:<number>``: left behind, unused for 90 days
- ``session:<hexadecimal>``: sessions that end
- ``counter:orders:<date>``, ``group:<name>``, ``{cart:<number>}:items`` and ``{cart:<number>}:total``
- in database 1: ``test:<number>``

What an architect would object to:

1. No replica: the only copy of the data is this machine's.
2. maxmemory is not set.
3. ``products`` is one key of 40,000 fields, read whole with HGETALL; ``user:7:orders`` has 15,000 members.
4. ``tmp:export:*`` has no end and nobody has used it for 90 days.
5. ``order:*`` is JSON of which one field changes: read, parsed and written whole.
6. Three strings for each person that a hash would hold: 18,000 keys whose names cost more than their values.
7. Addresses of people in the names of keys (``idx:email:*``).
8. ``feed:global`` only grows.
9. Pictures in hashes of people.
10. A second logical database with data of tests beside the real ones.
11. Commands that block: SAVE, KEYS, HGETALL of everything. FLUSHALL may be called by everybody: no password, no ACL.
12. Transactions with WATCH of which a third are given up.

What only looks so: no key of ``user:*``, ``order:*``, ``counter:*`` ends, as in a store of data; appendfsync everysec;
``session:*``, which ends; ``{cart:*}`` with its braces, which keeps a cart's keys together; the number of keys, which
grows with the shop.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from redis import WatchError

from tests.redis_worlds.making import Command, Maker, compact

SETTINGS = {"appendonly": "yes", "appendfsync": "everysec", "save": "900 1 300 100", "maxmemory-policy": "noeviction"}
_USERS, _ORDERS, _PRODUCTS = 10_000, 12_000, 40_000
_STATES = "new paid packed sent done".split()
_FIRST_DAY = date(2025, 1, 1)


def plant(client: Any, scale: float = 1.0) -> None:
    """Make the keys on an empty server."""
    maker = Maker(client, scale, seed=41)
    emails = [maker.email(number) for number in range(maker.count(_USERS))]
    maker.many(_users(maker, emails))
    maker.many(_orders(maker))
    maker.many(("SET", f"idx:email:{email}", number) for number, email in enumerate(emails))
    maker.many(_large(maker))
    exports = [f"tmp:export:{_FIRST_DAY + timedelta(number)}:{number}" for number in range(maker.count(300))]
    maker.many(("SET", name, maker.text(200)) for name in exports)
    maker.age(exports, days=90)
    maker.many(_rest(maker))
    tests = [("SET", f"test:{number}", maker.word()) for number in range(maker.count(500))]
    # One connection must see both, and this is the only way to be sure which one it is.
    with client.pipeline(transaction=True) as pipeline:
        for command in [("SELECT", 1), *tests, ("SELECT", 0)]:
            pipeline.execute_command(*command)
        pipeline.execute()
    maker.done()


def work(client: Any) -> None:
    """Write far more than is read: orders come in and change their state, people change their data."""
    maker = Maker(client, 1.0, seed=42)
    orders = _order_names(_ORDERS)
    for number in range(1200):
        user = maker.random.randrange(_USERS)
        name = f"order:{maker.random.choice(orders)}"
        client.execute_command("GET", name)
        client.execute_command("SET", name, compact(_order(maker, user, number)))
        client.execute_command("ZADD", f"user:{user}:orders", number, name)
        client.execute_command("HSET", f"user:{user}", "seen", 1_750_000_000 + number)
        client.execute_command("INCR", f"counter:orders:{_FIRST_DAY}")
        client.execute_command("LPUSH", "feed:global", f"{user} ordered {number}")
    for number in range(60):
        client.execute_command("MGET", *(f"order:{name}" for name in maker.random.sample(orders, 10)))
        _contend(client, "counter:stock", lost=number % 3 == 0)
    for _ in range(10):
        client.execute_command("HGETALL", "products")
        client.execute_command("KEYS", "idx:email:*")
    client.execute_command("SAVE")


def _contend(client: Any, name: str, *, lost: bool) -> None:
    """Change a key in a transaction that somebody else may have made void."""
    with client.pipeline() as pipeline:
        pipeline.watch(name)
        if lost:
            client.execute_command("INCR", name)
        pipeline.multi()
        pipeline.execute_command("INCRBY", name, -1)
        try:
            pipeline.execute()
        except WatchError:
            assert lost


def _order_names(count: int) -> list[str]:
    """The identifiers of the orders, which both halves of this world know."""
    maker = Maker(None, 1.0, seed=40)
    return [maker.uuid() for _ in range(count)]


def _order(maker: Maker, user: int, number: int) -> dict[str, Any]:
    lines = [
        {"sku": maker.random.randrange(_PRODUCTS), "pieces": 1 + number % 3} for _ in range(maker.random.randint(1, 8))
    ]
    return {
        "user": user,
        "state": maker.random.choice(_STATES),
        "lines": lines,
        "street": maker.text(3),
        "note": maker.text(10),
    }


def _users(maker: Maker, emails: list[str]) -> Iterator[Command]:
    pictured = set(range(0, len(emails), max(1, len(emails) // 40)))
    for number, email in enumerate(emails):
        fields = [
            "name",
            maker.name(),
            "email",
            email,
            "city",
            maker.word(),
            "seen",
            1_750_000_000,
            "points",
            number % 400,
        ]
        if number in pictured:
            fields += ["picture", b"\x89PNG\r\n\x1a\n" + maker.random.randbytes(40_000)]
        yield "HSET", f"user:{number}", *fields
    for number in range(maker.count(6000)):
        yield "SET", f"user:{number}:pref:theme", ("dark", "light")[number % 2]
        yield "SET", f"user:{number}:pref:language", ("de", "en", "fr")[number % 3]
        yield "SET", f"user:{number}:pref:news", number % 2


def _orders(maker: Maker) -> Iterator[Command]:
    for number, name in enumerate(_order_names(maker.count(_ORDERS))):
        user = maker.random.randrange(maker.count(5000))
        yield "SET", f"order:{name}", compact(_order(maker, user, number))
        yield "ZADD", f"user:{user}:orders", 1_700_000_000 + number, name


def _large(maker: Maker) -> Iterator[Command]:
    for number in range(maker.count(_PRODUCTS)):
        yield "HSET", "products", number, compact({"name": maker.word(), "price": number * 17 % 9000})
    for number in range(maker.count(30_000)):
        yield "LPUSH", "feed:global", f"{number % _USERS} ordered {maker.word()}"
    for number in range(maker.count(15_000)):
        yield "ZADD", "user:7:orders", 1_700_000_000 + number, f"bulk-{number}"


def _rest(maker: Maker) -> Iterator[Command]:
    for _ in range(maker.count(1000)):
        yield (
            "SET",
            f"session:{maker.hexadecimal(32)}",
            maker.random.randrange(_USERS),
            "EX",
            maker.random.randint(60, 3600),
        )
    for number in range(400):
        yield "SET", f"counter:orders:{_FIRST_DAY + timedelta(number)}", maker.random.randint(10, 900)
    yield "SADD", "group:vip", *range(100, 500), "administrator"
    yield "SADD", "group:testers", *range(40)
    for number in range(maker.count(600)):
        yield "HSET", f"{{cart:{number}}}:items", maker.random.randrange(_PRODUCTS), 1
        yield "SET", f"{{cart:{number}}}:total", maker.random.randint(100, 9000)
    yield "SET", "counter:stock", 10_000

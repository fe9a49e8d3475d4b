"""The cache of a web shop: cache-aside JSON, fragments of pages, evicted by use.

Planted, at scale 1 some 39,000 keys:

- ``cache:product:<number>``: JSON of 0.4 to 1.2 kB, ends after an hour, jittered
- ``cache:user:<number>``: pickles of Python, end after fifteen minutes
- ``cache:price:<number>``: 9,000 numbers that a nightly job wrote with one EXPIREAT
- ``cache:search:<md5>``: results of searches, of which none ends
- ``fragment:<locale>:<sha1>``: pieces of HTML of 2 to 6 kB, end after ten minutes
- ``cache:tag:<category>``: sets of the products to invalidate; that of ``all`` has 30,000 members
- ``cache:catalogue``: a string of 3 MB, read on many pages
- ``cache-user-<number>``, ``Cache_Banner_<number>``: what other teams call theirs
- ``flag:<feature>``, ``stock:reserved:<sku>``: switches and reservations that exist nowhere else
- ``lock:product:<number>``: locks that end after half a minute

What an architect would object to:

1. ``cache:search:*`` never ends: only eviction removes it, at the cost of what is used.
2. ``cache:price:*`` ends in one second: all is recomputed at once.
3. Durable data (``flag:*``, ``stock:reserved:*``) on a server that may evict every key (allkeys-lru).
4. One value of 3 MB that is read often, and a set of 30,000 that is deleted with DEL.
5. A third of the reads miss.
6. KEYS is called in production, to invalidate.
7. Pickles: whoever may write to the cache runs code in its readers.
8. Names without a common form: three separators and two spellings for the same kind of thing.
9. Snapshots to disk (save) for data that can be made again.
10. One command per round trip, where MGET or a pipeline would fetch a page's products at once.
11. No password, no TLS; latency is not monitored.

What only looks so: memory is used to nine tenths and more and keys are evicted, as in every cache; locks and fragments
end soon, and at different moments; ``flag:*`` has no end and is right not to have one.
"""

from __future__ import annotations

import hashlib
import pickle
import time
from collections.abc import Iterator
from typing import Any

from tests.redis_worlds.making import Command, Maker, compact

SETTINGS = {"maxmemory": "64mb", "maxmemory-policy": "allkeys-lru", "save": "3600 1 300 100"}
_CATEGORIES = "shoes coats hats bags belts socks shirts scarves gloves all".split()
_FEATURES = "new_checkout dark_mode express_pay recommendations wishlists gift_cards".split()
_PRODUCTS, _PRICES, _SEARCHES = 12_000, 9_000, 8_000
_HEADROOM = 256 * 1024
"""Bytes beside what is planted: enough for the buffers of a client, less than what the work adds."""


def plant(client: Any, scale: float = 1.0) -> None:
    """Make the keys on an empty server."""
    maker = Maker(client, scale, seed=11)
    # What is evicted while keys are made would differ from run to run.
    client.execute_command("CONFIG", "SET", "maxmemory", 0)
    maker.many(_products(maker))
    maker.many(_users(maker))
    midnight = int(time.time()) + 5 * 3600
    maker.many(("SET", f"cache:price:{n}", n * 7 % 90_000, "EXAT", midnight) for n in range(maker.count(_PRICES)))
    maker.many(
        ("SET", f"cache:search:{_md5(n)}", compact({"hits": maker.random.sample(range(_PRODUCTS), 30)}))
        for n in range(maker.count(_SEARCHES))
    )
    maker.many(_fragments(maker))
    maker.many(_tags(maker))
    client.execute_command("SET", "cache:catalogue", maker.text(1000) * round(500 * min(scale, 1.0)), "EX", 300)
    maker.many(_others(maker))
    maker.done()
    client.close()  # with its buffers, which are memory of the server
    used = int(client.info("memory")["used_memory"])
    client.execute_command("CONFIG", "SET", "maxmemory", used + _HEADROOM)


def work(client: Any) -> None:
    """Read and fill as the shop does, one command per round trip."""
    maker = Maker(client, 1.0, seed=12)
    for _ in range(2500):
        number = maker.random.randrange(round(_PRODUCTS * 1.4))  # a third of what is asked for was never cached
        if client.execute_command("GET", f"cache:product:{number}") is None:
            client.execute_command(
                "SETEX", f"cache:product:{number}", maker.jittered(3600), compact(_product(maker, number))
            )
    for _ in range(1500):
        client.execute_command("GET", f"cache:search:{_md5(maker.random.randrange(_SEARCHES * 2))}")
    for number in range(600):  # searches that nobody had made before
        hits = maker.random.sample(range(_PRODUCTS), 30)
        client.execute_command("SET", f"cache:search:{_md5(10**6 + number)}", compact({"hits": hits}))
    for _ in range(40):
        client.execute_command("GET", "cache:catalogue")
        client.execute_command("KEYS", "cache:tag:*")
    for feature in _FEATURES * 100:
        client.execute_command("GET", f"flag:{feature}")
    client.execute_command("DEL", "cache:tag:all")


def _md5(number: int) -> str:
    return hashlib.md5(str(number).encode()).hexdigest()


def _product(maker: Maker, number: int) -> dict[str, object]:
    return {
        "id": number, "name": maker.text(3), "description": maker.text(maker.random.randint(30, 120)),
        "price": maker.random.randint(100, 90_000), "stock": maker.random.randint(0, 50),
        "categories": maker.random.sample(_CATEGORIES, 3),
    }  # fmt: skip


def _products(maker: Maker) -> Iterator[Command]:
    for number in range(maker.count(_PRODUCTS)):
        yield "SET", f"cache:product:{number}", compact(_product(maker, number)), "EX", maker.jittered(3600)


def _users(maker: Maker) -> Iterator[Command]:
    for number in range(maker.count(4000)):
        profile = {
            "id": number,
            "name": maker.name(),
            "cart": maker.random.sample(range(_PRODUCTS), 4),
            "vip": number % 9 == 0,
        }
        yield "SET", f"cache:user:{number}", pickle.dumps(profile, protocol=4), "EX", maker.jittered(900)


def _fragments(maker: Maker) -> Iterator[Command]:
    for _ in range(maker.count(1500)):
        rows = "".join(
            f"<li class='row'><a href='/p/{maker.word()}'>{maker.word()}</a></li>"
            for _ in range(maker.random.randint(40, 110))
        )
        name = f"fragment:{maker.random.choice(['de', 'en', 'fr'])}:{maker.hexadecimal(40)}"
        yield "SET", name, f"<ul>{rows}</ul>", "EX", maker.jittered(600)


def _tags(maker: Maker) -> Iterator[Command]:
    for category in _CATEGORIES[:-1]:
        members = maker.random.sample(range(30_000), maker.count(2000))
        for start in range(0, len(members), 500):
            yield "SADD", f"cache:tag:{category}", *members[start : start + 500]
    for start in range(0, maker.count(30_000), 500):
        yield "SADD", "cache:tag:all", *range(start, start + 500)


def _others(maker: Maker) -> Iterator[Command]:
    for number in range(maker.count(2500)):
        yield "SET", f"cache-user-{number}", compact({"name": maker.name()}), "EX", maker.jittered(900)
    for number in range(maker.count(1500)):
        yield "SET", f"Cache_Banner_{number}", maker.text(12), "EX", maker.jittered(7200)
    for feature in _FEATURES:
        yield "SET", f"flag:{feature}", maker.random.choice(["on", "off"])
    for _ in range(maker.count(400)):
        yield "SET", f"stock:reserved:{maker.word()}-{maker.random.randint(100, 999)}", maker.random.randint(1, 9)
    for number in maker.random.sample(range(_PRODUCTS), 50):
        yield "SET", f"lock:product:{number}", maker.hexadecimal(16), "NX", "PX", 30_000 + maker.random.randint(0, 9000)

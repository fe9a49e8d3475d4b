"""The queues of background work: jobs as the library BullMQ keeps them, streams of events, a list from before.

Planted, at scale 1 some 30,000 keys:

- ``bull:<queue>:<number>``: a hash for each job, of the queues ``emails``, ``thumbnails``, ``reports``
- ``bull:<queue>:wait``, ``active``, ``delayed``, ``completed``, ``failed``, ``id``, ``meta``: their lists, sorted sets
  and the rest; 9,000 jobs wait in ``emails``, whose worker has gone; all 18,000 completed ones are kept
- ``bull:<queue>:<number>:lock``: locks that end after half a minute
- ``events:orders``: a stream of 30,000 entries without a limit. The group ``billing`` has 800 entries pending for two
  days with the consumer ``billing-1``; the group ``mailer`` has never read
- ``events:clicks``: a stream that is trimmed to 1,000 entries, whose group keeps up
- ``legacy:jobs``: a list that is asked for work again and again, and is empty; ``audit:log``: one that only grows
- ``recent:errors``: a list that is trimmed to 100

What an architect would object to:

1. Nothing is saved (no AOF, no snapshots): a restart loses all jobs.
2. maxmemory is not set: a backlog takes the memory of the machine.
3. 9,000 jobs wait in ``emails`` and nobody takes them.
4. Completed and failed jobs are kept for ever, as hashes without an end, and in sorted sets of 18,000.
5. ``events:orders`` grows without a limit.
6. 800 entries have been pending for two days with a consumer that is gone; nobody claims them.
7. The group ``mailer`` lags behind by the whole stream.
8. ``legacy:jobs`` is polled: most RPOP find nothing, where BRPOP would wait.
9. ``audit:log`` only grows, and is read whole with LRANGE 0 -1, as is the list of waiting jobs.
10. Payloads of 1 MB within jobs of ``reports``.
11. KEYS is called by a dashboard.
12. Messages are published to a channel that nobody listens to.

What only looks so: ``events:clicks`` and ``recent:errors``, which are trimmed; locks, which end; noeviction, which is
right for a queue; names in the form of a library, which nobody should rename; ``delayed``, whose jobs are due later.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.redis_worlds.making import Command, Maker, compact

SETTINGS = {"maxmemory-policy": "noeviction", "save": "", "appendonly": "no"}
_START = 1_750_000_000_000
_BACKLOG = 9000
_COMPLETED = {"emails": 12_000, "thumbnails": 5500, "reports": 500}
_PENDING_MILLISECONDS = 2 * 86_400_000


def plant(client: Any, scale: float = 1.0) -> None:
    """Make the keys on an empty server."""
    maker = Maker(client, scale, seed=31)
    maker.many(_completed(maker))
    maker.many(_waiting(maker))
    maker.many(_rest(maker))
    maker.many(_lists(maker))
    _orders(maker)
    _clicks(maker)
    maker.done()


def work(client: Any) -> None:
    """Add and finish jobs, poll, read streams, look at everything in a dashboard."""
    maker = Maker(client, 1.0, seed=32)
    for number in range(600):
        job = f"bull:thumbnails:{900_000 + number}"
        client.execute_command("HSET", job, "name", "resize", "data", compact({"image": number}), "timestamp", _START)
        client.execute_command("LPUSH", "bull:thumbnails:wait", 900_000 + number)
        taken = client.execute_command("BRPOPLPUSH", "bull:thumbnails:wait", "bull:thumbnails:active", 1)
        client.execute_command("HSET", job, "finishedOn", _START + number)
        client.execute_command("LREM", "bull:thumbnails:active", 1, taken)
        client.execute_command("ZADD", "bull:thumbnails:completed", _START + number, taken)
    for number in range(300):
        client.execute_command("XADD", "events:orders", "*", "order", number, "state", "paid")
        client.execute_command("XADD", "events:clicks", "MAXLEN", "~", 1000, "*", "page", number)
        _read(client, "events:clicks", "counter", "counter-1")
        client.execute_command("PUBLISH", "jobs:notify", number)
    for _ in range(20):
        _read(client, "events:orders", "billing", "billing-2")
    for _ in range(2000):
        client.execute_command("RPOP", "legacy:jobs")
    for number in range(100):
        client.execute_command("LPUSH", "audit:log", maker.text(6))
        client.execute_command("LPUSH", "recent:errors", maker.text(6))
        client.execute_command("LTRIM", "recent:errors", 0, 99)
        client.execute_command("ZRANGEBYSCORE", "bull:emails:delayed", 0, _START + number, "LIMIT", 0, 10)
    for _ in range(10):
        client.execute_command("LRANGE", "bull:emails:wait", 0, -1)
        client.execute_command("LRANGE", "audit:log", 0, -1)
    for _ in range(5):
        client.execute_command("KEYS", "bull:*")


def _read(client: Any, stream: str, group: str, consumer: str) -> None:
    """Read what is new in a stream, and acknowledge it."""
    options = {"NEVER_DECODE": True}  # the driver would parse the answer
    answer = client.execute_command(
        "XREADGROUP", "GROUP", group, consumer, "COUNT", 10, "STREAMS", stream, ">", **options
    )
    entries = answer[0][1] if answer else []
    if entries:
        client.execute_command("XACK", stream, group, *(entry[0] for entry in entries))


def _job(maker: Maker, queue: str, number: int) -> list[Any]:
    data = {"to": f"user{number}@example.org", "subject": maker.text(4), "tries": number % 3}
    return ["HSET", f"bull:{queue}:{number}", "name", queue[:-1], "data", compact(data), "timestamp", _START + number,
            "priority", 0, "delay", 0, "opts", '{"attempts":3}']  # fmt: skip


def _completed(maker: Maker) -> Iterator[Command]:
    for queue, count in _COMPLETED.items():
        for number in range(maker.count(count)):
            ended = ("processedOn", _START + number + 5, "finishedOn", _START + number + 60)
            yield *_job(maker, queue, number), *ended, "returnvalue", '{"ok":true}'
            yield "ZADD", f"bull:{queue}:completed", _START + number + 60, number
        yield "SET", f"bull:{queue}:id", 900_000
        yield "HSET", f"bull:{queue}:meta", "opts.maxLenEvents", 10_000


def _waiting(maker: Maker) -> Iterator[Command]:
    for number in range(100_000, 100_000 + maker.count(_BACKLOG)):
        yield _job(maker, "emails", number)
        yield "LPUSH", "bull:emails:wait", number
    for number in range(200_000, 200_000 + maker.count(1200)):
        yield _job(maker, "emails", number)
        yield "ZADD", "bull:emails:delayed", (_START + number * 1000) * 4096, number
    for number in range(300_000, 300_000 + maker.count(1500)):
        yield *_job(maker, "thumbnails", number), "failedReason", maker.text(8), "stacktrace", compact([maker.text(60)])
        yield "ZADD", "bull:thumbnails:failed", _START + number, number


def _rest(maker: Maker) -> Iterator[Command]:
    for number in range(400_000, 400_040):
        yield _job(maker, "thumbnails", number)
        yield "LPUSH", "bull:thumbnails:active", number
        yield "SET", f"bull:thumbnails:{number}:lock", maker.uuid(), "PX", 30_000 + maker.random.randint(0, 5000)
    for number in range(500_000, 500_003):
        yield "HSET", f"bull:reports:{number}", "name", "report", "data", maker.text(1000) * 150, "timestamp", _START
        yield "LPUSH", "bull:reports:wait", number


def _lists(maker: Maker) -> Iterator[Command]:
    for number in range(maker.count(20_000)):
        yield "LPUSH", "audit:log", f"{_START + number} {maker.name()} {maker.text(4)}"
    yield "LPUSH", "recent:errors", *(maker.text(6) for _ in range(100))


def _orders(maker: Maker) -> None:
    count = maker.count(30_000)
    maker.many(
        (
            "XADD",
            "events:orders",
            f"{_START + number * 200}-0",
            "order",
            number,
            "state",
            "new",
            "total",
            number * 13 % 9000,
        )
        for number in range(count)
    )
    pending = min(800, count // 2)
    maker.many([
        ("XGROUP", "CREATE", "events:orders", "billing", f"{_START + (count - pending - 1) * 200}-0"),
        ("XGROUP", "CREATE", "events:orders", "mailer", "0"),
        ("XREADGROUP", "GROUP", "billing", "billing-1", "COUNT", pending, "STREAMS", "events:orders", ">"),
    ])  # fmt: skip
    names = [f"{_START + number * 200}-0" for number in range(count - pending, count)]
    claimed = ("XCLAIM", "events:orders", "billing", "billing-1", 0, *names, "IDLE", _PENDING_MILLISECONDS, "JUSTID")
    maker.many([claimed])


def _clicks(maker: Maker) -> None:
    maker.many(
        ("XADD", "events:clicks", "MAXLEN", "~", 1000, f"{_START + number * 9}-0", "page", number % 70)
        for number in range(maker.count(3000))
    )
    maker.many([("XGROUP", "CREATE", "events:clicks", "counter", "$")])

"""What an audit says of the planted servers of `redis_worlds`: their role, what is wrong there, and what is not."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from auditor.connector import CollectOptions
from auditor.model.facts import Facts
from auditor.model.report import Audit
from auditor.model.snapshot import Snapshot
from auditor.model.vocabulary import Outcome
from auditor.pipeline import audit_snapshot
from auditor.registry import connector_for
from auditor.target import parse_target
from auditor_checks._roles import roles
from tests.redis_worlds import WORLDS
from tests.servers import Pool

ENGINES = {"cache": "valkey", "sessions": "redis", "queue": "valkey", "primary": "redis"}
"""Planting and looking at each takes some ten seconds, so none is audited twice."""

ROLES = {"cache": "cache", "sessions": "session store", "queue": "queue", "primary": "primary store"}

FLAWS = {
    # By the numbers of "What an architect would object to"; what no check sees is left out.
    "cache": {
        (1, "key-no-ttl", "cache:search:{id}"),
        (2, "key-ttl-herd", "cache:price:{id}"),
        (3, "roles-mixed", "server"),
        (4, "key-big", "cache:catalogue"),
        (6, "cmd-keys-used", "keys"),
        (8, "key-duplicate-prefixes", "cache-user-{id}"),
        (8, "key-namespace-disorder", "server"),
        (11, "cmd-latency-monitor-off", "latency-monitor-threshold"),
    },
    "sessions": {
        (1, "key-no-ttl", "session_{id}"),
        (2, "key-no-ttl", "sess:{id}"),
        (2, "key-no-ttl", "rl:{id}:{id}"),
        (3, "key-big", "user:{id}:sessions"),
        (5, "key-long-names", "token:{id}"),
        (6, "mem-lua-scripts", "server"),
        (6, "cmd-eval-not-sha", "server"),
        (8, "persist-none", "server"),
        (8, "standby-missing", "server"),
        (10, "access-control-off", "server"),
    },
    "queue": {
        (1, "persist-none", "server"),
        (2, "mem-maxmemory-unset", "maxmemory"),
        (5, "stream-unbounded", "events:orders"),
        (6, "stream-pending", "events:orders"),
        (7, "stream-group-idle", "events:orders"),
    },
    "primary": {
        (1, "standby-missing", "server"),
        (2, "mem-maxmemory-unset", "maxmemory"),
        (3, "key-big", "products"),
        (4, "key-no-ttl", "tmp:export:{id}:{id}"),
        (6, "key-many-small-strings", "user:{id}:pref:language"),
        (10, "cmd-select-multi-db", "1"),
        (11, "access-control-off", "server"),
    },
}
SOUND = {
    # Of "What only looks so": the check that would be wrong, and of what.
    "cache": {
        ("mem-near-limit", "server"),
        ("key-no-ttl", "flag:{id}"),
        ("key-ttl-herd", "lock:product:{id}"),
        ("key-ttl-herd", "fragment:de:{id}"),
        ("mem-policy-mismatch", "maxmemory-policy"),
    },
    "sessions": {
        ("key-no-ttl", "geo:offices"),
        ("key-no-ttl", "online"),
        ("key-ttl-herd", "sess:{id}"),
        ("key-big", "sess:{id}"),
    },
    "queue": {
        ("stream-unbounded", "events:clicks"),
        ("stream-pending", "events:clicks"),
        ("stream-group-idle", "events:clicks"),
        ("key-namespace-disorder", "server"),
        ("mem-policy-mismatch", "maxmemory-policy"),
        ("key-no-ttl", "bull:thumbnails:{id}:lock"),
    },
    "primary": {
        ("key-no-ttl", "user:{id}"),
        ("key-no-ttl", "order:{id}"),
        ("key-no-ttl", "counter:orders:{id}"),
        ("key-no-ttl", "session:{id}"),
        ("persist-none", "server"),
        ("key-hash-tag-skew", "{cart:{id}}:items"),
        ("roles-mixed", "server"),
    },
}
EACH = pytest.mark.parametrize("name", sorted(WORLDS))


@pytest.fixture(scope="module")
def worlds(pool: Pool) -> Worlds:
    return Worlds(pool)


class Worlds:
    """The snapshots and audits of the planted servers, each taken when it is first asked for."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self.snapshot = cache(self._snapshot)
        self.audit = cache(lambda name: audit_snapshot(self.snapshot(name)))

    def _snapshot(self, name: str) -> Snapshot:
        world, connector = WORLDS[name], connector_for("redis")
        with self._pool.own_redis(world.SETTINGS, ENGINES[name]) as server:
            world.plant(server.client)
            world.work(server.client)
            server.client.close()
            target = parse_target(server.url(), connector.schemes, connector.example)
            return connector.collect(target, CollectOptions())


def found(audit: Audit) -> set[tuple[str, str]]:
    return {(one.check, one.subject.name) for one in audit.findings}


@EACH
def test_each_world_comes_out_with_its_role(worlds: Worlds, name: str) -> None:
    told = roles(Facts(worlds.snapshot(name))).server
    assert told is not None
    assert told.role == ROLES[name]
    assert any(one.check == "keyspace-role" for one in worlds.audit(name).findings)


@EACH
def test_what_an_architect_would_object_to_is_found(worlds: Worlds, name: str) -> None:
    missed = [flaw for flaw in sorted(FLAWS[name]) if flaw[1:] not in found(worlds.audit(name))]
    assert missed == []


@EACH
def test_what_only_looks_so_is_not_found(worlds: Worlds, name: str) -> None:
    assert SOUND[name] & found(worlds.audit(name)) == set()


@EACH
def test_no_check_fails_and_each_finding_is_one(worlds: Worlds, name: str) -> None:
    audit = worlds.audit(name)
    assert [one.check for one in audit.checks if one.outcome is Outcome.ERROR] == []
    assert [one for one, number in Counter(one.fingerprint for one in audit.findings).items() if number > 1] == []

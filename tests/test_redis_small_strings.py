"""What is promised to be saved by hashes in place of small strings is saved at least, on real servers."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.checking import run_check
from auditor.connector import CollectOptions
from auditor.model.facts import Facts
from auditor.model.finding import Impact
from auditor.registry import connector_for, load_checks
from auditor.target import parse_target
from tests.servers import Pool

KEYS = 6000
EACH = pytest.mark.parametrize("engine", ["redis", "valkey", "redis-6.2"])


def used(client: Any) -> int:
    return int(client.info("memory")["used_memory"])


def promised(
    pool: Pool, engine: str, limits: dict[str, float], commands: list[list[Any]], hashes: list[list[Any]]
) -> tuple[Impact, int]:
    """What a finding promises for the keys that the commands make, and what the hashes save in truth."""
    connector, taken = connector_for("redis"), []
    with pool.own_redis({}, engine) as server:
        for made in (commands, hashes):
            server.client.execute_command("FLUSHALL", "SYNC")
            before = used(server.client)
            with server.client.pipeline(transaction=False) as pipeline:
                for command in made:
                    pipeline.execute_command(*command)
                pipeline.execute()
            server.client.close()
            taken.append(used(server.client) - before)
            if made is commands:
                target = parse_target(server.url(), connector.schemes, connector.example)
                snapshot = connector.collect(target, CollectOptions())
    run = run_check(load_checks()["key-many-small-strings"], Facts(snapshot), limits)
    (finding,) = run.findings
    return finding.impact, taken[0] - taken[1]


@EACH
def test_buckets_save_what_is_promised(pool: Pool, engine: str) -> None:
    impact, saved = promised(
        pool, engine, {"min_keys": 1000},
        [["SET", f"media:{number}", 1_155_315 + number] for number in range(KEYS)],
        [["HSET", f"media:{number // 100}", number % 100, 1_155_315 + number] for number in range(KEYS)],
    )  # fmt: skip
    assert impact.bytes is not None
    assert 0.2 * saved < impact.bytes <= saved


@EACH
def test_what_belongs_to_one_thing_saves_what_is_promised(pool: Pool, engine: str) -> None:
    fields = {"theme": "dark", "language": "de", "news": 1, "currency": "EUR"}
    impact, saved = promised(
        pool, engine, {"min_family": 1000},
        [["SET", f"user:{number}:{name}", value] for number in range(KEYS // 4) for name, value in fields.items()],
        [["HSET", f"user:{number}", *(part for field in fields.items() for part in field)]
         for number in range(KEYS // 4)],
    )  # fmt: skip
    assert impact.bytes is not None
    assert 0.2 * saved < impact.bytes <= saved

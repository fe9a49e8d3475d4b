"""The whole audit of large generated catalogs against ``pg_dump --schema-only`` of the same database.

    make bench                          10,000 tables
    python -m benchmarks 1000 10000     how time grows

Each figure is the median of three runs; the two programs take turns, so that both meet the same machine. What was
measured is written into a section of ``results.md``, beside this file.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

import psycopg

from auditor_connectors.postgresql.embedded import Server, find_binaries
from benchmarks.results import write_section

RUNS = 3
MADE_AT_ONCE = 500
TABLE = """
CREATE TABLE shop.t_%(n)s (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, parent_id bigint NOT NULL, code text NOT NULL, state int NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(), amount numeric(10,2) NOT NULL, paid boolean NOT NULL DEFAULT false,
  details jsonb, reference uuid NOT NULL);
CREATE INDEX ON shop.t_%(n)s (parent_id);
CREATE INDEX ON shop.t_%(n)s (code, state);
CREATE INDEX ON shop.t_%(n)s (created_at);
"""
REFERENCE = "ALTER TABLE shop.t_%(n)s ADD FOREIGN KEY (parent_id) REFERENCES shop.t_%(parent)s;"


def main(sizes: list[int]) -> None:
    """Generate each catalog, measure, and write the results."""
    lines = [
        "| tables | columns | indexes | audit | pg_dump | ratio | memory of the audit |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    with Server(settings={"max_locks_per_transaction": "4096", "shared_buffers": "512MB"}) as server:
        for tables in sizes:
            url = _generate(server, tables)
            pairs = [(_audit(url), _dump(url)) for _ in range(RUNS)]
            audit, dump = (statistics.median(run[n] for run in pairs) for n in (0, 1))
            memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
            lines.append(
                f"| {tables:,} | {tables * 9:,} | {tables * 4:,} | {audit:.1f} s | {dump:.1f} s | {audit / dump:.2f} |"
                f" {memory:.0f} MiB |"
            )
            print(lines[-1], flush=True)
    note = "Medians of three runs, taken in turn on one machine. `make bench` measures anew."
    write_section("The audit of large catalogs, beside pg_dump", [note, "", *lines])


def _generate(server: Server, tables: int) -> str:
    name = f"bench_{tables}"
    with psycopg.connect(server.url(), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    url = server.url(name)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA shop")
        for first in range(1, tables + 1, MADE_AT_ONCE):
            numbers = range(first, min(first + MADE_AT_ONCE, tables + 1))
            statements = [TABLE % {"n": n} for n in numbers]
            statements += [REFERENCE % {"n": n, "parent": n // 2} for n in numbers if n % 2 == 0]
            connection.execute("".join(statements))
        connection.execute("VACUUM ANALYZE")
    return url


def _audit(url: str) -> float:
    with tempfile.TemporaryDirectory() as folder:
        outputs = [f"{form}:{folder}/report.{form}" for form in ("html", "md", "json")]
        command = [sys.executable, "-m", "auditor", "audit", "env:BENCH_URL", "--quiet"]
        return _time(command + [part for output in outputs for part in ("-o", output)], {"BENCH_URL": url})


def _dump(url: str) -> float:
    binaries = find_binaries()
    return _time([binaries.program("pg_dump"), "--schema-only", "--file", os.devnull, "--dbname", url], {})


def _time(command: list[str], environment: dict[str, str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, env={**os.environ, **environment}, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [10_000])

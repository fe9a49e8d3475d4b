"""What an audit of Redis costs the server and its clients, beside redis-cli's own searches for the largest keys.

    make bench-redis                      2,000,000 keys
    python -m benchmarks.redis 10000000   another number; from 5,000,000 on the peers are left out

A client reads and writes all the while. Each program runs after a time in which nothing else did. Server time is what
the server's own counters say that commands took (``commandstats``), without those of the client, and the processor time
of its main thread; the client's latencies are those that it measured. The largest keys are planted: which of them each
program names in the right order is part of the result. What was measured is written into a section of ``results.md``.
"""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis

from benchmarks.results import circumstances, write_section
from tests.redis_programs import program
from tests.redis_servers import Started

KEYS = 2_000_000
FEW_ENOUGH_FOR_PEERS = 5_000_000
QUIET_SECONDS = 8.0
"""How long the client works alone before each run: what its latency is without anybody else."""

PAUSE_SECONDS = 0.001
LONGEST_SECONDS = 1_800.0
_OWN = frozenset({"get", "set"})
"""The client's commands. None of the programs sends one."""

_POPULATE = """
local from, to = tonumber(ARGV[1]), tonumber(ARGV[2])
for i = from, to do
  local kind, text = i % 10, string.rep('x', 40 + i % 200)
  if kind < 4 then redis.call('SET', 'cache:product:' .. i, text, 'EX', 600 + i % 86400)
  elseif kind < 6 then redis.call('HSET', 'user:' .. i .. ':profile', 'name', 'n' .. i, 'mail', 'm' .. i, 'note', text)
  elseif kind < 7 then redis.call('SADD', 'user:' .. i .. ':tags', 'a', 'b', 'c' .. i % 50)
  elseif kind < 8 then redis.call('ZADD', 'user:' .. i .. ':feed', 1, 'p' .. i, 2, 'q' .. i)
  elseif kind < 9 then redis.call('SET', 'session:' .. redis.sha1hex(tostring(i)), text, 'EX', 1800)
  else redis.call('RPUSH', 'user:' .. i .. ':last', 'v' .. i, 'w' .. i)
  end
end
"""
_WHALES = {
    "hash": "for i = 1, tonumber(ARGV[1]) do redis.call('HSET', KEYS[1], 'field' .. i, 'value' .. i) end",
    "list": "for i = 1, tonumber(ARGV[1]) do redis.call('RPUSH', KEYS[1], 'a value of the list ' .. i) end",
    "set": "for i = 1, tonumber(ARGV[1]) do redis.call('SADD', KEYS[1], 'member:' .. i) end",
    "zset": "for i = 1, tonumber(ARGV[1]) do redis.call('ZADD', KEYS[1], i, 'member:' .. i) end",
    "string": "redis.call('SET', KEYS[1], string.rep('y', 100 * tonumber(ARGV[1])))",
    "stream": "for i = 1, tonumber(ARGV[1]) do redis.call('XADD', KEYS[1], '*', 'event', 'e' .. i) end",
}
_SIZES = (200_000, 50_000, 20_000)
"""Elements of the planted keys of each type, largest first; a string has a hundred bytes for each."""


@dataclass
class Client:
    """Reads and writes single small keys without end, and notes how long each command took, in seconds."""

    url: str
    latencies: list[float] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def work(self) -> None:
        """Work until it is told to stop."""
        with redis.Redis.from_url(self.url) as client:
            number = 0
            while not self.stopped.is_set():
                number += 1
                begun = time.perf_counter()
                if number % 4:
                    client.get(f"client:{number % 1000}")
                else:
                    client.set(f"client:{number % 1000}", number)
                self.latencies.append(time.perf_counter() - begun)
                time.sleep(PAUSE_SECONDS)

    def drain(self) -> list[float]:
        """Give the latencies since the last time."""
        found, self.latencies = self.latencies, []
        return found


@dataclass(frozen=True)
class Cost:
    """What the server did for a program: milliseconds of commands and of its main thread, commands, bytes it sent."""

    command_ms: float
    thread_ms: float
    commands: int
    bytes_sent: int

    def since(self, before: Cost) -> Cost:
        """What came after another moment."""
        return Cost(
            self.command_ms - before.command_ms, self.thread_ms - before.thread_ms,
            self.commands - before.commands, self.bytes_sent - before.bytes_sent,
        )  # fmt: skip


@dataclass(frozen=True)
class Run:
    """What one program took and said; ``idle_ms`` is what the main thread takes in the same time without it."""

    seconds: float
    cost: Cost
    idle_ms: float
    megabytes: float
    before: list[float]
    meanwhile: list[float]
    output: str


def main(keys: int) -> None:
    """Plant, measure, and write the results."""
    with tempfile.TemporaryDirectory() as folder:
        server = Started("redis")
        try:
            version = server.client.info("server")["redis_version"]
            _plant(server.client, keys)
            client = Client(server.url())
            worker = threading.Thread(target=client.work, daemon=True)
            worker.start()
            try:
                lines = _measure(server, client, keys, Path(folder))
            finally:
                client.stopped.set()
                worker.join()
        finally:
            server.stop()
    note = (
        f"{circumstances(f'Redis {version}')} One run each, one after the other, beside a client that reads and writes "
        "up to a thousand times a second; the last column is the 99th percentile of its latency, without and with. "
        "Server time is what the server counts for commands, without those of the client; the processor time of its "
        "main thread is without what it takes when only the client is there. `make bench-redis` measures anew."
    )
    write_section(f"What an audit of Redis costs the server and its clients: {keys:,} keys", [note, *lines])


def _plant(client: redis.Redis, keys: int) -> None:
    """Make small keys of every type, and three large ones of each."""
    populate = client.register_script(_POPULATE)
    for begun in range(1, keys + 1, 20_000):
        populate(args=[begun, min(keys, begun + 19_999)])
    for kind, script in _WHALES.items():
        for size in _SIZES:
            client.eval(script, 1, _name(kind, size), size)


def _name(kind: str, size: int) -> str:
    return f"report:{kind}:{ {_SIZES[0]: 'largest', _SIZES[1]: 'middle', _SIZES[2]: 'least'}[size] }"


def _measure(server: Started, client: Client, keys: int, folder: Path) -> list[str]:
    report = folder / "report.json"
    os.environ["BENCH_URL"] = server.url()
    ours = [sys.executable, "-m", "auditor", "audit", "env:BENCH_URL", "--quiet", "-o", f"json:{report}"]
    snapshot = folder / "snapshot.json"
    collect = [sys.executable, "-m", "auditor", "collect", "env:BENCH_URL", "--quiet", "-o", str(snapshot)]
    cli = [program("redis-cli"), "-u", server.url()]
    programs: dict[str, list[str]] = {"auditor audit": ours}
    if keys < FEW_ENOUGH_FOR_PEERS:
        programs |= {"redis-cli --bigkeys": [*cli, "--bigkeys"], "redis-cli --memkeys": [*cli, "--memkeys"]}
    lines = [
        "", "| program | time | server time | main thread | commands | sent | memory | client, p99 | largest keys |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]  # fmt: skip
    truth = _truth(server.client)
    for name, command in programs.items():
        run = _run(server.client, client, command)
        if command is ours:
            subprocess.run(collect, check=True, stdout=subprocess.DEVNULL, timeout=LONGEST_SECONDS)
            found = _of_snapshot(json.loads(snapshot.read_text(encoding="utf-8")))
            said = f"{_agreeing(found, server.client, truth)} of the largest {len(truth)} in order"
        else:
            said = _of_peer(run.output, truth)
        lines.append(_row(name, run, said))
        print(lines[-1], flush=True)
    return lines


def _truth(client: redis.Redis) -> list[str]:
    """The planted keys, largest first by what the server says of their memory."""
    names = [_name(kind, size) for kind in _WHALES for size in _SIZES]
    sizes = {name: int(client.memory_usage(name, samples=5) or 0) for name in names}
    return sorted(names, key=lambda name: -sizes[name])


def _of_snapshot(snapshot: Mapping[str, Any]) -> list[tuple[str, int]]:
    """The largest keys by their type and size: an audit keeps no names."""
    return [(key["type"], key["bytes"]) for key in snapshot["keyspace"].get("big", ())]


def _agreeing(found: list[tuple[str, int]], client: redis.Redis, truth: list[str]) -> int:
    """How many of the largest keys come first and in the right order: of the same type, and within a tenth as large."""
    agreed = 0
    for (kind, size), name in zip(found, truth, strict=False):
        right = int(client.memory_usage(name, samples=5) or 0)
        if kind != name.split(":")[1] or abs(size - right) > right / 10:
            break
        agreed += 1
    return agreed


def _of_peer(output: str, truth: list[str]) -> str:
    """The largest key of each type is all that it names in the end."""
    named = set(re.findall(r"Biggest\s+\w+ found '\"?([^'\"]+)", output.partition("summary")[2]))
    best = {kind: next(name for name in truth if name.startswith(f"report:{kind}:")) for kind in _WHALES}
    return f"the largest of {sum(name in named for name in best.values())} of {len(best)} types"


def _row(name: str, run: Run, said: str) -> str:
    before, meanwhile = (_percentile(times) * 1000 for times in (run.before, run.meanwhile))
    thread = max(0.0, run.cost.thread_ms - run.idle_ms)
    return (
        f"| {name} | {run.seconds:.1f} s | {run.cost.command_ms:,.0f} ms | {thread:,.0f} ms | {run.cost.commands:,} "
        f"| {run.cost.bytes_sent / 1e6:.1f} MB | {run.megabytes:.0f} MiB | {before:.2f} → {meanwhile:.2f} ms | {said} |"
    )


def _percentile(times: list[float]) -> float:
    return statistics.quantiles(times, n=100)[98] if len(times) > 1 else 0.0


def _run(server: redis.Redis, client: Client, command: list[str]) -> Run:
    time.sleep(1.0)
    client.drain()
    quiet = _cost(server)
    time.sleep(QUIET_SECONDS)
    before, idle = client.drain(), _cost(server).since(quiet)
    start = _cost(server)
    begun = time.perf_counter()
    output, megabytes = _carried_out(command)
    seconds = time.perf_counter() - begun
    cost = _cost(server).since(start)
    return Run(seconds, cost, idle.thread_ms / QUIET_SECONDS * seconds, megabytes, before, client.drain(), output)


def _carried_out(command: list[str]) -> tuple[str, float]:
    """Run a program; the value is what it wrote, and the most memory that it had in mebibytes."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(f"{command[0]} ended with {process.returncode}")
        output.seek(0)
        return output.read().decode(errors="replace"), usage.ru_maxrss / 1024


def _cost(server: redis.Redis) -> Cost:
    info: Callable[[str], Mapping[str, object]] = server.info  # type: ignore[assignment]
    stats = {
        name.removeprefix("cmdstat_"): values
        for name, values in info("commandstats").items()
        if isinstance(values, dict) and name.removeprefix("cmdstat_") not in _OWN
    }
    cpu = info("cpu")
    thread = [float(str(cpu[name])) for name in ("used_cpu_user_main_thread", "used_cpu_sys_main_thread")]
    return Cost(
        command_ms=sum(float(values["usec"]) for values in stats.values()) / 1000,
        thread_ms=sum(thread) * 1000,
        commands=sum(int(values["calls"]) for values in stats.values()),
        bytes_sent=int(str(info("stats")["total_net_output_bytes"])),
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else KEYS)

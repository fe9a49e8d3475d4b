"""What an audit of MongoDB costs the server and its clients, beside a program that reads every document.

    make bench-mongodb                        collections of 10,000 and 400,000 documents, and 1,000 collections
    python -m benchmarks.mongodb 50000 200    other numbers

A client reads and writes all the while. Each program runs after a time in which nothing else did; what it did to the
server is told by the server's own counters, what it did to the client by the latencies that the client measured.
The peer is Variety, ``variety.js`` in ``.cache/peers/bin``, run by the shell that ``make servers`` installs: once over
all documents, which is its default, and once over as many as the audit looked at. Without them it has no rows. What
was measured is written into a section of ``results.md``.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pymongo

from benchmarks.contenders import PROGRAMS
from benchmarks.results import circumstances, write_section
from tests.mongodb_servers import Server, start
from tools.fetch_servers import MONGOSH as SHELL_FOLDER

MONGOSH = SHELL_FOLDER / "node_modules/.bin/mongosh"
DOCUMENTS = (10_000, 400_000)
COLLECTIONS = 1_000
QUIET_SECONDS = 8.0
"""How long the client works alone before each run: what its latency is without anybody else."""

PAUSE_SECONDS = 0.002
LONGEST_SECONDS = 900.0
_COUNTERS = {
    "commands": ("opcounters", "command"),
    "queries": ("opcounters", "query"),
    "further batches": ("opcounters", "getmore"),
    "documents examined": ("metrics", "queryExecutor", "scannedObjects"),
    "bytes sent": ("network", "bytesOut"),
    "writes": ("metrics", "document", "inserted"),
}


@dataclass
class Client:
    """Reads and writes one small collection without end, and notes how long each operation took, in seconds."""

    url: str
    latencies: list[float] = field(default_factory=list)
    operations: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)

    def work(self) -> None:
        """Work until it is told to stop."""
        with pymongo.MongoClient[dict[str, Any]](self.url) as client:
            tickets = client["client"]["tickets"]
            while not self.stopped.is_set():
                number = self.operations
                begun = time.perf_counter()
                if number % 4:
                    tickets.find_one({"_id": number % 1000})
                else:
                    tickets.update_one({"_id": number % 1000}, {"$set": {"n": number}}, upsert=True)
                self.latencies.append(time.perf_counter() - begun)
                self.operations += 1
                time.sleep(PAUSE_SECONDS)

    def drain(self) -> list[float]:
        """Give the latencies since the last time."""
        found, self.latencies = self.latencies, []
        return found


@dataclass(frozen=True)
class Run:
    """What one run took and did: seconds, growth of each counter, the client's latencies before and meanwhile."""

    seconds: float
    grown: Mapping[str, int]
    before: list[float]
    meanwhile: list[float]

    def row(self, name: str) -> str:
        """The row of the table."""
        grown = " | ".join(f"{self.grown[counter]:,}" for counter in _COUNTERS if counter != "writes")
        before, meanwhile = (_percentile(times) * 1000 for times in (self.before, self.meanwhile))
        return f"| {name} | {self.seconds:.1f} s | {grown} | {before:.1f} → {meanwhile:.1f} ms |"


def _percentile(times: list[float]) -> float:
    return statistics.quantiles(times, n=100)[98] if len(times) > 1 else 0.0


def main(sizes: list[int], collections: int) -> None:
    """Build, measure, and write the results."""
    lines: list[str] = []
    server = start()
    try:
        version = server.run({"buildInfo": 1})["version"]
        for size in sizes:
            _fill(server, f"shop{size}", size)
        _scatter(server, "many", collections)
        client = Client(server.url("client"))
        worker = threading.Thread(target=client.work, daemon=True)
        worker.start()
        try:
            for size in sizes:
                lines += _measure(server, client, f"shop{size}", f"A collection of {size:,} documents")
            lines += _measure(server, client, "many", f"{collections:,} collections", peers=False)
        finally:
            client.stopped.set()
            worker.join()
    finally:
        server.stop()
    note = (
        f"{circumstances(f'MongoDB {version}')} One run each, one after the other, beside a client that reads and "
        "writes 500 times a second at most; the last column is the 99th percentile of its latency, without and with. "
        "The client's own operations are taken off; documents that the server picks at random it does not count as "
        "examined. `make bench-mongodb` measures anew."
    )
    write_section("What an audit of MongoDB costs the server and its clients", [note, *lines])


def _fill(server: Server, database: str, documents: int) -> None:
    """Make a collection whose documents are about one kilobyte."""
    orders = server.client[database]["orders"]
    for start_number in range(0, documents, 5_000):
        orders.insert_many(
            {
                "number": number, "customer_id": number % 1_000, "state": ("open", "paid", "sent")[number % 3],
                "items": [{"sku": f"s{number % 97}", "amount": 1, "price": 9.5} for _ in range(number % 7)],
                "note": "x" * 600, "address": {"street": "Long Street", "zip": str(number % 9_999)},
            }
            for number in range(start_number, min(start_number + 5_000, documents))
        )  # fmt: skip
    orders.create_index("customer_id")


def _scatter(server: Server, database: str, collections: int) -> None:
    for number in range(collections):
        server.client[database][f"c{number:05d}"].insert_many({"a": n, "b": "x"} for n in range(20))
        server.client[database][f"c{number:05d}"].create_index("a")


def _measure(server: Server, client: Client, database: str, title: str, *, peers: bool = True) -> list[str]:
    head = " | ".join(counter for counter in _COUNTERS if counter != "writes")
    rule = "| --- " * (len(_COUNTERS) + 2) + "|"
    lines = ["", f"### {title}", "", f"| program | time | {head} | client, p99 |", rule]
    contenders: dict[str, Callable[[str], list[str] | None]] = {}
    contenders["auditor audit"] = lambda folder: _audit(server, database, folder)
    if peers:
        contenders["Variety, all documents"] = lambda _folder: _variety(server, database, None)
        contenders["Variety, 1,000 documents"] = lambda _folder: _variety(server, database, 1_000)
    for name, command_for in contenders.items():
        with tempfile.TemporaryDirectory() as folder:
            command = command_for(folder)
            if command is None:
                continue
            run = _run(server, client, command)
        lines.append(run.row(name))
        print(title, lines[-1], flush=True)
    return lines


def _audit(server: Server, database: str, folder: str) -> list[str]:
    os.environ["BENCH_URL"] = server.url(database)
    outputs = [f"{form}:{folder}/report.{form}" for form in ("html", "md", "json")]
    command = [sys.executable, "-m", "auditor", "audit", "env:BENCH_URL", "--quiet"]
    return command + [part for output in outputs for part in ("-o", output)]


def _variety(server: Server, database: str, limit: int | None) -> list[str] | None:
    script = PROGRAMS / "variety.js"
    if not script.exists() or not MONGOSH.exists() or not shutil.which("node"):
        return None
    options = "var collection = 'orders'" + (f", limit = {limit}" if limit is not None else "")
    return [str(MONGOSH), server.url(database), "--quiet", "--eval", options, str(script)]


def _run(server: Server, client: Client, command: list[str]) -> Run:
    time.sleep(1.0)
    client.drain()
    time.sleep(QUIET_SECONDS)
    before = client.drain()
    start_counters, own = _counters(server), client.operations
    begun = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=LONGEST_SECONDS)
    seconds = time.perf_counter() - begun
    meanwhile, own = client.drain(), client.operations - own
    end_counters = _counters(server)
    grown = {name: end_counters[name] - start_counters[name] for name in _COUNTERS}
    reads = own - own // 4
    grown["queries"] = max(0, grown["queries"] - reads)
    grown["documents examined"] = max(0, grown["documents examined"] - own)
    return Run(seconds, grown, before, meanwhile)


def _counters(server: Server) -> dict[str, int]:
    status = server.run({"serverStatus": 1})
    found = {}
    for name, path in _COUNTERS.items():
        value: Any = status
        for key in path:
            value = value.get(key, {})
        found[name] = int(value or 0)
    return found


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:]]
    main(numbers[:-1] or list(DOCUMENTS), numbers[-1] if numbers else COLLECTIONS)

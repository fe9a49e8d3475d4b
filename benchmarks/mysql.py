"""The whole audit of MySQL and MariaDB servers with many tables, against their dump program and MySQLTuner.

    make bench-mysql                          1,500 and 10,000 tables
    python -m benchmarks.mysql 200            another number

Beside the time it tells what each program did to the server, by the server's own counters: connections, failed logins,
statements, and how many of them write or FLUSH. The dump is that of ``mariadb-dump`` or ``mysqldump``; MySQLTuner is
``mysqltuner.pl`` on the PATH or in ``.cache/peers/bin``, with its default options, once without its list of passwords
and once with it.
A program that is not there has no row. What was measured is written into a section of ``results.md``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks.contenders import PROGRAMS
from benchmarks.results import circumstances, write_section
from tests.mysql_servers import ENGINES, AbsentError, Account, Started

SIZES = (1_500, 10_000)
LONGEST_SECONDS = 1_800.0
TABLE = """
CREATE TABLE t_{n} (
  id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, parent_id bigint NOT NULL, code varchar(40) NOT NULL,
  state int NOT NULL, created_at datetime NOT NULL DEFAULT CURRENT_TIMESTAMP, amount decimal(10, 2) NOT NULL,
  paid tinyint(1) NOT NULL DEFAULT 0, details text, reference binary(16) NOT NULL,
  KEY by_parent (parent_id), KEY by_code (code, state), KEY by_moment (created_at){reference})
"""
REFERENCE = ", CONSTRAINT parent_{n} FOREIGN KEY (parent_id) REFERENCES t_{parent} (id)"
WRITING = ("Com_insert", "Com_insert_select", "Com_update", "Com_delete", "Com_replace", "Com_create_table",
           "Com_alter_table", "Com_drop_table", "Com_truncate", "Com_analyze", "Com_optimize")  # fmt: skip
COUNTERS = ("Connections", "Aborted_connects", "Questions", "Com_flush", *WRITING)
OWN = {"Connections": 1, "Questions": 2}
"""What it costs to read the counters once: the login's two statements and the question itself belong to the reader."""


@dataclass(frozen=True)
class Run:
    """What one run of a program took and did: seconds, and how much each counter of the server grew."""

    seconds: float
    grown: Mapping[str, int]

    def row(self, name: str, ours: Run) -> str:
        """The row of the table."""
        grown = self.grown
        written = sum(grown[name] for name in WRITING)
        ratio = "" if self is ours else f" ({self.seconds / ours.seconds:.1f}x)"
        return (
            f"| {name} | {self.seconds:.1f} s{ratio} | {grown['Connections']:,} | {grown['Aborted_connects']:,} | "
            f"{grown['Questions']:,} | {written:,} | {grown['Com_flush']:,} |"
        )


def main(sizes: list[int]) -> None:
    """Generate each catalog on each product, measure, and write the results."""
    lines: list[str] = []
    versions: list[str] = []
    for engine in ENGINES:
        for tables in sizes:
            try:
                server = Started(engine, {"table-definition-cache": "20000", "table-open-cache": "4000"})
            except AbsentError as absent:
                lines += ["", f"{engine}: not measured: {absent}"]
                break
            try:
                _generate(server, tables)
                version = str(server.run("SELECT VERSION()")[0][0])
                versions += [f"{engine} {version}"] if f"{engine} {version}" not in versions else []
                lines += _measure(server, f"{engine} {version}, {tables:,} tables")
            finally:
                server.stop()
    note = (
        f"{circumstances(*versions)} One run each, one after the other. Statements are the server's `Questions`. "
        "`make bench-mysql` measures anew."
    )
    write_section("The audit of MySQL and MariaDB, beside their dump and MySQLTuner", [note, *lines])


def _generate(server: Account, tables: int) -> None:
    server.run("CREATE DATABASE shop")
    with closing(server.connect("shop")) as connection, connection.cursor() as cursor:
        for number in range(1, tables + 1):
            reference = REFERENCE.format(n=number, parent=number // 2) if number % 2 == 0 else ""
            cursor.execute(TABLE.format(n=number, reference=reference))


def _measure(server: Started, title: str) -> list[str]:
    contenders: dict[str, Callable[[str], list[str] | None]] = {
        "auditor audit": lambda folder: _audit(server, folder),
        "dump without rows": lambda _folder: _dump(server),
        "MySQLTuner, no passwords tried": lambda folder: _tuner(server, folder, "--skippassword"),
        "MySQLTuner": lambda folder: _tuner(server, folder),
    }
    lines = [
        "",
        f"### {title}",
        "",
        "| program | time | connections | failed logins | statements | that write | FLUSH |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    ours: Run | None = None
    for name, command_for in contenders.items():
        with tempfile.TemporaryDirectory() as folder:
            command = command_for(folder)
            if command is None:
                continue
            run = _run(server, command)
        ours = ours or run
        lines.append(run.row(name, ours))
        print(title, lines[-1], flush=True)
    return lines


def _audit(server: Started, folder: str) -> list[str]:
    os.environ["BENCH_URL"] = server.url("shop")
    outputs = [f"{form}:{folder}/report.{form}" for form in ("html", "md", "json")]
    command = [sys.executable, "-m", "auditor", "audit", "env:BENCH_URL", "--quiet"]
    return command + [part for output in outputs for part in ("-o", output)]


def _dump(server: Started) -> list[str] | None:
    program = shutil.which("mariadb-dump") or shutil.which("mysqldump")
    return [program, *_login(server), "--no-data", "--result-file=/dev/null", "shop"] if program else None


def _tuner(server: Started, folder: str, *options: str) -> list[str] | None:
    found = shutil.which("mysqltuner.pl") or shutil.which("mysqltuner")
    script = Path(found) if found else PROGRAMS / "mysqltuner.pl"
    if not script.exists() or not shutil.which("perl"):
        return None
    return [
        "perl",
        str(script),
        *_login(server),
        "--forcemem=16000",
        "--nocolor",
        f"--outputfile={folder}/out",
        *options,
    ]


def _login(server: Started) -> list[str]:
    return [f"--host={server.host}", f"--port={server.port}", f"--user={server.user}"]


def _run(server: Started, command: list[str]) -> Run:
    before = _counters(server)
    start = time.perf_counter()
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=LONGEST_SECONDS, stdin=subprocess.DEVNULL
    )
    seconds = time.perf_counter() - start
    after = _counters(server)
    if done.returncode:
        print(f"{command[0]} ended with {done.returncode}: {done.stderr[-2000:]}", file=sys.stderr)
    return Run(seconds, {name: after[name] - before[name] - OWN.get(name, 0) for name in COUNTERS})


def _counters(server: Account) -> dict[str, int]:
    names = ", ".join(f"'{name}'" for name in COUNTERS)
    return {name: int(value) for name, value in server.run(f"SHOW GLOBAL STATUS WHERE Variable_name IN ({names})")}


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or list(SIZES))

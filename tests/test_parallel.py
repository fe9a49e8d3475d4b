"""Two things at once: the same result as one after the other, whatever becomes of the copy."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from auditor.parallel import can_fork
from auditor.storage import encode_snapshot
from tests.catalog_schema import build
from tests.collecting import collect
from tests.servers import Database

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")


def alone(code: str, *arguments: str | Path) -> None:
    """Run code in a process that has one thread, as the program has; the one of the tests has more."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert said.returncode == 0, said.stderr


def test_results_come_back_in_order_from_both_processes() -> None:
    alone("""
import os, time
from auditor.parallel import can_fork, share_out
assert can_fork() == (len(os.sched_getaffinity(0)) > 1)
def task(number):
    time.sleep(0.05)
    return number, os.getpid()
found = share_out([lambda number=number: task(number) for number in range(40)])
assert [number for number, _ in found] == list(range(40))
assert len({process for _, process in found}) == 2
""")


def test_what_a_copy_that_dies_should_have_done_is_done_here() -> None:
    alone("""
import os, signal, time
from auditor.parallel import share_out
me = os.getpid()
def task(number):
    time.sleep(0.05)
    if os.getpid() != me:
        os.kill(os.getpid(), signal.SIGKILL)
    return number
assert share_out([lambda number=number: task(number) for number in range(20)]) == list(range(20))
""")


@pytest.mark.parametrize("where", ["==", "!="])
def test_an_exception_of_either_arrives(where: str) -> None:
    alone(f"""
import os, time
from auditor.parallel import share_out
me = os.getpid()
def task():
    time.sleep(0.05)
    if os.getpid() {where} me:
        raise ZeroDivisionError
try:
    share_out([task] * 20)
except ZeroDivisionError:
    pass
else:
    assert "{where}" == "!="  # done again here, where it works
""")


def test_no_copy_is_made_of_a_process_with_threads() -> None:
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    assert not can_fork()
    stop.set()
    thread.join()


def test_checks_give_the_same_in_two_processes_as_in_one(tmp_path: Path, database: Database) -> None:
    build(database, 180_000)
    (tmp_path / "snapshot.json").write_bytes(encode_snapshot(collect(database.url)))
    alone(
        """
import sys
from pathlib import Path
from auditor import checking
from auditor.model.facts import Facts
from auditor.registry import load_checks
from auditor.storage import read_snapshot
snapshot = read_snapshot(Path(sys.argv[1]))
checks = list(load_checks().values())
told = []
def run():
    return checking.run_checks(checks, Facts(snapshot), progress=lambda check, number, of: told.append((number, of)))
once = run()
assert told == [(number, len(checks)) for number in range(1, len(checks) + 1)]
checking._WORTH_A_COPY = 0
told.clear()
assert run() == once
assert told == sorted(told) and {of for _, of in told} == {len(checks)}
""",
        tmp_path / "snapshot.json",
    )

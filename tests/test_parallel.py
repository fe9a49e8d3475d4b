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


def test_both_results_come_back_in_order() -> None:
    alone("""
import os
from auditor.parallel import both, can_fork
assert can_fork() == (len(os.sched_getaffinity(0)) > 1)
here, there = both(lambda: (1, os.getpid()), lambda: (2, os.getpid()))
assert (here[0], there[0]) == (1, 2)
assert here[1] == os.getpid() != there[1]
""")


def test_what_a_copy_that_dies_should_have_done_is_done_here() -> None:
    alone("""
import os, signal
from auditor.parallel import both
me = os.getpid()
def dies():
    if os.getpid() != me:
        os.kill(os.getpid(), signal.SIGKILL)
    return 2
assert both(lambda: 1, dies) == (1, 2)
""")


@pytest.mark.parametrize("functions", ["lambda: 1, lambda: 1 // 0", "lambda: 1 // 0, lambda: 1"])
def test_an_exception_of_either_arrives(functions: str) -> None:
    alone(f"""
from auditor.parallel import both
try:
    both({functions})
except ZeroDivisionError:
    pass
else:
    raise AssertionError("it was swallowed")
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
assert 1 < len(told) < len(checks) and told[-1] == (len(checks), len(checks))
""",
        tmp_path / "snapshot.json",
    )

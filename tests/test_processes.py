"""Servers of the tests go with the process that started them, however that ends."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

STARTER = """
import time
from tests.processes import Process, new_directory
process = Process(["/bin/sleep", "600"], new_directory())
print(process._process.pid, process.directory, flush=True)
time.sleep(600)
"""


def test_a_server_goes_with_the_process_that_started_it() -> None:
    root = Path(__file__).parent.parent
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER], cwd=root, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    )
    with starter:
        assert starter.stdout is not None
        pid, directory = starter.stdout.readline().split()
        assert Path(directory).is_dir()
        starter.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and (runs(int(pid)) or Path(directory).exists()):
        time.sleep(0.05)
    assert not runs(int(pid))
    assert not Path(directory).exists()


def runs(pid: int) -> bool:
    """Whether a process has not ended; one that nobody has waited for yet has."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.startswith("Z")

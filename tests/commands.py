"""Runs the real program, as a user would, and tells what came of it."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROGRAM = str(Path(sys.executable).with_name("auditor"))
_PATIENCE = 120.0
_WELCOME = ("PATH", "LD_LIBRARY_PATH", "COVERAGE_PROCESS_START", "PYTHONWARNINGS", "TMPDIR")


@dataclass(frozen=True)
class Said:
    """What a run said: its exit status, and both of its streams."""

    status: int
    out: str
    err: str

    @property
    def text(self) -> str:
        """All of it."""
        return self.out + self.err

    def lines(self) -> list[str]:
        """The lines of standard error."""
        return self.err.splitlines()


class Program:
    """The program in a folder of its own, with nothing of the caller's environment but what it needs to start."""

    def __init__(self, folder: Path, url: str = "") -> None:
        self.folder = folder
        self.environment = {name: os.environ[name] for name in _WELCOME if name in os.environ}
        self.environment |= {"HOME": str(folder), "LANG": "C.UTF-8", "TERM": "xterm"}
        if url:
            self.environment["TARGET"] = url

    def options(self, environment: Mapping[str, str] | None = None) -> dict[str, Any]:
        """What subprocess needs to run it."""
        return {"cwd": self.folder, "env": {**self.environment, **(environment or {})}}

    def __call__(self, *arguments: str | Path, environment: Mapping[str, str] | None = None, **options: Any) -> Said:
        """Run it to its end. Nothing that it ever does shows a traceback."""
        done = subprocess.run(
            [PROGRAM, *map(str, arguments)],
            **{"stdin": subprocess.DEVNULL, "capture_output": True, "timeout": _PATIENCE, **options},
            **self.options(environment), check=False,
        )  # fmt: skip
        said = Said(done.returncode, _text(done.stdout), _text(done.stderr))
        assert "Traceback" not in said.text, said.text
        assert "auditor itself failed" not in said.text, said.text
        return said

    @contextmanager
    def started(self, *arguments: str | Path, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
        """Start it, and let it go on beside the block; it is killed if it still runs after it."""
        with subprocess.Popen(
            [PROGRAM, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            **self.options(), **options,
        ) as process:  # fmt: skip
            try:
                yield process
            finally:
                process.kill()

    def on_terminal(self, *arguments: str | Path, environment: Mapping[str, str] | None = None) -> Said:
        """Run it with a terminal as both of its streams; all of it is returned as ``out``."""
        master, slave = pty.openpty()
        try:
            process = subprocess.Popen(
                [PROGRAM, *map(str, arguments)],
                stdin=slave,
                stdout=slave,
                stderr=slave,
                start_new_session=True,
                **self.options(environment),
            )
            os.close(slave)
            shown = b"".join(_read(master, process))
            return Said(process.wait(), shown.decode(), "")
        finally:
            os.close(master)


def _text(data: bytes | None) -> str:
    return (data or b"").decode()


def _read(master: int, process: subprocess.Popen[bytes]) -> Iterator[bytes]:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        ready, _, _ = select.select([master], [], [], 0.2)
        if ready:
            with suppress(OSError):  # the other end was closed
                if data := os.read(master, 65536):
                    yield data
                    continue
            return
        if process.poll() is not None:
            return


def wait_for(condition: Callable[[], Any], what: str, seconds: float = 30) -> Any:
    """Ask until the answer is true, and return it."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"it did not come: {what}"
        time.sleep(0.02)
    return answer


def interrupt(process: subprocess.Popen[bytes], how: signal.Signals = signal.SIGINT) -> Said:
    """Send a signal, and wait for the end."""
    process.send_signal(how)
    out, err = process.communicate(timeout=_PATIENCE)
    assert b"Traceback" not in err, err
    return Said(process.returncode, out.decode(), err.decode())

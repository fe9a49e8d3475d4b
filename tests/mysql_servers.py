"""MySQL and MariaDB servers for the tests: found, started and stopped here, or somebody else's by a URL.

They are had in this order: the server of AUDITOR_TEST_MYSQL_URL or AUDITOR_TEST_MARIADB_URL (the URL of an account that
may do everything); a server that is installed on the machine; for MySQL, the files that ``make servers`` unpacks.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import pymysql

from tests.processes import Process, free_port, new_directory
from tools.fetch_servers import MYSQL, is_mariadb

ENGINES = ("mysql", "mariadb")

_SWEEPER = 'cat >/dev/null; rm -rf "$1"'
_PATIENCE = 60.0

_ANY_CERTIFICATE = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
_ANY_CERTIFICATE.check_hostname = False
_ANY_CERTIFICATE.verify_mode = ssl.CERT_NONE

Cursor = pymysql.cursors.Cursor


class AbsentError(Exception):
    """The product is not available here; the message says why."""


class Account:
    """A server as one account sees it: URLs and connections."""

    def __init__(self, engine: str, host: str, port: int, user: str, password: str) -> None:
        self.engine, self.host, self.port, self.user, self.password = engine, host, port, user, password

    def url(self, database: str = "", user: str | None = None, password: str = "", query: str = "") -> str:
        """The URL of a database, "" for all; without a user it is that of the account that may do everything."""
        name, secret = (self.user, self.password) if user is None else (user, password)
        login = quote(name, safe="") + (f":{quote(secret, safe='')}" if secret else "")
        place = f"{self.engine}://{login}@{self.host}:{self.port}/{quote(database, safe='')}"
        return place + (f"?{query}" if query else "")

    def connect(self, database: str | None = None) -> pymysql.Connection[Cursor]:
        """A connection of that account in autocommit mode."""
        return self._connect(database, **self._transport)

    def _connect(self, database: str | None = None, **options: Any) -> pymysql.Connection[Cursor]:
        return pymysql.connect(
            host=self.host, port=self.port, user=self.user, password=self.password, database=database,
            autocommit=True, charset="utf8mb4", read_timeout=60, **options,
        )  # fmt: skip

    @functools.cached_property
    def _transport(self) -> Mapping[str, Any]:
        """What the client and the server agree on: asked once, because the client reads all certificates of the machine
        to find it out, which takes longer than a test's statements.
        """
        with contextlib.closing(self._connect()) as connection, connection.cursor() as cursor:
            cursor.execute("SHOW SESSION STATUS LIKE 'Ssl_cipher'")
            row = cursor.fetchone()
        return {"ssl": _ANY_CERTIFICATE} if row and row[1] else {"ssl_disabled": True}

    def run(self, *statements: str, database: str | None = None) -> list[tuple[Any, ...]]:
        """Run statements in a connection that is then closed; the value is the rows of the last one."""
        rows: list[tuple[Any, ...]] = []
        with contextlib.closing(self.connect(database)) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
                rows = list(cursor.fetchall())
        return rows

    def stop(self) -> None:
        """End it, if it was started here."""


class Started(Account):
    """A server of our own in a temporary directory."""

    def __init__(self, engine: str, settings: Mapping[str, str] | None = None) -> None:
        super().__init__(engine, "127.0.0.1", free_port(), "root", "")
        program, basics = _program(engine)
        self._directory = new_directory()
        self._log = self._directory / "log"
        # Two servers that are made at once take each other's temporary tables for their own.
        settings = dict(settings or {})
        self._environment = {**os.environ, "TMPDIR": str(self._directory), "TZ": settings.pop("TZ", "UTC")}
        data = self._directory / "data"
        # Both refuse to run as the superuser of the machine unless they are told to.
        user = ["--user=root"] if os.geteuid() == 0 else []
        common = [*basics, f"--datadir={data}", *user]
        # How MySQL folds names is settled when its dictionary is made.
        folding = str((settings or {}).get("lower_case_table_names", "0")) if engine == "mysql" else ""
        if (engine, folding) in _FRESH:
            shutil.copytree(_FRESH[engine, folding], data)
        else:
            self._initialize(engine, folding, [*program, *common], data, user)
            _FRESH[engine, folding] = _kept(data)
        options = {**_SETTINGS[engine], **(settings or {})}
        command = [
            *program, *common, f"--port={self.port}", "--bind-address=127.0.0.1",
            f"--socket={self._directory / 's'}", f"--pid-file={self._directory / 'p'}",
            *(f"--{name}={value}" for name, value in options.items()),
        ]  # fmt: skip
        self._process = Process(command, self._directory, environment=self._environment)
        self._wait()
        if engine == "mariadb":  # which makes an account for the name of the machine, whatever it is
            self.run(f"DROP USER IF EXISTS root@'{socket.gethostname()}'")

    @property
    def socket(self) -> Path:
        """Its socket in the file system."""
        return self._directory / "s"

    def stop(self) -> None:
        """End it and remove its directory."""
        self._process.stop()

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self._process.kill()

    def _initialize(self, engine: str, folding: str, command: Sequence[str], data: Path, user: Sequence[str]) -> None:
        """Make the files of a new server."""
        if engine == "mysql":
            small = ["--innodb-redo-log-capacity=8M", f"--lower-case-table-names={folding}"]
            self._finish([*command, *small, "--initialize-insecure"])
            return
        install = shutil.which("mariadb-install-db")
        if install is None:
            raise AbsentError("there is no program mariadb-install-db")
        self._finish([install, "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal",
                      "--skip-test-db", "--skip-name-resolve", *user])  # fmt: skip

    def _finish(self, command: Sequence[str]) -> None:
        with self._log.open("ab") as log:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", check=False, env=self._environment
            )
        if done.returncode:
            raise RuntimeError(f"{command[0]} failed:\n{self._tail()}")

    def _wait(self) -> None:
        deadline = time.monotonic() + _PATIENCE
        while True:
            if not self._process.running or time.monotonic() > deadline:
                self._process.kill()
                raise RuntimeError(f"{self.engine} does not start:\n{self._tail()}")
            try:
                self.connect().close()
            except pymysql.Error:
                time.sleep(0.05)
            else:
                return

    def _tail(self) -> str:
        return self._log.read_text(errors="replace")[-3000:]


_FRESH: dict[tuple[str, str], Path] = {}
"""The files of a server that was made and never started, by product and how it folds names.

Making them takes longer than all else.
"""


def _kept(data: Path) -> Path:
    """A copy of a new server's files for the next one, which is there until this process ends."""
    copy = _store() / str(len(_FRESH))
    shutil.copytree(data, copy)
    (copy / "auto.cnf").unlink(missing_ok=True)  # each server has a name of its own
    return copy


@functools.cache
def _store() -> Path:
    """A directory that goes with this process, however it ends."""
    directory = new_directory()
    command = ["/bin/sh", "-c", _SWEEPER, "sh", str(directory)]
    guard = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)
    atexit.register(guard.communicate)
    return directory


_SETTINGS: Mapping[str, Mapping[str, str]] = {
    "mysql": {
        "mysqlx": "OFF", "innodb-buffer-pool-size": "32M", "innodb-flush-method": "nosync",
        "innodb-redo-log-capacity": "8M", "innodb-doublewrite": "OFF", "disable-log-bin": "ON",
        "secure-file-priv": "",
    },
    "mariadb": {
        "performance-schema": "ON", "innodb-buffer-pool-size": "32M", "innodb-flush-log-at-trx-commit": "0",
    },
}  # fmt: skip
"""What makes them small and quick; all else is the built-in default, but that MariaDB counts as MySQL does."""


def start(engine: str, settings: Mapping[str, str] | None = None) -> Account:
    """Return a server of a product; one with settings of its own is always started.

    Raises:
        AbsentError: there is none.

    """
    url = os.environ.get(f"AUDITOR_TEST_{engine.upper()}_URL")
    if url and not settings:
        parts = urlsplit(url)
        return Account(
            engine, parts.hostname or "localhost", parts.port or 3306, unquote(parts.username or "root"),
            unquote(parts.password or ""),
        )  # fmt: skip
    return Started(engine, settings)


@contextlib.contextmanager
def database(server: Account, name: str = "shop") -> Iterator[str]:
    """Make an empty database of a name; it is dropped afterwards."""
    quoted = "`" + name.replace("`", "``") + "`"
    server.run(f"DROP DATABASE IF EXISTS {quoted}", f"CREATE DATABASE {quoted} CHARACTER SET utf8mb4")
    try:
        yield name
    finally:
        server.run(f"DROP DATABASE IF EXISTS {quoted}")


@contextlib.contextmanager
def account(server: Account, *grants: str, name: str = "auditor_case") -> Iterator[tuple[str, str]]:
    """Make an account with some grants (``SELECT ON shop.*``); the value is its name and password."""
    password = "pw-7F"
    server.run(
        f"DROP USER IF EXISTS '{name}'@'%'",
        f"CREATE USER '{name}'@'%' IDENTIFIED BY '{password}'",
        *(f"GRANT {grant} TO '{name}'@'%'" for grant in grants),
    )
    try:
        yield name, password
    finally:
        server.run(f"DROP USER IF EXISTS '{name}'@'%'")


def _program(engine: str) -> tuple[list[str], list[str]]:
    """The command of a server, and the options without which it finds nothing of its own.

    Raises:
        AbsentError: there is none.

    """
    names = {"mysql": "mysqld", "mariadb": "mariadbd"}
    found = shutil.which(names[engine]) or shutil.which(names[engine], path="/usr/sbin:/usr/local/sbin")
    if found is not None and (engine == "mariadb" or not is_mariadb(found)):
        return [found], ["--no-defaults"]
    if engine == "mysql" and (MYSQL / "loader").exists():
        loader, libraries = ((MYSQL / name).read_text().strip() for name in ("loader", "libs"))
        share = MYSQL / "usr/share/mysql"
        return [loader, "--library-path", libraries, str(MYSQL / "usr/sbin/mysqld")], [
            "--no-defaults", f"--basedir={MYSQL / 'usr'}", f"--plugin-dir={MYSQL / 'usr/lib/mysql/plugin'}",
            f"--lc-messages-dir={share}", f"--character-sets-dir={share / 'charsets'}", "--secure-file-priv=",
        ]  # fmt: skip
    raise AbsentError(f"there is no {names[engine]} on this machine, and AUDITOR_TEST_{engine.upper()}_URL is not set")

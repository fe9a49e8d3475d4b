"""What goes wrong in the middle of an audit costs only what could not be read."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.commands import Program, Said, interrupt, wait_for
from tests.failures.saying import probes, report_of
from tests.servers import AnyServer, Database, Pool, connect, fresh_database

EARLY, LATE = "pg_trigger", "pg_largeobject_metadata"
PATIENT = ("--lock-timeout", "60")


@contextlib.contextmanager
def stalled(database: Database, catalog: str = EARLY) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """Hold a lock on a system catalog, for which an audit comes to wait in its middle; the value holds the lock."""
    with database.connect() as holder:
        holder.execute("BEGIN")
        holder.execute(f"LOCK TABLE pg_catalog.{catalog} IN ACCESS EXCLUSIVE MODE")
        yield holder
        holder.execute("ROLLBACK")


def waiting(database: Database) -> int | None:
    """The process of the server that serves an audit and waits for the lock."""
    with connect(database.server) as admin:
        row = admin.execute(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'auditor' AND wait_event_type = 'Lock'"
            " AND datname = %s",
            (database.name,),
        ).fetchone()
    return None if row is None else int(str(row[0]))


def sessions(database: Database) -> int:
    """How many sessions of audits there are."""
    with connect(database.server) as admin:
        return admin.execute(
            "SELECT 1 FROM pg_stat_activity WHERE application_name = 'auditor' AND datname = %s", (database.name,)
        ).rowcount


def finished(process: subprocess.Popen[bytes]) -> Said:
    out, err = process.communicate(timeout=120)
    said = Said(process.returncode, out.decode(), err.decode())
    assert "Traceback" not in said.text
    return said


def test_an_ended_session_costs_one_probe(program: Program, database: Database) -> None:
    database.run("CREATE TABLE t (a int)")
    with stalled(database, LATE) as holder, program.started("audit", "env:TARGET", *PATIENT) as process:
        victim = wait_for(lambda: waiting(database), "an audit that waits")
        holder.execute("SELECT pg_terminate_backend(%s)", (victim,))
        said = finished(process)
    assert (said.status, said.err) == (0, "")
    lost = {name: probe["reason"] for name, probe in probes(program.folder).items() if probe["outcome"] == "failed"}
    assert len(lost) == 1
    assert "terminating connection due to administrator command" in next(iter(lost.values()))
    affected = [check for check in report_of(program.folder)["checks"] if check["outcome"] == "not-assessed"]
    assert all(check["reason"] for check in affected)
    assert any("administrator command" in check["reason"] for check in affected)
    assert ("table-no-pk", "public.t") in {
        (f["check"], f["subject"]["name"]) for f in report_of(program.folder)["findings"]
    }  # type: ignore[index]


def test_a_server_that_dies_in_the_middle_leaves_a_report(tmp_path: Path, pool: Pool) -> None:
    with pool.own() as server, fresh_database(server, keep=True) as database:
        database.run("CREATE TABLE t (a int)")
        program = Program(tmp_path, database.url)
        with (
            contextlib.suppress(psycopg.OperationalError),
            stalled(database),
            program.started("audit", "env:TARGET", "--min-coverage", "0.9", *PATIENT) as process,
        ):
            wait_for(lambda: waiting(database), "an audit that waits")
            server.end_process()
            said = finished(process)
    assert said.status == 4
    assert said.err.startswith("gate: the coverage")
    found = probes(tmp_path)
    assert found["tables"]["outcome"] == "ok"
    lost = [probe["reason"] for probe in found.values() if probe["outcome"] == "failed"]
    assert len(lost) > 10
    assert all("the connection was lost" in reason for reason in lost)
    assert all("connecting again failed" in reason for reason in lost[1:])
    assert "not assessed" in (tmp_path / "auditor-report/report.md").read_text().lower()


class Proxy:
    """A way to a server that can be cut like a cable: nothing passes any more, and nobody is told."""

    def __init__(self, port: int) -> None:
        self._goal = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._open = True
        self._ends: list[socket.socket] = [self._listener]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Let nothing pass."""
        self._open = False

    def close(self) -> None:
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self._goal))
                self._ends += [near, far]
                for source, goal in ((near, far), (far, near)):
                    threading.Thread(target=self._pass, args=(source, goal), daemon=True).start()

    def _pass(self, source: socket.socket, goal: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if self._open:
                    goal.sendall(data)
            goal.shutdown(socket.SHUT_WR)


def test_a_network_that_is_cut_ends_in_a_report(tmp_path: Path, database: Database) -> None:
    parts = urlsplit(database.url)
    proxy = Proxy(parts.port or 0)
    url = database.url.replace(f":{parts.port}/", f":{proxy.port}/") + "?connect_timeout=2"
    program = Program(tmp_path, url)
    try:
        with (
            stalled(database) as holder,
            program.started("audit", "env:TARGET", "--statement-timeout", "5", *PATIENT) as process,
        ):
            wait_for(lambda: waiting(database), "an audit that waits")
            proxy.cut()
            holder.execute("ROLLBACK")
            said = finished(process)
    finally:
        proxy.close()
    assert said.status == 0
    lost = [probe for probe in probes(tmp_path).values() if probe["outcome"] == "failed"]
    assert len(lost) > 10
    assert "the connection was lost" in lost[0]["reason"]
    assert "timeout" in lost[1]["reason"]


def test_a_statement_that_takes_too_long_is_given_up_alone(program: Program, database: Database) -> None:
    with stalled(database, LATE):
        said = program("audit", "env:TARGET", "--statement-timeout", "0.5", *PATIENT)
    assert (said.status, said.err) == (0, "")
    late = [probe for probe in probes(program.folder).values() if probe["outcome"] == "timed out"]
    assert [probe["reason"] for probe in late] == ["it took longer than 0.5 s"]


def test_a_table_that_somebody_has_locked_costs_that_table_alone(program: Program, database: Database) -> None:
    database.run("CREATE TABLE locked (a int)", "CREATE TABLE free (a int)", "CREATE INDEX ON locked (a)", "ANALYZE")
    with database.connect() as holder:
        holder.execute("BEGIN")
        holder.execute("LOCK TABLE locked IN ACCESS EXCLUSIVE MODE")
        said = program("audit", "env:TARGET")
        holder.execute("ROLLBACK")
    assert (said.status, said.err) == (0, "")
    assert {probe["outcome"] for probe in probes(program.folder).values()} <= {"ok", "unsupported"}
    audit = report_of(program.folder)
    subjects = {(f["check"], f["subject"]["name"]) for f in audit["findings"]}  # type: ignore[index]
    assert ("table-no-pk", "public.free") in subjects
    assert not [check for check in audit["checks"] if check["outcome"] == "error"]


@pytest.mark.parametrize(("how", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("command", ["audit", "collect"])
def test_an_interrupted_run_leaves_no_file_and_no_session(
    program: Program, database: Database, command: str, how: signal.Signals, status: int
) -> None:
    with stalled(database), program.started(command, "env:TARGET", *PATIENT) as process:
        wait_for(lambda: waiting(database), "an audit that waits")
        said = interrupt(process, how)
        assert (said.status, said.out, said.err) == (status, "", "error: interrupted\n")
        wait_for(lambda: sessions(database) == 0, "the end of the session", seconds=5)
    assert list(program.folder.iterdir()) == []


def test_an_interrupted_demonstration_leaves_nothing(tmp_path: Path, server: AnyServer) -> None:
    """The server is asked for so that this is skipped where there is none to demonstrate with."""
    with tempfile.TemporaryDirectory() as name:  # all of its parents can be passed by the server's user
        place = Path(name)
        place.chmod(0o711)
        program = Program(tmp_path)
        program.environment["TMPDIR"] = name
        with program.started("demo", "-o", "out") as process:
            wait_for(lambda: list(place.glob("auditor-pg-*/*/data/postmaster.pid")), "the server")
            said = interrupt(process)
        assert (said.status, said.out) == (130, "")
        assert said.lines()[-1] == "error: interrupted"
        wait_for(lambda: [*place.iterdir(), *tmp_path.iterdir()] == [], "the end of the server")

"""What goes wrong, and what a user gets for it: one line with the reason, the next thing to try, the right status.

And what goes wrong in the middle of an audit costs only what could not be read.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import re
import resource
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

from auditor.storage import read_file
from tests.collecting import SECRET, role
from tests.commands import PROGRAM, Program, Said, interrupt, wait_for
from tests.servers import FULL, AnyServer, Database, Pool, connect, fresh_database


@pytest.fixture
def program(tmp_path: Path, database: Database) -> Program:
    """The program in an empty folder; TARGET in its environment is an empty database."""
    return Program(tmp_path, database.url)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory, server: AnyServer) -> Path:
    """A folder with a sound snapshot ``s.json`` and a sound report ``r.json`` and ``r.html``."""
    with fresh_database(server) as database:
        database.run("CREATE TABLE t (a int)")
        program = Program(tmp_path_factory.mktemp("good"), database.url)
        assert program("collect", "env:TARGET", "-o", "s.json").status == 0
        assert program("audit", "s.json", "-o", "json:r.json", "-o", "html:r.html").status == 0
        return program.folder


def refused(said: Said, status: int, *words: str) -> None:
    """An error is one line and at most one hint, on standard error alone, and it leaves no file."""
    errors = [line for line in said.lines() if line.startswith("error: ")]
    hints = [line for line in said.lines() if line.startswith("hint: ")]
    notes = [line for line in said.lines() if line.startswith("note: ")]
    assert said.status == status, said.text
    assert said.out == ""
    assert len(errors) == 1, said.err
    assert len(hints) <= 1
    assert len(errors + hints + notes) == len(said.lines()), said.err
    for word in words:
        assert word in said.err


def report_of(folder: Path, name: str = "auditor-report/report.json") -> dict[str, list[dict[str, str]]]:
    document: dict[str, list[dict[str, str]]] = json.loads((folder / name).read_bytes())
    return document


def probes(folder: Path) -> dict[str, dict[str, str]]:
    return {probe["probe"]: probe for probe in report_of(folder)["probes"]}


# --- wrong usage -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("", "the target is empty"),
        ("shop", "no target is called 'shop', and there is no such file"),
        ("absent.json", "there is no file absent.json"),
        ("folder/absent", "there is no file folder/absent"),
        (".", "is a folder"),
        ("u:p@h/d", "neither a URL nor a file"),
        ("host=h user=u", "neither a URL nor a file"),
        ("postgresql:/u@h/d", "does not have ://"),
        ("postgres//u@h/d", "does not have ://"),
        ("://u@h/d", "no scheme"),
        ("postgress://u@h/d", "did you mean postgres?"),
        ("oracle://u@h/d", "known schemes are postgres, postgresql"),
        ("postgres://h:port/d", "the port is not a number"),
        ("postgres://[::1/d", "a host of the URL is malformed"),
        ("postgres://u:p%@h/d", "a % itself is written %25"),
        ("postgres://h/d?sslmod=require", "did you mean sslmode?"),
        ("postgres://127.0.0.1:1/d?sslmode=on", "use disable, allow, prefer, require, verify-ca or verify-full"),
        ("postgres://127.0.0.1:1/d?connect_timeout=soon", "connect_timeout"),
        ("postgres://a..b/d", "a host of the URL has a part that is empty or too long"),
        ("postgres://h/d%00", "holds %00"),
        ("env:", "names no variable"),
        ("env:ABSENT", "the environment variable ABSENT is not set"),
        ("env:TARGTE", "did you mean TARGET?"),
        ("env:EMPTY", "the environment variable EMPTY is empty"),
        ("env:WORD", "the environment variable WORD does not hold a URL"),
    ],
)
def test_targets_that_are_none(tmp_path: Path, target: str, words: str) -> None:
    environment = {"EMPTY": "", "WORD": "hello", "TARGET": "postgres://h/d"}
    refused(Program(tmp_path)("audit", target, environment=environment), 2, words)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("adit x", ("did you mean", "audit")),
        ("audit", ("Missing argument", "auditor audit --help")),
        ("audit x --fail-onn high", ("--fail-on",)),
        ("audit s.json --fail-on hgih", ("did you mean high?",)),
        ("audit s.json --min-score many", ("--min-score",)),
        ("audit s.json --min-score 101", ("from 0 to 100",)),
        ("audit s.json --min-coverage 80", ("from 0 to 1",)),
        ("audit s.json -o pdf", ("no report format is called 'pdf'", "html")),
        ("audit s.json -o htm:x", ("did you mean html?",)),
        ("audit s.json -o html:", ("names no file",)),
        ("audit s.json -o json:- -o md:-", ("two outputs go to standard output",)),
        ("audit s.json -o json:a -o md:a", ("two outputs go to a",)),
        ("audit s.json --only fk-no-indx", ("did you mean fk-no-index?",)),
        ("audit s.json --only xyzzy", ("auditor checks",)),
        ("audit s.json --skip modeling", ("did you mean modelling?",)),
        ("audit s.json --baseline absent.json", ("absent.json", "auditor baseline create")),
        ("audit s.json --config absent.toml", ("absent.toml",)),
        ("audit s.json --all-databases", ("needs a server",)),
        ("audit s.json --slow-log x.log", ("auditor collect --slow-log",)),
        ("audit postgres://127.0.0.1:1/d --slow-log absent.log", ("cannot read the log file absent.log",)),
        ("audit postgres://127.0.0.1:1/d --statement-timeout 0", ("the statement timeout is 0 s",)),
        ("audit postgres://127.0.0.1:1/d --lock-timeout -1", ("the lock timeout is -1 s",)),
        ("audit postgres://127.0.0.1:1/d -o html:s.json/x.html", ("s.json is not a folder",)),
        ("audit postgres://127.0.0.1:1/d -o html:.", ("cannot write .",)),
        ("audit postgres://127.0.0.1:1/d --only fk-no-indx", ("did you mean fk-no-index?",)),
        ("collect postgres://127.0.0.1:1/d -o s.json/x.json", ("s.json is not a folder",)),
        ("explain fk-no-indx", ("did you mean fk-no-index?",)),
        ("explain xyzzy", ("auditor checks",)),
        ("checks --pillar modeling", ("did you mean modelling?",)),
        ("schema reprot", ("did you mean report?",)),
        ("render absent.json", ("cannot read absent.json",)),
        ("render r.json -o pdf", ("no report format",)),
        ("diff r.json absent.json", ("cannot read absent.json",)),
        ("doctor shop", ("no target is called 'shop'",)),
        ("collect postgress://h/d", ("did you mean postgres?",)),
        ("doctor s.json", ("s.json is a file, and this needs a server",)),
        ("collect s.json", ("s.json is a file, and this needs a server",)),
        ("baseline creat r.json", ("create",)),
        ("baseline update r.json --reason x -b absent.json", ("absent.json", "auditor baseline create")),
        ("baseline prune r.json -b s.json", ("s.json is not a baseline",)),
    ],
)
def test_wrong_usage_is_said_before_anything_is_done(
    tmp_path: Path, good: Path, arguments: str, words: tuple[str, ...]
) -> None:
    for name in ("s.json", "r.json"):
        (tmp_path / name).write_bytes((good / name).read_bytes())
    said = Program(tmp_path)(*arguments.split())
    refused(Said(said.status, said.out, said.err.replace("Did you", "did you")), 2, *words)
    assert {path.name for path in tmp_path.iterdir()} == {"s.json", "r.json"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[audit\n", "auditor.toml is not valid TOML"),
        ("[adit]\n", "did you mean audit?"),
        ("[audit]\nfail-on = 'high'\n", "did you mean fail_on?"),
        ("[audit]\nfail_on = 'hgih'\n", "did you mean high?"),
        ("[audit]\nmin_score = 'high'\n", "min_score"),
        ("[audit]\nmin_score = 200\n", "from 0 to 100"),
        ("[audit]\noutput = 'html'\n", "output"),
        ("[audit]\noutput = ['htm']\n", "did you mean html?"),
        ("[audit]\nonly = ['fk-no-indx']\n", "did you mean fk-no-index?"),
        ("[targets.prod]\nuri = 'x'\n", "did you mean url?"),
        ("[targets.prod]\nurl = 'x'\n", "the target prod of the configuration does not hold a URL"),
        ("[targets.prod]\nurl = 'env:ABSENT'\n", "ABSENT is not set"),
        ("[targets.production]\nurl = 'postgres://h/d'\n", "did you mean production?"),
        ("[limits.fk-no-indx]\na = 1\n", "did you mean fk-no-index?"),
        ("[limits.table-too-wide]\ncolums = 1\n", "table-too-wide has no limit 'colums'"),
        ("[limits.table-too-wide]\ncolumns = 'x'\n", "limits"),
        ("\x00", "auditor.toml is not valid TOML"),
    ],
)
def test_a_wrong_configuration(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "auditor.toml").write_text(text)
    refused(Program(tmp_path)("audit", "prod"), 2, words)


# --- targets that cannot be reached ------------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.mark.parametrize("command", ["audit", "collect", "doctor"])
def test_a_target_that_cannot_be_reached_is_status_3(tmp_path: Path, server: AnyServer, command: str) -> None:
    program, port = Program(tmp_path), urlsplit(server.url()).port
    nobody = f"postgresql://u:{SECRET}@127.0.0.1:{free_port()}/d"
    with role(server) as name:
        for url, words in (
            (nobody, (": Connection refused\n", "nothing listens there")),
            (f"postgresql://u:{SECRET}@no-such-host.invalid/d", ("resolve", "check the host name")),
            (server.url("postgres", name, SECRET + "x"), (f'password authentication failed for user "{name}"',)),
            (f"postgresql://{name}@127.0.0.1:{port}/postgres", ("no password supplied", "PGPASSWORD")),
            (server.url("absent", name, SECRET), ('database "absent" does not exist', "name of the database")),
            (server.url("postgres", name, SECRET) + "?sslmode=require", ("does not support SSL", "sslmode=prefer")),
        ):
            said = program(command, "env:TARGET", environment={"TARGET": url})
            refused(said, 3, f"cannot connect to {url.replace(SECRET, '***').replace('***x', '***')}", *words)
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_wants_tls(tmp_path: Path, pool: Pool) -> None:
    with pool.own(FULL, {"ssl": "on"}) as server, role(server) as name:
        rules = server.data / "pg_hba.conf"
        only = f"hostssl all {name} 127.0.0.1/32 scram-sha-256\nhost all {name} 127.0.0.1/32 reject\n"
        rules.write_text(only + rules.read_text())
        with connect(server) as admin:
            admin.execute("SELECT pg_reload_conf()")
        url = server.url("postgres", name, SECRET)
        program = Program(tmp_path, url + "?sslmode=disable")
        wait_for(lambda: program("doctor", "env:TARGET").status == 3, "the rule")
        refused(program("audit", "env:TARGET"), 3, "pg_hba.conf", "TLS")
        assert Program(tmp_path, url)("collect", "env:TARGET").status == 0


def test_a_database_of_several_that_cannot_be_reached_counts(tmp_path: Path, database: Database) -> None:
    with role(database.server) as name:
        database.run(f"ALTER ROLE {name} CONNECTION LIMIT 1")
        with psycopg.connect(database.server.url("postgres", name, SECRET)):
            url = database.server.url("postgres", name, SECRET)
            refused(Program(tmp_path)("audit", url, "--all-databases"), 3, "too many connections")
        database.run(
            f"ALTER ROLE {name} CONNECTION LIMIT -1", f"ALTER ROLE {name} IN DATABASE {database.name} SET x.y = 1"
        )
        database.run(f"ALTER DATABASE {database.name} CONNECTION LIMIT 0")
        program = Program(tmp_path, url)
        said = program("audit", "env:TARGET", "--all-databases", "--only", "table-no-pk", "-o", "json")
    assert said.status == 3
    assert re.search(rf"^error: {database.name}: cannot connect to .*too many connections", said.err, re.MULTILINE)
    assert (tmp_path / "auditor-report/postgres/report.json").exists()


# --- in the middle of an audit -----------------------------------------------------------------------------------

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


# --- few rights --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("grants", [(), ("pg_monitor",)])
def test_a_role_with_few_rights_gets_a_whole_report_and_grants_that_help(
    tmp_path: Path, database: Database, grants: tuple[str, ...]
) -> None:
    database.run(
        "CREATE SCHEMA shop", "CREATE TABLE shop.t (a int, b bigserial)", "CREATE SEQUENCE shop.s",
        "INSERT INTO shop.t SELECT g FROM generate_series(1, 100) g", "ANALYZE", "CREATE EXTENSION pg_stat_statements",
    )  # fmt: skip
    with role(database.server, *grants) as name, owned(database, name):
        program = Program(tmp_path, database.url_of(name, SECRET))
        audited = program("audit", "env:TARGET")
        assert audited.status == 0
        before, coverage = seen(tmp_path), report_of(tmp_path)["score"]["coverage"]  # type: ignore[call-overload]
        assert coverage < 1
        unknown = [check for check in report_of(tmp_path)["checks"] if check["outcome"] == "not-assessed"]
        assert unknown
        assert all(check["reason"] for check in unknown)
        assert ("table-no-pk", "shop.t") in {
            (f["check"], f["subject"]["name"]) for f in report_of(tmp_path)["findings"]
        }  # type: ignore[index]
        doctor = program("doctor", "env:TARGET")
        assert doctor.status == 0
        assert "Grants that would show more:" in doctor.err
        statements = doctor.out.splitlines()
        assert statements
        assert all(re.fullmatch(r"GRANT .* TO \w+;", statement) for statement in statements)
        for statement in statements:
            database.run(statement)
        after = program("doctor", "env:TARGET")
        assert "No grant would show more." in after.err, after.text
        assert after.out == ""
        assert program("audit", "env:TARGET").status == 0
        assert seen(tmp_path) > before
        assert report_of(tmp_path)["score"]["coverage"] > coverage  # type: ignore[call-overload]


@contextlib.contextmanager
def owned(database: Database, name: str) -> Iterator[None]:
    """Take back in the end what the role was granted in this database."""
    try:
        yield
    finally:
        database.run(f"DROP OWNED BY {name}")


def seen(folder: Path) -> int:
    """How many probes saw all that they looked for."""
    return sum(probe["outcome"] == "ok" and not probe["reason"] for probe in probes(folder).values())


def test_an_empty_database_has_a_report(program: Program) -> None:
    said = program("audit", "env:TARGET")
    assert (said.status, said.err) == (0, "")
    assert not [check for check in report_of(program.folder)["checks"] if check["outcome"] == "error"]


# --- files -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["audit", "render", "diff", "baseline create"])
@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("empty", "is not a"),
        ("truncated", "is not a"),
        ("newer", "version 99"),
        ("foreign", "is not a"),
        ("binary", "is not a"),
        ("truncated gzip", "is truncated or corrupt"),
        ("truncated zstd", "is truncated or corrupt"),
        ("wrong type", "is not a valid"),
        ("the other kind", "is a"),
        ("a list", "is not a"),
        ("deeply nested", "is not a"),
        ("wrong moment", ""),
    ],
)
def test_a_broken_file_is_named_with_the_reason(
    tmp_path: Path, good: Path, command: str, what: str, words: str
) -> None:
    import zstandard

    kind, other = ("s.json", "r.json") if command == "audit" else ("r.json", "s.json")
    data = (good / kind).read_bytes()
    broken = {
        "empty": b"", "truncated": data[: len(data) // 2], "foreign": b'{"openapi": "3.1.0", "paths": {}}',
        "newer": re.sub(rb'"schema_version": ?"1"', b'"schema_version": "99"', data, count=1),
        "binary": bytes(range(256)) * 9, "truncated gzip": gzip.compress(data)[:-40],
        "truncated zstd": zstandard.ZstdCompressor().compress(data)[:-40],
        "wrong type": re.sub(rb'"engine": ?"postgresql"', b'"engine": 7', data, count=1),
        "the other kind": (good / other).read_bytes(), "a list": b"[1, 2]", "deeply nested": b"[" * 100_000,
        "wrong moment": re.sub(rb'"collected_at": ?"[^"]*"', b'"collected_at": "soon"', data, count=1),
    }[what]  # fmt: skip
    (tmp_path / "file.json").write_bytes(broken)
    arguments = {
        "audit": ("file.json",), "render": ("file.json",), "diff": (str(good / "r.json"), "file.json"),
        "baseline create": ("file.json", "--reason", "x"),
    }[command]  # fmt: skip
    said = Program(tmp_path)(*command.split(), *arguments)
    if what == "wrong moment" and command != "audit":
        assert said.status == 0  # what is only shown need not be understood
        return
    refused(said, 2, words, "file.json")
    assert [path.name for path in tmp_path.iterdir()] == ["file.json"]


@pytest.mark.parametrize("cut", [0.2, 0.6, 0.95])
def test_a_page_that_was_cut_off_is_named(tmp_path: Path, good: Path, cut: float) -> None:
    data = (good / "r.html").read_bytes()
    (tmp_path / "r.html").write_bytes(data[: int(len(data) * cut)])
    said = Program(tmp_path)("render", "r.html", "-o", "json:-")
    if said.status:
        refused(said, 2, "r.html")
    else:
        assert said.out.encode() == (good / "r.json").read_bytes()


def limited(folder: Path, size: int, *arguments: str) -> Said:
    """Run the program where no file can grow beyond a size, as on a disk that is nearly full."""
    done = subprocess.run(
        [PROGRAM, *arguments], capture_output=True, text=True, check=False, **Program(folder).options(),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
    )  # fmt: skip
    return Said(done.returncode, done.stdout, done.stderr)


def test_a_full_disk_leaves_no_part_and_what_fits(tmp_path: Path, good: Path) -> None:
    (tmp_path / "big.json").write_text("what was there before")
    said = limited(
        tmp_path, 40_000, "audit", str(good / "s.json"), "-o", "json:big.json", "-o", "html:big.html",
        "-o", "json:small.json.zst",
    )  # fmt: skip
    assert said.status == 2
    assert [line for line in said.lines() if line.startswith("error: ")] == [
        "error: cannot write big.json: File too large", "error: cannot write big.html: File too large",
    ]  # fmt: skip
    assert (tmp_path / "big.json").read_text() == "what was there before"
    assert {path.name for path in tmp_path.iterdir()} == {"big.json", "small.json.zst"}
    assert read_file(tmp_path / "small.json.zst") == (good / "r.json").read_bytes()
    assert "  small.json.zst" in said.out
    assert "big" not in said.out


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="this system has no /dev/full")
@pytest.mark.parametrize(
    "arguments", ["audit SNAPSHOT -q -o json:-", "audit SNAPSHOT", "checks", "--help", "schema report"]
)
def test_a_full_standard_output_is_one_line(tmp_path: Path, good: Path, arguments: str) -> None:
    with Path("/dev/full").open("wb") as full:
        said = Program(tmp_path)(
            *arguments.replace("SNAPSHOT", str(good / "s.json")).split(), capture_output=False, stdout=full,
            stderr=subprocess.PIPE,
        )  # fmt: skip
    refused(said, 2, "No space left on device")


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="this system has no /dev/full")
def test_a_full_device_is_an_error_and_stays_one(tmp_path: Path, good: Path) -> None:
    """The device is named by a link, so that a program that replaced it would replace the link."""
    (tmp_path / "device").symlink_to("/dev/full")
    said = Program(tmp_path)("audit", good / "s.json", "-q", "-o", "json:device")
    assert said.status == 2
    assert "cannot write device: No space left on device" in said.err
    assert (tmp_path / "device").is_symlink()


def test_links_and_pipes_are_written_through(tmp_path: Path, good: Path) -> None:
    (tmp_path / "real.json").write_text("old")
    (tmp_path / "real.json").chmod(0o640)
    (tmp_path / "link.json").symlink_to("real.json")
    pipe = tmp_path / "pipe"
    subprocess.run(["mkfifo", str(pipe)], check=True)
    received: list[bytes] = []
    reader = threading.Thread(target=lambda: received.append(pipe.read_bytes()))
    reader.start()
    said = Program(tmp_path)("audit", good / "s.json", "-q", "-o", "json:link.json", "-o", f"sarif:{pipe}")
    reader.join(timeout=30)
    assert said.status == 0
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "real.json").read_bytes() == (good / "r.json").read_bytes()
    assert (tmp_path / "real.json").stat().st_mode & 0o777 == 0o640
    assert pipe.is_fifo()
    assert json.loads(received[0])["version"] == "2.1.0"
    assert {path.name for path in tmp_path.iterdir()} == {"real.json", "link.json", "pipe"}

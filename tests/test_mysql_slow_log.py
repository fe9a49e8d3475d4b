"""The slow query log of MySQL and MariaDB tells the workload, and gives away no value."""

from __future__ import annotations

import gzip
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import msgspec
import pymysql
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.connector import CollectOptions
from auditor.errors import UsageError
from auditor.model.snapshot import Snapshot
from auditor.model.workload import SlowEntry, SlowLog
from auditor.pipeline import Selection, audit_snapshot
from auditor.registry import load_connectors
from auditor.target import parse_target
from auditor_connectors.mysql.slowlog import read_slow_log
from tests.mysql_servers import ENGINES, Account, account, database
from tests.servers import Pool

MARKER = "hunter2"
EXTRA = {"mysql": "log_slow_extra", "mariadb": "log_slow_verbosity"}


def run_workload(server: Account, name: str) -> None:
    """Do a little of everything that a log tells, with the marker wherever a value can stand."""
    with closing(server.connect(name)) as one, closing(server.connect(name)) as two:
        first, second = one.cursor(), two.cursor()
        for cursor in (first, second):
            cursor.execute("SET SESSION long_query_time = 0")
        first.execute("CREATE TABLE t (id int PRIMARY KEY, x varchar(200))")
        first.execute(f"INSERT INTO t VALUES (1, '{MARKER}'), (2, 'a\n# User@Host: {MARKER};\n{MARKER}')")
        first.execute(f"SELECT *\n  FROM t -- {MARKER}\n WHERE x = '{MARKER}'\n   AND id > 5")
        first.execute("SELECT * FROM t WHERE id IN (1, 2, 3)")
        first.execute("SELECT * FROM t WHERE id IN (4, 5, 6, 7)")
        first.execute(f"SET @secret = '{MARKER}'")
        with suppress(pymysql.Error):
            first.execute(f"SELECT * FROM nothing WHERE x = '{MARKER}'")
        # A row lock, of which MySQL tells, and a table lock, of which MariaDB does.
        for hold, wait, release in (
            ("UPDATE t SET x = '1' WHERE id = 1", "UPDATE t SET x = '2' WHERE id = 1", "COMMIT"),
            ("LOCK TABLES t WRITE", f"DELETE FROM t WHERE x = '{MARKER}' LIMIT 5", "UNLOCK TABLES"),
        ):
            first.execute("SET autocommit = 0")
            first.execute(hold)
            waiting = threading.Thread(target=second.execute, args=(wait,))
            waiting.start()
            time.sleep(0.15)
            first.execute(release)
            waiting.join()
            first.execute("SET autocommit = 1")


@pytest.fixture(scope="module", params=[pytest.param(engine, marks=getattr(pytest.mark, engine)) for engine in ENGINES])
def logged(request: pytest.FixtureRequest, pool: Pool) -> Iterator[tuple[Account, Path]]:
    """A server of each product and the log that it wrote."""
    engine = request.param
    with tempfile.TemporaryDirectory(prefix="auditor-") as folder:
        path = Path(folder) / "slow.log"
        extra = "ON" if engine == "mysql" else "query_plan,explain"
        settings = {"slow_query_log": "ON", "slow_query_log_file": str(path), EXTRA[engine]: extra}
        server = pool.mysql(engine, settings)
        with database(server) as name:
            run_workload(server, name)
        yield server, path


def counted(log: SlowLog, kind: str) -> dict[str, SlowEntry]:
    return {entry.text: entry for entry in log.entries if entry.kind == kind}


def test_it_tells_what_was_slow_and_what_waited(logged: tuple[Account, Path]) -> None:
    server, path = logged
    log = read_slow_log(path)
    slow, waits = counted(log, "slow"), counted(log, "lock-wait")
    assert slow["SELECT * FROM t WHERE id IN (?)"].count == 2
    assert slow["SELECT * FROM t WHERE x = ? AND id > ?"].count == 1
    waiting = "UPDATE t SET x = ? WHERE id = ?" if server.engine == "mysql" else "DELETE FROM t WHERE x = ? LIMIT ?"
    assert waits[waiting].maximum_ms >= 100
    assert slow[waiting].maximum_ms >= 100
    # On MariaDB it has the time to open the table in it, which on a busy machine is long.
    assert max(waits, key=lambda text: waits[text].maximum_ms) == waiting
    if server.engine == "mysql":
        assert counted(log, "error")["error 1146"].count == 1
    assert log.skipped == 0
    assert log.first is not None
    assert log.last is not None
    assert log.first <= log.last


def test_it_gives_away_no_value(logged: tuple[Account, Path]) -> None:
    _, path = logged
    assert MARKER.encode() in path.read_bytes()
    assert MARKER.encode() not in msgspec.json.encode(read_slow_log(path))


def test_a_compressed_log_reads_the_same(logged: tuple[Account, Path], tmp_path: Path) -> None:
    _, path = logged
    packed = tmp_path / "slow.log.1"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert read_slow_log(packed) == read_slow_log(path)


def test_an_audit_reads_it_beside_the_server(logged: tuple[Account, Path]) -> None:
    server, path = logged
    connector = load_connectors()[server.engine]
    target = parse_target(server.url(), connector.schemes, connector.example)
    snapshot = connector.collect(target, CollectOptions(slow_log=path))
    probe = snapshot.probes[-1]
    assert (probe.probe, probe.outcome) == ("slow-log", "ok")
    assert probe.rows is not None
    assert probe.rows > 10
    limits = {"q-lock-waits": {"minimum_ms": 50.0, "min_waits": 1.0}}
    found = audit_snapshot(snapshot, Selection(only=("q-lock-waits",), limits=limits)).findings
    assert {one.subject.kind for one in found} == {"query"}


def test_without_extras_the_times_are_there(tmp_path: Path) -> None:
    path = tmp_path / "plain.log"
    path.write_text(
        "/usr/sbin/mysqld, Version: 8.0.36 (MySQL Community Server - GPL). started with:\n"
        "Tcp port: 3306  Unix socket: /var/run/mysqld/mysqld.sock\n"
        "Time                 Id Command    Argument\n"
        "# Time: 2026-11-29T19:50:46.665313Z\n"
        "# User@Host: root[root] @ localhost []  Id:    10\n"
        "# Query_time: 2.500000  Lock_time: 0.000014 Rows_sent: 0  Rows_examined: 0\n"
        "use shop;\nSET timestamp=1795981846;\nselect 'a';\n"
        "# administrator command: Quit;\n"
        "# User@Host: root[root] @ localhost []  Id:    10\n"
        "# Query_time: 0.500000  Lock_time: 0.000014 Rows_sent: 0  Rows_examined: 0\n"
        "SET timestamp=1795981846;\n# administrator command: Quit;\n"
    )
    log = read_slow_log(path)
    assert [(one.kind, one.text, one.count, one.total_ms) for one in log.entries] == [("slow", "select ?", 1, 2500.0)]
    assert (log.first, log.lines, log.skipped) == ("2026-11-29T19:50:46Z", 14, 0)


def test_what_is_no_log_is_refused(tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.log"
    foreign.write_text(f"2026-01-01 00:00:00 UTC [1] LOG:  duration: 1.0 ms  statement: SELECT '{MARKER}'\n" * 10)
    for path in (foreign, tmp_path / "missing.log", tmp_path):
        with pytest.raises(UsageError) as caught:
            read_slow_log(path)
        assert str(path) in caught.value.message
        assert MARKER not in caught.value.message
    empty = tmp_path / "empty.log"
    empty.touch()
    assert read_slow_log(empty) == SlowLog(format="slow")


FIRST = b"# Time: 2026-11-29T19:50:46Z\n# User@Host: a[a] @ h []\n# Query_time: 1.0  Lock_time: 0.0\nSELECT 1;\n"
PIECES = st.one_of(
    st.binary(max_size=40),
    st.sampled_from(
        [b"\n", b";\n", b"'", b"# Time: ", b"# User@Host: ", b"# Query_time: 1", b"SET timestamp=1;\n", b"#"]
    ),
    st.sampled_from([FIRST, b"# administrator command: Quit;\n", b"# Time: 261129  9:50:52\n", b"# Errno: 1213\n"]),
)


@given(pieces=st.lists(PIECES, max_size=30))
def test_a_damaged_log_is_read_as_far_as_it_goes(pieces: list[bytes]) -> None:
    with tempfile.NamedTemporaryFile() as file:
        file.write(FIRST + b"".join(pieces))
        file.flush()
        log = read_slow_log(Path(file.name))
    assert any(entry.kind == "slow" and entry.text.startswith("SELECT ?") for entry in log.entries)


@pytest.fixture(params=[pytest.param(engine, marks=getattr(pytest.mark, engine)) for engine in ENGINES])
def tabled(request: pytest.FixtureRequest, pool: Pool) -> Iterator[Account]:
    """A server of each product that logs what takes 20 milliseconds to its own table, which holds a little."""
    server = pool.mysql(request.param)
    names = ("log_output", "slow_query_log", "long_query_time")
    before = server.run(f"SELECT {', '.join(f'@@GLOBAL.{name}' for name in names)}")[0]
    server.run("TRUNCATE mysql.slow_log", "SET GLOBAL log_output = 'FILE,TABLE'", "SET GLOBAL slow_query_log = ON")
    server.run("SET GLOBAL long_query_time = 0.02")
    try:
        with database(server) as name, database(server, "other"):
            for seconds in ("0.03", "0.05"):
                server.run(f"SELECT sleep({seconds}) AS a, '{MARKER}' AS b", database=name)
            server.run("SELECT sleep(0.03) AS elsewhere", database="other")
            yield server
    finally:
        with closing(server.connect()) as connection, connection.cursor() as cursor:
            for setting, value in zip(names, before, strict=True):
                cursor.execute(f"SET GLOBAL {setting} = %s", (value,))


def collect(server: Account, url: str, **options: Path) -> Snapshot:
    connector = load_connectors()[server.engine]
    return connector.collect(parse_target(url, connector.schemes, connector.example), CollectOptions(**options))


def test_a_log_that_is_a_table_is_read_like_a_file(tabled: Account) -> None:
    snapshot = collect(tabled, tabled.url("shop"))
    log = snapshot.workload.slow_log
    assert log is not None
    (entry,) = [entry for entry in log.entries if entry.kind == "slow"]
    assert (entry.text, entry.count) == ("SELECT sleep(?) AS a, ? AS b", 2)
    assert 50 <= entry.maximum_ms <= entry.total_ms
    assert entry.total_ms >= 80
    assert (log.format, log.lines, log.skipped) == ("slow-table", 2, 0)
    assert log.first is not None
    assert log.last is not None
    assert log.first <= log.last
    assert (snapshot.probes[-1].probe, snapshot.probes[-1].outcome, snapshot.probes[-1].rows) == ("slow-log", "ok", 2)
    assert MARKER.encode() not in msgspec.json.encode(snapshot)


def test_of_all_databases_their_statements_are_read_and_none_of_the_audits(tabled: Account) -> None:
    tabled.run("SET GLOBAL long_query_time = 0")
    for _ in range(2):
        log = collect(tabled, tabled.url()).workload.slow_log
        assert log is not None
        texts = {entry.text for entry in log.entries}
        assert {"SELECT sleep(?) AS a, ? AS b", "SELECT sleep(?) AS elsewhere"} <= texts
        assert not any("information_schema" in text for text in texts)


def test_a_table_that_may_not_be_read_is_not_assessed(tabled: Account) -> None:
    with account(tabled, "SELECT ON shop.*") as (user, password):
        snapshot = collect(tabled, tabled.url("shop", user, password))
        probe = snapshot.probes[-1]
        assert (probe.outcome, snapshot.workload.slow_log) == ("denied", None)
        assert probe.grant == "GRANT SELECT ON `mysql`.`slow_log` TO 'auditor_case'@'%'"
        tabled.run(probe.grant)
        assert collect(tabled, tabled.url("shop", user, password)).workload.slow_log is not None


def test_a_table_that_nothing_is_written_to_any_more_is_left_alone(tabled: Account) -> None:
    for statement in ("SET GLOBAL log_output = 'FILE'", "SET GLOBAL log_output = 'TABLE', GLOBAL slow_query_log = OFF"):
        tabled.run(statement)
        snapshot = collect(tabled, tabled.url("shop"))
        assert (snapshot.probes[-1].outcome, snapshot.workload.slow_log) == ("unsupported", None)


def test_a_file_that_is_given_goes_before_the_table(tabled: Account, tmp_path: Path) -> None:
    path = tmp_path / "slow.log"
    path.write_text("# Time: 2026-01-01T00:00:00Z\n# User@Host: a[a] @ b []\n# Query_time: 1  Lock_time: 0\nDO 1;\n")
    log = collect(tabled, tabled.url("shop"), slow_log=path).workload.slow_log
    assert log is not None
    assert [entry.text for entry in log.entries] == ["DO ?"]

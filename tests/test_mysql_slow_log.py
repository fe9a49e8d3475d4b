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
from auditor.model.workload import SlowEntry, SlowLog
from auditor.pipeline import Selection, audit_snapshot
from auditor.registry import load_connectors
from auditor.target import parse_target
from auditor_connectors.mysql.slowlog import read_slow_log
from tests.mysql_servers import ENGINES, Account, database
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

"""MongoDB's own log as a source: what it tells, that no value of it is kept, and that nothing in it does harm."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import msgspec
import pytest

from auditor.errors import UsageError
from auditor.model.workload import SlowEntry
from auditor_connectors.mongodb.assemble.totals import ReadLog
from auditor_connectors.mongodb.slowlog import read_slow_log

SECRET = "s3cr3t-4242424242424242"


def entry(**attributes: Any) -> str:
    found = {
        "type": "command",
        "ns": "shop.orders",
        "appName": "web",
        "durationMillis": 120,
        "docsExamined": 9,
        **attributes,
    }
    return json.dumps({
        "t": {"$date": "2026-01-02T03:04:05.678+00:00"}, "s": "I", "c": "COMMAND", "id": 51803, "ctx": "conn1",
        "msg": "Slow query", "attr": found,
    })  # fmt: skip


OTHER = json.dumps({"t": {"$date": "2026-01-02T03:04:05+00:00"}, "s": "I", "c": "NETWORK", "id": 1, "msg": "Connected"})
FIND = {"find": "orders", "filter": {"name": SECRET, "at": {"$gt": {"$date": "2026-01-01T00:00:00Z"}}}, "$db": "shop"}


def read(path: Path, *lines: str) -> ReadLog:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_slow_log(path)


def test_operations_are_counted_by_shape(tmp_path: Path) -> None:
    update = {"q": {"_id": SECRET}, "u": {"$set": {"state": SECRET}}, "multi": False, "upsert": False}
    found = read(
        tmp_path / "log", OTHER,
        entry(command=FIND, nreturned=3, planSummary="COLLSCAN"),
        entry(command=FIND, durationMillis=80, planSummary="COLLSCAN", usedDisk=True),
        entry(type="update", command=update, nModified=1, locks={"Global": {"timeAcquiringMicros": {"w": 70_000}}}),
        entry(command=FIND, appName="auditor"),
        entry(command={"createIndexes": "orders", "$db": "shop"}),
        entry(command=FIND, errName="MaxTimeMSExpired", errCode=50, errMsg=SECRET),
    )  # fmt: skip
    text = "db.orders.find({name: ?, at: {$gt: ?}})"
    entries = {(one.kind, one.text): one for one in found.log.entries}
    assert entries["slow", text] == SlowEntry(kind="slow", text=text, count=3, total_ms=320.0, maximum_ms=120.0)
    assert entries["temp-file", text].count == 1
    assert entries["lock-wait", "db.orders.updateOne({_id: ?}, {$set: {state: ?}})"].total_ms == 70.0
    assert entries["error", "error MaxTimeMSExpired"].count == 1
    assert (found.log.lines, found.log.skipped) == (7, 0)
    assert (found.log.first, found.log.last) == ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z")
    statement = next(one for one in found.totals.statements() if one.text == text)
    assert (statement.calls, statement.rows, statement.rows_examined, statement.unindexed) == (3, 3, 27, 2)
    assert "4242" not in msgspec.json.encode((found.log, found.totals.statements())).decode()


def test_a_packed_log_is_read_and_what_is_broken_in_it_is_counted(tmp_path: Path) -> None:
    lines = [OTHER, entry(command=FIND), entry(command=FIND)[:-40], '{"msg":"Slow query","attr":7}', '["Slow query"]']
    packed = gzip.compress("\n".join(lines).encode() + b'\n\xff\xfe "Slow query"\n' + os.urandom(64))
    path = tmp_path / "log.gz"
    path.write_bytes(packed)
    found = read_slow_log(path)
    assert [(one.kind, one.count) for one in found.log.entries] == [("slow", 1)]
    assert found.log.skipped == 2


@pytest.mark.parametrize(
    "command", [7, None, [], {"find": 7}, {"find": "orders", "filter": 7}, {"getMore": 1}, {"": ""}]
)
def test_whatever_stands_for_a_command_does_no_harm(tmp_path: Path, command: Any) -> None:
    found = read(tmp_path / "log", entry(command=command, docsExamined="many", planSummary=None, ns=None))
    assert found.log.lines == 1


def test_what_is_no_log_is_refused(tmp_path: Path) -> None:
    for text in ("2026-01-02T03:04:05.678+0000 I COMMAND [conn1] command shop.orders", "# Time: 260102  3:04:05", "{}"):
        with pytest.raises(UsageError, match="is no log of mongod"):
            read(tmp_path / "log", text)
    with pytest.raises(UsageError, match="cannot read"):
        read_slow_log(tmp_path / "absent")


def test_an_empty_log_tells_nothing(tmp_path: Path) -> None:
    found = read(tmp_path / "log", "")
    assert found.log.entries == ()
    assert found.totals.statements() == ()

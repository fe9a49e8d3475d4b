"""What a case file for MongoDB builds on a server, and that nothing of it is left there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from bson import Decimal128, ObjectId

from tests.case_format import Case, CaseError, load
from tests.mongodb_cases import built
from tests.mongodb_servers import Server


def case(tmp_path: Path, text: str) -> Case:
    path = tmp_path / "mongodb" / "ttl-wrong-type.jsonc"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"// expect nothing\n{text}", encoding="utf-8")
    (found,) = load(path)
    return found


def test_documents_are_written_out_or_computed_by_the_server(mongodb: Server, tmp_path: Path) -> None:
    text = """
    {"insert": "orders", "documents": [
      {"_id": {"$oid": "650000000000000000000001"}, "total": {"$numberDecimal": "9.90"}},
      {"$repeat": 1500, "document": {
        "_id": "$$i",
        "email": {"$concat": ["u", {"$toString": "$$i"}, "@example.org"]},
        "state": {"$arrayElemAt": [["new", "paid"], {"$mod": ["$$i", 2]}]},
        "note": {"$cond": [{"$lt": ["$$i", 3]}, "$$kilobyte", "$$REMOVE"]},
        "lines": {"$range": [0, {"$mod": ["$$i", 4]}]}}}]}
    """
    with built(case(tmp_path, text), mongodb):
        orders = mongodb.client["shop"]["orders"]
        assert orders.count_documents({}) == 1501
        assert orders.find_one({"_id": ObjectId("650000000000000000000001")}, {"total": 1, "_id": 0}) == {
            "total": Decimal128("9.90")
        }
        made = orders.find_one({"_id": 2})
        assert made == {"_id": 2, "email": "u2@example.org", "state": "new", "note": "x" * 1024, "lines": [0, 1]}
        assert orders.count_documents({"note": {"$exists": True}}) == 3
    assert "shop" not in mongodb.client.list_database_names()


def test_the_profiler_sees_the_work_and_not_its_making(mongodb: Server, tmp_path: Path) -> None:
    text = """
    {"insert": "orders", "documents": [{"$repeat": 300, "document": {"_id": "$$i"}}]}
    {"profile": 2}
    // repeat: 3
    {"find": "orders", "filter": {"_id": {"$gte": 0}}}
    """
    with built(case(tmp_path, text), mongodb):
        seen = list(mongodb.client["shop"]["system.profile"].find({"ns": "shop.orders"}))
        assert [entry["op"] for entry in seen] == ["query", "getmore"] * 3
        assert sum(entry["nreturned"] for entry in seen) == 900
    assert mongodb.run({"profile": -1}, "shop")["was"] == 0


def test_what_was_slow_is_not_told_to_the_next_case(mongodb: Server, tmp_path: Path) -> None:
    text = """
    {"insert": "t", "documents": [{"$repeat": 10, "document": {"a": 1}}]}
    {"find": "t", "filter": {"$where": "sleep(20) || true"}}
    """
    before = mongodb.run({"profile": -1})["slowms"]
    with built(case(tmp_path, text), mongodb):
        assert mongodb.run({"profile": -1})["slowms"] == before
        assert not [line for line in mongodb.run({"getLog": "global"})["log"] if "sleep(20)" in line]


def test_what_is_done_to_the_server_is_taken_back(mongodb: Server, tmp_path: Path) -> None:
    text = """
    {"create": "t", "$db": "elsewhere"}
    {"createUser": "app", "pwd": "x", "roles": ["readWrite"]}
    {"createRole": "teller", "privileges": [], "roles": [], "$db": "admin"}
    {"setParameter": 1, "notablescan": true, "$db": "admin"}
    """
    found: list[Any] = []
    for _ in range(2):
        with built(case(tmp_path, text), mongodb):
            assert mongodb.run({"getParameter": 1, "notablescan": 1})["notablescan"] is True
            assert mongodb.run({"usersInfo": 1}, "shop")["users"][0]["user"] == "app"
            found.append(set(mongodb.client.list_database_names()))
    assert found == [{"admin", "config", "local", "elsewhere"}] * 2
    assert mongodb.run({"getParameter": 1, "notablescan": 1})["notablescan"] is False
    assert mongodb.run({"usersInfo": 1}, "shop")["users"] == []
    assert mongodb.run({"rolesInfo": 1})["roles"] == []
    assert "elsewhere" not in mongodb.client.list_database_names()


def test_sessions_stay_open_and_what_runs_for_long_is_ended(mongodb: Server, tmp_path: Path) -> None:
    text = """
    {"insert": "t", "documents": [{"$repeat": 3000, "document": {"a": 1}}]}
    // session holder
    {"insert": "t", "documents": [{"a": 2}], "startTransaction": true, "autocommit": false,
     "txnNumber": {"$numberLong": "1"}}
    // session slow background
    {"find": "t", "filter": {"$where": "sleep(50) || true"}}
    // main
    {"insert": "t", "documents": [{"a": 3}]}
    """
    with built(case(tmp_path, text), mongodb):
        assert [one["appName"] for one in operations(mongodb) if "transaction" in one] == ["holder"]
        assert "t" in [one["command"].get("find") for one in operations(mongodb) if one.get("appName") == "slow"]
    assert [one for one in operations(mongodb) if "transaction" in one or one.get("command", {}).get("find")] == []
    assert mongodb.run({"serverStatus": 1})["transactions"]["currentOpen"] == 0


def operations(mongodb: Server) -> list[dict[str, Any]]:
    return list(mongodb.client.admin.aggregate([{"$currentOp": {"idleSessions": True}}]))


@pytest.mark.parametrize(
    "text",
    [
        '{"find": "t", "filter": {"$nonsense": 1}}',
        '{"insert": "t", "documents": [{"_id": 1}, {"_id": 1}]}',
        '// session behind background\n{"find": "t", "filter": {"$nonsense": 1}}',
    ],
)
def test_a_command_that_fails_is_named_by_its_line(mongodb: Server, tmp_path: Path, text: str) -> None:
    line = 2 + text.count("\n")
    with pytest.raises(CaseError, match=f"ttl-wrong-type.jsonc:{line}: "), built(case(tmp_path, text), mongodb):
        pass
    assert "shop" not in mongodb.client.list_database_names()


def test_the_example_of_the_instructions_is_one(mongodb: Server, tmp_path: Path) -> None:
    text = (Path(__file__).parent / "cases" / "README.md").read_text(encoding="utf-8")
    example = text.partition("```jsonc\n")[2].partition("```")[0]
    path = tmp_path / "mongodb" / "ttl-wrong-type.jsonc"
    path.parent.mkdir()
    path.write_text(example, encoding="utf-8")
    (found,) = load(path)
    with built(found, mongodb):
        session = mongodb.client["shop"]["session"]
        assert session.count_documents({"at": {"$type": "string"}}) == 501
        assert session.count_documents({"agent": {"$exists": False}}) == 51
        assert mongodb.client["shop"]["system.profile"].count_documents({"ns": "shop.session", "op": "query"}) == 20

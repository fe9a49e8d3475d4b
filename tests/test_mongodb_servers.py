"""The MongoDB servers of the tests: each kind is what its settings say, and what it is asked for works on it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

import pymongo
import pytest
from pymongo.errors import ConnectionFailure, OperationFailure

from tests.mongodb_servers import VERSIONS, account
from tests.mongodb_shell import ShellError
from tests.servers import Pool


def open_client(url: str, **options: Any) -> pymongo.MongoClient[dict[str, Any]]:
    return pymongo.MongoClient(url, serverSelectionTimeoutMS=2000, **options)


def test_the_default_is_a_replica_set_of_one_that_takes_transactions(pool: Pool) -> None:
    server = pool.mongodb()
    assert pool.mongodb() is server
    status = server.run({"replSetGetStatus": 1})
    assert [member["stateStr"] for member in status["members"]] == ["PRIMARY"]
    database = server.client["auditor_servers"]
    try:
        with server.client.start_session() as session, session.start_transaction():
            database.orders.insert_one({"n": 1}, session=session)
        assert database.orders.count_documents({}) == 1
        assert server.run({"profile": 2}, database.name)["was"] == 0
        database.orders.find_one({"n": 1})
        assert database["system.profile"].find_one({"op": "query"}, {"planSummary": 1})["planSummary"] == "COLLSCAN"
        assert [index["name"] for index in database.orders.aggregate([{"$indexStats": {}}])] == ["_id_"]
    finally:
        server.run({"profile": 0}, database.name)
        server.client.drop_database(database.name)


def test_a_standalone_server_is_none_of_a_set_and_has_its_own_settings(pool: Pool) -> None:
    settings = {"members": "0", "slowms": "7", "setParameter.notablescan": "true"}
    with pool.own_mongodb(settings) as server:
        assert "setName" not in server.run({"hello": 1})
        assert server.run({"profile": -1})["slowms"] == 7
        assert server.run({"getParameter": 1, "notablescan": 1})["notablescan"] is True
        lines = [json.loads(line) for line in server.log().read_text(encoding="utf-8").splitlines()]
        assert any(line["msg"] == "Waiting for connections" for line in lines)


@pytest.mark.parametrize("version", VERSIONS)
def test_other_versions_are_had_by_their_number(pool: Pool, version: str) -> None:
    server = pool.mongodb({"version": version, "auth": "on", "tls": "on"})
    assert str(server.run({"buildInfo": 1})["version"]).startswith(f"{version}.")
    assert server.run({"hello": 1})["isWritablePrimary"] is True


def test_a_set_of_three_replicates_and_each_member_can_be_asked(pool: Pool) -> None:
    with pool.own_mongodb({"members": "3"}) as server:
        collection = server.client["shop"].get_collection("t", write_concern=pymongo.WriteConcern(3, wtimeout=10000))
        collection.insert_one({"n": 1})
        for member in range(3):
            with open_client(server.url("shop", member=member), readPreference="secondaryPreferred") as client:
                assert client["shop"]["t"].count_documents({}) == 1
                assert client.admin.command("hello")["me"] == server.hosts[member]
        server.kill(server.hosts.index(server.run({"hello": 1})["primary"]))
        assert server.client["shop"]["t"].insert_one({"n": 2}).acknowledged  # the others have chosen a new primary


def test_a_set_is_configured_as_its_settings_say(pool: Pool) -> None:
    settings = {"members": "3", "member.1.priority": "0", "member.1.hidden": "true", "member.2.arbiterOnly": "true"}
    with pool.own_mongodb({**settings, "set.chainingAllowed": "false"}) as server:
        configuration = server.run({"replSetGetConfig": 1})["config"]
        assert configuration["settings"]["chainingAllowed"] is False
        assert [(member["hidden"], member["arbiterOnly"]) for member in configuration["members"]] == [
            (False, False), (True, False), (False, True),
        ]  # fmt: skip
        states = [member["stateStr"] for member in server.run({"replSetGetStatus": 1})["members"]]
        assert states == ["PRIMARY", "SECONDARY", "ARBITER"]


@pytest.mark.parametrize("members", ["0", "1"])
def test_who_is_not_logged_in_may_do_nothing(pool: Pool, members: str) -> None:
    server = pool.mongodb({"members": members, "auth": "on"})
    with open_client(f"mongodb://{server.hosts[0]}/?directConnection=true") as client:
        refused("requires authentication", client.list_database_names)
    with account(server, "clusterMonitor", "read@shop") as login, open_client(server.url("shop", *login)) as client:
        assert client.admin.command("serverStatus")["ok"] == 1
        assert client["shop"]["t"].count_documents({}) == 0
        refused("not authorized", lambda: client["shop"]["t"].insert_one({}))
        refused("not authorized", client["other"]["t"].find_one)
    with account(server) as login, open_client(server.url("shop", *login)) as client:
        refused("not authorized", client["shop"]["t"].find_one)


def refused(why: str, ask: Callable[[], object]) -> None:
    with pytest.raises(OperationFailure, match=why):
        ask()


def test_a_server_that_wants_tls_takes_nothing_else(pool: Pool) -> None:
    server = pool.mongodb({"tls": "on"})
    assert server.run({"hello": 1})["isWritablePrimary"] is True
    plain = open_client(f"mongodb://{server.hosts[0]}/?directConnection=true")
    with plain, pytest.raises(ConnectionFailure):
        plain.admin.command("hello")


def test_the_shell_runs_a_script_and_says_what_fails(pool: Pool) -> None:
    server = pool.mongodb({"members": "0", "auth": "on"})
    url = server.url("auditor_shell")
    script = """
      db.orders.insertMany([{total: NumberDecimal("9.90")}, {total: 3}]);
      db.orders.createIndex({total: 1}, {name: "by_total"});
      print(db.getName(), db.orders.countDocuments({}));
      for (const index of db.orders.getIndexes()) print(EJSON.stringify(index.key));
      db.dropDatabase();
    """
    assert pool.mongosh(url, script) == 'auditor_shell 2\n{"_id":1}\n{"total":1}\n'
    with pytest.raises(ShellError, match="unknown top level operator"):
        pool.mongosh(url, "print(1); db.orders.find({$nonsense: 1}).toArray(); print(2)")


def test_it_runs_without_the_rights_of_the_superuser(pool: Pool) -> None:
    with pool.own_mongodb() as server:
        assert server.log().stat().st_uid == os.geteuid()  # the tests can read it
        owner = (server.log().parent / "data" / "WiredTiger").stat().st_uid
        assert owner != 0
    assert not server.log().exists()


def test_a_server_that_does_not_start_says_why(pool: Pool) -> None:
    with pytest.raises(RuntimeError, match="unrecognised option"), pool.own_mongodb({"nonsense": "1"}):
        pass

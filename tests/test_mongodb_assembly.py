"""What is made of recorded answers of MongoDB servers that cannot be run here: shards, other versions, lagging sets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from pymongo.errors import OperationFailure

from auditor.model.vocabulary import ProbeOutcome
from auditor.target import parse_target
from auditor_connectors.mongodb.assemble.accounts import security
from auditor_connectors.mongodb.assemble.replication import members, settings_of_the_set
from auditor_connectors.mongodb.assemble.server import settings
from auditor_connectors.mongodb.assemble.sizes import sizes
from auditor_connectors.mongodb.probe import NotHereError
from auditor_connectors.mongodb.probes import PROBES
from auditor_connectors.mongodb.session import Session

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


class Recorded:
    """A session that answers what was recorded."""

    def __init__(self, topology: str = "replica-set", **answers: Any) -> None:
        self.identity = type("Identity", (), {"topology": topology})
        self.answers = answers

    def command(self, _database: str, name: str, _value: Any = 1, **_rest: Any) -> Any:
        return self.answers[name]


def read(probe: str, session: Recorded) -> list[dict[str, Any]]:
    return next(one for one in PROBES if one.name == probe).read(cast("Session", session))


def member(number: int, state: str, behind: float = 0, **config: Any) -> Mapping[str, Any]:
    status = {"health": 0 if state == "(not reachable/healthy)" else 1, "stateStr": state,
              "optimeDate": NOW - timedelta(seconds=behind), "name": "secret.example:27017"}  # fmt: skip
    return {"member": {"_id": number, "host": "secret.example:27017", **config}, "status": status}


def test_members_are_told_by_number_with_state_and_lag() -> None:
    rows = [
        member(0, "PRIMARY"),
        member(1, "SECONDARY", 90, secondaryDelaySecs=60, priority=0, hidden=True),
        member(2, "ARBITER", arbiterOnly=True),
        member(7, "(not reachable/healthy)", 5000),
        member(9, "RECOVERING", 300, slaveDelay=0, votes=0),
    ]
    logs = [{"member": 1, "ends": (100, 7300), "sizes": {"size": 5, "maxSize": 10}}]
    found = {one.name: one for one in members({"members": [{"config": {}}, *rows], "change-logs": logs})}
    assert {name: one.state for name, one in found.items()} == {
        "member 0": "primary", "member 1": "secondary", "member 2": "arbiter", "member 7": "unreachable",
        "member 9": "recovering",
    }  # fmt: skip
    assert {name: one.lag_seconds for name, one in found.items() if one.lag_seconds is not None} == {
        "member 1": 90.0, "member 9": 300.0,
    }  # fmt: skip
    assert (found["member 1"].delay_seconds, found["member 1"].log_seconds) == (60.0, 7200.0)
    assert (found["member 1"].log_bytes, found["member 1"].log_limit_bytes) == (5, 10)
    assert [one.name for one in found.values() if one.electable] == ["member 0", "member 7"]
    assert "secret" not in str(found)


def test_settings_of_a_set_hold_no_names_of_hosts_or_tags() -> None:
    config = {"_id": "rs0", "term": 3, "settings": {"chainingAllowed": True, "getLastErrorModes": {"dc": {"east": 2}}},
              "writeConcernMajorityJournalDefault": False}  # fmt: skip
    told = {"defaultWriteConcern": {"w": "majority", "wtimeout": 0}, "defaultWriteConcernSource": "global"}
    found = dict(settings_of_the_set({"members": [{"config": config}], "default-concerns": [told]}))
    assert found["replSetConfig.settings.chainingAllowed"] is True
    assert found["replSetConfig.writeConcernMajorityJournalDefault"] is False
    assert found["defaultRWConcern.defaultWriteConcern.w"] == "majority"
    assert "replSetConfig._id" not in found


def test_where_the_configuration_servers_are_is_not_kept() -> None:
    options = {"sharding": {"configDB": "cfg/secret.example:27019"}, "net": {"port": 27017}}
    assert [one.name for one in settings({"options": [options]})] == ["net.port"]


def test_sizes_of_shards_belong_together() -> None:
    def told(shard: str, **stats: Any) -> dict[str, Any]:
        return {"database": "shop", "name": "orders", "shard": shard, "storageStats": stats}

    rows = [
        told("a", count=100, size=1000, avgObjSize=10, storageSize=400, totalIndexSize=40, indexSizes={"_id_": 40}),
        told("b", count=300, size=9000, avgObjSize=30, storageSize=800, totalIndexSize=70,
             indexSizes={"_id_": 60, "by_date": 10}),
    ]  # fmt: skip
    found = sizes({"collection-sizes": rows})["shop", "orders"]
    assert (found["count"], found["avgObjSize"], found["storageSize"]) == (400, 25.0, 1200)
    assert found["indexSizes"] == {"_id_": 100, "by_date": 10}


@pytest.mark.parametrize("probe", ["members", "change-logs"])
def test_a_router_says_that_it_has_no_members(probe: str) -> None:
    with pytest.raises(NotHereError, match="each shard"):
        read(probe, Recorded("sharded"))


@pytest.mark.parametrize(
    ("line", "topic"),
    [
        ('{"msg":"Access control is not enabled for the database. Read and write access ..."}', "access-control"),
        ('{"msg":"/sys/kernel/mm/transparent_hugepage/enabled is \'always\'. We suggest setting it to \'never\'"}',
         "huge-pages-unwanted"),
        ('{"msg":"For customers running the current memory allocator ...","attr":{}}', "huge-pages-wanted"),
        ('{"msg":"We suggest setting swappiness to 0 or 1, as swapping can ..."}', "swappiness"),
        ('{"msg":"vm.max_map_count is too low"}', "map-count"),
        ("2020-01-01T00:00:00.000+0000 I CONTROL ** WARNING: You are running this process as the root user", "root"),
        ('{"msg":"Something new of host secret.example"}', "other"),
    ],
)  # fmt: skip
def test_startup_warnings_become_topics(line: str, topic: str) -> None:
    rows = read("startup-warnings", Recorded(getLog={"log": [line, line]}))
    assert [row["topic"] for row in rows] == [topic]
    assert "secret" not in str(rows)


def test_roles_of_one_s_own_count_as_what_they_allow() -> None:
    everything = {"resource": {"anyResource": True}, "actions": ["anyAction"]}
    reading = {"resource": {"db": "", "collection": ""}, "actions": ["find"]}
    local = {"resource": {"db": "shop", "collection": ""}, "actions": ["find", "update"]}
    made = [
        {"role": "all", "db": "admin", "inherited": [], "privileges": [everything]},
        {"role": "look", "db": "admin", "inherited": [], "privileges": [reading]},
        {"role": "keep", "db": "admin", "inherited": [("userAdminAnyDatabase", "admin")], "privileges": []},
        {"role": "app", "db": "shop", "inherited": [("readWrite", "shop")], "privileges": [local]},
    ]
    accounts = [
        {"user": role, "db": "admin", "roles": [{"role": role, "db": db}], "limited": False}
        for role, db in (("all", "admin"), ("look", "admin"), ("keep", "admin"), ("app", "shop"))
    ]
    found = {one.name: one for one in security({"accounts": accounts, "account-roles": made}).roles}
    assert [name for name, one in found.items() if one.superuser] == ["all@admin"]
    assert {name: one.all_data for name, one in found.items()} == {
        "all@admin": "write", "look@admin": "read", "keep@admin": None, "app@admin": None,
    }  # fmt: skip
    assert [name for name, one in found.items() if one.create_role] == ["keep@admin"]
    assert found["app@admin"].plugin == "external"


def test_what_no_collection_supports_is_the_outcome_of_the_probe() -> None:
    session = Session.__new__(Session)
    session.deadline = float("inf")
    session._partly = None
    session._target = parse_target("mongodb://h/d", ("mongodb",), "")

    def refused(number: int) -> list[dict[str, Any]]:
        if number:
            raise OperationFailure("Aggregation stage not supported: '$collStats'", 304)
        return [{}]

    assert len(list(session.each([0, 1, 1], refused))) == 1
    with pytest.raises(OperationFailure):
        list(session.each([1, 1], refused))
    assert session._failure(OperationFailure("no", 304)).outcome is ProbeOutcome.UNSUPPORTED

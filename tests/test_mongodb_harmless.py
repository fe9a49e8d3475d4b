"""What an audit sends to MongoDB only reads, and leaves nothing behind."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from auditor.connector import CollectOptions
from auditor.model.vocabulary import ProbeOutcome
from auditor.registry import load_connectors
from auditor.target import Target, parse_target
from auditor_connectors.mongodb.flavour import detect
from auditor_connectors.mongodb.probe import READS
from auditor_connectors.mongodb.session import Identity, Session
from tests.mongodb_servers import Server
from tests.servers import Pool

pytestmark = pytest.mark.mongodb

WRITES = ("insert", "update", "delete")


def target_of(server: Server, database: str = "") -> Target:
    connector = load_connectors()["mongodb"]
    return parse_target(server.url(database), connector.schemes, connector.example)


def commands(server: Server) -> dict[str, int]:
    """How often the server has run each command since its start."""
    counted: dict[str, Any] = server.run({"serverStatus": 1})["metrics"]["commands"]
    return {name: int(one["total"]) for name, one in counted.items() if isinstance(one, dict) and "total" in one}


def test_only_commands_that_read_are_run_and_nothing_stays(pool: Pool) -> None:
    with pool.own_mongodb({"members": "0"}) as server:
        server.client["shop"]["orders"].insert_many([{"_id": number, "total": 5} for number in range(200)])
        server.client["shop"].command("create", "recent", viewOn="orders", pipeline=[])
        before, names = commands(server), server.client.list_database_names()
        snapshot = load_connectors()["mongodb"].collect(target_of(server, "shop"), CollectOptions())
        after, status = commands(server), server.run({"serverStatus": 1})
        assert server.client.list_database_names() == names
    ours = {name for name, total in after.items() if total > before.get(name, 0)}
    assert ours <= {*READS, "getMore", "killCursors", "endSessions", "isMaster"}, sorted(ours - READS)
    assert {name: after[name] - before[name] for name in WRITES} == dict.fromkeys(WRITES, 0)
    assert status["metrics"]["cursor"]["open"]["total"] == 0
    assert {probe.outcome for probe in snapshot.probes} <= {ProbeOutcome.OK, ProbeOutcome.UNSUPPORTED}


@pytest.mark.parametrize(
    ("name", "value", "rest"),
    [
        ("insert", "orders", {"documents": [{}]}),
        ("profile", 1, {}),
        ("setParameter", 1, {"quiet": True}),
        ("aggregate", "orders", {"pipeline": [{"$out": "copy"}], "cursor": {}}),
        ("aggregate", "orders", {"pipeline": [{"$match": {}}, {"$merge": "copy"}], "cursor": {}}),
    ],
)
def test_a_session_refuses_what_writes(pool: Pool, name: str, value: Any, rest: dict[str, Any]) -> None:
    with Session(target_of(pool.mongodb()), CollectOptions()) as session, pytest.raises(PermissionError):
        session.command("shop", name, value, **rest)


@pytest.mark.parametrize(
    ("hosts", "build", "flavour"),
    [
        (["localhost:27017"], {}, None),
        (["shop.cluster-abc.eu-west-1.docdb.amazonaws.com:27017"], {}, "Amazon DocumentDB"),
        (["shop-shard-00-00.abc12.mongodb.net:27017"], {}, "MongoDB Atlas"),
        (["shop.mongo.cosmos.azure.com:10255"], {}, "Azure Cosmos DB"),
        (["localhost:27017"], {"psmdbVersion": "6.0.5-4"}, "Percona Server for MongoDB"),
        (["localhost:27017"], {"ferretdb": {"version": "v2.0.0"}}, "FerretDB"),
    ],
)
def test_products_are_known_by_their_answers(
    pool: Pool, hosts: list[str], build: dict[str, Any], flavour: str | None
) -> None:
    with Session(target_of(pool.mongodb()), CollectOptions()) as session:
        known: Identity = session.identity
    told = replace(known, hello={**known.hello, "hosts": hosts}, build={**known.build, **build})
    found = detect(told)
    assert (found.name if found is not None else None) == flavour

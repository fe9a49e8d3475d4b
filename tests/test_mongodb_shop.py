"""The planted shop: what the manifest names is there and is as it says, measured on the server, and always the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pymongo.database import Database

from tests.mongodb_servers import Server
from tests.mongodb_shop import fill
from tests.mongodb_shop.manifest import FLAWS, SOUND, Planted
from tests.mongodb_shop.workload import work

Shop = Database[dict[str, Any]]


@pytest.fixture(scope="module")
def shop(mongodb: Server) -> Iterator[Shop]:
    database = mongodb.client["auditor_shop"]
    mongodb.client.drop_database(database.name)
    fill(database)
    yield database
    mongodb.run({"profile": 0}, database.name)
    mongodb.client.drop_database(database.name)


def share(shop: Shop, collection: str, query: dict[str, Any]) -> float:
    return shop[collection].count_documents(query) / shop[collection].count_documents({})


def growth(shop: Shop, collection: str, array: str) -> tuple[int, float]:
    """The greatest length of an array, and how far it goes with the age of its document (a correlation)."""
    pairs = [
        (document["_id"].generation_time.timestamp(), document["length"])
        for document in shop[collection].aggregate([{"$project": {"length": {"$size": f"${array}"}}}])
    ]
    times, lengths = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    middle, mean = sum(times) / len(pairs), sum(lengths) / len(pairs)
    together = sum((time - middle) * (length - mean) for time, length in pairs)
    spread = (sum((time - middle) ** 2 for time in times) * sum((length - mean) ** 2 for length in lengths)) ** 0.5
    return max(lengths), -together / spread if spread else 0.0


@pytest.mark.parametrize("planted", [*FLAWS, *SOUND], ids=lambda planted: f"{planted.flaw}-{planted.name}")
def test_what_the_manifest_names_is_there(shop: Shop, planted: Planted) -> None:
    assert planted.name.startswith("shop.")
    name = planted.name.removeprefix("shop.")
    listed = {found["name"]: found for found in shop.list_collections()}
    collection = max((known for known in listed if f"{name}.".startswith(f"{known}.")), key=len)
    rest = name.removeprefix(collection).removeprefix(".")
    if planted.kind == "index":
        assert rest in shop[collection].index_information()
    elif planted.kind == "field":
        assert share(shop, collection, {rest: {"$exists": True}}) > 0.3
    else:
        assert rest == ""
        assert (planted.kind == "view") == (listed[collection]["type"] == "view")


def test_arrays_grow_with_age_where_they_should(shop: Shop) -> None:
    for collection, array, longest in (("customers", "loginHistory", 400), ("deviceStates", "samples", 2500)):
        length, correlation = growth(shop, collection, array)
        assert length == longest
        assert correlation > 0.99
    for collection, array, longest in (("customers", "recentProducts", 10), ("products", "vector", 384)):
        length, correlation = growth(shop, collection, array)
        assert length == longest
        assert abs(correlation) < 0.2


def test_types_are_mixed_where_they_should(shop: Shop) -> None:
    assert share(shop, "customers", {"points": {"$type": "string"}}) == pytest.approx(0.04)
    assert share(shop, "orders", {"total": {"$type": "double"}}) == 1
    assert share(shop, "orders", {"shippedAt": {"$type": "string"}}) == 1
    assert share(shop, "orders", {"status": {"$in": ["New", "Paid", "Sent", "Closed"]}}) == pytest.approx(0.05)
    assert share(shop, "carts", {"expiresAt": {"$type": "string"}}) == 1
    assert share(shop, "carts", {"user_id": {"$exists": True}}) == pytest.approx(0.33)
    assert share(shop, "invoices", {"total": {"$type": "decimal"}}) == 1
    assert 0 < share(shop, "products", {"weightKg": {"$type": "double"}}) < 1
    assert shop["pages"].count_documents({"$expr": {"$gt": [{"$bsonSize": "$$ROOT"}, 1 << 20]}}) == 16
    assert shop["attachments"].count_documents({"$expr": {"$gt": [{"$binarySize": "$content"}, 200_000]}}) == 12


def test_references_lead_where_they_should(shop: Shop) -> None:
    def dangling(collection: str, path: str, target: str, key: Any) -> float:
        joined = {"from": target, "let": {"key": key}, "as": "found"}
        joined["pipeline"] = [{"$match": {"$expr": {"$eq": ["$_id", "$$key"]}}}, {"$project": {"_id": 1}}]
        stages = [{"$match": {path: {"$ne": None}}}, {"$lookup": joined}, {"$match": {"found": []}}, {"$count": "n"}]
        lost = [found["n"] for found in shop[collection].aggregate(stages)]
        return sum(lost) / shop[collection].count_documents({})

    assert dangling("orders", "customerId", "customers", "$customerId") == pytest.approx(1 / 30)
    assert dangling("invoices", "customerId", "customers", "$customerId") == 0
    assert dangling("invoices", "orderId", "orders", "$orderId") == 0
    assert dangling("categories", "parentId", "categories", "$parentId") == 0
    assert dangling("shipments", "orderId", "orders", "$orderId") == 1
    assert dangling("shipments", "orderId", "orders", {"$toObjectId": "$orderId"}) == 0


def test_work_leaves_the_traces_that_it_should(shop: Shop, mongodb: Server) -> None:
    mongodb.run({"profile": 2}, shop.name)
    work(shop)
    mongodb.run({"profile": 0}, shop.name)
    seen = list(shop["system.profile"].find({"op": {"$in": ["query", "command"]}}))

    def plans(collection: str, **query: Any) -> set[str]:
        return {
            entry["planSummary"]
            for entry in seen
            if entry["ns"] == f"{shop.name}.{collection}"
            and "planSummary" in entry
            and set(entry["command"].get("filter", {})) == set(query.get("by", ()))
        }

    assert plans("orders", by=["customerId"]) == {"COLLSCAN"}
    assert plans("orders", by=["status", "createdAt"]) == {"IXSCAN { status: 1, createdAt: -1 }"}
    assert plans("invoices", by=["customerId"]) == {"IXSCAN { customerId: 1, issuedAt: -1 }"}
    assert plans("customers", by=["name"]) == plans("customers", by=["$where"]) == {"COLLSCAN"}
    assert plans("readings", by=["deviceId", "at"]) == {"IXSCAN { deviceId: 1, at: 1 }"}
    sorted_in_memory = [entry for entry in seen if entry.get("hasSortStage")]
    assert {tuple(entry["command"]["sort"]) for entry in sorted_in_memory} == {("total",)}
    assert any("$lookup" in stage for entry in seen for stage in entry["command"].get("pipeline", []))


def test_work_uses_all_indexes_but_those_that_the_manifest_calls_unused(shop: Shop, mongodb: Server) -> None:
    work(shop)
    unused = set()
    for found in shop.list_collections(filter={"type": "collection", "name": {"$not": {"$regex": "^system"}}}):
        for index in shop[found["name"]].aggregate([{"$indexStats": {}}]):
            if not index["accesses"]["ops"] and not {"unique", "expireAfterSeconds"} & set(index["spec"]):
                unused.add(f"{found['name']}.{index['name']}")
    unused = {name for name in unused if not name.endswith("._id_")}
    assert unused == {planted.name.removeprefix("shop.") for planted in FLAWS if planted.flaw == "idx-unused"}


def test_the_same_seed_gives_the_same_shop(mongodb: Server) -> None:
    hashes = []
    for seed in (7, 7, 8):
        database = mongodb.client["auditor_shop_again"]
        try:
            fill(database, seed=seed)
            hashes.append(mongodb.run({"dbHash": 1}, database.name)["collections"])
        finally:
            mongodb.client.drop_database(database.name)
    for each in hashes:
        del each["system.buckets.temperatures"]  # the server invents the keys of its buckets
    assert hashes[0] == hashes[1]
    assert hashes[0]["orders"] != hashes[2]["orders"]

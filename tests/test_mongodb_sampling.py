"""Samples of MongoDB's collections: what they show, what they cost, and that no value is left of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import bson
import msgspec
import pytest
from bson import DBRef, ObjectId
from bson.binary import Binary
from bson.code import Code
from bson.raw_bson import RawBSONDocument
from bson.regex import Regex
from pymongo.database import Database
from pymongo.errors import OperationFailure

from auditor.application import Settings
from auditor.checking import run_check
from auditor.connector import CollectOptions
from auditor.inventory import draw_diagram, take_inventory
from auditor.model.catalog import Column, Table
from auditor.model.check import LoadedCheck
from auditor.model.documents import Documents, Sample
from auditor.model.facts import Facts
from auditor.model.snapshot import Snapshot
from auditor.model.vocabulary import Outcome, ProbeOutcome
from auditor.registry import load_checks
from auditor.storage import encode_snapshot
from auditor.target import parse_target
from auditor_checks._documents import schema_of, wilson
from auditor_connectors.mongodb import connector
from auditor_connectors.mongodb.probe import Probe
from auditor_connectors.mongodb.sampling.collecting import VALUES
from auditor_connectors.mongodb.sampling.forms import form_of_number, form_of_text, is_data
from auditor_connectors.mongodb.sampling.reading import BYTES, DOCUMENTS, STRATUM, Read, Reader
from auditor_connectors.mongodb.session import Session
from tests.mongodb_servers import Server, account
from tests.mongodb_shop import fill
from tests.mongodb_shop.manifest import FLAWS, SOUND
from tests.servers import Pool

SECRET = "s3cr3t-4242424242424242"
NAME = "auditor_sampling"
Base = Database[dict[str, Any]]


@pytest.fixture
def base(mongodb: Server) -> Iterator[Base]:
    mongodb.client.drop_database(NAME)
    yield mongodb.client[NAME]
    mongodb.run({"profile": 0}, NAME)
    mongodb.client.drop_database(NAME)


def collect(server: Server, database: str = NAME, *login: str, **options: Any) -> Snapshot:
    target = parse_target(server.url(database, *login), connector.schemes, connector.example)
    return connector.collect(target, CollectOptions(**options))


def table(snapshot: Snapshot, name: str) -> Table:
    return next(one for one in snapshot.catalog.tables if one.name == name)


def documents(snapshot: Snapshot, name: str) -> Documents:
    found = table(snapshot, name).documents
    assert found is not None
    return found


def sample(snapshot: Snapshot, name: str) -> Sample:
    found = documents(snapshot, name).sample
    assert found is not None
    return found


def field(snapshot: Snapshot, collection: str, path: str) -> Column:
    found = table(snapshot, collection).column(path)
    assert found is not None, [column.name for column in table(snapshot, collection).columns]
    return found


# --- no value is left --------------------------------------------------------------------------------------------


def test_no_value_is_left(mongodb: Server, base: Base) -> None:
    key = ObjectId("42424242424242424242abcd")
    planted = {
        "text": SECRET, "list": [SECRET, {"deep": SECRET}], "inner": {"deep": {"deeper": SECRET}},
        "binary": Binary(SECRET.encode()), "pattern": Regex(SECRET), "code": Code(SECRET),
        "scoped": Code("f", {"s": SECRET}),
        "pointer": DBRef("elsewhere", SECRET), "number": 4242424242424242, "number_id": 4242424242424242,
        "otherId": key, "by": {f"{SECRET}@example.org": 1, str(key): {"x": SECRET}, "4242-42-42": SECRET},
    }  # fmt: skip
    base.planted.insert_many([{"_id": SECRET + str(number), **planted} for number in range(30)])
    base.elsewhere.insert_many([{"_id": key}, {"_id": ObjectId()}])
    base.create_collection("missing_view", viewOn="gone", pipeline=[{"$match": {"a": SECRET}}])
    snapshot = collect(mongodb)
    told = encode_snapshot(snapshot).decode()
    facts = Facts(snapshot)
    for check in load_checks().values():
        run = run_check(check, facts)
        assert run.result.outcome is not Outcome.ERROR, run.result
        told += msgspec.json.encode((run.result, run.findings, run.operations)).decode()
    for value in ("s3cr3t", "42424242424242"):
        places = [told[max(0, at - 60) : at + 60] for at in range(len(told)) if told.startswith(value, at)]
        assert places == []


def test_a_denial_says_what_would_help(pool: Pool) -> None:
    server = pool.mongodb({"auth": "on"})
    server.client.drop_database(NAME)
    server.client[NAME].notes.insert_one({"text": SECRET})
    with account(server, "clusterMonitor") as (user, password):
        snapshot = collect(server, NAME, user, password)
    with account(server, "clusterMonitor", "readAnyDatabase") as (user, password):
        seen = collect(server, NAME, user, password)
    server.client.drop_database(NAME)
    probes = {probe.probe: probe for probe in snapshot.probes}
    assert probes["fields"].outcome is not ProbeOutcome.OK or not probes["fields"].rows
    assert str(probes["fields"].reason) == f"not authorized on {NAME} to execute command listCollections"
    assert "readAnyDatabase" in str(probes["collections"].grant) + str(probes["fields"].grant)
    assert sample(seen, "notes").documents == 1


def test_nothing_is_sampled_unless_it_may_be(mongodb: Server, base: Base) -> None:
    base.notes.insert_one({"text": SECRET})
    mongodb.run({"profile": 2}, NAME)
    snapshot = collect(mongodb, sample=False)
    mongodb.run({"profile": 0}, NAME)
    probes = {probe.probe: probe for probe in snapshot.probes}
    for name in ("fields", "references"):
        assert probes[name].outcome is ProbeOutcome.UNSUPPORTED
        assert "--no-sample" in str(probes[name].reason)
    assert table(snapshot, "notes").columns == ()
    assert base["system.profile"].count_documents({"ns": f"{NAME}.notes", "op": "query"}) == 0


# --- what it costs -----------------------------------------------------------------------------------------------


def test_its_cost_does_not_grow_with_the_collection(mongodb: Server, base: Base) -> None:
    for name, count in (("small", 10_000), ("large", 40_000)):
        base[name].insert_many([{"number": number, "note": "x" * 50} for number in range(count)])
    mongodb.run({"profile": 2}, NAME)
    snapshot = collect(mongodb)
    mongodb.run({"profile": 0}, NAME)
    for name, chosen in (("small", 400), ("large", DOCUMENTS)):
        read = base["system.profile"].find({"ns": f"{NAME}.{name}", "docsExamined": {"$gt": 0}})
        assert sum(one["docsExamined"] for one in read) <= chosen + 2 * STRATUM
        found = sample(snapshot, name)
        assert found.method == "random"
        assert found.strata > STRATUM
        assert chosen * 0.9 <= found.documents <= chosen + 2 * STRATUM
    known = field(snapshot, "large", "number").statistics
    assert known is not None
    assert known.distinct_ratio == pytest.approx(1.0)


def test_its_bytes_are_limited(mongodb: Server, base: Base) -> None:
    for number in range(24):
        base.pages.insert_one({"_id": number, "content": "x" * (1 << 20)})
    found = sample(collect(mongodb), "pages")
    assert found.cut == "bytes"
    assert found.method == "bounded"
    assert BYTES <= found.bytes <= BYTES + (2 << 20)


def test_its_values_are_limited(mongodb: Server, base: Base) -> None:
    base.wide.insert_many([{"_id": number, **{f"f{each}": each for each in range(500)}} for number in range(1200)])
    snapshot = collect(mongodb)
    found = sample(snapshot, "wide")
    assert 300 <= found.documents <= VALUES / 500
    shape = field(snapshot, "wide", "f1").shape
    assert shape is not None
    assert (shape.presence, shape.oldest, shape.newest) == (1.0, 1.0, 1.0)


def test_the_command_line_and_the_configuration_limit_it(tmp_path: Path) -> None:
    assert Settings.merge(None, sample=False, time_budget=7.0).collect_options(None) == CollectOptions(
        sample=False, time_budget=7.0
    )
    file = tmp_path / "auditor.toml"
    file.write_text("[audit]\nsample = false\ntime_budget = 60\n", encoding="utf-8")
    options = Settings.merge(file).collect_options(None)
    assert (options.sample, options.time_budget) == (False, 60.0)


def test_no_time_is_told(mongodb: Server, base: Base) -> None:
    base.notes.insert_one({"text": "a"})
    snapshot = collect(mongodb, time_budget=1e-9)
    assert {probe.outcome for probe in snapshot.probes if probe.probe in ("fields", "references")} == {
        ProbeOutcome.TIMED_OUT
    }


def test_the_same_documents_give_the_same(mongodb: Server, base: Base) -> None:
    base.orders.insert_many([{"_id": n, "kind": "a" if n % 2 else "b", "lines": [1] * (n % 5)} for n in range(500)])
    one, two = collect(mongodb), collect(mongodb)
    assert table(one, "orders").columns == table(two, "orders").columns
    assert documents(one, "orders").groups == documents(two, "orders").groups


# --- what there is -----------------------------------------------------------------------------------------------


def test_every_kind_of_collection_is_sampled(mongodb: Server, base: Base) -> None:
    base.create_collection("capped", capped=True, size=1 << 16)
    base.create_collection("clustered", clusteredIndex={"key": {"_id": 1}, "unique": True})
    base.create_collection("series", timeseries={"timeField": "at", "metaField": "device"})
    for name in ("capped", "clustered", "series"):
        base[name].insert_many([{"at": datetime.now(UTC), "device": "a", "value": 1.5} for _ in range(300)])
    base.clustered.insert_many([{"at": datetime.now(UTC), "device": "a", "value": 1.5} for _ in range(3000)])
    base.create_collection("empty")
    base.create_collection("view", viewOn="clustered", pipeline=[])
    snapshot = collect(mongodb)
    assert (sample(snapshot, "capped").method, sample(snapshot, "capped").documents) == ("all", 300)
    assert sample(snapshot, "clustered").documents > 200
    assert sample(snapshot, "clustered").strata > 0
    assert sample(snapshot, "series").documents == 300
    assert field(snapshot, "series", "value").family == "float"
    assert sample(snapshot, "empty").documents == 0
    assert [view.name for view in snapshot.catalog.views] == ["view"]
    assert all(column.shape is not None for one in snapshot.catalog.tables for column in one.columns)


def test_what_cannot_be_read_is_told_and_the_others_are(
    mongodb: Server, base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Reader.read

    def fail(reader: Reader) -> Read:
        name = reader._extent.name
        if name in ("broken", "gone"):
            code = 43 if name == "gone" else 2
            raise OperationFailure(f"cannot read {SECRET}", code, {"codeName": "BadValue"})
        if name == "odd":
            raise ValueError(SECRET)
        return read(reader)

    for name in ("broken", "gone", "odd", "sound"):
        base[name].insert_one({"text": "a"})
    monkeypatch.setattr(Reader, "read", fail)
    snapshot = collect(mongodb)
    probe = next(probe for probe in snapshot.probes if probe.probe == "fields")
    assert (probe.outcome, probe.rows) == (ProbeOutcome.OK, 1)
    assert str(probe.reason) == f"{NAME}.broken could not be sampled: BadValue"
    assert sample(snapshot, "sound").documents == 1
    run = run_check(load_checks()["type-drift"], Facts(snapshot))
    assert (run.result.examined, run.result.of) == (1, 4)
    assert "were not sampled" in str(run.result.reason)


def test_a_cursor_that_somebody_kills_is_told(mongodb: Server, base: Base) -> None:
    base.things.insert_one({"_id": 1})

    def read(_item: int) -> Iterator[dict[str, Any]]:
        raise OperationFailure("cursor id 7 not found", 43)  # which must come between two batches

    target = parse_target(mongodb.url(NAME), connector.schemes, connector.example)
    with Session(target, CollectOptions()) as session:
        answer = session.run(Probe(name="any", purpose="any", read=lambda own: list(own.each([1, 2], read))))
    assert (answer.outcome, answer.reason) == (ProbeOutcome.OK, "somebody ended the reading of 2 of 2")


def test_names_are_hostile(mongodb: Server, base: Base) -> None:
    broken = bson.encode({"_id": 1, "xx": 1}).replace(b"xx\0", b"\xff\xfe\0")
    base['odd "name"\n'].insert_one(
        {"_id": 1, "a.b": 1, "$c": 2, "": 3, "quote\"'": 4, "😀": 5, "new\nline": 6, "*": 7}
    )
    base.broken.insert_one(RawBSONDocument(broken))
    snapshot = collect(mongodb)
    names = [column.name for column in table(snapshot, 'odd "name"\n').columns]
    assert "a..b" in names  # and not the field b of an object a
    assert {"_id", "$c", "", "quote\"'", "😀", "new\nline"} <= set(names)
    assert any("\ufffd" in column.name for column in table(snapshot, "broken").columns)


def test_a_field_is_described(mongodb: Server, base: Base) -> None:
    base.things.insert_many(
        [
            {
                "_id": number, "mixed": number if number % 4 else str(number), "list": [number] * (number % 3),
                "inner": {"flag": True, **({"rare": 1} if number % 10 == 0 else {})},
                "parts": [{"sku": "a"}, {"sku": "b", "note": None}], "state": ["new", "New ", "old"][number % 3],
            }
            for number in range(200)
        ]
    )  # fmt: skip
    snapshot = collect(mongodb)
    mixed, rare, note = (field(snapshot, "things", path) for path in ("mixed", "inner.rare", "parts.note"))
    assert mixed.shape is not None
    assert mixed.shape.types == {"int": 0.75, "string": 0.25}
    assert mixed.family == "other"
    assert rare.shape is not None
    assert (rare.shape.documents, rare.shape.of, rare.nullable) == (20, 200, True)
    assert note.shape is not None
    assert (note.shape.documents, note.shape.of, note.shape.in_array) == (200, 400, True)
    array = field(snapshot, "things", "list")
    assert array.shape is not None
    assert array.shape.array is not None
    assert (array.shape.array.maximum, array.base_type) == (2, "int")
    state = field(snapshot, "things", "state").statistics
    assert state is not None
    assert (state.distinct, state.distinct_folded) == (3.0, 2.0)


def test_names_of_fields_that_are_values_are_not_told(mongodb: Server, base: Base) -> None:
    base.chats.insert_many([{"_id": n, "members": {f"nick{n}x": True, f"name{n}y": False}} for n in range(12)])
    base.sites.insert_many([{"_id": n, "title": {"en": "a", "de": "b"}} for n in range(12)])
    snapshot = collect(mongodb)
    assert [column.name for column in table(snapshot, "chats").columns] == ["_id", "members", "members.*"]
    assert documents(snapshot, "chats").dynamic == ("members.*",)
    assert documents(snapshot, "sites").dynamic == ()


def test_a_proposed_rule_holds_for_what_is_there(mongodb: Server, base: Base) -> None:
    base.orders.insert_many(
        [
            {"_id": n, "name": "a", "at": datetime.now(UTC), "total": n if n % 2 else n / 7, "note": [None, "a"][n % 2],
             "lines": [{"sku": "a"}], **({"gift": True} if n % 3 else {})}
            for n in range(300)
        ]
    )  # fmt: skip
    rule = json.loads(schema_of(table(collect(mongodb), "orders")))
    assert rule["$jsonSchema"]["required"] == ["_id", "at", "lines", "name", "note", "total"]
    assert rule["$jsonSchema"]["properties"]["total"] == {"bsonType": ["double", "int"]}
    mongodb.run({"collMod": "orders", "validator": rule}, NAME)
    assert base.orders.count_documents({"$nor": [rule]}) == 0


def test_groups_and_what_tells_them(mongodb: Server, base: Base) -> None:
    shapes = ({"a": 1, "b": 1, "c": 1}, {"d": 1, "e": 1, "f": 1})
    base.told.insert_many([{"_id": n, "kind": n % 2, **shapes[n % 2]} for n in range(200)])
    base.untold.insert_many([{"_id": n, **shapes[n % 2]} for n in range(200)])
    base.later.insert_many([{"_id": n, **shapes[n >= 80]} for n in range(200)])
    snapshot = collect(mongodb)
    assert documents(snapshot, "told").discriminator == "kind"
    assert documents(snapshot, "untold").discriminator is None
    assert [group.share for group in documents(snapshot, "untold").groups] == [0.5, 0.5]
    assert not documents(snapshot, "untold").successive
    assert documents(snapshot, "later").successive


def test_references_are_looked_up(mongodb: Server, base: Base) -> None:
    keys = [ObjectId() for _ in range(300)]
    base.customers.insert_many([{"_id": key, "parentId": keys[0]} for key in keys])
    base.orders.insert_many([{"customer_id": keys[n], "items": [{"buyer": {"$id": keys[1]}}]} for n in range(300)])
    base.letters.insert_many([{"customerId": str(keys[n])} for n in range(300)])
    mongodb.run({"profile": 2}, NAME)
    snapshot = collect(mongodb)
    mongodb.run({"profile": 0}, NAME)
    links = {
        link.field: link for name in ("customers", "orders", "letters") for link in documents(snapshot, name).links
    }
    assert (links["customer_id"].tried, links["customer_id"].found) == (100, 100)
    assert (links["customerId"].found, links["customerId"].cast_found) == (0, 100)
    assert links["parentId"].collection == "customers"
    looked = [one for one in base["system.profile"].find({"op": "query"}) if "$in" in str(one["command"].get("filter"))]
    assert looked
    assert all(len(one["command"]["filter"]["_id"]["$in"]) <= 100 for one in looked)
    assert {one["planSummary"] for one in looked} == {"IXSCAN { _id: 1 }"}


def test_the_diagram_shows_them(mongodb: Server, base: Base) -> None:
    keys = [ObjectId() for _ in range(30)]
    base.customers.insert_many([{"_id": key, "address": {"city": "a"}} for key in keys])
    base.orders.insert_many([{"by": {"customerId": key}, "total": 1} for key in keys])
    facts = Facts(collect(mongodb))
    diagram = draw_diagram(facts)
    assert [relation.name for relation in diagram.relations] == ["customers", "orders"]
    assert diagram.relations[1].columns == (
        ("_id", "objectId", "PK"), ("by", "object", ""), ("by.customerId", "objectId", "FK"), ("total", "int", ""),
    )  # fmt: skip
    assert [(one.source, one.target, one.columns, one.nullable) for one in diagram.references] == [
        (1, 0, ("by.customerId",), True)
    ]
    assert take_inventory(facts).foreign_keys == 1


# --- the planted shop --------------------------------------------------------------------------------------------


def test_what_is_planted_is_found_and_nothing_else(mongodb: Server, base: Base) -> None:
    fill(base)
    facts = Facts(collect(mongodb))
    sampling = {name: check for name, check in load_checks().items() if _looks_at_samples(check, facts)}
    runs = {name: run_check(check, facts) for name, check in sampling.items()}
    judged = {name for name, run in runs.items() if run.result.outcome in (Outcome.PASSED, Outcome.FAILED)}
    found = {(name, finding.subject.name) for name, run in runs.items() for finding in run.findings}
    wanted = [one for one in FLAWS if one.flaw in judged and one.kind in ("field", "collection")]
    assert len(wanted) > 12
    assert [one for one in wanted if (one.flaw, one.name.replace("shop.", f"{NAME}.", 1)) not in found] == []
    assert [one for one in SOUND if (one.flaw, one.name.replace("shop.", f"{NAME}.", 1)) in found] == []


@pytest.mark.parametrize(
    ("part", "of", "low", "high"),
    [(20, 100, 0.1334, 0.2888), (0, 100, 0.0, 0.037), (100, 100, 0.963, 1.0), (0, 0, 0, 1)],
)
def test_the_interval_of_a_share(part: int, of: int, low: float, high: float) -> None:
    assert wilson(part, of) == pytest.approx((low, high), abs=1e-4)


def _looks_at_samples(loaded: LoadedCheck, facts: Facts) -> bool:
    return not {"fields", "references"}.isdisjoint(loaded.check.needed(facts.probes))


# --- forms -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("a5f0c1d2-0000-4000-8000-000000000000", "uuid"), ("650000000000000000000001", "object-id"),
        ("4111111111111111", "card"), ("4111 1111 1111 1111", "card"), ("4111111111111112", "integer"),
        ("12.50", "decimal"), ("2026-01-31", "date"), ("2026-01-31T10:00:00Z", "timestamp"),
        ("078-05-1120", "social-security"), ("000-05-1120", "other"), ("10.0.0.1", "inet"),
        ("+49 170 1234567", "phone"), ("DE89370400440532013000", "iban"),
        ("DE89370400440532013001", "other"), ("yes", "boolean"), ("https://example.org/a", "url"),
        ("a@example.org", "email"), ("$2b$12$abcdefghijklmnopqrstuv", "hash"), ("a,b,c", "delimited"), ("", "other"),
        ("eyJhbGciOi.eyJzdWIi.abc", "jwt"), ("QUJD" * 200, "base64"), ("a b " * 200, "other"), ("01234", "other"),
    ],
)  # fmt: skip
def test_forms_of_texts(text: str, form: str) -> None:
    assert form_of_text(text.encode()) == form


@pytest.mark.parametrize(
    ("value", "form"),
    [(0, "zero-one"), (1.0, "zero-one"), (7, "whole"), (7.5, "other"), (1_700_000_000, "epoch-seconds"),
     (1_700_000_000_000, "epoch-milliseconds"), (float("nan"), "other"), (float("inf"), "other")],
)  # fmt: skip
def test_forms_of_numbers(value: float, form: str) -> None:
    assert form_of_number(value) == form


@pytest.mark.parametrize("name", ["2024", "2024-01-31", "650000000000000000000001", "a@b.org", "10.0.0.1", "x" * 70])
def test_names_that_are_data(name: str) -> None:
    assert is_data(name)


@pytest.mark.parametrize("name", ["en", "2fa", "line1", "sha256", "createdAt", "a_b", "", "$id"])
def test_names_that_are_names(name: str) -> None:
    assert not is_data(name)

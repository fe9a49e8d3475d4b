"""Shapes of MongoDB's operations: no value is left, what is asked is understood, hostile documents do no harm."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from bson import ObjectId
from bson.regex import Regex
from hypothesis import given
from hypothesis import strategies as st

from auditor.model.catalog import Column, Table
from auditor.model.documents import ArrayShape, FieldShape
from auditor.model.statement_uses import StatementUse
from auditor.model.workload import Statement
from auditor_checks.indexing._searches import descending_of, esr
from auditor_connectors.mongodb.assemble.totals import Totals
from auditor_connectors.mongodb.shapes.masking import Mask
from auditor_connectors.mongodb.shapes.operations import explained, shape_of

SECRET = "s3cr3t-4242424242424242"
SECRETS: list[Any] = [
    {"find": "orders", "filter": {"a": SECRET, "b": {"$gt": SECRET}, "c": {"$in": [SECRET, 1]}}},
    {"find": "orders", "filter": {"$or": [{"a": SECRET}, {"b": {"$not": {"$eq": SECRET}}}]}, "comment": SECRET},
    {"find": "orders", "filter": {"a": Regex(f"^{SECRET}", "i"), "b": {"$regex": SECRET, "$options": SECRET}}},
    {"find": "orders", "filter": {"a": {"$elemMatch": {"b": SECRET}}, "d": {"e": SECRET}, "$where": SECRET}},
    {"find": "orders", "filter": {"$expr": {"$eq": ["$a", SECRET]}, "$text": {"$search": SECRET}}},
    {"find": "orders", "filter": {"$jsonSchema": {"title": SECRET}, "a": {"$unheard": {"of": SECRET}}}},
    {"find": "orders", "filter": {"a": "$" + SECRET}, "projection": {"x": SECRET}, "let": {"v": SECRET}},
    {"find": "orders", "filter": {f"map.{SECRET}.x": 1}, "sort": {f"map.{SECRET}": 1}},
    {"find": "orders", "filter": {}, "hint": {"a": SECRET}, "collation": {"locale": "en", "x": SECRET}},
    {"aggregate": "orders", "pipeline": [{"$match": {"a": SECRET}}]},
    {"aggregate": "orders", "pipeline": [{"$set": {"b": {"$literal": SECRET}, "c": SECRET}}]},
    {"aggregate": "orders", "pipeline": [{"$group": {"_id": {"$concat": ["$a", SECRET]}}}, {"$unheard": SECRET}]},
    {"aggregate": "orders", "pipeline": [
        {"$lookup": {"from": "items", "as": "i", "let": {"v": SECRET}, "pipeline": [{"$match": {"k": SECRET}}]}}]},
    {"aggregate": "orders", "pipeline": [{"$facet": {"f": [{"$match": {"k": SECRET}}]}}]},
    {"aggregate": "orders", "pipeline": [{"$documents": [{"a": SECRET}]}, {"$geoNear": {"near": SECRET}}]},
    {"aggregate": "orders", "pipeline": [{"$set": {"f": {"$function": {"body": SECRET}}}}]},
    {"count": "orders", "query": {"a": SECRET}},
    {"distinct": "orders", "key": "a", "query": {"b": SECRET}},
    {"findAndModify": "orders", "query": {"a": SECRET}, "update": {"$push": {"b": {"$each": [SECRET]}}}},
    {"findAndModify": "orders", "query": {"a": SECRET}, "update": {"whole": SECRET}},
    {"mapReduce": "orders", "map": SECRET, "reduce": SECRET, "query": {"a": SECRET}},
    {"insert": "orders", "documents": [{"a": SECRET}]},
]  # fmt: skip
CHANGES: list[Any] = [
    {"q": {"a": SECRET}, "u": {"$set": {"b": SECRET, f"m.{SECRET}": 1}}, "multi": True},
    {"q": {"a": SECRET}, "u": [{"$set": {"b": SECRET}}]},
    {"q": {"a": SECRET}, "u": {"b": SECRET}},
]


@pytest.mark.parametrize("command", SECRETS)
def test_no_value_is_left(command: dict[str, Any]) -> None:
    shape = shape_of("shop", command)
    assert shape is not None
    assert "4242" not in msgspec.json.encode(shape).decode()


@pytest.mark.parametrize("command", CHANGES)
def test_no_value_of_a_change_is_left(command: dict[str, Any]) -> None:
    for op in ("update", "remove"):
        shape = shape_of("shop", command, op=op, target="orders")
        assert shape is not None
        assert "4242" not in msgspec.json.encode(shape).decode()


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ({"find": "orders", "filter": {"status": "new", "created": {"$gte": 1}}, "sort": {"created": -1}, "limit": 5},
         "db.orders.find({status: ?, created: {$gte: ?}}).sort({created: -1}).limit(?)"),
        ({"find": "odd name", "filter": {"a.b": None}, "skip": 10},
         'db.getCollection("odd name").find({"a.b": null}).skip(?)'),
        ({"find": "t", "filter": {"a": {"$regex": "^ab"}, "b": Regex("x"), "c": {"$exists": False}}},
         "db.t.find({a: {$regex: /^?/}, b: /?/, c: {$exists: false}})"),
        ({"aggregate": "t", "pipeline": [{"$match": {"a": 1}}, {"$group": {"_id": "$b", "n": {"$sum": 1}}}]},
         'db.t.aggregate([{$match: {a: ?}}, {$group: {_id: "$b", n: {$sum: ?}}}])'),
        ({"count": "t", "query": {"a": 1}}, "db.t.count({a: ?})"),
        ({"distinct": "t", "key": "a", "query": {}}, 'db.t.distinct("a", {})'),
        ({"find": "t", "filter": {"$or": [{"a": 1}, {"a": 2}, {"b": 1}]}, "hint": "a_1"},
         'db.t.find({$or: [{a: ?}, {b: ?}]}).hint("a_1")'),
    ],
)  # fmt: skip
def test_shapes_read_as_the_shell_writes_them(command: dict[str, Any], text: str) -> None:
    shape = shape_of("shop", command)
    assert shape is not None
    assert shape.text == text


def test_names_that_are_data_are_left_out_and_nothing_is_said_of_them() -> None:
    data = ("m.ann@example.org.n", "m.0123456789abcdef0123.n", "day.20260101", "x" * 80)
    for name in data:
        shape = shape_of("shop", {"find": "t", "filter": {name: 1, "plain": 2}, "sort": {name: 1}})
        assert shape is not None
        assert "?" in shape.text.partition("plain")[0].replace(": ?", "")
        (use,) = shape.parsed.uses
        assert (use.equal, use.order) == (("plain",), ())
    for name in ("a b", 'quo"te', "emo\U0001f600ji", "new\nline", "ünicode", "a1", "line2.x_9"):
        shape = shape_of("shop", {"find": "t", "filter": {name: 1}})
        assert shape is not None
        assert shape.parsed.uses[0].equal == (name,)


@pytest.mark.parametrize(
    "command",
    [
        {"find": "days", "filter": {"views.ann": 1, "kind": 2}, "sort": {"views.ann": -1}, "hint": {"views.ann": 1}},
        {"aggregate": "days", "pipeline": [{"$match": {"views.ann.x": 1}}, {"$group": {"_id": "$views.ann smith"}}]},
        {"findAndModify": "days", "query": {"kind": 1}, "update": {"$inc": {"views.ann": 1}}},
    ],
)
def test_names_that_the_sample_knows_for_data_are_hidden(command: dict[str, Any]) -> None:
    totals, other = Totals(), {**command, "comment": "another of the same kind"}
    for each, name in ((command, "ann"), (other, "bob")):
        text = json.dumps(each).replace("ann", name)
        plan = f"IXSCAN {{ views.{name}: 1, kind: 1 }}"
        totals.add({"ns": "shop.days", "op": "command", "command": json.loads(text), "planSummary": plan, "millis": 2})
    assert len(totals.statements()) == 2
    (statement,) = totals.of({"shop"}, [Mask("days", ["views.*"]), Mask("other", ["views.*"])]).statements()
    assert "ann" not in msgspec.json.encode(statement).decode()
    assert (statement.calls, statement.total_ms, statement.plan) == (2, 4.0, "IXSCAN { views.?: 1, kind: 1 }")
    assert "views.?" in statement.text
    (whole,) = totals.of(None, [Mask("days", ["*"])]).statements()
    assert "ann" not in msgspec.json.encode(whole).decode()
    assert totals.of({"elsewhere"}).statements() == ()


def test_a_plan_is_kept_as_it_is_but_for_names_that_are_data() -> None:
    plan = 'IXSCAN { a.b: 1, c: -1 }, IXSCAN { d: "hashed" }'
    assert explained(plan) == plan
    assert explained("IXSCAN { map.ann@example.org: 1 }") == "IXSCAN { map.?.org: 1 }"


def test_conditions_are_told_apart() -> None:
    filter_ = {
        "a": 1, "b": {"$gte": 1, "$lt": 9}, "c": {"$in": [1]}, "d": None, "e": {"$ne": 1},
        "f": {"$regex": "x", "$options": "i"}, "g": {"$elemMatch": {"h": 1, "i": {"$gt": 2}}},
        "$and": [{"j": 1}, {"$or": [{"k": 1}]}], "$expr": {"$gt": [{"$abs": "$l"}, 3]},
    }  # fmt: skip
    shape = shape_of("shop", {"find": "t", "filter": filter_, "sort": {"a": 1, "z": -1}, "limit": 3})
    assert shape is not None
    (use,) = shape.parsed.uses
    assert use.equal == ("a", "c", "d", "g.h", "j", "k")
    assert use.ranges == ("b", "g.i")
    assert use.below == ("b",)
    assert use.nulls == ("d",)
    assert use.searched == (("e", "not"), ("f", "regex-insensitive"))
    assert use.computed == ("l",)
    assert (use.order, use.descending, use.limited, use.alternatives) == (("a", "z"), ("z",), True, False)


def test_the_best_index_has_equality_then_order_then_range() -> None:
    command = {
        "find": "t", "filter": {"total": {"$gt": 5}, "kind": 1, "shop": {"$in": [1, 2]}}, "sort": {"at": -1, "kind": 1},
    }  # fmt: skip
    shape = shape_of("shop", command)
    assert shape is not None
    statement = Statement(id="1", text=shape.text, parsed=shape.parsed)
    plain = Table(schema="shop", name="t", kind="collection")
    wanted = esr(StatementUse(statement, shape.parsed, shape.parsed.uses[0]), plain)
    assert wanted == ("kind", "shop", "at", "total")
    assert descending_of(wanted, statement, plain) == ("at",)
    assert descending_of(wanted, statement, Table(schema="shop", name="other", kind="collection")) == ()


def test_an_index_is_over_one_array_only() -> None:
    shape = shape_of("shop", {"find": "t", "filter": {"tags": 1, "lines.sku": 2, "lines.size": 3, "kind": 4}})
    assert shape is not None
    array = FieldShape(documents=1, of=1, array=ArrayShape(mean=3.0))
    inside = FieldShape(documents=1, of=1, in_array=True)
    columns = tuple(
        Column(name=name, position=number, type="x", family="other", shape=known)
        for number, (name, known) in enumerate({"tags": array, "lines.sku": inside, "lines.size": inside}.items(), 1)
    )
    statement = Statement(id="1", text=shape.text, parsed=shape.parsed)
    entry = StatementUse(statement, shape.parsed, shape.parsed.uses[0])
    assert esr(entry, Table(schema="shop", name="t", kind="collection", columns=columns)) == ("tags", "kind")
    assert esr(entry, Table(schema="shop", name="t", kind="collection", columns=columns[1:])) == (
        "tags", "lines.sku", "lines.size",
    )  # fmt: skip


def test_a_pipeline_asks_of_every_collection_that_it_reads() -> None:
    pipeline = [
        {"$match": {"a": 1}}, {"$sort": {"b": -1}}, {"$limit": 3},
        {"$lookup": {"from": "items", "localField": "x", "foreignField": "order", "as": "i"}},
        {"$group": {"_id": "$c"}}, {"$match": {"late": 1}},
        {"$unionWith": {"coll": "old", "pipeline": [{"$match": {"o": 1}}]}},
    ]  # fmt: skip
    shape = shape_of("shop", {"aggregate": "orders", "pipeline": pipeline})
    assert shape is not None
    orders, items, old = shape.parsed.uses
    assert (orders.name, orders.equal, orders.order, orders.descending) == ("orders", ("a",), ("b",), ("b",))
    assert (items.name, items.joined) == ("items", ("order",))
    assert (old.name, old.equal) == ("old", ("o",))
    assert shape.parsed.summarizes


def test_commands_of_administration_are_no_statements() -> None:
    for command in (
        {"createIndexes": "t"},
        {"listIndexes": "t"},
        {"$truncated": "{ find: ..."},
        {"aggregate": 1, "pipeline": []},
    ):
        assert shape_of("shop", command) is None


operators = st.sampled_from(["$and", "$or", "$elemMatch", "$expr", "$in"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.builds(ObjectId),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | operators, inner),
    max_leaves=12,
)  # fmt: skip


@given(values, st.sampled_from(["find", "aggregate", "count", "distinct", "findAndModify", "mapReduce", "insert"]))
def test_whatever_is_sent_has_a_shape_or_none(value: Any, name: str) -> None:
    for target in ("orders", value):
        shape = shape_of("shop", {name: target, "filter": value, "query": value, "pipeline": [{"$match": value}, value],
                                  "sort": value, "update": value, "key": value, "hint": value})  # fmt: skip
        if shape is not None:
            json.loads(msgspec.json.encode(shape))


def test_later_batches_are_counted_with_what_began_them() -> None:
    totals = Totals()
    begun = {"find": "t", "filter": {"a": 1}}
    totals.add({"ns": "shop.t", "op": "query", "command": begun, "millis": 4, "nreturned": 101, "docsExamined": 101,
                "planSummary": "COLLSCAN"})  # fmt: skip
    totals.add({"ns": "shop.t", "op": "getmore", "command": {"getMore": 1}, "originatingCommand": begun, "millis": 3,
                "nreturned": 50, "docsExamined": 60, "planSummary": "COLLSCAN"})  # fmt: skip
    totals.add({"ns": "shop.t", "op": "query", "command": begun, "appName": "auditor", "millis": 9})
    (statement,) = totals.statements()
    assert (statement.calls, statement.total_ms, statement.rows, statement.rows_examined) == (1, 7.0, 151, 161)
    assert (statement.unindexed, statement.plan) == (1, "COLLSCAN")

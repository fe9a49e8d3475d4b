"""Values and names written as JavaScript arrive in MongoDB as they were: types, order of fields, whatever they hold."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from bson import Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp
from bson.codec_options import CodecOptions, DatetimeConversion
from bson.raw_bson import RawBSONDocument
from bson.son import SON

from auditor_connectors.mongodb.javascript import Code, collection, create_index, literal, text
from tests.mongodb_running import Shell
from tests.servers import Pool

SHOP = "javascript_shop"
HOSTILE = 'a "b"\\\n`${x}`\u2028é💥\u202e</script>//'
VALUES: dict[str, Any] = {
    "text": HOSTILE, "true": True, "false": False, "none": None, "int": -7, "long": 1 << 40, "own long": Int64(3),
    "double": 1.5, "whole double": 2.0, "infinite": float("inf"), "decimal": Decimal128("1.10"),
    "moment": dt.datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=dt.UTC), "key": ObjectId(), "list": [1, [2, {}]],
    "bytes": b"\x00\xff", "pattern": Regex("a/b\\d", "i"), "least": MinKey(), "most": MaxKey(),
    "stamp": Timestamp(5, 6), "__proto__": {"__proto__": 1}, "inner": {"b": 1, "10": 2, "a": {"2": 1, "1": 2}},
    "a.b": 1, HOSTILE: HOSTILE,
}  # fmt: skip


def test_every_type_and_name_arrives_as_it_was(pool: Pool) -> None:
    server = pool.mongodb()
    try:
        with Shell(pool, server) as shell:
            shell.run(f"{collection((SHOP, HOSTILE.replace('$', '')))}.insertOne({literal({'_id': 1, 'v': VALUES})})")
        options: CodecOptions[Any] = CodecOptions(SON, tz_aware=True, datetime_conversion=DatetimeConversion.DATETIME)
        found = server.client[SHOP].get_collection(HOSTILE.replace("$", ""), options).find_one()
        assert found is not None
        assert [*found["v"]] == [*VALUES]
        for name, value in VALUES.items():
            assert found["v"][name] == value, name
            assert isinstance(found["v"][name], type(value)) or isinstance(value, dict), name
        assert [*found["v"]["inner"]] == ["b", "10", "a"]
        assert [*found["v"]["inner"]["a"]] == ["2", "1"]
    finally:
        server.client.drop_database(SHOP)


def test_an_index_keeps_the_order_of_fields_that_are_numbers(pool: Pool) -> None:
    server = pool.mongodb()
    try:
        with Shell(pool, server) as shell:
            shell.run(
                create_index((SHOP, "t"), {"b": 1, "1": -1}, {"name": "odd", "unique": True}, "majority"),
                create_index((SHOP, "t"), {"a": 1}, {"name": "plain"}, "majority"),
            )
        raw = server.client[SHOP].command("listIndexes", "t", codec_options=CodecOptions(RawBSONDocument))
        keys = {one["name"]: [*one["key"].items()] for one in raw["cursor"]["firstBatch"]}
        assert keys == {"_id_": [("_id", 1)], "odd": [("b", 1), ("1", -1)], "plain": [("a", 1)]}
    finally:
        server.client.drop_database(SHOP)


def test_what_hides_is_escaped_and_what_is_no_value_is_refused() -> None:
    assert text("a\u202eb\nc") == '"a\\u202eb\\nc"'
    assert text("é") == '"é"'
    assert literal({"_id": {"$in": Code("ids")}}) == "{_id: {$in: ids}}"
    with pytest.raises(TypeError, match="no document holds a object"):
        literal(object())

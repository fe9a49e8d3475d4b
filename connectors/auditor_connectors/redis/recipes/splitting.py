"""The recipe for a collection that grew too big: its elements are spread over several keys by a hash of their names.

The part of an element is the first eight hexadecimal digits of the SHA-1 of its name, as a number, modulo the number of
parts: every language can compute that. Where a part has an element already, it was written later than the whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from auditor.connector import Draft
from auditor.model.facts import Facts
from auditor.model.operation import SplitKey
from auditor.model.vocabulary import Phase
from auditor_connectors.drafting import application
from auditor_connectors.redis.recipes import estimates
from auditor_connectors.redis.recipes.batches import FEW, NOTES, SHARE, Keys, in_batches, keys_of, none_counted
from auditor_connectors.redis.recipes.deployment import is_cluster
from auditor_connectors.redis.recipes.moving import moved
from auditor_connectors.redis.recipes.shell import hash_tag, literals, separator
from auditor_connectors.redis.recipes.steps import draft


class _Type(NamedTuple):
    """How a type of collection is walked, copied and compared, in Lua over ``element`` and ``value``."""

    scan: str
    width: int
    put: str
    same: str


_TYPES = {
    "hash": _Type(
        "HSCAN", 2, "redis.call('HSETNX', part, element, value)", "redis.call('HGET', part, element) == value"
    ),
    "set": _Type("SSCAN", 1, "redis.call('SADD', part, element)", "redis.call('SISMEMBER', part, element) == 1"),
    "zset": _Type(
        "ZSCAN", 2, "redis.call('ZADD', part, 'NX', value, element)",
        "tonumber(redis.call('ZSCORE', part, element) or 'nan') == tonumber(value)"
    ),
}  # fmt: skip


def split_key(operation: SplitKey, facts: Facts) -> Iterator[Draft]:
    """Write the whole and the parts, copy, compare, read the parts, remove the whole."""
    keys = keys_of(facts, operation.pattern, operation.database)
    sign = separator(operation.pattern)
    type_ = _TYPES.get(operation.type)
    obstacle = _obstacle(operation, facts, sign)
    new = f"{operation.pattern}{sign or ':'}<part>"
    yield application(
        Phase.EXPAND,
        f"Write {keys.path} and its {operation.parts} parts, read {keys.path}",
        f"Deploy code that makes each change of an element twice, in one MULTI where the server allows it: in the "
        f"whole, and in {new}. The part is int(sha1(element)[:8], 16) % {operation.parts}. Remove an element from "
        "the whole first. An expiry is set on all parts.",
        *(() if obstacle is None else (obstacle, "Copy what is there by a program of your own, and compare.")),
        kind="tolerate",
        objects=(keys.path,),
    )
    if obstacle is None and type_ is not None and sign is not None:
        yield _copied(operation, facts, keys, type_, sign)
    yield from moved(facts, (keys,), f"the whole {keys.path}", f"the parts of {keys.path}")


def _obstacle(operation: SplitKey, facts: Facts, sign: str | None) -> str | None:
    """Why the server cannot copy the elements itself, None where it can."""
    if operation.type not in _TYPES:
        return f"The elements of a {operation.type} have an order that the parts would not keep."
    if sign is None or literals(operation.pattern) == ["", ""]:
        return "Nothing divides the names, so the parts could not be told from the keys."
    if is_cluster(facts) and hash_tag(operation.pattern) is None:
        return "In a cluster the parts are on other servers: no command copies elements there."
    return None


_PART = """
local digits = string.sub(redis.sha1hex(element), 1, 8)
local part = key .. ARGV[6] .. string.format('%d', tonumber(digits, 16) % tonumber(ARGV[7]))
"""


def _copied(operation: SplitKey, facts: Facts, keys: Keys, type_: _Type, sign: str) -> Draft:
    value = "found[2][n + 1]" if type_.width > 1 else "''"

    def walked(work: str, name: str = "") -> str:
        """Do something with each element, its value and the part that it belongs to."""
        lua = f"""
        local found = redis.call('{type_.scan}', key, at, 'COUNT', {SHARE})
        rest = found[1]
        local left = redis.call('PTTL', key)
        for n = 1, #found[2], {type_.width} do
        local element, value = found[2][n], {value}
        {_PART}
        {work}
        spent = spent + 1
        end
        """
        given = (sign, str(operation.parts))
        return in_batches(facts, keys, lua, *given, kind=operation.type, share=SHARE, name=name)

    put = f"changed = changed + {type_.put} if left > 0 then redis.call('PEXPIRE', part, left) end"
    back = f"for n = 0, {operation.parts - 1} do changed = changed + redis.call('UNLINK', key .. ARGV[6] .. n) end"
    return draft(
        Phase.BACKFILL,
        f"Copy the elements of {keys.path} to {operation.parts} parts each",
        walked(put, "split-key"),
        verify=none_counted(walked(f"if not ({type_.same}) then changed = changed + 1 end")),
        rollback=(in_batches(facts, keys, back, sign, name="split-key-back", page=FEW),),
        takes=estimates.elements(facts, operation.pattern, operation.database),
        notes=(
            *NOTES,
            (
                "Every element of the whole is compared with its part. Where both differ, as a change came between "
                "the two writes, the verification fails: run it again; what differs in value, write by hand."
            ),
            (
                "The parts get the expiry of the whole, fields of a hash with an expiry of their own lose it: have the "
                "application set it on both."
            ),
            "Way back: it removes the parts; take the code back first, that writes them.",
        ),
    )

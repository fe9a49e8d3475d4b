"""The recipes that give keys another name, or another server: both are written, the rest is copied, reads move over.

Until the reads have moved, the old key counts: what is copied never replaces what is there already, because whoever
writes to both has written it later.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.connector import Draft
from auditor.model.facts import Facts
from auditor.model.keyspace import placed
from auditor.model.operation import MoveKeys, RenameKeys
from auditor.model.vocabulary import Phase
from auditor.text import size
from auditor_connectors.drafting import application
from auditor_connectors.redis.recipes import estimates
from auditor_connectors.redis.recipes.batches import (
    CALL_BYTES,
    FEW,
    NOTES,
    TOO_BIG,
    UNLINK,
    Keys,
    in_batches,
    keys_of,
    none_counted,
)
from auditor_connectors.redis.recipes.deployment import is_cluster
from auditor_connectors.redis.recipes.packing import packed, unlinked_there
from auditor_connectors.redis.recipes.shell import hash_tag, literals, parts_of
from auditor_connectors.redis.recipes.steps import OBSERVATION_DAYS, TARGET_CLIENT, draft

COPIES = 60200
"""The first version that copies a key by one command."""

SHORT = 4096
"""Bytes of a string that is compared with its copy, byte by byte."""

LENGTHS = "{string='STRLEN', hash='HLEN', set='SCARD', zset='ZCARD', list='LLEN', stream='XLEN'}"
"""Lua: the command that tells the length of each type."""

_TOLD = (
    f"A key of more than {size(CALL_BYTES)} is left alone, because its copy would occupy the server: the verification "
    "then fails. Split it first, or copy it by a program of your own, element by element."
)


def rename_keys(operation: RenameKeys, facts: Facts) -> Iterator[Draft]:
    """Write both names, copy, compare, read the new one, remove the old one."""
    keys = keys_of(facts, operation.pattern, operation.database)
    to = placed(operation.to, operation.database)
    obstacle = _obstacle(operation, facts)
    yield application(
        Phase.EXPAND,
        f"Write {keys.path} and {to}, read {keys.path}",
        f"Deploy code that makes each change to both keys, in one MULTI where the server allows it: {operation.to} for "
        f"{operation.pattern}, with the same parts in the same order. Their expiry, too, is set on both.",
        *(() if obstacle is None else (obstacle, "Copy what is there by a program of your own, and compare.")),
        kind="tolerate",
        objects=(keys.path, to),
    )
    if obstacle is None:
        yield _copied(operation, facts, keys, to)
    yield from moved(facts, (keys,), keys.path, to)


def _obstacle(operation: RenameKeys, facts: Facts) -> str | None:
    """Why the server cannot copy the keys itself, None where it can."""
    if parts_of(operation.pattern) != parts_of(operation.to):
        return "The names have not the same number of parts: only the application knows which becomes which."
    if is_cluster(facts) and (hash_tag(operation.pattern) is None or _tag(operation.pattern) != _tag(operation.to)):
        return "In a cluster the new name is on another server: no command copies it there."
    return None


def _tag(pattern: str) -> tuple[str | None, int]:
    """The hash tag of a pattern, and which of its parts it begins with."""
    tag = hash_tag(pattern)
    return tag, parts_of(pattern.partition("{" + (tag or "").replace("\0", "{id}"))[0])


def _renamed(operation: RenameKeys) -> str:
    """Lua: the new name of ``key``, by the parts of the old one."""
    pieces = literals(operation.to)
    written = " .. ".join(
        f"'{_lua(piece)}'" + (f" .. part[{number}]" if number < len(pieces) else "")
        for number, piece in enumerate(pieces, start=1)
    )
    return f"local part = {{string.match(key, ARGV[5])}} local new = {written}"


def _lua(text: str) -> str:
    """A text between single quotes in Lua."""
    return "".join(
        one if one.isascii() and one.isprintable() and one not in "'\\" else "".join(f"\\{b:03d}" for b in one.encode())
        for one in text
    )


def _copied(operation: RenameKeys, facts: Facts, keys: Keys, to: str) -> Draft:
    new = _renamed(operation)
    copy = (
        "changed = changed + redis.call('COPY', key, new)"
        if facts.version >= COPIES
        else "if redis.call('EXISTS', new) == 0 then local left = redis.call('PTTL', key) "
        "redis.call('RESTORE', new, left > 0 and left or 0, redis.call('DUMP', key)) changed = changed + 1 end"
    )
    lengths = f"local lengths = {LENGTHS}"
    differs = f"""
    {new}
    local kind = redis.call('TYPE', key).ok
    local same = redis.call('TYPE', new).ok == kind
    local length = lengths[kind]
    if same and length then same = redis.call(length, key) == redis.call(length, new) end
    if same and kind == 'string' and redis.call('STRLEN', key) <= {SHORT} then
    same = redis.call('GET', key) == redis.call('GET', new)
    end
    if same and redis.call('PTTL', key) == -1 then same = redis.call('PTTL', new) == -1 end
    if not same then changed = changed + 1 end
    """
    unlink = f"{new} changed = changed + redis.call('UNLINK', new)"
    return draft(
        Phase.BACKFILL,
        f"Copy {keys.path} to {to}",
        in_batches(
            facts, keys, f"{TOO_BIG}\n{new}\nif not big then {copy} spent = spent + (held or 0) end",
            share=CALL_BYTES, name="rename-keys",
        ),
        verify=none_counted(in_batches(facts, keys, differs, before=lengths, page=FEW)),
        rollback=(in_batches(facts, keys, unlink, name="rename-keys-back"),),
        takes=estimates.copies(facts, operation.pattern, operation.database),
        notes=(
            *NOTES,
            _TOLD,
            ("A copy has the expiry of its key. Types, lengths and short strings are compared; where they "
            "differ, because a change came between the two writes, the verification fails: run it again."),
            "Way back: it removes the new names; take the code back first, that writes them.",
        ),
    )  # fmt: skip


def moved(facts: Facts, keys: tuple[Keys, ...], old: str, new: str) -> Iterator[Draft]:
    """Draft how the reads move from the old place to the new one, and how the old keys are removed."""
    paths = tuple(one.path for one in keys)
    yield application(
        Phase.SWITCH,
        f"Read {new}, write both",
        "Deploy code that reads the new place. Both are written for as long as a way back is wanted.",
        kind="move-reads",
        objects=paths,
    )
    yield application(
        Phase.SWITCH,
        f"Write {new} only",
        f"Deploy code that uses {old} no more, and wait until no older code runs.",
        kind="stop-using",
        objects=paths,
    )
    for one in keys:
        yield draft(
            Phase.CONTRACT,
            f"Remove the keys of {one.path}",
            in_batches(facts, one, UNLINK, name="remove-keys"),
            verify=none_counted(in_batches(facts, one, "changed = changed + 1")),
            reversible=False,
            point_of_no_return=True,
            observe_days=OBSERVATION_DAYS,
            takes=estimates.walk(facts, one.database),
            notes=(
                *NOTES,
                "Their memory is given back in the background (UNLINK).",
                "They are in backups only afterwards: have it approved, and take one.",
            ),
        )


def move_keys(operation: MoveKeys, facts: Facts) -> Iterator[Draft]:
    """Write to both servers, copy, compare, read the new one, remove the old keys."""
    keys = tuple(keys_of(facts, pattern, operation.database) for pattern in operation.patterns)
    paths = tuple(one.path for one in keys)
    there = f"the server for {operation.purpose}"
    yield draft(
        Phase.PREPARE,
        f"Start a server for {operation.purpose}",
        notes=(
            "Of the same product, and of the same version or a later one: it has to read what DUMP writes here.",
            "With a limit of memory, an eviction policy and a persistence that suit these keys, accounts and TLS.",
            TARGET_CLIENT,
        ),
    )
    yield application(
        Phase.EXPAND,
        f"Write {', '.join(paths)} here and on {there}, read here",
        "Deploy code that makes each change on both servers, with the same expiry. Reads stay here.",
        "No command, script or transaction may use these keys together with others from now on.",
        kind="tolerate",
        objects=paths,
    )
    for one in keys:
        yield draft(
            Phase.BACKFILL,
            f"Copy {one.path} to {there}",
            packed(facts, one, copies=True, name=f"move-keys-{operation.purpose}"),
            verify=none_counted(packed(facts, one, copies=False)),
            rollback=(unlinked_there(facts, one),),
            takes=estimates.copies(facts, one.name, one.database),
            notes=(
                *NOTES,
                TARGET_CLIENT,
                _TOLD,
                (
                    "Keys are copied with their expiry by DUMP and RESTORE, through the machine that runs this; "
                    "what is there already is never replaced. A key that is missing there fails the verification."
                ),
                "Way back: it removes them from the new server; take the code back first, that writes there.",
            ),
        )
    yield from moved(facts, keys, "the keys here", f"on {there}")

"""What a move between two servers is: its tables, names and limits, and the statements that its steps share."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from auditor.connector import Draft
from auditor.model.catalog import Constraint, Table
from auditor.model.catalog import Sequence as SequenceObject
from auditor.model.facts import Facts
from auditor_connectors.postgresql.recipes.sql import dollar, literal, short_hash

TARGET = "target"
SOURCE_SERVICE, TARGET_SERVICE = "auditor_source", "auditor_target"
"""Names in a connection service file (manual, "The Connection Service File"): no address or password is written."""

VERSION_16, VERSION_17 = 160000, 170000

SLOTS = 4
"""Slots and senders of a subscription: its own, one for each of two copies at a time, and one in reserve."""

KEEP = "max_slot_wal_keep_size"
KEPT_LOG = "50GB"
"""How much log a slot may keep where nothing bounds it: what the check slot-unbounded advises."""

FREEZE_BYTES = 2**28
"""Tables up to this size are compared whole while writes are stopped; of larger ones what was added last."""

WAIT_SECONDS = 60
"""How long to wait for what was committed on the other server before the step is given up."""

PART, HASH_PARTS = 100_000, 64
"""Keys in a part of the comparison where the key is a whole number; otherwise how many parts a hash makes."""

HASH_SCANS = 2.5
"""What a sum over all rows takes, in scans of the table: 147 MB/s were measured of rows of 150 bytes in memory."""

FIRST, SECOND, FROZEN = "first", "second", "frozen"
"""Marks: the sums before and after the target is asked, and those of the freeze."""


class Move(Struct, frozen=True, kw_only=True):
    """What moves: plain and partitioned tables (not their partitions), and sequences.

    ``name`` is that of the helper schema, the slot, the publication, the subscription and the triggers. ``dump`` are
    the arguments that choose the objects for pg_dump. ``what`` names all of it in titles. ``cut`` are foreign keys that
    end: one of their tables moves, and the other stays.
    """

    name: str
    what: str
    tables: Sequence[Table]
    sequences: Sequence[SequenceObject]
    dump: str
    cut: Sequence[Constraint] = ()

    @property
    def back(self) -> str:
        """The name of the slot, publication and subscription of the way back."""
        return f"{self.name}_back"

    @property
    def paths(self) -> Sequence[str]:
        """The names of the tables as a report shows them."""
        return [table.path for table in self.tables]


def name_of(prefix: str, *parts: str) -> str:
    """Name a move by letters that need no quotes and that a slot may have."""
    text = "_".join(parts)
    return f"{prefix}_{text if re.fullmatch(r'[a-z0-9_]{1,30}', text) else short_hash(*parts)}"


def cut_references(facts: Facts, tables: Sequence[Table]) -> Sequence[Constraint]:
    """The foreign keys between a table that moves and one that stays."""
    moved = {table.key for table in tables}
    return [key for key in facts.foreign_keys if (key.table_key in moved) != (key.referenced_key in moved)]


def elsewhere(draft: Draft) -> Draft:
    """Let a step run on the target."""
    return replace(draft, step=replace(draft.step, server=TARGET))


def drop_slot_if_there(name: str) -> str:
    """Write the statement that drops a slot if there is one, when its reader has gone, which takes a moment."""
    found = f"FROM pg_replication_slots WHERE slot_name = {literal(name)}"
    body = (
        f"\nBEGIN\n  FOR attempt IN 1..100 LOOP\n    EXIT WHEN NOT EXISTS (SELECT {found} AND active);\n"
        f"    PERFORM pg_sleep(0.1);\n  END LOOP;\n  PERFORM pg_drop_replication_slot(slot_name) {found};\nEND\n"
    )
    return f"DO {dollar(body)}"


def origin_none(facts: Facts) -> str:
    """Write the option that keeps what came from one side from going round to it again; earlier versions lack it."""
    return ", origin = none" if facts.version >= VERSION_16 else ""


def drop_subscription(name: str) -> tuple[str, ...]:
    """Write the statements that drop a subscription and leave its slot, which may be out of reach, alone."""
    exists = f"EXISTS (SELECT FROM pg_subscription WHERE subname = {literal(name)})"
    body = (
        f"\nBEGIN\n  IF {exists} THEN\n    ALTER SUBSCRIPTION {name} DISABLE;\n"
        f"    ALTER SUBSCRIPTION {name} SET (slot_name = NONE);\n  END IF;\nEND\n"
    )
    return (f"DO {dollar(body)}", f"DROP SUBSCRIPTION IF EXISTS {name}")


def frozen(move: Move, *, wanted: bool = True) -> str:
    """True when every table (or, if not wanted, none) refuses the writes of clients."""
    return (
        f"SELECT coalesce(bool_and({'' if wanted else 'NOT '}EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = "
        f"t.relation::regclass AND g.tgname = {literal(move.name)} AND g.tgenabled = 'O')), true) FROM "
        f"{move.name}.tables t"
    )

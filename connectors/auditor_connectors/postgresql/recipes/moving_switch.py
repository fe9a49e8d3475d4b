"""Switches what has been followed to the other server, with a way back, and ends the way back after a while.

Taking these steps back from the last to the first is the way back: writes stop at the target, what is under way arrives
at the source, its sequences are set, and it opens again.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from auditor.connector import Draft
from auditor.model.facts import Facts
from auditor.model.plan import CutoverLine
from auditor.model.vocabulary import Phase
from auditor.text import duration
from auditor_connectors.drafting import application
from auditor_connectors.postgresql.recipes import estimates
from auditor_connectors.postgresql.recipes.moves import (
    FREEZE_BYTES,
    FROZEN,
    HASH_SCANS,
    SECOND,
    TARGET_SERVICE,
    VERSION_16,
    WAIT_SECONDS,
    Move,
    drop_slot_if_there,
    drop_subscription,
    elsewhere,
    frozen,
    origin_none,
)
from auditor_connectors.postgresql.recipes.moving_helpers import RETURNED
from auditor_connectors.postgresql.recipes.queries import all_of, constraint_is
from auditor_connectors.postgresql.recipes.restoring import restore_constraint
from auditor_connectors.postgresql.recipes.sql import dollar, ident, literal, qualified
from auditor_connectors.postgresql.recipes.steps import (
    OBSERVATION_DAYS,
    ROW_EXCLUSIVE,
    SHARE_ROW_EXCLUSIVE,
    atomically,
    brief,
    online,
    runbook,
)

VERSION_18 = 180000

HANDLING_SECONDS = 5.0
"""What a freeze takes beside the comparison when a program runs its steps one after the other."""

OPENED, RETURNING = "opened", "returning"
"""Marks of the target: that it takes writes now, and that it takes no more."""


def switch(facts: Facts, move: Move) -> Iterator[Draft]:
    """Draft the switch: writes stop, what is under way arrives, the way back is made, the target opens."""
    yield from _cut(facts, move)
    yield _freeze(facts, move)
    yield _last_sums(facts, move)
    yield _confirmed(move)
    yield _last_comparison(facts, move)
    yield _advance(move)
    yield _turn_round(facts, move)
    yield _subscribe_back(facts, move)
    yield from _open(facts, move)
    yield application(
        Phase.REARCHITECT,
        f"Point the clients of {move.what} to the target",
        "Change the address in the pooler, or in the configuration of every client, and let requests in again. A "
        "client that still writes to the old server is refused; its rows there can be read, and are up to date.",
        kind="move-writes",
        objects=move.paths,
    )
    yield from _end_forward(move)


def end(facts: Facts, move: Move) -> Iterator[Draft]:
    """Draft the end of the way back, after it was kept for a while."""
    last = runbook(
        Phase.REARCHITECT,
        f"End the way back of {move.what}",
        *drop_subscription(move.back),
        precondition=f"SELECT EXISTS (SELECT FROM {move.name}.marks WHERE mark = {literal(OPENED)})",
        verify=_no_subscription(move.back),
        reversible=False,
        point_of_no_return=True,
        notes=(
            "Approved in writing, and after a fresh backup of the target: from here on the old server falls behind.",
            "All of the days before, there was no error in the log of either server, and no client at the old one.",
        ),
        seconds=0.1,
        basis="a change of the catalog",
    )
    yield replace(last, step=replace(last.step, observe_days=OBSERVATION_DAYS))
    yield elsewhere(
        runbook(
            Phase.REARCHITECT,
            f"Remove the slot and the publication of the way back of {move.what} at the target",
            drop_slot_if_there(move.back),
            f"DROP PUBLICATION IF EXISTS {move.back}",
            verify=f"SELECT NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = {literal(move.back)})",
            reversible=False,
            notes=("A slot that nobody reads keeps the log of everything.",),
            seconds=0.1,
            basis="a change of the catalog",
        )
    )
    yield elsewhere(remove_helpers(facts, move, "target"))


def remove_helpers(facts: Facts, move: Move, place: str) -> Draft:
    """Draft the end of the helper schema on one side; each table with its trigger is locked for the instant."""
    return brief(
        facts,
        Phase.REARCHITECT,
        f"Remove what the move of {move.what} left at the {place}",
        f"DROP SCHEMA IF EXISTS {move.name} CASCADE",
        verify=f"SELECT NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = {literal(move.name)})",
        reversible=False,
        notes=("With the schema go the triggers that refused writes.",),
    )


# --- the border --------------------------------------------------------------------------------------------------


def _cut(facts: Facts, move: Move) -> Iterator[Draft]:
    """End the foreign keys across the border: what they refer to is soon on another server."""
    if move.cut:
        yield application(
            Phase.REARCHITECT,
            f"Let nothing join or lock across the border of {move.what}",
            "These references end: " + ", ".join(one.path for one in move.cut) + ". Their columns go on as soft "
            "references: the application asks the other side, or keeps a copy of what it reads, and looks for orphans.",
            kind="stop-using",
            objects=[one.path for one in move.cut],
        )
    for key in move.cut:
        alter = f"ALTER TABLE {qualified(key.table_key)}"
        if facts.version >= VERSION_18:
            # It stays as documentation, and stops checking; a way back checks all rows, without a lock for long.
            enforced = f"{alter} ALTER CONSTRAINT {ident(key.name)}"
            statement = f"{enforced} NOT ENFORCED"
            back: tuple[str, ...] = (f"{enforced} ENFORCED",)
            verify = constraint_is(key.table_key, key.name, "NOT conenforced")
        else:
            statement = f"{alter} DROP CONSTRAINT {ident(key.name)}"
            back = restore_constraint(facts, key.table_key, key.name)
            verify = constraint_is(key.table_key, key.name, "true").replace("EXISTS", "NOT EXISTS", 1)
        yield brief(
            facts,
            Phase.REARCHITECT,
            f"Let {key.path} be a soft reference",
            statement,
            precondition=_compared(move),
            verify=verify,
            rollback=back,
        )


# --- the freeze --------------------------------------------------------------------------------------------------


def _compared(move: Move) -> str:
    return f"SELECT EXISTS (SELECT FROM {move.name}.marks WHERE mark = {literal(SECOND)})"


def freeze_seconds(facts: Facts, move: Move) -> float:
    """Seconds for which writes are refused: the comparison on both servers, and the steps around it."""
    compared = [t for t in move.tables if (estimates.heap_bytes(facts, t) or 0) <= FREEZE_BYTES]
    scans = sum(estimates.work(facts, table, HASH_SCANS).value or 0.0 for table in compared)
    return round(HANDLING_SECONDS + 2 * scans, 1)


def _freeze(facts: Facts, move: Move) -> Draft:
    seconds = freeze_seconds(facts, move)
    draft = brief(
        facts,
        Phase.REARCHITECT,
        f"Stop writes to {move.what} at the source",
        f"SELECT {move.name}.freeze()",
        f"SELECT {move.name}.keep_positions('forth')",
        lock=SHARE_ROW_EXCLUSIVE,
        takes=estimates.Estimate(
            seconds, "the steps to the one that opens the target, and a sum over all rows on both"
        ),
        precondition=_compared(move),
        verify=frozen(move),
        rollback=(f"SELECT {move.name}.thaw()",),
        notes=(
            "A trigger refuses every write, whoever writes; reads go on. Its lock waits for what is being written.",
            "With a pooler: PAUSE it before, so that clients wait instead of being refused.",
        ),
    )
    return replace(draft, step=replace(draft.step, cutover=tuple(_sheet(move, seconds))))


def _sheet(move: Move, seconds: float) -> Iterator[CutoverLine]:
    before = (
        "The move was rehearsed in the last 7 days, with the times taken. From now on nothing changes the schema. A "
        "restore from the backup was tried. Whoever decides and whoever is called knows the time."
    )
    ready = (
        "The comparison found no difference. The target is less than 1 s behind (pg_stat_replication), no transaction "
        "is older than a minute, and pools are no larger than they need to be."
    )
    work = (
        "Take the steps from there to the one that opens the target, at once and in order: what was committed arrives, "
        f"is compared, sequences are set, the way back is made. Budget: {duration(seconds)}."
    )
    opened = (
        "Point the pooler to the target, and resume it. Try one read and one write. See the write arrive at the source."
    )
    give_up = (
        "Take the steps back from the last to the one that stopped writes: the source opens again, and nothing is lost."
    )
    lines = (
        ("T-24 h", before),
        ("T-1 h", ready),
        ("T", "Stop scheduled jobs and loads. Pause the pooler, and take the step that stops writes."),
        ("T + drain", work),
        ("then", opened),
        (f"abort after {duration(2 * seconds)}", give_up),
    )
    return (CutoverLine(when=when, what=what) for when, what in lines)


def _last_sums(facts: Facts, move: Move) -> Draft:
    return online(
        Phase.REARCHITECT,
        f"Take the last sums of {move.what} at the source",
        f"SELECT {move.name}.take_sums({literal(FROZEN)}, true)",
        takes=estimates.Estimate(round(freeze_seconds(facts, move) / 2, 1), "within the time for which writes stop"),
        lock=ROW_EXCLUSIVE,
        precondition=frozen(move),
        verify=f"SELECT EXISTS (SELECT FROM {move.name}.marks WHERE mark = {literal(FROZEN)})",
        rollback=(f"DELETE FROM {move.name}.marks WHERE mark = {literal(FROZEN)}",),
    )


def _last_comparison(facts: Facts, move: Move) -> Draft:
    return elsewhere(online(
        Phase.REARCHITECT,
        f"Compare {move.what} at the target with the last sums",
        f"CALL {move.name}.wait_for({literal(FROZEN)}, {WAIT_SECONDS})",
        f"SELECT {move.name}.find_sums({literal(FROZEN)}, true)",
        takes=estimates.Estimate(round(freeze_seconds(facts, move) / 2, 1), "within the time for which writes stop"),
        lock=ROW_EXCLUSIVE,
        verify=f"SELECT EXISTS (SELECT FROM {move.name}.marks WHERE mark = {literal(FROZEN)}) AND NOT EXISTS (SELECT "
        f"FROM {move.name}.differences({literal(FROZEN)}, {literal(FROZEN)}))",
        rollback=(f"DELETE FROM {move.name}.found WHERE mark = {literal(FROZEN)}",),
    ))  # fmt: skip


def _confirmed(move: Move) -> Draft:
    return online(
        Phase.REARCHITECT,
        f"See that the target has stored everything of {move.what}",
        f"CALL {move.name}.wait_until_confirmed({literal(move.name)}, {literal(FROZEN)}, {WAIT_SECONDS})",
        takes=estimates.Estimate(1.0, "within the time for which writes stop"),
        lock=ROW_EXCLUSIVE,
        verify=f"SELECT EXISTS (SELECT FROM pg_replication_slots s, {move.name}.marks m WHERE s.slot_name = "
        f"{literal(move.name)} AND m.mark = {literal(FROZEN)} AND s.confirmed_flush_lsn >= m.lsn)",
    )


def _advance(move: Move) -> Draft:
    return elsewhere(runbook(
        Phase.REARCHITECT,
        f"Set the sequences of {move.what} at the target beyond what the source has drawn",
        f"SELECT {move.name}.advance('forth')",
        transactional=True,
        verify=f"SELECT NOT EXISTS (SELECT FROM {move.name}.positions p WHERE p.direction = 'forth' AND p.position IS "
        "NOT NULL AND (SELECT CASE WHEN q.seqincrement > 0 THEN pg_sequence_last_value(q.seqrelid) < p.position ELSE "
        "pg_sequence_last_value(q.seqrelid) > p.position END FROM pg_sequence q WHERE q.seqrelid = "
        "p.sequence::regclass))",
        notes=("Sequences do not travel: without this the first inserts would meet keys that are there already.",),
        seconds=0.1,
        basis="one look at the largest value of each numbered column",
    ))  # fmt: skip


def _turn_round(facts: Facts, move: Move) -> Draft:
    relations = ", ".join([*(qualified(t.key) for t in move.tables), *(f"{move.name}.{one}" for one in RETURNED)])
    # Before 16 the source would send back to the target what it got from there.
    unopened = f" AND NOT EXISTS (SELECT FROM {move.name}.marks WHERE mark = {literal(RETURNING)})"
    resume = (
        f"\nBEGIN\n  IF EXISTS (SELECT FROM pg_subscription WHERE subname = {literal(move.name)})"
        f"{'' if facts.version >= VERSION_16 else unopened} THEN\n"
        f"    ALTER SUBSCRIPTION {move.name} ENABLE;\n  END IF;\nEND\n"
    )
    return elsewhere(runbook(
        Phase.REARCHITECT,
        f"Stop following at the target, and keep its log of {move.what} for the way back",
        f"ALTER SUBSCRIPTION {move.name} DISABLE",
        f"CREATE PUBLICATION {move.back} FOR TABLE {relations}",
        f"SELECT pg_create_logical_replication_slot({literal(move.back)}, 'pgoutput')",
        precondition="SELECT current_setting('wal_level') = 'logical'",
        verify=f"SELECT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = {literal(move.back)})",
        rollback=(
            drop_slot_if_there(move.back),
            f"DROP PUBLICATION IF EXISTS {move.back}",
            f"DO {dollar(resume)}",
        ),
        notes=("It begins after everything that came from the source, so that nothing goes round in a circle.",),
        seconds=0.5,
        basis="waits for open transactions, then writes a file",
    ))  # fmt: skip


def _subscribe_back(facts: Facts, move: Move) -> Draft:
    return runbook(
        Phase.REARCHITECT,
        f"Let the source follow the target, for the way back of {move.what}",
        f"CREATE SUBSCRIPTION {move.back} CONNECTION 'service={TARGET_SERVICE}' PUBLICATION {move.back} WITH ("
        f"slot_name = {literal(move.back)}, create_slot = false, copy_data = false{origin_none(facts)})",
        verify=f"SELECT EXISTS (SELECT FROM pg_subscription WHERE subname = {literal(move.back)} AND subenabled)",
        rollback=(f"SELECT {move.name}.advance('back')", *drop_subscription(move.back)),
        notes=("Before the target opens, never after: what is written in between would be lost on the way back.",),
        seconds=0.1,
        basis="a connection",
    )


def _open(facts: Facts, move: Move) -> Iterator[Draft]:
    yield elsewhere(brief(
        facts,
        Phase.REARCHITECT,
        f"Open the target for writes to {move.what}",
        f"SELECT {move.name}.thaw()",
        f"SELECT {move.name}.set_mark({literal(OPENED)})",
        lock=SHARE_ROW_EXCLUSIVE,
        precondition=f"SELECT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = {literal(move.back)})",
        verify=frozen(move, wanted=False),
        rollback=(
            *atomically(
                f"SELECT {move.name}.freeze()",
                f"SELECT {move.name}.keep_positions('back')",
                f"DELETE FROM {move.name}.marks WHERE mark = {literal(OPENED)}",
            ),
            f"SELECT {move.name}.set_mark({literal(RETURNING)})",
            f"CALL {move.name}.wait_until_confirmed({literal(move.back)}, {literal(RETURNING)}, {WAIT_SECONDS})",
        ),
        notes=(
            ("To take it back stops writes at the target and waits until the source has stored all of them: pause the "
            "pooler before. It is pointed to the source when the step that stopped writes there is taken back, too."),
        ),
    ))  # fmt: skip
    yield online(
        Phase.REARCHITECT,
        f"See that what the target writes to {move.what} arrives at the source",
        f"CALL {move.name}.wait_for({literal(OPENED)}, {WAIT_SECONDS})",
        takes=estimates.Estimate(1.0, "one change that travels back"),
        lock=ROW_EXCLUSIVE,
        verify=f"SELECT EXISTS (SELECT FROM {move.name}.marks WHERE mark = {literal(OPENED)})",
    )


def _end_forward(move: Move) -> Iterator[Draft]:
    """Let the old direction go: its slot would keep the log of everything that comes back."""
    yield elsewhere(runbook(
        Phase.REARCHITECT,
        f"Drop the stopped subscription of {move.what}",
        *drop_subscription(move.name),
        verify=_no_subscription(move.name),
        notes=("The way back stays open. To go forth again after it, the target is filled anew.",),
        seconds=0.1,
        basis="a change of the catalog",
    ))  # fmt: skip
    yield runbook(
        Phase.REARCHITECT,
        f"Drop the slot that fed the target of {move.what}",
        drop_slot_if_there(move.name),
        f"DROP PUBLICATION IF EXISTS {move.name}",
        verify=f"SELECT NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = {literal(move.name)})",
        notes=(
            (
                "Watch the way back from now on: pg_stat_subscription here, the slot's wal_status at the target, and "
                "the errors in both logs."
            ),
        ),
        seconds=0.1,
        basis="a change of the catalog",
    )


def handed_over(move: Move) -> str:
    """True at the source when the target has been opened and nothing comes back any more."""
    opened = f"SELECT EXISTS (SELECT FROM {move.name}.marks WHERE mark = {literal(OPENED)})"
    return all_of(opened, _no_subscription(move.back))


def _no_subscription(name: str) -> str:
    return f"SELECT NOT EXISTS (SELECT FROM pg_subscription WHERE subname = {literal(name)})"

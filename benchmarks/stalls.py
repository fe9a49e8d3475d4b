"""How long clients wait, and which errors they meet, while each contender makes the same ten changes.

    make bench-stalls                                        200,000 customers, half as many orders
    python -m benchmarks.stalls 1000000                      another size
    python -m benchmarks.stalls 200000 drop key              the changes with these words in their title

Every contender gets a copy of the same database and the same clients, which read, join, update, insert and delete,
with prepared statements and without, each over a connection of its own. Clients take new connections only when the
contender's way has the application deployed or its connections recycled. All of it is done twice: with the clients
alone, and with a long statement and an idle transaction in the way by turns. One run each.

A cell is the longest wait of any client in milliseconds, how many times ours that is, and how many statements failed,
without prepared statements and with them. Shorter waits than those of the first row are noise of the machine.

It wants pgroll and pg-schema-diff: see ``contenders``.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import psycopg

from auditor_connectors.postgresql.embedded import Server
from auditor_connectors.postgresql.rehearsal.measured import Question
from auditor_connectors.postgresql.rehearsal.sessions import Sessions
from benchmarks import contenders
from benchmarks.changes import CHANGES, ROWS, SCHEMA, Change
from benchmarks.contenders import Place, UnableError
from benchmarks.crowd import Public, disturbed, kinds_of
from benchmarks.results import circumstances, write_section

DEFAULT_ROWS = 200_000
QUIET_SECONDS = 5.0
"""How long the clients are watched with nothing going on, for the first row."""

SETTLE_SECONDS = 1.0
"""Before a change, for the clients to have prepared their statements, and after it, for what it breaks to show."""

TABLES = (("public", "customers"), ("public", "orders"))
CONTENDERS: Mapping[str, Callable[[Place], None]] = {
    "ours": contenders.ours,
    "naive": contenders.naive,
    "pg-schema-diff": contenders.pg_schema_diff,
    "pgroll": contenders.pgroll,
    "strong_migrations": contenders.strong_migrations,
}
CONDITIONS = {False: "Clients alone", True: "Long transactions in the way"}


@dataclass(frozen=True)
class Outcome:
    """What clients met. ``why`` is set where the contender could not make the change, or gave it up."""

    longest: float = 0.0
    errors: Mapping[bool, Counter[str]] | None = None
    seconds: float = 0.0
    asked: int = 0
    why: str = ""


def main(rows: int, words: Sequence[str]) -> None:
    """Build the database once, measure every change in every way, and write the section."""
    chosen = [one for one in CHANGES if not words or any(word in one.title for word in words)]
    started = time.monotonic()
    lines = []
    with Server(settings={"shared_buffers": "512MB", "max_connections": "60", "max_wal_size": "4GB"}) as server:
        _database(server, "base", SCHEMA + ROWS.format(rows=rows))
        for disturb, condition in CONDITIONS.items():
            lines += ["", f"### {condition}", "", *_head()]
            lines.append(_idle(server, disturb=disturb))
            print("\n".join(lines[-4:]), flush=True)
            for change in chosen:
                lines.append(
                    _row(change, {name: _measure(server, name, change, disturb=disturb) for name in CONTENDERS})
                )
                print(lines[-1], flush=True)
        version = server.binaries.version
    minutes = (time.monotonic() - started) / 60
    programs = ("PostgreSQL " + version, *contenders.versions(), "strong_migrations 2.8.0 (its README, as SQL)")
    note = [
        f"{circumstances(*programs)} {rows:,} customers, {rows // 2:,} orders; one run each, {minutes:.0f} minutes.",
        "",
        "Longest wait of a client in ms (times ours); statements that failed, unprepared + prepared; duration.",
    ]
    write_section("Stalls and errors of clients, beside other programs", note + lines)


def _head() -> list[str]:
    return [f"| change | {' | '.join(CONTENDERS)} |", "| --- |" + " --- |" * len(CONTENDERS)]


def _row(change: Change, found: Mapping[str, Outcome]) -> str:
    base = found["ours"].longest
    return (
        f"| {change.title} | {' | '.join(_cell(one, base if name != 'ours' else 0) for name, one in found.items())} |"
    )


def _cell(one: Outcome, base: float) -> str:
    if one.errors is None:
        return one.why
    ratio = f" ({one.longest / base:.1f}x)" if base else ""
    failed = " + ".join(str(one.errors[prepared].total()) for prepared in (False, True))
    met = sorted({code for errors in one.errors.values() for code in errors})
    codes = f" ({', '.join(met)})" if met else ""
    why = f"; **{one.why.replace('|', '/')}**" if one.why else ""
    return f"{one.longest * 1000:,.0f}{ratio}; {failed}{codes}; {one.seconds:.1f} s{why}"


def _idle(server: Server, *, disturb: bool) -> str:
    nothing = Change(title="no change", table="customers", naive=())
    one = _watch(server, nothing, lambda _: time.sleep(QUIET_SECONDS), disturb=disturb)
    return f"| nothing ({one.asked / one.seconds:,.0f} statements/s) | {_cell(one, 0)} |" + " |" * (len(CONTENDERS) - 1)


def _measure(server: Server, name: str, change: Change, *, disturb: bool) -> Outcome:
    says = {"ours": change.operations, "pgroll": change.pgroll, "strong_migrations": change.strong}
    if name in change.cannot or not says.get(name, True):
        return Outcome(why=f"cannot: {change.cannot.get(name, 'it has no words for it')}")
    if name in ("pgroll", "pg-schema-diff") and contenders.program(name) is None:
        return Outcome(why="not found")
    outcome = _watch(server, change, CONTENDERS[name], disturb=disturb, pgroll=name == "pgroll")
    print(f"  {name}: {change.title}: {_cell(outcome, 0)}", file=sys.stderr, flush=True)
    return outcome


def _watch(
    server: Server, change: Change, make: Callable[[Place], None], *, disturb: bool, pgroll: bool = False
) -> Outcome:
    """Let a contender make a change on a fresh copy under the eyes of the clients."""
    why = ""
    with _copy(server, "live") as url, _copy(server, "wanted", SCHEMA) as target:
        _run(target, change.naive)
        planned = [one for step in contenders.plan_for(url, change).steps for one in step.statements]
        if pgroll:
            contenders.prepare_pgroll(url)
        with Sessions(url) as sessions, ExitStack() as stack:
            crowd = stack.enter_context(Public(sessions, kinds_of(sessions.control, TABLES, planned)))
            time.sleep(SETTLE_SECONDS)
            if disturb:
                stack.enter_context(disturbed(sessions, ("public", change.table)))
            started = time.monotonic()
            try:
                make(Place(url, target, change, crowd.deploy))
            except UnableError as reason:
                why = str(reason)
            ended = time.monotonic()
            time.sleep(SETTLE_SECONDS)
            asked = [one for one in crowd.asked if one.started + one.seconds >= started]
        with psycopg.connect(url) as connection:
            if not why and connection.execute(change.done.encode()).fetchone() != (True,):
                why = "it ended without an error, but the change is not made"
        return Outcome(max(one.seconds for one in asked), _errors(asked), ended - started, len(asked), why)


def _errors(asked: Sequence[Question]) -> Mapping[bool, Counter[str]]:
    return {
        prepared: Counter(one.error for one in asked if one.error is not None and one.prepared is prepared)
        for prepared in (False, True)
    }


def _database(server: Server, name: str, statements: str) -> None:
    _admin(server, f"CREATE DATABASE {name}")
    _run(server.url(name), (statements,))
    _run(server.url(name), ("VACUUM ANALYZE", "CHECKPOINT"))


@contextmanager
def _copy(server: Server, name: str, schema: str | None = None) -> Iterator[str]:
    """A copy of the database, or an empty database with a schema; it is dropped afterwards."""
    _admin(server, f"CREATE DATABASE {name} TEMPLATE {'base' if schema is None else 'template0'} STRATEGY file_copy")
    try:
        if schema is not None:
            _run(server.url(name), (schema,))
        yield server.url(name)
    finally:
        _admin(server, f"DROP DATABASE {name} WITH (FORCE)")


def _admin(server: Server, statement: str) -> None:
    _run(server.url(), (statement,))


def _run(url: str, statements: Sequence[str]) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_ROWS, sys.argv[2:])

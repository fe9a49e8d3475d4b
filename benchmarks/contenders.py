"""How each contender carries out a change on a database, with the timeouts and tries that it has by default.

pgroll and pg-schema-diff are their own programs, found on the PATH or in ``.cache/peers/bin``; without them their
column stays empty.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from auditor.connector import CollectOptions
from auditor.model.facts import Facts
from auditor.model.plan import Plan
from auditor.planning import make_plan
from auditor.target import parse_target
from auditor_connectors.postgresql import connector
from auditor_connectors.postgresql.recipes import RECIPES
from auditor_connectors.postgresql.rehearsal import scope
from auditor_connectors.postgresql.rehearsal.carrying import Carrier
from auditor_connectors.postgresql.rehearsal.sessions import Sessions
from benchmarks.changes import Change

PROGRAMS = Path(__file__).parents[1] / ".cache/peers/bin"
PAUSE_SECONDS = 1.0
"""Between two tries of our steps. The plan says a minute; the transactions that are in the way are shorter here too."""

LONGEST_SECONDS = 400.0
"""After this time a contender is ended, and the table says so."""

BATCH_ROWS, BATCH_PAUSE_SECONDS = 10_000, 0.01
"""Rows of a batch and the pause after it, as strong_migrations' README has them."""

Deploy = Callable[[str], None]
"""Gives the clients new connections, in which names lead to a schema: the application is deployed, or restarted."""


@dataclass(frozen=True)
class Place:
    """The database to change, and an empty one with the schema that the change leads to."""

    url: str
    target: str
    change: Change
    deploy: Deploy


class UnableError(Exception):
    """The contender has no words for the change, or gave it up; the message is what the table says."""


# --- ours --------------------------------------------------------------------------------------------------------


def plan_for(url: str, change: Change) -> Plan:
    """Plan a change on a database as it is."""
    snapshot = connector.collect(parse_target(url, connector.schemes, connector.example), CollectOptions())
    return make_plan(Facts(snapshot), list(change.operations), [], RECIPES)


def ours(place: Place) -> None:
    """Carry out the steps of our plan, as its notes say; where a step asks for new connections, clients get them."""
    plan = plan_for(place.url, place.change)
    with Sessions(place.url) as sessions:
        carrier = Carrier(sessions, PAUSE_SECONDS)
        for step in plan.steps:
            if scope.why_not(step) is not None:
                continue
            passage = carrier.forward(step)
            if step.deploy is not None and step.deploy.kind == "reconnect":
                place.deploy("public")
            if not passage.done:
                raise UnableError(f"{step.id}: {passage.reason or passage.outcome}")


# --- SQL ---------------------------------------------------------------------------------------------------------


def naive(place: Place) -> None:
    """Run the statements that come to mind, with no timeout."""
    with psycopg.connect(place.url, autocommit=True) as connection:
        _run(connection, place.change.naive)


def strong_migrations(place: Place) -> None:
    """Run what the README recommends, with the timeouts that it recommends and no second try, which is its default."""
    with psycopg.connect(place.url, autocommit=True) as connection:
        connection.execute("SET lock_timeout = '10s'")
        connection.execute("SET statement_timeout = '1h'")
        connection.execute("SET timezone = 'UTC'")
        for statement in place.change.strong:
            verb, _, update = statement.partition(" ")
            if verb == "BATCHES":
                _batches(connection, place.change.table, update)
            else:
                _run(connection, (statement,))


def _run(connection: psycopg.Connection[tuple[object, ...]], statements: Sequence[str]) -> None:
    for statement in statements:
        try:
            connection.execute(statement.encode())
        except psycopg.Error as error:
            raise UnableError(f"failed: {error.diag.message_primary or error}") from None


def _batches(connection: psycopg.Connection[tuple[object, ...]], table: str, update: str) -> None:
    row = connection.execute(f"SELECT max(id) FROM public.{table}".encode()).fetchone()
    for first in range(0, int(str(row[0])) + 1 if row else 0, BATCH_ROWS):
        connection.execute(update.format(first=first, last=first + BATCH_ROWS).encode())
        time.sleep(BATCH_PAUSE_SECONDS)


# --- programs ----------------------------------------------------------------------------------------------------


def program(name: str) -> str | None:
    """Find a contender's program."""
    return shutil.which(name, path=f"{PROGRAMS}{os.pathsep}{os.environ.get('PATH', '')}")


_HAZARDS = (
    "ACQUIRES_ACCESS_EXCLUSIVE_LOCK", "ACQUIRES_SHARE_LOCK", "ACQUIRES_SHARE_ROW_EXCLUSIVE_LOCK", "CORRECTNESS",
    "DELETES_DATA", "HAS_UNTRACKABLE_DEPENDENCIES", "INDEX_BUILD", "INDEX_DROPPED", "IMPACTS_DATABASE_PERFORMANCE",
)  # fmt: skip


def pg_schema_diff(place: Place) -> None:
    """Have it apply the difference to the schema that is wanted, with every hazard allowed."""
    source, environment = _login(place.url)
    wanted, _ = _login(place.target)
    _call(
        [
            program("pg-schema-diff") or "", "apply", "--from-dsn", source, "--to-dsn", wanted, "--skip-confirm-prompt",
            "--allow-hazards", ",".join(_HAZARDS),
        ],
        environment,
    )  # fmt: skip


def prepare_pgroll(url: str) -> None:
    """Have pgroll lay out its own tables, and know the schema that is there."""
    source, environment = _login(url)
    command = [program("pgroll") or "", "--postgres-url", source]
    _call([*command, "init"], environment)
    with tempfile.TemporaryDirectory() as folder:
        _call([*command, "baseline", "00_base", folder, "--yes"], environment)


def pgroll(place: Place) -> None:
    """Start, deploy the clients that speak to the views of the new version, and complete."""
    source, environment = _login(place.url)
    command = [program("pgroll") or "", "--postgres-url", source]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "01_change.json"
        file.write_text(json.dumps({"operations": [place.change.pgroll]}), encoding="utf-8")
        _call([*command, "start", str(file)], environment)
        place.deploy("public_01_change")
        time.sleep(1.0)  # until every client has come back
        _call([*command, "complete"], environment)


def _login(url: str) -> tuple[str, dict[str, str]]:
    """The address without the password, and the environment that holds it."""
    parts = conninfo_to_dict(url)
    address = f"postgres://{parts['user']}@{parts['host']}:{parts['port']}/{parts['dbname']}?sslmode=disable"
    return address, {**os.environ, "PGPASSWORD": str(parts.get("password", ""))}


def _call(command: list[str], environment: Mapping[str, str]) -> None:
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False,
            timeout=LONGEST_SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise UnableError(f"not done after {LONGEST_SECONDS:.0f} s") from None
    if done.returncode:
        raise UnableError(f"failed: {_line(done.stderr or done.stdout)}")


def _line(text: str) -> str:
    """The line that says what went wrong."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if "error" in line.lower()]
    return re.split(r"(?i)error: |pq: ", (telling or lines or ["no word"])[-1])[-1][:160]


def versions() -> Sequence[str]:
    """The programs that were run, with the versions that they state."""
    found = []
    if (name := program("pgroll")) is not None:
        said = subprocess.run([name, "--version"], capture_output=True, text=True, check=True).stdout
        found.append("pgroll " + said.split()[-1])
    if (name := program("pg-schema-diff")) is not None:
        said = subprocess.run([name, "version"], capture_output=True, text=True, check=True)
        found.append("pg-schema-diff " + (said.stdout + said.stderr).rpartition("version=")[2].split()[0])
    return found

"""Settings that a replica must have as high as its primary: the order of the plan, on a primary with a replica."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from auditor.model import operation as op
from auditor.model.facts import Facts
from auditor.model.plan import Step
from auditor.planning import make_plan
from auditor_connectors.postgresql import embedded
from auditor_connectors.postgresql.embedded import Server
from auditor_connectors.postgresql.recipes import RECIPES
from tests.collecting import collect, eventually
from tests.servers import Pool, connect

NAME = "max_connections"


@pytest.fixture
def servers(pool: Pool) -> Iterator[tuple[Server, Server]]:
    soon = {"wal_retrieve_retry_interval": "100ms"}
    with pool.own() as primary, Server(settings=soon, primary=primary, slot="replica") as replica:
        eventually(lambda: _ask(primary, "SELECT EXISTS (SELECT FROM pg_stat_replication)"), "the replica follows")
        yield primary, replica


def _ask(server: Server, query: str) -> object:
    with connect(server) as connection:
        row = connection.execute(query.encode()).fetchone()
        return None if row is None else row[0]


def _restart(server: Server) -> None:
    """Restart it with its files; a real one is restarted by pg_ctl."""
    area, port = embedded._workspace(), server.port
    server.end_process(signal.SIGINT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(embedded, "_free_port", lambda: port)
        server._launch(area, area.readable(server.binaries))


def _steps(primary: Server, value: str, previous: str) -> list[Step]:
    wish = op.SetSetting(name=NAME, value=value, previous=previous, restart=True)
    return list(make_plan(Facts(collect(primary.url())), [wish], [], RECIPES).steps)


def _carry_out(step: Step, primary: Server, replica: Server) -> None:
    server = replica if step.server == "replica" else primary
    commands = [note.partition('-c "')[2].rstrip('"') for note in step.notes if note.startswith("$ psql")]
    with connect(server) as connection:
        for statement in (*step.statements, *commands):
            connection.execute(statement.encode())
    if any("pg_ctl restart" in note for note in step.notes):
        _restart(server)


def _follows(primary: Server, replica: Server, number: int) -> None:
    with connect(primary) as connection:
        connection.execute(f"CREATE TABLE sign_{number} (a int)".encode())
    eventually(lambda: _ask(replica, f"SELECT to_regclass('sign_{number}') IS NOT NULL"), "the replica follows")


def test_they_are_raised_there_first_and_lowered_there_last(servers: tuple[Server, Server]) -> None:
    primary, replica = servers
    raised = _steps(primary, "150", "100")
    assert [step.server for step in raised] == ["replica", "", ""]
    for number, step in enumerate(raised):
        _carry_out(step, primary, replica)
        _follows(primary, replica, number)
    lowered = _steps(primary, "120", "150")
    assert [step.server for step in lowered] == ["", "", "replica"]
    for number, step in enumerate(lowered, start=len(raised)):
        _carry_out(step, primary, replica)
        _follows(primary, replica, number)
    # The other way round, replay stops: that is what the order is for.
    for step in _steps(primary, "180", "120")[1:]:
        _carry_out(step, primary, replica)
    eventually(lambda: _ask(replica, "SELECT pg_get_wal_replay_pause_state() = 'paused'"), "replay stops")

"""Recipes for the server itself, its sessions and the code that uses it: what people do, with what there is to run."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.connector import Draft
from auditor.model.facts import Facts
from auditor.model.operation import ChangeApplication, EndSession, UpgradeServer
from auditor.model.vocabulary import Blocks, Phase
from auditor_connectors.drafting import application
from auditor_connectors.mysql.recipes.estimates import Estimate
from auditor_connectors.mysql.recipes.settings import RESTART_SECONDS
from auditor_connectors.mysql.recipes.sql import literal
from auditor_connectors.mysql.recipes.steps import runbook

_ENDED = Estimate(0.1, None, "ends one session")


def end_session(operation: EndSession, facts: Facts) -> Iterator[Draft]:
    """Ask, then end it."""
    found = f"(SELECT 1 FROM information_schema.PROCESSLIST WHERE ID = {operation.session})"
    yield runbook(
        Phase.PREPARE,
        f"End the session {operation.session}",
        f"KILL {operation.session}",
        precondition=f"SELECT EXISTS {found}",
        verify=f"SELECT NOT EXISTS {found}",
        reversible=False,
        takes=_ENDED,
        notes=(
            f"Why: {operation.reason}",
            "The number may belong to another session by now: look at it in the process list, and ask its owner.",
            "What it has changed is rolled back, which may take longer than the change has taken.",
            f"Gentler, if a statement runs: KILL QUERY {operation.session}.",
        ),
    )


def change_application(operation: ChangeApplication, facts: Facts) -> Iterator[Draft]:
    """Say what has to change, and where."""
    topic = operation.topic.replace("-", " ")
    yield application(
        Phase.SWITCH,
        f"Change the application: {topic} ({operation.subject})",
        operation.instruction,
        "Deploy it to a part of the instances first, and compare their errors and response times with the others'.",
    )


def upgrade_server(operation: UpgradeServer, facts: Facts) -> Iterator[Draft]:
    """Within a version a restart; to another one by way of a replica, because nothing leads back from the files."""
    mariadb = facts.target.engine == "mariadb"
    here, there = operation.from_version, operation.to_version
    running = f"SELECT VERSION() LIKE {literal(there + '%')}"
    service = "mariadb" if mariadb else "mysqld"
    if not operation.major:
        yield runbook(
            Phase.PREPARE,
            f"Install {there} in place of {here} and restart",
            notes=(
                "Replicas first, one after the other; then make one of them the source, and upgrade this server.",
                "Read the release notes between the two versions.",
                f"$ systemctl restart {service}",
                *(("$ mariadb-upgrade",) if mariadb else ()),
            ),
            verify=running,
            takes=Estimate(RESTART_SECONDS, None, "a restart"),
            blocks=Blocks.EVERYTHING,
            blocking_seconds=RESTART_SECONDS,
            reversible=False,
        )
        return
    yield runbook(
        Phase.REARCHITECT,
        f"Find what {there} refuses",
        notes=(
            *(
                ("$ mariadb-check --all-databases --check-upgrade",)
                if mariadb
                else (f'$ mysqlsh --uri="$URL" -- util check-for-server-upgrade --target-version={there}',)
            ),
            "Run the application's tests, and the statements that cost most, on a copy under the new version.",
            "Look for reserved words, other defaults (sql_mode, collations, authentication) and removed settings.",
            *_stops(operation, mariadb=mariadb),
        ),
    )
    yield runbook(
        Phase.REARCHITECT,
        f"Let a replica run {there} beside this server",
        notes=(
            "Restore a backup on a new server, and start it under the new version: it upgrades its dictionary.",
            "Let it follow this one with binlog_format = ROW: replication goes to the next version up, never down.",
            "Send it reads for some days, and compare the rows of the largest tables.",
            '$ pt-table-checksum --defaults-file="$HOME/.my.cnf" --no-check-binlog-format',
        ),
    )
    yield runbook(
        Phase.REARCHITECT,
        f"Make the server under {there} the source",
        "SET GLOBAL read_only = ON",
        notes=(
            "read_only keeps clients from writing to the old server: wait until the new one has replayed all.",
            "Then let the new one take writes, and point the clients there.",
            "Way back until then: SET GLOBAL read_only = OFF. Afterwards from a backup only.",
        ),
        rollback=("SET GLOBAL read_only = OFF",),
        verify="SELECT @@GLOBAL.read_only = 1",
        point_of_no_return=True,
        blocks=Blocks.WRITES,
        blocking_seconds=RESTART_SECONDS,
        takes=Estimate(RESTART_SECONDS, None, "clients reconnect once the new server has replayed all"),
    )


def _stops(operation: UpgradeServer, *, mariadb: bool) -> Iterator[str]:
    """MySQL goes from one long-term series to the next only: manual, "Upgrade Paths"."""
    if mariadb:
        return
    series = ("5.7", "8.0", "8.4", "9.7")
    old = next((place for place, one in enumerate(series) if operation.from_version.startswith(one)), None)
    new = next((place for place, one in enumerate(series) if operation.to_version.startswith(one)), None)
    if old is not None and new is not None and new - old > 1:
        yield f"It takes {new - old} upgrades in a row: {' → '.join(series[old : new + 1])}."

"""Runs a case of a case file for MySQL and MariaDB: builds its objects in the database ``shop`` and audits that."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Iterator

import pymysql

from auditor.checking import CheckRun, run_check
from auditor.connector import CollectOptions
from auditor.model.facts import Facts
from auditor.registry import connector_for, load_checks
from auditor.target import parse_target
from tests.case_format import Case, CaseError, Statement
from tests.cases import shifted
from tests.mysql_servers import Account, Cursor, account, database
from tests.servers import Pool

_GOES_ON = 1.5
"""Seconds after which a case goes on without a statement that waits."""
_SET = re.compile(r"(?i)\bSET\s+GLOBAL\s+(?!TRANSACTION)(\w+)")
_FOLLOWS = re.compile(r"(?i)\bCHANGE\s+(?:REPLICATION|MASTER)\b")
_ACCOUNTS = "SELECT if(Host = '', 'ROLE', 'USER'), concat(quote(User), if(Host = '', '', concat('@', quote(Host)))) "
_ACCOUNTS += "FROM mysql.user"


def run_mysql_case(case: Case, engine: str, pool: Pool) -> CheckRun:
    """Build the objects of a case on a server of this product, audit them, and run the case's check alone.

    Raises:
        CaseError: a statement of the case failed.

    """
    with contextlib.ExitStack() as stack:
        server = (
            stack.enter_context(pool.own_mysql(engine, case.settings))
            if case.own_server
            else pool.mysql(engine, case.settings)
        )
        if not case.own_server:
            stack.enter_context(_left_as_it_was(case, server))
        name = stack.enter_context(database(server))
        if "performance_schema" not in case.settings:
            server.run("TRUNCATE performance_schema.events_statements_summary_by_digest")
        stack.enter_context(_sessions(case, server, name))
        user, password = stack.enter_context(account(server, *case.roles)) if case.roles is not None else (None, "")
        connector = connector_for(engine)
        target = parse_target(server.url(name, user, password), connector.schemes, connector.example)
        snapshot = connector.collect(target, CollectOptions())
    return run_check(load_checks()[case.check], Facts(shifted(snapshot, case.after_days)), case.limits)


@contextlib.contextmanager
def _left_as_it_was(case: Case, server: Account) -> Iterator[None]:
    """Take back what a case does to the server: accounts and sources go, variables have their values again."""
    accounts = set(server.run(_ACCOUNTS))
    names = sorted({name for statement in case.statements for name in _SET.findall(statement.text)})
    before = {name: server.run(f"SELECT @@GLOBAL.{name}")[0][0] for name in names}
    try:
        yield
    finally:
        if any(_FOLLOWS.search(statement.text) for statement in case.statements):
            server.run("RESET REPLICA ALL" if server.engine == "mysql" else "RESET SLAVE ALL")
        for kind, name in sorted(set(server.run(_ACCOUNTS)) - accounts):
            server.run(f"DROP {kind} {name}")
        with contextlib.closing(server.connect()) as connection, connection.cursor() as cursor:
            for name, value in before.items():
                cursor.execute(f"SET GLOBAL {name} = %s", (value,))


@contextlib.contextmanager
def _sessions(case: Case, server: Account, name: str) -> Iterator[None]:
    """Run the statements of a case; the main session is closed before the audit, the others stay open."""
    connections: dict[str, pymysql.Connection[Cursor]] = {}
    waiting: dict[str, threading.Thread] = {}
    try:
        for statement in case.statements:
            if statement.session not in connections:
                connections[statement.session] = server.connect(name)
            if statement.session in waiting:
                waiting.pop(statement.session).join()
            if statement.background:
                waiting[statement.session] = _left_behind(connections[statement.session], statement.text)
            else:
                _execute(case, connections[statement.session], statement)
        if "" in connections:
            connections.pop("").close()
        yield
    finally:
        for session in waiting:
            with contextlib.suppress(pymysql.Error):  # it may have come to its end by now
                server.run(f"KILL {connections[session].thread_id()}")
        for thread in waiting.values():
            thread.join()
        for connection in connections.values():
            with contextlib.suppress(pymysql.Error):
                connection.close()


def _execute(case: Case, connection: pymysql.Connection[Cursor], statement: Statement) -> None:
    """Run a statement as often as the case says.

    Raises:
        CaseError: it failed.

    """
    try:
        with connection.cursor() as cursor:
            for _ in range(statement.repeat):
                cursor.execute(statement.text)
    except pymysql.Error as error:
        message = f"{case.path.name}:{statement.line}: {error}\n{statement.text[:400]}"
        raise CaseError(message) from None


def _left_behind(connection: pymysql.Connection[Cursor], text: str) -> threading.Thread:
    """Run a statement that nobody waits for."""
    thread = threading.Thread(target=_blocked, args=(connection, text), daemon=True)
    thread.start()
    thread.join(_GOES_ON)
    return thread


def _blocked(connection: pymysql.Connection[Cursor], text: str) -> None:
    """Run a statement that waits, or that is given up or killed while it does."""
    with contextlib.suppress(pymysql.Error), connection.cursor() as cursor:
        cursor.execute(text)

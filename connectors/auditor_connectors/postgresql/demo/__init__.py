"""A sample database with a past: a shop that grew for six years, on a disposable server.

``tables``, ``rows`` and ``finish`` hold its history as SQL, run in the order of the file names; ``loading`` runs them.
``sessions`` connects the shop's applications, and ``workload`` lets them work for a moment, so that the usage counters
and the statement statistics speak.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from auditor_connectors.postgresql.embedded import Server, find_binaries

# What the shop's server was given over the years; all else stands at its built-in default, fsync too (an empty value).
SETTINGS = {"fsync": "", "shared_preload_libraries": "pg_stat_statements", "wal_level": "logical"}

# The server listens on the loopback interface alone, so that none of these lines is ever reached.
HOST_RULES = (
    "host shop all 10.20.0.0/16 md5",
    "host shop article_import 192.0.2.15/32 trust",
)


@contextmanager
def demo(progress: Callable[[str], None] | None = None) -> Iterator[str]:
    """Start a server with the sample database; the value is the URL for the role ``auditor``.

    While the context is open, a dozen sessions of the shop's applications stay connected, one of them inside a
    transaction that another one waits for. Leaving it, by whatever way, ends the sessions and removes the server.
    ``progress`` is told in one line each what happens next.

    Raises:
        UsageError: no PostgreSQL server is installed here.
        ServerError: the server did not start.

    """
    # The driver is loaded when a demonstration is wanted, not when this package is imported.
    from auditor_connectors.postgresql.demo import loading, workload
    from auditor_connectors.postgresql.demo.sessions import Sessions

    tell = progress or (lambda _: None)
    binaries = find_binaries()
    tell(f"starting PostgreSQL {binaries.version}")
    with Server(binaries, SETTINGS, hba=HOST_RULES) as server:
        tell("loading six years of a shop")
        passwords = loading.load(server)
        with Sessions(server, passwords) as sessions:
            tell("letting the shop work for a moment")
            workload.run(sessions)
            yield server.url(loading.DATABASE, "auditor", passwords["auditor"])

"""What the driver is told, built from the parts of a target, and what its refusals mean.

The client library echoes a connection string that it cannot parse, password included. It never sees one: it gets
keywords with values, and only keywords that it knows.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable

from auditor.connector import CollectOptions
from auditor.errors import AuditorError, UnreachableError, UsageError
from auditor.target import Target

SETTINGS = {
    "search_path": "pg_catalog",
    "jit": "off",
    "work_mem": "64MB",
    "max_parallel_workers_per_gather": "0",
    "quote_all_identifiers": "off",
    "extra_float_digits": "1",
    "datestyle": "ISO, MDY",
    "intervalstyle": "postgres",
    "bytea_output": "hex",
    "timezone": "UTC",
}
"""What every statement runs under, beside the timeouts. Roles and databases may have other defaults, and what the
server prints depends on them. The memory lets the joins of large catalogs run without temporary files; one process
uses it, for seconds.
"""

_KEEPALIVE = {"keepalives_idle": "10", "keepalives_interval": "5", "keepalives_count": "3"}
"""A peer that has vanished is noticed within 25 seconds."""

_VALUES = {
    "sslmode": "disable, allow, prefer, require, verify-ca or verify-full",
    "target_session_attrs": "any, read-write, read-only, primary, standby or prefer-standby",
    "channel_binding": "disable, prefer or require",
    "gssencmode": "disable, prefer or require",
    "load_balance_hosts": "disable or random",
    "sslnegotiation": "postgres or direct",
}
"""What the client library takes for the options that are a choice."""

_OURS = frozenset({"application_name", "client_encoding", "fallback_application_name"})
_REFUSED = {"replication": "a replication connection cannot run queries"}
_LONGEST_REASON = 300


def session_settings(options: CollectOptions) -> dict[str, str]:
    """Return the settings of the session with its timeouts, as the server shows them: times in milliseconds."""
    statement, lock = round(options.statement_timeout * 1000), round(options.lock_timeout * 1000)
    return SETTINGS | {
        "statement_timeout": str(statement),
        "lock_timeout": str(lock),
        "idle_in_transaction_session_timeout": str(max(60_000, 2 * statement)),
    }


def parameters(target: Target, options: CollectOptions, known: Iterable[str]) -> dict[str, str]:
    """Return the client library's keywords for a target. What the target leaves out, the library's environment decides.

    ``known`` is every keyword of the library at hand.

    Raises:
        UsageError: an option of the URL is none of them.

    """
    found = _checked_options(target, sorted(known))
    if target.hosts:
        found["host"] = ",".join(host.strip("[]") for host, _ in target.hosts)
        if any(port is not None for _, port in target.hosts):
            found["port"] = ",".join("" if port is None else str(port) for _, port in target.hosts)
    for key, value in (("user", target.user), ("password", target.password), ("dbname", target.database)):
        if value is not None:
            found[key] = value
    if any("\0" in value for value in found.values()):
        raise UsageError("the URL holds %00, which no name and no password can", "leave it out")
    defaults = _KEEPALIVE | {"connect_timeout": str(max(2, round(options.connect_timeout)))}
    if "PGCONNECT_TIMEOUT" in os.environ:
        defaults.pop("connect_timeout")
    ours = {"application_name": "auditor", "client_encoding": "UTF8"}
    return defaults | {key: value for key, value in found.items() if key not in _OURS} | ours


def _checked_options(target: Target, known: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in target.options:
        if key == "ssl" and value == "true":  # as the client library reads the spelling of another driver
            found["sslmode"] = "require"
        elif key in _REFUSED:
            raise UsageError(f"the option {key!r} of the URL cannot be used: {_REFUSED[key]}", "leave it out")
        elif key not in known:
            near = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
            hint = f"did you mean {near[0]}?" if near else "leave it out: the client library has no such option"
            raise UsageError(f"the URL has the unknown option {key!r}", hint)
        else:
            found[key] = value
    return found


# What the server or the client library says, and the next thing to try. The first that fits counts. Servers translate
# their messages: one that is not recognised gets the general hint.
_HINTS: tuple[tuple[str, str], ...] = (
    (
        r"no password supplied",
        "the server asks for a password: give it in the URL, in PGPASSWORD or in ~/.pgpass",
    ),
    (
        r"password authentication failed|authentication failed",
        "check the user and the password; a password in a URL is percent-encoded",
    ),
    (r"database \".*\" does not exist", "check the name of the database after the last slash of the URL"),
    (r"role \".*\" does not exist", "check the user in the URL"),
    (
        r"pg_hba\.conf.*(no encryption|SSL off)",
        "the server may want TLS: add ?sslmode=require, or ask for a line for this user and database in pg_hba.conf",
    ),
    (
        r"no pg_hba\.conf entry|pg_hba\.conf rejects",
        "ask for a line for this user, database and address in pg_hba.conf",
    ),
    (r"server does not support SSL", "the server has no TLS: use sslmode=prefer, or turn it on at the server"),
    (
        r"certificate verify failed|root certificate file|server certificate for",
        "check sslrootcert and the host name, or use sslmode=require to encrypt without verifying",
    ),
    (r"certificate|SSL error|TLS", "check sslmode, sslrootcert, sslcert and sslkey"),
    (
        r"too many clients|too many connections|remaining connection slots|Max client connections",
        "all connections are taken: try again later, or grant the role pg_use_reserved_connections",
    ),
    (r"permission denied for database", "GRANT CONNECT ON DATABASE to the role"),
    (r"is not permitted to log in", "ALTER ROLE … LOGIN, or use another user"),
    (r"not currently accepting connections", "the database does not allow connections: audit another one"),
    (
        r"starting up|shutting down|recovery mode|not yet accepting|consistent recovery",
        "the server is not ready: try again in a moment",
    ),
    (r"resolve host|could not translate host name|Name or service", "check the host name, and that it resolves here"),
    (r"Connection refused", "nothing listens there: check host and port, and listen_addresses of the server"),
    (r"No such file or directory", "no server has its socket there: check the directory and the port"),
    (r"timeout expired|timed out", "no answer: check host, port and firewall, or raise the connect timeout"),
    (r"No route to host|Network is unreachable|unreachable", "there is no way to the host: check network and firewall"),
    (
        r"server closed the connection unexpectedly|received invalid response|unsupported frontend protocol",
        "check that a PostgreSQL server listens at that port",
    ),
    (r"service file|definition of service", "check the service name and the file pg_service.conf"),
)
_GENERAL_HINT = "check host, port, database, user and password of the URL"


def reason_of(target: Target, text: str) -> str:
    """Return one scrubbed line of what the driver said: the server's own words where it answered."""
    attempts = text.partition("Multiple connection attempts failed")[0]
    server = re.findall(r"(?:FATAL|ERROR|PANIC):\s+(.*)", attempts)
    line = " ".join((server[-1] if server else attempts.rpartition("failed: ")[2]).split())
    line = line.partition(" Is the server running ")[0]
    socket = re.search(r'on socket ("[^"]*") failed: ', attempts)
    if socket and not server:
        line = f"{line} ({socket[1]})"
    line = line.removeprefix("connection is bad: ")
    return target.scrub(line)[:_LONGEST_REASON] or "no reason was given"


def unreachable(target: Target, text: str) -> AuditorError:
    """Return the error for a connection that failed, with the next thing to try.

    A value of an option that the client library refuses is an error of usage.
    """
    reason = reason_of(target, text)
    refused = re.search(r'(?:invalid|bad) "?(\w+)"? value|invalid value for parameter|bad value for \w+', reason)
    if refused:
        choices = _VALUES.get(refused[1] or "", "")
        return UsageError(f"the URL has an option with a wrong value: {reason}", f"use {choices}" if choices else "")
    hint = next((hint for pattern, hint in _HINTS if re.search(pattern, text, re.IGNORECASE)), _GENERAL_HINT)
    return UnreachableError(f"cannot connect to {target.masked}: {reason}", hint)

"""What the driver is told, built from the parts of a target, and what its refusals mean."""

from __future__ import annotations

import re
import ssl
from typing import Any

from msgspec import Struct

from auditor.connector import CollectOptions
from auditor.errors import AuditorError, UnreachableError, UsageError
from auditor.suggest import nearest
from auditor.target import Target

PORT = 6379
SENTINEL_PORT = 26379

_OPTIONS = ("db", "sentinelUser", "sentinelPassword", "tlsCaFile", "tlsCertFile", "tlsKeyFile", "tlsInsecure")
_SPELLINGS = {
    **{name.lower(): name for name in _OPTIONS},
    # as redis-py spells them: https://redis.readthedocs.io/en/stable/connections.html
    "ssl_ca_certs": "tlsCaFile", "ssl_certfile": "tlsCertFile", "ssl_keyfile": "tlsKeyFile", "virtual_host": "db",
}  # fmt: skip
_IGNORED = frozenset("""
    timeout protocol client_name clientname socket_timeout socket_connect_timeout max_connections
    health_check_interval decode_responses encoding retry_on_timeout ssl_check_hostname
""".split())  # fmt: skip
"""Options for applications that change nothing for a reader of this kind: accepted, so that their URLs can be used."""

_LONGEST_REASON = 300


class Place(Struct, frozen=True, kw_only=True):
    """Where a target is: the addresses of servers or of those who watch them, or a socket file.

    ``database`` is the numbered one that is audited, None for all. ``service`` is the name under which a primary is
    watched; ``watched`` says that the addresses are those of the watchers.
    """

    addresses: tuple[tuple[str, int], ...] = ()
    socket: str | None = None
    tls: bool = False
    database: int | None = None
    watched: bool = False
    service: str | None = None
    options: dict[str, str] = {}


def place_of(target: Target) -> Place:
    """Read where a target is.

    Raises:
        UsageError: an option of the URL is unknown or has no value, or the database is no number.

    """
    given = _checked(target)
    scheme = target.scheme
    tls = scheme.startswith(("rediss", "valkeys"))
    if scheme.endswith("unix"):
        path = "/" + (target.database or "")
        if path == "/" or target.hosts not in ((), (("", None),)):
            raise UsageError("the URL names no socket file", "write it like unix:///run/redis/redis.sock?db=0")
        return Place(socket=path, database=_number(given.get("db")), options=given)
    if scheme.endswith("sentinel"):
        service, _, number = (target.database or "").partition("/")
        addresses = tuple((host or "localhost", port or SENTINEL_PORT) for host, port in target.hosts)
        return Place(
            addresses=addresses or (("localhost", SENTINEL_PORT),), tls=tls, watched=True, service=service or None,
            database=_number(given.get("db", number or None)), options=given,
        )  # fmt: skip
    addresses = tuple((host or "localhost", port or PORT) for host, port in target.hosts)
    return Place(
        addresses=addresses or (("localhost", PORT),), tls=tls, options=given,
        database=_number(given.get("db", target.database)),
    )  # fmt: skip


def _number(text: str | None) -> int | None:
    if text is None or text == "":
        return None
    if not text.isdigit():
        raise UsageError(
            f"the database {text!r} is no number", "databases are numbered from 0; leave it out to audit all of them"
        )
    return int(text)


def _checked(target: Target) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in target.options:
        name = _SPELLINGS.get(key.lower())
        if name is None and key.lower() in _IGNORED:
            continue
        if name is None:
            raise UsageError(f"the URL has the unknown option {key!r}", nearest(key, _OPTIONS))
        if not value:
            raise UsageError(f"the option {key!r} of the URL has no value", "give it one, or leave it out")
        found[name] = value
    return found


def answer_seconds(options: CollectOptions) -> float:
    """How long to wait for an answer: no command here takes long, and a handshake of TLS waits as long at most."""
    return min(options.statement_timeout, max(1.0, options.connect_timeout))


def parameters(target: Target, place: Place, options: CollectOptions, *, watcher: bool = False) -> dict[str, Any]:
    """Return the driver's keywords that connections of a target share: how to log in, how long to wait.

    A ``watcher`` of a URL that names watchers has a login of its own, or none.
    """
    user, password = target.user, target.password
    if watcher and place.watched:
        user, password = place.options.get("sentinelUser"), place.options.get("sentinelPassword")
    found: dict[str, Any] = {
        "socket_timeout": answer_seconds(options),
        "socket_connect_timeout": max(1.0, options.connect_timeout),
        "protocol": 2,  # which every version and every compatible product speaks
        "username": user if password is not None else None,
        # A lone name before the @ is a password where there are no users, as redis-cli takes it.
        "password": password if password is not None else user,
    }
    if place.tls:
        insecure = place.options.get("tlsInsecure", "false").lower() in ("true", "yes", "1")
        found |= {
            "ssl": True,
            "ssl_ca_certs": place.options.get("tlsCaFile"),
            "ssl_certfile": place.options.get("tlsCertFile"),
            "ssl_keyfile": place.options.get("tlsKeyFile"),
            "ssl_cert_reqs": ssl.CERT_NONE if insecure else ssl.CERT_REQUIRED,
            "ssl_check_hostname": not insecure,
        }
    return found


# What the driver and the server say, and the next thing to try. The first that fits counts.
_HINTS: tuple[tuple[str, str], ...] = (
    (r"WatcherError", "the Sentinel has logins of its own: give sentinelUser and sentinelPassword in the URL"),
    (r"NOAUTH|Authentication required|without any password|called with the client already",
     "the server asks for a login: give a password, or a user and a password, in the URL (redis://user:password@host)"),
    (r"WRONGPASS|invalid username-password|invalid password|AUTH failed|user is disabled",
     "check user and password (percent-encoded in a URL); without a user the account is called default"),
    (r"DENIED Redis is running in protected mode|protected mode",
     "the server only takes connections from its own machine: it is in protected mode, without a password"),
    (r"max number of clients", "the server has no connection left: try again, or raise maxclients"),
    (r"CERTIFICATE_VERIFY_FAILED|certificate verify failed|hostname mismatch|IP address mismatch",
     "check tlsCaFile and the host name of the URL"),
    (r"SSL|TLS|certificate|wrong version number",
     "check the scheme: rediss:// speaks TLS, redis:// does not; tlsCaFile names the authority"),
    (r"No such file|unix", "check the path of the socket file: unix:///run/redis/redis.sock"),
    (r"Permission denied|Error 13", "the socket file may not be opened by this account"),
    (r"getaddrinfo|Name or service|nodename|name resolution|Error -[23] ",
     "check the host name, and that it resolves here"),
    (r"Connection refused|Error 111", "nothing listens there: check host and port, and bind of the server"),
    (r"Connection closed|reset by peer|closed by server",
     "check that Redis listens there, and whether it wants TLS (rediss://)"),
    (r"No route to host|Network is unreachable|unreachable", "there is no way to the host: check network and firewall"),
    (r"timed out|[Tt]imeout", "no answer: check host, port and firewall, and whether the port wants TLS (rediss://)"),
    (r"Protocol Error|protocol", "check that it is Redis that listens there, and whether it wants TLS (rediss://)"),
)  # fmt: skip
_GENERAL_HINT = "check host, port, user and password of the URL"
_PLACE = re.compile(r"(?:connecting to|to) \S+?:\d+\.?|\b\d{1,3}(?:\.\d{1,3}){3}:\d+\b")


def reason_of(target: Target, error: BaseException) -> str:
    """Return one scrubbed line of what the driver or the server said, without addresses."""
    line = " ".join(_PLACE.sub("", str(error)).split())
    return target.scrub(line)[:_LONGEST_REASON] or type(error).__name__


def unreachable(target: Target, error: BaseException) -> AuditorError:
    """Return the error for a connection that failed, with the next thing to try."""
    known = f"{type(error).__name__} {error}"
    hint = next((hint for pattern, hint in _HINTS if re.search(pattern, known)), _GENERAL_HINT)
    return UnreachableError(f"cannot connect to {target.masked}: {reason_of(target, error)}", hint)

"""What the driver is told, built from the parts of a target, and what its refusals mean."""

from __future__ import annotations

import re
from typing import Any

from auditor.connector import CollectOptions
from auditor.errors import AuditorError, UnreachableError, UsageError
from auditor.suggest import nearest
from auditor.target import Target
from auditor_connectors.mongodb.probe import APPLICATION

PORT = 27017
SRV = "mongodb+srv"

_OPTIONS = {
    "authmechanism": "authMechanism",
    "authmechanismproperties": "authMechanismProperties",
    "authsource": "authSource",
    "compressors": "compressors",
    "directconnection": "directConnection",
    "loadbalanced": "loadBalanced",
    "maxstalenessseconds": "maxStalenessSeconds",
    "readpreference": "readPreference",
    "readpreferencetags": "readPreferenceTags",
    "replicaset": "replicaSet",
    "srvservicename": "srvServiceName",
    "ssl": "tls",
    "tls": "tls",
    "tlsallowinvalidcertificates": "tlsAllowInvalidCertificates",
    "tlsallowinvalidhostnames": "tlsAllowInvalidHostnames",
    "tlscafile": "tlsCAFile",
    "tlscertificatekeyfile": "tlsCertificateKeyFile",
    "tlscertificatekeyfilepassword": "tlsCertificateKeyFilePassword",
    "tlscrlfile": "tlsCRLFile",
    "tlsinsecure": "tlsInsecure",
}
"""The options of a URL that say how to reach a deployment, spelled as its own programs spell them.

https://www.mongodb.com/docs/manual/reference/connection-string-options/
"""

_IGNORED = frozenset("appname connecttimeoutms journal maxpoolsize minpoolsize retryreads retrywrites "
                     "serverselectiontimeoutms sockettimeoutms uuidrepresentation w wtimeoutms".split())  # fmt: skip
"""Options for applications that change nothing for a reader of this kind: accepted, so that their URLs can be used."""

_LONGEST_REASON = 300


def parameters(target: Target, options: CollectOptions) -> dict[str, Any]:
    """Return the driver's keywords for a target.

    Reads go to a secondary where there is one. A database in the URL is also where the user is looked up, unless
    ``authSource`` says otherwise.

    Raises:
        UsageError: an option of the URL is unknown or has no value, or a URL for DNS names several hosts or a port.

    """
    given = _checked(target)
    milliseconds = max(1_000, round(options.connect_timeout * 1000))
    found: dict[str, Any] = {
        "host": _hosts(target),
        "appname": APPLICATION,
        "readPreference": "secondaryPreferred",
        "retryReads": True,
        "maxPoolSize": 2,
        "tz_aware": True,
        "unicode_decode_error_handler": "replace",
        "serverSelectionTimeoutMS": milliseconds,
        "connectTimeoutMS": milliseconds,
        "socketTimeoutMS": round((options.statement_timeout + 15.0) * 1000),
        **given,
    }
    if target.user is not None:
        found["username"] = target.user
        found.setdefault("authSource", target.database or "admin")
    if target.password is not None:
        found["password"] = target.password
    return found


def _hosts(target: Target) -> str | list[str]:
    if target.scheme == SRV:
        if len(target.hosts) != 1 or target.hosts[0][1] is not None:
            raise UsageError(
                "a URL with mongodb+srv names one host and no port", "write it like mongodb+srv://user@host/"
            )
        return f"{SRV}://{target.hosts[0][0]}/"
    return [f"{host or 'localhost'}:{port or PORT}" for host, port in target.hosts] or [f"localhost:{PORT}"]


def _checked(target: Target) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in target.options:
        name = _OPTIONS.get(key.lower())
        if name is None and key.lower() in _IGNORED:
            continue
        if name is None:
            raise UsageError(f"the URL has the unknown option {key!r}", nearest(key, _OPTIONS.values()))
        if not value:
            raise UsageError(f"the option {key!r} of the URL has no value", "give it one, or leave it out")
        found[name] = {"true": True, "false": False}.get(value.lower(), value)
    return found


# What the driver and the server say, and the next thing to try. The first that fits counts.
_HINTS: tuple[tuple[str, str], ...] = (
    (r"[Aa]uthentication failed|auth failed|AuthenticationFailed",
     "check user and password (percent-encoded in a URL), and where the user is defined: ?authSource=admin"),
    (r"requires authentication|command \w+ requires authentication|Unauthorized|not authorized",
     "the server asks for a login: give a user and a password in the URL"),
    (r"certificate verify failed|CERTIFICATE_VERIFY_FAILED|hostname mismatch|IP address mismatch",
     "check tlsCAFile and the host name of the URL"),
    (r"SSL|TLS|certificate|wrong version number",
     "check tls, tlsCAFile and tlsCertificateKeyFile: the server may want TLS (?tls=true), or have none"),
    (r"No replica set members (match|found)|replica set name|does not match",
     "check replicaSet, or leave it out; ?directConnection=true asks this one member"),
    (r"DNS|NXDOMAIN|SRV|resolution lifetime", "check the name: mongodb+srv needs its SRV records to resolve here"),
    (r"getaddrinfo|Name or service|nodename|name resolution", "check the host name, and that it resolves here"),
    (r"Connection refused", "nothing listens there: check host and port, and net.bindIp of the server"),
    (r"wire version|too old|requires at least", "the server is older than the driver supports (4.2 is the oldest)"),
    (r"connection closed|reset by peer", "check that MongoDB listens there, and whether it wants TLS (?tls=true)"),
    (r"No route to host|Network is unreachable|unreachable", "there is no way to the host: check network and firewall"),
    (r"timed out|[Tt]imeout", "no answer: check host, port and firewall, and that it is MongoDB that listens there"),
)  # fmt: skip
_GENERAL_HINT = "check host, port, user and password of the URL"
_DETAILS = re.compile(r",? ?(?:Timeout: [\d.]+s|Topology Description:|full error:|\(configured timeouts:).*", re.DOTALL)
_COMMAND = re.compile(r"(to execute command) \{ (\w+):.*", re.DOTALL)
"""The server repeats the whole command that it refuses; its name says enough."""


def reason_of(target: Target, error: BaseException) -> str:
    """Return one scrubbed line of what the driver said, without the address that it repeats and what a command held."""
    text = str((getattr(error, "details", None) or {}).get("errmsg") or error)
    line = " ".join(_COMMAND.sub(r"\1 \2", _DETAILS.sub("", text)).split())
    for host, port in target.hosts:
        line = line.replace(f"{host}:{port or PORT}: ", "")
    return target.scrub(line).removesuffix(" ()")[:_LONGEST_REASON] or "no reason was given"


def unreachable(target: Target, error: BaseException) -> AuditorError:
    """Return the error for a connection that failed, with the next thing to try."""
    known = f"{type(error).__name__} {error}"
    hint = next((hint for pattern, hint in _HINTS if re.search(pattern, known)), _GENERAL_HINT)
    return UnreachableError(f"cannot connect to {target.masked}: {reason_of(target, error)}", hint)

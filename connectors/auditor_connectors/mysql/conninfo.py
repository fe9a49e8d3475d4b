"""What the driver is told, built from the parts of a target, and what its refusals mean."""

from __future__ import annotations

import getpass
import os
import re
import ssl
from typing import Any

from auditor.connector import CollectOptions
from auditor.errors import AuditorError, UnreachableError, UsageError
from auditor.suggest import nearest
from auditor.target import Target

PORT = 3306

_OPTIONS = ("ssl-mode", "ssl-ca", "ssl-cert", "ssl-key", "socket")
"""The options of a URL, spelled as in the URLs of MySQL's own programs; an underscore stands for a dash."""

_MODES = ("DISABLED", "PREFERRED", "REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY")
_LONGEST_REASON = 300


def parameters(target: Target, options: CollectOptions) -> dict[str, Any]:
    """Return the driver's keywords for a target.

    Without a user it is the login name, without a password what MYSQL_PWD holds, as with the server's own programs.

    Raises:
        UsageError: an option is unknown or has a wrong value, there are several hosts, or a file cannot be read.

    """
    given = _checked(target)
    if len(target.hosts) > 1:
        raise UsageError("the URL names several hosts", "audit one server at a time")
    host, port = target.hosts[0] if target.hosts else ("", None)
    found: dict[str, Any] = {
        "host": host.strip("[]") or "localhost",
        "port": port or PORT,
        "user": target.user if target.user is not None else getpass.getuser(),
        "password": target.password if target.password is not None else os.environ.get("MYSQL_PWD", ""),
        "connect_timeout": max(1.0, options.connect_timeout),
        "read_timeout": max(1.0, options.connect_timeout),  # of the greeting: statements have a limit of their own
        "write_timeout": max(1.0, options.connect_timeout),
        "charset": "utf8mb4",
        "autocommit": True,
        "program_name": "auditor",
    }
    if any("\0" in value for value in found.values() if isinstance(value, str)):
        raise UsageError("the URL holds %00, which no name and no password can", "leave it out")
    if "socket" in given:
        found["unix_socket"] = given["socket"]
    return found | _encryption(given)


def _checked(target: Target) -> dict[str, str]:
    found = {}
    for key, value in target.options:
        name = key.lower().replace("_", "-")
        if name not in _OPTIONS:
            raise UsageError(f"the URL has the unknown option {key!r}", nearest(key, _OPTIONS))
        if not value:
            raise UsageError(f"the option {key!r} of the URL has no value", "give it one, or leave it out")
        found[name] = value
    return found


def _encryption(given: dict[str, str]) -> dict[str, Any]:
    """The keywords for TLS. A certificate of an authority asks for verification where no mode is given.

    https://dev.mysql.com/doc/refman/8.4/en/connection-options.html#encrypted-connection-options
    """
    mode = given.get("ssl-mode", "VERIFY_CA" if "ssl-ca" in given else "PREFERRED").upper().replace("-", "_")
    if mode not in _MODES:
        raise UsageError("the option 'ssl-mode' of the URL has a wrong value", f"use one of {', '.join(_MODES)}")
    if mode == "DISABLED":
        return {"ssl_disabled": True}
    if mode == "PREFERRED" and "ssl-cert" not in given:
        return {}  # the driver encrypts where the server can, and verifies nothing
    try:
        context = ssl.create_default_context(cafile=given.get("ssl-ca"))
        if "ssl-cert" in given:
            context.load_cert_chain(given["ssl-cert"], given.get("ssl-key"))
    except (OSError, ValueError) as error:  # an SSLError is an OSError
        detail = error.strerror if isinstance(error, OSError) and error.strerror else "it is no certificate or key"
        raise UsageError(f"a file of ssl-ca, ssl-cert or ssl-key cannot be used: {detail}", "check its path") from None
    # The authorities that servers make for themselves lack what RFC 5280 asks of them.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.check_hostname = mode == "VERIFY_IDENTITY"
    context.verify_mode = ssl.CERT_REQUIRED if mode.startswith("VERIFY") else ssl.CERT_NONE
    return {"ssl": context}


# The codes and words of the server and the driver, and the next thing to try. The first that fits counts.
# https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html
_HINTS: tuple[tuple[str, str], ...] = (
    (
        r"^1045\b.*using password: NO",
        "the server asks for a password: give it in the URL or in MYSQL_PWD",
    ),
    (r"^1045\b", "check the user and the password; a password in a URL is percent-encoded"),
    (r"^1698\b", "this account logs in as a user of the machine only: use another one, or its socket (?socket=PATH)"),
    (r"^1049\b", "check the name of the database after the slash of the URL"),
    (r"^1130\b|^1129\b", "no account may log in from this machine: ask for one, or for a host that may"),
    (r"^(1040|1203|1226)\b", "all connections are taken: try again later, or ask for a higher limit"),
    (r"^3159\b", "the server wants TLS: leave ssl-mode out, or use ssl-mode=REQUIRED"),
    (r"^3118\b|^4151\b", "the account is locked: ask for ALTER USER … ACCOUNT UNLOCK, or use another one"),
    (r"^(1820|1862)\b", "the password has expired: set a new one, or use another account"),
    (r"certificate verify failed|hostname mismatch|IP address mismatch",
     "check ssl-ca and the host name, or use ssl-mode=REQUIRED to encrypt without verifying"),
    (r"^2026\b|SSL|TLS|certificate", "check ssl-mode, ssl-ca, ssl-cert and ssl-key; ssl-mode=PREFERRED does without"),
    (r"cryptography", "this way to log in needs TLS: leave ssl-mode out, or install the package cryptography"),
    (r"pynacl", "the account logs in by ed25519: install the package PyNaCl, or use another account"),
    (r"^(2059|1251|1524|1275)\b|[Aa]uthentication (plugin|method)",
     "the account's way to log in is unknown here: ask for caching_sha2_password (MariaDB: mysql_native_password)"),
    (r"getaddrinfo|Name or service|nodename|name resolution", "check the host name, and that it resolves here"),
    (r"Connection refused", "nothing listens there: check host and port, and bind_address of the server"),
    (r"No such file or directory", "no server has its socket there: check the path"),
    (r"timed out", "no answer: check host, port and firewall, and that it is MySQL or MariaDB that listens there"),
    (r"No route to host|Network is unreachable|unreachable", "there is no way to the host: check network and firewall"),
    (r"^2013\b|^2006\b|Lost connection|reset by peer|Packet sequence|unpack",
     "check that a MySQL or MariaDB server listens at that port, and is not just starting or stopping"),
)  # fmt: skip
_GENERAL_HINT = "check host, port, user and password of the URL"


def parts_of(error: BaseException) -> tuple[int, str]:
    """The code and the text of an error of the driver; 0 where it has no code."""
    arguments = error.args
    if len(arguments) >= 2 and isinstance(arguments[0], int):
        return arguments[0], str(arguments[1])
    return 0, " ".join(str(argument) for argument in arguments)


def reason_of(target: Target, text: str) -> str:
    """Return one scrubbed line of what the driver said, without the address that the target repeats."""
    line = " ".join(text.split())
    inner = re.fullmatch(r"Can't connect to MySQL server on '.*?' \((?:\[Errno -?\d+\] )?(.*)\)", line)
    if inner:
        line = inner[1]
    return target.scrub(line)[:_LONGEST_REASON] or "no reason was given"


def unreachable(target: Target, error: BaseException) -> AuditorError:
    """Return the error for a connection that failed, with the next thing to try."""
    code, text = parts_of(error)
    known = f"{code} {text}"
    hint = next((hint for pattern, hint in _HINTS if re.search(pattern, known, re.IGNORECASE)), _GENERAL_HINT)
    return UnreachableError(f"cannot connect to {target.masked}: {reason_of(target, text)}", hint)

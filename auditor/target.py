"""A target: where an audit points, with its secrets kept out of sight.

Parsing happens here, before any driver sees the string, because drivers echo what they cannot parse, password included.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from urllib.parse import quote, unquote

from auditor.errors import UsageError

MASK = "***"
_SECRET_KEYS = re.compile(
    r"(?i)(password|passwd|pwd|secret|token|passfile|sslkey|sslpassword|api_?key|authmechanismproperties)"
)
# After a blank only a quoted word is a value: "password authentication failed" is prose.
_GIVEN_PASSWORD = re.compile(
    r"""(?i)(\b(?:password|passwd|pwd)(?:\s*[=:]\s*|\s+(?=['"])))('[^']*'|"[^"]*"|[^\s,;)]+)"""
)
_SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9+.\-]*)://(.*)$", re.DOTALL)


@dataclass(frozen=True, repr=False)
class Target:
    """A connection URL in parts. Its text forms mask the password."""

    scheme: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    hosts: tuple[tuple[str, int | None], ...] = ()
    database: str | None = None
    options: tuple[tuple[str, str], ...] = ()

    def __repr__(self) -> str:
        """Show the target without its secrets."""
        return f"Target({self.masked!r})"

    def __str__(self) -> str:
        """Show the target without its secrets."""
        return self.masked

    def __reduce__(self) -> str | tuple[object, ...]:
        """Refuse to be pickled, which would write the password."""
        raise TypeError("a target holds a secret and cannot be pickled")

    def with_database(self, name: str) -> Target:
        """The same server, another database."""
        return replace(self, database=name)

    @property
    def masked(self) -> str:
        """The URL with every secret replaced by asterisks."""
        user = ""
        if self.user is not None:
            user = self.user + (f":{MASK}" if self.password is not None else "") + "@"
        hosts = ",".join(host + (f":{port}" if port is not None else "") for host, port in self.hosts)
        shown = ((key, MASK if _SECRET_KEYS.search(key) else value) for key, value in self.options)
        query = "&".join(f"{quote(key)}={quote(value, safe='*/')}" for key, value in shown)
        return f"{self.scheme}://{user}{hosts}/{self.database or ''}" + (f"?{query}" if query else "")

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every secret of the target, decoded, longest first."""
        found = {value for key, value in self.options if value and _SECRET_KEYS.search(key)}
        if self.password:
            found.add(self.password)
        return tuple(sorted(found, key=lambda text: (-len(text), text)))

    def scrub(self, text: str) -> str:
        """Return the text without the target's secrets, and without the passwords of any URL or keyword in it."""
        return scrub(text, self.secrets)


def scrub(text: str, secrets: Iterable[str] = ()) -> str:
    """Replace known secrets, passwords inside URLs, and values of password keywords by asterisks."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, MASK)
    text = re.sub(r"(://[^/\s:@]*):[^@\s]*@", rf"\1:{MASK}@", text)
    return _GIVEN_PASSWORD.sub(rf"\1{MASK}", text)


def parse_target(text: str, schemes: Iterable[str], example: str) -> Target:
    """Take a URL apart.

    Raises:
        UsageError: the URL is malformed or its scheme unknown; the message names the part, with secrets masked.

    """
    match = _SCHEME.match(text)
    if match is None:
        raise UsageError("the target is not a URL: it has no scheme", f"write it like {example}")
    scheme, rest = match[1].lower(), match[2]
    known = sorted(schemes)
    if scheme not in known:
        near = f"did you mean {closest[0]}?" if (closest := get_close_matches(scheme, known, n=1)) else ""
        raise UsageError(
            f"unknown scheme {match[1]!r}", near or f"known schemes are {', '.join(known)}; for example {example}"
        )
    if re.search(r"[\s\x00-\x1f\x7f]", rest):
        raise UsageError("the URL holds a space or control character", "percent-encode it: a space is %20")
    rest, _, query = rest.partition("?")
    authority, _, database = rest.partition("/")
    credentials, user, password = "", None, None
    if "@" in rest:
        if "@" not in authority or authority.count("@") > 1:
            raise UsageError(
                "the password in the URL holds an unescaped character (one of @ / ? # [ ])",
                "percent-encode it: @ is %40, / is %2F, ? is %3F, # is %23",
            )
        credentials, _, authority = authority.rpartition("@")
        user_text, colon, password_text = credentials.partition(":")
        if re.search(r"[#\[\]]", credentials) or ":" in password_text:
            raise UsageError(
                "the user or password in the URL holds an unescaped character (one of : # [ ])",
                "percent-encode it: : is %3A, # is %23, [ is %5B, ] is %5D",
            )
        user, password = unquote(user_text) or None, unquote(password_text) if colon else None
    if any("@" in part.partition("=")[0] for part in query.split("&")) or ("@" in query and user is None):
        raise UsageError(
            "the URL holds an unescaped question mark in its password, or an unescaped @ in its options",
            "percent-encode it: ? is %3F, @ is %40",
        )
    if re.search(r"%(?![0-9A-Fa-f]{2})", f"{credentials}/{database}?{query}"):
        raise UsageError("the URL holds a % that begins no percent-encoding", "a % itself is written %25")
    hosts = tuple(_host(part, example) for part in authority.split(",")) if authority else ()
    options = tuple(_option(part) for part in query.split("&") if part)
    return Target(scheme, user, password, hosts, unquote(database) or None, options)


def _option(text: str) -> tuple[str, str]:
    """Split an option. A plus sign is one: only forms of web pages write a space so."""
    key, _, value = text.partition("=")
    return unquote(key), unquote(value)


def _host(text: str, example: str) -> tuple[str, int | None]:
    match = re.fullmatch(r"(\[[0-9A-Fa-f:.]+(?:%[\w.%~-]+)?\]|[^:\[\]]*)(?::(.*))?", text)
    if match is None:  # not shown: it may be a password whose @ is missing
        raise UsageError(
            "a host of the URL is malformed", f"an IPv6 address stands in brackets; write it like {example}"
        )
    host, port = match[1], match[2]
    if port is None or port == "":
        return unquote(host), None
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise UsageError(
            "the port is not a number from 1 to 65535", "if the password holds : or @ percent-encode it (%3A, %40)"
        )
    return unquote(host), int(port)

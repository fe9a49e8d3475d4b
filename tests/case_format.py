"""Reads case files (tests/cases/README.md): what their comment lines say, and their statements or commands."""

from __future__ import annotations

import difflib
import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from auditor.model.vocabulary import Confidence, Severity
from tests import redis_words
from tests.sql_tokens import Depth, tokens

MAJORS = (14, 15, 16, 17, 18)
NEWEST = MAJORS[-1]
FOLDERS = {"mysql": ("mysql", "mariadb"), "mongodb": ("mongodb",), "redis": ("redis", "valkey")}
"""The products that the cases of a folder run on; those beside the folders are for PostgreSQL."""
COMMANDS, LINES = ".jsonc", ".redis"
"""How the name of a case file ends that holds commands instead of SQL: as JSON documents, or one a line."""
_MARKS = {COMMANDS: "//", LINES: "#"}

# What outlives the database in which it is run.
_CLUSTER_WIDE = re.compile(
    r"""(?ix)\b(?:create|drop)\s+(?:role|user|group|database|tablespace|subscription)\b(?!\s+mapping)
      | \balter\s+(?:role|user|group|tablespace|system)\b(?!\s+mapping)
      | \bpg_create_(?:physical|logical)_replication_slot\b
      | \bprepare\s+transaction\b"""
)
# Accounts and variables are taken back where a case of another engine is run (mysql_cases.py).
_DATABASES = re.compile(r"(?i)\b(?:create|drop)\s+(?:database|schema)\b")
# What is not taken back where a case for MongoDB is run (mongodb_cases.py); what is slow is in the log for good.
_LASTING = re.compile(
    r"""(?x)^\{\s*"(?:replSet\w+|set(?:DefaultRWConcern|FeatureCompatibilityVersion|ClusterParameter)|shutdown|fsync
      |configureFailPoint|logRotate|rotateCertificates)" | "slowms"\s*:"""
)
_WORDS = {"engine", "expect", "case", "innocent", "versions", "on", "server", "hba", "as", "after", "limits", "repeat"}
_PLAIN = {
    "expect nothing": ("outcome", "nothing"),
    "expect passed": ("outcome", "passed"),
    "expect not-assessed": ("outcome", "not-assessed"),
    "expect not-applicable": ("outcome", "not-applicable"),
    "own server": ("own_server", True),
    "replica": ("replica", "attached"),
    "replica audited": ("replica", "audited"),
    "full build": ("full_build", True),
    "slow log": ("slow_log", True),
}


class CaseError(Exception):
    """A case file is not written as it should be; the message names the file and the line."""


@dataclass(frozen=True)
class Expectation:
    """A finding that must come out. With ``pattern``, ``*`` in the name stands for anything."""

    kind: str
    name: str
    pattern: bool = False
    severity: Severity | None = None
    confidence: Confidence | None = None

    def matches(self, kind: str, name: str) -> bool:
        """Whether a finding on this subject is the one that is meant."""
        if self.kind != kind:
            return False
        if not self.pattern:
            return self.name == name
        return re.fullmatch(".*".join(map(re.escape, self.name.split("*"))), name, re.DOTALL) is not None

    def __str__(self) -> str:
        return " ".join(
            str(word) for word in (self.kind, self.name, self.severity, self.confidence) if word is not None
        )


@dataclass(frozen=True)
class Statement:
    """A statement with the line where it begins, the session that runs it ("" is the main one) and how often.

    One without text waits ``pause`` seconds.
    """

    text: str
    line: int
    session: str = ""
    background: bool = False
    repeat: int = 1
    pause: float = 0.0


@dataclass(frozen=True)
class Case:
    """One case of a case file. ``engines`` are the products that it runs on, none for PostgreSQL."""

    check: str
    path: Path
    engines: tuple[str, ...] = ()
    line: int = 1
    name: str = ""
    expected: tuple[Expectation, ...] = ()
    outcome: str | None = None
    innocents: tuple[str, ...] = ()
    versions: tuple[int, int] = (0, 99)
    on: tuple[int, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    hba: tuple[str, ...] = ()
    own_server: bool = False
    replica: str | None = None
    full_build: bool = False
    roles: tuple[str, ...] | None = None
    after_days: float = 0.0
    limits: Mapping[str, float] = field(default_factory=dict)
    slow_log: bool = False
    statements: tuple[Statement, ...] = ()

    @property
    def id(self) -> str:
        """A name that is readable on a command line."""
        slug = re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")
        return f"{self.check}:{slug}" if slug else self.check

    @property
    def mark(self) -> str:
        """What its comment lines begin with."""
        return _MARKS.get(self.path.suffix, "--")

    @property
    def exclusive(self) -> bool:
        """Whether the case needs a server that no other case has used."""
        return self.own_server or self.replica is not None or self.slow_log

    @property
    def tls(self) -> bool:
        """Whether its server speaks TLS."""
        return self.settings.get("ssl") == "on"

    def majors(self, everywhere: bool = False) -> tuple[int, ...]:
        """The server versions to run on; all that it allows if ``everywhere``."""
        low, high = self.versions
        allowed = tuple(major for major in MAJORS if low <= major <= high)
        if self.tls or self.full_build:
            everywhere = False
        return self.on or (allowed if everywhere else allowed[-1:])


def load(path: Path) -> tuple[Case, ...]:
    """Read a case file.

    Raises:
        CaseError: it is not written as tests/cases/README.md says.

    """
    reader = {COMMANDS: _CommandReader, LINES: _LineReader}.get(path.suffix, _Reader)(path)
    common, cases = reader.read()
    if not cases:
        cases = (common,)
    for case in cases:
        _validate(case)
    names = [case.id for case in cases]
    if len(set(names)) != len(names):
        raise CaseError(f"{path.name}: two cases have the same name")
    return cases


class _Reader:
    """Walks through a file once and builds its cases."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = path.read_text(encoding="utf-8")
        self.common = Case(check=path.stem, path=path, engines=FOLDERS.get(path.parent.name, ()))
        self.case = self.common
        self.done: list[Case] = []
        self.named = False
        self.session, self.background, self.repeat = "", False, 1

    def fail(self, position: int, message: str) -> CaseError:
        """An error that names the line."""
        return CaseError(f"{self.path.name}:{self.line(position)}: {message}")

    def line(self, position: int) -> int:
        """The line of a position, from 1."""
        return self.text.count("\n", 0, position) + 1

    def read(self) -> tuple[Case, tuple[Case, ...]]:
        """Return what stands before the first case, and the cases."""
        start: int | None = None
        depth = Depth()
        try:
            for kind, text, position in tokens(self.text):
                if kind == "comment" and (position == 0 or self.text[position - 1] == "\n"):
                    self.comment(text, position, inside=start is not None)
                elif kind == "end" and not depth.open:
                    self.statement(start, position)
                    start, depth = None, Depth()
                elif kind not in {"comment", "space"}:
                    start = position if start is None else start
                    depth.feed(kind, text)
        except ValueError as error:
            raise self.fail(error.args[1], error.args[0]) from None
        self.statement(start, len(self.text))
        self.finish(len(self.text))
        return self.common, tuple(self.done)

    def finish(self, position: int) -> None:
        """End the case, or what is common to all, at this position."""
        if self.repeat != 1:
            raise self.fail(position, f"{self.case.mark} repeat: stands before no statement")
        if self.named:
            self.done.append(self.case)
        else:
            self.common = self.case

    def statement(self, start: int | None, end: int) -> None:
        """Add a statement to the case."""
        if start is None:
            return
        text = self.text[start:end].rstrip()
        if text.startswith("\\"):
            raise self.fail(start, "psql's backslash commands do not exist here")
        if re.match(r"(?is)copy\b.*\bfrom\s+stdin\b", text):
            raise self.fail(start, "COPY FROM stdin does not exist here: use INSERT … VALUES")
        added = Statement(text, self.line(start), self.session, self.background, self.repeat)
        self.case = replace(self.case, statements=(*self.case.statements, added))
        self.repeat = 1

    def comment(self, text: str, position: int, *, inside: bool) -> None:
        """Take a comment line: a directive, or nothing."""
        words = text[len(self.case.mark) :].strip()
        session = re.fullmatch(r"session ([a-z][a-z0-9_]*)( background)?", words)
        directive = re.match(r"([a-z][a-z_-]*)\s*:\s*(.*)$", words)
        if not (session or directive or words == "main" or words in _PLAIN or words.startswith("expect ")):
            return
        if not text.startswith(f"{self.case.mark} "):
            raise self.fail(position, f"a directive begins with '{self.case.mark} '")
        if inside:
            raise self.fail(position, f"{text!r} stands inside a statement: is a semicolon missing before it?")
        if session:
            self.session, self.background = session[1], session[2] is not None
        elif words == "main":
            self.session, self.background = "", False
        elif directive:
            self.directive(directive[1], directive[2].strip(), position)
        elif words in _PLAIN:
            name, value = _PLAIN[words]
            if name == "outcome" and self.case.outcome is not None:
                raise self.fail(position, "the case already says which outcome it expects")
            self.case = replace(self.case, **{name: value})  # type: ignore[arg-type]
        else:
            raise self.fail(position, f"{words!r}: write 'expect: KIND NAME', or 'expect nothing' and its kin")

    def directive(self, word: str, value: str, position: int) -> None:
        """Take a line of the form ``word: value``."""
        if word not in _WORDS:
            near = difflib.get_close_matches(word, sorted(_WORDS), 1)
            hint = f"; did you mean '{near[0]}:'?" if near else "; a comment begins with a capital letter"
            raise self.fail(position, f"unknown directive '{word}:'{hint}")
        if not value:
            raise self.fail(position, f"'{word}:' says nothing")
        if word == "case":
            self.finish(position)
            self.named = True
            self.case = replace(self.common, name=value, line=self.line(position))
            self.session, self.background = "", False
        elif word == "repeat":
            self.repeat = self.number(value, position)
        else:
            try:
                self.case = replace(self.case, **_field(self.case, word, value))  # type: ignore[arg-type]
            except ValueError as error:
                raise self.fail(position, f"'{word}: {value}': {error}") from None

    def number(self, value: str, position: int) -> int:
        """Read a positive whole number."""
        if not value.isdigit() or int(value) < 1:
            raise self.fail(position, f"{value!r} is not a positive whole number")
        return int(value)


class _CommandReader(_Reader):
    """The same for a file of commands: JSON documents, between which comment lines stand."""

    def read(self) -> tuple[Case, tuple[Case, ...]]:
        """Return what stands before the first case, and the cases."""
        decoder, position = json.JSONDecoder(), 0
        while position < len(self.text):
            if self.text[position].isspace():
                position += 1
            elif self.text.startswith("//", position):
                end = (self.text + "\n").index("\n", position)
                self.comment(self.text[position:end], position, inside=False)
                position = end
            else:
                try:
                    document, end = decoder.raw_decode(self.text, position)
                except json.JSONDecodeError as error:
                    raise self.fail(error.pos, error.msg) from None
                if not isinstance(document, dict) or not document:
                    raise self.fail(position, "a command is a document whose first name is the command's")
                self.statement(position, end)
                position = end
        self.finish(len(self.text))
        return self.common, tuple(self.done)


class _LineReader(_Reader):
    """The same for a file with a command a line, as the command line program of Redis takes them."""

    def read(self) -> tuple[Case, tuple[Case, ...]]:
        """Return what stands before the first case, and the cases."""
        position = 0
        while position < len(self.text):
            end = (self.text + "\n").index("\n", position)
            if self.text.startswith("#", position):
                self.comment(self.text[position:end], position, inside=False)
            elif self.text[position:end].strip():
                try:
                    _, end = redis_words.split(self.text, position)
                except ValueError as error:
                    raise self.fail(position, str(error)) from None
                self.statement(position, end)
            position = end + 1
        self.finish(len(self.text))
        return self.common, tuple(self.done)

    def directive(self, word: str, value: str, position: int) -> None:
        """Take a line of the form ``word: value``; here one may also wait."""
        if word != "sleep":
            super().directive(word, value, position)
            return
        if not re.fullmatch(r"\d+(\.\d+)?", value):
            raise self.fail(position, f"{value!r} is not a number of seconds")
        pause = Statement("", self.line(position), self.session, pause=float(value))
        self.case = replace(self.case, statements=(*self.case.statements, pause))


def _field(case: Case, word: str, value: str) -> dict[str, object]:
    """What a directive changes in a case."""
    if word == "expect":
        return {"expected": (*case.expected, _expectation(value))}
    if word in {"engine", "as"}:
        return {"engines": (_engine(case, value),)} if word == "engine" else {"roles": _roles(case, value)}
    if word == "innocent":
        return {"innocents": (*case.innocents, value)}
    if word == "versions":
        return {"versions": _range(value, _majors(case))}
    if word == "on":
        return _on(case, value)
    if word == "server":
        return {"settings": {**case.settings, **_pairs(value)}}
    if word == "hba":
        return {"hba": (*case.hba, value)}
    if word == "limits":
        return {"limits": {**case.limits, **{name: _number(text) for name, text in _pairs(value).items()}}}
    match = re.fullmatch(r"(\d+(?:\.\d+)?) (day|hour)s?", value)
    if match is None:
        raise ValueError("write a number and 'days' or 'hours'")
    return {"after_days": float(match[1]) / (1 if match[2] == "day" else 24)}


def _engine(case: Case, value: str) -> str:
    if value not in case.engines:
        raise ValueError(f"cases of this folder run on {' and '.join(case.engines) or 'PostgreSQL'}")
    return value


def _roles(case: Case, value: str) -> tuple[str, ...]:
    """The roles of the account that audits.

    Of MySQL they are the privileges with what they are on, parted by semicolons; of Redis the rules.
    """
    if value == "nobody":
        return ()
    if case.path.suffix == LINES:
        return tuple(value.split())
    if case.engines:
        return tuple(part.strip() for part in value.split(";"))
    return tuple(re.split(r"[\s,]+", value))


def _expectation(value: str) -> Expectation:
    kind, _, rest = value.partition(" ")
    rest = rest.strip()
    if not re.fullmatch(r"[a-z][a-z-]*", kind) or not rest:
        raise ValueError("write a kind and a name")
    quoted = rest.startswith('"')
    if quoted:
        name, end = json.JSONDecoder().raw_decode(rest)
        words = rest[end:].split()
    else:
        name, *words = rest.split()
    found = Expectation(kind, name, pattern=not quoted and "*" in name)
    for word in words:
        if word in list(Severity) and found.severity is None:
            found = replace(found, severity=Severity(word))
        elif word in list(Confidence) and found.confidence is None:
            found = replace(found, confidence=Confidence(word))
        else:
            raise ValueError(f"{word!r} is no severity and no confidence; a name with spaces is quoted")
    return found


def _range(value: str, majors: tuple[int, ...]) -> tuple[int, int]:
    match = re.fullmatch(r"(\d*)(-?)(\d*)", value)
    if match is None or not (match[1] or match[3]):
        raise ValueError("write 16, 16-, -16 or 14-16")
    low = int(match[1]) if match[1] else 0
    high = int(match[3]) if match[3] else (99 if match[2] else low)
    if not any(low <= major <= high for major in majors):
        raise ValueError("no server of these versions")
    return low, high


def _majors(case: Case) -> tuple[int, ...]:
    return tuple(redis_words.MAJORS.values()) if case.path.suffix == LINES else MAJORS


def _on(case: Case, value: str) -> dict[str, object]:
    """Where a case runs: on these versions, or on servers that are called so."""
    named = tuple(value.split())
    if case.path.suffix != LINES:
        return {"on": tuple(map(_major, named))}
    if unknown := sorted(set(named) - set(redis_words.MAJORS)):
        raise ValueError(f"{unknown[0]!r} is not one of {', '.join(redis_words.MAJORS)}")
    return {"engines": named}


def _major(value: str) -> int:
    if value not in map(str, MAJORS):
        raise ValueError(f"{value!r} is not one of {', '.join(map(str, MAJORS))}")
    return int(value)


def _pairs(value: str) -> dict[str, str]:
    pairs = {}
    for part in shlex.split(value):
        name, equals, text = part.partition("=")
        if not equals or not re.fullmatch(r"[A-Za-z_][\w.-]*", name):
            raise ValueError(f"{part!r} is not NAME=VALUE")
        pairs[name] = text
    return pairs


def _number(text: str) -> float:
    """A limit: a whole number where it is written as one."""
    return int(text) if re.fullmatch(r"-?\d+", text) else float(text)


def _validate(case: Case) -> None:
    """Refuse a case that says nothing, contradicts itself or would leave something behind on a shared server."""
    where = f"{case.path.name}:{case.line}"
    if bool(case.expected) == (case.outcome is not None):
        said = (
            "both findings and none"
            if case.expected
            else f"nothing: add '{case.mark} expect: KIND NAME' or '{case.mark} expect nothing'"
        )
        raise CaseError(f"{where}: the case expects {said}")
    if case.path.suffix != LINES and not case.majors():
        raise CaseError(f"{where}: no version to run on")
    outlives = {COMMANDS: _LASTING, LINES: redis_words.LASTING}.get(
        case.path.suffix, _DATABASES if case.engines else _CLUSTER_WIDE
    )
    for statement in case.statements:
        if not case.exclusive and outlives.search(statement.text):
            where = f"{case.path.name}:{statement.line}"
            what = "case" if case.path.suffix == LINES else "database"
            raise CaseError(f"{where}: this outlives the {what}: the case needs '{case.mark} own server'")

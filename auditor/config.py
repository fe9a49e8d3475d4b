"""``auditor.toml``: named targets, defaults of the command line, limits of checks. And what a TARGET argument means."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from auditor.connector import Connector
from auditor.errors import UsageError
from auditor.model.operation import AnyOperation
from auditor.registry import load_connectors
from auditor.suggest import nearest
from auditor.target import Target, parse_target
from auditor.wishes import decode_wishes

FILE_NAME = "auditor.toml"


class TargetConfig(Struct, frozen=True, kw_only=True):
    """A named target: a URL, or ``env:VARIABLE`` for a URL in the environment."""

    url: str


class AuditConfig(Struct, frozen=True, kw_only=True):
    """Defaults for ``auditor audit``; a flag on the command line wins over each."""

    output: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    fail_on: str | None = None
    fail_new: bool = False
    min_score: float | None = None
    min_coverage: float | None = None
    baseline: str | None = None
    calibration: str | None = None
    statement_timeout: float | None = None
    lock_timeout: float | None = None
    time_budget: float | None = None
    sample: bool = True


class Config(Struct, frozen=True, kw_only=True):
    """The whole file. ``limits`` maps a check's id to its limits by name; ``operations`` are planned unasked."""

    targets: dict[str, TargetConfig] = {}
    audit: AuditConfig = AuditConfig()
    limits: dict[str, dict[str, float]] = {}
    operations: tuple[AnyOperation, ...] = ()


def read_config(path: Path | None) -> Config:
    """Read the given file, or ``auditor.toml`` of the current folder when there is one.

    Raises:
        UsageError: the file is missing or malformed, or a key is unknown; the message offers the nearest valid key.

    """
    found = path or Path(FILE_NAME)
    if path is None and not found.is_file():
        return Config()
    try:
        data = tomllib.loads(found.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"cannot read the configuration {found}: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{found} is not valid TOML: {error}") from error
    _refuse_unknown(found, "", data, Config)
    _refuse_unknown(found, "audit.", data.get("audit", {}), AuditConfig)
    for name, table in _table(data.get("targets")).items():
        _refuse_unknown(found, f"targets.{name}.", _table(table), TargetConfig)
    wishes = decode_wishes(found, data.pop("operations", []))
    try:
        return replace(msgspec.convert(data, Config), operations=wishes)
    except msgspec.ValidationError as error:
        raise UsageError(f"{found}: {error}") from error


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _refuse_unknown(path: Path, prefix: str, table: Any, kind: type[Struct]) -> None:
    for key in _table(table):
        if key not in kind.__struct_fields__:
            raise UsageError(f"{path}: unknown key {prefix}{key}", nearest(key, kind.__struct_fields__))


def resolve_target(text: str, config: Config, environment: Mapping[str, str] | None = None) -> Target:
    """Turn a TARGET argument (URL, name in the configuration, or ``env:VARIABLE``) into a target.

    Raises:
        UsageError: it is none of them, the variable is not set, or the URL is malformed.

    """
    environment = os.environ if environment is None else environment
    connectors = load_connectors().values()
    schemes = [scheme for connector in connectors for scheme in connector.schemes]
    url = config.targets[text].url if text in config.targets else text
    example = _example(url, connectors)
    origin = "the target" if url == text else f"the target {text} of the configuration"
    if url.startswith("env:"):
        name = url.removeprefix("env:")
        if not name:
            raise UsageError("env: names no variable", "write env:VARIABLE")
        url, origin = environment.get(name, "").strip(), f"the environment variable {name}"
        if not url:
            close = difflib.get_close_matches(name, environment, n=1, cutoff=0.7) if name not in environment else []
            raise UsageError(
                f"{origin} is {'empty' if name in environment else 'not set'}",
                f"did you mean {close[0]}?" if close else f"set it to a URL like {example}",
            )
    if "://" in url:
        return parse_target(url, schemes, _example(url, connectors))
    if url != text:
        raise UsageError(f"{origin} does not hold a URL", f"it should be like {example}")
    raise _no_target(text, config, schemes, example)


def _example(url: str, connectors: Iterable[Connector]) -> str:
    """A URL to show to who wrote a wrong one: of the engine that it begins like, else of one that anybody can try."""
    fitting = sorted(
        connectors, key=lambda one: (not any(url.startswith(scheme) for scheme in one.schemes), not one.demonstrates)
    )
    return fitting[0].example if fitting else "scheme://user:password@host:port/database"


def _no_target(text: str, config: Config, schemes: list[str], example: str) -> UsageError:
    """Say what a TARGET argument is not. It is repeated only when it cannot hold a password."""
    hint = f"write a URL like {example}, env:VARIABLE, or the name of a file"
    if text and Path(text).exists():
        return UsageError(f"{text} is a file, and this needs a server", "audit it with: auditor audit FILE")
    if not text:
        return UsageError("the target is empty", f"{hint}; is a variable of the shell unset?")
    if re.match(rf"({'|'.join(map(re.escape, schemes))})[:/]", text):
        return UsageError("the URL does not have :// after its scheme", f"write it like {example}")
    if not re.fullmatch(r"[\w./~-]+", text):
        return UsageError("the target is neither a URL nor a file nor a name of the configuration", hint)
    if "/" in text:
        return UsageError(f"there is no file {text}", hint)
    return UsageError(f"no target is called {text!r}, and there is no such file", nearest(text, config.targets) or hint)

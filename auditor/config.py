"""``auditor.toml``: named targets, defaults of the command line, limits of checks. And what a TARGET argument means."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from auditor.errors import UsageError
from auditor.registry import load_connectors
from auditor.suggest import nearest
from auditor.target import Target, parse_target

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
    statement_timeout: float | None = None
    lock_timeout: float | None = None


class Config(Struct, frozen=True, kw_only=True):
    """The whole file. ``limits`` maps a check's id to its limits by name."""

    targets: dict[str, TargetConfig] = {}
    audit: AuditConfig = AuditConfig()
    limits: dict[str, dict[str, float]] = {}


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
    try:
        return msgspec.convert(data, Config)
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
    if text in config.targets:
        text = config.targets[text].url
    if text.startswith("env:"):
        name = text.removeprefix("env:")
        if not environment.get(name):
            raise UsageError(f"the environment variable {name} is not set", "set it to the URL of the target")
        text = environment[name].strip()
    connectors = load_connectors().values()
    example = next((connector.example for connector in connectors), "scheme://user:password@host:5432/database")
    if "://" not in text:
        hint = nearest(text, config.targets) or f"write a URL like {example}, or env:VARIABLE"
        raise UsageError("the target is neither a URL nor a file, and no target of that name is configured", hint)
    return parse_target(text, [scheme for connector in connectors for scheme in connector.schemes], example)

"""How connectors and checks are found: through entry points, ours on the same footing as anybody's."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from auditor.connector import Connector
from auditor.errors import AuditorError, UsageError
from auditor.model.check import LoadedCheck, load


def _entries(group: str) -> list[EntryPoint]:
    return sorted(entry_points(group=group), key=lambda entry: entry.name)


@cache
def load_connectors() -> Mapping[str, Connector]:
    """Return every installed connector by its entry point's name."""
    return {entry.name: entry.load() for entry in _entries("auditor.connectors")}


def connector_for(engine: str) -> Connector:
    """Return the connector of an engine.

    Raises:
        UsageError: no installed connector knows the engine.

    """
    for connector in load_connectors().values():
        if connector.engine == engine:
            return connector
    known = ", ".join(sorted(connector.engine for connector in load_connectors().values()))
    raise UsageError(f"no connector for the engine {engine!r} is installed", f"installed are {known}")


@cache
def load_checks() -> Mapping[str, LoadedCheck]:
    """Return every installed check by its id: the file's name with dashes.

    Raises:
        AuditorError: two packages bring the same id, or a module is not a check.

    """
    found: dict[str, LoadedCheck] = {}
    for entry in _entries("auditor.checks"):
        package = entry.load()
        for info in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            stem = info.name.rpartition(".")[2]
            if info.ispkg or stem.startswith("_"):
                continue
            identifier = stem.replace("_", "-")
            if identifier in found:
                raise AuditorError(f"two checks are called {identifier}", f"one is in {found[identifier].origin}")
            try:
                found[identifier] = load(importlib.import_module(info.name), identifier, entry.name)
            except (ValueError, AttributeError) as error:
                raise AuditorError(f"{info.name} is not a check: {error}") from error
    return dict(sorted(found.items()))

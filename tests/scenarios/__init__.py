"""Databases and operations for which plans are carried out on real servers: at least one for each kind of operation."""

from __future__ import annotations

from collections.abc import Mapping

from tests.scenarios import (
    columns,
    constraints,
    indexes,
    names,
    partitions,
    restructuring,
    retention,
    security,
    server,
    tables,
    types,
)
from tests.scenarios.base import Scenario

_FAMILIES = (
    indexes,
    constraints,
    columns,
    types,
    partitions,
    tables,
    server,
    security,
    restructuring,
    retention,
    names,
)

SCENARIOS: Mapping[str, Scenario] = {
    name: scenario for family in _FAMILIES for name, scenario in family.SCENARIOS.items()
}
"""By name. Settings are changed for the whole server, so the scenario undoes them."""

"""How MongoDB performs operations without downtime: one recipe for each kind."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.connector import Recipe

RECIPES: Mapping[str, Recipe] = {}

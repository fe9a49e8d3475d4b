"""How Redis and Valkey perform each kind of operation while clients go on working: one recipe per kind."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.connector import Recipe

RECIPES: Mapping[str, Recipe] = {}

"""Routines that run with their owner's rights."""

from __future__ import annotations

from auditor.model.catalog import Routine

COMPILED = ("c", "internal")
"""Languages of compiled functions: no source, no names to look up."""


def runs_as_owner(routine: Routine) -> bool:
    """Whether the routine takes its owner's rights and looks names up at run time, as compiled ones do not."""
    return routine.security_definer and routine.language not in COMPILED


def is_called(routine: Routine) -> bool:
    """Whether a user can call the routine by name; a trigger's function runs only where a trigger stands."""
    return routine.kind != "trigger"

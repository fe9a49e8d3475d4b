"""What every connector's session tells of a probe that it ran."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from auditor.model.vocabulary import ProbeOutcome


class Answer(Struct, frozen=True, kw_only=True):
    """What became of a probe: its outcome with the reason, its rows when it is ``ok``, and the milliseconds it took."""

    outcome: ProbeOutcome
    rows: list[Any] = []
    reason: str | None = None
    milliseconds: float = 0.0

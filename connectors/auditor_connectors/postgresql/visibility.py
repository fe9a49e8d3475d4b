"""What a session could see of what is there: a probe that returns rows may still have been shown only a part."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from auditor.model.vocabulary import ProbeOutcome
from auditor_connectors.postgresql.assemble.server import partial
from auditor_connectors.postgresql.probe import Raw


class Partial(Struct, frozen=True, kw_only=True):
    """A probe's outcome in the light of what it was shown, with the reason and the grant that would show the rest."""

    outcome: ProbeOutcome
    reason: str
    grant: str | None = None


def _read_all(version: int) -> str:
    """The grant that shows statistics and sequences of every table: one role of the system since version 14."""
    if version >= 140000:
        return "GRANT pg_read_all_data TO {role}"
    return "GRANT SELECT ON ALL TABLES IN SCHEMA {schemas} TO {role}"


def _column_statistics(raw: Raw, version: int) -> Partial | None:
    tables = raw.get("tables", [])
    visible = sum(1 for row in tables if row["statistics_visible"])
    if visible == len(tables):
        return None
    outcome = ProbeOutcome.OK if visible else ProbeOutcome.DENIED
    reason = f"visible for {visible:,} of {len(tables):,} tables"
    return Partial(outcome=outcome, reason=reason, grant=_read_all(version))


def _sequences(raw: Raw, version: int) -> Partial | None:
    sequences = raw.get("sequences", [])
    hidden = sum(1 for row in sequences if not row["permitted"])
    if not hidden:
        return None
    grant = "GRANT pg_read_all_data TO {role}"
    if version < 140000:
        grant = "GRANT SELECT ON ALL SEQUENCES IN SCHEMA {schemas} TO {role}"
    reason = f"the position is visible for {len(sequences) - hidden:,} of {len(sequences):,} sequences"
    return Partial(outcome=ProbeOutcome.OK, reason=reason, grant=grant)


_REVIEWS: dict[str, Callable[[Raw, int], Partial | None]] = {
    "column-statistics": _column_statistics,
    "sequences": _sequences,
}


def review(probe: str, raw: Raw, version: int) -> Partial | None:
    """Return what a probe that was ``ok`` could see only in part, None when it saw all."""
    if probe in _REVIEWS:
        return _REVIEWS[probe](raw, version)
    reason, grant = partial(raw).get(probe, (None, None))
    return None if reason is None else Partial(outcome=ProbeOutcome.OK, reason=reason, grant=grant)

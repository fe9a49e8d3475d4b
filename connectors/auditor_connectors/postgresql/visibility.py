"""What a session could see of what is there: a probe that returns rows may still have been shown only a part."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from auditor.model.vocabulary import ProbeOutcome
from auditor_connectors.postgresql.assemble.bloat import large_indexes, large_tables
from auditor_connectors.postgresql.assemble.server import partial
from auditor_connectors.postgresql.probe import Raw
from auditor_connectors.postgresql.probes.statistics import LOOKED_AT


class Partial(Struct, frozen=True, kw_only=True):
    """A probe's outcome in the light of what it was shown, with the reason and the grant that would show the rest."""

    outcome: ProbeOutcome
    reason: str
    grant: str | None = None


def _column_statistics(raw: Raw, version: int) -> Partial | None:
    tables = raw.get("tables", [])
    visible = sum(1 for row in tables if row.statistics_visible)
    grant = "GRANT pg_read_all_data TO {role}"
    if version < 140000:
        grant = "GRANT SELECT ON ALL TABLES IN SCHEMA {schemas} TO {role}"
    if visible < len(tables):
        outcome = ProbeOutcome.OK if visible else ProbeOutcome.DENIED
        return Partial(outcome=outcome, reason=f"visible for {visible:,} of {len(tables):,} tables", grant=grant)
    looked_at = sum(1 for row in raw["column-statistics"] if row.null_fraction is None)
    if looked_at >= LOOKED_AT:
        reason = f"values were looked at in the {LOOKED_AT:,} columns of the tables with the most rows only"
        return Partial(outcome=ProbeOutcome.OK, reason=reason)
    return None


def _sequences(raw: Raw, version: int) -> Partial | None:
    sequences = raw.get("sequences", [])
    hidden = sum(1 for row in sequences if not row.permitted)
    if not hidden:
        return None
    grant = "GRANT pg_read_all_data TO {role}"
    if version < 140000:
        grant = "GRANT SELECT ON ALL SEQUENCES IN SCHEMA {schemas} TO {role}"
    reason = f"the position is visible for {len(sequences) - hidden:,} of {len(sequences):,} sequences"
    return Partial(outcome=ProbeOutcome.OK, reason=reason, grant=grant)


def _counters(raw: Raw, _version: int) -> Partial | None:
    """Counters that the server was told not to keep all stand at zero: that is no answer."""
    if any(row["name"] == "track_counts" and row["value"] == "off" for row in raw.get("settings", ())):
        return Partial(outcome=ProbeOutcome.UNSUPPORTED, reason="track_counts is off: nothing is counted")
    return None


def _table_bloat(raw: Raw, _version: int) -> Partial | None:
    return _estimated("tables", large_tables(raw), len(raw["table-bloat"]))


def _index_bloat(raw: Raw, _version: int) -> Partial | None:
    return _estimated("B-tree indexes", large_indexes(raw), len(raw["index-bloat"]))


def _estimated(what: str, large: int, found: int) -> Partial | None:
    if found >= large:
        return None
    reason = f"estimated for {found:,} of {large:,} {what} larger than 1 MB: the others lack complete, fresh statistics"
    return Partial(outcome=ProbeOutcome.OK, reason=reason)


_REVIEWS: dict[str, Callable[[Raw, int], Partial | None]] = {
    "column-statistics": _column_statistics,
    "sequences": _sequences,
    "table-usage": _counters,
    "index-usage": _counters,
    "table-bloat": _table_bloat,
    "index-bloat": _index_bloat,
}


def review(probe: str, raw: Raw, version: int) -> Partial | None:
    """Return what a probe that was ``ok`` could see only in part, None when it saw all."""
    if probe in _REVIEWS:
        return _REVIEWS[probe](raw, version)
    reason, grant = partial(raw).get(probe, (None, None))
    return None if reason is None else Partial(outcome=ProbeOutcome.OK, reason=reason, grant=grant)

"""What checks of sessions share."""

from __future__ import annotations

import re

from auditor.model.workload import Session

_TOOLS = re.compile(r"(?i)^(pg_dump|pg_dumpall|pg_repack|pg_basebackup|.*_sync_.*)$")


def holds_on_purpose(session: Session) -> bool:
    """Whether the session belongs to a tool that keeps a transaction open because it needs one snapshot."""
    return _TOOLS.match(session.application or "") is not None

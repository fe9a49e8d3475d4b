"""Reading a report file back."""

from __future__ import annotations

from pathlib import Path

from auditor.model.report import Audit
from auditor.storage import read_file


def load_report(path: Path) -> Audit:
    """Read a report from JSON or from the HTML that carries it.

    Raises:
        UsageError: the file is unreadable, corrupt, no report, or of a newer version; the message names the file.

    """
    from auditor.rendering import read_report

    return read_report(read_file(path), str(path))

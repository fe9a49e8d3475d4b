"""Write the pages that come from code: one per check, their index, and the list of operations."""

from __future__ import annotations

from pathlib import Path

from auditor.catalogue import operations, pages
from auditor.registry import load_checks

DOCS = Path(__file__).parent.parent / "docs"
FOLDER = DOCS / "checks"


def main() -> None:
    """Write docs/operations.md and docs/checks, and remove the pages of checks that are gone."""
    wanted = pages(load_checks())
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path in FOLDER.glob("*.md"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    (DOCS / "operations.md").write_text(operations(), encoding="utf-8")


if __name__ == "__main__":
    main()

"""The modules of Python's own that a file of models needs."""

from __future__ import annotations

from collections.abc import Sequence

_IMPORTS = (
    ("datetime.", "import datetime"),
    ("decimal.", "import decimal"),
    ("json.", "import json"),
    ("uuid.", "import uuid"),
)


def imported(text: str) -> Sequence[str]:
    """Write the import of every module that a text names."""
    abstract = [name for name in ("Callable", "Sequence") if f"{name}[" in text]
    return [
        *(line for word, line in _IMPORTS if word in text),
        *([f"from collections.abc import {', '.join(abstract)}"] if abstract else []),
        *(["from typing import Any"] if "Any" in text else []),
    ]

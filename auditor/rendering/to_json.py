"""The JSON report: the audit itself. Its keys are a contract that other programs rely on."""

from __future__ import annotations

import msgspec

from auditor.model.report import Audit
from auditor.rendering import Rendered


def render(audit: Audit, stem: str) -> Rendered:  # noqa: ARG001 -- the signature that all renderers share
    """Write the audit as JSON, indented for people who look into it, every key in the order of the contract."""
    return Rendered(main=msgspec.json.format(msgspec.json.encode(audit), indent=2) + b"\n")

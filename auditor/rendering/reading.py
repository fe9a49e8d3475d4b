"""Reports read back: from JSON, or from the data that an HTML report carries."""

from __future__ import annotations

import base64
import bz2
import re

import msgspec
from msgspec.structs import replace

from auditor.documentation import with_known, without_known
from auditor.errors import UsageError
from auditor.model.check import HEADINGS
from auditor.model.report import REPORT_VERSION, Audit

PLAIN, PACKED = "application/json", "application/octet-stream"
"""The types of the data element: JSON as it is, or packed (bzip2) and written in base85."""

EMBED_LIMIT = 48_000
"""Bytes of JSON above which an HTML report carries it packed: a page should not be mostly data."""

LOOKED_UP = ("summary", *HEADINGS)
"""What packed data goes without of a check's documentation, where this program has the same: it is looked up again."""

_MARK, _COMMA = b"<", b","
"""The digit of base85 that could begin markup, and what stands for it."""

UNPACKED_LIMIT = 1 << 30
"""Bytes that packed data may grow to: a hostile file must not fill the memory."""

_ELEMENT = re.compile(rb'<script type="([a-z/-]+)" id="audit">(.*?)</script>', re.DOTALL)
_UNSAFE = re.compile(r"[<>&\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
"""What could end the data element, or would hide or reorder text before the eyes of who reads the source."""


def embed(audit: Audit) -> tuple[str, str]:
    """Return the type and the text of the data element for a page: nothing in the text can end the element."""
    data = msgspec.json.encode(audit)
    if len(data) > EMBED_LIMIT:
        pages = without_known(audit.documentation, audit.checks, audit.target.engine, audit.terms, LOOKED_UP)
        data = msgspec.json.encode(replace(audit, documentation=pages))
        return PACKED, base64.b85encode(bz2.compress(data), pad=True).replace(_MARK, _COMMA).decode()
    return PLAIN, _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", data.decode())


def decode_report(data: bytes, name: str) -> Audit:
    """Decode a report; ``name`` is what an error message calls it.

    Raises:
        UsageError: it is no report, damaged, or of another version.

    """
    found = _ELEMENT.search(data)
    packed = found is not None and found[1].decode() == PACKED
    if found is not None:
        data = _unpack(found[2], name) if packed else found[2]
    elif data.lstrip()[:1] == b"<":
        raise UsageError(f"{name} is not a report of auditor, or it is cut off: it carries no data")
    try:
        head = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{name} is not a report: {_line(error)}", "make one with: auditor audit TARGET") from error
    if "probes" in head and "findings" not in head and "catalog" in head:
        raise UsageError(f"{name} is a snapshot, not a report", f"audit it with: auditor audit {name}")
    if "schema_version" not in head or "findings" not in head or "score" not in head:
        raise UsageError(f"{name} is not a report of auditor: it has no score and findings")
    version = msgspec.json.decode(head["schema_version"])
    if version != REPORT_VERSION:
        raise UsageError(
            f"{name} is a report of version {version}, this program reads version {REPORT_VERSION}",
            "use the version of auditor that wrote it, or audit again",
        )
    try:
        audit = msgspec.json.decode(data, type=Audit)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise UsageError(f"{name} is not a valid report: {_line(error)}") from error
    if not packed:
        return audit
    return replace(audit, documentation=with_known(audit.documentation, audit.checks, audit.target.engine, audit.terms))


def _unpack(packed: bytes, name: str) -> bytes:
    try:
        machine = bz2.BZ2Decompressor()
        data = machine.decompress(base64.b85decode(packed.replace(_COMMA, _MARK)), UNPACKED_LIMIT)
    except (ValueError, OSError) as error:
        raise UsageError(f"the data in {name} is damaged: {_line(error)}") from error
    if not machine.eof:
        raise UsageError(f"the data in {name} is cut off or too large")
    return data


def _line(error: Exception) -> str:
    return " ".join(str(error).split())

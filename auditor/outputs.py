"""Where a report goes: ``-o FORMAT[:PATH]``, ``-`` for standard output, and files that are written whole."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from auditor.errors import UsageError
from auditor.model.report import Audit
from auditor.storage import pack, write_file
from auditor.suggest import nearest

DEFAULT_FOLDER = Path("auditor-report")
DEFAULT_FORMATS = ("html", "md", "json")


class Output(Struct, frozen=True, kw_only=True):
    """One rendering and its place; no path means standard output."""

    format: str
    path: Path | None


def parse_outputs(specifications: Sequence[str], folder: Path | None = None) -> list[Output]:
    """Read ``-o`` options; none at all means the three default files below ``folder``.

    Raises:
        UsageError: a format is unknown, or two outputs want standard output or the same file.

    """
    from auditor.rendering import FORMATS

    base = folder or DEFAULT_FOLDER
    outputs = []
    for specification in specifications or DEFAULT_FORMATS:
        name, colon, place = specification.partition(":")
        if name not in FORMATS:
            raise UsageError(f"no report format is called {name!r}", nearest(name, FORMATS))
        if colon and not place:
            raise UsageError(
                f"the output {specification!r} names no file", f"write {name}:FILE, or {name}:- for stdout"
            )
        path = Path(place) if place else base / f"report{FORMATS[name].suffix}"
        outputs.append(Output(format=name, path=None if place == "-" else path))
    paths = [output.path for output in outputs]
    for taken in paths:
        if paths.count(taken) > 1:
            raise UsageError(f"two outputs go to {'standard output' if taken is None else taken}")
    return outputs


def write_outputs(audit: Audit, outputs: Sequence[Output]) -> list[Path]:
    """Render the audit once per output and write it; return the files written, in order.

    Raises:
        UsageError: a file cannot be written.

    """
    from auditor.rendering import render

    written: list[Path] = []
    for output in outputs:
        stem = "report" if output.path is None else output.path.name.partition(".")[0]
        rendered = render(audit, output.format, stem)
        if output.path is None:
            sys.stdout.buffer.write(rendered.main)
            sys.stdout.buffer.flush()
            continue
        write_file(output.path, pack(output.path.name, rendered.main))
        written.append(output.path)
        for name, data in rendered.beside.items():
            beside = output.path.with_name(name)
            write_file(beside, data)
            written.append(beside)
    return written

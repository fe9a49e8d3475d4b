"""Where a report goes: ``-o FORMAT[:PATH]``, ``-`` for standard output, and files that are written whole."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from auditor.errors import UsageError
from auditor.model.report import Audit
from auditor.storage import check_writable, pack, write_file
from auditor.suggest import nearest

DEFAULT_FOLDER = Path("auditor-report")
DEFAULT_FORMATS = ("html", "md", "json")


class Output(Struct, frozen=True, kw_only=True):
    """One rendering and its place; no path means standard output."""

    format: str
    path: Path | None


def parse_outputs(specifications: Sequence[str], folder: Path | None = None, stem: str = "report") -> list[Output]:
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
        path = Path(place).expanduser() if place else base / f"{stem}{FORMATS[name].suffix}"
        outputs.append(Output(format=name, path=None if place == "-" else path))
    paths = [output.path for output in outputs]
    for taken in paths:
        if paths.count(taken) > 1:
            raise UsageError(f"two outputs go to {'standard output' if taken is None else taken}")
    return outputs


def check_outputs(outputs: Sequence[Output]) -> None:
    """Find out before long work whether the outputs can be written.

    Raises:
        UsageError: one of them cannot, as far as can be told.

    """
    for output in outputs:
        if output.path is not None:
            check_writable(output.path)


def write_outputs(audit: Audit, outputs: Sequence[Output]) -> tuple[list[Path], list[UsageError]]:
    """Render the audit once per output and write it; return the files written, in order, and what went wrong.

    An output that cannot be written does not keep the others from being written.
    """
    from auditor.rendering import render

    written: list[Path] = []
    errors: list[UsageError] = []
    for output in outputs:
        stem = "report" if output.path is None else output.path.name.partition(".")[0]
        rendered = render(audit, output.format, stem)
        try:
            if output.path is None:
                write_stdout(rendered.main)
                continue
            write_file(output.path, pack(output.path.name, rendered.main))
            written.append(output.path)
            for name, data in rendered.beside.items() if output.path.is_file() else ():
                beside = output.path.with_name(name)
                write_file(beside, data)
                written.append(beside)
        except UsageError as error:
            errors.append(error)
    return written, errors


def write_stdout(data: bytes) -> None:
    """Write to standard output. A reader that goes away (as ``| head`` does) has what it wanted: that is no error.

    Raises:
        UsageError: standard output is closed, or cannot take the data.

    """
    if sys.stdout is None:
        raise UsageError("standard output is closed", "write to a file with -o")
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        discard_stdout()
    except OSError as error:
        discard_stdout()
        raise UsageError(f"cannot write to standard output: {error.strerror or error}") from error


def discard_stdout() -> None:
    """Send what is still buffered, or comes later, nowhere, so that it fails neither here nor at the end."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

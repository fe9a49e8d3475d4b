"""Writes exported files into a folder of their own: all of them, or none."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from auditor.errors import UsageError
from auditor.exporting.worklist import Files
from auditor.storage import check_writable, write_file


def check_folder(folder: Path) -> None:
    """Find out, without leaving a trace, whether files may be written into a folder that is empty or not there yet.

    Raises:
        UsageError: it is a file, holds something already, or may not be written.

    """
    try:
        if folder.is_dir() and any(folder.iterdir()):
            raise UsageError(f"the folder {folder} is not empty", "name a new folder with -o")
    except OSError as error:
        raise UsageError(f"cannot read {folder}: {error.strerror or error}", "choose another place") from error
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is not a folder", "name a new folder with -o")
    check_writable(folder / "README.md")


def write_folder(folder: Path, files: Files) -> None:
    """Write the files. When one cannot be written, those that were are removed again.

    Raises:
        UsageError: a file cannot be written, or the disk is full.

    """
    written: list[Path] = []
    try:
        for name, file in files.items():
            path = folder / name
            write_file(path, file.text.encode("utf-8", errors="replace"))
            written.append(path)
            if file.executable:
                _make_executable(path)
    except BaseException:
        for path in written:
            with contextlib.suppress(OSError):
                path.unlink()
        for place in sorted({path.parent for path in written} - {folder}, reverse=True):
            with contextlib.suppress(OSError):
                place.rmdir()
        raise


def _make_executable(path: Path) -> None:
    umask = os.umask(0)
    os.umask(umask)
    path.chmod(0o777 & ~umask)

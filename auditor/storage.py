"""Files: written whole or not at all, compressed by their name, read back with the reason when they cannot be."""

from __future__ import annotations

import contextlib
import errno
import gzip
import os
import stat
import tempfile
import zlib
from datetime import datetime
from pathlib import Path

import msgspec

from auditor.errors import UsageError
from auditor.model.snapshot import SCHEMA_VERSION, Snapshot


def write_file(path: Path, data: bytes) -> None:
    """Write a file so that its final name never holds a part: into a neighbour first, then renamed.

    A link stays one and its file is replaced, with the permissions that it had. What is no file but a pipe or a device
    is written to.

    Raises:
        UsageError: the place cannot be written, or the disk is full.

    """
    try:
        mode = path.stat().st_mode if path.exists() else None
        if mode is not None and not stat.S_ISREG(mode):
            with path.open("wb") as stream:
                stream.write(data)
        else:
            _replace(path.resolve(), data, None if mode is None else stat.S_IMODE(mode))
    except OSError as error:
        raise UsageError(f"cannot write {path}: {_reason(error, path)}", "choose another place") from error


def _reason(error: OSError, path: Path) -> str:
    if isinstance(error, FileExistsError | NotADirectoryError):
        return f"{error.filename or path.parent} is not a folder"
    return error.strerror or str(error)


def _replace(path: Path, data: bytes, mode: int | None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        umask = os.umask(0)
        os.umask(umask)
        Path(temporary).chmod(0o666 & ~umask if mode is None else mode)
        Path(temporary).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise


def check_writable(path: Path) -> None:
    """Find out, before long work and without leaving a trace, whether a file may be written.

    Raises:
        UsageError: it may not, as far as can be told.

    """
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if path.exists() and not path.is_file():
            return
        folder = path.resolve().parent
        while not folder.exists():
            folder = folder.parent
        if not folder.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise UsageError(f"cannot write {path}: {_reason(error, path)}", "choose another place") from error


def pack(name: str, data: bytes) -> bytes:
    """Compress data for a file name that ends in .gz or .zst; the same data always gives the same bytes."""
    if name.endswith(".gz"):
        return gzip.compress(data, mtime=0)
    if name.endswith(".zst"):
        import zstandard

        return zstandard.ZstdCompressor().compress(data)
    return data


def read_file(path: Path) -> bytes:
    """Read a file and unpack it, whatever its name says: the content tells how it is compressed.

    Raises:
        UsageError: it cannot be read, or is truncated or corrupt.

    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from error
    try:
        if data.startswith(b"\x1f\x8b"):
            return gzip.decompress(data)
        if data.startswith(b"\x28\xb5\x2f\xfd"):
            import zstandard

            unpacker = zstandard.ZstdDecompressor().decompressobj()
            unpacked = unpacker.decompress(data)
            if not unpacker.eof:
                raise UsageError(f"{path} is truncated or corrupt: its end is missing")
            return unpacked
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(f"{path} is truncated or corrupt: {error}") from error
    except Exception as error:  # zstandard has its own exception, and is imported only when needed
        if type(error).__module__.startswith("zstandard"):
            raise UsageError(f"{path} is truncated or corrupt: {error}") from error
        raise
    return data


def encode_snapshot(snapshot: Snapshot) -> bytes:
    """Write a snapshot as JSON."""
    return msgspec.json.encode(snapshot) + b"\n"


def read_snapshot(path: Path) -> Snapshot:
    """Read a snapshot file.

    Raises:
        UsageError: the file is unreadable, corrupt, of another kind or of a newer version; the message names which.

    """
    return decode_snapshot(read_file(path), str(path))


def decode_snapshot(data: bytes, name: str) -> Snapshot:
    """Decode a snapshot; ``name`` is what an error message calls it.

    Raises:
        UsageError: it is no snapshot, or one of a newer version.

    """
    try:
        head = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{name} is not a snapshot: {error}", "make one with: auditor collect TARGET") from error
    if "findings" in head:
        raise UsageError(f"{name} is a report, not a snapshot", "render it with: auditor render REPORT")
    if "target" not in head or "probes" not in head:
        raise UsageError(f"{name} is not a snapshot: it has no target and probes")
    version = head.get("schema_version")
    found = msgspec.json.decode(version) if version is not None else SCHEMA_VERSION
    if found != SCHEMA_VERSION:
        raise UsageError(
            f"{name} is a snapshot of version {found}, this program reads version {SCHEMA_VERSION}",
            "use the version of auditor that wrote it, or collect again",
        )
    try:
        snapshot = msgspec.json.decode(data, type=Snapshot)
        datetime.fromisoformat(snapshot.target.collected_at)
    except (msgspec.ValidationError, msgspec.DecodeError, ValueError) as error:
        raise UsageError(f"{name} is not a valid snapshot: {error}") from error
    return snapshot

"""Where the tests put what they throw away: in memory where there is room, because most of it is servers' files.

Copying the files of a new server takes ten times as long on a disk, and most tests of servers need several of them.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")  # the file system in memory of every Linux
_ROOM_BYTES = 9 * 2**30
"""What four workers have used at most, 6.5 GB, and half as much again."""


def use_memory() -> None:
    """Make the file system in memory the place for temporary files, of this process and of those that it starts.

    Nothing is changed where TMPDIR says that somebody wants another place, where there is not enough room, or where
    programs may not be run from it: containers often have it so.
    """
    if "TMPDIR" in os.environ or not _MEMORY.is_dir() or not os.access(_MEMORY, os.W_OK):
        return
    room = min(shutil.disk_usage(_MEMORY).free, _available_bytes())
    if room < _ROOM_BYTES or os.statvfs(_MEMORY).f_flag & os.ST_NOEXEC:
        return
    os.environ["TMPDIR"] = str(_MEMORY)
    tempfile.tempdir = None  # it may have been asked for by now


def _available_bytes() -> int:
    """How much memory can be had without swapping, as the kernel estimates it: proc_meminfo(5), MemAvailable."""
    found = re.search(r"^MemAvailable: +(\d+) kB$", Path("/proc/meminfo").read_text(encoding="ascii"), re.MULTILINE)
    return int(found[1]) * 1024 if found else 0

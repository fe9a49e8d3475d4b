"""A rehearsal that is interrupted at one moment after the other, and goes on each time, as a user would have it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands import PROGRAM, Program

QUICK = ("--rows", "100", "--baseline-seconds", "1", "-o", "json:report.json")
KEPT = "proof.partial.json.zst"
# What is told at the moment, and how many seconds later the interruption comes.
PREPARING = [("filling", 0.0)]
RUNNING = [
    ("baseline", 0.3),
    ("forward under load", 1.0),
    ("back under load", 0.2),
    ("killed and resumed", 0.5),
    ("starved of locks", 1.0),
    ("behind the point of no return", 0.1),
]


@pytest.fixture
def place() -> Iterator[Path]:
    """Where the program makes its server, which other users of the machine must be able to enter."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o711)
        yield Path(name)


def interrupted(program: Program, place: Path, moment: tuple[str, float], *arguments: str) -> tuple[int, list[str]]:
    """Rehearse, interrupt when a line is told, and return the exit status with what was told."""
    told: list[str] = []
    with subprocess.Popen(
        [PROGRAM, "rehearse", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        **program.options({"TMPDIR": str(place)}),
    ) as child:
        assert child.stderr is not None
        for line in child.stderr:
            told.append(line.rstrip())
            if line.startswith(moment[0]):
                time.sleep(moment[1])
                child.send_signal(signal.SIGINT)
        status = child.wait(60)
    assert "Traceback" not in "".join(told)
    return status, told


def nothing_is_left(place: Path) -> bool:
    """Whether no folder and, where the system tells, no process of the server is there."""
    commands = Path("/proc").glob("[0-9]*/cmdline") if sys.platform == "linux" else ()
    return not list(place.iterdir()) and not any(str(place).encode() in _read(one) for one in commands)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # the process has ended
        return b""


def test_it_can_be_interrupted_at_any_moment_and_goes_on(tmp_path: Path, collected: Path, place: Path) -> None:
    program = Program(tmp_path)
    for moment in PREPARING:
        status, told = interrupted(program, place, moment, str(collected), *QUICK)
        assert status == 130, told
        assert nothing_is_left(place)
        assert not list(tmp_path.glob("*"))  # nothing has been measured
    finished = 0
    for moment in RUNNING:
        resume = ("--resume",) if (tmp_path / KEPT).exists() else ()
        status, told = interrupted(program, place, moment, str(collected), *QUICK, *resume)
        assert status == 130, (moment, *told[-4:])
        assert nothing_is_left(place)
        proof = json.loads((tmp_path / "proof.json").read_text())
        assert proof["interrupted"] is True
        names = [one["name"] for one in proof["runs"]]
        assert len(names) == len(set(names)) >= finished
        finished = len(names) - 1
    refused = program("rehearse", collected, *QUICK, "--seed", "2", "--resume")
    assert (refused.status, refused.lines()[0]) == (
        2, "error: the interrupted rehearsal had another --seed: 1, and here it is 2",
    )  # fmt: skip
    said = program("rehearse", collected, *QUICK, "--resume", environment={"TMPDIR": str(place)})
    assert said.status in (0, 1), said.err
    assert "baseline" not in said.lines()
    proof = json.loads((tmp_path / "proof.json").read_text())
    assert proof.get("interrupted", False) is False
    names = [one["name"] for one in proof["runs"]]
    assert len(names) == len(set(names)) == 8
    assert set(names) >= {moment for moment, _ in RUNNING}
    timed = ("M1", "M4", "M9", "M10", "M11", "M12")  # other tests run on the same machine
    assert [one for one in proof["marks"] if one["verdict"] == "failed" and one["id"] not in timed] == []
    assert not (tmp_path / KEPT).exists()
    assert nothing_is_left(place)


def test_without_an_interrupted_rehearsal_there_is_none_to_go_on_with(tmp_path: Path, collected: Path) -> None:
    said = Program(tmp_path)("rehearse", collected, *QUICK, "--resume")
    assert said.status == 2
    assert said.lines()[0].startswith("error: no interrupted rehearsal is kept in ")

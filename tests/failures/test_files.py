"""Files that are broken, and places that cannot be written."""

from __future__ import annotations

import gzip
import json
import re
import resource
import subprocess
import threading
from pathlib import Path

import pytest

from auditor.storage import read_file
from tests.commands import PROGRAM, Program, Said
from tests.failures.saying import refused


@pytest.mark.parametrize("command", ["audit", "render", "diff", "baseline create"])
@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("empty", "is not a"),
        ("truncated", "is not a"),
        ("newer", "version 99"),
        ("foreign", "is not a"),
        ("binary", "is not a"),
        ("truncated gzip", "is truncated or corrupt"),
        ("truncated zstd", "is truncated or corrupt"),
        ("wrong type", "is not a valid"),
        ("the other kind", "is a"),
        ("a list", "is not a"),
        ("deeply nested", "is not a"),
        ("wrong moment", ""),
    ],
)
def test_a_broken_file_is_named_with_the_reason(
    tmp_path: Path, good: Path, command: str, what: str, words: str
) -> None:
    import zstandard

    kind, other = ("s.json", "r.json") if command == "audit" else ("r.json", "s.json")
    data = (good / kind).read_bytes()
    broken = {
        "empty": b"", "truncated": data[: len(data) // 2], "foreign": b'{"openapi": "3.1.0", "paths": {}}',
        "newer": re.sub(rb'"schema_version": ?"1"', b'"schema_version": "99"', data, count=1),
        "binary": bytes(range(256)) * 9, "truncated gzip": gzip.compress(data)[:-40],
        "truncated zstd": zstandard.ZstdCompressor().compress(data)[:-40],
        "wrong type": re.sub(rb'"engine": ?"postgresql"', b'"engine": 7', data, count=1),
        "the other kind": (good / other).read_bytes(), "a list": b"[1, 2]", "deeply nested": b"[" * 100_000,
        "wrong moment": re.sub(rb'"collected_at": ?"[^"]*"', b'"collected_at": "soon"', data, count=1),
    }[what]  # fmt: skip
    (tmp_path / "file.json").write_bytes(broken)
    arguments = {
        "audit": ("file.json",), "render": ("file.json",), "diff": (str(good / "r.json"), "file.json"),
        "baseline create": ("file.json", "--reason", "x"),
    }[command]  # fmt: skip
    said = Program(tmp_path)(*command.split(), *arguments)
    if what == "wrong moment" and command != "audit":
        assert said.status == 0  # what is only shown need not be understood
        return
    refused(said, 2, words, "file.json")
    assert [path.name for path in tmp_path.iterdir()] == ["file.json"]


@pytest.mark.parametrize("cut", [0.2, 0.6, 0.95])
def test_a_page_that_was_cut_off_is_named(tmp_path: Path, good: Path, cut: float) -> None:
    data = (good / "r.html").read_bytes()
    (tmp_path / "r.html").write_bytes(data[: int(len(data) * cut)])
    said = Program(tmp_path)("render", "r.html", "-o", "json:-")
    if said.status:
        refused(said, 2, "r.html")
    else:
        assert said.out.encode() == (good / "r.json").read_bytes()


def limited(folder: Path, size: int, *arguments: str) -> Said:
    """Run the program where no file can grow beyond a size, as on a disk that is nearly full."""
    done = subprocess.run(
        [PROGRAM, *arguments], capture_output=True, text=True, check=False, **Program(folder).options(),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
    )  # fmt: skip
    return Said(done.returncode, done.stdout, done.stderr)


def test_a_full_disk_leaves_no_part_and_what_fits(tmp_path: Path, good: Path) -> None:
    (tmp_path / "big.json").write_text("what was there before")
    said = limited(
        tmp_path, 40_000, "audit", str(good / "s.json"), "-o", "json:big.json", "-o", "html:big.html",
        "-o", "json:small.json.zst",
    )  # fmt: skip
    assert said.status == 2
    assert [line for line in said.lines() if line.startswith("error: ")] == [
        "error: cannot write big.json: File too large", "error: cannot write big.html: File too large",
    ]  # fmt: skip
    assert (tmp_path / "big.json").read_text() == "what was there before"
    assert {path.name for path in tmp_path.iterdir()} == {"big.json", "small.json.zst"}
    assert read_file(tmp_path / "small.json.zst") == (good / "r.json").read_bytes()
    assert "  small.json.zst" in said.out
    assert "big" not in said.out


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="this system has no /dev/full")
@pytest.mark.parametrize(
    "arguments", ["audit SNAPSHOT -q -o json:-", "audit SNAPSHOT", "checks", "--help", "schema report"]
)
def test_a_full_standard_output_is_one_line(tmp_path: Path, good: Path, arguments: str) -> None:
    with Path("/dev/full").open("wb") as full:
        said = Program(tmp_path)(
            *arguments.replace("SNAPSHOT", str(good / "s.json")).split(), capture_output=False, stdout=full,
            stderr=subprocess.PIPE,
        )  # fmt: skip
    refused(said, 2, "No space left on device")


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="this system has no /dev/full")
def test_a_full_device_is_an_error_and_stays_one(tmp_path: Path, good: Path) -> None:
    """The device is named by a link, so that a program that replaced it would replace the link."""
    (tmp_path / "device").symlink_to("/dev/full")
    said = Program(tmp_path)("audit", good / "s.json", "-q", "-o", "json:device")
    assert said.status == 2
    assert "cannot write device: No space left on device" in said.err
    assert (tmp_path / "device").is_symlink()


def test_links_and_pipes_are_written_through(tmp_path: Path, good: Path) -> None:
    (tmp_path / "real.json").write_text("old")
    (tmp_path / "real.json").chmod(0o640)
    (tmp_path / "link.json").symlink_to("real.json")
    pipe = tmp_path / "pipe"
    subprocess.run(["mkfifo", str(pipe)], check=True)
    received: list[bytes] = []
    reader = threading.Thread(target=lambda: received.append(pipe.read_bytes()))
    reader.start()
    said = Program(tmp_path)("audit", good / "s.json", "-q", "-o", "json:link.json", "-o", f"sarif:{pipe}")
    reader.join(timeout=30)
    assert said.status == 0
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "real.json").read_bytes() == (good / "r.json").read_bytes()
    assert (tmp_path / "real.json").stat().st_mode & 0o777 == 0o640
    assert pipe.is_fifo()
    assert json.loads(received[0])["version"] == "2.1.0"
    assert {path.name for path in tmp_path.iterdir()} == {"real.json", "link.json", "pipe"}

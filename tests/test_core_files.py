"""Configuration, snapshots, baselines, differences, gates: what users write, and what they get when it is wrong."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from auditor.baseline import Baseline, read_baseline
from auditor.config import Config, TargetConfig, read_config, resolve_target
from auditor.diff import compare
from auditor.errors import UsageError
from auditor.gates import DONE, FAULT, GATE_FAILED, LOW_COVERAGE, Gates, judge
from auditor.model.snapshot import Snapshot, TargetInfo
from auditor.model.vocabulary import Outcome, Severity
from auditor.storage import encode_snapshot, pack, read_snapshot, write_file
from tests.sample_audit import shop_audit

SNAPSHOT = Snapshot(
    tool_version="0",
    target=TargetInfo(engine="postgresql", version="18", name="d", collected_at="2026-11-24T00:00:00Z"),
)


@pytest.mark.parametrize("name", ["s.json", "s.json.gz", "s.json.zst"])
def test_a_snapshot_survives_its_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    write_file(path, pack(name, encode_snapshot(SNAPSHOT)))
    assert read_snapshot(path) == SNAPSHOT


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is not a snapshot"),
        (b"{", "is not a snapshot"),
        (b"[1]", "is not a snapshot"),
        (b"\xff\xfe", "is not a snapshot"),
        (b'{"a": 1}', "has no target"),
        (b'{"findings": []}', "is a report"),
        (encode_snapshot(SNAPSHOT).replace(b'"schema_version":"1"', b'"schema_version":"9"'), "version 9"),
        (encode_snapshot(SNAPSHOT).replace(b'"engine":"postgresql"', b'"engine":7'), "not a valid snapshot"),
        (gzip.compress(encode_snapshot(SNAPSHOT))[:-12], "truncated or corrupt"),
        (pack("a.zst", encode_snapshot(SNAPSHOT))[:20], "s.bin"),
    ],
)
def test_a_broken_snapshot_is_named_with_its_reason(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "s.bin"
    path.write_bytes(data)
    with pytest.raises(UsageError, match=words) as caught:
        read_snapshot(path)
    assert "s.bin" in caught.value.message
    assert "\n" not in caught.value.message


def test_a_missing_file_and_an_unwritable_place_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read"):
        read_snapshot(tmp_path / "absent")
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot write"):
        write_file(tmp_path / "file" / "below", b"x")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file"]


def test_configuration_refuses_unknown_keys_with_the_nearest(tmp_path: Path) -> None:
    path = tmp_path / "auditor.toml"
    for text, words in (
        ("[audits]\n", "did you mean audit"),
        ("[audit]\nfail-on = 'high'\n", "did you mean fail_on"),
        ("[targets.a]\nuri = 'x'\n", "did you mean url"),
        ("[audit\n", ""),
        ("[audit]\nmin_score = 'high'\n", ""),
    ):
        path.write_text(text)
        with pytest.raises(UsageError) as caught:
            read_config(path)
        assert words in caught.value.hint
        assert "auditor.toml" in caught.value.message


def test_a_target_is_a_url_a_name_or_a_variable() -> None:
    url = "postgresql://u:s3cret@db.example/shop"
    config = Config(targets={"prod": TargetConfig(url="env:PROD")})
    for text in (url, "env:PROD", "prod"):
        target = resolve_target(text, config, {"PROD": url})
        assert (target.user, target.password, target.hosts, target.database) == (
            "u", "s3cret", (("db.example", None),), "shop",
        )  # fmt: skip
        assert "s3cret" not in f"{target} {target!r}"
    with pytest.raises(UsageError, match="not set"):
        resolve_target("env:ABSENT", config, {})
    with pytest.raises(UsageError) as caught:
        resolve_target("pord", config, {})
    assert "did you mean prod" in caught.value.hint


def test_a_baseline_accepts_until_its_end(tmp_path: Path) -> None:
    audit = shop_audit()
    first, *_ = audit.findings
    plain = [replace(finding, suppressed=None) for finding in audit.findings]
    baseline = Baseline().with_findings([first], reason="known", owner="dba", until="2026-12-31")
    path = tmp_path / "baseline.json"
    write_file(path, baseline.encode())
    assert read_baseline(path) == baseline
    before = baseline.apply(plain, date(2026, 12, 31))
    assert [finding.fingerprint for finding in before if finding.suppressed] == [first.fingerprint]
    assert not any(finding.suppressed for finding in baseline.apply(plain, date(2027, 1, 1)))
    assert baseline.with_findings([first], reason="other", owner="", until=None) == baseline
    assert not baseline.pruned(plain, date(2027, 1, 1)).accepted
    assert not baseline.pruned([], date(2026, 12, 1)).accepted


@pytest.mark.parametrize("text", ["", "{}x", '{"accepted": [{"fingerprint": 1}]}', '{"version": 2}', '{"extra": 1}'])
def test_a_broken_baseline_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "b.json"
    path.write_text(text)
    with pytest.raises(UsageError, match=r"b\.json"):
        read_baseline(path)


def test_a_difference_does_not_take_lost_evidence_for_progress() -> None:
    old = shop_audit()
    gone = next(finding for finding in old.findings if finding.suppressed is None)
    less = tuple(finding for finding in old.findings if finding.check != gone.check)
    blind = tuple(
        replace(result, outcome=Outcome.NOT_ASSESSED) if result.check == gone.check else result for result in old.checks
    )
    assert gone.check in {finding.check for finding in compare(old, replace(old, findings=less)).resolved}
    difference = compare(old, replace(old, findings=less, checks=blind))
    assert gone.check not in {finding.check for finding in difference.resolved}
    assert difference.newly_unassessed == (gone.check,)
    assert compare(old, old).new == ()
    assert msgspec.json.encode(difference)


def test_gates_give_the_documented_status() -> None:
    audit = shop_audit()
    sound = replace(audit, checks=tuple(r for r in audit.checks if r.outcome is not Outcome.ERROR))
    worst = min(finding.severity.rank for finding in sound.findings if finding.suppressed is None)
    assert judge(sound, Gates())[0] == DONE
    assert judge(sound, Gates(fail_on=list(Severity)[worst]))[0] == GATE_FAILED
    assert judge(sound, Gates(fail_new=True))[0] == GATE_FAILED
    assert judge(sound, Gates(min_score=100.0))[0] == GATE_FAILED
    assert judge(sound, Gates(min_coverage=1.0))[0] == LOW_COVERAGE
    broken = replace(sound, checks=(replace(sound.checks[0], outcome=Outcome.ERROR), *sound.checks[1:]))
    assert judge(broken, Gates())[0] == FAULT

"""The page in a real browser: no accessibility violation, no refused policy, no request, and a script that works.

It needs Chromium. Where there is none these tests are skipped, unless AUDITOR_TEST_CHROMIUM names it: then it must be
there. On Debian: ``apt-get install --no-install-recommends chromium``.
"""

from __future__ import annotations

import importlib.resources
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pytest

from auditor.rendering import render
from tests.sample_audit import hostile_audit, large_audit, shop_audit

Browse = Callable[..., "subprocess.CompletedProcess[str]"]

AXE = (importlib.resources.files("axe_core_python") / "axe.min.js").read_text(encoding="utf-8")
RUN = """
for (const part of document.querySelectorAll("details")) part.open = true;
axe.run().then((result) => {
  const text = JSON.stringify(result.violations.map((v) => [v.id, v.nodes.length, v.nodes[0].html.slice(0, 200)]));
  document.documentElement.textContent = "VERDICT" + encodeURIComponent(text) + "END";
});
"""


@pytest.fixture(scope="module")
def chromium() -> str:
    """The browser's path."""
    named = os.environ.get("AUDITOR_TEST_CHROMIUM")
    found = (
        shutil.which(named) if named else next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    )
    if found is None and named:
        pytest.fail(f"AUDITOR_TEST_CHROMIUM names {named}, which is not there")
    if found is None:
        pytest.skip("ACCESSIBILITY WAS NOT TESTED: no Chromium; apt-get install --no-install-recommends chromium")
    return str(found)


@pytest.fixture
def browse(chromium: str, tmp_path: Path) -> Browse:
    """Open a page in the browser and return what its document is after all scripts have run, and what it complained."""

    def run(page: str, *options: str) -> subprocess.CompletedProcess[str]:
        file = tmp_path / "page.html"
        file.write_text(page, encoding="utf-8", newline="")
        return subprocess.run(
            [
                chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
                "--disable-extensions", "--no-first-run", f"--user-data-dir={tmp_path / 'profile'}",
                "--virtual-time-budget=30000", "--enable-logging=stderr", *options, "--dump-dom", file.as_uri(),
            ],
            capture_output=True, text=True, timeout=120, check=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    return run


SHOP, HOSTILE = (render(audit, "html").main.decode() for audit in (shop_audit(), hostile_audit()))


def complaints(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [line for line in done.stderr.splitlines() if "CONSOLE" in line]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("page", [SHOP, HOSTILE], ids=["shop", "hostile"])
def test_there_is_no_accessibility_violation(browse: Browse, page: str, width: int, theme: str) -> None:
    page = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    page = page.replace('<html lang="en">', f'<html lang="en" data-theme="{theme}">')
    page = page.replace("</body>", f"<script>{AXE}</script><script>{RUN}</script></body>")
    done = browse(page, f"--window-size={width},1000")
    verdict = re.search("VERDICT(.*?)END", done.stdout)
    assert verdict, "axe did not answer"
    assert json.loads(unquote(verdict[1])) == []


@pytest.mark.parametrize("page", [SHOP, HOSTILE], ids=["shop", "hostile"])
def test_the_policy_lets_style_and_script_run_and_nothing_else(browse: Browse, page: str) -> None:
    done = browse(page)
    assert complaints(done) == []
    assert done.stdout.count('class="copy"') == page.count("<pre>") > 0
    assert '<div class="tools">' in done.stdout
    injected = browse(page.replace("</body>", '<script>document.body.id = "owned"</script></body>'))
    assert 'id="owned"' not in injected.stdout
    assert any("Content Security Policy" in line for line in complaints(injected))


def test_what_a_page_has_no_room_for_is_taken_from_its_data(browse: Browse) -> None:
    audit = large_audit(60, 10)
    page = render(audit, "html").main.decode()
    done = browse(page)
    assert complaints(done) == []
    steps = [step for phase in audit.plan.phases for step in phase.steps]
    shown = [step for number, step in enumerate(steps, 1) if f"<li id=step-{number}>" in page]
    last = shown[-1]
    assert last.statements[0] not in page
    for text in (last.statements[0], last.verify, last.rollback[0], last.basis):
        assert str(text) in unescape(done.stdout)
    blocks = sum(1 + bool(step.verify) + bool(step.rollback) for step in shown)
    assert done.stdout.count("<pre>") == page.count("<pre>") + blocks
    named = re.search(r"data-brief>.*?<li id=f-([0-9a-f]+)>", page, re.DOTALL)
    assert named
    finding = next(finding for finding in audit.findings if finding.fingerprint.startswith(named[1]))
    assert finding.explanation in unescape(done.stdout)


def test_data_fills_a_page_as_its_template_would(browse: Browse) -> None:
    page = render(hostile_audit(), "html").main.decode()
    steps = re.findall(r"<details id=step-", page)
    emptied = re.sub(
        r"(?s)<details id=(step-\d+)[^>]*>\s*<summary><h4>.*?</h4>.*?</details>",
        r'<ol class="named"><li id=\1>title</ol>', page,
    )  # fmt: skip
    assert steps
    assert emptied.count('class="named"') == len(steps)
    written, filled = (
        re.findall(r'<pre>(.*?)</pre>', browse(text).stdout, re.DOTALL) for text in (page, emptied)
    )  # fmt: skip
    assert written == filled


def test_the_page_is_complete_without_scripts(browse: Browse) -> None:
    done = browse(re.sub(r"(?s)<script>.*?</script>", "", SHOP))
    assert 'class="copy"' not in done.stdout
    assert '<div class="tools" hidden="">' in done.stdout
    assert "CREATE INDEX CONCURRENTLY" in done.stdout


def test_statements_with_hidden_characters_copy_true(browse: Browse) -> None:
    name = "a\u202eb\x1b\nc\td\x85é\u2067\x7f"
    page = render(hostile_audit([name]), "html").main.decode()
    page = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    probe = (
        "const found = [...document.querySelectorAll('pre')].map((block) => block.textContent);"
        "document.documentElement.textContent = 'VERDICT' + encodeURIComponent(JSON.stringify(found)) + 'END';"
    )
    done = browse(page.replace("</body>", f"<script>{probe}</script></body>"))
    verdict = re.search("VERDICT(.*?)END", done.stdout)
    assert verdict
    assert f'CREATE INDEX ON "{name}" (x);' in json.loads(unquote(verdict[1]))


def test_everything_is_printed_also_what_is_closed(browse: Browse, tmp_path: Path) -> None:
    pdf = tmp_path / "page.pdf"
    browse(re.sub(r"(?s)<script>.*?</script>", "", SHOP), f"--print-to-pdf={pdf}", "--no-pdf-header-footer")
    assert pdf.stat().st_size > 20_000
    if shutil.which("pdftotext"):
        text = subprocess.run(["pdftotext", str(pdf), "-"], capture_output=True, text=True, check=True).stdout
        text = " ".join(text.split())
        for words in ("Roll back", "random_page_cost", "there are no partitioned tables", "table_13.parent_id"):
            assert words in text

"""The strike report in a real browser, offline: it fits a phone, draws its charts, and loads nothing."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from reports_factory import STRIKE, make_network, make_plan, make_scenario
from tideover.impact import scorecard
from tideover.nouns import Policy
from tideover.reports import strike_report

#: The page in a frame of a given width; a frame of ``srcdoc`` keeps the page's own security policy, and may
#: hold no script, while the page around it can measure what the browser made of it.
FRAME = """<!doctype html><meta charset="utf-8"><body style="margin:0">
<iframe sandbox="allow-same-origin" style="border:0;width:{width}px;height:900px" srcdoc="{page}"></iframe>
<pre id="result"></pre><script>
window.onload = () => {{
  const frame = document.querySelector("iframe"), doc = frame.contentDocument;
  doc.querySelectorAll("details").forEach(each => each.open = {open});
  const shown = [...doc.querySelectorAll(".chart")].filter(each => each.offsetHeight > 0);
  const wide = [...doc.querySelectorAll("body *")].filter(each => !each.closest(".scroll, svg, caption")
    && each.getBoundingClientRect().right > {width} + 0.5);
  document.getElementById("result").textContent = JSON.stringify({{
    width: frame.clientWidth, scroll: doc.documentElement.scrollWidth,
    headline: doc.querySelector("h1").textContent,
    small: Math.min(...shown.map(each => each.querySelector("svg").getBoundingClientRect().width
      / each.querySelector("svg").viewBox.baseVal.width)),
    shown: shown.length, narrow: shown.filter(each => each.classList.contains("narrow")).length,
    charts: doc.querySelectorAll(".chart").length,
    top: doc.querySelector(".keys").getBoundingClientRect().top,
    fetched: frame.contentWindow.performance.getEntriesByType("resource").map(each => each.name),
    outside: wide.map(each => each.tagName + "." + each.className),
  }});
}};
</script>"""


def chromium() -> str:
    """Return the browser; the test is skipped, or fails where everything is required, if there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if found := shutil.which(name):
            return found
    if os.environ.get("TIDEOVER_REQUIRE_ALL") == "1":
        pytest.fail("no Chromium found, and TIDEOVER_REQUIRE_ALL=1")
    pytest.skip("no Chromium found")


def measure(page: str, folder: Path, width: int, *, opened: bool = False) -> dict[str, Any]:
    """Return what a browser without network makes of ``page`` in a frame of ``width`` pixels."""
    file = folder / "frame.html"
    text = FRAME.format(width=width, page=html.escape(page), open="true" if opened else "each.open")
    file.write_text(text, encoding="utf-8")
    options = [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--hide-scrollbars",
        "--no-first-run", f"--user-data-dir={folder / 'profile'}", "--host-resolver-rules=MAP * ~NOTFOUND",
        "--window-size=1400,1000", "--virtual-time-budget=3000", "--dump-dom", file.as_uri(),
    ]  # fmt: skip
    run = subprocess.run(  # noqa: S603
        [chromium(), *options], capture_output=True, text=True, timeout=120, check=True
    )
    found = re.search(r'<pre id="result">(.*?)</pre>', run.stdout, re.DOTALL)
    assert found, "the page around the frame did not run"
    return dict(json.loads(html.unescape(found.group(1))))


def page(visits: int, clinics: int) -> str:
    scenario = make_scenario(make_network(visits, clinics, others=200))
    plan = make_plan(scenario, waitlist=0.03)
    return strike_report(plan, scorecard(scenario, plan, Policy.default()), scenario)


@pytest.mark.parametrize("opened", [False, True], ids=["folded", "opened"])
def test_the_page_fits_a_phone(tmp_path: Path, opened: bool) -> None:
    """At 390 pixels nothing lies outside the screen, folded or opened; only tables scroll, in a box."""
    found = measure(page(400, 30), tmp_path, 390, opened=opened)
    assert found["width"] == 390
    assert found["outside"] == []
    assert found["scroll"] <= 390
    assert found["narrow"] == found["shown"] == found["charts"] / 2
    assert found["small"] > 0.99  # charts are drawn for this width, not shrunk to it


def test_the_page_fits_a_desk(tmp_path: Path) -> None:
    """At 1280 pixels the wide charts show, the key figures start on the first screen, nothing is fetched."""
    found = measure(page(300, 6), tmp_path, 1280)
    assert f"{STRIKE.day} November {STRIKE.year}" in found["headline"]
    assert found["outside"] == []
    assert found["scroll"] <= 1280
    assert found["shown"] == found["charts"] / 2
    assert found["narrow"] == 0
    assert found["top"] < 720
    assert found["fetched"] == []


def test_a_page_that_is_too_wide_is_caught(tmp_path: Path) -> None:
    """A box of 600 pixels put into the page is found outside a phone screen, so these tests can fail."""
    broken = page(60, 3).replace("<main>", '<main><div class="box" style="width:600px">x</div>')
    found = measure(broken, tmp_path, 390)
    assert "DIV.box" in found["outside"]
    assert found["scroll"] > 390

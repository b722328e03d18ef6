"""The page in a real browser: its figures carry their labels, and nothing spills over on any screen."""

import json
import re
import shutil
import subprocess
from html import escape, unescape

import pytest

from qfl.report import write_report

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage --virtual-time-budget=5000"
).split()
WIDTHS = (1280, 400)
MEASURE = """
const found = [];
for (const frame of document.querySelectorAll("iframe")) {
  const page = frame.contentDocument, width = frame.clientWidth;
  const spilt = [], met = [];
  for (const card of page.querySelectorAll("figure")) {
    const edge = card.getBoundingClientRect();
    const boxes = [...card.querySelectorAll("text")]
      .map(text => [text.textContent, text.getBoundingClientRect()]).filter(([, box]) => box.width > 0);
    for (const [text, box] of boxes)
      if (box.left < edge.left || box.right > edge.right || box.bottom > edge.bottom) spilt.push(text);
    for (const [i, [one, a]] of boxes.entries())
      for (const [two, b] of boxes.slice(i + 1))
        if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
          && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3) met.push(one + " / " + two);
  }
  const root = page.documentElement, scroll = root.scrollWidth - root.clientWidth;
  found.push({width, scroll, figures: page.querySelectorAll("figure").length, spilt, met});
}
document.body.textContent = JSON.stringify(found);
"""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine to open the report with")


@pytest.fixture
def open_page(tmp_path):
    """Return a function that gives the document of a file as the browser has understood it."""

    def dump(path) -> str:
        profile = f"--user-data-dir={tmp_path / 'profile'}"
        command = [str(CHROMIUM), *FLAGS, profile, "--window-size=1400,2000", "--dump-dom", path.as_uri()]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout

    return dump


def test_the_figures_carry_their_labels(make_run, open_page):
    run = make_run(rounds=12, clients=40)
    dom = open_page(write_report(run))
    figures = {
        re.sub("<[^>]+>", "", title): body
        for title, body in re.findall(r"<figure.*?<h3>(.*?)</h3>(.*?)</figure>", dom, flags=re.DOTALL)
    }
    labels = {
        title: [
            unescape(re.sub("<[^>]+>", "", text)).replace("\N{NO-BREAK SPACE}", " ")
            for text in re.findall(r"<text[^>]*>(.*?)</text>", body, flags=re.DOTALL)
        ]
        for title, body in figures.items()
    }
    last = run.rounds()[-1]
    assert {f"{100 * last['accuracy']:.1f} % test", "100 %", "round", "12"} <= set(labels["Accuracy"])
    assert any(label.endswith(" train") for label in labels["Loss"])
    assert {str(label) for label in range(10)} <= set(labels["Accuracy by class"])
    assert {"model 1.44 kB", "signature 3.31 kB", "In a round a client sends 5.48 kB"} <= set(labels["One message"])
    for title in ("Bytes per round", "Time per round", "Clients per round", "Updates not used", "Drift over rounds"):
        assert "round" in labels[title]


def test_no_label_leaves_its_card_or_meets_another_on_a_desk_or_a_phone(make_run, open_page, tmp_path):
    html = write_report(make_run(rounds=30, clients=40)).read_text(encoding="utf-8")
    frames = "".join(
        f'<iframe style="width:{width}px;height:9000px;border:0" srcdoc="{escape(html)}"></iframe>' for width in WIDTHS
    )
    screens = tmp_path / "screens.html"
    screens.write_text(f'<meta charset="utf-8"><body>{frames}<script>onload = () => {{{MEASURE}}}</script>')
    dom = open_page(screens)
    found = json.loads(unescape(re.search(r"<body>(.*)</body>", dom, flags=re.DOTALL).group(1)))
    assert [screen["width"] for screen in found] == list(WIDTHS)
    for screen in found:
        assert screen["figures"] >= 10
        assert screen["scroll"] == 0
        assert screen["spilt"] == [] and screen["met"] == []

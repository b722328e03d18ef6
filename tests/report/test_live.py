"""The report that grows in a browser: asked by urllib, and shown by a headless Chromium. Also covers live_page.py."""

import json
import os
import re
import shutil
import subprocess
import threading
import time
import urllib.error
import urllib.request
from http.client import HTTPConnection
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

from qfl.errors import ConfigError
from qfl.report import live
from qfl.report.live import LiveServer
from qfl.report.page import render
from qfl.report.record import read_record

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage --remote-debugging-pipe --window-size=1280,900"
)
LONGEST_S = 60.0


def get(address, **headers):
    """Return status, headers and text."""
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=10) as reply:
            return SimpleNamespace(status=reply.status, headers=reply.headers, text=reply.read().decode())
    except urllib.error.HTTPError as error:
        return SimpleNamespace(status=error.code, headers=error.headers, text=error.read().decode())


@pytest.fixture
def begun(make_run):
    """Return a run that is going on after its fifth round, and a function that plays the next round."""
    whole = make_run(rounds=20, clients=20)
    rounds, clients = whole.rounds(), whole.clients()
    whole.update(status="running")
    whole.truncate(5)

    def play():
        number = whole.rounds()[-1]["round"] + 1
        whole.append("clients", [row for row in clients if row["round"] == number])
        whole.append("rounds", [row for row in rounds if row["round"] == number])

    return SimpleNamespace(folder=whole, play=play)


@pytest.fixture
def server(begun, monkeypatch):
    monkeypatch.setattr(live, "SHARE", 0)
    server = LiveServer(begun.folder.path)
    yield server
    monkeypatch.setattr(live, "FAREWELL_S", 0.0)
    server.close()


def test_the_report_is_that_of_the_folder_and_follows_it(server, begun):
    first = get(f"{server.address}report")
    assert first.text == render(read_record(begun.folder), begun.folder.path.name)
    assert "in 5 rounds" in first.text and first.headers["Qfl-Run"] == "running"
    again = get(f"{server.address}report", **{"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.text) == (304, "")
    begun.play()
    after = get(f"{server.address}report", **{"If-None-Match": first.headers["ETag"]})
    assert after.status == 200 and "in 6 rounds" in after.text and after.headers["ETag"] != first.headers["ETag"]


def test_only_this_machine_with_the_whole_address_gets_to_see_it(server):
    place = urlsplit(server.address)
    assert server._server.server_address[0] == place.hostname == "127.0.0.1" and len(place.path) > 20
    root = f"http://{place.netloc}"
    for path in ("/", "/report", "/x/report", place.path[:-2], f"{place.path}x", f"{place.path}../run.json"):
        reply = get(root + path)
        assert reply.status == 404 and "quantum clients" not in reply.text
    assert get(f"{server.address}report", Host="rebound.example.org").status == 404
    connection = HTTPConnection(place.hostname, place.port, timeout=10)
    connection.request("POST", f"{place.path}report")
    assert connection.getresponse().status == 501


def test_the_page_runs_its_own_script_alone(server):
    page = get(server.address)
    (nonce,) = re.findall(r'<script nonce="([^"]+)">', page.text)
    policy = page.headers["Content-Security-Policy"]
    assert f"default-src 'none'; script-src 'nonce-{nonce}'; " in policy and "unsafe-eval" not in policy
    assert page.text.count("<script") == 1 and get(server.address).text != page.text


def test_a_run_that_is_not_there_yet_is_being_prepared_and_a_damaged_one_stays_as_it_was(begun, tmp_path, monkeypatch):
    monkeypatch.setattr(live, "SHARE", 0)
    report = live.LiveReport(tmp_path / "none")
    assert b"The run is being prepared." in report.html()[0]
    report = live.LiveReport(begun.folder.path)
    before = report.html()
    (begun.folder.path / "rounds.jsonl").write_text("no row\n")
    assert report.html() == before


def test_a_report_is_drawn_only_where_the_folder_has_changed_and_not_all_the_time(begun, monkeypatch):
    drawn, now = [], [0.0]

    def slow(record, name):
        drawn.append(now[0])
        now[0] += 2.0
        return str(len(drawn))

    monkeypatch.setattr(live, "render", slow)
    monkeypatch.setattr(live.time, "monotonic", lambda: now[0])
    report = live.LiveReport(begun.folder.path)
    assert [report.html()[0] for _ in range(3)] == [b"1"] * 3
    for _ in range(45):
        begun.folder.append("clients", [{"round": 6, "client": 1}])
        report.html()
        now[0] += 1.0
    assert drawn == [0.0, 22.0, 44.0]
    report.over = True
    assert report.html()[0] == b"4"


def test_a_page_that_is_open_gets_the_last_report_before_the_server_stops(begun):
    server, heard = LiveServer(begun.folder.path), []

    def follow():
        while not heard or heard[-1] != "over":
            heard.append(get(f"{server.address}report").headers["Qfl-Run"])
            time.sleep(0.05)

    page = threading.Thread(target=follow)
    page.start()
    while not heard:
        time.sleep(0.01)
    server.close()
    page.join(10)
    assert heard[0] == "running" and heard[-1] == "over"
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(server.address, timeout=5)


def test_without_a_page_the_server_stops_at_once(begun):
    server, begin = LiveServer(begun.folder.path), time.monotonic()
    server.close()
    assert time.monotonic() - begin < 2.0


@pytest.mark.parametrize("port", [70_000, None])
def test_a_port_that_cannot_be_had_is_a_sentence(server, tmp_path, port):
    taken = urlsplit(server.address).port
    with pytest.raises(ConfigError, match=r"--port \d+: cannot listen there .*; give another, or 0 for a free one"):
        LiveServer(tmp_path, port or taken)


class Browser:
    """A headless Chromium that is told what to do over two pipes (DevTools protocol)."""

    def __init__(self, profile):
        reads, its_answers = os.pipe()
        its_orders, writes = os.pipe()
        line = f'exec {CHROMIUM} {FLAGS} --user-data-dir="{profile}" about:blank 3<&{its_orders} 4>&{its_answers}'
        self.process = subprocess.Popen(
            ["bash", "-c", line],
            pass_fds=(its_orders, its_answers),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(its_orders)
        os.close(its_answers)
        self.answers, self.orders = os.fdopen(reads, "rb"), os.fdopen(writes, "wb", buffering=0)
        self.number, self.own = 0, {}
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.own = {"sessionId": self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]}

    def call(self, method, **params):
        self.number += 1
        self.orders.write(
            json.dumps({"id": self.number, "method": method, "params": params} | self.own).encode() + b"\0"
        )
        while True:
            answer = json.loads(b"".join(iter(lambda: self.answers.read(1), b"\0")))
            if answer.get("id") == self.number:
                return answer["result"]

    def value(self, expression):
        return self.call("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def wait_for(self, expression):
        end = time.monotonic() + LONGEST_S
        while not self.value(expression):
            assert time.monotonic() < end, f"never came: {expression}; {self.value('document.body.innerText')[:500]}"
            time.sleep(0.05)

    def close(self):
        self.call("Browser.close")
        self.process.wait(10)
        self.answers.close()
        self.orders.close()


@pytest.fixture
def browser(tmp_path):
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine to watch the report with")
    browser = Browser(tmp_path / "profile")
    yield browser
    browser.close()


SAID = "(document.querySelector('h1') || {textContent: ''}).textContent.includes('in %d rounds')"
AS_WRITTEN = """(() => {
  const whole = new DOMParser().parseFromString(%s, "text/html");
  return ["figure", "table"].map(kind => {
    const ours = [...document.querySelectorAll(kind)], theirs = [...whole.querySelectorAll(kind)];
    return ours.filter((each, i) => each.isEqualNode(theirs[i])).length + " of " + theirs.length + " " + kind + "s";
  }).join();
})()"""


def test_the_page_grows_without_a_jump_and_ends_as_the_report(server, begun, browser):
    begun.folder.append("clients", [])
    browser.call("Page.navigate", url=server.address)
    browser.wait_for(SAID % 5)
    browser.value(
        "scrollTo(0, 500); document.querySelectorAll('details').forEach(each => each.open = true); jumps = 0; "
        "kept = document.querySelector('#learning figure'); new PerformanceObserver(list => "
        "list.getEntries().forEach(entry => jumps += entry.value)).observe({type: 'layout-shift'})"
    )
    for number in range(6, 9):
        begun.play()
        browser.wait_for(SAID % number)
        assert browser.value("[scrollY, document.querySelectorAll('details[open]').length, jumps].join()") == "500,2,0"
        assert browser.value("kept === document.querySelector('#learning figure')")
    assert browser.value("document.getElementById('live').textContent") == "live"
    begun.folder.update(status="completed")
    server.report.over = True
    browser.wait_for("document.getElementById('live').textContent === 'the run is over'")
    assert browser.value("document.querySelector('.state').textContent") == "completed"
    assert (
        browser.value(AS_WRITTEN % json.dumps(get(f"{server.address}report").text)) == "12 of 12 figures,5 of 5 tables"
    )


def test_what_a_client_wrote_runs_nothing(server, begun, browser):
    begun.play()
    evil = '<img src=x onerror="hurt = 1"><script>hurt = 1</script>'
    row = begun.folder.clients()[-1] | {"client": 19, "status": "failed", "reason": evil, "detail": evil}
    begun.folder.append("clients", [row])
    browser.call("Page.navigate", url=server.address)
    browser.wait_for(SAID % 6)
    browser.wait_for("document.querySelector('#clients').textContent.includes('onerror')")
    assert browser.value("typeof hurt") == "undefined"
    browser.value("document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=x onerror=\"hurt = 1\">')")
    time.sleep(0.5)
    assert browser.value("typeof hurt") == "undefined"  # the policy holds even where an escape were forgotten

"""``qfl run --serve``: the address is printed, the page answers while the run goes on, and the run is the same."""

import json
import re
import urllib.error
import urllib.request

import pytest

from qfl.cli import main
from qfl.report import live


def test_the_report_is_served_while_the_run_goes_on_and_the_digest_is_the_same(small, capsys, monkeypatch):
    assert main(["run", str(small), "--json"]) == 0
    alone, seen, servers, usual = json.loads(capsys.readouterr().out)["angles_sha256"], [], [], live.LiveServer
    monkeypatch.setattr(live, "SHARE", 0)
    monkeypatch.setattr(live, "LiveServer", lambda *words: servers.append(usual(*words)) or servers[0])

    def look(row, metric):
        with urllib.request.urlopen(f"{servers[0].address}report", timeout=10) as reply:
            seen.append(re.findall(r"in (\d+) round|(no) round has been evaluated", reply.read().decode())[0])

    monkeypatch.setattr("qfl.federation.loop.tell", look)
    assert main(["run", str(small), "--serve", "--json"]) == 0
    output = capsys.readouterr()
    assert json.loads(output.out)["angles_sha256"] == alone
    assert re.search(r"^watch    http://127\.0\.0\.1:\d+/\S{20,}/$", output.err, re.M)
    assert seen == [("1", ""), ("2", ""), ("3", "")]
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(servers[0].address, timeout=5)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--port", "8080"], "give --serve, too"),
        (["--serve", "--port", "70000"], "--port 70000: cannot listen there"),
        (["--serve", "--port", "-1"], "expected a whole number from 0"),
    ],
)
def test_a_mistake_is_one_sentence_and_nothing_is_trained(small, capsys, words, sentence):
    assert main(["run", str(small), *words]) == 2
    error = capsys.readouterr().err
    assert sentence in error and error.count("\n") == 1 and not list(small.parent.glob("runs/*"))

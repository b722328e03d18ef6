"""``qfl audit``: nothing to say and 0, the first bad round and 1, or a mistake and 2."""

import json

from qfl.cli import main
from qfl.results import RunFolder


def test_a_run_is_audited_before_and_after_somebody_touched_it(small, capsys):
    assert main(["run", str(small), "--set", "run.folder=run", "--set", "rounds=2", "--json"]) == 0
    capsys.readouterr()
    assert main(["audit", "run"]) == 0
    assert "rounds up to 2 are as the server signed them: 3 entries" in capsys.readouterr().out
    folder = RunFolder("run")
    folder.replace("rounds", [row | {"loss": 0.0} for row in folder.rounds()])
    assert main(["audit", "run"]) == 1
    assert "round 0 is the first that is not as the server signed it" in capsys.readouterr().out
    assert main(["audit", "run", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["ok"], found["first"]["round"], found["first"]["kind"]) == (False, 0, "altered")
    for words in (["audit"], ["audit", "nowhere"], ["audit", "run", "--client", "."], ["audit", "run", "--keys", "no"]):
        assert main(words) == 2

"""``qfl unlearn``: what counted, and the run without it."""

import json

from qfl.cli import main


def test_what_counted_is_listed_and_trained_without(small, capsys):
    assert main(["run", str(small), "--set", "run.folder=run", "--set", "rounds=2", "--json"]) == 0
    capsys.readouterr()
    assert main(["unlearn", "run", "--client", "3", "--from-round", "2", "--list"]) == 0
    said = capsys.readouterr().out
    assert "1 updates of client 3 counted from round 2 on: 2" in said and "the beginning" in said
    assert main(["unlearn", "run", "--client", "3", "--from-round", "2", "--folder", "new", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found["accepted"]) == ["2"] and found["final"]["rounds"] == 2
    assert main(["unlearn", "new", "--client", "3", "--from-round", "2"]) == 0
    assert "nothing to unlearn" in capsys.readouterr().out
    for words in (["--client", "10"], ["--client", "3", "--from-round", "3"], ["--client", "3", "--folder", "run"], []):
        assert main(["unlearn", "run", *words]) == 2

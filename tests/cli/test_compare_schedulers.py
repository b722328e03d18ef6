"""``qfl compare`` of schedulers: what is refused before a folder is made, resumed, widened, and printed at the end."""

import json

import pytest

from qfl.cli import main

QUICK = [
    *("--set", "num-devices=5", "--set", "num-channels=2", "--set", "small-seeds=0", "--set", "processes=1"),
    "--set",
    "panel=['random','random_sca_power','best_gain_wmmse','sca_1opt','bcd_exact','bcd_sampling','matching_dump_1opt']",
]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("qfl.report.canvas.DPI", 40)


def test_a_quick_form_is_refused_before_a_folder_is_made(capsys, tmp_path):
    assert main(["compare", "--quick", *QUICK]) == 2
    assert "has no quick form; leave out --quick, or give fewer --seeds" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_the_ending_lists_the_best_first_and_a_resumed_comparison_may_have_more_seeds(capsys, tmp_path):
    assert main(["compare", "--seeds", "2", *QUICK]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split()[:2] == ["method", "Mbit/s"]
    shares = [float(line.split()[4]) for line in lines[:7]]
    assert shares == sorted(shares, reverse=True) and all(0 < share <= 100 for share in shares)
    assert lines[7].startswith("certified bound") and lines[9].endswith("; 2 seeds")
    assert lines[8].startswith("round_time") and "; at least" in lines[8]

    (folder,) = (tmp_path / "runs").iterdir()
    kept = (folder / "methods.jsonl").read_text()
    assert main(["compare", "--resume", str(folder), "--seeds", "3", "--json"]) == 0
    numbers = json.loads(capsys.readouterr().out)
    assert numbers["seeds"] == 3 and {own["seeds"] for own in numbers["methods"].values()} == {3}
    assert (folder / "methods.jsonl").read_text().startswith(kept)
    assert numbers["report"] == str(folder / "report.html") and numbers["picture"] == str(folder / "comparison.png")

"""``qfl compare``: one JSON object, mistakes as one sentence with exit code 2."""

import json

import pytest

from qfl.cli import main

QUICK = [
    *("--set", "num-devices=5", "--set", "num-channels=2", "--set", "small-seeds=0", "--seeds", "2"),
    "--set",
    "panel=['random_sca_power','best_gain_wmmse','sca_1opt','bcd_exact','bcd_sampling','qaoa_bcd','matching_dump_1opt',"
    "'matching']",
    *("--set", "variant=optional_channel", "--set", "processes=1"),
]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_stdout_is_one_object(capsys):
    assert main(["compare", "--json", *QUICK]) == 0
    streams = capsys.readouterr()
    found = json.loads(streams.out)
    assert streams.out.count("\n") == 1 and streams.err == ""
    assert found["variant"] == "optional_channel" and found["seeds"] == 2 and found["bound"]["tight"] == 2
    # where silence is allowed and the bound is tight, matching is optimal
    assert found["methods"]["matching"]["percent_of_bound"] == pytest.approx(100)
    assert set(found["methods"]["qaoa_bcd"]) >= {
        "percent_of_bound",
        "over_random_sca_power",
        "value_mbps",
        "evaluations",
        "seconds",
        "start",
    }


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--set", "min-distance-m=-5"], "qfl: min_distance_m is -5; give a number above 0\n"),
        (["--set", "min-power-dbm=25"], "qfl: min_power_dbm is 25 and max_power_dbm is 24; give a minimum not above"),
        (["--seeds", "x"], "qfl: argument --seeds: invalid int value: 'x'"),
        (["absent.toml"], "qfl: cannot read run file 'absent.toml'"),
        (["--resume", "nowhere"], "qfl: 'nowhere' is no run folder"),
        (["--resume", "nowhere", "--set", "seeds=3"], "qfl: --resume continues a comparison with its own settings"),
    ],
)
def test_a_mistake_is_one_sentence_and_code_2(words, sentence, capsys, tmp_path):
    assert main(["compare", *words]) == 2
    streams = capsys.readouterr()
    assert streams.err.startswith(sentence) and streams.err.count("\n") == 1 and streams.out == ""
    assert not list(tmp_path.iterdir())

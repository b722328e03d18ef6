"""Settings of a user's own objects."""

import pytest

from qfl.config import Settings, read_run_file
from qfl.config.private import unfold
from qfl.errors import ConfigError


def test_a_table_travels_as_one_setting_and_comes_back(tmp_path):
    path = tmp_path / "run.toml"
    path.write_text(
        'rounds = 2\n[data]\nname = "a.py:b"\n[data.my]\ngain = 0.3\nsizes = [1, 2]\n[data.my.inner]\non = true\n'
    )
    settings = read_run_file(path, ["data.my.gain=0.5"])
    assert unfold(settings.data.my) == {"gain": 0.5, "sizes": [1, 2], "inner.on": True}
    assert Settings.from_flat(settings.to_flat()) == settings


def test_no_table_is_an_empty_text():
    assert Settings().model.my == "" and Settings.from_flat({"model.my": ""}) == Settings()


@pytest.mark.parametrize(
    ("flat", "said"),
    [
        ({"model.my.gain": float("inf")}, "model.my.gain = 'inf': expected a number, a word"),
        ({"model.my.gain": [[1]]}, "model.my.gain = '\\[\\[1\\]\\]': expected a number"),
        ({"model.my": "gain"}, "model.my = 'gain': expected a table of settings"),
        ({"model.my": "[1, 2]"}, "expected a table of settings"),
        ({"model.my": 3}, "model.my = 3: expected a string"),
        ({"round.my.gain": 1}, "unknown setting 'round.my.gain'"),
        ({"model.my.gain": "x" * 5000}, "at most 4,096 characters"),
    ],
)
def test_what_is_no_table_is_refused(flat, said):
    with pytest.raises(ConfigError, match=said):
        Settings.from_flat(flat)


def test_a_table_without_an_owner_is_refused():
    with pytest.raises(
        ConfigError, match=r"\[model.my\] is set, but no setting of \[model\] names an object of your own"
    ):
        Settings.from_flat({"model.my.gain": 1.0})

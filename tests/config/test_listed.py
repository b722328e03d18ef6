"""Lists in run files are texts with commas between processes."""

import pytest

from qfl.config import Settings, read_run_file
from qfl.config.listed import joined, numbers_of, words_of
from qfl.errors import ConfigError


def test_a_list_of_a_run_file_is_its_text(tmp_path):
    path = tmp_path / "run.toml"
    path.write_text('[data]\nname = "a.csv"\nfeatures = ["height", "width"]\n')
    assert words_of(read_run_file(path).data.features) == ("height", "width")
    settings = read_run_file(path, ["data.class-weights=[1, 2.5]"])
    assert numbers_of(settings.data.class_weights) == (1.0, 2.5)
    assert Settings.from_flat(settings.to_flat()) == settings


def test_other_settings_take_no_list():
    with pytest.raises(ConfigError, match="expected a string"):
        Settings.from_flat({"data.client": ["a", "b"]})


@pytest.mark.parametrize("value", [True, None, [1], {"a": 1}, float("inf"), "a,b"])
def test_what_cannot_stand_in_a_text_is_refused(value):
    with pytest.raises(ConfigError, match="words without a comma"):
        joined([value])

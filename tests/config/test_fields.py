"""Flat keys of nested settings: listed, written and built; what is checked is in test_settings and test_setting."""

from qfl.config import KEYS, DataSettings, RoundSettings, Settings
from qfl.config.fields import as_toml, build, check, describe, flatten, span


def test_what_is_flattened_is_built_again():
    settings = Settings(rounds=3, data=DataSettings(side=4), round=RoundSettings(max_norm=0.0))
    flat = dict(flatten(settings))
    assert build(Settings, flat) == settings and list(flat) == list(KEYS) == list(describe(Settings))
    assert flat["data.side"] == 4 and flat["data.pca"] == 0 and flat["round.max-norm"] == 0.0


def test_ranges_are_said_in_words():
    said = {key: span(KEYS[key]) for key in ("rounds", "model.qubits", "radio.bandwidth-hz", "radio.max-power-dbm")}
    assert list(said.values()) == ["of at least 1", "between 0 and 20", "above 0", "of any size"]
    for key, words in said.items():
        fault = check(KEYS, key, KEYS[key].kind(-(2**64)))[1]
        assert fault.startswith(f"{key} = -1") and fault.endswith(f"expected a value {words} and of a size below 2**63")


def test_a_value_is_written_as_toml():
    assert [as_toml(value) for value in (True, 'a"b', 0.5, 3, ["x"])] == ["true", '"a\\"b"', "0.5", "3", '["x"]']

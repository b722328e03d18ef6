"""What a field of settings says of itself: numbers of a run file that stand for None, and what is held in Python."""

import math
from dataclasses import replace

import pytest

from qfl.config import KEYS, ClientsSettings, RoundSettings, Settings
from qfl.config.setting import Setting, settings_of
from qfl.errors import ConfigError
from qfl.wireless.scenario import UplinkScenario

NUMBERS = {
    "threads", "data.pca", "data.side", "model.qubits", "model.spread", "gnn.neighbours", "clients.per-round",
    "train.local-epochs",
    "strategy.learning-rate", "device.shots", "round.max-norm", "round.max-examples", "radio.evaluations",
    "radio.deadline-s", "radio.enough", "radio.frame-s", "radio.max-per-channel", "radio.se-cap",
    "security.neighbours", "security.threshold", "device.deadline-s", "attack.strength",
    "privacy.epsilon", "privacy.noise-multiplier",
}  # fmt: skip


def held(settings: Settings, key: str):
    for part in key.split("."):
        settings = getattr(settings, part.replace("-", "_"))
    return settings


def test_numbers_that_stand_for_something_are_none_in_python_and_numbers_in_a_run_file():
    assert {key for key, own in KEYS.items() if own.means} == NUMBERS
    for key in NUMBERS:
        own = KEYS[key]
        (number,) = (number for number, meant in own.means.items() if meant is None)
        assert own.default is None and own.written == number and type(own.written) is own.kind
        settings = Settings.from_flat({key: number})
        assert held(settings, key) is None and settings.to_flat()[key] == number
        assert str(number).removesuffix(".0") in own.about or "below 0" in own.about, key


def test_python_takes_the_number_of_a_run_file_as_well():
    assert ClientsSettings(per_round=0) == ClientsSettings() and ClientsSettings(per_round=0).asked == 200
    assert replace(ClientsSettings(per_round=3), per_round=0).per_round is None
    assert UplinkScenario(se_cap=0.0, max_per_channel=0) == UplinkScenario()


def test_what_is_below_zero_is_the_default_cap_and_zero_is_no_cap():
    for written, meant in ((-1.0, None), (-0.25, None), (0.0, math.inf), (2.5, 2.5)):
        assert Settings.from_flat({"round.max-norm": written}).round.max_norm == meant
    assert RoundSettings(max_examples=0).max_examples == math.inf
    assert Settings.from_flat({"round.max-examples": 0}).to_flat()["round.max-examples"] == 0


@pytest.mark.parametrize("value", [None, math.inf])
def test_a_run_file_has_numbers_alone(value):
    with pytest.raises(ConfigError, match=r"radio\.se-cap = "):
        Settings.from_flat({"radio.se-cap": value})


@pytest.mark.parametrize(
    ("name", "value", "holds"),
    [
        ("rician_k_db", -math.inf, True), ("rician_k_db", math.inf, False), ("rician_k_db", math.nan, False),
        ("max_power_dbm", -math.inf, False), ("bandwidth_hz", 0.0, False), ("bandwidth_hz", "wide", False),
        ("num_channels", 1.5, False), ("num_channels", True, True), ("correlated", 1, False), ("drop", "area", True),
        ("se_cap", None, True), ("shadowing_db", None, False), ("shadowing_db", 0, True),
    ],
)  # fmt: skip
def test_what_python_may_hold_is_what_the_field_says(name, value, holds):
    assert settings_of(UplinkScenario)[name].holds(value) is holds


def test_every_wanted_range_is_said():
    wanted = [Setting("", 0, **more).wanted() for more in (
        {"kind": int, "low": 1}, {"kind": int, "low": 1, "high": 10_000}, {"kind": float, "low": 0.0},
        {"kind": float, "low": 0.0, "above": True}, {"kind": float}, {"kind": float, "or_off": True},
        {"choices": ("a", "b")},
    )]  # fmt: skip
    assert wanted == [
        "a whole number from 1 on", "a whole number from 1 to 10,000", "a number of 0 or more", "a number above 0",
        "a number that is finite", "a number that is finite, or -inf", "one of a, b",
    ]  # fmt: skip

"""Settings: strict reading, every fault at once, and the way there and back.

Also covers qfl/config/combinations.py, qfl/config/device_subjects.py, qfl/config/fields.py, qfl/config/radio.py,
qfl/config/subjects.py and qfl/config/network_subjects.py.
"""

import math
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qfl.config import KEYS, DataSettings, Settings, num_features
from qfl.errors import ConfigError


def faults(**flat) -> list[str]:
    """Return the faults of a flat config whose keys are written with __ for the dot and _ for the hyphen."""
    with pytest.raises(ConfigError) as caught:
        Settings.from_flat({key.replace("__", ".").replace("_", "-"): value for key, value in flat.items()})
    return caught.value.faults


def test_the_defaults_hold_together():
    assert Settings.from_flat({}) == Settings()


def test_settings_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        Settings().rounds = 3  # type: ignore[misc]


def test_all_faults_are_reported_at_once():
    found = faults(round=3, rounds="many", engine="exakt", seed=-1, data__pca=10, data__sid=2, clients__per_round=900)
    assert len(found) == 6
    assert found[0] == "'round' is a table of settings, such as round.deadline-s; did you mean 'rounds'?"
    assert "rounds = 'many': expected a whole number, for example rounds = 30" in found
    assert "engine = 'exakt': expected one of exact, pennylane, pool" in found
    assert "seed = -1: expected a value of at least 0" in found
    assert "unknown setting 'data.sid'; did you mean 'data.side'?" in found
    assert "clients.per-round = 900 is more than clients.count = 200; ask at most 200" in found


def test_a_subject_with_a_fault_of_its_own_is_not_accused_of_a_combination():
    assert faults(data__nam="mnist", model__qubits=5) == ["unknown setting 'data.nam'; did you mean 'data.name'?"]
    assert faults(data__name="imagenet", model__qubits=5) == [
        "data.name = 'imagenet': expected one of digits, mnist, fashion-mnist, blobs, flwr-datasets:NAME, a file that "
        'ends in .npz or .csv or .parquet or /, or your own, such as "models.py:Net"'
    ]


@pytest.mark.parametrize(
    ("flat", "says"),
    [
        ({"rounds": True}, "expected a whole number"),
        ({"rounds": 3.0}, "expected a whole number"),
        ({"rounds": [3]}, "expected a whole number"),
        ({"run.resume": 1}, "expected true or false"),
        ({"data.root": 3}, "expected a string in quotes"),
        ({"train.learning-rate": "fast"}, "expected a number"),
        ({"train.learning-rate": True}, "expected a number"),
        ({"train.learning-rate": math.nan}, "expected a value of at least 0"),
        ({"train.learning-rate": math.inf}, "expected a value of at least 0"),
        ({"strategy.trim": 0.5}, "between 0 and 0.49"),
        ({"seed": 2**63}, "below 2**63"),
        ({"model.qubits": 21}, "between 0 and 20"),
        ({"train.local_steps": 2}, "did you mean 'train.local-steps'?"),
        ({"xyzzy": 2}, "see `qfl run --settings`"),
    ],
)
def test_a_wrong_type_or_range_is_named_with_what_was_expected(flat, says):
    with pytest.raises(ConfigError, match=r".") as caught:
        Settings.from_flat(flat)
    (fault,) = caught.value.faults
    assert says in fault and next(iter(flat)) in fault


IMPOSSIBLE = [
    ({"data.pca": 3, "model.qubits": 3}, "3 qubits have 6 Z and ZZ words for 10 labels"),
    ({"data.side": 2}, "2 qubits have 3 Z and ZZ words for 10 labels"),
    ({"data.name": "mnist", "model.qubits": 8}, "amplitude encoding of 784 features does not fit model.qubits = 8"),
    ({"model.encoding": "angle", "model.qubits": 8}, "64 features and 8 qubits; set data.pca = 8"),
    ({"model.encoding": "angle"}, "64 features and at most 20 qubits; set data.pca = 8"),
    ({"model.encoding": "reupload"}, "needs model.qubits, for example model.qubits = 8"),
    ({"data.pca": 4, "data.side": 4}, "exclude each other"),
    ({"data.pca": 65}, "cannot make more features than digits's 64"),
    ({"data.side": 9}, "cannot make more features than digits's 64"),
    ({"data.labels-per-client": 11}, "digits has 10 labels"),
    ({"model.name": "cnn", "data.pca": 16}, "'cnn' needs pixels"),
    ({"clients.count": 5, "clients.per-round": 6}, "more than clients.count = 5"),
    ({"clients.selection": "full", "clients.per-round": 6}, "'full' asks all 200 clients, not 6"),
    ({"device.shots": 100}, 'need engine = "pennylane"'),
    ({"noise.readout": 0.1}, 'need engine = "pennylane"'),
    ({"noise.depolarising": 0.1}, 'need engine = "pennylane"'),
    ({"engine": "pennylane", "model.name": "mlp"}, "'edge_printed', 'ap_user_gnn', not 'mlp'"),
    ({"security.algorithm": "Falcon-512"}, "needs security.library = 'liboqs'"),
]


@pytest.mark.parametrize(("flat", "says"), IMPOSSIBLE)
def test_an_impossible_combination_is_one_sentence(flat, says):
    with pytest.raises(ConfigError) as caught:
        Settings.from_flat(flat)
    (fault,) = caught.value.faults
    assert says in fault


@pytest.mark.parametrize(
    "flat",
    [
        {"data.name": "mnist", "model.qubits": 10},
        {"data.name": "mnist", "data.side": 16, "model.qubits": 8},
        {"model.encoding": "angle", "data.pca": 8},
        {"model.encoding": "reupload", "model.qubits": 6},
        {"clients.selection": "full", "clients.per-round": 200},
        {"engine": "pennylane", "device.shots": 100, "noise.readout": 0.01},
        {"security.algorithm": "Falcon-512", "security.library": "liboqs"},
        {"model.name": "cnn"},
        {"model.name": "mlp", "model.qubits": 2},
        {"data.pca": 4, "model.encoding": "angle", "model.qubits": 4},
    ],
)
def test_the_possible_neighbours_are_accepted(flat):
    Settings.from_flat(flat)


def test_the_features_are_the_pixels_the_side_or_the_components():
    assert num_features(DataSettings()) == 8 * 8
    assert num_features(DataSettings(name="mnist")) == 28 * 28
    assert num_features(DataSettings(name="mnist", side=7)) == 7 * 7
    assert num_features(DataSettings(name="mnist", pca=12)) == 12


def accepted(key: str) -> st.SearchStrategy:
    """Return a strategy of values that a setting accepts by itself."""
    own = KEYS[key]
    kind, low, high, choices = own.kind, own.low, own.high, own.choices
    if choices:
        return st.sampled_from(choices)
    if kind is bool:
        return st.booleans()
    if kind is str:
        return st.text(max_size=8)
    if -1 in own.means:  # whatever is below 0 is written as -1
        return st.just(kind(-1)) | (st.integers(0, 2**63 - 1) if kind is int else st.floats(0, 1e12))
    if kind is int:
        return st.integers(low, 2**63 - 1 if high is None else high)
    return st.floats(low, 1e12 if high is None else high, exclude_min=own.above)


@given(flat=st.fixed_dictionaries({}, optional={key: accepted(key) for key in KEYS}))
def test_flat_settings_survive_the_way_there_and_back(flat):
    try:
        settings = Settings.from_flat(flat)
    except ConfigError:
        return  # an impossible combination
    assert Settings.from_flat(settings.to_flat()) == settings
    assert settings.to_flat() == Settings().to_flat() | flat


def test_every_setting_accepts_its_own_default_and_has_a_meaning():
    for key, own in KEYS.items():
        assert type(own.written) is own.kind, key
        assert own.about, key
        assert not own.choices or own.default in own.choices, key


def test_a_whole_number_is_read_as_a_number_where_one_is_expected():
    value = Settings.from_flat({"train.learning-rate": 1}).train.learning_rate
    assert type(value) is float and value == 1.0

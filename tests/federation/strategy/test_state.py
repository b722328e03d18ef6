"""Exported strategy state; that every strategy resumes bit-equal is in tests/strategies/test_every_strategy.py."""

import numpy as np
import pytest
from flwr.app import Array
from flwr.serverapp.strategy import DifferentialPrivacyServerSideFixedClipping, FedAdam, FedAvgM, FedYogi

from qfl.aggregation.circular import circular_mean
from qfl.angles import AngleLayout
from qfl.errors import RunFolderError
from qfl.federation.records.messages import to_record
from qfl.federation.strategy.angle_strategy import AngleStrategy
from qfl.federation.strategy.state import changed_since, restore_state, snapshot
from qfl.results import RunFolder


def test_a_state_survives_the_checkpoint_file(tmp_path):
    before = FedAvgM()
    made = snapshot(before)
    before.current_arrays = to_record(np.arange(3, dtype=np.float32))
    before.momentum_vector = [np.array([0.1, 0.2, 0.3])]
    folder = RunFolder.create("test", {}, path=tmp_path / "run")
    folder.save_checkpoint(4, *changed_since(made, before))
    checkpoint = folder.load_checkpoint()
    assert checkpoint is not None
    after = FedAvgM()
    restore_state(after, snapshot(after), checkpoint[1:])
    assert after.current_arrays is not None
    assert after.momentum_vector is not None
    assert after.current_arrays["angles"].data == before.current_arrays["angles"].data
    np.testing.assert_array_equal(after.momentum_vector[0], before.momentum_vector[0])


def resumed(before, made, after, path):
    """Return a new strategy with the state of another, by way of a checkpoint file."""
    folder = RunFolder.create("test", {}, path=path)
    folder.save_checkpoint(1, *changed_since(made, before))
    checkpoint = folder.load_checkpoint()
    assert checkpoint is not None
    restore_state(after, snapshot(after), checkpoint[1:])
    return after


def test_a_record_that_two_attributes_share_is_one_record_after_a_resume(tmp_path):
    before = FedAvgM()
    made = snapshot(before)
    before.current_arrays = vars(before)["last"] = to_record(np.zeros(2, dtype=np.float32))
    after = resumed(before, made, FedAvgM(), tmp_path / "run")
    assert after.current_arrays is not None
    after.current_arrays["more"] = Array(np.ones(3))
    assert list(vars(after)["last"]) == ["angles", "more"]


def test_a_record_that_a_wrapper_shares_with_the_strategy_within_stays_shared(tmp_path):
    before, after = (DifferentialPrivacyServerSideFixedClipping(FedAvgM(), 1.0, 1.0, 3) for _ in range(2))
    made = snapshot(before)
    before.current_arrays = vars(before.strategy)["current_arrays"] = to_record(np.ones(2, dtype=np.float32))
    resumed(before, made, after, tmp_path / "run")
    assert vars(after.strategy)["current_arrays"] is after.current_arrays
    assert after.current_arrays["angles"].numpy().tolist() == [1.0, 1.0]


def test_a_checkpoint_whose_shared_value_is_nowhere_is_refused():
    strategy = FedAdam()
    for place in ("m_t", "nowhere"):
        plain = {"strategy": "FedAdam", "fields": {"m_t": {"kind": "same", "place": place}}}
        with pytest.raises(RunFolderError, match="does not fit the strategy"):
            restore_state(strategy, snapshot(strategy), ({}, plain))


def test_a_new_strategy_has_no_state_and_restores_from_none():
    strategy = FedAdam()
    memory = changed_since(snapshot(strategy), strategy)
    assert memory == ({}, {"strategy": "FedAdam", "fields": {}, "gone": []})
    restore_state(strategy, snapshot(strategy), memory)
    assert strategy.m_t is None


def test_the_state_of_another_strategy_is_refused():
    adam, yogi = FedAdam(), FedYogi()
    with pytest.raises(RunFolderError, match="written with FedAdam, but the settings ask for FedYogi"):
        restore_state(yogi, snapshot(yogi), changed_since(snapshot(adam), adam))


def test_a_checkpoint_of_the_first_form_is_read_and_other_arrays_are_left_alone():
    strategy = FedAdam()
    plain = {"strategy": "FedAdam", "kinds": {"m_t": "dict"}}
    restore_state(strategy, snapshot(strategy), ({"angles": np.zeros(2), "m_t/angles": np.ones(2)}, plain))
    assert strategy.m_t is not None
    assert list(strategy.m_t) == ["angles"]


def test_a_checkpoint_of_the_second_form_is_read():
    """It named constants and what was as made, and numbered all nodes; this is what it held of a circular mean."""
    strategy = AngleStrategy(circular_mean, AngleLayout(("a",), (6.28,)), learning_rate=0.5)
    fields = {
        "layout": {"kind": "held"},
        "broadcast": {"kind": "array", "array": "broadcast", "id": 2},
        "diagnostics": {"kind": "dict", "items": [["fallbacks", 0.0]], "id": 3},
    }
    kept = ["fraction_train", "learning_rate", "parameters"]
    plain = {"strategy": "AngleStrategy", "fields": fields, "held": {"layout": "x"}, "shared": {}, "kept": kept}
    restore_state(strategy, snapshot(strategy), ({"broadcast": np.ones(1)}, plain))
    assert strategy.broadcast.tolist() == [1.0] and strategy.diagnostics == {"fallbacks": 0.0}
    assert strategy.learning_rate == 0.5 and strategy.rule is circular_mean and len(strategy.layout) == 1

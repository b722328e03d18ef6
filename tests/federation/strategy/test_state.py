"""Exported strategy state; that every strategy resumes bit-equal is in tests/strategies/test_every_strategy.py."""

import numpy as np
import pytest
from flwr.serverapp.strategy import FedAdam, FedAvgM, FedYogi

from qfl.errors import RunFolderError
from qfl.federation.records.messages import to_record
from qfl.federation.strategy.state import export_state, restore_state
from qfl.results import RunFolder


def test_a_state_survives_the_checkpoint_file(tmp_path):
    before = FedAvgM()
    before.current_arrays = to_record(np.arange(3, dtype=np.float32))
    before.momentum_vector = [np.array([0.1, 0.2, 0.3])]
    folder = RunFolder.create("test", {}, path=tmp_path / "run")
    folder.save_checkpoint(4, *export_state(before))
    checkpoint = folder.load_checkpoint()
    assert checkpoint is not None
    after = FedAvgM()
    restore_state(after, *checkpoint[1:])
    assert after.current_arrays is not None
    assert after.momentum_vector is not None
    assert after.current_arrays["angles"].data == before.current_arrays["angles"].data
    np.testing.assert_array_equal(after.momentum_vector[0], before.momentum_vector[0])


def test_a_new_strategy_has_no_state_and_restores_from_none():
    arrays, plain = export_state(FedAdam())
    assert arrays == {}
    strategy = FedAdam()
    restore_state(strategy, arrays, plain)
    assert strategy.m_t is None


def test_the_state_of_another_strategy_is_refused():
    with pytest.raises(RunFolderError, match="written with FedAdam, but the settings ask for FedYogi"):
        restore_state(FedYogi(), *export_state(FedAdam()))


def test_other_arrays_of_the_checkpoint_are_left_alone():
    strategy = FedAdam()
    plain = {"strategy": "FedAdam", "kinds": {"m_t": "dict"}}
    restore_state(strategy, {"angles": np.zeros(2), "m_t/angles": np.ones(2)}, plain)
    assert strategy.m_t is not None
    assert list(strategy.m_t) == ["angles"]

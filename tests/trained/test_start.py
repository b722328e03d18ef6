"""A run starts from a trained model: entries of the same name are taken over, and what does not match is said."""

import numpy as np
import pytest

from qfl.errors import DataError
from qfl.results import RunFolder
from qfl.trained.export import export_run
from tests.trained.conftest import D2D, SMALL, trained


def test_the_first_round_is_the_trained_model_from_a_file_and_from_a_folder(digits, tmp_path):
    path = export_run(digits.path, tmp_path / "m.npz")
    for number, source in enumerate((path, digits.path)):
        run = trained(tmp_path / str(number), SMALL | {"rounds": 1, "run.start-from": str(source), "seed": 1})
        assert run.rounds()[0]["angles_sha256"] == digits.header["final"]["angles_sha256"]
        assert run.header["started_from"]["taken"] == len(digits.header["final"]["angles"])


def test_another_head_begins_anew_and_is_said(digits, tmp_path):
    flat = SMALL | {"rounds": 1, "run.start-from": str(digits.path), "model.head": "scale-bias", "model.layers": 3}
    with pytest.warns(UserWarning, match=r"12 of 29 entries begin as trained, 17 begin anew"):
        run = trained(tmp_path / "run", flat)
    assert run.header["started_from"]["anew"] == 17


def test_another_strategy_and_precision_take_the_same_numbers(digits, tmp_path):
    flat = SMALL | {"rounds": 1, "run.start-from": str(digits.path), "strategy.name": "median", "precision": "double"}
    run = trained(tmp_path / "run", flat)
    assert run.header["started_from"]["angles_sha256"] == digits.header["final"]["angles_sha256"]
    assert run.rounds()[0]["accuracy"] == pytest.approx(digits.header["final"]["accuracy"], abs=0.01)


def test_a_model_of_another_kind_is_refused_with_both_sizes_and_nothing_is_written(digits, tmp_path):
    with pytest.raises(DataError, match=r"holds 12 entries \(.*the new model has \d+ \(.*none has the same name"):
        trained(tmp_path / "run", D2D | {"run.start-from": str(digits.path)})
    assert not (tmp_path / "run").exists()
    with pytest.raises(DataError, match="no such model file"):
        trained(tmp_path / "run", SMALL | {"run.start-from": str(tmp_path / "absent.npz")})


def test_a_resumed_run_goes_on_though_the_model_is_gone(digits, tmp_path):
    path = export_run(digits.path, tmp_path / "m.npz")
    flat = SMALL | {"rounds": 1, "run.start-from": str(path)}
    run = trained(tmp_path / "run", flat)
    path.unlink()
    more = trained(run.path, flat | {"rounds": 2, "run.resume": True})
    assert [row["round"] for row in more.rounds()] == [0, 1, 2]
    kept = RunFolder(run.path).load_checkpoint()
    assert kept and np.isfinite(kept[1]["angles"]).all()

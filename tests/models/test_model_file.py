"""A model file brings the same model back, and is refused by name for another."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from qfl.errors import DataError
from qfl.models.features import ITU_1411, Features
from qfl.models.model_file import load_model, save_model
from qfl.models.qgnn import Qgnn
from qfl.models.qsgcn import Qsgcn
from qfl.models.sqm_gnn import SqmGnn
from qfl.seeds import stream

MODEL = SqmGnn(layers=2, heads=1, k=2, hidden=(4, 3), message="controlled", update="strongly_entangling")


@pytest.mark.parametrize("model", [MODEL, Qgnn(layers=1, heads=2, k=2), Qsgcn(layers=2)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_same_model_comes_back(model, dtype, tmp_path):
    angles = model.initial(3).astype(dtype)
    save_model(tmp_path / "model", model, angles)
    found, entries = load_model(tmp_path / "model", model)
    assert found == model and entries.dtype == dtype and (entries == angles).all()
    gain = torch.from_numpy(10 ** stream(1, "gain").normal(4, 1, (2, 3, 3))).to(torch.from_numpy(angles).dtype)
    same = [one.powers(torch.from_numpy(own), gain) for one, own in ((found, entries), (model, angles))]
    assert torch.equal(*same)


def saved(tmp_path, model=MODEL):
    path = tmp_path / "model.npz"
    save_model(path, model, model.initial(1))
    return path


def test_other_features_are_refused_by_name(tmp_path):
    features = Features(ITU_1411.node[:1], ITU_1411.edge[:2])
    with pytest.raises(DataError, match=r"for the features node direct, edge from, edge to; this model reads .*own"):
        load_model(saved(tmp_path, replace(MODEL, features=features)), MODEL)


def test_other_constants_are_refused(tmp_path):
    features = Features((("direct", 0.0, 1.0), *ITU_1411.node[1:]), ITU_1411.edge)
    with pytest.raises(DataError, match="other constants"):
        load_model(saved(tmp_path, replace(MODEL, features=features)), MODEL)


def test_other_settings_are_refused_by_name(tmp_path):
    with pytest.raises(DataError, match="heads = 1, not 3; layers = 2, not 1"):
        load_model(saved(tmp_path), replace(MODEL, layers=1, heads=3))
    with pytest.raises(DataError, match="kind = sqm_gnn, not qgnn"):
        load_model(saved(tmp_path), Qgnn(layers=2, heads=1, k=2, hidden=(4, 3)))


def test_what_is_no_model_file_is_refused(tmp_path):
    with pytest.raises(DataError, match="no such model file"):
        load_model(tmp_path / "nothing")
    for content in (b"", b"hello", saved(tmp_path).read_bytes()[:-200]):
        (tmp_path / "bad").write_bytes(content)
        with pytest.raises(DataError, match="not a model file"):
            load_model(tmp_path / "bad")
    np.savez(tmp_path / "other.npz", header=np.array('{"format": "something"}'), angles=np.zeros(3))
    np.save(tmp_path / "array.npy", np.zeros(3))
    with pytest.raises(DataError, match="not a model file"):
        load_model(tmp_path / "array.npy")
    with pytest.raises(DataError, match="not a model file of this version"):
        load_model(tmp_path / "other.npz")


def test_entries_of_another_length_are_not_saved(tmp_path):
    with pytest.raises(ValueError, match="entries"):
        save_model(tmp_path / "model", MODEL, np.zeros(3))


OLD = {"feature_bound": "reach", "neighbour_subsampling": "thinning", "cartan_gated": "told"}


def rewritten(path, change):
    """Write a model file anew, with other settings in its header."""
    with np.load(path) as arrays:
        header, angles = json.loads(str(arrays["header"])), arrays["angles"]
    header["settings"] = change(header["settings"])
    np.savez(path, header=np.array(json.dumps(header)), angles=angles)
    return path


@pytest.mark.parametrize(
    "model", [Qgnn(layers=1, heads=1, k=2), SqmGnn(layers=1, heads=1, k=3, update="cartan_gated", feature_bound=1.0)]
)
def test_a_file_with_old_names_and_words_is_the_same_model(model, tmp_path):
    old = rewritten(saved(tmp_path, model), lambda own: {OLD.get(k, k): OLD.get(str(v), v) for k, v in own.items()})
    assert '"told"' in str(np.load(old)["header"]) and '"reach"' in str(np.load(old)["header"])
    for expected in (None, model):
        found, entries = load_model(old, expected)
        assert found == model and (entries == model.initial(1)).all()
    with pytest.raises(DataError, match="feature_bound = "):
        load_model(old, replace(model, feature_bound=0.5))
    with pytest.raises(DataError, match="not a model file of qfl, or damaged"):
        load_model(rewritten(old, lambda own: own | {"feature_bound": 1.0}))

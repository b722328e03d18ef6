"""Data of one's own, from files and functions. Also covers tabular.py."""

import sys

import numpy as np
import pytest
import torch

from qfl.config import DataSettings, Settings
from qfl.data.load import content, load, read
from qfl.errors import ConfigError, DataError
from qfl.seeds import stream
from qfl.tasks.build import build

DRAW = stream(1, "test", "own")
X = DRAW.normal(size=(60, 4))
Y = np.arange(60) % 3
WORDS = np.array(["qam", "bpsk", "qpsk"])[Y]


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A folder of data that is an app's folder as well."""
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    return tmp_path


def of(root, name, **settings):
    return DataSettings(name=name, root=str(root), partition=settings.pop("partition", "iid"), **settings)


def write_csv(path, rows, names="a,b,c,d,label,site"):
    path.write_text("\n".join([names, *rows]) + "\n")


def rows(count=60):
    return [",".join([*(f"{v:.6f}" for v in X[k]), WORDS[k], f"s{k % 4}"]) for k in range(count)]


def test_a_table_of_words_is_numbered_in_their_order(root):
    write_csv(root / "a.csv", rows())
    found = read(of(root, "a.csv", features="a,b,c,d"), seed=1)
    assert found.classes == ("bpsk", "qam", "qpsk") and found.clients is None
    assert len(found.train) == 48 and len(found.test) == 12 and found.train.inputs.shape[1] == 4
    names = np.array(found.classes)
    for data in (found.train, found.test):
        for sample, label in zip(data.inputs, data.labels, strict=True):
            k = int(np.abs(X - sample).sum(1).argmin())
            assert np.allclose(X[k], sample, atol=1e-5) and names[label] == WORDS[k]


def test_the_column_of_holders_makes_the_shares(root):
    write_csv(root / "a.csv", rows())
    data = load(of(root, "a.csv", client="site", partition="natural"), 4, seed=1)
    assert data.manifest["clients"] == 4 and data.manifest["classes"] == ["bpsk", "qam", "qpsk"]
    sites = [{int(np.abs(X - data.train.inputs[k]).sum(1).argmin()) % 4 for k in part} for part in data.parts]
    assert sites == [{0}, {1}, {2}, {3}]


def test_arrays_and_a_folder_of_them_hold_the_same(root):
    np.savez(root / "all.npz", x=X, y=Y, client=np.repeat([0, 1, 2], 20))
    (root / "sites").mkdir()
    for k in range(3):
        np.savez(root / f"sites/{k}.npz", x=X[20 * k : 20 * k + 20], y=Y[20 * k : 20 * k + 20])
    one = load(of(root, "all.npz", partition="natural"), 3, seed=1)
    many = load(of(root, "sites/", partition="natural"), 3, seed=1)
    assert np.array_equal(one.train.inputs, many.train.inputs) and one.manifest["classes"] == ["0", "1", "2"]
    assert all(np.array_equal(a, b) for a, b in zip(one.parts, many.parts, strict=True))


def test_a_test_set_of_its_own_is_left_whole(root):
    np.savez(root / "a.npz", x=X.reshape(60, 2, 2), y=Y, x_test=X[:9].reshape(9, 2, 2), y_test=Y[:9])
    found = read(of(root, "a.npz"), seed=1)
    assert len(found.train) == 60 and np.array_equal(found.test.inputs, X[:9])


FUNCTIONS = """
import numpy as np, torch
X, Y = np.arange(24.0).reshape(12, 2) / 24, np.arange(12) % 2

def pair(seed, scale=1.0): return scale * X, Y
def four(): return X, Y, X[:4], Y[:4]
def table(): return {"x": X, "y": Y, "client": np.arange(12) % 3}
def tensors(): return torch.tensor(X), torch.tensor(Y)
def dataset(): return torch.utils.data.TensorDataset(torch.tensor(X), torch.tensor(Y))
def two(): return dataset(), dataset()
def wrong(): return 3
def ragged(): return X, Y[:5]
def breaks(): raise ValueError("no signal")
"""


@pytest.mark.parametrize(
    ("name", "train"), [("pair", 10), ("four", 12), ("table", 10), ("tensors", 10), ("dataset", 10), ("two", 12)]
)
def test_a_function_may_return_what_is_at_hand(root, name, train):
    (root / "mine.py").write_text(FUNCTIONS)
    found = read(of(root, f"mine.py:{name}"), seed=1)
    assert len(found.train) == train and found.classes == ("0", "1")
    assert found.train.inputs.dtype == np.float64 and content(of(root, f"mine.py:{name}"))


def test_a_function_has_settings_of_its_own(root):
    (root / "mine.py").write_text(FUNCTIONS)
    settings = Settings.from_flat({"data.name": "mine.py:pair", "data.my.scale": 2.0}).data
    assert read(settings, 1).train.inputs.max() > 1.0


def test_a_federation_has_as_many_classes_as_the_data(root):
    write_csv(root / "a.csv", rows())
    flat = {"data.name": "a.csv", "data.root": str(root), "data.client": "site", "data.partition": "natural"}
    federation = build(Settings.from_flat({**flat, "clients.count": 4, "model.layers": 2, "data.features": "a,b,c,d"}))
    angles = torch.tensor(federation.model.initial(1), dtype=torch.float32)
    metrics, per_class = federation.task.evaluate(angles, federation.test_batch)
    assert len(per_class) == 3 and 0 <= float(metrics["accuracy"]) <= 1


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "has no sample"),
        (["1,2,3,4,qam,s0", "1,2,3"], "line 3 has 3 values, expected 6"),
        (["1,2,x,4,qam,s0"], "line 2: column 'c' holds 'x', expected a finite number"),
        (["1,2,nan,4,qam,s0"], "line 2: column 'c' holds 'nan'"),
        (["1,2,,4,qam,s0"], "line 2: column 'c' holds ''"),
        (["1,2,3,4,,s0"], "line 2: column 'label' is empty"),
        (["1,2,3,4,qam,s0", "1,2,3,4,qam,s1"], "labels of one class"),
        (["1,2,3,4,0.5,s0", "1,2,3,4,1,s1"], "has label 0.5, expected a whole number"),
        (["1,2,3,4,-1,s0", "1,2,3,4,1,s1"], "has label -1"),
        (['1,2,3,4,"qam,s0'], "is no table of comma-separated values"),
    ],
)
def test_a_table_that_is_none_is_refused_with_its_line(root, lines, said):
    write_csv(root / "a.csv", lines)
    with pytest.raises(DataError) as found:
        read(of(root, "a.csv", features="a,b,c,d"), seed=1)
    assert said in str(found.value) and "a.csv" in str(found.value) and "\n" not in str(found.value)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"name": "absent.csv"}, "absent.csv"),
        ({"name": "absent/"}, "absent"),
        ({"name": "a.csv", "target": "lable"}, "no column 'lable'"),
        ({"name": "a.csv", "features": "a,z"}, "no column 'z'"),
        ({"name": "a.csv", "client": "who"}, "no column 'who'"),
        ({"name": "a.csv"}, "column 'site' holds 's0'"),
        ({"name": "mine.py:wrong"}, "returned int; return (x, y)"),
        ({"name": "mine.py:ragged"}, "give a row of numbers and one label"),
        ({"name": "mine.py:breaks"}, "raised ValueError: no signal (mine.py"),
        ({"name": "mine.py:absent"}, "has no 'absent'"),
        ({"name": "none.py:pair"}, "there is no file none.py"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(root, settings, said):
    write_csv(root / "a.csv", rows())
    (root / "mine.py").write_text(FUNCTIONS)
    with pytest.raises((DataError, ConfigError)) as found:
        load(of(root, **settings), 2, seed=1)
    assert said in str(found.value) and "\n" not in str(found.value)


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"y": Y}, "has no array 'x'"),
        ({"x": X, "y": Y[:5]}, "a row of features and one label"),
        ({"x": X, "y": Y, "z": Y}, "has an array 'z'"),
        ({"x": X, "y": Y, "x_test": X}, "x_test or y_test without the other"),
        ({"x": X, "y": Y, "x_test": X[:, :2], "y_test": Y}, "give as many in both"),
        ({"x": WORDS[:, None], "y": Y}, "expected numbers"),
        ({"x": X, "y": Y, "client": Y[:3]}, "a whole number from 0 on for each sample"),
        ({"x": X, "y": Y + 0.5}, "has label 0.5"),
        ({"x": np.where(X > 2, np.nan, X) if (X > 2).any() else X * np.nan, "y": Y}, "not finite"),
    ],
)
def test_arrays_that_are_none_are_refused(root, arrays, said):
    np.savez(root / "a.npz", **arrays)
    with pytest.raises(DataError, match=said):
        load(of(root, "a.npz"), 2, seed=1)


@pytest.mark.parametrize(
    ("count", "partition", "said"),
    [
        (3, "natural", "the data name 4 clients; set clients.count = 4"),
        (60, "iid", "there are 48"),
    ],
)
def test_shares_that_cannot_be_are_refused(root, count, partition, said):
    write_csv(root / "a.csv", rows())
    with pytest.raises(ConfigError, match=said):
        load(of(root, "a.csv", client="site", partition=partition), count, seed=1)


def test_shares_of_nobody_are_refused(root):
    np.savez(root / "a.npz", x=X, y=Y)
    with pytest.raises(ConfigError, match="do not say who holds a sample"):
        load(of(root, "a.npz", partition="natural"), 2, seed=1)
    with pytest.raises(ConfigError, match="nobody holds the samples of digits"):
        Settings.from_flat({"data.partition": "natural"})

"""Targets of a regression: read from files and functions, standardised, cut into tenths; words and gaps are refused."""

import sys

import numpy as np
import pytest

from qfl.config import DataSettings
from qfl.data.dataset import Dataset
from qfl.data.load import load, read
from qfl.data.targets import fit_targets, tenths
from qfl.errors import ConfigError, DataError
from qfl.seeds import stream

DRAW = stream(1, "test", "targets")
X, Y = DRAW.normal(size=(60, 3)), DRAW.normal(5.0, 2.0, size=(60, 2))


def of(root, name, **settings):
    return DataSettings(name=name, root=str(root), **{"partition": "iid"} | settings)


def write_csv(path, targets=Y, names="a,b,c,snr,delay"):
    rows = [",".join(f"{value:.9f}" for value in (*x, *y)) for x, y in zip(X, targets, strict=True)]
    path.write_text("\n".join([names, *rows]) + "\n")


def test_columns_arrays_folders_and_functions_give_the_same_targets(tmp_path, monkeypatch):
    write_csv(tmp_path / "a.csv")
    np.savez(tmp_path / "a.npz", x=X, y=Y)
    (tmp_path / "sites").mkdir()
    for k in range(2):
        np.savez(tmp_path / f"sites/{k}.npz", x=X[30 * k : 30 * k + 30], y=Y[30 * k : 30 * k + 30])
    (tmp_path / "own_targets.py").write_text(
        "import numpy as np\ndef given(root):\n    return dict(np.load(root / 'a.npz'))\n"
    )
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    names = ("a.npz", "sites/", "own_targets.py:given")
    table = read(of(tmp_path, "a.csv", target="snr, delay"), 1, "targets")
    assert table.targets == ("snr", "delay") and table.classes == () and table.train.inputs.shape == (48, 3)
    for found in (read(of(tmp_path, name), 1, "targets") for name in names):
        assert found.targets == ("y_0", "y_1")
        np.testing.assert_allclose(found.train.labels, table.train.labels, atol=1e-8)
        np.testing.assert_allclose(found.test.labels, table.test.labels, atol=1e-8)


def test_one_column_is_one_target_and_the_others_are_features(tmp_path):
    write_csv(tmp_path / "a.csv")
    found = read(of(tmp_path, "a.csv", target="delay"), 1, "targets")
    assert found.train.labels.shape == (48, 1) and found.train.inputs.shape == (48, 4)


def test_training_samples_have_mean_zero_and_variance_one():
    data = Dataset(X, Y)
    scaling = fit_targets(data, ["one", "two"])
    standard = scaling.standardise(data.labels)
    np.testing.assert_allclose([standard.mean(axis=0), standard.var(axis=0)], [[0, 0], [1, 1]], atol=1e-12)
    np.testing.assert_allclose(scaling.restore(standard), data.labels, rtol=1e-12)


def test_tenths_are_ranks():
    values = DRAW.permutation(40).astype(float)
    assert tenths(values[:, None]).tolist() == (values // 4).astype(int).tolist()
    assert np.unique(tenths(np.full((5, 1), 2.0))).tolist() == [0]


@pytest.mark.parametrize("partition", ["iid", "labels", "dirichlet", "quantity"])
def test_every_partition_shares_out_targets(tmp_path, partition):
    np.savez(tmp_path / "a.npz", x=X, y=Y)
    data = load(of(tmp_path, "a.npz", partition=partition, alpha=0.1), 5, seed=1, labels="targets")
    held = np.concatenate(data.parts)
    assert len(np.unique(held)) == len(held) and min(map(len, data.parts)) >= 1
    assert data.manifest["targets"] == ["y_0", "y_1"] and "classes" not in data.manifest
    spread = np.mean([data.train.labels[part, 0].std() for part in data.parts])
    if partition == "labels":  # a tenth of the first target each
        assert spread < 0.3 * data.train.labels[:, 0].std()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("abc", "line 4: column 'snr' holds 'abc', expected a finite number"),
        ("nan", "line 4: column 'snr' holds 'nan', expected a finite number"),
        ("-inf", "line 4: column 'snr' holds '-inf', expected a finite number"),
        ("", "line 4: column 'snr' is empty"),
    ],
)
def test_a_target_that_is_no_number_is_refused_with_file_and_line(tmp_path, text, said):
    write_csv(tmp_path / "a.csv")
    lines = (tmp_path / "a.csv").read_text().splitlines()
    lines[3] = ",".join([*lines[3].split(",")[:3], text, "1.0"])
    (tmp_path / "a.csv").write_text("\n".join(lines))
    with pytest.raises(DataError) as found:
        read(of(tmp_path, "a.csv", target="snr,delay"), 1, "targets")
    assert said in str(found.value) and "a.csv" in str(found.value) and "\n" not in str(found.value)


@pytest.mark.parametrize(
    ("y", "said"),
    [
        (np.where(np.arange(60) == 7, np.nan, Y[:, 0]), "the sample at index 7 has the target nan, expected finite"),
        (np.array(["bpsk", "qpsk"])[np.arange(60) % 2], "has targets such as 'bpsk', expected numbers"),
        (Y.astype(complex), "has targets such as"),
        (Y[:, :0], "has 0 targets a sample; give 1 to 1,000"),
        (Y[:, :, None], "one target, or a row of them, for each sample"),
        (Y[:59], "one target, or a row of them, for each sample"),
    ],
)
def test_arrays_that_are_no_targets_are_refused(tmp_path, y, said):
    np.savez(tmp_path / "a.npz", x=X, y=y)
    with pytest.raises(DataError, match=said):
        read(of(tmp_path, "a.npz"), 1, "targets")


def test_training_and_test_samples_have_as_many_targets(tmp_path):
    np.savez(tmp_path / "a.npz", x=X, y=Y, x_test=X, y_test=Y[:, :1])
    with pytest.raises(DataError, match="has 1 targets, expected 2"):
        read(of(tmp_path, "a.npz"), 1, "targets")


def test_a_classifier_refuses_targets(tmp_path):
    write_csv(tmp_path / "a.csv")
    with pytest.raises(DataError, match='or set task = "regress" to predict numbers'):
        read(of(tmp_path, "a.csv", target="snr"), 1)
    with pytest.raises(DataError, match='names several columns; name one, or set task = "regress"'):
        read(of(tmp_path, "a.csv", target="snr,delay"), 1)
    np.savez(tmp_path / "a.npz", x=X, y=Y)
    with pytest.raises(DataError, match="takes a row of numbers"):
        read(of(tmp_path, "a.npz"), 1)
    with pytest.raises(DataError, match="column 'snr' is target and feature"):
        read(of(tmp_path, "a.csv", target="snr", features="a,snr"), 1, "targets")


def test_a_data_set_of_classes_has_no_targets():
    with pytest.raises(ConfigError, match="has classes; name a file or a function"):
        read(DataSettings(), 1, "targets")

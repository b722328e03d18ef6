"""Data sets of Flower Datasets, from a folder: nothing is downloaded."""

import sys

import numpy as np
import pytest

from qfl.config import DataSettings, Settings
from qfl.data.load import content, load, read
from qfl.data.own import own_files
from qfl.errors import ConfigError, DataError
from qfl.seeds import stream

X = stream(1, "test", "flower").random((30, 4))
Y = np.arange(30) % 3


@pytest.fixture
def folder(tmp_path, monkeypatch):
    pytest.importorskip("flwr_datasets", reason="flwr-datasets is not installed")
    import datasets

    for name, value in {"HF_HUB_OFFLINE": "1", "FLWR_TELEMETRY_ENABLED": "0"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    made = tmp_path / "bursts"
    made.mkdir()
    for split, rows in {"train": slice(0, 24), "test": slice(24, 30)}.items():
        table = {"x": X[rows].tolist(), "gain": X[rows, 0], "label": Y[rows], "site": [f"s{k % 2}" for k in Y[rows]]}
        datasets.Dataset.from_dict(table).to_parquet(made / f"{split}-00000.parquet")
    return made


def of(name, **more):
    return DataSettings(name=f"flwr-datasets:{name}", **{"partition": "iid", "features": "x", **more})


def test_its_splits_are_training_and_test_samples(folder):
    found = read(of(folder), 1)
    assert np.array_equal(found.train.inputs, X[:24]) and np.array_equal(found.train.labels, Y[:24])
    assert np.array_equal(found.test.inputs, X[24:]) and found.classes == ("0", "1", "2")
    assert own_files(of(folder)) == () and content(of(folder)) == ""


def test_columns_are_chosen_and_a_holder_makes_the_shares(folder):
    found = load(of(folder, features="x,gain", client="site", partition="natural"), 2, 1)
    assert found.manifest["features"] == 5 and found.manifest["clients"] == 2
    assert np.array_equal(found.train.inputs[:, 4], X[:24, 0])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"target": "kind"}, "has no column 'kind'; it has x, gain, label, site"),
        ({"features": "site"}, "column 'site' holds no rows of numbers"),
    ],
)
def test_what_is_wrong_names_the_column(folder, change, said):
    with pytest.raises(DataError, match=said):
        read(of(folder, **change), 1)


def test_what_is_not_there_is_a_sentence(folder):
    with pytest.raises(DataError, match="cannot be had"):
        read(of(folder / "nowhere"), 1)


def test_images_are_numbers_from_zero_to_one(folder):
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    from qfl.data.flower_datasets import _row

    pixels = np.arange(6, dtype=np.uint8).reshape(2, 3) * 51
    assert _row(image.fromarray(pixels)) == pytest.approx(pixels.ravel() / 255)


def test_without_the_package_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "flwr_datasets", None)
    with pytest.raises(DataError, match=r"qfl-wireless\[flwr-datasets\]"):
        read(of("mnist"), 1)


@pytest.mark.parametrize("name", ["flwr-datasets:", "flwr-dataset:mnist", "flwr-datasets:a:b:c"])
def test_a_name_without_a_data_set_is_refused(name):
    with pytest.raises(ConfigError, match=r"data\.name"):
        Settings.from_flat({"data.name": name})

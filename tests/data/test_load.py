import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from qfl.config import DataSettings
from qfl.data.load import load
from qfl.data.manifest import indices_digest

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def test_one_label_digits_for_200_clients_are_described_by_their_manifest():
    data = load(DataSettings(), 200, seed=1)
    assert (len(data.train), len(data.test), len(data.parts)) == (1437, 360, 200)
    assert data.manifest["indices_sha256"] == indices_digest(data.parts)
    assert data.manifest["labels_per_client"] == {"min": 1, "mean": 1.0, "max": 1}
    assert data.manifest["sizes"]["mean"] == pytest.approx(1437 / 200)
    assert data.manifest["unused"] == 0 and data.manifest["labels_left_out"] == []


def test_the_same_seed_gives_the_same_data_and_another_seed_other_data():
    first, again, other = (load(DataSettings(pca=6), 20, seed) for seed in (1, 1, 2))
    assert np.array_equal(first.train.inputs, again.train.inputs) and np.array_equal(
        first.test.inputs, again.test.inputs
    )
    assert first.manifest == again.manifest
    assert first.manifest["indices_sha256"] != other.manifest["indices_sha256"]


def test_four_clients_of_one_label_say_which_labels_nobody_holds():
    manifest = load(DataSettings(), 4, seed=1).manifest
    assert manifest["labels_left_out"] == [4, 5, 6, 7, 8, 9]
    assert manifest["unused"] == 1437 - round(4 * manifest["sizes"]["mean"])


@pytest.mark.skipif(not SHARED.is_dir(), reason="no copy of MNIST beside the checkout")
def test_mnist_over_200_clients_is_shared_as_flower_datasets_does_it_deterministically():
    data = load(DataSettings(name="mnist", root=str(SHARED), side=16), 200, seed=1)
    held = [np.unique(data.train.labels[part]) for part in data.parts]
    assert np.bincount(np.concatenate(held)).tolist() == [20] * 10
    assert data.manifest["sizes"] == {"min": 271, "mean": 300.0, "max": 338}  # of flwr-datasets 0.6.1
    assert data.train.inputs.shape == (60_000, 256) and data.test.inputs.shape == (10_000, 256)


def test_importing_the_data_part_does_not_import_scikit_learn_or_torchvision():
    program = "import sys, qfl.data.load; print([name for name in ('sklearn', 'torchvision') if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert ran.stdout.strip() == "[]", ran.stderr

"""What must be true of a model, a data set and a strategy in qfl, run over our own."""

from pathlib import Path

import numpy as np
import torch
from data import load
from models import Reuploading
from strategies.clipped import make

from qfl.data.dataset import Dataset
from qfl.testing import kits
from qfl.testing.kits import dataset, model, strategy

ROOT = Path(__file__).parent.parent


def test_the_data_are_what_a_data_set_must_be():
    def sets():
        x, y, x_test, y_test = load(ROOT / "data", seed=1)
        return Dataset(x, y, "training rows"), Dataset(x_test, y_test, "test rows")

    assert kits.run(dataset.checks(sets, pixels=4, num_labels=2)) == []


def test_the_model_is_what_a_model_must_be():
    own = Reuploading(num_features=4, num_labels=2)
    draws = torch.Generator().manual_seed(1)
    inputs = torch.rand(2, 3, 4, dtype=torch.float64, generator=draws)  # client, sample, feature
    assert kits.run(model.checks(own, own.logits, (inputs,), (3, 2))) == []


def test_the_strategy_is_what_a_strategy_must_be():
    layout = Reuploading(num_features=4, num_labels=2).layout
    assert kits.run(strategy.checks(lambda: make(layout), np.full(len(layout), 0.1))) == []

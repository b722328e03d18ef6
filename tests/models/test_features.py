"""Features of D2D networks against sums written out link by link."""

from math import log10

import numpy as np
import pytest
import torch

from qfl.errors import InputError
from qfl.models.features import ITU_1411, Features, fit_features
from qfl.wireless.d2d import SETUPS, sample_links
from qfl.wireless.d2d_rates import link_snr

SNR = torch.tensor([[100.0, 2.0, 5.0], [1.0, 1e4, 30.0], [7.0, 0.5, 10.0]], dtype=torch.float64)
ALPHA = torch.tensor([0.2, 0.7, 1.0], dtype=torch.float64)
NAMES = ("direct", "interference", "caused", "alpha")
EDGES = ("from", "to", "from-own", "to-own")


def by_hand(name, i):
    others = [j for j in range(3) if j != i]
    return {
        "direct": log10(SNR[i, i]),
        "interference": log10(sum(SNR[i, j] for j in others)),
        "caused": log10(sum(SNR[j, i] for j in others)),
        "alpha": float(ALPHA[i]),
    }[name]


def edge_by_hand(name, i, j):
    return {
        "from": log10(SNR[i, j]),
        "to": log10(SNR[j, i]),
        "from-own": log10(SNR[i, j] / SNR[i, i]),
        "to-own": log10(SNR[j, i] / SNR[j, j]),
    }[name]


def test_features_are_the_logarithms_that_the_table_says():
    features = Features(tuple((n, 0.5, 2.0) for n in NAMES), tuple((n, -1.0, 0.5) for n in EDGES))
    node, edge = features.node_values(SNR, ALPHA), features.edge_values(SNR)
    for row, name in enumerate(NAMES):
        assert node[row].tolist() == pytest.approx([(by_hand(name, i) - 0.5) / 2.0 for i in range(3)])
    for values, name in zip(edge, EDGES, strict=True):
        for i, j in ((0, 1), (1, 2), (2, 0), (2, 1)):
            assert float(values[i, j]) == pytest.approx((edge_by_hand(name, i, j) + 1.0) / 0.5)


def test_fitted_constants_standardise_their_own_samples():
    setup = SETUPS["printed"]
    snr = torch.from_numpy(link_snr(sample_links(setup, 300, 1, "d2d-train").gain, 1.0, setup.noise_w))
    features, others = fit_features(snr), ~torch.eye(20, dtype=torch.bool)
    values = [*features.node_values(snr), *(part[:, others] for part in features.edge_values(snr))]
    for each in values:
        assert float(each.mean()) == pytest.approx(0, abs=0.01) and float(each.std()) == pytest.approx(1, abs=0.01)
    fitted = np.array([row[1:] for row in (*features.node, *features.edge)])
    shipped = np.array([row[1:] for row in (*ITU_1411.node, *ITU_1411.edge)])
    assert fitted == pytest.approx(shipped, abs=0.1)  # the constants that are shipped are this scenario's


def test_features_are_not_fitted_to_nothing():
    with pytest.raises(InputError, match="two links or more"):
        fit_features(torch.ones(0, 3, 3, dtype=torch.float64))

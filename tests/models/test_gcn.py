"""The graph convolutional network against its formula, node by node in numpy."""

import numpy as np
import torch

from qfl.angles import unpack
from qfl.models.gcn import Gcn


def by_hand(model, entries, snr):
    parts = dict(zip(model.shapes, unpack(entries, list(model.shapes.values())), strict=True))
    links = len(snr)
    decades = np.maximum(np.log10(snr), 0) * (1 - np.eye(links))
    heard, caused = (edges / edges.sum(1, keepdims=True) for edges in (decades, decades.T))
    state = np.zeros((links, 2))
    for i in range(links):
        values = np.log10(snr[i, i]), np.log10(snr[i].sum() - snr[i, i])
        state[i] = [(v - mean) / dev for v, (_, mean, dev) in zip(values, model.features.node, strict=True)]
    for layer in range(model.layers):
        weight, bias = parts[f"layer.{layer}.weight"], parts[f"layer.{layer}.bias"]
        own, from_others, to_others = np.split(weight, 3, axis=1)
        new = np.zeros((links, model.width))
        for i in range(links):
            around = (
                sum(heard[i, j] * state[j] for j in range(links)),
                sum(caused[i, j] * state[j] for j in range(links)),
            )
            new[i] = np.maximum(own @ state[i] + from_others @ around[0] + to_others @ around[1] + bias, 0)
        state = new
    return 1 / (1 + np.exp(-(state @ parts["output.weight"][0] + parts["output.bias"][0])))


def test_powers_are_those_of_the_formula():
    model, rng = Gcn(layers=2, width=5), np.random.default_rng(1)
    entries = model.initial(1) + 0.1 * rng.standard_normal(len(model.layout))
    snr = 10 ** rng.uniform(-1, 5, (4, 4))
    powers = model.powers(torch.from_numpy(entries), torch.from_numpy(snr / 3)[None], noise_w=2.0, pmax_w=6.0)
    np.testing.assert_allclose(powers[0].numpy(), 6.0 * by_hand(model, entries, snr), rtol=1e-10)

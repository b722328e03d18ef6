"""WCGCN against its formula, message by message in numpy."""

import numpy as np
import torch

from qfl.angles import unpack
from qfl.models.wcgcn import Wcgcn


def by_hand(model, entries, snr):
    parts = dict(zip(model.shapes, unpack(entries, list(model.shapes.values())), strict=True))

    def linear(name, values):
        return parts[f"{name}.weight"] @ values + parts[f"{name}.bias"]

    def relu(values):
        return np.maximum(values, 0)

    links, decades = len(snr), np.log10(snr)
    nodes = [
        [(v - mean) / dev for v, (_, mean, dev) in zip(values, model.features.node, strict=True)]
        for values in ((decades[i, i], np.log10(snr[i].sum() - snr[i, i])) for i in range(links))
    ]
    state = [np.zeros(model.state) for _ in range(links)]
    for layer in range(model.layers):
        new = []
        for i in range(links):
            messages = []
            for j in set(range(links)) - {i}:
                ij = decades[i, j], decades[j, i], decades[i, j] - decades[i, i], decades[j, i] - decades[j, j]
                edge = [(v - mean) / dev for v, (_, mean, dev) in zip(ij, model.features.edge, strict=True)]
                hidden = linear(f"{layer}.sender", np.concatenate([nodes[j], state[j]])) + linear(f"{layer}.edge", edge)
                messages.append(relu(linear(f"{layer}.message", relu(hidden))))
            heard = np.max(messages, axis=0)
            new.append(
                linear(f"{layer}.state", relu(linear(f"{layer}.node", np.concatenate([nodes[i], state[i], heard]))))
            )
        state = new
    return [1 / (1 + np.exp(-each[-1])) for each in state]


def test_powers_are_those_of_the_formula():
    model, rng = Wcgcn(layers=2, width=6, state=3), np.random.default_rng(2)
    entries = model.initial(1) + 0.1 * rng.standard_normal(len(model.layout))
    snr = 10 ** rng.uniform(-1, 5, (4, 4))
    powers = model.powers(torch.from_numpy(entries), torch.from_numpy(snr)[None], noise_w=1.0)
    np.testing.assert_allclose(powers[0].numpy(), by_hand(model, entries, snr), rtol=1e-10)

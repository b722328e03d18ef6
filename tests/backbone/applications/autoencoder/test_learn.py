"""Codes over noise: closed forms, receivers, what is learned.

Also covers codebooks.py, block_errors.py, encoders.py, model.py and recorded.py.
"""

from functools import partial
from math import erfc, sqrt

import numpy as np
import pytest
import torch

from qfl.backbone.applications.autoencoder import learn as training
from qfl.backbone.applications.autoencoder.block_errors import (
    BlockErrors,
    block_errors,
    hard,
    maximum_likelihood,
    noise_deviation,
)
from qfl.backbone.applications.autoencoder.codebooks import hamming, least_distance, uncoded
from qfl.backbone.applications.autoencoder.encoders import ENCODERS, CircuitEncoder, encoder_circuit
from qfl.backbone.applications.autoencoder.learn import learn
from qfl.backbone.applications.autoencoder.model import Autoencoder
from qfl.backbone.applications.autoencoder.recorded import load
from qfl.errors import ConfigError
from qfl.models.own_checks import checked_model


def flipped(snr_db: float, rate: float) -> float:
    """Return the chance that a symbol of +-1 is decided wrongly."""
    return erfc(sqrt(rate * 10 ** (snr_db / 10))) / 2


def within(found: BlockErrors, share: float) -> bool:
    """Return whether a count is within four standard deviations of what a share makes one expect."""
    return abs(found.errors - share * found.words) <= 4 * sqrt(found.words * share * (1 - share))


@pytest.mark.parametrize("snr_db", [0.0, 4.0])
def test_uncoded_bits_and_hard_decisions_are_those_of_the_closed_forms(snr_db):
    words, p, q = 100_000, flipped(snr_db, 1.0), flipped(snr_db, 4 / 7)
    assert within(block_errors(uncoded(), snr_db, words), 1 - (1 - p) ** 4)
    decided = block_errors(hamming(), snr_db, words, decide=partial(hard, hamming()))
    assert within(decided, 1 - (1 - q) ** 7 - 7 * q * (1 - q) ** 6)


def test_maximum_likelihood_is_below_the_union_bound_and_near_it_and_above_its_nearest_words():
    """Hamming's code has seven words at distance 3, seven at 4 and one at 7."""
    found, words = block_errors(hamming(), 6.0, 400_000), {3: 7, 4: 7, 7: 1}
    tail = {d: erfc(sqrt(d * 4 / 7 * 10**0.6)) / 2 for d in words}
    union = sum(count * tail[d] for d, count in words.items())
    assert tail[3] < found.rate < union and found.interval[0] < union < 1.3 * found.rate


def test_any_single_flip_is_undone_by_hammings_code():
    for message, word in enumerate(hamming()):
        received = np.where(np.eye(7, dtype=bool), -word, word)
        assert (hard(hamming(), received) == message).all()


def test_the_nearest_symbols_are_those_of_a_search_one_by_one():
    draw = np.random.default_rng(1)
    codebook, received = draw.normal(size=(16, 7)), draw.normal(size=(50, 7))
    one_by_one = [int(np.argmin([np.linalg.norm(y - x) for x in codebook])) for y in received]
    assert maximum_likelihood(codebook, received).tolist() == one_by_one


def test_wilsons_interval_holds_the_share_as_often_as_it_says():
    draw = np.random.default_rng(2)
    ends = [BlockErrors(int(k), 200).interval for k in draw.binomial(200, 0.05, 2000)]
    assert 0.92 < np.mean([low <= 0.05 <= high for low, high in ends]) < 0.98
    assert BlockErrors(0, 10).interval[0] == 0 < BlockErrors(0, 10).interval[1]


@pytest.mark.parametrize("name", ENCODERS)
def test_what_is_learned_has_unit_energy_and_beats_uncoded_bits_with_either_receiver(name, monkeypatch):
    monkeypatch.setattr(training, "STEPS", 60 if name == "circuit" else 250)
    found = learn(name, seed=2)
    assert np.mean(found.codebook**2) == pytest.approx(1)
    best, trained = (block_errors(found.codebook, 3.0, 20_000, decide=d).rate for d in (None, found.decide))
    assert best <= trained + 0.005  # no receiver is better than the nearest symbols, but for the count's own noise
    assert block_errors(hamming(), 3.0, 20_000).rate - 0.01 < best < block_errors(uncoded(), 3.0, 20_000).rate + 0.02
    assert least_distance(found.codebook) > 2


def test_the_same_seed_learns_the_same_code():
    first, again, other = (learn("circuit", seed=seed, steps=3).codebook for seed in (1, 1, 2))
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def test_the_circuit_is_that_of_pennylane():
    from qfl.quantum.devices import expectations as on_device

    encoder = CircuitEncoder(2)
    angles = torch.from_numpy(encoder.initial(1))
    spins = torch.tensor([[1.0 if m & 8 >> b else -1.0 for b in range(4)] for m in range(16)], dtype=torch.float64)
    assert torch.allclose(encoder.symbols(angles), on_device(encoder_circuit(2), angles, spins), atol=1e-10)


@pytest.mark.parametrize("name", ENCODERS)
def test_the_model_is_one_that_a_federation_can_train(name):
    data, model = load(1, points=2, blocks=64, test_blocks=16), Autoencoder(name)
    assert checked_model(model, data["x"], 16, torch.float64, name) is model


def test_a_message_is_sent_as_its_symbols_and_the_noise_is_added():
    model = Autoencoder("table")
    angles, data = torch.from_numpy(model.initial(1)), load(3, points=1, blocks=32, test_blocks=16)
    sent = model.codebook(angles)[torch.from_numpy(data["y"])] + torch.from_numpy(data["x"][:, 4:])
    assert torch.allclose(model.logits(angles, torch.from_numpy(data["x"])), model.decide(angles, sent))


def test_recorded_noise_has_the_variance_of_each_points_ratio():
    data = load(1, points=3, blocks=4000, test_blocks=16, snr_db=2.0, spread_db=3.0)
    for point, snr_db in enumerate((-1.0, 2.0, 5.0)):
        noise = data["x"][data["client"] == point, 4:]
        assert noise.std() == pytest.approx(noise_deviation(snr_db, 7), rel=0.02)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: learn("magic"), "'magic' is no encoder; give one of circuit"),
        (lambda: learn("table", steps=0), "steps is 0; give 1 to"),
        (lambda: learn("table", float("nan")), "snr_db is nan; give Eb/N0"),
        (lambda: block_errors(hamming(), 99.0, 10), "snr_db is 99; give Eb/N0"),
        (lambda: block_errors(hamming(), 3.0, 0), "words is 0; give 1 to"),
        (lambda: block_errors(2 * hamming(), 3.0, 10), "mean energy is 4 for each use"),
        (lambda: block_errors(hamming()[:5], 3.0, 10), r"has the shape \(5, 7\)"),
        (lambda: block_errors(np.full((16, 7), np.nan), 3.0, 10), "finite symbols"),
        (lambda: CircuitEncoder(0), "layers is 0; give 1 to 64"),
        (lambda: Autoencoder("table", 0), "receiver is 0"),
        (lambda: Autoencoder("table", num_features=64, num_labels=10), "64 features and 10 labels"),
        (lambda: load(1, points=0), "points is 0; give 1 to"),
        (lambda: load(1, blocks=3, spread_db=-1.0), "blocks is 3; give 16 to"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(call, said):
    with pytest.raises(ConfigError, match=said):
        call()

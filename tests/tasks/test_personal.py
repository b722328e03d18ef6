"""Which entries are personal, by names and what stands before a dot, and what cannot be."""

from math import inf

import numpy as np
import pytest

from qfl.angles import AngleLayout
from qfl.config import Settings
from qfl.errors import ConfigError
from qfl.tasks.build import build
from qfl.tasks.local import Guidance, train_clients
from qfl.tasks.personal import personal_entries

LAYOUT = AngleLayout(("0.RY.0", "0.RY.1", "log-scale", "bias.0", "bias.1", "biased"), (6.28, 6.28, *[inf] * 4))
FLAT = {"precision": "double", "clients.count": 6, "model.layers": 2, "model.head": "scale-bias"}


def found(words):
    return personal_entries(Settings.from_flat({"train.personal": words}), LAYOUT).tolist()


@pytest.mark.parametrize(
    ("words", "entries"),
    [
        ("", []),
        (" , ", []),
        ("bias", [3, 4]),
        ("bias.1,log-scale", [2, 4]),
        ("0.RY", [0, 1]),
        (" 0 , biased ", [0, 1, 5]),
        (["bias", "log-scale"], [2, 3, 4]),
    ],
)
def test_a_word_takes_the_entry_of_its_name_and_those_that_begin_with_it_and_a_dot(words, entries):
    assert found(words) == entries


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            "bias, scale",
            r"train\.personal names 'scale', which no entry of model\.name = 'vqc' is called; its entries are ",
        ),
        ("bia", r"names 'bia'"),
        ("0, log-scale, bias, biased", r"names all entries of the model, so nothing would be shared"),
    ],
)
def test_words_that_name_nothing_or_everything_are_refused_in_a_sentence(words, said):
    with pytest.raises(ConfigError, match=said):
        found(words)


def test_a_checkpoint_in_every_round_goes_with_them():
    with pytest.raises(ConfigError, match=r"train\.personal with round\.checkpoint-every = 5: .*; use 1"):
        Settings.from_flat({"train.personal": "bias", "round.checkpoint-every": 5})


def test_clients_step_from_their_own_entries_and_send_back_what_they_received_in_their_place():
    s = build(Settings.from_flat(FLAT | {"train.personal": "bias"}))
    plain = build(Settings.from_flat(FLAT))
    start, own = s.model.initial(1), slice(-10, None)
    begin = np.linspace(-1, 1, 20).reshape(2, 10)
    for client, mine, update in zip(
        (4, 1), begin, train_clients(s, start, 1, [4, 1], Guidance(personal=begin)), strict=True
    ):
        (whole,) = train_clients(plain, np.concatenate([start[:-10], mine]), 1, [client])
        np.testing.assert_array_equal(update.angles[own], start[own])
        np.testing.assert_allclose(update.angles[:-10], whole.angles[:-10], atol=1e-12)
        np.testing.assert_allclose(update.personal, whole.angles[own], atol=1e-12)
        assert update.loss == pytest.approx(whole.loss)

"""A code as a request: the best verified one answers."""

import numpy as np
import pytest

from qfl.backbone.applications.autoencoder import learn as training
from qfl.backbone.applications.autoencoder import request as requests
from qfl.backbone.applications.autoencoder.block_errors import block_errors
from qfl.backbone.applications.autoencoder.codebooks import hamming
from qfl.backbone.applications.autoencoder.request import learn_code
from qfl.errors import ConfigError


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Let circuits train for a few steps: what is verified is who is chosen and what is said, not how good they get."""
    monkeypatch.setattr(training, "STEPS", 10)


def test_hammings_code_answers_where_nothing_learned_is_better_and_the_answer_does_not_say_so():
    answer, decision = learn_code({"snr_db": 2, "words": 5000})
    assert decision["method"] == "hamming" and set(decision["quality"]) == {"hamming", "table", "circuit"}
    assert np.array_equal(answer["symbols"], hamming()) and "method" not in answer
    assert answer["block_error"] == -max(decision["quality"].values()) == block_errors(hamming(), 2.0, 5000).rate
    assert answer["interval"][0] < answer["block_error"] < answer["interval"][1]


def test_a_learned_code_answers_where_it_is_better(monkeypatch):
    monkeypatch.setattr(requests, "hamming", lambda: np.sqrt(7) * np.repeat(np.eye(7)[:1], 16, axis=0))
    answer, decision = learn_code({"snr_db": 3.0, "words": 2000})
    assert decision["method"] in ("table", "circuit") and np.mean(np.square(answer["symbols"])) == pytest.approx(1)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "'snr_db' is missing"),
        ({"snr_db": "three"}, "expected a number"),
        ({"snr_db": float("inf")}, "give Eb/N0 in dB"),
        ({"snr_db": 3.0, "words": 0}, "words is 0; give 1 to 1,000,000"),
        ({"snr_db": 3.0, "colour": 1}, "unknown word 'colour'"),
    ],
)
def test_what_is_no_request_is_refused_in_a_sentence(given, said):
    with pytest.raises(ConfigError, match=said):
        learn_code(given)

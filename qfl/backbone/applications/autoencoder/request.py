"""A code as a request: Hamming's, a learned table's or a learned circuit's, of which the best verified answers.

All are verified on the same fresh messages and noise, by the maximum-likelihood receiver. One that is no better than
one before it does not take its place, and which of them it was is no part of the answer.
"""

from collections.abc import Mapping
from typing import Any

from qfl.backbone.applications.autoencoder.block_errors import block_errors
from qfl.backbone.applications.autoencoder.codebooks import hamming
from qfl.backbone.applications.autoencoder.learn import learn
from qfl.backbone.applications.posed import take
from qfl.errors import ConfigError

LEARNED = ("table", "circuit")
MOST_WORDS = 1_000_000
Answer = dict[str, Any]


def learn_code(request: Mapping[str, Any], *, seed: int = 1) -> tuple[Answer, Answer]:
    """Return symbols for 16 messages with the share of words in error and its interval, 95 %; and the decision.

    Args:
        request: ``snr_db``, Eb/N0 in dB; ``words`` that are sent to verify a code, 100,000 if left out.
        seed: Of what is trained, and of messages and noise.

    Raises:
        ConfigError: If a word is unknown, or a number is out of range.
    """
    snr_db, words = take("learn", request, {"snr_db": float}, {"words": 100_000})
    if not 1 <= words <= MOST_WORDS:
        raise ConfigError(f"learn: words is {words:,}; give 1 to {MOST_WORDS:,}")
    codes = {"hamming": hamming()} | {name: learn(name, snr_db, seed=seed).codebook for name in LEARNED}
    found = {name: block_errors(code, snr_db, words, seed=seed) for name, code in codes.items()}
    method = min(found, key=lambda name: found[name].errors)
    best = found[method]
    answer = {"symbols": codes[method].tolist(), "block_error": best.rate, "interval": list(best.interval)}
    return answer, {"method": method, "quality": {name: -each.rate for name, each in found.items()}}

r"""Decoding of a binary linear code as a binary quadratic model, beside belief propagation and maximum likelihood.

.. math:: \min_x \sum_i L_i x_i + P \sum_c \Bigl(\sum_{i \in c} x_i - 2 \sum_k 2^k a_{ck}\Bigr)^2

L are the log-likelihood ratios (positive: the bit is 0), clipped; a check's sum must be even, which takes as many
ancillas as its half has binary digits. A request has ``checks``, a list of the positions of each check's bits; ``llr``;
and ``penalty``, P over the mean of |L|.

Reference:
    Kasi and Jamieson, Towards quantum belief propagation for LDPC decoding in wireless networks, MobiCom 2020
    (arXiv:2007.11069), Eqs. (5) to (9); Kschischang, Frey and Loeliger, Factor graphs and the sum-product algorithm,
    IEEE Trans. Inf. Theory 47, 498 (2001), for belief propagation.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import dimod
import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from qfl.backbone.applications.posed import Posed, Sample, take
from qfl.errors import ConfigError
from qfl.seeds import stream

CLIP = 12.0  # of a log-likelihood ratio
MOST_BITS = 1000
MOST_EXHAUSTIVE = 20  # information bits
Checks = Sequence[Sequence[int]]
Ratios = Float64[ndarray, " bit"]
Word = Int64[ndarray, " bit"]


def pose(request: Mapping[str, Any]) -> Posed:
    """Return the problem; its answer has ``word``, ``unmet``, how many checks it does not meet, and ``cost``, L x.

    Raises:
        ConfigError: If a check names a bit that is not there, or a ratio is not finite.

    Example:
        >>> posed = pose({"checks": [[0, 1, 2]], "llr": [-2.0, 1.0, -3.0]})
        >>> best = {v: int(x) for v, x in dimod.ExactSolver().sample(posed.model).first.sample.items()}
        >>> posed.read(best)["word"], posed.read(best)["unmet"]
        ([1, 0, 1], 0)
    """
    checks, given, penalty = take("decoding", request, {"checks": list, "llr": list}, {"penalty": 1.0})
    ratios = _ratios(given)
    _require_checks(checks, len(ratios))
    if not (np.isfinite(penalty) and penalty > 0):
        raise ConfigError(f"decoding: penalty is {penalty:g}; give a finite number above 0")

    def read(sample: Sample) -> dict[str, Any]:
        word = np.array([int(sample[f"x{i}"]) for i in range(len(ratios))])
        return {"word": word.tolist(), "unmet": unmet(checks, word), "cost": float(ratios @ word)}

    return Posed(
        decoding_model(checks, ratios, penalty * float(np.abs(ratios).mean())),
        read,
        lambda sample: unmet(checks, np.array([int(sample[f"x{i}"]) for i in range(len(ratios))])) == 0,
    )


def decoding_model(checks: Checks, ratios: Ratios, penalty: float) -> dimod.BinaryQuadraticModel:
    """Return the model: a variable for each bit, and ancillas for each check.

    Args:
        checks: Positions of each check's bits.
        ratios: Log-likelihood ratios; clipped at 12.
        penalty: P, above 0.
    """
    clipped = np.clip(ratios, -CLIP, CLIP)
    model = dimod.BinaryQuadraticModel({f"x{i}": float(r) for i, r in enumerate(clipped)}, {}, dimod.BINARY)
    for c, bits in enumerate(checks):
        digits = (len(bits) // 2).bit_length()
        terms = [*((f"x{i}", 1.0) for i in bits), *((f"a{c}.{k}", -(2.0 ** (k + 1))) for k in range(digits))]
        model.add_linear_equality_constraint(terms, penalty, 0.0)
    return model


def unmet(checks: Checks, word: Word) -> int:
    """Return how many checks a word does not meet."""
    return sum(int(word[list(bits)].sum() % 2) for bits in checks)


def belief_propagation(checks: Checks, ratios: Ratios, rounds: int = 50) -> Word:
    """Return the word of the sum-product algorithm's first round that meets all checks, or of the last.

    Args:
        checks: Positions of each check's bits.
        ratios: Log-likelihood ratios.
        rounds: Most rounds.
    """
    messages = [np.zeros(len(bits)) for bits in checks]
    total = ratios.copy()
    for _ in range(rounds):
        for c, bits in enumerate(checks):
            own = np.tanh(np.clip(total[list(bits)] - messages[c], -30, 30) / 2)
            others = np.array([np.prod(np.delete(own, k)) for k in range(len(own))])
            messages[c] = 2 * np.arctanh(np.clip(others, -1 + 1e-12, 1 - 1e-12))
        total = ratios.copy()
        for c, bits in enumerate(checks):
            np.add.at(total, list(bits), messages[c])
        word = (total < 0).astype(np.int64)
        if not unmet(checks, word):
            break
    return (total < 0).astype(np.int64)


def maximum_likelihood(checks: Checks, ratios: Ratios) -> Word:
    """Return the codeword of the least cost, of all.

    Args:
        checks: Positions of each check's bits.
        ratios: Log-likelihood ratios.

    Raises:
        ConfigError: If the code has more than 2^20 words.
    """
    words = codewords(checks, len(ratios))
    return words[(words @ ratios).argmin()]


def codewords(checks: Checks, bits: int) -> Int64[ndarray, "word bit"]:
    """Return all words that meet the checks, by elimination modulo 2.

    Args:
        checks: Positions of each check's bits.
        bits: Length of a word.

    Raises:
        ConfigError: If there are more than 2^20.
    """
    matrix, pivots = np.zeros((len(checks), bits), dtype=np.int64), list[int]()
    for row, check in zip(matrix, checks, strict=True):
        row[list(check)] = 1
    for column in range(bits):
        found = [r for r in range(len(pivots), len(matrix)) if matrix[r, column]]
        if not found:
            continue
        top = len(pivots)
        matrix[[top, found[0]]] = matrix[[found[0], top]]
        for r in range(len(matrix)):
            if r != top and matrix[r, column]:
                matrix[r] ^= matrix[top]
        pivots.append(column)
    free = [column for column in range(bits) if column not in pivots]
    if len(free) > MOST_EXHAUSTIVE:
        raise ConfigError(f"decoding: the code has 2^{len(free)} words; give one of at most 2^{MOST_EXHAUSTIVE}")
    chosen = (np.arange(2 ** len(free))[:, None] >> np.arange(len(free))) & 1
    words = np.zeros((len(chosen), bits), dtype=np.int64)
    words[:, free] = chosen
    words[:, pivots] = chosen @ matrix[: len(pivots)][:, free].T % 2
    return words


def regular_checks(bits: int, column: int, row: int, seed: int) -> list[list[int]]:
    """Return the checks of a random regular code of Gallager's construction.

    Args:
        bits: Length of a word, a multiple of ``row``.
        column: Checks of each bit.
        row: Bits of each check.
        seed: Of the permutations.
    """
    draw = stream(seed, "decoding", "code")
    orders = [np.arange(bits), *(draw.permutation(bits) for _ in range(column - 1))]
    return [sorted(int(i) for i in part) for order in orders for part in order.reshape(-1, row)]


def draw_ratios(word: Word, snr_db: float, rate: float, seed: int) -> Ratios:
    """Return log-likelihood ratios of a word after BPSK over white Gaussian noise.

    Args:
        word: What is sent.
        snr_db: Eb/N0, dB.
        rate: Of the code, 0 to 1.
        seed: Of the noise.
    """
    variance = 1 / (2 * rate * 10 ** (snr_db / 10))
    received = 1.0 - 2.0 * word + np.sqrt(variance) * stream(seed, "decoding", "noise").normal(size=len(word))
    return 2 * received / variance


def _ratios(given: list[Any]) -> Ratios:
    numbers = [value for value in given if isinstance(value, int | float) and not isinstance(value, bool)]
    if not 1 <= len(given) <= MOST_BITS or len(numbers) != len(given) or not np.isfinite(numbers).all():
        raise ConfigError(
            f"decoding: llr has {len(given):,} entries; give 1 to {MOST_BITS:,}, all of them finite numbers"
        )
    return np.array(numbers, dtype=np.float64)


def _require_checks(checks: list[Any], bits: int) -> None:
    for check in checks:
        whole = isinstance(check, list) and all(type(i) is int and 0 <= i < bits for i in check)
        if not whole or not check or len(set(check)) != len(check):
            raise ConfigError(
                f"decoding: the check {repr(check)[:60]} is none; give different positions from 0 to {bits - 1}"
            )

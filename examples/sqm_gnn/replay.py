"""The 2.6 of the papers, traced: a benchmark that scores WMMSE on the wrong channel, in nats, with powers squared.

Both papers print sum rates near 2.6. The set-up that the text describes (500 m, 20 pairs, 1 W, -104 dBm) gives 75
bit/s/Hz. The authors' public repository (LeGiangK62/QGNN_Comm, src/d2d) prints 2.6138541945601905 for WMMSE: 100
samples of 10 pairs, i.i.d. Rayleigh, weights uniform on [0, 1], noise 0.1, seed 1712. Replayed here, it needs

- natural logarithms, called bits;
- WMMSE on gain[rx, tx], scored as if it were gain[tx, rx]: the interference of other links;
- powers entering the rate as amplitudes, so squared.

Put right, the same draws give 2.667 nats, which are 3.848 bit/s/Hz; 21 starts give 2.742 nats, the best on/off powers
2.767.
"""

from math import log
from typing import Any

import numpy as np
import torch

from qfl.wireless.d2d_rates import sum_rate
from qfl.wireless.d2d_search import exact_on_off
from qfl.wireless.wmmse import best_of_starts, wmmse

PRINTED = 2.6138541945601905  # the repository's notebook of July 2025
SEED, SAMPLES, PAIRS, NOISE = 1712, 100, 10, 0.1


def replay() -> dict[str, Any]:
    """Return the printed number, ours under the same slips, and what the same draws give without them.

    Example:
        >>> found = replay()
        >>> abs(found["replayed_nats"] - found["printed"]) < 1e-12
        True
    """
    generator = np.random.RandomState(SEED)  # the authors' generator, so that the draws are theirs
    alpha = torch.from_numpy(generator.rand(SAMPLES, PAIRS))
    shape = (SAMPLES, PAIRS, PAIRS)
    field = generator.randn(*shape) + 1j * generator.randn(*shape)
    snr = torch.from_numpy(np.abs(field / np.sqrt(2.0)) ** 2 / NOISE)
    x = wmmse(snr, alpha)

    def nats(gain: torch.Tensor, powers: torch.Tensor) -> float:
        return sum_rate(gain, powers, alpha).mean().item() * log(2)

    right = nats(snr, x)
    return {
        "printed": PRINTED,
        "replayed_nats": nats(snr.mT, x**2),
        "transposed_alone_nats": nats(snr.mT, x),
        "wmmse_100_nats": right,
        "wmmse_100_bits": right / log(2),
        "wmmse_best_of_21_nats": nats(snr, best_of_starts(snr, alpha)),
        "exact_on_off_nats": nats(snr, exact_on_off(snr, alpha)),
    }

"""What trained models are compared with, on the same test samples: every baseline at full strength."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor

from qfl.wireless.d2d_bounds import no_interference_bound
from qfl.wireless.d2d_rates import sum_rate
from qfl.wireless.d2d_search import MOST_PAIRS, best_single_link, exact_on_off, greedy_on_off, max_power, random_power
from qfl.wireless.wmmse import best_of_starts, fractional_programming, wmmse

EXACT_PAIRS, EXACT_SAMPLES = 10, 100  # exact_on_off takes half a second a sample at 20 pairs, next to nothing at 10

Solve = Callable[[Tensor, Tensor], Tensor]

REFERENCES: dict[str, Solve] = {
    "wmmse_100": wmmse,
    "wmmse_best_of_21": best_of_starts,
    "wmmse_20000": lambda snr, alpha: wmmse(snr, alpha, iterations=20_000),
    "fp_100": fractional_programming,
    "exact_on_off": exact_on_off,
    "greedy_on_off": greedy_on_off,
    "best_single_link": best_single_link,
    "max_power": max_power,
    "random_power": random_power,
}


def measure_references(snr: Tensor, alpha: Tensor, names: Sequence[str]) -> dict[str, Any]:
    """Return mean sum rates in bit/s/Hz and seconds of baselines, and the bound without interference, which is loose.

    Args:
        snr: Gain times highest power over noise, in double precision.
        alpha: Weights of the rates.
        names: Keys of `REFERENCES`. Above 10 pairs ``exact_on_off`` is run on the first 100 samples and scaled by what
            WMMSE reaches on all of them, over these; above 20 pairs it is left out.
    """
    rates: dict[str, Any] = {"seconds": {}}
    for name in names:
        if name == "exact_on_off" and snr.shape[-1] > MOST_PAIRS:
            continue
        began = time.perf_counter()
        if name == "exact_on_off" and snr.shape[-1] > EXACT_PAIRS:
            rates[name] = _scaled(snr, alpha, name)
        else:
            rates[name] = _mean_rate(snr, alpha, name)
        rates["seconds"][name] = time.perf_counter() - began
    rates["no_interference_bound"] = float(no_interference_bound(snr.numpy(), alpha.numpy()).mean())
    return rates


def _mean_rate(snr: Tensor, alpha: Tensor, name: str) -> float:
    return sum_rate(snr, REFERENCES[name](snr, alpha), alpha).mean().item()


def _scaled(snr: Tensor, alpha: Tensor, name: str) -> float:
    """Return a slow baseline's mean rate from the first samples, by its ratio to WMMSE there."""
    first = snr[:EXACT_SAMPLES], alpha[:EXACT_SAMPLES]
    return _mean_rate(*first, name) / _mean_rate(*first, "wmmse_100") * _mean_rate(snr, alpha, "wmmse_100")

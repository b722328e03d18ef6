"""Rows of a link's telemetry with labelled anomalies of five kinds, drawn.

Twelve features: load, loss, delay, jitter, retransmissions, SNR, CQI, handovers, queue, CPU, memory, temperature.
Normal rows share a daily load on which most features depend. Anomalies: congestion (queue and delay beyond what the
load explains), interference (SNR and CQI fall), a failing host (CPU and temperature against the load), ping-pong
handovers, and a silent fault (retransmissions without loss). None of them is visible in one feature alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from qfl.seeds import stream

FEATURES = (
    "load",
    "loss",
    "delay",
    "jitter",
    "retransmissions",
    "snr",
    "cqi",
    "handovers",
    "queue",
    "cpu",
    "memory",
    "temperature",
)
# what an anomaly adds, in standard deviations of the noise
KINDS: dict[str, dict[str, float]] = {
    "congestion": {"queue": 2.0, "delay": 2.0, "jitter": 1.0},
    "interference": {"snr": -2.0, "cqi": -2.0, "loss": 1.0},
    "host": {"cpu": 2.0, "temperature": 2.0, "memory": 1.0},
    "ping-pong": {"handovers": 2.5, "jitter": 1.5},
    "silent": {"retransmissions": 2.5, "loss": -1.0},
}
# how far a feature follows the load, and the SNR
BY_LOAD = (1.0, 0.6, 0.8, 0.6, 0.5, 0.0, 0.0, 0.2, 0.9, 0.8, 0.5, 0.6)
BY_SNR = (0.0, -0.5, -0.2, -0.3, -0.6, 1.0, 0.9, -0.3, 0.0, 0.0, 0.0, 0.0)
NOISE = 0.35


@dataclass(frozen=True, eq=False)
class Telemetry:
    """Rows and whether each is an anomaly.

    Args:
        rows: Features, standardised by what is normal.
        anomalous: 1 for an anomaly, else 0.
    """

    rows: Float64[ndarray, "sample feature"]
    anomalous: Int64[ndarray, " sample"]


def draw_telemetry(count: int, share: float, seed: int, kinds: Sequence[str] = tuple(KINDS)) -> Telemetry:
    """Return rows of which a share are anomalies, each of a kind drawn evenly.

    Args:
        count: Rows.
        share: Of anomalies, 0 to 1; rounded to whole rows.
        seed: Of the draw.
        kinds: Keys of `KINDS`, one or more.

    Example:
        >>> int(draw_telemetry(100, 0.1, seed=1).anomalous.sum())
        10
    """
    draw = stream(seed, "telemetry")
    load, signal = draw.normal(size=(2, count))
    rows = np.outer(load, BY_LOAD) + np.outer(signal, BY_SNR) + NOISE * draw.normal(size=(count, len(FEATURES)))
    anomalous = np.zeros(count, dtype=np.int64)
    anomalous[draw.permutation(count)[: round(share * count)]] = 1
    effects = [KINDS[kind] for kind in kinds]
    for k in np.flatnonzero(anomalous):
        strength = NOISE * draw.uniform(0.7, 1.6)
        for name, size in effects[draw.integers(len(effects))].items():
            rows[k, FEATURES.index(name)] += strength * size
    return Telemetry(rows, anomalous)

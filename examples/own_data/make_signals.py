"""Write signals.csv: received BPSK, QPSK, 8-PSK and 16-QAM bursts, told by features of their constellations.

python examples/own_data/make_signals.py examples/own_data/data/signals.csv
"""

import csv
import sys

import numpy as np

from qfl.seeds import stream

LEVELS = np.array([-3, -1, 1, 3]) / np.sqrt(10)
CONSTELLATIONS = {
    "bpsk": np.array([-1, 1], dtype=complex),
    "qpsk": np.exp(1j * np.pi * (np.arange(4) / 2 + 1 / 4)),
    "8psk": np.exp(1j * np.pi * np.arange(8) / 4),
    "16qam": np.add.outer(LEVELS, 1j * LEVELS).ravel(),
}
NAMES = "c20 c40 c41 c42 c63 amplitude_spread phase_moment_4 phase_moment_8 snr_db modulation".split()


def burst(points, snr_db, draw, symbols=256):
    """Return received symbols of mean power 1, in noise, turned by an unknown phase."""
    noise = np.sqrt(10 ** (-snr_db / 10) / 2) * (draw.normal(size=symbols) + 1j * draw.normal(size=symbols))
    received = (draw.choice(points, symbols) + noise) * np.exp(0.1j * draw.normal())
    return received / np.sqrt(np.mean(np.abs(received) ** 2))


def features(r):
    """Return cumulants of a burst (Swami and Sadler, IEEE Trans. Commun. 48, 416, 2000) and moments of its phase."""
    m20, m21, m40, m41 = (np.mean(x) for x in (r**2, np.abs(r) ** 2, r**4, r**3 * r.conj()))
    c42 = np.mean(np.abs(r) ** 4) - np.abs(m20) ** 2 - 2 * m21**2
    cumulants = (m20, m40 - 3 * m20**2, m41 - 3 * m20 * m21, c42, np.mean(np.abs(r) ** 6) - 9 * c42 * m21 - 6 * m21**3)
    phase = np.angle(r)
    moments = (np.abs(np.mean(np.exp(4j * phase))), np.abs(np.mean(np.exp(8j * phase))))
    return (*map(np.abs, cumulants), np.abs(r).std(), *moments)


def main(path, bursts=2400, seed=1):
    """Write the table, a line for each burst."""
    draw, kinds = stream(seed, "signals"), list(CONSTELLATIONS)
    with open(path, "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(NAMES)
        for k in range(bursts):
            snr_db, name = draw.uniform(0, 15), kinds[k % 4]
            row = features(burst(CONSTELLATIONS[name], snr_db, draw))
            table.writerow([*(f"{value:.5f}" for value in row), f"{snr_db:.3f}", name])


if __name__ == "__main__":
    main(sys.argv[1])

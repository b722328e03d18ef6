"""Make data/links.csv: radio links of an urban cell, drawn from a seed. Put your own measurements in its place.

Whether the ends of a link see each other follows its length, path loss 3GPP's urban macro model (TR 38.901, Tables
7.4.1-1 and 7.4.2-1, at 3.5 GHz, antennas at 25 and 1.5 m, breakpoint left out), delay spread and Rician factor normal
distributions of our own that overlap.
"""

from pathlib import Path

import numpy as np

from qfl import stream

COLUMNS = "distance_m,path_loss_db,log10_delay_spread_ns,rician_k_db,line_of_sight"


def table(rows: int = 600, seed: int = 6) -> str:
    """Return the file's text."""
    rng = stream(seed, "links")
    distance = rng.uniform(10, 300, rows)
    near = np.minimum(18 / distance, 1)
    seen = rng.random(rows) < near + np.exp(-distance / 63) * (1 - near)
    line, bent = 28 + 22 * np.log10(distance), 13.54 + 39.08 * np.log10(distance)
    loss = np.where(seen, line + rng.normal(0, 4, rows), bent + rng.normal(0, 6, rows)) + 20 * np.log10(3.5)
    spread = np.where(seen, rng.normal(2.0, 0.4, rows), rng.normal(2.5, 0.3, rows))
    rician = np.where(seen, rng.normal(6, 4, rows), rng.normal(0, 4, rows))
    values = zip(distance, loss, spread, rician, seen, strict=True)
    return "\n".join([COLUMNS, *(f"{d:.1f},{p:.1f},{s:.2f},{k:.1f},{int(v)}" for d, p, s, k, v in values)]) + "\n"


if __name__ == "__main__":
    path = Path(__file__).parent / "data" / "links.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_text(table())

"""Our baselines are those of an independent implementation: its table, 1,000 trials, within sampling error.

Also covers examples/cell_free/methods.py and examples/cell_free/measure.py.
"""

from pathlib import Path

import pytest

import qfl
from qfl.studies.examples import member
from qfl.wireless.cell_free.channel import draw
from qfl.wireless.cell_free.network import CellFree

FOLDER = Path(qfl.__file__).parent.parent / "examples" / "cell_free"
measure, row_of = (member(FOLDER, f"measure:{name}") for name in ("measure", "row_of"))
baselines, limits, no_interference = (
    member(FOLDER, f"methods:{name}") for name in ("baselines", "limits", "no_interference")
)
TRIALS, THEIRS = 200, 1000

# method: (min, sum) at 0, 10, 20, 30 dB; unit square, interference 0.1
TABLE = {
    "random_mr": ((1.23, 8.97), (1.40, 10.13), (1.42, 10.32), (1.42, 10.34)),
    "algorithm4_mr": ((2.57, 13.20), (2.92, 14.83), (2.96, 15.10), (2.97, 15.13)),
    "exhaustive_min_mr": ((3.33, 13.79), (3.79, 15.47), (3.86, 15.72), (3.86, 15.74)),
    "exhaustive_sum_mr": ((2.76, 14.80), (2.99, 16.80), (2.99, 17.22), (2.99, 17.27)),
    "exhaustive_sum_81_mr": ((2.66, 14.82), (2.57, 16.98), (1.87, 17.91), (0.83, 19.55)),
}
BOUND = ((5.30, 20.05), (8.58, 29.93), (11.90, 39.89), (15.22, 49.85))
SNRS_DB = (0.0, 10.0, 20.0, 30.0)

# with Algorithm 4's assignment at 20 dB, by interference factor
PRECODERS = {
    0.1: {
        "algorithm4_random_precoder": (1.83, 11.71),
        "algorithm4_unconjugated_mr": (2.25, 13.08),
        "algorithm4_slnr": (4.20, 19.64),
        "exhaustive_min_mr_slnr": (4.75, 20.68),
    },
    0.3: {
        "algorithm4_random_precoder": (1.01, 8.11),
        "algorithm4_unconjugated_mr": (1.31, 9.27),
        "algorithm4_mr": (1.74, 10.69),
        "algorithm4_slnr": (2.86, 15.33),
        "exhaustive_min_mr_slnr": (3.34, 16.29),
    },
}


def check(row, expected):
    """Within three standard errors of the difference of two independent means."""
    for rate, value in zip(("min_rate", "sum_rate"), expected, strict=True):
        error = row[f"{rate}_se"] * (1 + TRIALS / THEIRS) ** 0.5
        assert row[rate] == pytest.approx(value, abs=3 * error), (row["method"], rate)


@pytest.mark.parametrize("index", range(4))
def test_assignments(index):
    network = CellFree(snr_db=SNRS_DB[index])
    batch = draw(network, 11, TRIALS, "test")
    methods = {name: method for name, method in baselines(network, 11).items() if name in TABLE}
    for row in measure(network, batch, methods):
        check(row, TABLE[row["method"]][index])
    check(row_of(network, "no_interference", no_interference(network, batch)), BOUND[index])


@pytest.mark.parametrize("interference", [0.1, 0.3])
def test_precoders(interference):
    network, expected = CellFree(interference=interference), PRECODERS[interference]
    methods = {name: method for name, method in baselines(network, 11).items() if name in expected}
    for row in measure(network, draw(network, 11, TRIALS, "test"), methods):
        check(row, expected[row["method"]])


def test_quarter_points():
    network = CellFree(layout="grid")
    methods = {name: baselines(network, 11)[name] for name in ("algorithm4_mr", "exhaustive_min_mr")}
    algorithm4, exhaustive = measure(network, draw(network, 11, TRIALS, "test"), methods)
    check(algorithm4, (3.10, 17.05))
    check(exhaustive, (3.99, 17.64))


def test_the_joint_search_reaches_what_theirs_reached():
    """Both are lower bounds by many starts, theirs over 100 trials: ours may be higher, but not be much lower."""
    network = CellFree()
    methods = {name: limits(network, 11)[name] for name in ("joint_min_lower_bound", "joint_sum_lower_bound")}
    least, summed = measure(network, draw(network, 11, 8, "test"), methods)
    assert 7.43 - 3 * least["min_rate_se"] < least["min_rate"] < 11.9
    assert 26.77 - 3 * summed["sum_rate_se"] < summed["sum_rate"] < 39.9

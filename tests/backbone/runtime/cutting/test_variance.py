"""The variance that is predicted, against that of shots."""

import numpy as np
import pytest

from qfl.backbone.runtime.cutting.cuts import GateCut, WireCut
from qfl.backbone.runtime.cutting.pieces import cut
from qfl.backbone.runtime.cutting.placement import place_cuts
from qfl.backbone.runtime.cutting.reconstruct import circuits_of, exactly, expectations
from qfl.backbone.runtime.cutting.variance import shot_noise
from qfl.errors import ConfigError
from qfl.quantum.circuit import Circuit, Gate

GATES = (
    Gate("RY", (0,), (0.8,)),
    Gate("RX", (1,), (0.6,)),
    Gate("CZ", (0, 1)),
    Gate("RY", (1,), (1.2,)),
    Gate("CZ", (1, 2)),
    Gate("RX", (2,), (0.7,)),
)
CIRCUIT = Circuit(3, GATES, ((2,), (0, 2)))
CUTS = {"wire": [WireCut((1,), 3, False)], "locc": [WireCut((1,), 3, True)], "gate": [GateCut(4)]}


@pytest.mark.parametrize("name", CUTS)
def test_shots_scatter_as_predicted_around_the_exact_values(name, shots):
    pieces, count, repeats = cut(CIRCUIT, CUTS[name]), 500, 200
    found = np.array([expectations(pieces, shots(count)) for _ in range(repeats)])
    predicted = shot_noise(pieces).variance(count)
    # 200 repeats: the ratio of variances scatters by 10 %, the mean by a fourteenth of a deviation
    assert found.var(axis=0) / predicted == pytest.approx(np.ones(2), abs=0.45)
    assert (abs(found.mean(axis=0) - exactly(CIRCUIT)) < 4.5 * np.sqrt(predicted / repeats)).all()


def test_an_uncut_circuit_has_the_variance_of_its_words():
    mean = exactly(CIRCUIT)
    assert shot_noise(cut(CIRCUIT, [])).variance(100) == pytest.approx((1 - mean**2) / 100)


def test_spread_shots_keep_to_their_prediction_where_many_circuits_add_nothing_to_first_order(shots):
    """Angles of a quarter turn: run once, such circuits put the values off by tens of predicted errors."""
    gates = [Gate("RY", (w,), (0.5,)) for w in range(5)]
    for angle in (1.57, 3.14):
        gates += [Gate("CZ", (w, w + 1)) for w in range(4)] + [Gate("RX", (w,), (angle,)) for w in range(5)]
    circuit = Circuit(5, tuple(gates), ((0,), (2,), (4,), (0, 4)))
    pieces = cut(circuit, place_cuts(circuit, 3).cuts)
    noise, circuits = shot_noise(pieces), list(circuits_of(pieces))
    each = noise.spread(1500 * len(circuits))
    counts = iter(each)
    found = expectations(pieces, lambda circuit: shots(next(counts))(circuit))
    assert (abs(found - exactly(circuit)) < 4.5 * np.sqrt(noise.variance(each))).all()


def test_spread_shots_are_better_than_even_ones():
    pieces = cut(CIRCUIT, CUTS["gate"])
    noise, circuits = shot_noise(pieces), len(list(circuits_of(pieces)))
    even, spread = noise.variance(1000).sum(), noise.variance(noise.spread(1000 * circuits)).sum()
    assert spread < even
    assert sum(noise.spread(1000 * circuits)) <= 1000 * circuits
    with pytest.raises(ConfigError, match=f"3 shots are to be spread over {circuits} circuits"):
        noise.spread(3)

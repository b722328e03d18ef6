"""Where cuts are placed: within the width, equal to the circuit, and against all placements of small circuits."""

from itertools import chain, combinations

import pytest

from qfl.backbone.runtime.cutting.cuts import GateCut, WireCut, cost
from qfl.backbone.runtime.cutting.pieces import cut
from qfl.backbone.runtime.cutting.placement import place_cuts
from qfl.backbone.runtime.cutting.reconstruct import exactly, expectations
from qfl.errors import ConfigError
from qfl.quantum.circuit import Circuit, Gate


def chain_circuit(qubits, layers=1):
    gates = [Gate("RY", (w,), (0.3 + 0.1 * w,)) for w in range(qubits)]
    for layer in range(layers):
        gates += [Gate("CZ", (w, w + 1)) for w in range(qubits - 1)]
        gates += [Gate("RX", (w,), (0.2 + 0.1 * layer,)) for w in range(qubits)]
    return Circuit(qubits, tuple(gates), ((0,), (qubits - 1,), (0, qubits - 1)))


@pytest.mark.parametrize(("qubits", "layers", "width"), [(4, 1, 2), (5, 2, 3), (6, 1, 2), (6, 2, 4)])
def test_pieces_are_within_the_width_and_put_together_they_are_the_circuit(qubits, layers, width):
    circuit = chain_circuit(qubits, layers)
    placement = place_cuts(circuit, width)
    pieces = cut(circuit, placement.cuts)
    assert pieces.width <= width
    assert placement.overhead == placement.bound
    if len(placement.cuts) <= 3:
        assert expectations(pieces, exactly) == pytest.approx(exactly(circuit), abs=1e-10)


@pytest.mark.parametrize("locc", [True, False])
def test_no_choice_of_up_to_two_cuts_is_cheaper(locc):
    """A star: gates on wire 0 with all others, of unequal strength; every pair of cuts is tried."""
    gates = [Gate("RY", (w,), (0.5,)) for w in range(4)]
    gates += [Gate("IsingZZ", (0, w), (angle,)) for w, angle in ((1, 1.5), (2, 0.2), (3, 0.9))]
    circuit = Circuit(4, tuple(gates), ((0,),))
    price = 9.0 if locc else 16.0
    single = [(GateCut(k), cost(circuit, GateCut(k)).first_shots) for k in (4, 5, 6)]
    single += [(WireCut((w,), k, locc), price) for k in range(4, 8) for w in range(4)]
    for width in (2, 3):
        least = float("inf")
        for chosen in chain(combinations(single, 1), combinations(single, 2)):
            if cut(circuit, [made for made, _ in chosen]).width <= width:
                paid = 1.0
                for _, each in chosen:
                    paid *= each
                least = min(least, paid)
        assert place_cuts(circuit, width, locc=locc).overhead == pytest.approx(least)


def test_where_few_ways_are_kept_the_bound_is_below():
    circuit = chain_circuit(6, 2)
    least, few = place_cuts(circuit, 3), place_cuts(circuit, 3, keep=3)
    assert few.bound <= least.overhead <= few.overhead
    assert cut(circuit, few.cuts).width <= 3


def test_a_circuit_that_fits_is_not_cut():
    assert place_cuts(chain_circuit(4), 4).cuts == ()


def test_a_gate_wider_than_the_limit_is_refused_by_name():
    circuit = Circuit(3, (Gate("Toffoli", (0, 1, 2)),), ((0,),))
    with pytest.raises(ConfigError, match=r"gate 0, Toffoli on wires .0, 1, 2., does not fit into 2 qubits"):
        place_cuts(circuit, 2)
    with pytest.raises(ConfigError, match="width is 0"):
        place_cuts(circuit, 0)

"""Where to cut a circuit so that no piece is wider than a limit, at the least sampling overhead.

Gate by gate, every way to go on is kept: leave the gate, cut it, or cut some of its wires before it; of ways that leave
the same pieces behind only the cheapest. Where more are left than are kept, the answer is a heuristic with a bound.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from qfl.backbone.runtime.cutting.cuts import Cut, GateCut, WireCut, can_be_cut, cost
from qfl.backbone.runtime.overhead import lo_wire_cut
from qfl.errors import ConfigError
from qfl.quantum.circuit import Circuit, Gate

State = tuple[tuple[int, ...], tuple[int, ...]]
"""For every wire the piece that it is at, and for every such piece the qubits it has so far."""


@dataclass(frozen=True)
class Placement:
    r"""Where to cut.

    Args:
        cuts: Gates and wires.
        overhead: Product of the cuts' :math:`\gamma^2`: shots for the error of the uncut circuit, if terms are sampled.
        bound: No placement has less; equal to the overhead where every way was kept.
    """

    cuts: tuple[Cut, ...]
    overhead: float
    bound: float


def place_cuts(circuit: Circuit, width: int, *, locc: bool = True, keep: int = 2000) -> Placement:
    """Return cuts that leave no piece wider than a limit.

    Args:
        circuit: Only gates with numbers as parameters are cut; wires always can be.
        width: Most qubits of a piece, without the wires that measurements in mid-circuit need.
        locc: Whether wires are cut with communication (9 for a wire instead of 16).
        keep: Ways that are followed; more are nearer to the least overhead, and slower.

    Raises:
        ConfigError: If a gate is wider than the limit.

    Example:
        >>> gates = [Gate("H", (0,)), Gate("CNOT", (0, 1)), Gate("CNOT", (1, 2)), Gate("CNOT", (2, 3))]
        >>> place_cuts(Circuit(4, tuple(gates), ((3,),)), width=2)
        Placement(cuts=(GateCut(gate=2),), overhead=9.0, bound=9.0)
    """
    if width < 1 or keep < 1:
        raise ConfigError(f"width is {width} and keep is {keep}; give 1 or more of each")
    wires = tuple(range(circuit.num_qubits))
    ways: dict[State, tuple[float, tuple[Cut, ...]]] = {(wires, (1,) * len(wires)): (1.0, ())}
    dropped = float("inf")
    for position, gate in enumerate(circuit.gates):
        if len(gate.wires) == 1:
            continue
        new: dict[State, tuple[float, tuple[Cut, ...]]] = {}
        for state, (paid, cuts) in ways.items():
            for after, price, made in _ways_on(circuit, state, position, gate, width, locc):
                if after not in new or (paid * price, len(cuts) + len(made)) < (new[after][0], len(new[after][1])):
                    new[after] = (paid * price, cuts + made)
        if not new:
            raise ConfigError(
                f"gate {position}, {gate.name} on wires {gate.wires}, does not fit into {width} qubits and cannot be "
                "cut; give a larger width"
            )
        ordered = sorted(new.items(), key=lambda way: (way[1][0], len(way[1][1])))
        dropped = min(dropped, *(way[1][0] for way in ordered[keep:]), float("inf"))
        ways = dict(ordered[:keep])
    paid, cuts = min(ways.values(), key=lambda way: (way[0], len(way[1])))
    return Placement(cuts, paid, min(paid, dropped))


def _ways_on(
    circuit: Circuit, state: State, position: int, gate: Gate, width: int, locc: bool
) -> Iterator[tuple[State, float, tuple[Cut, ...]]]:
    """Yield what can be done at a gate: the state after it, what it costs, and the cuts."""
    pieces, sizes = state
    if can_be_cut(gate) and len({pieces[w] for w in gate.wires}) == 2:
        yield state, cost(circuit, GateCut(position)).first_shots, (GateCut(position),)
    for count in range(len(gate.wires) + 1):
        for chosen in combinations(gate.wires, count):
            after, grown = list(pieces), list(sizes)
            for wire in chosen:
                after[wire] = len(grown)
                grown.append(1)
            joined = {after[w] for w in gate.wires}
            if sum(grown[p] for p in joined) > width:
                continue
            least = min(joined)
            grown[least] = sum(grown[p] for p in joined)
            after = [least if p in joined else p for p in after]
            cuts = tuple(WireCut((wire,), position, locc) for wire in chosen)
            price = 1.0
            for cut in cuts:
                price *= cost(circuit, cut).first_shots if locc else lo_wire_cut(1).first_shots
            yield _named(after, grown), price, cuts


def _named(pieces: list[int], sizes: list[int]) -> State:
    """Return a state with its pieces numbered as they first appear; pieces that no wire is at any more are done."""
    numbers = {piece: k for k, piece in enumerate(dict.fromkeys(pieces))}
    return tuple(numbers[p] for p in pieces), tuple(sizes[p] for p in numbers)

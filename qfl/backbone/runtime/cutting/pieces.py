"""What cuts leave of a circuit: pieces that share no gate, each with the ends of the cuts that touch it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from numpy import ndarray

from qfl.backbone.runtime.cutting.cuts import Cut, GateCut, WireCut, local_form
from qfl.backbone.runtime.cutting.slots import Ends, gate_ends, lo_ends, locc_ends
from qfl.errors import ConfigError
from qfl.quantum.circuit import Angle, Circuit, Feature, Gate, Parameter
from qfl.quantum.observables import only_z_words
from qfl.quantum.sums import Sum


@dataclass(frozen=True)
class End:
    """One end of a cut, where its settings' gates are to be put.

    Args:
        join: Position of the cut among the joins.
        second: Which of its two ends.
        wires: Wires of the piece.
    """

    join: int
    second: bool
    wires: tuple[int, ...]


@dataclass(frozen=True)
class Piece:
    """A part of a circuit that runs by itself.

    Args:
        qubits: Its width, without the wires that measurements in mid-circuit need.
        steps: Gates and ends of cuts, in order, on its own wires.
        measured: Wire of the whole circuit to its own wire, where it holds a wire's end.
    """

    qubits: int
    steps: tuple[Gate | End, ...]
    measured: dict[int, int]

    @property
    def ends(self) -> list[End]:
        """Its ends of cuts."""
        return [step for step in self.steps if isinstance(step, End)]


@dataclass(frozen=True)
class Pieces:
    """A circuit that has been cut.

    Args:
        pieces: Its parts.
        joins: How the ends of each cut belong together; wires that are cut without communication are a join each.
        observables: The Z words of the circuit.
        waits: For each join, whether its second end needs the outcomes of its first.
    """

    pieces: tuple[Piece, ...]
    joins: tuple[Ends, ...]
    observables: tuple[tuple[int, ...], ...]
    waits: tuple[bool, ...]

    @property
    def width(self) -> int:
        """Qubits of the widest piece."""
        return max(piece.qubits for piece in self.pieces)


def bind(circuit: Circuit, angles: Sequence[float] | ndarray, sample: Sequence[float] | ndarray = ()) -> Circuit:
    """Return the circuit with numbers for its angles and features.

    Args:
        circuit: One that does not encode its input in amplitudes, which nothing can cut.
        angles: As many as the circuit has, radians.
        sample: The features of one sample.

    Raises:
        ConfigError: If it encodes amplitudes, or a length does not fit.
    """
    if circuit.amplitudes:
        raise ConfigError(
            "a circuit whose input is its initial state cannot be cut; encode features as angles of gates"
        )
    if (len(angles), len(sample)) != (circuit.num_angles, circuit.num_features):
        raise ConfigError(
            f"{len(angles)} angles and {len(sample)} features are given; the circuit takes {circuit.num_angles} and "
            f"{circuit.num_features}"
        )

    def number(parameter: Parameter) -> float:
        if isinstance(parameter, Angle):
            return float(angles[parameter.index])
        if isinstance(parameter, Sum):
            return float(parameter.value(angles, sample))
        return parameter.scale * float(sample[parameter.index]) if isinstance(parameter, Feature) else parameter

    gates = tuple(replace(g, parameters=tuple(map(number, g.parameters))) for g in circuit.gates)
    return replace(circuit, gates=gates, num_features=0, names=())


def cut(circuit: Circuit, cuts: Sequence[Cut]) -> Pieces:
    """Cut a circuit into the pieces that hang together no more.

    Args:
        circuit: With numbers as parameters (`bind`) where gates are cut, and without trained angles.
        cuts: Gates and wires.

    Raises:
        ConfigError: If a cut is where nothing can be cut, or an end of wires cut together lies in several pieces.

    Example:
        >>> bell = Circuit(2, (Gate("H", (0,)), Gate("CNOT", (0, 1))), ((0, 1),))
        >>> [piece.qubits for piece in cut(bell, [GateCut(1)]).pieces]
        [1, 1]
    """
    return _Cutter(circuit, cuts).pieces()


class _Cutter:
    """Walks through a circuit once: every wire is a chain of segments, gates join segments into pieces."""

    def __init__(self, circuit: Circuit, cuts: Sequence[Cut]):
        self.circuit, self.joins, self.waits = circuit, [], []
        self.gate_cuts = {c.gate for c in cuts if isinstance(c, GateCut)}
        self.wire_cuts: dict[int, list[WireCut]] = defaultdict(list)
        for c in cuts:
            if isinstance(c, WireCut):
                self.wire_cuts[c.before].append(c)
        self._check(cuts)
        self.now = list(range(circuit.num_qubits))  # the segment that each wire is at
        self.parent = list(range(circuit.num_qubits))
        self.steps: list[Gate | End] = []  # on segments

    def pieces(self) -> Pieces:
        for position, gate in enumerate(self.circuit.gates):
            self._cut_wires(position)
            self._gate(position, gate)
        self._cut_wires(len(self.circuit.gates))
        roots = sorted({self._root(segment) for segment in range(len(self.parent))})
        made = tuple(self._piece(root) for root in roots)
        return Pieces(
            made, tuple(self.joins), only_z_words(self.circuit.observables, "a cut circuit"), tuple(self.waits)
        )

    def _gate(self, position: int, gate: Gate) -> None:
        if position not in self.gate_cuts:
            self._put(replace(gate, wires=tuple(self.now[w] for w in gate.wires)))
            return
        before, angle, after = local_form(gate)
        for local in before:
            self._put(Gate(local.name, (self.now[local.wires[0]],), local.parameters))
        a, b = (self.now[wire] for wire in gate.wires)
        self._join(gate_ends(angle), (a,), (b,), waits=False)
        for local in after:
            self._put(Gate(local.name, (self.now[local.wires[0]],), local.parameters))

    def _cut_wires(self, position: int) -> None:
        for c in self.wire_cuts[position]:
            old = tuple(self.now[wire] for wire in c.wires)
            for wire in c.wires:
                self.now[wire] = len(self.parent)
                self.parent.append(len(self.parent))
            new = tuple(self.now[wire] for wire in c.wires)
            if c.locc:
                self._hold_together(old)
                self._hold_together(new)
                self._join(locc_ends(len(c.wires)), old, new, waits=True)
            else:
                for one, other in zip(old, new, strict=True):
                    self._join(lo_ends(), (one,), (other,), waits=False)

    def _join(self, ends: Ends, first: tuple[int, ...], second: tuple[int, ...], waits: bool) -> None:
        self.steps += [End(len(self.joins), False, first), End(len(self.joins), True, second)]
        self.joins.append(ends)
        self.waits.append(waits)

    def _put(self, gate: Gate) -> None:
        self._hold_together(gate.wires)
        self.steps.append(gate)

    def _hold_together(self, segments: Sequence[int]) -> None:
        for segment in segments[1:]:
            self.parent[self._root(segment)] = self._root(segments[0])

    def _root(self, segment: int) -> int:
        while self.parent[segment] != segment:
            segment = self.parent[segment]
        return segment

    def _piece(self, root: int) -> Piece:
        segments = [segment for segment in range(len(self.parent)) if self._root(segment) == root]
        place = {segment: wire for wire, segment in enumerate(segments)}
        steps = [
            replace(step, wires=tuple(place[s] for s in step.wires)) for step in self.steps if step.wires[0] in place
        ]
        measured = {wire: place[segment] for wire, segment in enumerate(self.now) if segment in place}
        return Piece(len(segments), tuple(steps), measured)

    def _check(self, cuts: Sequence[Cut]) -> None:
        gates, wires = len(self.circuit.gates), self.circuit.num_qubits
        for c in cuts:
            if isinstance(c, GateCut) and not 0 <= c.gate < gates:
                raise ConfigError(f"gate {c.gate} is to be cut, but the circuit has {gates} gates, from 0 on")
            if isinstance(c, WireCut) and not 0 <= c.before <= gates:
                raise ConfigError(f"wires are to be cut before gate {c.before}, but the circuit has {gates} gates")
            if isinstance(c, WireCut) and not (
                c.wires and len(set(c.wires)) == len(c.wires) and set(c.wires) <= set(range(wires))
            ):
                raise ConfigError(f"wires {c.wires} are to be cut; give different ones of the circuit's {wires}")

"""What cuts cost, against the sums of the decompositions themselves."""

from math import pi, sin

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qfl.backbone.runtime.overhead import gate_cut, gate_gamma, lo_wire_cut, locc_wire_cut, reused_wire_cut
from qfl.errors import ConfigError

ONE, Z, S = np.eye(2), np.diag([1, -1]), np.diag([1, 1j])
PROJECTORS = (np.diag([1, 0]), np.diag([0, 1]))


def channel(*kraus, signs=None):
    """The superoperator of Kraus operators, each with a sign."""
    return sum(s * np.kron(k, k.conj()) for k, s in zip(kraus, signs or [1] * len(kraus), strict=True))


def both(a, b):
    """The superoperator of two wires from those of each: (a (x) b) in the order row, row, column, column."""
    return np.einsum("ijkl,mnop->imjnkolp", a.reshape(2, 2, 2, 2), b.reshape(2, 2, 2, 2)).reshape(16, 16)


@given(st.floats(-pi, pi))
def test_six_settings_are_the_gate_and_their_coefficients_add_up_to_gamma(angle):
    t, measure = angle / 2, channel(*PROJECTORS, signs=[1, -1])
    phase, back = channel(S), channel(S.conj())
    terms = [
        (np.cos(t) ** 2, both(channel(ONE), channel(ONE))),
        (np.sin(t) ** 2, both(channel(Z), channel(Z))),
        (sin(angle) / 2, both(measure, phase)),
        (-sin(angle) / 2, both(measure, back)),
        (sin(angle) / 2, both(phase, measure)),
        (-sin(angle) / 2, both(back, measure)),
    ]
    gate = np.diag(np.exp(-1j * angle / 2 * np.array([1, -1, -1, 1])))
    whole = np.einsum("ab,cd->acbd", gate, gate.conj()).reshape(16, 16)
    assert np.allclose(sum(c * term for c, term in terms), whole)
    assert sum(abs(c) for c, _ in terms) == pytest.approx(gate_gamma(angle))
    assert len(terms) == gate_cut().first


def test_wire_cuts_have_the_published_counts_and_overheads():
    assert [locc_wire_cut(n).circuits for n in (1, 2, 3)] == [6, 10, 18]
    assert [locc_wire_cut(n).first_shots for n in (1, 2, 3)] == [9, 49, 225]
    assert [lo_wire_cut(n).first_shots for n in (1, 2, 3)] == [16, 256, 4096]
    assert locc_wire_cut(1).waits and not lo_wire_cut(1).waits and not reused_wire_cut(1).waits


def test_data_used_again_split_shots_so_that_the_variance_is_least():
    cost = reused_wire_cut(2)
    total = cost.first_shots + cost.second_shots
    variance = [9 / n + 36 / (total - n) for n in np.linspace(0.1, 0.9, 801) * total]
    assert 9 / cost.first_shots + 36 / cost.second_shots == pytest.approx(min(variance), rel=1e-5) == pytest.approx(1.0)


@pytest.mark.parametrize("wires", [0, 9])
def test_a_number_of_wires_that_nobody_cuts_is_refused(wires):
    for cut in (locc_wire_cut, lo_wire_cut, reused_wire_cut):
        with pytest.raises(ConfigError, match=f"{wires} wires are to be cut at once"):
            cut(wires)

import pytest

from qfl.qkd.bb84 import DECOY, Source, transmit
from qfl.qkd.channel import fibre
from qfl.qkd.distil import distil
from qfl.qkd.eavesdropper import Eavesdropper
from qfl.qkd.estimation import estimate_bb84
from qfl.qkd.expectation import expected_length, seen
from qfl.qkd.key_rate import Security
from qfl.seeds import stream

SECURITY = Security()


@pytest.mark.parametrize("source,pulses", [(Source(), 10**6), (DECOY, 10**7)])
def test_average_counts_foretell_what_a_simulation_distils(source, pulses):
    link, draw = fibre(5.0), stream(1, "test")
    found = distil(
        estimate_bb84(transmit(pulses, source, link, Eavesdropper(), draw), source, SECURITY), SECURITY, draw
    )
    expected = expected_length(pulses, source, link, SECURITY)
    assert found.secure_bits == pytest.approx(expected, rel=0.15) and expected > 1000


def test_gains_and_errors_are_those_that_are_measured():
    link = fibre(25.0)
    found = transmit(10**8, DECOY, link, Eavesdropper(), stream(1, "test", "seen"))
    gain = sum(p * seen(link, mu).gain for p, mu in zip(DECOY.probabilities, DECOY.intensities, strict=True))
    wrong = sum(p * seen(link, mu).errors for p, mu in zip(DECOY.probabilities, DECOY.intensities, strict=True))
    assert len(found.kind) / 1e8 == pytest.approx(gain, rel=0.01)
    assert found.sifted().error_rate == pytest.approx(wrong / gain, rel=0.05)


@pytest.mark.parametrize("source", [Source(), DECOY])
def test_beyond_what_dark_counts_allow_no_number_of_pulses_leaves_a_key(source):
    assert expected_length(1e16, source, fibre(500.0), SECURITY) == 0
    assert expected_length(1e12, source, fibre(100.0), SECURITY) > 0

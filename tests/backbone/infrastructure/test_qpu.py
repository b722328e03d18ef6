"""A QPU: how long a program takes, and numbers that cannot be."""

import pytest

from qfl.backbone.infrastructure.qpu import Qpu
from qfl.errors import ConfigError


def test_a_program_takes_set_up_and_every_shot_with_its_layers():
    qpu = Qpu("q", 8, 90, shot_s=1e-3, layer_s=1e-5, setup_s=0.5)
    assert qpu.seconds(1000, 50) == pytest.approx(0.5 + 1000 * (1e-3 + 50e-5))


@pytest.mark.parametrize(
    "change", [{"qubits": 0}, {"depth": 0}, {"shot_s": 0.0}, {"setup_s": -1.0}, {"free_s": float("nan")}]
)
def test_numbers_out_of_range_are_refused_by_name(change):
    (name,) = change
    with pytest.raises(ConfigError, match=f"QPU 'q': {name} is"):
        Qpu(**{"name": "q", "qubits": 8, "depth": 90, "shot_s": 1e-3, **change})

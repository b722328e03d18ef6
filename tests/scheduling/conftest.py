"""Small instances with gains over many decades, as the radio has them."""

import numpy as np
import pytest

from qfl.wireless.uplink import UplinkInstance


@pytest.fixture
def small_instance():
    """Return a builder of instances: gains log-uniform over `decades`, powers from 1 to 251 mW."""

    def build(seed=0, num_devices=6, num_channels=3, variant="all_active", max_per_channel=None, se_cap=0.0, decades=6):
        rng = np.random.default_rng(seed)
        strength = 10 ** rng.uniform(0, decades, (num_devices, 1))
        gain = strength * rng.exponential(size=(num_devices, num_channels))
        limit = num_devices if max_per_channel is None else max_per_channel
        return UplinkInstance(gain, np.ones(num_devices), 1e-3, 0.251, 180e3, variant, limit, se_cap)

    return build

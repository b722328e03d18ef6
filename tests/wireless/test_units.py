"""Decibel and linear."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qfl.wireless.units import db_to_linear, dbm_to_w, linear_to_db, w_to_dbm


@given(st.floats(-200, 200))
def test_units_come_back(level):
    assert linear_to_db(db_to_linear(level)) == pytest.approx(level, abs=1e-9)
    assert w_to_dbm(dbm_to_w(level)) == pytest.approx(level, abs=1e-9)


def test_known_levels():
    """Zero dBm is a milliwatt, 24 dBm a quarter of a watt, -inf is off."""
    assert dbm_to_w(np.array([0.0, 24.0, 30.0, -np.inf])) == pytest.approx([1e-3, 0.2511886, 1.0, 0.0], rel=1e-6)
    assert w_to_dbm(0.0) == -np.inf
    assert db_to_linear(3.0) == pytest.approx(1.995, abs=1e-3)

"""e^{ix} is NumPy's, and its slope is that of finite differences."""

import numpy as np
import torch

from qfl.quantum.unit_phase import unit_phase

ANGLES = torch.linspace(-7, 7, 29, dtype=torch.float64)


def test_values_are_those_of_numpy():
    np.testing.assert_allclose(unit_phase(ANGLES).numpy(), np.exp(1j * ANGLES.numpy()), atol=1e-15)
    assert unit_phase(ANGLES.float()).dtype == torch.complex64


def test_slopes_are_those_of_finite_differences():
    assert torch.autograd.gradcheck(unit_phase, (ANGLES.clone().requires_grad_(),))

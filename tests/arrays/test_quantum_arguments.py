"""Array arguments of the circuits, of any type and extent."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from qfl.quantum import one_hot, qaoa_angles, star, star_chain

GENERATOR = np.random.default_rng(1)


def real(*shape: int, low: float = 0.5) -> np.ndarray:
    return GENERATOR.uniform(low, 2.5, shape)


def beams(*shape: int) -> np.ndarray:
    return real(*shape) + 1j * real(*shape)


def tensors(**arrays: np.ndarray) -> dict[str, Any]:
    return {name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in arrays.items()}


REWARD = real(3, 2)
LAYERS = {"gammas": np.array([0.4, 0.8]), "betas": np.array([0.5, 0.2])}

Row = tuple[Callable[..., Any], dict[str, Any]]


def rows() -> Iterator[Row]:
    for function in (one_hot.one_hot_state, one_hot.expected_reward):
        yield function, {"reward": REWARD, **LAYERS}
    yield one_hot.one_hot_states, {"rewards": real(2, 3, 2), **LAYERS}
    yield one_hot.probabilities, {"psi": beams(3, 2)}
    yield one_hot.normalised, {"reward": REWARD}
    yield one_hot.evolve, {"energy": REWARD, "num_devices": 2, **LAYERS}
    yield qaoa_angles.choose_angles, {"reward": REWARD, "layers": 2}
    yield qaoa_angles.optimise, {"reward": real(3), "layers": 1}
    yield qaoa_angles.value_and_gradient, {"energy": REWARD, **LAYERS}
    yield star.pauli_tensor, tensors(unitary=beams(2, 4, 4))
    yield star.pauli_coefficients, tensors(observable=beams(2, 4, 4))
    yield star_chain.bloch, tensors(angles=real(2, 2, 3))
    outer = tensors(centre=real(2, 3, 4), neighbour=real(2, 3, 5, 4), edge=real(2, 3, 5, 4))
    yield star.star_bloch, tensors(message=real(2, 4, 4, 4), update=real(2, 4, 4, 4)) | outer
    yield star_chain.chain, tensors(joint=real(2, 12, 16)) | outer


def test_numbers_of_any_type_give_what_doubles_give(case, agrees_for_any_type):
    agrees_for_any_type(case)


def test_other_extents_and_meaningless_numbers_are_computed_with_or_refused_in_a_sentence(case, computes_or_refuses):
    computes_or_refuses(case)

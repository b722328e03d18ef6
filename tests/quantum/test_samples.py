"""What goes into a circuit, for every engine and device: any number type, any extent, any size; or one sentence."""

import numpy as np
import pytest
import torch

from qfl.errors import InputError, UserError
from qfl.quantum import devices, exact, star_circuit
from qfl.quantum.ansatze import classifier
from qfl.quantum.circuit import Circuit
from qfl.quantum.convolution import Convolution
from qfl.quantum.samples import real_tensor, unit_samples

STATE = classifier("amplitude", "strongly_entangling", 2, 1, 4, 2)
TURNS = classifier("angle", "strongly_entangling", 2, 1, 2, 2)
STAR = star_circuit.star_circuit(1, Convolution("conditional", "gated"))
BASE = torch.tensor([[1.0, 2.0, 3.0, 4.0], [1.0, 0.0, 0.0, 0.0], [0.5, 0.5, -0.5, 0.5]])


def angles_of(circuit, dtype=torch.float32):
    return torch.linspace(-1, 2, circuit.num_angles, dtype=dtype)


def lightning(*arguments):
    return devices.expectations(*arguments, device="lightning.qubit")


def mixed(*arguments):
    return devices.expectations(*arguments, device="default.mixed")


ENGINES = [exact.expectations, devices.expectations]
CASES = [(engine, circuit) for engine in ENGINES for circuit in (STATE, TURNS)] + [(star_circuit.expectations, STAR)]


@pytest.mark.parametrize("engine", [exact.expectations, devices.expectations, lightning, mixed])
@pytest.mark.parametrize("size", [1e30, 8e37, 1e-30, 1e-40, 2e-44])
def test_amplitudes_of_any_size_are_the_same_state(engine, size):
    """In single precision 1e30 squared is infinite and 1e-30 squared is zero; 2e-44 is the type's fourteenth number."""
    samples = BASE if size > 1e-40 else BASE.sign()
    expected = exact.expectations(STATE, angles_of(STATE).double(), samples.double())
    torch.testing.assert_close(engine(STATE, angles_of(STATE), samples * size).double(), expected, atol=1e-6, rtol=0)


def test_double_precision_has_its_own_range():
    expected = exact.expectations(STATE, angles_of(STATE).double(), BASE.double())
    for size in (1e300, 1e-300):
        found = exact.expectations(STATE, angles_of(STATE).double(), BASE.double() * size)
        torch.testing.assert_close(found, expected, atol=1e-12, rtol=0)


def test_a_sample_out_of_range_leaves_the_others_bits_alone_and_has_a_gradient():
    samples = torch.cat((BASE, 1e30 * BASE[:1])).requires_grad_()
    ours = unit_samples(samples)
    assert torch.equal(ours[:3], BASE / torch.linalg.vector_norm(BASE, dim=1, keepdim=True))
    (gradient,) = torch.autograd.grad(ours[:, 1].sum(), samples)
    torch.testing.assert_close(gradient[3] * 1e30, gradient[0])


def test_devices_get_states_of_norm_one_in_double_precision():
    """Aer refuses others: "Sum of amplitudes-squared is not 1"."""
    import pennylane as qp

    from qfl.quantum.noise import NoiseModel
    from qfl.quantum.pennylane_program import queue_gates

    samples = torch.rand(50, 4, generator=torch.Generator().manual_seed(1))
    with qp.queuing.AnnotatedQueue() as queue:
        queue_gates(STATE, NoiseModel(), angles_of(STATE), samples)
    (state,) = (op.data[0] for op in queue.queue if op.name == "StatePrep")
    assert state.dtype == torch.float64
    assert (state.square().sum(-1) - 1).abs().max() < 1e-15


@pytest.mark.parametrize(("engine", "circuit"), CASES)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_feature_that_is_not_finite_is_named(engine, circuit, bad):
    samples = torch.ones(3, circuit.num_features)
    samples[1, 1] = bad
    with pytest.raises(UserError, match=f"feature 1 of sample 1 is {bad}: expected finite numbers; drop the sample"):
        engine(circuit, angles_of(circuit), samples)
    with pytest.raises(ValueError, match="feature 1 of sample 1 of client 1"):
        engine(circuit, angles_of(circuit).repeat(2, 1), torch.stack((torch.ones_like(samples), samples)))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_blank_sample_is_named(engine):
    samples = BASE.clone()
    samples[2] = 0
    with pytest.raises(UserError, match="sample 2 is all zeros, which has no amplitude encoding; drop it or shift"):
        engine(STATE, angles_of(STATE), samples)


def test_features_whose_sum_is_infinite_are_finite_and_those_whose_angle_is_infinite_are_not():
    """The circuit turns by pi times a feature."""
    assert exact.expectations(TURNS, angles_of(TURNS), torch.full((9, 2), 1e38)).isfinite().all()
    with pytest.raises(InputError, match=r"feature 0 of sample 0 is 3e\+38"):
        exact.expectations(TURNS, angles_of(TURNS), torch.full((9, 2), 3e38))


TYPES = {
    "whole": (lambda x: x.round().int(), torch.float32),
    "bytes": (lambda x: x.abs().to(torch.uint8), torch.float32),
    "bool": (lambda x: x > 0, torch.float32),
    "half": (lambda x: x.half(), torch.float32),
    "bfloat16": (lambda x: x.bfloat16(), torch.float32),
    "double": (lambda x: x.double(), torch.float64),
    "numpy": (lambda x: x.double().numpy(), torch.float64),
    "numpy whole": (lambda x: x.round().int().numpy(), torch.float32),
    "numpy half": (lambda x: x.half().numpy(), torch.float32),
    "big-endian": (lambda x: x.numpy().astype(">f4"), torch.float32),
    "backwards": (lambda x: x.flip(0).numpy()[::-1], torch.float32),
    "read-only": (lambda x: np.broadcast_to(x.numpy(), x.shape), torch.float32),
    "lists": (lambda x: x.tolist(), torch.float32),
}


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize(("engine", "circuit"), CASES)
def test_numbers_of_every_type_are_floats(engine, circuit, kind):
    made, dtype = TYPES[kind]
    samples = torch.rand(2, circuit.num_features, generator=torch.Generator().manual_seed(2)) + 1
    given = made(angles_of(circuit)), made(samples)
    plain = [torch.tensor(part if isinstance(part, list) else part.tolist(), dtype=torch.float64) for part in given]
    found, expected = engine(circuit, *given), exact.expectations(circuit, *plain)
    assert found.dtype == dtype
    torch.testing.assert_close(found.double(), expected, atol=1e-6, rtol=0)


@pytest.mark.parametrize(("engine", "circuit"), CASES)
def test_none_one_and_many_samples_and_clients(engine, circuit):
    angles, outputs = angles_of(circuit), len(circuit.observables)
    for samples in (0, 1, 3):
        inputs = torch.ones(samples, circuit.num_features)
        assert engine(circuit, angles, inputs).shape == (samples, outputs)
        for clients in (0, 1, 2):
            own = angles.repeat(clients, 1).requires_grad_()
            values = engine(circuit, own, inputs.repeat(clients, 1, 1))
            assert values.shape == (clients, samples, outputs)
            (gradient,) = torch.autograd.grad(values.sum(), own)
            assert gradient.shape == own.shape and gradient.isfinite().all()


@pytest.mark.parametrize(("engine", "circuit"), CASES)
def test_what_does_not_fit_is_refused_in_a_sentence(engine, circuit):
    angles, samples = angles_of(circuit), torch.ones(3, circuit.num_features)
    length, width = circuit.num_angles, circuit.num_features
    for given, says in (
        ((angles[1:], samples), f"the circuit has {length} angles, but {length - 1} were given"),
        ((angles, samples[:, 1:]), f"encodes {width} features, but samples have {width - 1}"),
        ((angles, samples[0]), "give angles"),
        ((angles[None], samples), "give angles"),
        ((angles.repeat(2, 1), samples.repeat(3, 1, 1)), "of one length"),
        ((angles[0], samples), "angles: expected .angle., or"),
        ((angles + 0j, samples), "angles: expected an array of real numbers, not complex64 values; take the real part"),
        ((angles, samples.numpy() + 0j), "inputs: expected an array of real numbers, not complex64 values"),
        (("angles", samples), "angles: expected an array of real numbers, not str"),
        ((angles, [[1.0], [1.0, 2.0]]), "inputs: expected an array of real numbers, not list"),
        ((angles, np.array([None])), "inputs: expected an array of real numbers, not object values"),
    ):
        with pytest.raises(InputError, match=says):
            engine(circuit, *given)


def test_a_qnode_takes_the_same():
    run = devices.qnode(STATE)
    whole = run(list(range(STATE.num_angles)), [1, 2, 3, 4])
    torch.testing.assert_close(whole, run(torch.arange(STATE.num_angles).float(), BASE[:1])[0])
    with pytest.raises(InputError, match="feature 0 of sample 0 is nan"):
        run(angles_of(STATE), [np.nan, 1, 1, 1])
    with pytest.raises(InputError, match="expected one vector"):
        run(angles_of(STATE)[None], BASE[None])


def test_a_circuit_of_no_qubits_or_observables():
    with pytest.raises(ValueError, match="0 qubits"):
        Circuit(0, (), ())
    assert exact.expectations(Circuit(1, (), ()), torch.zeros(0)).shape == (1, 0)
    assert devices.expectations(Circuit(1, (), ()), torch.zeros(0)).shape == (1, 0)


def test_single_and_double_precision_are_kept_as_they_are():
    for dtype in (torch.float32, torch.float64):
        own = torch.ones(2, dtype=dtype)
        assert real_tensor("own", own) is own

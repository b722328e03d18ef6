"""Circuits as data, with several executions: exact engines, PennyLane's devices, noise, parameter shift."""

from typing import TYPE_CHECKING

from qfl.lazy import attributes

if TYPE_CHECKING:
    from qfl.quantum.ansatze import ANSATZE as ANSATZE, classifier as classifier
    from qfl.quantum.calibration_files import absolute_files as absolute_files
    from qfl.quantum.circuit import (
        Angle as Angle,
        Circuit as Circuit,
        Feature as Feature,
        GATES as GATES,
        Gate as Gate,
        Parameter as Parameter,
        WIDE_GATES as WIDE_GATES,
        z_words as z_words,
    )
    from qfl.quantum.client_noise import (
        SERVER as SERVER,
        calibration_digest as calibration_digest,
        central_noise as central_noise,
        noise_of as noise_of,
    )
    from qfl.quantum.convolution import Convolution as Convolution
    from qfl.quantum.device_list import open_device as open_device, usable_devices as usable_devices
    from qfl.quantum.device_mitigation import mitigation_of as mitigation_of
    from qfl.quantum.devices import on_device as on_device, qnode as qnode
    from qfl.quantum.drawing import depth as depth, draw as draw
    from qfl.quantum.expressivity import lie_dimension as lie_dimension
    from qfl.quantum.gate_inputs import GateInputs as GateInputs, by_shifts as by_shifts, in_batches as in_batches
    from qfl.quantum.metric_tensor import (
        Approximation as Approximation,
        layers as layers,
        metric_blocks as metric_blocks,
    )
    from qfl.quantum.mitigation import Mitigation as Mitigation
    from qfl.quantum.noise import Noise as Noise, NoiseModel as NoiseModel
    from qfl.quantum.observables import Observable as Observable, PauliSum as PauliSum, only_z_words as only_z_words
    from qfl.quantum.one_hot import (
        expected_reward as expected_reward,
        normalised as normalised,
        one_hot_state as one_hot_state,
        one_hot_states as one_hot_states,
        sample as sample,
    )
    from qfl.quantum.own_gates import circuit_of as circuit_of
    from qfl.quantum.parameter_shift import descending_rate as descending_rate
    from qfl.quantum.pennylane_program import (
        measure_words as measure_words,
        pennylane_gate as pennylane_gate,
        queue_gates as queue_gates,
    )
    from qfl.quantum.pennylane_reading import from_pennylane as from_pennylane
    from qfl.quantum.pennylane_writing import pennylane_source as pennylane_source, to_pennylane as to_pennylane
    from qfl.quantum.program import Constant as Constant, Matmul as Matmul, compile_circuit as compile_circuit
    from qfl.quantum.qaoa_angles import (
        QaoaAngles as QaoaAngles,
        choose_angles as choose_angles,
        fixed_angles as fixed_angles,
        optimise as optimise,
        value_and_gradient as value_and_gradient,
    )
    from qfl.quantum.qasm_reading import from_qasm as from_qasm
    from qfl.quantum.qasm_writing import to_qasm as to_qasm
    from qfl.quantum.shot_count import add_shots as add_shots, counted as counted
    from qfl.quantum.star_chain import bloch as bloch, chain as chain
    from qfl.quantum.star_circuit import AXES as AXES, SQM as SQM
    from qfl.quantum.star_cut import GROUP as GROUP, joined as joined, num_groups as num_groups
    from qfl.quantum.star_phase import (
        COMMUTING as COMMUTING,
        chances_and_turns as chances_and_turns,
        commutes as commutes,
        turn as turn,
    )
    from qfl.quantum.state_preparation import prepared as prepared
    from qfl.quantum.sums import Sum as Sum, Term as Term
    from qfl.quantum.transfer import depolarising as depolarising, measured as measured, noisy_bloch as noisy_bloch
    from qfl.quantum.unitaries import check_unitary as check_unitary

__getattr__, __dir__ = attributes(__name__)

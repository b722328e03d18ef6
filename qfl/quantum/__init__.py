"""Circuits as data, with several executions: exact engines, PennyLane's devices, noise, parameter shift."""

from typing import TYPE_CHECKING

from qfl.lazy import attributes

if TYPE_CHECKING:
    from qfl.quantum.ansatze import ANSATZE as ANSATZE, classifier as classifier
    from qfl.quantum.circuit import (
        Angle as Angle,
        Circuit as Circuit,
        Feature as Feature,
        GATES as GATES,
        Gate as Gate,
        Parameter as Parameter,
        z_words as z_words,
    )
    from qfl.quantum.convolution import Convolution as Convolution
    from qfl.quantum.device_list import open_device as open_device, usable_devices as usable_devices
    from qfl.quantum.devices import on_device as on_device, qnode as qnode
    from qfl.quantum.drawing import draw as draw
    from qfl.quantum.noise import (
        NoiseModel as NoiseModel,
        client_noise as client_noise,
        expected_errors as expected_errors,
    )
    from qfl.quantum.one_hot import (
        normalised as normalised,
        one_hot_state as one_hot_state,
        one_hot_states as one_hot_states,
        sample as sample,
    )
    from qfl.quantum.pennylane_program import measure_words as measure_words, queue_gates as queue_gates
    from qfl.quantum.qaoa_angles import (
        QaoaAngles as QaoaAngles,
        choose_angles as choose_angles,
        fixed_angles as fixed_angles,
        optimise as optimise,
    )
    from qfl.quantum.star_chain import bloch as bloch, chain as chain
    from qfl.quantum.star_circuit import AXES as AXES, SQM as SQM
    from qfl.quantum.star_phase import chances_and_turns as chances_and_turns, commutes as commutes, turn as turn
    from qfl.quantum.transfer import depolarising as depolarising, measured as measured, noisy_bloch as noisy_bloch

__getattr__, __dir__ = attributes(__name__)

"""Aggregation over entangled states, simulated: sums of phases, EPR pairs to the server, and what checks find."""

from typing import TYPE_CHECKING

from qfl.lazy import attributes

if TYPE_CHECKING:
    from qfl.entanglement.ghz_sum import (
        SharedStates as SharedStates,
        standard_error as standard_error,
        sum_phases as sum_phases,
    )
    from qfl.entanglement.source_check import check_states as check_states
    from qfl.entanglement.superdense import send_angles as send_angles
    from qfl.entanglement.tamper import (
        direction_scores as direction_scores,
        distance_scores as distance_scores,
        norm_scores as norm_scores,
        state_scores as state_scores,
        swap_scores as swap_scores,
    )

__getattr__, __dir__ = attributes(__name__)

"""Who sends on which sub-channel, with what power: problems, solvers, solutions and certificates."""

from typing import TYPE_CHECKING

from qfl.lazy import attributes

if TYPE_CHECKING:
    from qfl.scheduling.access_points.exhaustive import MOST as MOST, candidates as candidates
    from qfl.scheduling.access_points.matching import matched_users as matched_users
    from qfl.scheduling.access_points.problem import AssignmentProblem as AssignmentProblem, problems as problems
    from qfl.scheduling.access_points.qubo import assignment_model as assignment_model
    from qfl.scheduling.bounds import bound as bound, round_time_bound as round_time_bound
    from qfl.scheduling.models.block import BlockModel as BlockModel
    from qfl.scheduling.models.qubo import pairwise_model as pairwise_model
    from qfl.scheduling.own import is_sampler as is_sampler, own_solver as own_solver, solver_takes as solver_takes
    from qfl.scheduling.problem import (
        Problem as Problem,
        require_devices as require_devices,
        upload_times as upload_times,
    )
    from qfl.scheduling.report import jain_index as jain_index
    from qfl.scheduling.schedule import empty_schedule as empty_schedule
    from qfl.scheduling.solution import Solution as Solution, Status as Status
    from qfl.scheduling.solvers.load_balancing import squared_loads_model as squared_loads_model
    from qfl.scheduling.solvers.matching_overflow import match_with_overflow as match_with_overflow
    from qfl.scheduling.solvers.pennylane_qaoa import ideal_mixer as ideal_mixer
    from qfl.scheduling.solvers.qaoa import SAMPLES as SAMPLES
    from qfl.scheduling.solvers.qubit_qaoa import (
        MOST_VARIABLES as MOST_VARIABLES,
        QubitQAOA as QubitQAOA,
        state_rewards as state_rewards,
    )
    from qfl.scheduling.solvers.registry import solver as solver
    from qfl.scheduling.specs import (
        ALIASES as ALIASES,
        LONG as LONG,
        SOLVERS as SOLVERS,
        names as names,
        specs_of as specs_of,
    )
    from qfl.scheduling.starts import random_channels as random_channels

__getattr__, __dir__ = attributes(__name__)

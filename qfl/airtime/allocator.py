"""From who waits, for how many bits, to one allocation: what is solved, and by which solver."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from jaxtyping import Bool, Float64, Int64
from numpy import ndarray

from qfl.airtime.coverage import coverage_weights
from qfl.airtime.invocation import Invocation, make_invocation
from qfl.airtime.radio_settings import solver_name, solver_of
from qfl.arrays import check_fields, checked
from qfl.config.radio import RadioSettings
from qfl.errors import InputError
from qfl.scheduling.problem import Problem, require_devices
from qfl.scheduling.schedule import Schedule
from qfl.scheduling.solution import Solution
from qfl.seeds import stream
from qfl.wireless.uplink import UplinkInstance


@dataclass(frozen=True)
class Allocator:
    """The rules by which a run allocates its radio.

    Args:
        settings: Objective, weights, solver and its limit.
        seed: The run's.
        samples: Training samples of each device of the cell.
        holds: Whether a device holds a label; only the weights ``coverage`` look at it.
    """

    settings: RadioSettings
    seed: int
    samples: Float64[ndarray, " device"]
    holds: Bool[ndarray, "device label"]

    def __post_init__(self):
        check_fields(self, least="samples")

    @cached_property
    def solver(self) -> str:
        """The registered name of the solver, or a user's reference."""
        return solver_name(self.settings)

    @cached_property
    def invocation(self) -> Invocation | None:
        """Who may be asked for an allocation beside the solver; None without a pool."""
        return make_invocation(self.settings, self.seed)

    @cached_property
    def _solve(self) -> Callable[..., Solution[Schedule]]:
        return solver_of(self.settings)

    @checked(positive="bits")
    def problem(
        self,
        instance: UplinkInstance,
        devices: Int64[ndarray, " device"],
        bits: Float64[ndarray, " device"],
        delivered: Int64[ndarray, " delivered"],
    ) -> Problem:
        """Return the problem of one allocation for some devices, after others have delivered.

        Args:
            instance: The gains of the devices that wait, in their order.
            devices: Their numbers in the cell.
            bits: What each has left to send, above 0.
            delivered: Numbers of those whose updates are in.

        Raises:
            InputError: If the cell has no such devices, or the instance is of others.
        """
        for some in (devices, delivered):
            require_devices(len(self.samples), some)
        if len(devices) != len(instance.gain):
            raise InputError(f"there are {len(devices)} devices with gains of {len(instance.gain)}; give one for each")
        if self.settings.objective != "weighted_sum_rate":
            return Problem(instance, self.settings.objective, payload_bits=bits)
        weights = self.samples[devices]
        if self.settings.weights == "coverage":
            strength, already = instance.gain.max(axis=1), self.holds[delivered].sum(axis=0).astype(float)
            weights = coverage_weights(weights, self.holds[devices], strength, already)
        return Problem(instance, "weighted_sum_rate", payload_bits=bits, weights=weights)

    def solve(self, problem: Problem, start: Schedule | None, *path: int) -> Solution[Schedule]:
        """Return one allocation; the path (round, number of the allocation) names the solver's draws.

        Args:
            problem: Of this allocation.
            start: Where to begin; None lets the solver choose.
            path: The round, and the number of the allocation.

        Raises:
            SolverFailure: If it is a user's and fails.
        """
        seed = int(stream(self.seed, "radio", *path).integers(2**62))
        return self._solve(problem, seed=seed, start=start, max_evaluations=self.settings.evaluations)

    def check(self, problem: Problem) -> None:
        """Let the solver take one look at a problem.

        Raises:
            ConfigError: If it does not solve such problems, or is a user's and fails, or the pool cannot be used.
        """
        if self.invocation:
            self.invocation.check(problem)
        self._solve(problem, seed=0, max_evaluations=1)

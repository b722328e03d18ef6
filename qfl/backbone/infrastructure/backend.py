"""A backend of the pool: who solves, how long that takes, what it costs, and how often it fails.

A simulated backend computes its answer here and now, with the solver that is named, and says how long a device with its
numbers would have taken: a wait in its queue, a set-up, and its shots. A backend that is not simulated is timed.
"""

from dataclasses import dataclass
from math import inf, isfinite
from typing import Any

import numpy as np

from qfl.errors import ConfigError

KINDS = ("cpu", "gpu", "qpu")


@dataclass(frozen=True)
class Backend:
    """One computing resource of a pool.

    Args:
        name: Its name.
        kind: ``"cpu"``, ``"gpu"`` or ``"qpu"``.
        solver: A key of `qfl.backbone.runtime.pipeline.solve.OF_MODELS`, or a reference to a dimod sampler.
        site: Where it stands.
        variables: Largest problem, in binary variables; 0 for no limit of its own.
        shots: Shots, reads or restarts of a job.
        simulated: Whether its times are those of the numbers below; else the clock on the wall.
        queue_s: Mean wait in its queue, exponentially distributed.
        setup_s: Seconds before the first shot.
        shot_s: Seconds of a shot.
        power_w: Watts while it computes, cooling and host included.
        calibration_s: Seconds from one calibration to the next; 0 where nothing drifts.
        drift: Share of the answers that are lost to noise at the end of that time, 0 to 1; it grows linearly.
        failure: Chance that a job fails.
        batch: Jobs of one application that may share a submission, and with it the queue and the set-up.
        qubits: Widest circuit that a quantum computer takes as such, with a federation's clients on it; 0 for none.
            One that takes circuits need not solve problems.
        depth: Deepest circuit that it takes, in layers; 0 for no limit.
        layer_s: Seconds that each layer of a circuit adds to a shot.

    Raises:
        ConfigError: With a sentence for every number out of its range.

    Example:
        >>> Backend("host", "cpu", "annealing").seconds(0.0)
        0.0
    """

    name: str
    kind: str
    solver: str
    site: str = "here"
    variables: int = 0
    shots: int = 32
    simulated: bool = False
    queue_s: float = 0.0
    setup_s: float = 0.0
    shot_s: float = 0.0
    power_w: float = 0.0
    calibration_s: float = 0.0
    drift: float = 0.0
    failure: float = 0.0
    batch: int = 1
    qubits: int = 0
    depth: int = 0
    layer_s: float = 0.0

    def __post_init__(self):
        if faults := self._faults():
            raise ConfigError([f"backend {self.name!r}: {fault}" for fault in faults])

    @property
    def quantum(self) -> bool:
        """Whether it is a quantum computer, simulated or not."""
        return self.kind == "qpu"

    def takes(self, variables: int) -> bool:
        """Return whether a problem of so many binary variables fits."""
        return variables <= (self.variables or inf)

    def seconds(self, queue_s: float) -> float:
        """Return how long a job takes on a simulated backend, from its wait in the queue."""
        return queue_s + self.setup_s + self.shots * self.shot_s

    def energy_j(self, busy_s: float) -> float:
        """Return the joules of a job that keeps it busy for some seconds."""
        return self.power_w * busy_s

    def calibration_age_s(self, now_s: float) -> float:
        """Return the seconds since it was last calibrated; 0 where nothing drifts."""
        return now_s % self.calibration_s if self.calibration_s else 0.0

    def lost(self, now_s: float) -> float:
        """Return the share of its answers that noise replaces at some time."""
        return self.drift * self.calibration_age_s(now_s) / self.calibration_s if self.calibration_s else 0.0

    def wait_s(self, generator: np.random.Generator) -> float:
        """Return a wait in its queue, drawn."""
        return float(generator.exponential(self.queue_s)) if self.simulated and self.queue_s else 0.0

    def _may_run(self) -> bool:
        return self.quantum or not self.qubits

    def _faults(self) -> list[str]:
        checks: tuple[tuple[str, Any, str, bool], ...] = (
            ("name", self.name, "give one", bool(self.name.strip())),
            ("kind", self.kind, f"give one of {', '.join(KINDS)}", self.kind in KINDS),
            ("solver", self.solver, "name one", bool(self.solver.strip() or self.qubits)),
            ("qubits", self.qubits, "give 0 or more, and that to a qpu", self.qubits >= 0 and self._may_run()),
            ("depth", self.depth, "give 0 or more", self.depth >= 0),
            ("variables", self.variables, "give 0 or more", self.variables >= 0),
            ("shots", self.shots, "give 1 or more", self.shots >= 1),
            ("batch", self.batch, "give 1 or more", self.batch >= 1),
            *(
                (name, value, "give a finite number of 0 or more", isfinite(value) and value >= 0)
                for name, value in (
                    ("queue_s", self.queue_s),
                    ("setup_s", self.setup_s),
                    ("shot_s", self.shot_s),
                    ("layer_s", self.layer_s),
                    ("power_w", self.power_w),
                    ("calibration_s", self.calibration_s),
                )
            ),
            ("drift", self.drift, "give a share, 0 to 1", 0 <= self.drift <= 1),
            ("failure", self.failure, "give a chance below 1", 0 <= self.failure < 1),
        )
        return [f"{name} is {value!r}; {wanted}" for name, value, wanted, holds in checks if not holds]

"""The policy: the classical fallback always runs; a quantum backend is asked beside it where that is likely to pay.

A quantum answer is used only if it is in time and verified to be better, so a decision costs energy and queue but never
quality. For each quantum backend two things are learned online: its latency, and its *paired advantage*, the quality of
its verified answer less that of the classical one on the same problem. Its utility is

    probability to be in time x what the advantage is, less what is not known of it  -  price of its energy

and the largest is asked if it is above 0. Where the classical answer itself may come too late, which is learned as
well, an answer in time is worth more than its quality: the price of a miss is added by the probability of one. The
first jobs are a calibration suite, in which every backend that is available is asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import log

from qfl.backbone.orchestration.policy.features import (
    FEATURES,
    Context,
    HardwareState,
    ProblemFeatures,
    as_row,
    vector,
)
from qfl.backbone.orchestration.policy.regression import Regression
from qfl.errors import ConfigError

CLASSICAL = "classical"
LEAST_CASES = 20  # of the classical backend's latency, before its misses are foretold


@dataclass(frozen=True)
class Estimate:
    """What is expected of a quantum backend for a job.

    Args:
        in_time: Probability of an answer before the deadline.
        advantage: Expected quality over the classical answer's.
        doubt: Standard deviation of that expectation.
        utility: What asking is worth; above 0 it pays.
        reason: Why it is not asked, or empty.
    """

    in_time: float
    advantage: float
    doubt: float
    utility: float
    reason: str = ""


@dataclass(frozen=True)
class Decision:
    """Whom to ask beside the classical fallback.

    Args:
        asked: Names of quantum backends; none, one, or all that are available in the calibration suite.
        reason: Why, in a sentence.
        estimates: Of every quantum backend.
        row: All of it as plain values, with what was looked at, for the log.
    """

    asked: tuple[str, ...]
    reason: str
    estimates: Mapping[str, Estimate]
    row: Mapping[str, object]


@dataclass
class InvocationPolicy:
    """Learns when a quantum computer is worth asking.

    Args:
        backends: Names of the quantum ones.
        suite: Jobs of the calibration suite.
        energy_price: What a joule costs, in units of quality.
        miss_price: What any answer in time is worth over none, in the same units.
        discount: What a case counts after the next one; below 1 drift is followed.
    """

    backends: Sequence[str]
    suite: int = 60
    energy_price: float = 0.0
    miss_price: float = 1.0
    discount: float = 0.998
    seen: int = field(default=0, init=False)
    latency: dict[str, Regression] = field(init=False)
    advantage: dict[str, Regression] = field(init=False)
    classical_latency: Regression = field(init=False)

    def __post_init__(self):
        if CLASSICAL in self.backends or len(set(self.backends)) != len(self.backends):
            raise ConfigError(f"backends are {list(self.backends)}; give different names, none of them {CLASSICAL!r}")
        self.latency = {name: Regression(FEATURES, 2.0, self.discount) for name in self.backends}
        self.advantage = {name: Regression(FEATURES, 0.5, self.discount) for name in self.backends}
        self.classical_latency = Regression(FEATURES, 2.0, self.discount)

    def decide(self, problem: ProblemFeatures, context: Context, states: Mapping[str, HardwareState]) -> Decision:
        """Return whom to ask.

        Args:
            problem: The reduced problem.
            context: Deadline, budget, reliability.
            states: Of every quantum backend; one that is left out is not available.
        """
        hardware = {name: states.get(name, HardwareState(available=False)) for name in self.backends}
        late = self._classical_late(problem, context)
        estimates = {name: self._estimate(name, problem, context, state, late) for name, state in hardware.items()}
        able = {name: e for name, e in estimates.items() if not e.reason}
        if self.seen < self.suite:
            asked, reason = (
                tuple(able),
                f"calibration suite, job {self.seen + 1} of {self.suite}: all that can are asked",
            )
        else:
            asked, reason = self._best(able, estimates, late)
        row = {
            **as_row(problem, context, hardware),
            "classical_late": late,
            "estimates": {name: dict(vars(e)) for name, e in estimates.items()},
            "asked": list(asked),
            "reason": reason,
        }
        return Decision(asked, reason, estimates, row)

    def learn(
        self,
        problem: ProblemFeatures,
        states: Mapping[str, HardwareState],
        seconds: Mapping[str, float],
        advantage: Mapping[str, float],
    ) -> None:
        """Take in what came of a decision; every decision must be followed by one call.

        Args:
            problem: As it was decided on.
            states: As they were.
            seconds: Latency of each backend that was asked; ``"classical"`` is the fallback's.
            advantage: Verified quality over the classical one, of each whose answer came, in time or not.
        """
        self.seen += 1
        if CLASSICAL in seconds:
            self.classical_latency.learn(vector(problem, HardwareState()), log(seconds[CLASSICAL]))
        for name in seconds.keys() - {CLASSICAL}:
            self.latency[name].learn(vector(problem, states[name]), log(seconds[name]))
        for name, gain in advantage.items():
            self.advantage[name].learn(vector(problem, states[name]), gain)

    def recalibrated(self, name: str) -> None:
        """Say that a backend was calibrated anew: half of what is known of its answers goes."""
        self.advantage[name].forget(0.5)

    def _classical_late(self, problem: ProblemFeatures, context: Context) -> float:
        """Return the probability that the classical answer comes too late; 0 while little is known of it."""
        if len(self.classical_latency.residuals) < LEAST_CASES:
            return 0.0
        return 1 - self.classical_latency.below(vector(problem, HardwareState()), log(context.deadline_s))

    def _estimate(
        self, name: str, problem: ProblemFeatures, context: Context, state: HardwareState, late: float
    ) -> Estimate:
        x = vector(problem, state)
        in_time = self.latency[name].below(x, log(context.deadline_s))
        advantage, doubt = self.advantage[name].mean(x), self.advantage[name].doubt(x)
        worth = max(0.0, advantage - doubt) + self.miss_price * late
        utility = in_time * worth - self.energy_price * state.energy_j
        reason = ""
        if not state.available:
            reason = "not available"
        elif state.energy_j > context.energy_j:
            reason = f"{state.energy_j:g} J, the budget is {context.energy_j:g} J"
        elif self.seen >= self.suite and in_time < context.reliability:
            reason = f"in time with probability {in_time:.2f}, wanted {context.reliability:.2f}"
        return Estimate(in_time, advantage, doubt, utility, reason)

    def _best(
        self, able: Mapping[str, Estimate], estimates: Mapping[str, Estimate], late: float
    ) -> tuple[tuple[str, ...], str]:
        if not able:
            why = "; ".join(f"{name}: {e.reason}" for name, e in estimates.items())
            return (), f"classical alone: no quantum backend can be asked ({why or 'there is none'})"
        name = max(able, key=lambda name: able[name].utility)
        best = able[name]
        words = (
            f"{name} is {best.advantage:+.3f} ± {best.doubt:.3f} better, in time with probability {best.in_time:.2f}"
        )
        if best.utility > 0:
            return (name,), f"beside the classical one{_may_be_late(late)}: {words}"
        return (), f"classical alone: {words}, not worth asking"


def _may_be_late(late: float) -> str:
    return f", which is late with probability {late:.2f}" if late >= 0.005 else ""

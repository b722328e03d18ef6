"""The strategy of a run at work: one object through all rounds, its step by round, its state, and its faults."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

import numpy as np
from flwr.app import ArrayRecord, ConfigRecord, Message
from flwr.serverapp import Grid
from flwr.serverapp.exception import AggregationError
from flwr.serverapp.strategy import Strategy
from numpy.typing import NDArray

from qfl.config import Settings
from qfl.errors import RoundFailed
from qfl.federation.records.messages import ANGLES, to_record
from qfl.federation.strategy.global_draws import draws_of
from qfl.federation.strategy.state import Memory, Snapshot, changed_since, restore_state, snapshot
from qfl.federation.strategy.step import has_step, own_step, set_round


@dataclass(frozen=True)
class Player:
    """A strategy that remembers by itself, and how it was when it was made.

    Args:
        strategy: The strategy.
        settings: The run's: its seed, the schedule of the step size, and whether updates are capped.
        made: As it was made.
        step: Its step size as made; None where it has none.
    """

    strategy: Strategy
    settings: Settings
    made: Snapshot
    step: float | None

    @classmethod
    def of(cls, strategy: Strategy, settings: Settings) -> "Player":
        """Return the player of a new strategy of a run.

        Raises:
            ConfigError: If the strategy holds what no checkpoint can.
        """
        return cls(strategy, settings, snapshot(strategy), own_step(strategy))

    def begin(self, memory: Memory) -> None:
        """Put the strategy into the state of a checkpoint, or of the round before.

        Raises:
            RunFolderError: If the state does not fit the strategy.
        """
        restore_state(self.strategy, self.made, memory)

    def memory(self) -> Memory:
        """Return the strategy's state.

        Raises:
            ConfigError: If the strategy has come to hold what no checkpoint can.
        """
        return changed_since(self.made, self.strategy)

    @property
    def diagnostics(self) -> Mapping[str, float]:
        """What the strategy reports of the last round."""
        return getattr(self.strategy, "diagnostics", {})

    @property
    def left_out(self) -> list[int] | None:
        """The nodes whose updates the strategy left out of the last round; None where it does not say."""
        return getattr(self.strategy, "left_out", None)

    def configure(self, number: int, angles: NDArray, config: ConfigRecord, grid: Grid) -> list[Message]:
        """Return the messages of a round, after giving the strategy its step size.

        Args:
            number: The round.
            angles: What is broadcast.
            config: What clients are told beside it.
            grid: Shows the nodes to ask.
        """
        set_round(self.strategy, self.settings, number, self.step)
        with draws_of(self.settings.seed, "strategy", "configure", number):
            return list(self.strategy.configure_train(number, to_record(angles), config, grid))

    def combine(self, number: int, replies: list[Message], before: NDArray) -> NDArray:
        """Return the new angles.

        Args:
            number: The round.
            replies: One per asked client.
            before: The angles that were broadcast.

        Raises:
            RoundFailed: If the strategy makes none of the replies, or none that are finite.
        """
        name, valid = type(self.strategy).__name__, sum(not reply.has_error() for reply in replies)
        try:
            with draws_of(self.settings.seed, "strategy", "aggregate", number):
                arrays, _ = self.strategy.aggregate_train(number, replies)
        except Exception as error:  # a strategy may be anybody's
            what = str(error) if isinstance(error, AggregationError) else f"{type(error).__name__}: {error}"
            raise RoundFailed(f"{name} could not combine {valid} valid replies: {what}") from error
        if not isinstance(arrays, ArrayRecord):
            raise RoundFailed(f"{name} made no update out of {valid} valid replies; it needs more")
        with np.errstate(over="ignore"):
            angles = arrays[ANGLES].numpy().astype(before.dtype)
        if wrong := int((~np.isfinite(angles)).sum()):
            raise RoundFailed(
                f"{name} made angles that are not finite out of {valid} valid replies "
                f"({wrong} of {len(angles)}); {self._remedy()}"
            )
        return angles

    def _remedy(self) -> str:
        """Return what to do about angles that are not finite, though every reply was."""
        if self.settings.round.max_norm == inf:
            return "updates of any length were let through; set round.max-norm = -1"
        settings = ["lower strategy.learning-rate"] if has_step(self.strategy) else []
        settings += ["raise strategy.tau"] if hasattr(self.strategy, "tau") else []
        what = " or ".join(settings) or "use another strategy.name"
        return f"every reply was finite and within the cap, so the strategy itself leaves the range; {what}"

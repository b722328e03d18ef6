"""The strategy of a run at work: one object through all rounds, its step by round, its state, and its faults."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from flwr.app import ArrayRecord, Message
from flwr.serverapp.exception import AggregationError
from flwr.serverapp.strategy import Strategy
from numpy.typing import NDArray

from qfl.config import Settings
from qfl.errors import RoundFailed
from qfl.federation.records.messages import ANGLES
from qfl.federation.strategy.state import Memory, Snapshot, changed_since, restore_state, snapshot
from qfl.federation.strategy.step import has_step, own_step, set_round


@dataclass(frozen=True)
class Player:
    """A strategy that remembers by itself, and how it was when it was made.

    Args:
        strategy: The strategy.
        made: As it was made.
        step: Its step size as made; None where it has none.
    """

    strategy: Strategy
    made: Snapshot
    step: float | None

    @classmethod
    def of(cls, strategy: Strategy) -> "Player":
        """Return the player of a new strategy.

        Raises:
            ConfigError: If the strategy holds what no checkpoint can.
        """
        return cls(strategy, snapshot(strategy), own_step(strategy))

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

    def set_round(self, settings: Settings, number: int) -> None:
        """Give the strategy its step size of a round."""
        set_round(self.strategy, settings, number, self.step)

    def combine(self, number: int, replies: list[Message], before: NDArray, capped: bool) -> NDArray:
        """Return the new angles.

        Args:
            number: The round.
            replies: One per asked client.
            before: The angles that were broadcast.
            capped: Whether the length of an update is capped.

        Raises:
            RoundFailed: If the strategy makes none of the replies, or none that are finite.
        """
        name, valid = type(self.strategy).__name__, sum(not reply.has_error() for reply in replies)
        try:
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
                f"({wrong} of {len(angles)}); {self._remedy(capped)}"
            )
        return angles

    def _remedy(self, capped: bool) -> str:
        """Return what to do about angles that are not finite, though every reply was."""
        if not capped:
            return "updates of any length were let through; set round.max-norm = -1"
        settings = ["lower strategy.learning-rate"] if has_step(self.strategy) else []
        settings += ["raise strategy.tau"] if hasattr(self.strategy, "tau") else []
        what = " or ".join(settings) or "use another strategy.name"
        return f"every reply was finite and within the cap, so the strategy itself leaves the range; {what}"

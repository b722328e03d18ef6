"""What a protocol by which the server sees a sum alone gives to the grid: masked sums, and encrypted ones."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from qfl.federation.grids.base import ReplyGrid
from qfl.federation.grids.signature import ServerIdentity
from qfl.federation.masking.steps import Steps
from qfl.federation.masking.words import Words
from qfl.federation.records.reply import Asked, Exchange

Keep = Callable[[NDArray[np.uint64], Exchange], None]


@runtime_checkable
class SumSession(Protocol):
    """One round in progress."""

    @property
    def steps(self) -> Steps:
        """What is known of its clients."""
        ...

    def play(self, asked: Sequence[Asked], keep: Keep) -> tuple[NDArray[np.uint64], Exchange]:
        """Return the sum of the updates' words, and the exchange that carried them.

        Args:
            asked: The broadcast, for each client.
            keep: Is given the sum as soon as it is known.

        Raises:
            RoundFailed: If there is none.
        """
        ...

    def report(self) -> dict[str, Any]:
        """Return what the round's row says of it."""
        ...


@runtime_checkable
class Sums(Protocol):
    """What all rounds of a run have in common."""

    @property
    def mode(self) -> str:
        """The form that updates claim to have (`qfl.security.claims.MODES`)."""
        ...

    @property
    def longest_statement(self) -> int:
        """Bytes of the longest statement of a client."""
        ...

    @property
    def upload_form(self) -> NDArray[Any]:
        """An array as an update has it."""
        ...

    def session(
        self, identity: ServerIdentity, number: int, asked: Sequence[Asked], control: ReplyGrid, upload: ReplyGrid
    ) -> SumSession:
        """Return a round at its beginning.

        Args:
            identity: The server's.
            number: The round.
            asked: The broadcast, for each client.
            control: Carries the steps' messages.
            upload: Carries the broadcast and the updates.
        """
        ...

    def words_of(self, report: Mapping[str, Any]) -> Words:
        """Return how the updates of a round became words.

        Args:
            report: Of its session.
        """
        ...

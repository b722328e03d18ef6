"""The grids of a round, one on another."""

from dataclasses import dataclass, field

from flwr.serverapp import Grid
from numpy.typing import NDArray

from qfl.airtime.radio import Radio
from qfl.federation.grids.absence import AbsenceGrid
from qfl.federation.grids.admission import AdmissionGrid, Form
from qfl.federation.grids.base import ReplyGrid
from qfl.federation.grids.caps import Caps
from qfl.federation.grids.deadline import DeadlineGrid
from qfl.federation.grids.encryption import OpeningGrid
from qfl.federation.grids.radio import AirState, RadioGrid
from qfl.federation.grids.signature import ServerIdentity, VerifyingGrid
from qfl.metric import Metric
from qfl.specs import TASKS


@dataclass(frozen=True)
class Transport:
    """What carries a run's messages to the clients, and what must be true of the replies on their way back.

    Args:
        base: Carries Flower's messages.
        deadline_s: Seconds on the wall clock that replies are waited for.
        caps: How far one client may move the mean.
        metric: What the task is measured by.
        radio: What carries the updates; None = nothing but the wall clock.
    """

    base: Grid
    deadline_s: float
    caps: Caps = field(default_factory=Caps)
    metric: Metric = TASKS["classify"].metric
    radio: Radio | None = None

    def grid(
        self, identity: ServerIdentity, number: int, broadcast: NDArray, before: AirState | None = None
    ) -> ReplyGrid:
        """Return the grids of a round.

        Args:
            identity: The server's, with the roster as it is now.
            number: The round.
            broadcast: The angles that are sent, float32 or float64.
            before: What the radio carries on from the round before.
        """
        grid: ReplyGrid = DeadlineGrid(self.base, self.deadline_s)
        if self.radio:
            grid = RadioGrid(grid, self.radio, number, before or AirState())
        if identity.seal:
            grid = OpeningGrid(grid, identity.seal, identity.run_id, number, broadcast.nbytes, identity.quantum_keys)
        grid = VerifyingGrid(grid, identity, number, broadcast)
        grid = AdmissionGrid(grid, Form(broadcast, self.caps, self.metric))
        return AbsenceGrid(grid, identity.roster, number)

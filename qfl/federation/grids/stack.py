"""The grids of a round, one on another."""

from collections.abc import Callable
from dataclasses import dataclass, field

from flwr.serverapp import Grid
from numpy.typing import NDArray

from qfl.airtime.radio import Radio
from qfl.federation.grids.absence import AbsenceGrid
from qfl.federation.grids.admission import AdmissionGrid, Form
from qfl.federation.grids.base import ReplyGrid
from qfl.federation.grids.caps import Caps
from qfl.federation.grids.deadline import DeadlineGrid
from qfl.federation.grids.encryption import OpeningGrid, QuantumKeys
from qfl.federation.grids.pool import PoolGrid
from qfl.federation.grids.radio import AirState, RadioGrid
from qfl.federation.grids.signature import ServerIdentity, VerifyingGrid
from qfl.federation.masking.grid import SumGrid, SumRules
from qfl.federation.privacy.grid import NoisyMeanGrid
from qfl.federation.privacy.plan import CENTRAL, LOCAL, Plan
from qfl.federation.privacy.release import DP
from qfl.metric import Metric
from qfl.specs import TASKS
from qfl.tasks.pool import PoolPlan


@dataclass(frozen=True)
class Transport:
    """What carries a run's messages to the clients, and what must be true of the replies on their way back.

    Args:
        base: Carries Flower's messages.
        deadline_s: Seconds on the wall clock that replies are waited for.
        caps: How far one client may move the mean.
        metric: What the task is measured by.
        radio: What carries the updates; None = nothing but the wall clock.
        summed: How the server comes by their sum alone; None where updates are plain.
        pool: On which clients run their circuits; None = each on its own device.
        privacy: What noise is added; None = none.
    """

    base: Grid
    deadline_s: float
    caps: Caps = field(default_factory=Caps)
    metric: Metric = TASKS["classify"].metric
    radio: Radio | None = None
    summed: SumRules | None = None
    pool: PoolPlan | None = None
    privacy: Plan | None = None

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
        air = self._air(number, before)
        if self.summed:
            return self._summed(self.summed, identity, number, broadcast, air)
        waiting = DeadlineGrid(self.base, self.deadline_s)
        grid = air(PoolGrid(waiting, self.pool, number) if self.pool else waiting)
        grid = _opened(grid, identity, number, broadcast.nbytes, identity.quantum_keys)
        adds = self.privacy.own.mechanism if self.privacy else ""
        grid = VerifyingGrid(grid, identity, number, broadcast, mode=DP if adds == LOCAL else "plain")
        grid = AdmissionGrid(grid, Form(broadcast, self.caps, self.metric, alone=adds == LOCAL))
        grid = AbsenceGrid(grid, identity.roster, number)
        return NoisyMeanGrid(grid, self.privacy, number, broadcast) if self.privacy and adds == CENTRAL else grid

    def statements(self, identity: ServerIdentity, number: int, most_bytes: int) -> ReplyGrid:
        """Return the grids that carry signed statements beside the angles, on no radio.

        Args:
            identity: The server's, with the roster as it is now.
            number: The round.
            most_bytes: Of a statement, and of what comes with it.
        """
        opened = _opened(DeadlineGrid(self.base, self.deadline_s), identity, number, most_bytes)
        return AbsenceGrid(opened, identity.roster, number)

    def _air(self, number: int, before: AirState | None) -> Callable[[ReplyGrid], ReplyGrid]:
        """Return what puts the radio over a grid."""
        radio = self.radio
        return lambda grid: RadioGrid(grid, radio, number, before or AirState()) if radio else grid

    def _summed(
        self,
        rules: SumRules,
        identity: ServerIdentity,
        number: int,
        broadcast: NDArray,
        air: Callable[[ReplyGrid], ReplyGrid],
    ) -> ReplyGrid:
        """Return the grid of a sum: no single update reaches it that could be read, so none is admitted by its form."""
        form, base = rules.sums.upload_form, DeadlineGrid(self.base, self.deadline_s)
        opened = _opened(air(base), identity, number, form.nbytes, identity.quantum_keys)
        upload = VerifyingGrid(opened, identity, number, broadcast, form, rules.sums.mode)
        upload = AbsenceGrid(upload, identity.roster, number)
        control = self.statements(identity, number, rules.sums.longest_statement)
        return SumGrid(control, upload, air, rules, identity, number, broadcast)


def _opened(
    grid: ReplyGrid, identity: ServerIdentity, number: int, most_bytes: int, quantum_keys: QuantumKeys | None = None
) -> ReplyGrid:
    if not identity.seal:
        return grid
    return OpeningGrid(grid, identity.seal, identity.run_id, number, most_bytes, quantum_keys)

"""The grids of a round, one on another."""

from flwr.serverapp import Grid

from qfl.airtime.radio import Radio
from qfl.federation.grids.absence import AbsenceGrid
from qfl.federation.grids.admission import AdmissionGrid, Form
from qfl.federation.grids.base import ReplyGrid
from qfl.federation.grids.deadline import DeadlineGrid
from qfl.federation.grids.encryption import OpeningGrid
from qfl.federation.grids.radio import RadioGrid
from qfl.federation.grids.signature import ServerIdentity, VerifyingGrid
from qfl.scheduling.problem import Schedule


def stacked(
    base: Grid,
    identity: ServerIdentity,
    number: int,
    form: Form,
    deadline_s: float,
    radio: Radio | None = None,
    before: Schedule | None = None,
) -> ReplyGrid:
    """Return what carries a round's messages to the clients and their replies back.

    Args:
        base: Carries Flower's messages.
        identity: The server's.
        number: The round.
        form: What is broadcast, and what is admissible in return.
        deadline_s: Seconds on the wall clock that replies are waited for.
        radio: What carries the updates, if anything but the wall clock.
        before: The radio's allocation in the round before.
    """
    grid: ReplyGrid = DeadlineGrid(base, deadline_s)
    if radio:
        grid = RadioGrid(grid, radio, number, before)
    if identity.seal:
        grid = OpeningGrid(grid, identity.seal, identity.run_id, number, form.broadcast.nbytes)
    grid = VerifyingGrid(grid, identity, number, form.broadcast)
    return AbsenceGrid(AdmissionGrid(grid, form), identity.roster, number)

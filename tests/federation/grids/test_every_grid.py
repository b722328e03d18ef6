"""Every grid of replies passes the kit; a new grid is a new row of `GRIDS`.

Also covers qfl/federation/grids/base.py, qfl/federation/grids/stack.py.
"""

import numpy as np
import pytest
from flwr.app import Context, Message
from flwr.clientapp import ClientApp

from qfl.airtime.radio import Radio
from qfl.config.radio import RadioSettings
from qfl.federation.adapter import PARTITION_ID_KEY
from qfl.federation.grids.absence import AbsenceGrid
from qfl.federation.grids.admission import AdmissionGrid, Form
from qfl.federation.grids.caps import Caps
from qfl.federation.grids.concurrent_pull import SeparateGrid
from qfl.federation.grids.deadline import DeadlineGrid
from qfl.federation.grids.encryption import OpeningGrid
from qfl.federation.grids.in_process import InProcessGrid
from qfl.federation.grids.radio import RadioGrid
from qfl.federation.grids.signature import ServerIdentity, VerifyingGrid
from qfl.federation.grids.stack import Transport
from qfl.federation.records.messages import reply_content
from qfl.security.profiles import ML_DSA_44
from qfl.security.roster import Roster, RosterRow
from qfl.security.sealing import HYBRID, new_seal_key
from qfl.security.signing import generate
from qfl.security.updates import ReplayGuard
from qfl.testing.kits import run
from qfl.testing.kits.grid import CLIENTS, METRICS, checks

ANGLES, KEY = np.zeros(4), new_seal_key(HYBRID)
SERVER = generate(ML_DSA_44)
ROSTER = Roster(1, 2**40, SERVER.key, tuple(RosterRow(k, generate(ML_DSA_44).key, 9) for k in range(CLIENTS - 1)))
IDENTITY = ServerIdentity(SERVER, ROSTER, bytes(16), bytes(32), "source", ReplayGuard(), KEY)
FORM = Form(ANGLES, Caps(norm=0.09))  # the update of client 4 is longer


def clients():
    """Return five clients in this process, of whom client 1 raises an error."""
    app = ClientApp()

    @app.train()
    def train(message: Message, context: Context) -> Message:
        client = int(context.node_config[PARTITION_ID_KEY])
        if client == 1:
            raise RuntimeError("out of memory")
        return Message(reply_content(ANGLES + client / 100, METRICS, b"", "source"), reply_to=message)

    return InProcessGrid(app, {}, CLIENTS)


def on_air(base):
    settings = RadioSettings(on=True, num_channels=2, deadline_s=0.002)
    return RadioGrid(base, Radio(settings, 1, np.ones(CLIENTS), [()] * CLIENTS, np.ones(CLIENTS), CLIENTS), 1)


GRIDS = {
    "deadline": (lambda base: DeadlineGrid(clients(), 5.0), {"lowest": True}),
    "deadline over threads": (lambda base: DeadlineGrid(SeparateGrid(clients()), 5.0), {"lowest": True}),
    "no time at all": (lambda base: DeadlineGrid(clients(), 0.0), {"lowest": True}),
    "radio": (on_air, {"radio": True}),
    "encryption": (lambda base: OpeningGrid(base, KEY, bytes(16), 1, ANGLES.nbytes), {}),
    "signature": (lambda base: VerifyingGrid(base, IDENTITY, 1, ANGLES), {}),
    "admission": (lambda base: AdmissionGrid(base, FORM), {}),
    "absence": (lambda base: AbsenceGrid(base, ROSTER, 1), {"leaves_out": (4,)}),
    "all of them": (lambda base: Transport(clients(), 5.0).grid(IDENTITY, 1, ANGLES), {"lowest": True}),
}


@pytest.mark.parametrize("name", GRIDS)
def test_every_grid_conforms(name):
    make, facts = GRIDS[name]
    assert run(checks(make, ANGLES, **facts)) == []

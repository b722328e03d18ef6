"""Every grid of replies passes the kit; a new grid is a new row of `GRIDS`.

Also covers qfl/federation/grids/base.py, qfl/federation/grids/stack.py.
"""

import numpy as np
import pytest
from flwr.app import Context, Message
from flwr.clientapp import ClientApp

from qfl.airtime.radio import Radio
from qfl.backbone.infrastructure.backend import Backend
from qfl.backbone.infrastructure.pool import Pool
from qfl.backbone.runtime.cutting.fitted import fit
from qfl.config import Settings
from qfl.config.radio import RadioSettings
from qfl.federation.adapter import PARTITION_ID_KEY
from qfl.federation.grids.absence import AbsenceGrid
from qfl.federation.grids.admission import AdmissionGrid, Form
from qfl.federation.grids.caps import Caps
from qfl.federation.grids.concurrent_pull import SeparateGrid
from qfl.federation.grids.deadline import DeadlineGrid
from qfl.federation.grids.encryption import OpeningGrid
from qfl.federation.grids.in_process import InProcessGrid
from qfl.federation.grids.pool import PoolGrid
from qfl.federation.grids.radio import RadioGrid
from qfl.federation.grids.signature import ServerIdentity, VerifyingGrid
from qfl.federation.grids.stack import Transport
from qfl.federation.records.messages import reply_content
from qfl.quantum.ansatze import classifier
from qfl.security.profiles import ML_DSA_44
from qfl.security.roster import Roster, RosterRow
from qfl.security.sealing import HYBRID, new_seal_key
from qfl.security.signing import generate
from qfl.security.updates import ReplayGuard
from qfl.tasks.pool import PoolPlan
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


def on_pool(base):
    qpu = Backend("a", "qpu", "", simulated=True, qubits=2, shot_s=1e-3)
    pool = Pool((Backend("host", "cpu", "annealing"), qpu))
    settings = Settings.from_flat({"engine": "pool", "device.pool": "pool.toml", "device.scheduler": "greedy"})
    circuit = classifier("angle", "real_brick", 2, 1, 2, 2)
    return PoolGrid(base, PoolPlan(settings, pool, fit(circuit, 2), [2] * CLIENTS, 1), 1)


GRIDS = {
    "deadline": (lambda base: DeadlineGrid(clients(), 5.0), {"lowest": True}),
    "deadline over threads": (lambda base: DeadlineGrid(SeparateGrid(clients()), 5.0), {"lowest": True}),
    "no time at all": (lambda base: DeadlineGrid(clients(), 0.0), {"lowest": True}),
    "radio": (on_air, {"radio": True}),
    "pool": (on_pool, {}),
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

"""Access points of a cell-free network as clients in processes of their own, on a radio that QAOA allocates."""

from pathlib import Path

import numpy as np
import pytest

from qfl.config import read_run_file

pytestmark = pytest.mark.deployment
RUN_FILE = Path(__file__).resolve().parents[2] / "examples" / "edge_federation" / "edge_federation.toml"


def test_the_whole_sentence_in_one_run(make_fleet):
    fleet = make_fleet(4)
    fleet.up()
    settings = read_run_file(RUN_FILE)
    assert settings.task == "cell_free" and settings.clients.count == 4 and settings.radio.solver == "qaoa"
    deployed = fleet.run_file("edge", RUN_FILE, "rounds=3", "precision=double", "security.algorithm=ML-DSA-44")
    found = deployed.end()
    assert all(status == "accepted" for number in (1, 2, 3) for status, _ in deployed.clients(number).values())
    for row in deployed.rounds()[1:]:
        assert row["radio"]["solver"].startswith("qaoa") and row["radio"]["participants"] == 4
    for row in deployed.folder.clients():
        assert row["bytes_up"]["signature"] == 2420 and row["radio"]["upload_s"] > 0
    changes = ("rounds=3", "precision=double", "security.algorithm=ML-DSA-44", "backend=sequential")
    here = fleet.file_here("here", RUN_FILE, *changes)
    np.testing.assert_allclose(found["angles"], here["angles"], atol=1e-6, rtol=0)

"""Learned methods decide on what is known: the edge's beams with the cloud's assignment, the ablations beside them."""

from pathlib import Path

import pytest
import torch

import qfl
from qfl.studies.examples import module_of
from qfl.studies.request import begin
from qfl.tasks.cell_free.cloud import CloudTraining
from qfl.tasks.cell_free.edge_training import EdgeTraining
from qfl.wireless.cell_free.channel import draw
from qfl.wireless.cell_free.network import CellFree

FOLDER = Path(qfl.__file__).parent.parent / "examples" / "cell_free"
learned, methods = (module_of(FOLDER, name) for name in ("learned", "methods"))
NETWORK = CellFree()


@pytest.fixture
def request_(tmp_path, monkeypatch):
    monkeypatch.setattr(learned, "QUICK", (CloudTraining(steps=3), EdgeTraining(steps=3)))
    return begin("cellfree-fig4", FOLDER, FOLDER / "fig4.toml", quick=True, seed=7, root=tmp_path)


def test_each_pair_takes_its_assignment_and_its_beams_from_where_its_name_says(request_):
    batch = draw(NETWORK, 1, 5, "test")
    own = learned.learned(NETWORK, request_)
    decided = {name: own[name](batch) for name in ("plus", "plus_mr", "algorithm4_plus_edge", "printed_mr")}
    known = methods.baselines(NETWORK, 1)["algorithm4_mr"](batch)
    assert torch.equal(decided["plus"].serves, decided["plus_mr"].serves)
    assert torch.equal(decided["algorithm4_plus_edge"].serves, known.serves)
    for name in ("plus_mr", "printed_mr"):
        torch.testing.assert_close(decided[name].precoder, known.precoder)
    assert not torch.allclose(decided["plus"].precoder, known.precoder)
    for decision in decided.values():
        assert (decision.serves.sum(-1) == 1).all()  # an access point serves one user


def test_networks_that_the_circuits_do_not_hold_have_no_learned_method(request_):
    assert learned.learned(CellFree(num_aps=3, num_users=4), request_) == {}
    assert learned.learned(CellFree(num_aps=40, num_users=10), request_) == {}

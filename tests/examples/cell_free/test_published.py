"""The paper's algorithms at a point: as published and extended differ in their circuits alone."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

import qfl
from qfl.studies.examples import module_of
from qfl.studies.request import begin
from qfl.tasks.cell_free.published_step import PublishedTraining
from qfl.wireless.cell_free.channel import draw
from qfl.wireless.cell_free.network import CellFree
from qfl.wireless.cell_free.precoders import max_ratio

FOLDER = Path(qfl.__file__).parent.parent / "examples" / "cell_free"
published = module_of(FOLDER, "published")


@pytest.fixture
def request_(tmp_path):
    asked = begin("cellfree-fig4", FOLDER, FOLDER / "fig4.toml", quick=True, seed=7, root=tmp_path)
    return replace(asked, settings={"published-epochs": 100, "published-channels": 2})


def test_extended_is_as_published_but_for_its_circuits(request_):
    found = published.circuits(CellFree(), request_)
    for name in ("extended", "extended_matrix", "extended_quiet"):
        other = found[name.replace("extended", "as_published")]
        assert replace(found[name], cloud=other.cloud, edge=other.edge) == other and found[name] != other
    assert found["as_published"].training == PublishedTraining(num_data=2, num_epochs=1)


def test_other_readings_are_measured_at_table_iii_alone(request_):
    at = published.circuits(CellFree(), request_)
    assert {own.cloud_order for own in at.values()} == {"operator", "time", "appendix"}
    assert {own.training.rule for own in at.values()} == {"shift", "rotosolve"}
    assert list(published.circuits(CellFree(snr_db=10.0), request_)) == ["as_published", "extended"]


def test_decisions_are_the_trained_clouds_and_the_trained_edges(request_):
    network = CellFree(snr_db=10.0)
    methods, batch = published.published(network, request_), draw(network, 1, 5, "test")
    own, mr = (methods[name](batch) for name in ("as_published", "as_published_mr"))
    assert torch.equal(own.serves, mr.serves) and torch.equal(mr.precoder, max_ratio(batch.known))
    power = own.precoder.abs().square().sum(-1)
    torch.testing.assert_close(power, own.serves.to(power.dtype))


def test_networks_that_the_circuits_do_not_hold_are_left_out(request_):
    assert published.published(CellFree(num_antennas=4), request_) == {}
    assert published.published(CellFree(num_aps=40, num_users=10), request_) == {}

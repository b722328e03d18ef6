"""What access points tell the cloud, and what the cloud makes of it."""

import numpy as np
import pytest
import torch

from qfl.models.cloud_edge.features import cloud_features
from qfl.tasks.cell_free.uploads import UploadRules
from qfl.wireless.cell_free.channel import draw
from qfl.wireless.cell_free.network import CellFree

NETWORK = CellFree(csi_error=0.1, num_paths=2)


def rules(method="extended", csi="full"):
    return UploadRules(NETWORK, method, csi, count=6, pool=5)


def uploads(own, aps=range(4)):
    return {ap: own.upload(7, ap) for ap in aps}


@pytest.mark.parametrize("csi", ["full", "gains"])
@pytest.mark.parametrize("method", ["algorithm4", "as_published", "extended"])
def test_arrays_have_the_form_and_the_bytes_that_were_said(method, csi):
    own = rules(method, csi)
    told = own.upload(7, 3)
    assert {name: (str(array.dtype), array.shape) for name, array in told.items()} == own.form
    assert own.num_bytes == sum(array.nbytes for array in told.values())


def test_together_they_are_the_network_that_one_program_draws():
    own = rules()
    assigned, pool = own.assigned(uploads(own)), own.training(uploads(own))
    assert torch.equal(assigned.known, draw(NETWORK, 7, 6, "edge").known)
    assert pool and torch.equal(pool.channels.known, draw(NETWORK, 7, 5, "cloud").known)


def test_of_gains_nothing_but_gains_is_known():
    own = rules(csi="gains")
    assigned, pool = own.assigned(uploads(own)), own.training(uploads(own))
    assert assigned.known.isnan().all() and torch.equal(assigned.gain, draw(NETWORK, 7, 6, "edge").gain)
    assert pool and pool.channels.known.isfinite().all() and pool.channels.gain.isfinite().all()
    assert cloud_features(assigned.known, assigned.gain, "gains").isfinite().all()


def test_who_told_nothing_has_channels_that_reach_nobody():
    own = rules()
    found = own.assigned(uploads(own, (0, 2)))
    assert (found.known[:, [1, 3]] == 0).all() and (found.known[:, [0, 2]] != 0).all()


def test_a_pool_is_known_by_its_channels():
    own = rules()
    told = uploads(own)
    one, same, other = own.training(told), own.training(uploads(own)), own.training(told | {1: told[2]})
    assert one == same and hash(one) == hash(same) and one != other
    assert rules("algorithm4").training(uploads(rules("algorithm4"))) is None


def test_numbers_that_are_not_finite_are_found_nowhere():
    assert all(np.isfinite(array).all() for array in rules(csi="gains").upload(7, 1).values())

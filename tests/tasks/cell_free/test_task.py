"""Access points as clients: local losses, blocks of the vector, and the assignment that the server sends.

Also covers qfl/tasks/cell_free/blocks.py, qfl/tasks/cell_free/build.py and qfl/tasks/cell_free/samples.py.
"""

from dataclasses import replace

import numpy as np
import pytest
import torch

from qfl.aggregation.blocks import block_mean
from qfl.angles import AngleLayout
from qfl.config import Settings
from qfl.errors import ConfigError
from qfl.tasks.build import build
from qfl.tasks.cell_free.blocks import MODES
from qfl.tasks.cell_free.samples import upload_bytes
from qfl.tasks.cell_free.task import ratio
from qfl.tasks.local import train_clients
from qfl.wireless.cell_free.channel import draw
from qfl.wireless.cell_free.network import CellFree
from qfl.wireless.cell_free.precoders import max_ratio, slnr
from qfl.wireless.cell_free.rates import evaluate, one_hot

SMALL = {
    "task": "cell_free",
    "model.name": "edge_plus",
    "cell-free.layers": 1,
    "precision": "double",
    "clients.count": 4,
    "cell-free.samples": 40,
    "cell-free.test-samples": 30,
    "cell-free.assignment": "algorithm4",
    "train.local-steps": 2,
    "train.batch-size": 16,
}


def setup(**changes):
    return build(Settings.from_flat(SMALL | {key.replace("__", "."): value for key, value in changes.items()}))


@pytest.mark.parametrize("model", ["edge_plus", "edge_printed", "edge_identity", "edge_classical"])
@pytest.mark.parametrize("loss", ["slnr", "target"])
def test_one_access_point_at_a_time_equals_all_at_once(model, loss):
    s = setup(**{"model.name": model, "cell-free.loss": loss})
    start = s.model.initial(1)
    together = train_clients(s, start, 1, [2, 0, 3])
    for one in together:
        (alone,) = train_clients(s, start, 1, [one.client])
        np.testing.assert_allclose(one.angles, alone.angles, atol=1e-12)
        assert one.train_loss == pytest.approx(alone.train_loss) and one.loss >= 0


@pytest.mark.parametrize("mode", MODES)
def test_an_access_point_moves_its_own_block_alone(mode):
    s = setup(**{"cell-free.mode": mode})
    start, size = s.model.initial(1), len(s.model.edge.layout)
    for update in train_clients(s, start, 1, range(4)):
        moved = np.flatnonzero((update.angles != start).reshape(-1, size).any(axis=1))
        assert moved.tolist() == [s.model.block_of[update.client]]


def test_an_access_point_holds_and_reads_its_own_channel_alone():
    """Local CSI: what a client has after it uploaded and trained is its own part of what a network draws, no more."""
    s = setup(**{"seed": 3})
    start = s.model.initial(1)
    (before,) = train_clients(s, start, 1, [2])
    alone = replace(s, samples=replace(s.samples, parts={}))
    alone.samples.upload(2)
    heard = alone.receive_broadcast(s.announce())
    (after,) = train_clients(heard, start, 1, [2])
    np.testing.assert_array_equal(before.angles, after.angles)
    assert list(heard.samples.parts) == [2] and not {"uploads", "pool"} & vars(heard.samples).keys()
    whole = draw(CellFree(), 3, 40, "edge").known
    assert torch.equal(heard.samples.parts[2], whole[:, 2])


def test_clients_train_on_the_assignment_that_they_heard():
    s = setup()
    start, other = s.model.initial(1), (s.samples.user.numpy() + 1) % 3
    heard = s.receive_broadcast({"assignment": other.astype(np.uint8).tobytes()})
    assert np.array_equal(heard.samples.user.numpy(), other)
    before, after = (train_clients(x, start, 1, [0])[0].angles for x in (s, heard))
    assert not np.allclose(before, after)


@pytest.mark.parametrize("given", [{}, {"assignment": b"\x00" * 159}, {"assignment": b"\x03" * 160}])
def test_a_broadcast_without_an_assignment_is_refused(given):
    with pytest.raises(ValueError, match="assignment"):
        setup().receive_broadcast(given)


def test_the_loss_is_the_gap_to_slnr_and_the_rate_the_networks():
    s = setup()
    test, network = s.test_batch, CellFree()
    beams = slnr(test.known, network) * one_hot(test.user, 3)[..., None]
    best = torch.take_along_dim(beams, test.user[..., None, None], 2)[:, :, 0]
    gammas = [ratio(best[:, m], test.known[:, m], test.user[:, m], network) for m in range(4)]
    angles = torch.from_numpy(s.model.initial(1))
    found, _ = s.task.evaluate(angles, test)
    own = s.task.beams(angles, test.known, test.user)
    mine = torch.take_along_dim(own, test.user[..., None, None], 2)[:, :, 0]
    gaps = [
        torch.log2(1 + best_m) - torch.log2(1 + ratio(mine[:, m], test.known[:, m], test.user[:, m], network))
        for m, best_m in enumerate(gammas)
    ]
    assert float(found["loss"]) == pytest.approx(float(torch.stack(gaps).mean()))
    score = evaluate(network, test.true, one_hot(test.user, 3), own)
    assert float(found["rate"]) == pytest.approx(float(score.min_rate.mean()))


def test_maximum_ratio_solves_the_printed_problem():
    """Eq. (15): v_m enters R_{m -> k} through the signal alone, so nothing an edge could learn beats |h|^2."""
    s = setup(**{"cell-free.loss": "target"})
    test = s.test_batch
    best = torch.take_along_dim(max_ratio(test.known), test.user[..., None, None], 2)[:, :, 0]
    own = s.task.beams(torch.from_numpy(s.model.initial(1)), test.known, test.user)
    mine = torch.take_along_dim(own, test.user[..., None, None], 2)[:, :, 0]
    network = CellFree(interference=0.0)  # without leakage the ratio is the signal
    for m in range(4):
        signal = [ratio(x[:, m], test.known[:, m], test.user[:, m], network) for x in (mine, best)]
        assert (signal[0] <= signal[1] * (1 + 1e-12)).all()


def test_in_phase_the_same_assignment_serves_better_and_an_unknown_phase_takes_it_back():
    """Two access points of one user add amplitudes: more than powers, less where their phases are not known."""
    plain, coherent, blurred = (
        setup(**{"seed": 5, "cell-free.test-samples": 300} | changes)
        for changes in (
            {},
            {"cell-free.coherent": True},
            {"cell-free.coherent": True, "cell-free.phase-error-rad": 3.0},
        )
    )
    assert torch.equal(plain.samples.user, coherent.samples.user)
    angles = torch.from_numpy(plain.model.initial(1))
    sums = [float(s.task.evaluate(angles, s.test_batch)[0]["sum_rate"]) for s in (plain, coherent, blurred)]
    assert sums[1] > sums[0] + 0.2 and sums[2] < sums[1] - 0.2
    updates = [train_clients(s, s.model.initial(1), 1, [2])[0].angles for s in (plain, coherent, blurred)]
    np.testing.assert_array_equal(updates[0], updates[1])  # an access point trains on its own channel alone
    np.testing.assert_array_equal(updates[0], updates[2])


def test_blocks_come_from_their_owners():
    layout = AngleLayout(("0/a", "0/b", "1/a", "1/b"), (6.28,) * 4)
    updates = np.array([[1.0, 0, 0, 0], [3.0, 0, 0, 0], [0, 0, 0, 0.5]])
    found = block_mean(np.zeros(4), updates, np.array([1.0, 3.0, 5.0]), layout)
    np.testing.assert_allclose(found.angles, [2.5, 0, 0, 0.5])
    assert found.diagnostics == {"blocks_moved": 2.0}
    still = block_mean(np.ones(4), np.ones((3, 4)), np.ones(3), layout)
    np.testing.assert_array_equal(still.angles, np.ones(4))


def test_what_the_access_points_upload():
    assert upload_bytes(CellFree(num_antennas=4, num_users=2), "full") == 2 * 8 * 2 * 4
    assert setup().manifest["csi_bytes_per_ap"] == 96 * 40
    sent = sum(array.nbytes for array in setup().samples.upload(1).values())
    assert sent == 96 * 40


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"cell-free.mode": "own"}, "expected one of separate, shared, clustered"),
        ({"model.name": "vqc"}, "does not go with task = 'cell_free'"),
        ({"cell-free.users": 9}, "between 2 and 8"),
        ({"cell-free.phase-error-rad": 0.3}, "set cell-free.coherent = true, or leave it 0"),
        ({"cell-free.phase-error-rad": 4.0}, "phase-error-rad"),
        (
            {"cell-free.coherent": True, "model.name": "ap_user_gnn", "cell-free.loss": "sum_rate"},
            "trained on rates without phases",
        ),
    ],
)
def test_bad_settings_are_refused(changes, says):
    with pytest.raises(ConfigError, match=says):
        Settings.from_flat(SMALL | changes)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"cell-free.users": 5}, "give at least as many"),
        ({"model.name": "edge_printed", "cell-free.antennas": 4}, "use model.name = 'edge_plus'"),
    ],
)
def test_sizes_that_cannot_be_are_refused(changes, says):
    with pytest.raises(ConfigError, match=says):
        setup(**changes)


def test_more_antennas_than_users_are_no_trouble_for_the_extended_edge():
    s = setup(**{"cell-free.antennas": 4})
    assert "edge_printed" not in s.baselines and len(train_clients(s, s.model.initial(1), 1, range(4))) == 4

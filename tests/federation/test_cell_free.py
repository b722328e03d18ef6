"""Access points as clients: the assignment travels in the signed broadcast, and blocks stay with their owners."""

import numpy as np
import pytest
from flwr.app import ConfigRecord, Message

from qfl.federation.client import train
from qfl.federation.records.messages import CONFIG, own_copy
from qfl.tasks.build import build
from qfl.tasks.local import train_clients

CELL_FREE = {
    "task": "cell_free",
    "model__name": "edge_plus",
    "clients__count": 4,
    "cell_free__layers": 1,
    "cell_free__samples": 30,
    "cell_free__test_samples": 20,
    "cell_free__assignment": "algorithm4",
    "strategy__name": "blocks",
    "train__batch_size": 8,
}


@pytest.fixture
def access_points(small):
    def settings(name="run", **changes):
        return small(name, **{key: value for key, value in (CELL_FREE | changes).items()})

    return settings


@pytest.mark.parametrize("mode", ["separate", "shared", "clustered"])
def test_a_round_is_each_blocks_mean_over_its_access_points(mode, access_points, federate):
    settings = access_points(rounds=1, cell_free__mode=mode)
    folder, setup = federate(settings), build(settings)
    start, size = setup.model.initial(1), len(setup.model.edge.layout)
    updates = [update.angles.reshape(-1, size) for update in train_clients(setup, start, 1, range(4))]
    expected = [
        np.mean([updates[ap][block] for ap in range(4) if setup.model.block_of[ap] == block], axis=0)
        for block in range(setup.model.count)
    ]
    _, arrays, _ = folder.load_checkpoint()
    np.testing.assert_allclose(arrays["angles"], np.concatenate(expected), atol=1e-12)


def test_one_by_one_equals_all_at_once(access_points, federate):
    ends = [
        federate(access_points(backend, rounds=2, backend=backend)).header["final"]["angles"]
        for backend in ("vectorised", "sequential")
    ]
    np.testing.assert_allclose(*ends, atol=1e-9)


def test_the_cloud_trains_before_the_first_round(access_points, federate):
    settings = access_points(rounds=1, cell_free__assignment="extended", cell_free__cloud_steps=1)
    assert [row["status"] for row in federate(settings).clients()] == ["accepted"] * 4


def test_an_assignment_that_the_server_did_not_sign_is_refused(access_points, federate):
    """Access point 1 gets its user changed on the way: it trains nothing, the others do."""

    def forge(message):
        content = own_copy(message.content)
        config = content.config_records[CONFIG]
        forged = bytes((user + 1) % 3 for user in config["assignment"])
        content[CONFIG] = ConfigRecord({**config, "assignment": forged})
        return content

    def batch(messages, contexts):
        received = [Message(forge(m), reply_to=m) if k == 1 else m for k, m in enumerate(messages)]
        return [
            Message(r.content, reply_to=m) if r.has_content() else Message(r.error, reply_to=m)
            for m, r in zip(messages, train(received, contexts), strict=True)
        ]

    rows = federate(access_points(rounds=1), batch).clients()
    assert [row["status"] for row in rows] == ["accepted", "failed", "accepted", "accepted"]
    assert rows[1]["detail"].startswith("config-digest")


REGIONS = {
    "model__name": "ap_user_gnn",
    "clients__count": 3,
    "cell_free__loss": "min_rate",
    "gnn__layers": 2,
    "gnn__heads": 2,
    "gnn__width": 4,
}


def test_regions_one_by_one_equal_all_at_once(access_points, federate):
    runs = [
        federate(access_points(backend, rounds=2, backend=backend, **REGIONS)).header
        for backend in ("vectorised", "sequential")
    ]
    np.testing.assert_allclose(*(run["final"]["angles"] for run in runs), atol=1e-9)
    assert {"algorithm4", "exhaustive", "joint"} <= runs[0]["data"]["references"].keys()

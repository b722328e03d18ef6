"""A federation with personal entries is FedAvg on the others, and nothing of a client's own ever travels."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from qfl.errors import ConfigError
from qfl.federation.client import train
from qfl.federation.kept import Drawer
from qfl.tasks.build import build
from qfl.tasks.local import client_batches
from tests.federation.test_kept import losing
from tests.federation.test_resume import Killed, assert_same_run, resumed

FLAT = {"rounds": 3, "model--head": "scale-bias", "train--local-steps": 3, "train--personal": "bias, log-scale"}


def angles_of(message: Any) -> np.ndarray:
    return message.content["arrays"]["angles"].numpy()


def reference(settings, taken):
    """Return shared angles and each client's whole vector, by plain gradient steps of every client in turn."""
    federation = build(settings)
    samples: Any = federation.samples
    model: Any = federation.model
    initial = federation.model.initial(settings.seed)
    shared, vectors = initial[:-11], {client: initial.copy() for client in range(6)}
    for number, clients in taken.items():
        for client in clients:
            vectors[client][:-11] = shared
            for batch in client_batches(federation, number, [client])[:, 0]:
                batch, x = batch[batch >= 0], torch.from_numpy(vectors[client].copy()).requires_grad_()
                loss = torch.nn.functional.cross_entropy(model.logits(x, samples.inputs[batch]), samples.labels[batch])
                vectors[client] = vectors[client] - 0.05 * torch.autograd.grad(loss, x)[0].numpy()
        weights = [len(federation.parts[client]) for client in clients]
        shared = np.average([vectors[client][:-11] for client in clients], axis=0, weights=weights)
    return shared, vectors


@pytest.mark.parametrize("backend", ["vectorised", "sequential"])
def test_it_is_fedavg_on_the_shared_entries_with_lost_replies_and_partial_participation(backend, small, federate):
    settings = small(**FLAT, clients__per_round=4, backend=backend)
    folder = federate(settings, losing({(number, client) for number in (1, 2) for client in (number, 5)}))
    rows = [row for row in folder.clients() if row["status"] == "accepted"]
    taken = {number: [row["client"] for row in rows if row["round"] == number] for number in (1, 2, 3)}
    shared, vectors = reference(settings, taken)
    angles = np.array(folder.header["final"]["angles"])
    np.testing.assert_allclose(angles[:-11], shared, atol=1e-10)
    np.testing.assert_array_equal(angles[-11:], build(settings).model.initial(settings.seed)[-11:])
    run = Path(settings.run.folder) / "kept" / folder.header["run_id"]
    for client in taken[3]:
        own = Drawer(run, client, 3).load()["personal"]
        np.testing.assert_allclose(own, vectors[client][-11:], atol=1e-10)


def test_no_reply_holds_a_personal_entry(small, federate):
    seen = []

    def watching(messages, contexts):
        replies = train(messages, contexts)
        for message, reply in zip(messages, replies, strict=True):
            sent, back = angles_of(message), angles_of(reply)
            seen.append((np.array_equal(sent[-11:], back[-11:]), np.array_equal(sent[:-11], back[:-11])))
        return replies

    federate(small(**FLAT), watching)
    assert set(seen) == {(True, False)} and len(seen) == 18


def test_resumed_after_a_kill_it_is_the_same_run(small, federate):
    def dies(messages, contexts):
        replies = train(messages, contexts)
        if messages[0].content["config"]["server-round"] == 2:
            raise Killed
        return replies

    whole, cut = federate(small("whole", **FLAT)), small("cut", **FLAT)
    with pytest.raises(Killed):
        federate(cut, dies)
    assert_same_run(federate(resumed(cut)), whole)


def test_a_name_that_no_entry_has_is_refused_before_anything_is_written(small, federate, tmp_path):
    with pytest.raises(ConfigError, match=r"train\.personal names 'head'"):
        federate(small(**FLAT | {"train--personal": "head"}))
    assert not (tmp_path / "run").exists()

"""The server's own update is that of a client that holds what is held out."""

from dataclasses import replace

import numpy as np
import pytest

from qfl.config import Settings
from qfl.errors import ConfigError
from qfl.tasks.build import build
from qfl.tasks.held_out import server_update
from qfl.tasks.local import train_clients

SMALL = {"precision": "double", "clients.count": 6, "model.layers": 1, "train.batch-size": 16}


def test_it_is_what_a_client_with_these_samples_trains():
    federation = build(Settings.from_flat({**SMALL, "data.validation": 0.2}))
    start, inputs = federation.model.initial(1), federation.samples.inputs.numpy()
    order = [int(np.where((inputs == row).all(1))[0][0]) for row in federation.validation.inputs.numpy()]
    twin = replace(federation, parts=(np.array(order),))
    (client,) = train_clients(twin, start, 3, [0])
    found = server_update(federation, start, 3)
    assert np.linalg.norm(found - start) > 1e-3 and not set(order) & set(np.concatenate(federation.parts).tolist())
    np.testing.assert_allclose(found, client.angles, atol=1e-9)


def test_without_samples_it_is_refused_in_a_sentence():
    federation = build(Settings.from_flat(SMALL))
    with pytest.raises(ConfigError, match=r"set data\.validation = 0\.1"):
        server_update(federation, federation.model.initial(1), 1)

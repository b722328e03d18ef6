"""Every row of `MODELS` passes the kit that is shipped to those who write a model (`qfl.testing.kits.model`).

Also covers qfl/models/model.py.
"""

import pytest
import torch

from qfl.config import Settings
from qfl.seeds import stream
from qfl.specs import MODELS
from qfl.testing.kits import run
from qfl.testing.kits.model import checks
from qfl.wireless.cell_free.network import CellFree

SMALL = Settings.from_flat(
    {"model.layers": 3, "model.hidden": 4, "gnn.layers": 2, "gnn.heads": 2, "gnn.width": 4, "cell-free.layers": 1}
)
CLIENTS, SAMPLES, LABELS, PAIRS = 3, 4, 10, 3
NETWORK = CellFree()


def draw(name, *shape):
    return torch.from_numpy(stream(1, "every model", name).uniform(0, 1, shape))


def reordered(order):
    """Return the permutation of axes 1 and 2 of a client's inputs, and of axis 1 of its outputs."""
    return lambda gain: gain[:, order][:, :, order], lambda powers: powers[:, order]


def classifier(spec):
    model = spec.make(SMALL, num_features=16, num_labels=LABELS)
    return model, model.logits, (draw("images", CLIENTS, SAMPLES, 16),), (SAMPLES, LABELS), {}


def power_control(spec):
    model, gain = spec.make(SMALL), 10 ** (3 * draw("gains", CLIENTS, SAMPLES, PAIRS, PAIRS))
    facts = {"symmetries": (reordered([2, 0, 1]), reordered([1, 0, 2]))}
    return model, lambda a, g: model.powers(a, g, noise_w=1.0), (gain,), (SAMPLES, PAIRS), facts


def access_point(spec):
    model = spec.make(SMALL, network=NETWORK)
    parts = draw("channels", CLIENTS, SAMPLES, NETWORK.num_users, NETWORK.num_antennas, 2) - 0.5
    user = torch.arange(CLIENTS * SAMPLES).reshape(CLIENTS, SAMPLES) % NETWORK.num_users
    facts = {"seeded": spec.title != "identity"}
    return model, model.beam, (torch.view_as_complex(parts), user), (SAMPLES, NETWORK.num_antennas), facts


def region(spec):
    model, (aps, users) = spec.make(SMALL), (4, 3)
    gain = 10 ** (2 * draw("regions", CLIENTS, SAMPLES, aps, users, users))

    def outputs(angles, gain):
        choice = model.choose(angles, gain, 0.1)
        return torch.stack([choice.logit, choice.power], -1)

    permuted = (lambda g: g[:, [3, 0, 2, 1]], lambda y: y[:, [3, 0, 2, 1]])
    renamed = (lambda g: g[:, :, [1, 2, 0]][..., [1, 2, 0]], lambda y: y[:, :, [1, 2, 0]])
    facts = {"symmetries": (permuted, renamed), "stackable": False}
    return model, outputs, (gain,), (SAMPLES, aps, users, 2), facts


KINDS = {
    "classify": classifier,
    "regress": classifier,
    "d2d": power_control,
    "access point": access_point,
    "region": region,
}


@pytest.mark.parametrize("name", MODELS)
def test_every_model_conforms(name):
    model, outputs, inputs, shape, facts = KINDS[MODELS[name].client or MODELS[name].tasks[0]](MODELS[name])
    assert run(checks(model, outputs, inputs, shape, **facts)) == []

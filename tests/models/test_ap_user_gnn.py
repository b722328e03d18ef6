"""The graph of access points and users: who is whose neighbour, symmetries, and gradients.

Also covers qfl/models/ap_user_stars.py.
"""

import pytest
import torch

from qfl.models.ap_user_gnn import ApUserGnn
from qfl.models.ap_user_stars import DEVIATION, MEAN, pair_stars

MU = 0.1


def gains(samples=3, aps=4, users=3):
    generator = torch.Generator().manual_seed(1)
    return 10 ** (2 * torch.rand(1, samples, aps, users, users, generator=generator, dtype=torch.float64))


@pytest.fixture(params=[False, True], ids=["circuit", "classical"])
def model(request):
    return ApUserGnn(layers=2, heads=2, width=5, classical=request.param)


def entries(model, seed=1):
    return torch.from_numpy(model.initial(seed))[None]


def test_neighbours_and_features_pair_by_pair():
    """Against a loop over pairs, as the docstring has them."""
    gain, num_aps, num_users = gains(), 4, 3
    stars = pair_stars(gain, MU)
    for sample in range(3):
        s = gain[0, sample]
        level = (1 + s.diagonal(dim1=1, dim2=2)).log10()
        foreign = MU * (s - torch.diag_embed(s.diagonal(dim1=1, dim2=2)))
        suffered = (1 + foreign.sum(1)).log10()
        for m in range(num_aps):
            for k in range(num_users):
                star = (sample * num_aps + m) * num_users + k
                users = sorted((j for j in range(num_users) if j != k), key=lambda j: float(level[m, j]))
                aps = sorted((n for n in range(num_aps) if n != m), key=lambda n: float(level[n, k]))
                places = [(sample * num_aps + m) * num_users + j for j in users]
                places += [(sample * num_aps + n) * num_users + k for n in aps]
                assert stars.index[0, :, star].tolist() == places
                rows = [[-1, level[m, j] - level[m, k], *heard(s, m, k, j)] for j in users]
                rows += [[1, level[n, k] - level[m, k], scaled(suffered[n, k]), scaled(suffered[m, k])] for n in aps]
                torch.testing.assert_close(stars.edge[0, :, :, star].mT, torch.tensor(rows, dtype=torch.float64))
                caused = (1 + foreign[m, k].sum()).log10()
                own = [(level[m, k] - MEAN[0]) / DEVIATION, scaled(caused), scaled(suffered[m, k])]
                torch.testing.assert_close(stars.node[0, :, star], torch.stack(own))


def scaled(value):
    return (value - MEAN[2]) / DEVIATION


def heard(s, m, k, j):
    return [scaled((1 + MU * power).log10()) for power in (s[m, j, k], s[m, k, j])]


def test_every_entry_but_a_dead_one_has_a_gradient(model):
    angles = entries(model).requires_grad_()
    choice = model.choose(angles, gains(20), MU)
    weight = torch.linspace(-1, 1, choice.logit.numel()).view_as(choice.logit)
    (gradient,) = torch.autograd.grad((choice.logit.tanh() * weight).sum() + (choice.power * weight).sum(), angles)
    assert gradient.isfinite().all()
    blocks = dict(zip(model.network.shapes, gradient[0].split([s.numel() for s in shapes(model)]), strict=True))
    for name, block in blocks.items():
        assert block.abs().max() > 1e-9, name


def shapes(model):
    return [torch.empty(shape) for shape in model.network.shapes.values()]


def test_circuit_and_classical_layer_have_as_many_numbers():
    circuit, classical = ApUserGnn(), ApUserGnn(classical=True)
    assert circuit.layout.names == classical.layout.names
    assert circuit.layout.num_angles > classical.layout.num_angles == 0


def test_one_vector_serves_networks_of_any_size(model):
    for aps, users in ((2, 2), (6, 3), (5, 5)):
        choice = model.choose(entries(model), gains(2, aps, users), MU)
        assert choice.logit.shape == (1, 2, aps, users) and choice.logit.isfinite().all()
        assert ((choice.power > 0) & (choice.power < 1)).all()

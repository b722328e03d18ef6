"""The optimisers of local training make the steps of torch's, bit by bit."""

import pytest
import torch

from qfl.tasks.optimizer import Adam, Sgd


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (lambda x: Sgd(x, 0.3), lambda x: torch.optim.SGD([x], lr=0.3)),
        (lambda x: Sgd(x, 0.3, 0.9), lambda x: torch.optim.SGD([x], lr=0.3, momentum=0.9)),
        (lambda x: Adam(x, 0.07), lambda x: torch.optim.Adam([x], lr=0.07)),
    ],
    ids=["sgd", "momentum", "adam"],
)
def test_the_steps_are_those_of_torch(ours, theirs, dtype):
    draw = torch.Generator().manual_seed(1)
    x = torch.randn(3, 5, generator=draw, dtype=dtype)
    y = x.clone().requires_grad_()
    own, other = ours(x), theirs(y)
    for _ in range(30):
        gradient = torch.randn(3, 5, generator=draw, dtype=dtype)
        gradient[0, 0] = 0.0  # an entry that nothing moves
        own.step(gradient.clone())
        y.grad = gradient.clone()
        other.step()
        assert torch.equal(x, y)


def test_a_gradient_is_left_as_it_is():
    for make in (lambda x: Sgd(x, 0.1, 0.9), lambda x: Adam(x, 0.1)):
        gradient = torch.ones(4)
        own = make(torch.zeros(4))
        own.step(gradient)
        own.step(gradient)
        assert torch.equal(gradient, torch.ones(4))

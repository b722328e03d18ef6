"""Powers by gradient ascent, for beams and an assignment that are given: what power control reaches, from below."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from qfl.wireless.cell_free.rates import rates_of_power

STEP, LAST_STEP = 0.3, 0.003  # of Adam on the logit of the power, falling geometrically
START = -1.0  # logit: starts at full power end in worse places, since its gradient is small there
SOFTEST, SHARPEST = 1.0, 30.0  # of the soft minimum, per bit


@torch.enable_grad()
def climb_powers(
    gain: Float[Tensor, "sample ap beam user"],
    user: Int[Tensor, "sample ap"],
    interference: float,
    objective: str = "min_rate",
    num_steps: int = 150,
) -> Float[Tensor, "sample ap"]:
    """Return the best powers met, 0 to 1; full power is among them, so they are never worse.

    Args:
        gain: Received power over noise of every beam at every user, at full power.
        user: The user that each access point serves.
        interference: What of a foreign signal's power is received.
        objective: ``min_rate`` or ``sum_rate``.
        num_steps: Of Adam.

    Example:
        >>> gain = torch.ones(1, 3, 2, 2).double()
        >>> climb_powers(gain, torch.tensor([[0, 1, 1]]), 0.1)[0, 0]  # the lonely one gives all it has
        tensor(1., dtype=torch.float64)
    """
    logit = torch.full(user.shape, START, dtype=gain.dtype, requires_grad=True)
    adam = torch.optim.Adam([logit], lr=STEP)
    best = torch.ones_like(logit.detach())
    value = _worth(rates_at(best, gain, user, interference), objective)
    for step in range(num_steps):
        progress = step / num_steps
        adam.param_groups[0]["lr"] = STEP * (LAST_STEP / STEP) ** progress
        power = logit.sigmoid()
        rates = rates_at(power, gain, user, interference)
        reached = _worth(rates.detach(), objective)
        best = torch.where((reached > value)[:, None], power.detach(), best)
        value = torch.maximum(reached, value)
        sharpness = SOFTEST * (SHARPEST / SOFTEST) ** progress
        aim = -torch.logsumexp(-sharpness * rates, -1) / sharpness if objective == "min_rate" else rates.sum(-1)
        (logit.grad,) = torch.autograd.grad(-aim.sum(), logit)
        adam.step()
    return best


def rates_at(
    power: Float[Tensor, "sample ap"],
    gain: Float[Tensor, "sample ap beam user"],
    user: Int[Tensor, "sample ap"],
    interference: float,
) -> Float[Tensor, "sample user"]:
    """Return the users' rates, Eq. (5), where access points serve one user each; arguments as `climb_powers`."""
    sent = torch.nn.functional.one_hot(user, gain.shape[-1]) * power[..., None]
    return rates_of_power(torch.einsum("smj,smjk->sjk", sent, gain), 1.0, interference)


def _worth(rates: Float[Tensor, "sample user"], objective: str) -> Float[Tensor, " sample"]:
    return rates.amin(-1) if objective == "min_rate" else rates.sum(-1)

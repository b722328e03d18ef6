"""Powers by gradient ascent, for beams and an assignment that are given: what power control reaches, from below."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from qfl.arrays import checked
from qfl.seeds import stream
from qfl.wireless.cell_free.rates import rates_of_power

STEP, LAST_STEP = 0.3, 0.003  # of Adam on the logit of the power, falling geometrically
START = -1.0  # logit: starts at full power end in worse places, since its gradient is small there
NUM_STARTS = 8  # the one above, the best of full power and silence softened, and random ones
EDGE = 2.0  # logit of an access point that is on in a softened start; minus it, off
SPREAD = 2.0  # random logits are uniform within it
MOST_ON_OFF = 10  # access points whose on/off powers are all tried, 1,024
SOFTEST, SHARPEST = 1.0, 30.0  # of the soft minimum, per bit


@torch.enable_grad()
@checked(least="gain", some="sample ap user", same="beam user", index={"user": "user"})
def climb_powers(
    gain: Float[Tensor, "sample ap beam user"],
    user: Int[Tensor, "sample ap"],
    interference: float,
    objective: str = "min_rate",
    num_steps: int = 150,
    num_starts: int = NUM_STARTS,
    seed: int = 1,
) -> Float[Tensor, "sample ap"]:
    """Return the best powers met, 0 to 1; full power and all on/off powers are among them, so they are never worse.

    Adam climbs from several starts at once, since the rates have many local optima. The result is a lower bound of what
    power control reaches. Against the best point of a grid of 11^4 powers, on 60 samples of the paper's network (4
    access points, 3 users), its least rate is 5.6 % above it in the mean and nowhere below 0.99 of it, its sum rate
    0.1 % above and nowhere below 0.99; a single start without the on/off powers fell to 0.85 (0.68 on other samples).

    Args:
        gain: Received power over noise of every beam at every user, at full power.
        user: The user that each access point serves.
        interference: What of a foreign signal's power is received.
        objective: ``min_rate`` or ``sum_rate``.
        num_steps: Of Adam.
        num_starts: The first is at a quarter of the power, the second the best of all on/off powers, others random.
        seed: Of the random starts.

    Example:
        >>> gain = torch.ones(1, 3, 2, 2).double()
        >>> climb_powers(gain, torch.tensor([[0, 1, 1]]), 0.1)[0, 0]  # the lonely one gives all it has
        tensor(1., dtype=torch.float64)
    """
    best = best_on_off(gain, user, interference, objective)
    logit = torch.cat(_starts(best, num_starts, seed)).detach().requires_grad_()
    gains, users = gain.repeat(num_starts, 1, 1, 1), user.repeat(num_starts, 1)
    found = torch.cat([best] * num_starts)
    value = _worth(rates_at(found, gains, users, interference), objective)
    adam = torch.optim.Adam([logit], lr=STEP)
    for step in range(num_steps):
        progress = step / num_steps
        adam.param_groups[0]["lr"] = STEP * (LAST_STEP / STEP) ** progress
        power = logit.sigmoid()
        rates = rates_at(power, gains, users, interference)
        reached = _worth(rates.detach(), objective)
        found = torch.where((reached > value)[:, None], power.detach(), found)
        value = torch.maximum(reached, value)
        sharpness = SOFTEST * (SHARPEST / SOFTEST) ** progress
        aim = -torch.logsumexp(-sharpness * rates, -1) / sharpness if objective == "min_rate" else rates.sum(-1)
        (logit.grad,) = torch.autograd.grad(-aim.sum(), logit)
        adam.step()
    by_start = value.unflatten(0, (num_starts, -1))
    return found.unflatten(0, (num_starts, -1))[by_start.argmax(0), torch.arange(len(user))]


@checked(least="gain", some="ap user", same="beam user", index={"user": "user"})
def best_on_off(
    gain: Float[Tensor, "sample ap beam user"],
    user: Int[Tensor, "sample ap"],
    interference: float,
    objective: str = "min_rate",
) -> Float[Tensor, "sample ap"]:
    """Return the best of all powers of 0 and 1 (full power alone above 10 access points).

    Args:
        gain: What each user receives of the beam for each user, linear, at full power.
        user: Whom each access point serves.
        interference: Share of a foreign signal's power that is received, 0 to 1 as a rule.
        objective: ``min_rate`` or ``sum_rate``.

    Example:
        >>> gain = torch.ones(1, 2, 2, 2).double()
        >>> best_on_off(gain, torch.tensor([[0, 1]]), 9.0, "sum_rate").sum()  # one alone
        tensor(1., dtype=torch.float64)
    """
    num_aps = user.shape[1]
    best = torch.ones(user.shape, dtype=gain.dtype)
    value = _worth(rates_at(best, gain, user, interference), objective)
    for number in range(1, 2**num_aps - 1 if num_aps <= MOST_ON_OFF else 1):
        power = (torch.tensor(number) >> torch.arange(num_aps) & 1).to(gain.dtype).expand(len(user), -1)
        reached = _worth(rates_at(power, gain, user, interference), objective)
        best = torch.where((reached > value)[:, None], power, best)
        value = torch.maximum(reached, value)
    return best


def _starts(corner: Float[Tensor, "sample ap"], count: int, seed: int) -> list[Float[Tensor, "sample ap"]]:
    """Return logits to start from; the same random ones for every sample, so that samples do not depend on others."""
    starts = [torch.full_like(corner, START), (2 * corner - 1) * EDGE]
    draw = stream(seed, "cell_free", "power starts")
    for _ in range(count - 2):
        row = torch.from_numpy(draw.uniform(-SPREAD, SPREAD, corner.shape[1])).to(corner.dtype)
        starts.append(row.expand(len(corner), -1))
    return starts[:count]


@checked(least="gain power", same="beam user", index={"user": "user"})
def rates_at(
    power: Float[Tensor, "sample ap"],
    gain: Float[Tensor, "sample ap beam user"],
    user: Int[Tensor, "sample ap"],
    interference: float,
) -> Float[Tensor, "sample user"]:
    """Return the users' rates, Eq. (5), where access points serve one user each.

    Args:
        power: Of each access point, from 0 to 1.
        gain: What each user receives of the beam for each user, linear, at full power.
        user: Whom each access point serves.
        interference: Share of a foreign signal's power that is received.
    """
    sent = torch.nn.functional.one_hot(user, gain.shape[-1]) * power[..., None]
    return rates_of_power(torch.einsum("smj,smjk->sjk", sent, gain), 1.0, interference)


def _worth(rates: Float[Tensor, "sample user"], objective: str) -> Float[Tensor, " sample"]:
    return rates.amin(-1) if objective == "min_rate" else rates.sum(-1)

"""What leaves a client that adds noise itself: its movement, cut and noisy, and nothing else of it."""

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from qfl.errors import Rejection
from qfl.federation.masking.words import Words
from qfl.federation.privacy.plan import DISTRIBUTED, LOCAL, Plan
from qfl.federation.records.messages import WEIGHT
from qfl.privacy.clip import circular_clip
from qfl.privacy.discrete_gaussian import discrete_gaussian
from qfl.privacy.gaussian import noisy
from qfl.security.masking.statements import Start
from qfl.tasks.local import ClientUpdate

DP = "dp"  # the form of such an update, as its client signs it
ALONE: dict[str, int | float] = {WEIGHT: 1}
"""What a client reports beside a noisy movement: no loss, no figure of merit, no count of its samples."""


def noisy_angles(plan: Plan, update: ClientUpdate, received: NDArray, number: int) -> NDArray:
    r"""Return the angles that a client sends, with all the noise that hides it from the server (``local``).

    .. math::
        \theta_t + \operatorname{clip}_c(\theta_k - \theta_t) + \mathcal{N}(0, 4 z^2 c^2 I)

    Args:
        plan: The run's privacy.
        update: What the client trained.
        received: The angles that it started from.
        number: The round.

    Raises:
        Rejection: ``not-finite`` if training left the range.

    Reference:
        Duchi, Jordan and Wainwright, 2013, arXiv:1302.3203 (local privacy); Dwork and Roth, "The Algorithmic
        Foundations of Differential Privacy", 2014, appendix A (the Gaussian mechanism).
    """
    cut = _cut(plan, update, received)
    sent = received.astype(np.float64) + noisy(cut, plan.deviation, plan.bits(LOCAL, number, update.client))
    return sent.astype(received.dtype)


def noisy_words(plan: Plan, words: Words, update: ClientUpdate, received: NDArray, start: Start) -> NDArray[np.uint64]:
    """Return a client's words with its share of the noise, of weight 1 and without metrics (``distributed``).

    The words go under masks; the share by itself would hide little. It is drawn on the same whole numbers on which the
    sum is formed, so nothing is rounded after it (Kairouz, Liu and Steinke, 2021, arXiv:2102.06387, Algorithm 1,
    without its rotation and its coarser grid: 64 bits a number leave room).

    Args:
        plan: The run's privacy.
        words: How updates become words.
        update: What the client trained.
        received: The angles that it started from.
        start: Of the masked round: at least its threshold of clients is in the sum.

    Raises:
        Rejection: ``mask-overflow``, or ``not-finite``.
    """
    if start.threshold <= plan.own.colluding:
        raise Rejection("few-members", f"sums of {start.threshold}, of which the server may know {plan.own.colluding}")
    words.point.require_room(1, len(start.members))
    before = [1.0] + [0.0] * (len(words.names) - 1)
    found = words.point.encode(np.array([*before, *_cut(plan, update, received)]), 1)
    bits = plan.bits(DISTRIBUTED, start.round, update.client)
    noise = discrete_gaussian(bits, plan.share(start.threshold), len(plan.periods))
    found[len(words.names) :] += noise.view(np.uint64)  # modulo 2^64, as the masks are
    return found


def _cut(plan: Plan, update: ClientUpdate, received: NDArray) -> Float[np.ndarray, " angle"]:
    moved = update.angles.astype(np.float64) - received.astype(np.float64)
    if not np.isfinite(moved).all():
        raise Rejection("not-finite", "training left angles that are not finite; see train.learning-rate")
    return circular_clip(moved[None], plan.periods, plan.own.clip)[0][0]

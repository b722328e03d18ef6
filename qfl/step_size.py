"""Step sizes over rounds, for clients and server alike."""

from math import cos, pi


def step_factor(schedule: str, round_number: int, num_rounds: int) -> float:
    r"""Return the factor on the step size in a round; it depends on nothing else, so a resumed run continues it.

    With :math:`t = (r - 1/2) / R`, the middle of round r of R:

    - ``constant``: 1
    - ``cosine``: :math:`(1 + \cos \pi t) / 2`, from 1 down to 0
    - ``one-cycle``: up from 1/25 to 1 during the first 30 % of the rounds, then down to 0, both along half a cosine

    Unlike PyTorch's schedules, which reach their end point in the last step, the middle of the round is taken: no
    round is trained with step size zero, however few there are.

    Args:
        schedule: ``constant``, ``cosine`` or ``one-cycle``.
        round_number: From 1 to ``num_rounds``.
        num_rounds: Rounds of the whole run.

    Returns:
        A factor in (0, 1].

    Raises:
        ValueError: If the schedule is unknown.

    Example:
        >>> [round(step_factor("cosine", r, 2), 3) for r in (1, 2)]
        [0.854, 0.146]

    Reference:
        Loshchilov and Hutter, 2017, arXiv:1608.03983, Eq. (5), without restarts; Smith and Topin, 2018,
        arXiv:1708.07120, with the shape and the numbers of PyTorch's ``OneCycleLR``.
    """
    t = (round_number - 0.5) / num_rounds
    if schedule == "constant":
        return 1.0
    if schedule == "cosine":
        return _half_cosine(1.0, 0.0, t)
    if schedule == "one-cycle":
        return _half_cosine(1 / 25, 1.0, t / 0.3) if t < 0.3 else _half_cosine(1.0, 0.0, (t - 0.3) / 0.7)
    raise ValueError(f"unknown schedule {schedule!r}; known are constant, cosine, one-cycle")


def _half_cosine(start: float, end: float, part: float) -> float:
    return end + (start - end) * (1 + cos(pi * part)) / 2

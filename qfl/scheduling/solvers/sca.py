"""SCA: relax the assignment, climb the relaxed sum rate by its tangents, round, and set the powers again."""

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from qfl.scheduling.problem import Problem
from qfl.scheduling.schedule import Schedule
from qfl.scheduling.solution import Recorder, Solution, Status
from qfl.scheduling.solvers.best_response import improve
from qfl.scheduling.solvers.fixed_channels import capped, with_sca_power
from qfl.scheduling.specs import require_choice, require_kind
from qfl.seeds import stream

Split = Float64[ndarray, "device channel"]

STRETCHES = (1.0, 2.0, 4.0, 8.0)
"""Lengths that the line search tries, in units of the tangent's own step; 1 never falls."""

METHODS = {"final": "sca_final", "best": "sca_best", "polished": "sca_1opt"}

NEWTON_STEPS = 100  # a handful for most devices


def solve(
    problem: Problem,
    *,
    seed: int,
    start: Schedule | None = None,
    max_evaluations: int | None = None,
    num_iterations: int = 150,
    keep: str = "final",
) -> Solution[Schedule]:
    r"""Return the rounded schedule of an SCA iterate.

    The binaries relax to a split of each device's power, :math:`P_{ic} \ge 0`, and the relaxed (weighted) sum rate is
    :math:`\sum_c \sum_i \log(1 + P_{ic} G_{ic} / (1 + \sum_{j \ne i} P_{jc} G_{jc}))`. Its tangent at an iterate is
    that of `qfl.scheduling.models.tangent.tangent_model` with continuous x: given the auxiliaries, each device solves

    .. math:: \max_{P_i} \sum_c 2 a_{ic} \sqrt{P_{ic}} - b_{ic} P_{ic}, \quad p_{\min} \le \sum_c P_{ic} \le p_{\max}

    in closed form but for one multiplier. A line search along the step, and the start at an even split with a little
    noise, are there to give SCA its best; so is what follows the rounding: each iterate's largest share names the
    sub-channel, and SCA on the powers alone (`qfl.wireless.power.sca_power`), from full power and from the iterate's,
    sets the rest. Without `se_cap`, which the tangent does not see.

    The relaxed objective never falls, but the rounded value does: relaxed, a strong device takes several sub-channels
    and the weak ones' power hides in one; rounding undoes both.

    Args:
        problem: A rate objective.
        seed: Of the noise of the start, and of the polish.
        start: Where to begin, mixed with an even split (at a corner the auxiliaries lock); even split if None.
        max_evaluations: Limit; an iteration costs the line search, and the power iterations of the rounding.
        num_iterations: Tangents.
        keep: ``final`` = the last iterate, ``best`` = the best rounded one, ``polished`` = the best and 1-opt after it.

    Reference:
        Shen and Yu, Fractional programming for communication systems, parts I and II, 2018 (the tangent and the
        assignment); the line search and the choice of iterates are ours.
    """
    require_choice("keep", keep, METHODS)
    method = METHODS[keep]
    require_kind(problem, "rates", method)
    record = Recorder(problem, method, "even split" if start is None else "given", max_evaluations)
    split, status = first_split(problem, start, seed), Status.FINISHED
    last = best = _rounded(problem, split, record)
    record.note(problem.value(best))
    for _ in range(num_iterations):
        if record.exhausted:
            status = Status.OUT_OF_EVALUATIONS
            break
        split = relaxed_step(problem, split)
        record.evaluations += len(STRETCHES)
        last = _rounded(problem, split, record)
        best = max(best, last, key=problem.value)
        record.note(problem.value(last if keep == "final" else best))
    if keep == "polished" and not record.exhausted:
        best, status = improve(problem, best, record, stream(seed, "best-response"))
    return record.solution(last if keep == "final" else best, status)


def relaxed_rate(problem: Problem, split: Split) -> float:
    """Return the relaxed weighted sum rate in nat: an upper bound of nothing, since a device may split its power."""
    received = split * problem.instance.gain
    total = 1 + received.sum(axis=0)
    return float((problem.rate_weights[:, None] * np.log(total / np.maximum(total - received, 1.0))).sum())


def relaxed_step(problem: Problem, split: Split) -> Split:
    """Return the next iterate: the tangent's maximiser, stretched as far as the true relaxed rate likes best."""
    step = _tangent_maximiser(problem, split) - split
    tried = [_feasible(problem, split + stretch * step) for stretch in STRETCHES]
    values = [relaxed_rate(problem, candidate) for candidate in tried]
    return tried[int(np.argmax(values))]


def _tangent_maximiser(problem: Problem, split: Split) -> Split:
    gain = np.maximum(problem.instance.gain, 1e-30)  # of 0, the multiplier would be undefined
    received = split * gain
    total = 1 + received.sum(axis=0)
    weight = np.maximum(problem.rate_weights, 1e-12 * problem.rate_weights.max())  # of 0, likewise
    scale = weight[:, None] * total / np.maximum(total - received, 1.0)
    y2 = scale * received / total**2
    # P_ic = squared / (price + multiplier)^2
    squared, price = y2 * scale * gain, gain * y2.sum(axis=0)
    low_w, high_w = _power_range(problem)
    free = (squared / np.maximum(price, 1e-300) ** 2).sum(axis=1)
    target = np.clip(free, low_w, high_w)
    # the multiplier counts from minus the lowest price: price + multiplier would cancel digits
    above = price - price.min(axis=1, keepdims=True)
    # Newton on the inverse square root of the sum, concave in the multiplier, from a point left of the root
    multiplier = (np.sqrt(squared / target[:, None]) - above).max(axis=1)
    for _ in range(NEWTON_STEPS):
        shifted = above + multiplier[:, None]
        terms = squared / shifted**2
        now, slope = terms.sum(axis=1), (terms / shifted).sum(axis=1)
        if np.all(now <= (1 + 1e-9) * target):
            break
        multiplier = multiplier + (np.sqrt(now / target) - 1) * now / slope
    return squared / (above + multiplier[:, None]) ** 2


def _feasible(problem: Problem, split: Split) -> Split:
    low_w, high_w = _power_range(problem)
    positive = np.maximum(split, 1e-30 * high_w)  # a zero would lock its auxiliaries
    spent = positive.sum(axis=1, keepdims=True)
    return positive * (np.clip(spent, low_w, high_w) / spent)


def _power_range(problem: Problem) -> tuple[float, float]:
    instance = problem.instance
    can_rest = instance.variant in ("optional_channel", "optional_power")
    return (1e-9 * instance.max_power_w if can_rest else instance.min_power_w), instance.max_power_w


def first_split(problem: Problem, start: Schedule | None, seed: int) -> Split:
    """Return the split that SCA begins with: an even one with a little noise, a start mixed in.

    Args:
        problem: A rate objective.
        start: What most of the power is put on; None for an even split alone.
        seed: Of the noise.
    """
    shape = (problem.num_devices, problem.num_channels)
    noise = stream(seed, "sca").uniform(0.9, 1.1, shape)
    split = noise / noise.sum(axis=1, keepdims=True) * problem.instance.max_power_w
    if start is not None:
        on = np.flatnonzero(start.channel >= 0)
        split = 0.1 * split
        split[on, start.channel[on]] += 0.9 * start.power_w[on]
    return _feasible(problem, split)


def _rounded(problem: Problem, split: Split, record: Recorder[Schedule]) -> Schedule:
    channel, power_w = capped(problem, split), np.minimum(split.sum(axis=1), problem.instance.max_power_w)
    return max(
        with_sca_power(problem, channel, None, record),
        with_sca_power(problem, channel, power_w, record),
        key=problem.value,
    )

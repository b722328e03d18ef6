"""How many gradient steps a client makes in a round, of which size, and how far they carry.

Client and server both count them: the one makes them, the other may have to know (`strategies/fednova.py`).
"""

from qfl.config import Settings
from qfl.step_size import step_factor


def local_steps(settings: Settings, num_examples: int) -> int:
    """Return the gradient steps of a client in one round.

    With ``train.local-epochs`` they are so many walks through its samples, a batch a step; otherwise every client makes
    ``train.local-steps``.

    Args:
        settings: The run's.
        num_examples: Samples that the client holds, at least 1.

    Example:
        >>> settings = Settings.from_flat({"train.local-epochs": 2, "train.batch-size": 32})
        >>> local_steps(settings, 32), local_steps(settings, 33), local_steps(Settings(), 33)
        (2, 4, 5)
    """
    train = settings.train
    if train.local_epochs is None:
        return train.local_steps
    return train.local_epochs * -(-num_examples // train.batch_size)


def local_rate(settings: Settings, round_number: int) -> float:
    """Return the clients' step size in a round, ``train.learning-rate`` on its ``train.schedule``.

    Args:
        settings: The run's.
        round_number: From 1.
    """
    train = settings.train
    return train.learning_rate * step_factor(train.schedule, round_number, settings.rounds)


def accumulated_steps(settings: Settings, steps: int) -> float:
    r"""Return how many plain gradient steps the local steps of a client add up to.

    .. math::
        \|a\|_1 = \sum_{i=1}^{\tau} \frac{1 - \rho^i}{1 - \rho}
        = \frac{1}{1 - \rho} \left( \tau - \rho \frac{1 - \rho^\tau}{1 - \rho} \right)

    with :math:`\rho` the local momentum; without it, and with Adam, whose steps are of about one length whatever the
    gradient is, it is the number :math:`\tau` of the steps.

    Args:
        settings: The run's.
        steps: :math:`\tau`, at least 1.

    Example:
        >>> momentum = Settings.from_flat({"train.momentum": 0.5})
        >>> accumulated_steps(momentum, 1), accumulated_steps(momentum, 2), accumulated_steps(Settings(), 2)
        (1.0, 2.5, 2.0)

    Reference:
        Wang et al., Tackling the Objective Inconsistency Problem in Heterogeneous Federated Optimization, 2020,
        arXiv:2007.07481: the norm of the vector a of SGD with momentum.
    """
    momentum = settings.train.momentum if settings.train.optimizer == "sgd" else 0.0
    return sum((1 - momentum**number) / (1 - momentum) for number in range(1, steps + 1))

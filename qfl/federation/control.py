"""The client's half of SCAFFOLD: what its gradients are corrected by, and the control variate that it keeps.

The server's half is `strategies/scaffold.py`, the formulas of both `qfl.aggregation.control_variates`.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from flwr.app import ConfigRecord
from numpy.typing import NDArray

from qfl.aggregation.control_variates import new_control
from qfl.config import Settings
from qfl.errors import Rejection
from qfl.federation.records.messages import CONTROL
from qfl.tasks.local import ClientUpdate
from qfl.tasks.local_steps import local_rate, local_steps

Kept = Mapping[str, NDArray]


def sent_control(config: ConfigRecord, angles: NDArray) -> NDArray | None:
    """Return the server's control variate out of a broadcast's settings, in double precision; None where there is none.

    Args:
        config: The round's settings, verified.
        angles: As they were broadcast: the variate has their length and precision.

    Raises:
        Rejection: ``bad-config`` if it is of another length, or not finite.
    """
    if CONTROL not in config:
        return None
    sent, form = config[CONTROL], angles.dtype.newbyteorder("<")
    if not isinstance(sent, bytes) or len(sent) != len(angles) * form.itemsize:
        raise Rejection("bad-config", f"{CONTROL!r} is not {len(angles)} numbers of {angles.dtype}")
    control = np.frombuffer(sent, dtype=form).astype(np.float64)
    if not np.isfinite(control).all():
        raise Rejection("bad-config", f"{CONTROL!r} holds numbers that are not finite")
    return control


def correction(control: NDArray, kept: Sequence[Kept]) -> NDArray:
    """Return what is added to the gradients of clients, c minus each client's own variate, [client angle].

    Args:
        control: The server's variate.
        kept: What each client kept.
    """
    return np.stack([control - _own(each, control) for each in kept])


def control_after(
    settings: Settings, round_number: int, control: NDArray, kept: Kept, received: NDArray, update: ClientUpdate
) -> dict[str, NDArray]:
    """Return the client's variate after a round, by its name.

    Args:
        settings: The run's.
        round_number: From 1.
        control: The server's variate.
        kept: What the client kept until now.
        received: The angles it started from.
        update: What it made of them.
    """
    way = local_steps(settings, update.num_examples) * local_rate(settings, round_number)
    before, after = received.astype(np.float64), update.angles.astype(np.float64)
    return {CONTROL: new_control(_own(kept, control), control, before, after, way=way)}


def _own(kept: Kept, control: NDArray) -> NDArray:
    return kept.get(CONTROL, np.zeros(len(control)))

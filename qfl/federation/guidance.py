"""What a broadcast asks of its clients' steps besides training, and what they keep of it.

::

    "config"   {"proximal-mu": FedProx,    "control": SCAFFOLD,
                "metric", "metric-regularisation", "metric-samples": FedQNG}
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from flwr.app import ConfigRecord
from numpy.typing import NDArray

from qfl.config import Settings
from qfl.errors import Rejection
from qfl.federation.control import control_after, correction, sent_control
from qfl.federation.records.messages import METRIC, REGULARISATION, SAMPLES
from qfl.models.vqc import Vqc
from qfl.tasks.federation import Federation
from qfl.tasks.local import ClientUpdate, Guidance
from qfl.tasks.natural import MetricRequest
from qfl.tasks.personal import personal_entries

PERSONAL = "personal"


@dataclass(frozen=True, eq=False)
class Request:
    """What a verified broadcast asks of the steps of all clients that it goes to.

    Args:
        proximal_mu: Weight of FedProx's proximal term, 0 under other strategies.
        control: The server's control variate; None without SCAFFOLD.
        metric: The metric that gradients are measured in; None without FedQNG.
        personal: What was broadcast of the personal entries (`qfl.tasks.personal`); a client begins with it.
    """

    proximal_mu: float = 0.0
    control: NDArray | None = None
    metric: MetricRequest | None = None
    personal: NDArray | None = None

    def guidance(self, kept: Sequence[Mapping[str, NDArray]]) -> Guidance:
        """Return what steers the steps of clients that train together.

        Args:
            kept: What each of them kept from its last round.
        """
        own = None if self.control is None else correction(self.control, kept)
        begin = None if self.personal is None else np.stack([each.get(PERSONAL, self.personal) for each in kept])
        return Guidance(self.proximal_mu, own, self.metric, begin)

    def to_keep(
        self,
        settings: Settings,
        round_number: int,
        kept: Mapping[str, NDArray],
        received: NDArray,
        update: ClientUpdate,
    ) -> dict[str, NDArray]:
        """Return what a client keeps after a round, by name.

        Args:
            settings: The run's.
            round_number: From 1.
            kept: What it kept until now.
            received: The angles it started from.
            update: What it made of them.
        """
        found = {} if self.personal is None else {PERSONAL: update.personal}
        if self.control is not None:
            found |= control_after(settings, round_number, self.control, kept, received, update)
        return found


def request_of(config: ConfigRecord, angles: NDArray, federation: Federation) -> Request:
    """Return what the settings of a round ask for.

    Args:
        config: Verified.
        angles: As they were broadcast.
        federation: Whose model is trained.

    Raises:
        Rejection: ``bad-config`` if they ask for what cannot be.
    """
    pull, control, metric = number(config, "proximal-mu"), sent_control(config, angles), _metric(config, federation)
    own = personal_entries(federation.settings, federation.model.layout)
    return Request(pull, control, metric, angles[own] if len(own) else None)


def _metric(config: ConfigRecord, federation: Federation) -> MetricRequest | None:
    if METRIC not in config:
        return None
    if not isinstance(federation.model, Vqc):
        raise Rejection("bad-config", f"{METRIC!r} is asked of a model without a circuit")
    regularisation, samples = number(config, REGULARISATION), int(number(config, SAMPLES))
    match config[METRIC]:
        case "block-diag" | "diag" as approximation if regularisation > 0 and samples > 0:
            return MetricRequest(approximation, regularisation, samples)
        case _:
            raise Rejection("bad-config", f"{METRIC!r} asks for no metric")


def number(config: ConfigRecord, name: str) -> float:
    """Return a number out of a round's settings, 0 where there is none.

    Args:
        config: Verified.
        name: Its key.

    Raises:
        Rejection: ``bad-config`` if it is something else.
    """
    value = config.get(name, 0)
    if not isinstance(value, int | float):
        raise Rejection("bad-config", f"{name} is no number")
    return float(value)

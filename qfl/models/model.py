"""What every model is to the rest of the program: one flat vector in, logits or predicted targets out."""

from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from qfl.angles import AngleLayout


@runtime_checkable
class Model(Protocol):
    """A classifier or regression whose trained numbers are one flat vector, the angles.

    It remembers nothing, so the same model serves one client, or many clients at once: then angles and inputs have a
    leading ``client`` axis, client k's inputs meet client k's angles, and every client gets what it would get alone.
    """

    @property
    def layout(self) -> AngleLayout:
        """Names and periods of the entries that are trained and travel."""
        ...

    def initial(self, seed: int) -> NDArray[np.float64]:
        """Return the entries that the first round starts from; the same for the same seed."""
        ...

    def logits(
        self, angles: Float[Tensor, "*client angle"], inputs: Float[Tensor, "*client sample feature"]
    ) -> Float[Tensor, "*client sample label"]:
        """Return one logit per label, in the precision of ``angles``; of a regression one number per target.

        Args:
            angles: The model's entries, of one client or of several.
            inputs: Samples, of as many clients.
        """
        ...


def num_quantum(model: Any) -> int:
    """Return how many of a model's entries are angles of circuits: all that have a period, unless it says otherwise.

    Example:
        >>> from qfl.models.mlp import make_mlp
        >>> num_quantum(make_mlp(4, 2, hidden=3))
        0
    """
    return int(getattr(model, "num_quantum", model.layout.num_angles))

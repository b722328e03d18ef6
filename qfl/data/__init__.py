"""Labelled samples: where they come from, how they are shared out among clients, what was read."""

from typing import TYPE_CHECKING

from qfl.lazy import attributes

if TYPE_CHECKING:
    from qfl.data.check import require_directions as require_directions
    from qfl.data.dataset import Dataset as Dataset, FederatedData as FederatedData
    from qfl.data.digits import load_digits as load_digits
    from qfl.data.idx import LABELS as LABELS
    from qfl.data.load import fit_raw as fit_raw, read as read, read_test as read_test, sizes as sizes
    from qfl.data.manifest import describe as describe
    from qfl.data.mnist import FILES as FILES
    from qfl.data.operators import declare_torchvision_operators as declare_torchvision_operators
    from qfl.data.own import Labelled as Labelled, Labels as Labels, load_labelled as load_labelled
    from qfl.data.targets import (
        Scaling as Scaling,
        require_variance as require_variance,
        scaling_of as scaling_of,
        standardised as standardised,
    )
    from qfl.data.transform import Preprocessing as Preprocessing

__getattr__, __dir__ = attributes(__name__)

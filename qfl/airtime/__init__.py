"""The radio inside a federation: who sends when on which sub-channel, and what is in by the round's deadline.

`radio` is the cell of a run and simulates its rounds (`simulation`) on a virtual clock: an `allocator` asks a solver of
`qfl.scheduling` who sends where, `uploads` says what gets through, `coverage` weighs devices by their labels,
`warm_start` begins an allocation at the one before.
"""

from typing import TYPE_CHECKING

from qfl.lazy import attributes

if TYPE_CHECKING:
    from qfl.airtime.coverage import lost_labels as lost_labels
    from qfl.airtime.invocation import KEPT as KEPT, Row as Row
    from qfl.airtime.radio import Radio as Radio
    from qfl.airtime.radio_settings import (
        FAMILIES as FAMILIES,
        own_settings as own_settings,
        scenario_of as scenario_of,
        solver_name as solver_name,
        solver_of as solver_of,
    )
    from qfl.airtime.simulation import RadioRound as RadioRound

__getattr__, __dir__ = attributes(__name__)

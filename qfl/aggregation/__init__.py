"""Pure rules that make one angle vector of many: means, medians, choices, on the line and on the circle."""

from typing import TYPE_CHECKING

from qfl.lazy import attributes

if TYPE_CHECKING:
    from qfl.aggregation.aggregate import (
        Aggregate as Aggregate,
        Rule as Rule,
        shares as shares,
        weighted_mean as weighted_mean,
    )
    from qfl.aggregation.blocks import block_mean as block_mean
    from qfl.aggregation.circular import circular_mean as circular_mean
    from qfl.aggregation.control_variates import control_change as control_change, new_control as new_control
    from qfl.aggregation.delta import delta_mean as delta_mean
    from qfl.aggregation.entries import entry_mean as entry_mean
    from qfl.aggregation.local import local_differences as local_differences
    from qfl.aggregation.noise_aware import noise_aware_mean as noise_aware_mean
    from qfl.aggregation.normalised import normalised_mean as normalised_mean
    from qfl.aggregation.screens import (
        direction_screened_mean as direction_screened_mean,
        norm_screened_mean as norm_screened_mean,
    )
    from qfl.aggregation.su2 import su2_mean as su2_mean
    from qfl.aggregation.trimmed_circular import trimmed_circular_mean as trimmed_circular_mean
    from qfl.aggregation.trusted import trusted_mean as trusted_mean

__getattr__, __dir__ = attributes(__name__)

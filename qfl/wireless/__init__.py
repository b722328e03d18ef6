"""The radio: one base station, its sub-channels, and the devices that upload on them."""

from typing import TYPE_CHECKING

from qfl.lazy import attributes

if TYPE_CHECKING:
    from qfl.wireless.cell_free.ascent import ascend as ascend, joint as joint
    from qfl.wireless.cell_free.channel import Channels as Channels
    from qfl.wireless.cell_free.max_min import max_min as max_min
    from qfl.wireless.cell_free.network import CellFree as CellFree
    from qfl.wireless.cell_free.pilots import assign_pilots as assign_pilots, serving_by_pilot as serving_by_pilot
    from qfl.wireless.cell_free.power import (
        NUM_STARTS as NUM_STARTS,
        climb_powers as climb_powers,
        rates_at as rates_at,
    )
    from qfl.wireless.cell_free.precoders import (
        max_ratio as max_ratio,
        random_unit as random_unit,
        slnr as slnr,
        unconjugated as unconjugated,
    )
    from qfl.wireless.cell_free.rates import (
        Score as Score,
        Serves as Serves,
        beam_gains as beam_gains,
        evaluate as evaluate,
        one_hot as one_hot,
        rates_of_power as rates_of_power,
        user_rates as user_rates,
    )
    from qfl.wireless.cell_free.user_centric import UserCentric as UserCentric
    from qfl.wireless.d2d import (
        D2dScenario as D2dScenario,
        Purpose as Purpose,
        SETUPS as SETUPS,
        sample_links as sample_links,
    )
    from qfl.wireless.d2d_bounds import no_interference_bound as no_interference_bound
    from qfl.wireless.d2d_rates import link_snr as link_snr, sum_rate as sum_rate
    from qfl.wireless.d2d_search import (
        MOST_PAIRS as MOST_PAIRS,
        best_single_link as best_single_link,
        exact_on_off as exact_on_off,
        greedy_on_off as greedy_on_off,
        max_power as max_power,
        random_power as random_power,
    )
    from qfl.wireless.fading import Trajectory as Trajectory
    from qfl.wireless.measured import require_size as require_size
    from qfl.wireless.power import (
        PowerSolution as PowerSolution,
        power_range as power_range,
        sca_power as sca_power,
        wmmse_power as wmmse_power,
    )
    from qfl.wireless.rates import require_channels as require_channels, sinr as sinr
    from qfl.wireless.scenario import UplinkScenario as UplinkScenario
    from qfl.wireless.units import dbm_to_w as dbm_to_w
    from qfl.wireless.uplink import UplinkInstance as UplinkInstance
    from qfl.wireless.wmmse import best_of_starts as best_of_starts, fractional_programming as fractional_programming

__getattr__, __dir__ = attributes(__name__)

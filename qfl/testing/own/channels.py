"""A path loss or gains of links, ours or somebody's own, as a run draws them, by the channels' kit."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from qfl.airtime.radio_settings import own_settings, scenario_of
from qfl.testing.kits import Check, channel
from qfl.testing.own.kinds import Case
from qfl.wireless.d2d import D2dScenario, sample_links
from qfl.wireless.uplink import draw

DEVICES, CHANNELS, PAIRS = 6, 3, 4


def checks(case: Case) -> Iterator[Check]:
    """Yield the checks of a path loss, in a small cell with the floors, shadowing and fading that the settings say.

    Raises:
        UserError: If it is no path loss.
    """
    own_settings(case.settings.radio)
    cell = replace(scenario_of(case.settings.radio, DEVICES), num_channels=CHANNELS, gains="")
    draw(cell, 1)
    yield from channel.checks(
        lambda seed, count: np.stack([draw(cell, 1000 * seed + k).gain for k in range(count)]), (DEVICES, CHANNELS)
    )


def links_checks(case: Case) -> Iterator[Check]:
    """Yield the checks of the gains of device-to-device links.

    Raises:
        UserError: If they are none.
    """
    scenario = D2dScenario(PAIRS, case.settings.d2d.channel)
    sample_links(scenario, 1, 1, "d2d-train")
    yield from channel.checks(lambda seed, count: sample_links(scenario, count, seed, "d2d-train").gain, (PAIRS, PAIRS))

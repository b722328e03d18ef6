"""A strategy or a pure rule, ours or somebody's own, by the kits of rules and of strategies."""

from collections.abc import Iterator
from dataclasses import replace
from math import inf

import numpy as np

from qfl.angles import FOUR_PI, TWO_PI, AngleLayout
from qfl.config import ClientsSettings
from qfl.config.private import unfold
from qfl.errors import ConfigError
from qfl.extend import is_reference, load_own
from qfl.federation.strategy.own_rule import KEY, is_rule
from qfl.testing.kits import Check, rule, strategy
from qfl.testing.own.kinds import Case

# a Rot gate, two rotations, a controlled rotation, a bias
LAYOUT = AngleLayout(tuple("abcdefg"), (TWO_PI,) * 5 + (FOUR_PI, inf), ((0, 1, 2),))
START = np.array([0.3, 1.2, -0.5, 3.1, -2.0, 0.7, 0.2])


def checks(case: Case) -> Iterator[Check]:
    """Yield the checks of a rule, if it is one, and of the strategy that a run makes of it.

    Raises:
        UserError: If no strategy can be made.
    """
    settings = replace(case.settings, clients=ClientsSettings(count=strategy.CLIENTS))
    thing = load_own(case.name, KEY) if is_reference(case.name) else None
    make = case.make_strategy
    if make is None:
        raise ConfigError(f"{KEY} = {case.name!r}: the app's server module has no make(settings, layout); add one")
    make(settings, LAYOUT)
    if thing is not None and is_rule(thing):
        yield from rule.checks(thing, LAYOUT, **unfold(settings.strategy.my))
    yield from strategy.checks(lambda: make(settings, LAYOUT), START)

"""Differential privacy of clients: how little a run tells of what one of them holds.

A client's movement, every angle the short way round, is cut to a length of at most ``privacy.clip``; whoever releases
something of it adds noise to every entry, of a standard deviation that is the multiplier times the sensitivity: the
most that one client can change what is released.

::

    mechanism     who adds noise                  to what               sensitivity  holds against
    central       the server                      the sum of movements  clip         whoever sees the models
    distributed   each client a share (discrete)  the masked sum        clip         the server, too
    local         each client all of it           its own movement      2 x clip     the server, too

Central and distributed promise that models with and without a client are alike (add or remove one); local promises it
of any two data sets that a client may hold, hence twice the length. `accountant` adds rounds up, by a library.

A circuit's shots are no such noise: their spread depends on the data, is zero where an outcome is certain, and no
epsilon follows from their number.
"""

from typing import TYPE_CHECKING

from qfl.lazy import attributes

if TYPE_CHECKING:
    from qfl.privacy.accountant import (
        epsilon as epsilon,
        noise_multiplier as noise_multiplier,
        require_library as require_library,
    )
    from qfl.privacy.clip import circular_clip as circular_clip
    from qfl.privacy.discrete_sum import (
        BITS as BITS,
        share_variance as share_variance,
        summed_multiplier as summed_multiplier,
    )
    from qfl.privacy.gaussian import noisy as noisy
    from qfl.privacy.keystream import Keystream as Keystream, SEED_BYTES as SEED_BYTES

__getattr__, __dir__ = attributes(__name__)

"""From Python: run a federation, look at its rows, go on with it, and run a grid of them.

The command line stands on this package, so that a run from a script and one from a shell are the same run.
"""

from typing import TYPE_CHECKING

from qfl.lazy import attributes

if TYPE_CHECKING:
    from qfl.api.checkout import find_checkout as find_checkout, here as here
    from qfl.api.outcome import failed as failed
    from qfl.api.progress import show_progress as show_progress
    from qfl.api.resume import resumed_settings as resumed_settings
    from qfl.api.run import Run as Run
    from qfl.api.sweep import (
        Sweep as Sweep,
        measure as measure,
        open_folder as open_folder,
        placed_in as placed_in,
        require_jobs as require_jobs,
        train as train,
    )
    from qfl.api.unlearn import Unlearning as Unlearning, plan as plan, rerun as rerun

__getattr__, __dir__ = attributes(__name__)

"""Keeping track of runs: which there are and what they came to."""

from typing import TYPE_CHECKING

from qfl.lazy import attributes

if TYPE_CHECKING:
    from qfl.tracking.listing import (
        Entry as Entry,
        is_running as is_running,
        list_runs as list_runs,
        read_entry as read_entry,
    )
    from qfl.tracking.query import (
        best as best,
        check_key as check_key,
        condition as condition,
        differences as differences,
        ordered as ordered,
    )
    from qfl.tracking.removal import check_removable as check_removable, remove as remove, size_of as size_of
    from qfl.tracking.sinks.sinks import Sinks as Sinks, make_sinks as make_sinks

__getattr__, __dir__ = attributes(__name__)

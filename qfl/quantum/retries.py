"""Jobs on hardware that fail are tried again, with longer and longer pauses, and then count as the client's failure."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

from qfl.errors import JobFailed, UserError

PAUSES_S = (1.0, 4.0, 16.0)  # before the second, third and fourth try
MOST_LETTERS = 200
T = TypeVar("T")


def retried(
    job: Callable[[], T],
    device: Any,
    pauses_s: tuple[float, ...] = PAUSES_S,
    sleep: Callable[[float], None] | None = None,
) -> T:
    """Return what a job gives, tried again after each pause where it fails; a user's mistake is not tried again.

    Args:
        job: Runs it.
        device: Where; for the job's id.
        pauses_s: Seconds before each further try.
        sleep: Waits; `time.sleep` if None.

    Raises:
        JobFailed: With the last job's id and what it said, if no try succeeds.

    Example:
        >>> answers = iter([TimeoutError("busy"), 7])
        >>> def job():
        ...     found = next(answers)
        ...     if isinstance(found, Exception):
        ...         raise found
        ...     return found
        >>> retried(job, None, sleep=lambda seconds: None)
        7
    """
    for pause_s in (*pauses_s, None):
        try:
            return job()
        except UserError:
            raise
        except Exception as error:  # a plugin may raise anything
            if pause_s is None:
                said = " ".join(str(error).split())[:MOST_LETTERS]
                raise JobFailed(
                    f"job {job_id(error, device)} failed {len(pauses_s) + 1} times, lastly with "
                    f"{type(error).__name__}: {said}"
                ) from error
            (sleep or time.sleep)(pause_s)
    raise AssertionError("the last try returns or raises")


def job_id(error: BaseException, device: Any) -> str:
    """Return a job's id as the error has it, or the device; ``unknown`` where neither does.

    Example:
        >>> error = TimeoutError()
        >>> error.job_id = "c-17"
        >>> job_id(error, None)
        'c-17'
    """
    for owner in (error, device, getattr(device, "_current_job", None)):
        found = getattr(owner, "job_id", None)
        try:
            found = found() if callable(found) else found
        except Exception:  # an id that cannot be had must not hide the failure
            found = None
        if found:
            return str(found)[:MOST_LETTERS]
    return "unknown"

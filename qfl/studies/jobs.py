"""Run jobs in processes of one thread each: two heavy jobs on two cores, no more than there are cores."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing import active_children, get_context, parent_process
from threading import Thread
from typing import Any

from qfl.studies.examples import load_all, loaded


def run_jobs(jobs: Sequence[tuple[Callable[..., Any], tuple[Any, ...]]], processes: int = 0) -> Iterator[Any]:
    """Yield the result of each job as it is done; jobs start in their order, so give the longest first.

    Args:
        jobs: Functions of a module and their arguments, which travel to another process; it loads the examples that are
            loaded here before it unpacks them.
        processes: At most; 0 takes the cores of this machine, up to 8.

    Example:
        >>> sorted(run_jobs([(max, (1, 2)), (max, (3, 4))], processes=1))
        [2, 4]
    """
    processes = min(processes or min(os.cpu_count() or 1, 8), len(jobs))
    if processes <= 1:
        for function, arguments in jobs:
            yield function(*arguments)
        return
    with _one_thread_each(), _pool(processes) as pool:
        others = active_children()
        with _without_script():
            pending = [pool.submit(function, *arguments) for function, arguments in jobs]
        try:
            for done in as_completed(pending):
                yield done.result()
        except BaseException:  # also Ctrl-C, SIGTERM, or a caller that takes no more: nobody waits for the rest
            for process in active_children():
                if process not in others:
                    process.terminate()
            raise
        finally:
            pool.shutdown(cancel_futures=True)


def _pool(processes: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(processes, get_context("spawn"), _begin, (loaded(),))


def _begin(examples: Any) -> None:
    """Load the examples in a process of the pool, and end it when that which began it is gone: nobody waits for it."""
    load_all(examples)
    if parent := parent_process():
        Thread(target=lambda: (parent.join(), os._exit(1)), daemon=True).start()


@contextmanager
def _without_script() -> Iterator[None]:
    """Keep a process that is started within from running the caller's script again: jobs are functions of modules."""
    script = sys.modules["__main__"]
    kept = {name: getattr(script, name, None) for name in ("__file__", "__spec__")}
    for name in kept:
        setattr(script, name, None)
    try:
        yield
    finally:
        for name, value in kept.items():
            setattr(script, name, value)


@contextmanager
def _one_thread_each() -> Iterator[None]:
    kept = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = "1"
    try:
        yield
    finally:
        if kept is None:
            del os.environ["OMP_NUM_THREADS"]
        else:
            os.environ["OMP_NUM_THREADS"] = kept

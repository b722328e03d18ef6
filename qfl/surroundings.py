"""A run's surroundings: the same numbers whatever the caller's process is set to, and the caller's settings afterwards.

Without it a run that is started within ``torch.no_grad`` or ``inference_mode`` ends in an error of torch's, one within
``autocast`` or under another default type has other digests, and warnings that the caller made errors end it.
"""

import logging
import os
import random
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import numpy as np

LOGGERS = ("", "flwr", "ray")


@contextmanager
def own_arithmetic() -> Iterator[None]:
    """Compute as torch and NumPy do by themselves: gradients, no autocast, float32, on the processor, no traps.

    Example:
        >>> import torch
        >>> with torch.no_grad(), own_arithmetic():
        ...     torch.ones(1, requires_grad=True).exp().requires_grad
        True
    """
    import torch

    with ExitStack() as stack:
        stack.enter_context(torch.inference_mode(mode=False))
        stack.enter_context(torch.enable_grad())
        for device in ("cpu", "cuda"):
            if torch.is_autocast_enabled(device):
                stack.enter_context(torch.autocast(device, enabled=False))
        if torch.get_default_device().type != "cpu":
            stack.enter_context(torch.device("cpu"))
        stack.enter_context(np.errstate(divide="warn", over="warn", under="ignore", invalid="warn"))
        _set(stack, torch.get_default_dtype, torch.set_default_dtype, torch.float32)
        _set(stack, torch.get_float32_matmul_precision, torch.set_float32_matmul_precision, "highest")
        kept = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
        if kept[0]:
            torch.use_deterministic_algorithms(False)
            stack.callback(torch.use_deterministic_algorithms, kept[0], warn_only=kept[1])
        yield


@contextmanager
def own_surroundings() -> Iterator[None]:
    """Run within `own_arithmetic`, and leave the process as it was.

    What is put back: the global random generators, torch's threads, the environment, the working directory,
    ``sys.path``, signal handlers, the levels of loggers, warning filters and hooks. Warnings that are errors are
    warnings within.
    """
    import torch

    with ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        _soften_warnings()
        stack.callback(_restorer())
        stack.callback(torch.set_num_threads, torch.get_num_threads())
        stack.callback(torch.set_rng_state, torch.get_rng_state())
        stack.enter_context(own_arithmetic())
        yield


def _soften_warnings() -> None:
    """Show once what the caller made an error of: the run is not the caller's code."""
    filters: Any = warnings.filters
    filters[:] = [("default", *rest) if action == "error" else (action, *rest) for action, *rest in filters]


def _set(stack: ExitStack, get: Callable[[], Any], put: Callable[[Any], None], value: Any) -> None:
    if (before := get()) != value:
        put(value)
        stack.callback(put, before)


def _restorer() -> Callable[[], None]:
    environment, path, hooks = dict(os.environ), list(sys.path), (sys.excepthook, threading.excepthook)
    draws = random.getstate(), np.random.get_state()  # noqa: NPY002
    levels = {name: logging.getLogger(name).level for name in LOGGERS}
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    folder = None
    with suppress(OSError):
        folder = os.getcwd()

    def restore() -> None:
        for name in os.environ.keys() - environment.keys():
            del os.environ[name]
        os.environ.update(environment)
        sys.path[:] = path
        sys.excepthook, threading.excepthook = hooks
        random.setstate(draws[0])
        np.random.set_state(draws[1])  # noqa: NPY002
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
        _handle(handlers)
        if folder is not None:
            with suppress(OSError):
                os.chdir(folder)

    return restore


def _handle(handlers: dict[signal.Signals, Any]) -> None:
    if threading.current_thread() is threading.main_thread():
        for number, handler in handlers.items():
            if handler is not None and signal.getsignal(number) is not handler:
                signal.signal(number, handler)

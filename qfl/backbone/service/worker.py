"""The thread that ends jobs while others are admitted."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Condition, Event, Thread
from typing import Any

from qfl.backbone.orchestration.orchestrator import Orchestrator

IDLE_S = 0.5  # after which the log is looked at again, whatever happens


class Worker:
    """An orchestrator that works in a thread of its own.

    Args:
        orchestrator: Whose log threads may share.
    """

    def __init__(self, orchestrator: Orchestrator):
        self.orchestrator = orchestrator
        self._changed, self._stop = Condition(), Event()

    def submit(self, name: str, application: str, request: Mapping[str, Any], deadline_s: float) -> int:
        """Admit a job as `Orchestrator.submit` does, and wake the thread.

        Args:
            name: The idempotency key.
            application: A key of `qfl.backbone.applications.posed.APPLICATIONS`.
            request: Plain values, in the application's words.
            deadline_s: Seconds from now.
        """
        number = self.orchestrator.submit(name, application, request, deadline_s)
        with self._changed:
            self._changed.notify_all()
        return number

    def wait_for(self, name: str) -> dict[str, Any]:
        """Return what came of a job that was admitted; wait until it has ended."""
        while not self._stop.is_set():
            if (found := next(self.orchestrator.log.outcomes(name), None)) is not None:
                return {"state": "ended", **found}
            with self._changed:
                self._changed.wait(IDLE_S)
        return {"state": "waiting", "name": name}

    @contextmanager
    def running(self) -> Iterator[None]:
        """Work until the block is left; a job that is begun is ended first."""
        thread = Thread(target=self._work, name="orchestrator", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            with self._changed:
                self._changed.notify_all()
            thread.join()

    def _work(self) -> None:
        while not self._stop.is_set():
            ended = self.orchestrator.step()
            with self._changed:
                if ended:
                    self._changed.notify_all()
                elif not self._stop.is_set():
                    self._changed.wait(IDLE_S)

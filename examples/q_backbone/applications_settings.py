"""How large the applications' instances are, and how many."""

from dataclasses import dataclass
from typing import Any

from qfl.errors import ConfigError
from qfl.studies.request import Request

from .settings import range_faults

RANGES = {
    "seeds": (1, 100),
    "test-rows": (50, 10_000),
    "days": (3, 100),
    "slices": (2, 200),
    "seconds": (1, 600),
    "frames": (1, 10_000),
    "most-qubits": (4, 14),
    "words": (100, 1_000_000),
    "steps": (1, 100_000),
}


@dataclass(frozen=True)
class ApplicationsSettings:
    """Sizes.

    Args:
        seeds: Instances of each application.
        test_rows: Telemetry that is scored.
        days: Traffic that is learned from.
        slices: Requests for slices.
        seconds: For HiGHS.
        frames: Words sent, for each seed.
        most_qubits: Of the kernels; 4, 8 and 12 up to this.
        words: Sent over each channel, for each seed and code of four bits.
        steps: That such a code is trained for.
    """

    seeds: int
    test_rows: int
    days: int
    slices: int
    seconds: int
    frames: int
    most_qubits: int
    words: int
    steps: int

    @property
    def qubits(self) -> tuple[int, ...]:
        """Principal components of the telemetry."""
        return tuple(q for q in (4, 8, 12) if q <= self.most_qubits)


def settings_of(request: Request) -> ApplicationsSettings:
    """Return the settings that a request asks for.

    Raises:
        ConfigError: If a number is out of range.
    """
    asked: dict[str, Any] = request.asked
    if faults := range_faults(asked, RANGES):
        raise ConfigError(faults)
    return ApplicationsSettings(**{key.replace("-", "_"): value for key, value in asked.items()})

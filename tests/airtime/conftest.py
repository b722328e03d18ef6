"""The small instances of the scheduling tests."""

from tests.scheduling.conftest import small_instance

__all__ = ["small_instance"]

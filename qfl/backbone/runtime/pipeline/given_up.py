"""What a reduction gave up, as the answer says it."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class GivenUp:
    """One rule's account.

    Args:
        rule: Its name.
        before: How many variables, demands, constraints or features there were.
        after: How many are left.
        at_most: Proved: the optimum of what is left is above the problem's by no more, in its unit; 0 is exact, None
            where nothing is proved.
        measured: What was measured of the loss, in the unit that the rule says; None where nothing was.

    Example:
        >>> GivenUp("twins", 12, 9, at_most=0.0).row
        {'rule': 'twins', 'before': 12, 'after': 9, 'at_most': 0.0, 'measured': None}
    """

    rule: str
    before: int
    after: int
    at_most: float | None = None
    measured: float | None = None

    @property
    def row(self) -> dict[str, Any]:
        """Plain values."""
        return dict(vars(self))

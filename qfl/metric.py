"""What a task is measured by: the figure of merit beside the loss, its unit and its range.

Nothing here computes; the tasks do, and report and command line only need to know what the numbers are. Every task has
its row with its metric in `qfl.specs`.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Metric:
    """A figure of merit, of which more is better.

    Args:
        name: Its key in rows, messages and results.
        title: Its name for people.
        unit: Its unit; empty for a number without one.
        high: Its largest possible value.
        loss: What the loss is that the clients minimise, for people.
        lowest_loss: The smallest possible loss. A strategy may raise a loss to a power (q-FedAvg), where a negative
            one would be NaN, so tasks with negative losses say so.
        low: Its smallest possible value.
    """

    name: str
    title: str
    unit: str
    high: float
    loss: str
    lowest_loss: float
    low: float = 0.0

    @property
    def is_share(self) -> bool:
        """Whether it is a share between 0 and 1, which is shown in percent.

        Example:
            >>> Metric("r2", "R2", "", 1.0, "mean square error", 0.0, low=-1e18).is_share
            False
        """
        return not self.unit and self.low == 0

    @property
    def noun(self) -> str:
        """Its title within a sentence: in small letters, unless it is a symbol.

        Example:
            >>> Metric("rate", "Least rate", "bit/s/Hz", 1e6, "gap", 0.0).noun
            'least rate'
        """
        return self.title.lower() if self.title[1:2].islower() else self.title

    def text(self, value: float | None, digits: int = 4) -> str:
        """Return a value as progress lines show it.

        Example:
            >>> Metric("accuracy", "Accuracy", "", 1.0, "cross entropy in nats", 0.0).text(0.91666)
            'accuracy 0.9167'
        """
        return "" if value is None else f"{self.name} {value:.{digits}f}" + (f" {self.unit}" if self.unit else "")

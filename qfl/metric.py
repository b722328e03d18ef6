"""What a task is measured by: the figure of merit beside the loss, its unit and its range.

Nothing here computes; the tasks do, and report and command line only need to know what the numbers are.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Metric:
    """A figure of merit, of which more is better.

    Args:
        name: Its key in rows, messages and results.
        title: Its name for people.
        unit: Its unit; empty for a share between 0 and 1, which is shown in percent.
        high: Its largest possible value; the smallest is 0.
        loss: What the loss is that the clients minimise, for people.
        lowest_loss: The smallest possible loss. A strategy may raise a loss to a power (q-FedAvg), where a negative
            one would be NaN, so tasks with negative losses say so.
    """

    name: str
    title: str
    unit: str
    high: float
    loss: str
    lowest_loss: float

    def text(self, value: float | None, digits: int = 4) -> str:
        """Return a value as progress lines show it.

        Example:
            >>> METRICS["classify"].text(0.91666)
            'accuracy 0.9167'
        """
        return "" if value is None else f"{self.name} {value:.{digits}f}" + (f" {self.unit}" if self.unit else "")


METRICS: dict[str, Metric] = {
    "classify": Metric("accuracy", "Accuracy", "", 1.0, "cross entropy in nats", 0.0),
    # the least user's rate; at an access point log2(1 + SLNR), what it can promise by itself;
    # ideal is the best SLNR for edge models, and no interference for regions
    "cell_free": Metric("rate", "Least rate", "bit/s/Hz", 1e6, "gap to the ideal in bit/s/Hz", -1e-3),
    # nothing bounds a sum rate; a claim above this is a mistake
    "d2d": Metric("sum_rate", "Sum rate", "bit/s/Hz", 1e6, "negative sum rate in bit/s/Hz", -1e6),
}


def metric_of(task: str) -> Metric:
    """Return the metric of a task by the task's name.

    Example:
        >>> metric_of("classify").name
        'accuracy'
    """
    return METRICS[task]

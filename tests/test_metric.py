"""How a figure of merit is shown: rounded, with its unit, and not at all where there is none."""

import pytest

from qfl.metric import Metric

RATE = Metric("rate", "Least rate", "bit/s/Hz", 1e6, "gap in bit/s/Hz", 0.0)
SHARE = Metric("accuracy", "Accuracy", "", 1.0, "cross entropy in nats", 0.0)


@pytest.mark.parametrize(
    ("metric", "value", "digits", "text"),
    [
        (RATE, 2.34567, 2, "rate 2.35 bit/s/Hz"),
        (SHARE, 0.5, 4, "accuracy 0.5000"),
        (SHARE, 0.0, 1, "accuracy 0.0"),
        (RATE, None, 4, ""),
    ],
)
def test_a_value_is_shown_with_name_and_unit(metric, value, digits, text):
    assert metric.text(value, digits) == text

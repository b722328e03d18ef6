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


def test_a_noun_is_small_unless_it_is_a_symbol():
    assert RATE.noun == "least rate" and SHARE.noun == "accuracy"
    assert Metric("r2", "R\N{SUPERSCRIPT TWO}", "", 1.0, "", 0.0).noun == "R\N{SUPERSCRIPT TWO}"


def test_a_share_has_no_unit_and_is_never_negative():
    assert SHARE.is_share and not RATE.is_share
    assert not Metric("r2", "R2", "", 1.0, "", 0.0, low=-1.0).is_share

"""Multinomial logistic regression: the smallest classical baseline.

logits = W x + b

Reference:
    Bishop, Pattern recognition and machine learning, 2006, Section 4.3.4.
"""

from qfl.models.linear import Linear, make_linear


def make_logistic(num_features: int, num_labels: int) -> Linear:
    """Return a logistic regression of ``num_labels * (num_features + 1)`` entries: an affine map to logits.

    Example:
        >>> len(make_logistic(64, 10).layout)
        650
    """
    return make_linear(num_features, num_labels)

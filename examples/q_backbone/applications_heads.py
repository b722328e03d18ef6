"""What the page says of each application: what its numbers are, and what its instances are made of."""

from dataclasses import dataclass

from .applications_code import TRAINED_AT_DB


@dataclass(frozen=True)
class Head:
    """What is said of an application.

    Args:
        title: Its name for people.
        value: What a number is.
        more: Whether more of it is better.
        data: What the instances are.
        digits: Of a number, after the point.
    """

    title: str
    value: str
    more: bool
    data: str
    digits: int = 3


HEADS: dict[str, Head] = {
    "detect": Head(
        "Telemetry anomalies",
        "area under the curve",
        True,
        "Generated: 12 features of a link that follow its load, and five kinds of anomalies.",
    ),
    "predict": Head(
        "Traffic forecasts",
        "root mean square error, in standard deviations",
        False,
        "Generated: a link's day and week, noise that remembers, and bursts, in steps of 15 minutes.",
    ),
    "surfaces": Head(
        "Phases of a surface",
        "power over the largest of all phases",
        True,
        "Generated: Rayleigh channels, of four antennas over every element and directly.",
    ),
    "slices": Head(
        "Slice admission",
        "value over the bound",
        True,
        "Generated: requests of two functions each on random networks of 12 nodes.",
    ),
    "decoding": Head(
        "Decoding",
        "share of words in error",
        False,
        "Random regular codes of Gallager's construction, white Gaussian noise.",
    ),
    "learn": Head(
        "Four bits over seven uses",
        "share of words in error",
        False,
        "Codes over white Gaussian noise, at equal energy for each bit. In brackets the numbers that an encoder trains "
        f"at {TRAINED_AT_DB:g} dB, together with a receiving network of 784; every codebook is judged with the best "
        "receiver there is, the nearest symbols, and with that network. The milliseconds are those of the training.",
        digits=5,
    ),
}

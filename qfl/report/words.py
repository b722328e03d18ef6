"""Numbers as people read them; what is unknown is a dash."""

import math
from datetime import UTC, datetime

UNKNOWN = "\N{EN DASH}"
SPACE = "\N{NO-BREAK SPACE}"
BYTE_UNITS = ("B", "kB", "MB", "GB", "TB")


def percent(share: float, digits: int = 1) -> str:
    r"""Return a share in percent.

    Example:
        >>> percent(0.9722), percent(math.nan)
        ('97.2\xa0%', '–')
    """
    return UNKNOWN if not known(share) else f"{100 * share:.{digits}f}{SPACE}%"


def measured(score: float, unit: str) -> str:
    r"""Return a figure of merit: a share in percent, anything else with its unit.

    Example:
        >>> measured(0.97, ""), measured(2.612, "bit/s/Hz")
        ('97.0\xa0%', '2.61\xa0bit/s/Hz')
    """
    return percent(score) if not unit else f"{short(score)}{SPACE}{unit}" if known(score) else UNKNOWN


def short(number: float) -> str:
    """Return a measured number with three digits that matter.

    Example:
        >>> short(0.08612), short(12.0), short(1234567), short(float("nan"))
        ('0.0861', '12', '1.23e+06', '–')
    """
    return f"{number:.3g}" if known(number) else UNKNOWN


def count(number: float) -> str:
    """Return a whole number with thousands apart.

    Example:
        >>> count(6000)
        '6,000'
    """
    return f"{number:,.0f}" if known(number) else UNKNOWN


def size(num_bytes: float) -> str:
    r"""Return bytes in decimal units (1 kB is 1,000 bytes).

    Example:
        >>> size(999), size(3309), size(1_234_567)
        ('999\xa0B', '3.31\xa0kB', '1.23\xa0MB')
    """
    if not known(num_bytes):
        return UNKNOWN
    power = 0
    while abs(num_bytes) >= 999.5 and power < len(BYTE_UNITS) - 1:
        num_bytes, power = num_bytes / 1000, power + 1
    return f"{num_bytes:.{3 if power else 4}g}{SPACE}{BYTE_UNITS[power]}"


def duration(seconds: float) -> str:
    r"""Return a time span.

    Example:
        >>> duration(0.0042), duration(47.31), duration(192), duration(7500)
        ('4.2\xa0ms', '47.3\xa0s', '3\xa0min 12\xa0s', '2\xa0h 5\xa0min')
    """
    if not known(seconds):
        return UNKNOWN
    if seconds < 0.9995:
        return f"{1000 * seconds:.3g}{SPACE}ms" if seconds else f"0{SPACE}s"
    if seconds < 59.95:
        return f"{seconds:.3g}{SPACE}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}{SPACE}min {rest}{SPACE}s"
    return f"{minutes // 60}{SPACE}h {minutes % 60}{SPACE}min"


def moment(iso: str) -> str:
    """Return a time of day in UTC; what is no ISO 8601 stays as it is.

    Example:
        >>> moment("2026-11-21T08:15:00+00:00")
        '21 November 2026, 08:15 UTC'
    """
    try:
        return f"{datetime.fromisoformat(iso).astimezone(UTC):%-d %B %Y, %H:%M} UTC"
    except (ValueError, OverflowError):
        return iso


def some(names: list[str], most: int = 6) -> str:
    """Return the first names and how many more there are.

    Example:
        >>> some(["3", "17", "42"], most=2)
        '3, 17 and 1 more'
    """
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {count(more)} more" if more > 0 else "")


def known(number: float) -> bool:
    """Tell whether there is a number: what is unknown is NaN."""
    return math.isfinite(number)

"""Numbers as people read them; what is unknown is a dash."""

import math
from datetime import UTC, datetime
from typing import TypeGuard

UNKNOWN = "\N{EN DASH}"
SPACE = "\N{NO-BREAK SPACE}"
DAY_S, YEAR_DAYS = 86_400, 365.25
BYTE_UNITS = ("B", "kB", "MB", "GB", "TB")


def percent(share: float | None, digits: int = 1) -> str:
    r"""Return a share in percent.

    Example:
        >>> percent(0.9722), percent(math.nan)
        ('97.2\xa0%', '–')
    """
    return UNKNOWN if not known(share) else f"{100 * share:.{digits}f}{SPACE}%"


def short(number: float | None) -> str:
    """Return a measured number with three digits that matter.

    Example:
        >>> short(0.08612), short(12.0), short(1234567), short(float("nan"))
        ('0.0861', '12', '1.23e+06', '–')
    """
    return f"{number:.3g}" if known(number) else UNKNOWN


def count(number: float | None) -> str:
    """Return a whole number with thousands apart.

    Example:
        >>> count(6000)
        '6,000'
    """
    return f"{number:,.0f}" if known(number) else UNKNOWN


def size(num_bytes: float | None) -> str:
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


def duration(seconds: float | None) -> str:
    r"""Return a time span.

    Example:
        >>> duration(0.0042), duration(47.31), duration(192), duration(7500)
        ('4.2\xa0ms', '47.3\xa0s', '3\xa0min 12\xa0s', '2\xa0h 5\xa0min')
        >>> duration(200_000), duration(32_626_560), duration(1e12)
        ('2\xa0d 8\xa0h', '378\xa0days', '31,700\xa0years')
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
    if minutes < 48 * 60:
        return f"{minutes // 60}{SPACE}h {minutes % 60}{SPACE}min"
    days = seconds / DAY_S
    if days < 10:
        hours = round(24 * days)
        return f"{hours // 24}{SPACE}d {hours % 24}{SPACE}h"
    if days < 2 * YEAR_DAYS:
        return f"{days:,.0f}{SPACE}days"
    years = days / YEAR_DAYS
    return f"{float(f'{years:.3g}'):,.0f}{SPACE}years" if years < 1e6 else f"{years:.3g}{SPACE}years"


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


def number_text(number: float | None, digits: int) -> str:
    """Return a number with so many decimals, a dash for None and what is not finite.

    Example:
        >>> number_text(12.345, 1), number_text(None, 1)
        ('12.3', '–')
    """
    return UNKNOWN if not known(number) else f"{number:.{digits}f}"


def spread_text(deviation: float | None, digits: int) -> str:
    """Return a standard deviation as it follows its mean, empty where there is none (one seed).

    Example:
        >>> number_text(12.345, 1) + spread_text(0.71, 1), spread_text(None, 1)
        ('12.3 ± 0.7', '')
    """
    return "" if not known(deviation) else f" ± {deviation:.{digits}f}"


def or_nan(number: float | None) -> float:
    """Return a number, NaN for None."""
    return math.nan if number is None else number


def known(number: float | None) -> TypeGuard[float]:
    """Tell whether there is a number: what is unknown is None or NaN."""
    return number is not None and math.isfinite(number)

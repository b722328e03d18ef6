"""The half of ``qfl compare`` that compares schedulers, with a certified bound."""

import sys
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qfl.api.checkout import find_checkout
from qfl.errors import ConfigError

if TYPE_CHECKING:
    from qfl.results import RunFolder


def begin(options: Namespace, file: Path) -> "RunFolder":
    """Return a new folder for the comparison of a file.

    Raises:
        ConfigError: If the file or the options have faults.
    """
    from qfl.studies.schedulers.own import check_own, located
    from qfl.studies.schedulers.run import create
    from qfl.studies.schedulers.settings import read_comparison

    if options.quick:
        raise ConfigError(f"{file} compares schedulers and has no quick form; leave out --quick, or give fewer --seeds")
    app = _on_path(file.parent)
    settings = located(read_comparison(file, options.overrides, options.seeds), app, file.parent)
    check_own(settings)
    return create(settings, file.stem)


def _on_path(*starts: Path) -> Path:
    """Return the app's folder; users' own objects are imported from it, or from the first start."""
    try:
        app = find_checkout(*starts, Path.cwd())
    except ConfigError:
        app = starts[0].resolve()
    sys.path.extend(str(folder) for folder in (app, starts[0].resolve()) if str(folder) not in sys.path)
    return app


def measure(folder: "RunFolder", seeds: int | None, quiet: bool) -> dict[str, Any]:
    """Measure what is missing, draw everything, and return the numbers.

    Args:
        folder: The comparison's.
        seeds: Instead of as many as it was begun with; the same if None.
        quiet: Whether no line of progress is shown.
    """
    from qfl.studies.request import comparison
    from qfl.studies.schedulers.run import settings_of
    from qfl.studies.schedulers.settings import flat_settings
    from qfl.studies.schedulers.study import STUDY

    flat = flat_settings(settings_of(folder)) | ({} if seeds is None else {"seeds": seeds})
    checkout = _on_path(folder.path)  # without one no paper's numbers stand beside ours
    result = STUDY.conduct(comparison(folder, flat, checkout, quiet))
    return result.numbers | {"report": str(result.page), "picture": str(folder.path / "comparison.png")}


def ending(numbers: dict[str, Any]) -> list[str]:
    """Return one line per method, best first, the bound, and how long a round takes beside its own bound."""
    from qfl.studies.schedulers.summary_text import number

    methods = sorted(numbers["methods"].items(), key=lambda item: -(item[1]["percent_of_bound"] or 0.0))
    lines = [f"{'method':20s} {'Mbit/s':>14s}  {'% of bound':>10s}  {'evaluations':>11s}  {'seconds':>8s}  start"]
    for name, summary in methods:
        value = summary["value_mbps"]
        lines.append(
            f"{name:20s} {number(value['mean'], '{:6.2f}')} ± {number(value['sd'], '{:5.2f}')}  "
            f"{number(summary['percent_of_bound'], '{:10.1f}')}  {number(summary['evaluations'], '{:11,.0f}')}  "
            f"{number(summary['seconds'], '{:8.3f}')}  "
            f"{summary['start']}"
        )
    bound = numbers["bound"]["value_mbps"]
    return [
        *lines,
        f"{'certified bound':20s} {number(bound['mean'], '{:6.2f}')} ± {number(bound['sd'], '{:5.2f}')}",
        *_one_after_another(numbers["round_time"]),
        f"{numbers['variant']}: {numbers['variant_means']}; {numbers['seeds']} seeds",
    ]


def _one_after_another(times: Mapping[str, Any]) -> list[str]:
    """Return how long a round takes without interference, and what it cannot fall below: means over the instances."""
    from qfl.report.formatting import duration, known

    found, least = times["tdma_lpt_s"]["mean"], times["bound_s"]["mean"]
    if not (known(found) and known(least)):
        return []
    return [
        f"{'round_time':20s} {duration(found)} with tdma_lpt, one device after the other; at least {duration(least)}"
    ]

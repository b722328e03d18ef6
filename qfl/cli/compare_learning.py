"""The half of ``qfl compare`` that compares federations: files with a table ``[compare]``."""

import sys
from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qfl.cli.checkout import find_checkout
from qfl.config import Settings, parse_override, read_toml
from qfl.errors import ConfigError

if TYPE_CHECKING:
    from qfl.comparison.learning.settings import LearningSettings
    from qfl.results import RunFolder


KIND, TABLE = "learning-comparison", "compare"


def begin(options: Namespace, file: Path) -> "RunFolder":
    """Return a new folder for the comparison of a file; without its data, of the file's quick form.

    Raises:
        ConfigError: If the file or the options have faults.
        DataError: If the data cannot be had and the file has no quick form.
    """
    from qfl.comparison.learning.run import create, missing_data
    from qfl.comparison.learning.settings import QUICK, learning_from
    from qfl.errors import DataError

    tables = read_toml(file)
    overrides = dict(parse_override(text) for text in options.overrides)
    settings, notice = learning_from(tables, overrides, options.seeds, options.quick), ""
    if why := missing_data(settings):
        if options.quick or QUICK not in tables[TABLE]:
            raise DataError(why)
        settings = learning_from(tables, overrides, options.seeds, quick=True)
        notice = f"The quick form was run instead of the whole, because {why}."
        print(f"qfl: {notice}", file=sys.stderr)
    return create(settings, file.stem, notice)


def measure(folder: "RunFolder", seeds: int | None, quiet: bool) -> dict[str, Any]:
    """Run what is missing, draw everything, and return the numbers."""
    from qfl.comparison.learning.page import write_learning
    from qfl.comparison.learning.run import by_label, run
    from qfl.federation.launch import run_app
    from qfl.report import write_report

    app = find_checkout(folder.path, Path.cwd())

    def train(settings: Settings) -> None:
        write_report(run_app(settings, app))

    runs = run(folder, _widened(folder, seeds), train, None if quiet else _show)
    return write_learning(folder, by_label(runs))


def ending(found: dict[str, Any]) -> list[str]:
    """Return one line per combination."""
    metric = found["metric"]
    head = f"{'test ' + metric:>14s}  {'training':>8s}  {'round, s':>8s}  {'in':>5s}  {'ever in':>7s}"
    wide = max(len(label) for label in ("combination", *found["combinations"]))
    lines = [f"{'combination':{wide}s} {head}"]
    for label, own in found["combinations"].items():
        numbers = (own[metric]["mean"], own[f"train_{metric}"]["mean"], own["round_s_median"], own["participants"])
        test, training, seconds, inside = (float("nan") if number is None else number for number in numbers)
        ever = own["ever_took_part"]
        lines.append(f"{label:{wide}s} {test:14.4f}  {training:8.4f}  {seconds:8.4f}  {inside:5.1f}  {ever:7.1f}")
    return lines


def _show(done: int, total: int, member: Any, folder: "RunFolder") -> None:
    final, clock = folder.header["final"], (folder.rounds()[-1].get("radio") or {}).get("clock_s")
    simulated = f"  {clock:9.3f} simulated s" if clock is not None else ""
    score = next(value for key, value in final.items() if key not in ("loss", "rounds", "seconds"))
    text = f"[{done}/{total}] seed {member.seed:2d}  {member.label} {score:.4f}{simulated}"
    print(f"{text}  {final['seconds']:5.0f} s", file=sys.stderr, flush=True)


def _widened(folder: "RunFolder", seeds: int | None) -> "LearningSettings":
    """Return the settings of a comparison, with another number of seeds where it is given."""
    from qfl.comparison.learning.run import settings_of

    settings = settings_of(folder)
    if seeds is not None and seeds < 1:
        raise ConfigError(f"--seeds {seeds}: give 1 or more")
    return settings if seeds is None else replace(settings, seeds=seeds)

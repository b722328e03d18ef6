"""The half of ``qfl compare`` that compares federations: files with a table ``[compare]``."""

import sys
from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qfl.api.checkout import find_checkout
from qfl.config import Settings, parse_override, read_toml
from qfl.errors import ConfigError

if TYPE_CHECKING:
    from qfl.results import RunFolder
    from qfl.studies.federations.settings import LearningSettings


KIND, TABLE = "learning-comparison", "compare"
WIDTHS, DIGITS = (14, 8, 8, 5, 7), (4, 4, 4, 1, 1)  # of the columns printed at the end


def begin(options: Namespace, file: Path) -> "RunFolder":
    """Return a new folder for the comparison of a file; without its data, of the file's quick form.

    Raises:
        ConfigError: If the file or the options have faults.
        DataError: If the data cannot be had and the file has no quick form.
    """
    from qfl.errors import DataError
    from qfl.studies.federations.run import create, missing_data
    from qfl.studies.federations.settings import QUICK, learning_from

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
    """Run what is missing, draw everything, and return the numbers.

    Args:
        folder: The comparison's.
        seeds: Instead of as many as it was begun with; the same if None.
        quiet: Whether no line of progress is shown.
    """
    from qfl.federation.runtime.launch import check_app, run_app
    from qfl.report import write_report
    from qfl.studies.federations.settings import to_tables
    from qfl.studies.federations.study import comparison_of
    from qfl.studies.request import comparison

    app = find_checkout(folder.path, Path.cwd())

    def train(settings: Settings) -> None:
        write_report(run_app(settings, app))

    def check(settings: Settings) -> None:
        check_app(settings, app)

    study = comparison_of(train, None if quiet else show, check)
    result = study.conduct(comparison(folder, to_tables(_widened(folder, seeds)), app, quiet))
    return result.numbers | {"report": str(result.page), "picture": str(folder.path / "comparison.png")}


def ending(numbers: dict[str, Any]) -> list[str]:
    """Return one line per combination."""
    from qfl.report.formatting import UNKNOWN
    from qfl.studies.federations.summary_text import failure

    metric = numbers["metric"]
    head = f"{'test ' + metric:>14s}  {'training':>8s}  {'round, s':>8s}  {'in':>5s}  {'ever in':>7s}"
    wide = max(len(label) for label in ("combination", *numbers["combinations"]))
    lines = [f"{'combination':{wide}s} {head}"]
    for label, each in numbers["combinations"].items():
        values = (each[metric]["mean"], each[f"train_{metric}"]["mean"], each["round_s_median"], each["participants"])
        cells = [
            UNKNOWN.rjust(width) if value is None else f"{value:{width}.{digits}f}"
            for value, width, digits in zip((*values, each["ever_took_part"]), WIDTHS, DIGITS, strict=True)
        ]
        lines.append(f"{label:{wide}s} {'  '.join(cells)}")
    return [*lines, *map(failure, numbers["failures"])]


def show(done: int, total: int, member: Any, folder: "RunFolder") -> None:
    """Print one line about a run that is done.

    Args:
        done: Runs that are.
        total: Runs in all.
        member: The run.
        folder: Its folder.
    """
    print(f"[{done}/{total}] seed {member.seed:2d}  {member.label} {_result(folder)}", file=sys.stderr, flush=True)


def _result(folder: "RunFolder") -> str:
    """Return what a run came to, or why it failed."""
    from qfl.report.formatting import duration, known
    from qfl.report.record import last, read_record

    record = read_record(folder)
    if record.word("status") != "completed":
        return f"failed: {record.word('error')}"
    score, clock = record.number("final", record.metric.name), last(record.column("radio", "clock_s"))
    simulated = f"  {clock:9.3f} simulated s" if known(clock) else ""
    return f"{score:.4f}{simulated}  {duration(record.number('final', 'seconds'))}"


def _widened(folder: "RunFolder", seeds: int | None) -> "LearningSettings":
    """Return the settings of a comparison, with another number of seeds where it is given."""
    from qfl.studies.federations.run import settings_of
    from qfl.studies.federations.settings import MOST_SEEDS

    settings = settings_of(folder)
    if seeds is not None and not 1 <= seeds <= MOST_SEEDS:
        raise ConfigError(f"--seeds {seeds}: give 1 or more, and at most {MOST_SEEDS}")
    return settings if seeds is None else replace(settings, seeds=seeds)

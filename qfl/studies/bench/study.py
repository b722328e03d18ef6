"""A benchmark as a study: its numbers as ``qfl bench`` prints them, its seconds as bars, and its page."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from qfl.errors import ConfigError
from qfl.extend import load_object
from qfl.report.canvas import canvas
from qfl.report.formatting import duration, short
from qfl.report.palette import LIGHT
from qfl.shipped import shipped
from qfl.spread import finite
from qfl.studies.bench.table import BENCHMARKS, Benchmark
from qfl.studies.csv_files import flat, write_csv
from qfl.studies.examples import FILE, member
from qfl.studies.folder import create
from qfl.studies.markdown import table
from qfl.studies.request import Request
from qfl.studies.study import Study

Numbers = Mapping[str, Any]
PICTURE = "seconds.png"


def request_of(name: str, checkout: Path, path: Path) -> Request:
    """Return the request for a benchmark in a new folder.

    Args:
        name: A key of `BENCHMARKS`.
        checkout: Whose app runs, where whole rounds are measured.
        path: The folder.

    Raises:
        ConfigError: If no folder can be made there, or the benchmark is a paper's that is not here.
        RunFolderError: If it is the folder of a run already.
    """
    function_of(BENCHMARKS[name])
    return Request(name, False, 0, {}, create("benchmark", name, {}, path=path), checkout)


def function_of(benchmark: Benchmark) -> Callable[..., dict[str, Any]]:
    """Return what measures a benchmark.

    Raises:
        ConfigError: If it is a paper's, and the library is a wheel's, which carries no papers' folders.
    """
    if not benchmark.paper:
        return load_object(f"qfl.studies.bench.{benchmark.function}")
    folder = shipped() / "examples" / benchmark.paper
    if not (folder / FILE).is_file():
        raise ConfigError(f"this benchmark is examples/{benchmark.paper} of the project; clone and install that")
    return member(folder, benchmark.function)


def _draw(request: Request, benchmark: Benchmark, measured: Numbers, numbers: Numbers) -> None:
    """Write bench.csv, and a bar for the seconds of each contestant, where there are any."""
    write_csv(request.folder.path / "bench.csv", [finite(flat(numbers))])
    times = dict(timed(numbers))
    if not times:
        return
    with canvas(request.folder.path / PICTURE, (9.0, 1.2 + 0.34 * len(times)), benchmark.about, 11) as figure:
        axes = figure.subplots()
        medians = [each["median_s"] for each in times.values()]
        axes.barh(list(times), medians, color=LIGHT["test"], height=0.6)
        axes.set_xscale("log")
        axes.set_xlim(min(medians) / 3, 8 * max(medians))
        for index, each in enumerate(times.values()):
            axes.plot([each["min_s"], each["max_s"]], [index, index], color=LIGHT["text"], linewidth=1.2)
            axes.text(each["max_s"], index, f"  {duration(each['median_s'])}", va="center", fontsize=9)
        axes.invert_yaxis()
        axes.set_xlabel("seconds, median; the line is from the least to the greatest")


def _tell(request: Request, benchmark: Benchmark, measured: Numbers, numbers: Numbers) -> str:
    values = {name: short(value) if isinstance(value, float) else str(value) for name, value in flat(numbers).items()}
    rows = [(f"`{name}`", value) for name, value in values.items()]
    picture = [f"![seconds]({PICTURE})"] if dict(timed(numbers)) else []
    return "\n\n".join((f"# {request.name}: {benchmark.about}", *picture, table(("", ""), rows, words=1)))


def timed(numbers: Numbers, prefix: str = "") -> Iterator[tuple[str, Mapping[str, float]]]:
    """Yield name and seconds of each contestant: the tables that have a median, however deep.

    Example:
        >>> [name for name, _ in timed({"a": {"b": {"median_s": 1.0, "min_s": 1.0, "max_s": 2.0}}, "ratio": 2.0})]
        ['a b']
    """
    for name, value in numbers.items():
        if isinstance(value, Mapping):
            inside = f"{prefix}{name}"
            yield from [(inside, value)] if "median_s" in value else timed(value, f"{inside} ")


def _measure(request: Request, benchmark: Benchmark) -> dict[str, Any]:
    measure = function_of(benchmark)
    return measure(request.checkout) if benchmark.in_checkout else measure()


STUDY = Study(
    lambda request: BENCHMARKS[request.name],
    _measure,
    lambda request, benchmark, measured: measured,
    _draw,
    _tell,
)
"""A benchmark is short: it is measured whole, and its numbers are those that were measured."""

"""The pages of Figs. 3 and 4: the paper's numbers beside what was measured, and what decides them."""

from collections.abc import Iterator, Mapping
from typing import Any

from qfl.backbone.orchestration.registry import SCHEDULERS
from qfl.studies.markdown import table

from .settings import Sweep

GAIN = ("ours", "paper's annealing")
GAINS = """## Who gains what

In percentage points of all jobs, with the interval at 95 % over seeds (paired), and in percent of what the other
serves. The paper does not say which of the two its percents are. Its printed number is "up to 25 % more jobs than
existing quantum-cloud scheduling baselines"; the others are those of the abstract of arXiv:2512.06157, whose scheduler
this is."""
READINGS = """What decides the numbers: how the cut without communication is charged. At its nominal overhead (16 to the
power of the wires) the paper's annealing gains {without_locc:+z.1f} % over it; run as such cuts usually are, each side
once and its data used for all terms, {lo_reuse:+z.1f} %. And whether heuristics refuse jobs that would be late: compare
each with its row without admission control. "25 %" read as the gain over the weakest heuristic is {random:+z.1f} %
here; read as the peak over indivisible shots it is in Fig. 4."""
PEAK = """Over the paper's annealing without it (the paper: a peak with two concurrent jobs and strict deadlines, its
number lost; arXiv:2512.06157: 12.8 % under urgent deadlines): """
SET_UP = """{qpus} unequal QPUs; jobs of a gate cut (one in four), a cut of {wires} (two in four) or both, all in the
buffer at once, {deadlines}; {seeds} seeds. A coefficient of 1 is what a job needs if the pool is idle. Sizes, shots,
speeds and deadlines are ours: the paper states none. Every schedule passed the validator before it was counted."""


def fig3_page(found: Mapping[str, Any], sweep: Sweep) -> str:
    """Return the page of Fig. 3."""
    loads = [str(cell["jobs"]) for cell in found["methods"]["bound"]["cells"]]
    return "\n\n".join(
        (
            "# Fig. 3: jobs served within their deadlines, over the load",
            _set_up(sweep, f"each with one of the deadline coefficients {_numbers(sweep.coefficients)}"),
            table(("fraction served", *(f"{jobs} jobs" for jobs in loads), "mean"), _served(found), words=1),
            GAINS,
            table(
                ("over", "paper", *(f"{who}: points" for who in GAIN), *(f"{who}: %" for who in GAIN)),
                _gains(found),
                words=2,
            ),
            _readings(found),
            "![fig3](fig3.png)",
        )
    )


def fig4_page(found: Mapping[str, Any], sweep: Sweep) -> str:
    """Return the page of Fig. 4."""
    peak = found["peak_over_without_splitting"]
    words = "; ".join(
        f"{who}: {own['points']:+z.1f} ± {own['interval']:.1f} points ({own['percent']:+z.0f} %) at {own['jobs']} "
        f"jobs, coefficient {own['coefficient']:g}"
        for who, own in zip(GAIN, peak.values(), strict=True)
    )
    return "\n\n".join(
        (
            "# Fig. 4: jobs served within their deadlines, over the deadline coefficient",
            _set_up(sweep, "all with the same deadline coefficient"),
            *(text for jobs in sweep.jobs for text in (f"## {jobs} jobs", _of_load(found, jobs))),
            f"## Where splitting shots helps most\n\n{PEAK}{words}.",
            "![fig4](fig4.png)",
        )
    )


def _of_load(found: Mapping[str, Any], jobs: int) -> str:
    """Return the table of one load, a column for each coefficient."""
    cells = {name: [c for c in own["cells"] if c["jobs"] == jobs] for name, own in found["methods"].items()}
    head = ["fraction served, by coefficient", *(f"{cell['coefficient']:g}" for cell in cells["bound"])]
    rows = ([_title(name), *(f"{cell['served']:.3f}" for cell in own)] for name, own in cells.items())
    return table(head, rows, words=1)


def _set_up(sweep: Sweep, deadlines: str) -> str:
    load = sweep.workload
    wires = "one wire" if load.wires == 1 else f"{load.wires} wires"
    return SET_UP.format(qpus=load.qpus, wires=wires, deadlines=deadlines, seeds=len(sweep.seeds))


def _served(found: Mapping[str, Any]) -> Iterator[list[str]]:
    for name, own in found["methods"].items():
        title = "fluid bound (no schedule serves more)" if name == "bound" else SCHEDULERS[name].title
        yield [
            title,
            *(f"{cell['served']:.3f}" for cell in own["cells"]),
            f"{own['served']:.3f} ± {own['interval']:.3f}",
        ]


def _title(name: str) -> str:
    return "fluid bound (no schedule serves more)" if name == "bound" else SCHEDULERS[name].title


def _gains(found: Mapping[str, Any]) -> Iterator[list[str]]:
    for name, gain in found["gain_over"].items():
        own = [gain.get(better) for better in ("ours", "sa_paper")]
        points = [f"{g['points']:+z.1f} ± {g['interval']:.1f}" if g else "" for g in own]
        percent = [f"{g['percent']:+z.1f}" if g else "" for g in own]
        paper = gain["paper_percent"]
        yield [SCHEDULERS[name].title, f"+{paper:g} %" if paper else "", *points, *percent]


def _readings(found: Mapping[str, Any]) -> str:
    gains = found["gain_over"]
    return READINGS.format(
        **{name: gains[name]["sa_paper"]["percent"] for name in ("random", "without_locc", "lo_reuse")}
    )


def _numbers(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:g}" for value in values)

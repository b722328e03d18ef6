"""The page: one table for each kind of difference, and in words which strategy helps where."""

from collections.abc import Mapping
from typing import Any

from qfl.report.formatting import UNKNOWN
from qfl.studies.markdown import table

from .heterogeneity_settings import AXES, Heterogeneity
from .heterogeneity_summary import BASELINE

Numbers = Mapping[str, Any]
HEAD = """# Strategies where clients differ

Test accuracy in percent after {rounds} rounds of {clients} clients, embedded digits, {seeds} seed{s}{quick}; in
brackets the 95 % interval of the mean. The same data shares, noise and attackers meet every strategy of a seed. Where
nothing else is said the concentration is {alike:g}, clients are honest, and circuits have no noise."""
NOISE = """Depolarising noise of {depolarising:g} after every gate in the mean, its strength spread between clients. The
accuracy is that of the trained angles without noise: what was learned under it. `means.csv` has the accuracy under
noise, too (`scored`)."""
ATTACK = "Attackers: `{attack}`, signed and enrolled like everybody. No strategy is told who they are."
TOGETHER = "Concentration {alpha:g}, spread {spread:g} and a share of {share:g} attackers at once."


def heterogeneity_page(numbers: Numbers, study: Heterogeneity, quick: bool) -> str:
    """Return the page.

    Args:
        numbers: As the study returned them.
        study: Its sizes.
        quick: Whether it is the quick form.
    """
    last = study.columns[-1].settings
    words = {
        "noise-spread": NOISE.format(depolarising=last["noise.depolarising"]),
        "byzantine-share": ATTACK.format(attack=last.get("attack.name", "none")),
        "together": TOGETHER.format(
            alpha=last["data.alpha"], spread=last["noise.spread"], share=last.get("attack.share", 0.0)
        ),
    }
    parts = [_head(study, quick), "![accuracy of every strategy](heterogeneity.png)"]
    for axis, title in AXES.items():
        parts += [f"## By {title}", *([words[axis]] if axis in words else []), _table(numbers, axis)]
    return "\n\n".join([*parts, "## What to conclude", _conclusions(numbers)])


def _head(study: Heterogeneity, quick: bool) -> str:
    count = len(study.seeds)
    return HEAD.format(
        rounds=study.base["rounds"],
        clients=study.base["clients.count"],
        seeds=count,
        s="s" * (count > 1),
        quick=" (quick)" if quick else "",
        alike=study.columns[0].value,
    )


def _table(numbers: Numbers, axis: str) -> str:
    cells = [cell for cell in numbers["cells"] if cell["axis"] == axis]
    values = list(dict.fromkeys(cell["value"] for cell in cells))
    rows = []
    for name in numbers["strategies"]:
        own = {cell["value"]: cell for cell in cells if cell["strategy"] == name}
        rows.append([f"`{name}`", *(percent(own[value]) for value in values)])
    head = ("strategy", *(f"{value:g}" if axis != "together" else "accuracy" for value in values))
    return table(head, rows, words=1)


def percent(cell: Mapping[str, Any]) -> str:
    """Return a cell's mean in percent, with its interval where there is one.

    Example:
        >>> percent({"mean": 0.5, "low": 0.4, "high": 0.6}), percent({"mean": 0.5, "low": None, "high": None})
        ('50.0 [40.0, 60.0]', '50.0')
    """
    if cell["mean"] is None:
        return UNKNOWN
    ends = "" if cell["low"] is None else f" [{100 * cell['low']:.1f}, {100 * cell['high']:.1f}]"
    return f"{100 * cell['mean']:.1f}{ends}"


def _conclusions(numbers: Numbers) -> str:
    lines = [_sentence(numbers, axis, title) for axis, title in AXES.items()]
    if numbers["seeds"] < 2:
        lines.append("- One seed: nothing here is told from chance.")
    return "\n".join(lines)


def _sentence(numbers: Numbers, axis: str, title: str) -> str:
    """Return what the hardest column of an axis says."""
    column = [each for each in numbers["columns"] if each["axis"] == axis][-1]
    cells = {cell["strategy"]: cell for cell in numbers["cells"] if _same(cell, column)}
    at = "" if axis == "together" else f" {column['value']:g}"
    said = f"- **{title[0].upper()}{title[1:]}{at}.** "
    if column["best"] is None:
        return f"{said}No strategy has a value."
    said += f"Best is `{column['best']}` with {percent(cells[column['best']])} %"
    if BASELINE in cells and column["best"] != BASELINE:
        said += f", FedAvg has {percent(cells[BASELINE])} %"
    better, worse = (", ".join(f"`{name}`" for name in column[key]) for key in ("better", "worse"))
    if BASELINE not in cells or numbers["seeds"] < 2:
        return f"{said}."
    return f"{said}. Better than FedAvg beyond chance: {better or 'none'}; worse: {worse or 'none'}."


def _same(cell: Mapping[str, Any], column: Mapping[str, Any]) -> bool:
    return (cell["axis"], cell["value"]) == (column["axis"], column["value"])

"""Learning curves beside WMMSE, in the set-ups that a run file names: one study for every figure that draws them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from qfl.report.formatting import number_text, spread_text
from qfl.spread import deviation, mean, or_none
from qfl.studies.request import Request
from qfl.studies.study import Study

from .curves import Curves, draw_curves, title_of, write_curves
from .cut import needs
from .plan import Plan, curves_of, job_of, read_plan, references_of, run_plan
from .training import make_model

SHOWN = ("wmmse_100", "wmmse_best_of_21", "wmmse_20000", "exact_on_off", "greedy_on_off", "best_single_link")


@dataclass(frozen=True)
class Paper:
    """What a figure's paper adds to the study.

    Args:
        says: In words, where its figure has no numbers to read.
        meaning: Of each set-up, what it is.
        replay: Measures the authors' own benchmark again.
    """

    says: str
    meaning: Mapping[str, str]
    replay: Callable[[], dict[str, Any]]


def learning(paper: Paper) -> Study:
    """Return the study of a figure."""

    def summarise(request: Request, plan: Plan, curves: Mapping[str, Curves]) -> dict[str, Any]:
        references = references_of(request)
        found: dict[str, Any] = {"paper": paper.says, "seeds": plan.seeds, "replay": paper.replay()}
        for setup in plan.setups:
            own = summary(curves[setup], references[setup, plan.pairs_of(setup), 1])
            found[setup] = own | {name: own[name] | _needs(request, plan, setup, name) for name in curves[setup]}
        return found

    def tell(request: Request, plan: Plan, curves: Mapping[str, Curves], numbers: Mapping[str, Any]) -> str:
        sections = [f"# {request.name}: learning curves beside WMMSE", f"Paper: {paper.says}."]
        return "\n\n".join(sections + [_section(request, plan, paper, setup, numbers[setup]) for setup in plan.setups])

    return Study(read_plan, run, summarise, draw, tell)


def run(request: Request, plan: Plan) -> dict[str, Curves]:
    """Train what the folder lacks, and return the curves of each set-up."""
    run_plan(request, plan, {setup: [(plan.pairs_of(setup), 1)] for setup in plan.setups})
    return {setup: curves_of(request, plan, setup) for setup in plan.setups}


def draw(request: Request, plan: Plan, curves: Mapping[str, Curves], numbers: Mapping[str, Any]) -> None:
    """Draw each set-up's curves, and write all of them as CSV."""
    path = request.folder.path
    for setup in plan.setups:
        base = numbers[setup]["wmmse_100"]
        percents = {f"{k}_percent": 100 * v / base for k, v in numbers[setup].items() if isinstance(v, float)}
        title = f"{request.name}, {setup}"
        draw_curves(path / f"{request.name}-{setup}.png", curves[setup], {"wmmse_100": base} | percents, title)
    write_curves(path / "curves.csv", curves)


def summary(curves: Mapping[str, Any], reference: Mapping[str, Any]) -> dict[str, Any]:
    """Return each model's last epoch, and the first epoch whose test value is at least WMMSE's.

    A seed whose training diverged has no last value and counts in none of them; where none has one, it is None.
    """
    base, summaries = reference["wmmse_100"], {}
    for model, seeds in curves.items():
        test, train = ([rows[-1][kind] if rows else None for rows in seeds] for kind in ("test", "train"))
        epochs = max(map(len, seeds), default=0)
        middle = [mean(rows[epoch]["test"] for rows in seeds if epoch < len(rows)) for epoch in range(epochs)]
        passed = [number for number, value in enumerate(middle, 1) if value >= base]
        summaries[model] = {
            "test": or_none(mean(test)),
            "sd": or_none(deviation(test)),
            "train": or_none(mean(train)),
            "percent_of_wmmse": or_none(100 * mean(test) / base),
            "passes_wmmse_at_epoch": passed[0] if passed else None,
        }
    return summaries | {name: value for name, value in reference.items() if isinstance(value, float)}


def _needs(request: Request, plan: Plan, setup: str, name: str) -> dict[str, int]:
    return needs(make_model(job_of(request, plan, setup, name, 0)), plan.pairs_of(setup))


def _section(request: Request, plan: Plan, paper: Paper, setup: str, own: Mapping[str, Any]) -> str:
    training = plan.training[setup]
    rows = [_row(name, own[name], plan.seeds) for name in plan.names_of(setup)]
    baselines = ", ".join(f"{name} {own[name]:.3f}" for name in SHOWN if name in own)
    return (
        f"## {setup}\n\n{paper.meaning[setup]}. K = {plan.pairs_of(setup)}, "
        f"{training['realisations']:,} training realisations, {training['epochs']} epochs.\n\n"
        "| model | test, bit/s/Hz | train | of WMMSE(100) | passes it at epoch | seeds | numbers | qubits |\n"
        "|---|--:|--:|--:|--:|--:|--:|--:|\n" + "\n".join(rows) + f"\n\nOn the same test channels: {baselines}.\n\n"
        f"![curves]({request.name}-{setup}.png)"
    )


def _row(model: str, own: Mapping[str, Any], seeds: int) -> str:
    values = (
        title_of(model),
        number_text(own["test"], 3) + spread_text(own["sd"], 3),
        number_text(own["train"], 3),
        f"{number_text(own['percent_of_wmmse'], 1)} %",
        f"{own['passes_wmmse_at_epoch'] or 'never'}",
        f"{seeds}",
        f"{own['numbers']:,}",
        f"{own.get('qubits', '')}",
    )
    return f"| {' | '.join(values)} |"

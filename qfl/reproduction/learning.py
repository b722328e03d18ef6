"""Fig. 3(b) of SQM-GNN and Fig. 2 of QGNN: learning curves beside WMMSE, each in the set-ups that are named."""

from collections.abc import Mapping
from typing import Any

from qfl.report.words import number_text, spread_text
from qfl.reproduction.curves import NAMES, draw_curves, write_curves
from qfl.reproduction.replay import replay
from qfl.reproduction.request import Found, Request
from qfl.reproduction.study import Study, curves_of, read_study, references_of, run_study
from qfl.reproduction.table1_page import MEANING
from qfl.spread import deviation, mean, or_none

SHOWN = ("wmmse_100", "wmmse_best_of_21", "wmmse_20000", "exact_on_off", "greedy_on_off", "best_single_link")
# what the papers say in words; their figures have no numbers to read
PAPER = {
    "fig3b": "SQM-GNN ends at about 2.6 bps/Hz on test data after 100 epochs, slightly above WMMSE; the GNN at 2.3",
    "fig2": "QGNN passes WMMSE at epoch 4 and ends near 2.67 bps/Hz, 6 % above the GCN, which ends at WMMSE's level",
}


def reproduce_learning(request: Request) -> Found:
    """Train what the folder lacks and draw each set-up's curves."""
    study = read_study(request)
    run_study(request, study, {setup: [(study.pairs_of(setup), 1)] for setup in study.setups})
    curves = {setup: curves_of(request, study, setup) for setup in study.setups}
    references = references_of(request)
    found: dict[str, Any] = {"paper": PAPER[request.name], "seeds": study.seeds, "replay": replay()}
    for setup in study.setups:
        reference = references[setup, study.pairs_of(setup), 1]
        found[setup] = summary(curves[setup], reference)
        lines = {"wmmse_100": reference["wmmse_100"]} | {
            f"{name}_percent": 100 * value / reference["wmmse_100"]
            for name, value in reference.items()
            if isinstance(value, float)
        }
        draw_curves(
            request.folder.path / f"{request.name}-{setup}.png", curves[setup], lines, f"{request.name}, {setup}"
        )
    write_curves(request.folder.path / "curves.csv", curves)
    return Found(found, _page(request, study, found))


def summary(curves: Mapping[str, Any], reference: Mapping[str, Any]) -> dict[str, Any]:
    """Return each model's last epoch, and the first epoch whose test value is at least WMMSE's.

    A seed whose training diverged has no last value and counts in none of them; where none has one, it is None.
    """
    base, found = reference["wmmse_100"], {}
    for model, seeds in curves.items():
        test, train = ([rows[-1][kind] if rows else None for rows in seeds] for kind in ("test", "train"))
        epochs = max(map(len, seeds), default=0)
        middle = [mean(rows[epoch]["test"] for rows in seeds if epoch < len(rows)) for epoch in range(epochs)]
        passed = [number for number, value in enumerate(middle, 1) if value >= base]
        found[model] = {
            "test": or_none(mean(test)),
            "sd": or_none(deviation(test)),
            "train": or_none(mean(train)),
            "percent_of_wmmse": or_none(100 * mean(test) / base),
            "passes_wmmse_at_epoch": passed[0] if passed else None,
        }
    return found | {name: value for name, value in reference.items() if isinstance(value, float)}


def _row(model: str, own: Mapping[str, Any], seeds: int) -> str:
    values = (
        NAMES.get(model, model),
        number_text(own["test"], 3) + spread_text(own["sd"], 3),
        number_text(own["train"], 3),
        f"{number_text(own['percent_of_wmmse'], 1)} %",
        f"{own['passes_wmmse_at_epoch'] or 'never'}",
        f"{seeds}",
    )
    return f"| {' | '.join(values)} |"


def _page(request: Request, study: Study, found: Mapping[str, Any]) -> str:
    sections = [f"# {request.name}: learning curves beside WMMSE", f"Paper: {PAPER[request.name]}."]
    for setup in study.setups:
        own, training = found[setup], study.training[setup]
        rows = [_row(model, own[model], study.seeds) for model in study.models]
        baselines = ", ".join(f"{name} {own[name]:.3f}" for name in SHOWN if name in own)
        sections.append(
            f"## {setup}\n\n{MEANING[setup]}. K = {study.pairs_of(setup)}, "
            f"{training['realisations']:,} training realisations, {training['epochs']} epochs.\n\n"
            "| model | test, bit/s/Hz | train | of WMMSE(100) | passes it at epoch | seeds |\n"
            "|---|--:|--:|--:|--:|--:|\n" + "\n".join(rows) + f"\n\nOn the same test channels: {baselines}.\n\n"
            f"![curves]({request.name}-{setup}.png)"
        )
    return "\n\n".join(sections)

"""The page of leakage: counts, what was found again by batch and steps, under each protection, and what to take."""

from collections.abc import Sequence

from qfl.studies.markdown import table

from .grouped import Row, chosen
from .leakage_measure import GUESSES, RECOVERED_DB
from .leakage_settings import LeakageStudy

SET_UP = """A client holds some digits of {side} x {side} pixels and makes gradient steps on all of them, {rate:g} long;
the attacker sees the update, knows broadcast angles, step size and **labels**, and looks for pixels within 0 to 1 whose
update is the one it saw: by Gauss-Newton, {evaluations} evaluations at most, from the best {restarts} of {guesses}
guesses by chance and as many of other training digits with these labels. Two circuits on 4 qubits with {layers}
layers, one of re-uploaded pixels and one of amplitudes, and a perceptron of {hidden} hidden units; angles as they
are before the first round; {seeds} seed{s}. PSNR is that of pixels, 20 dB where they are off by a tenth of their range;
*recovered* is the share of digits above {least:g} dB. Amplitude encoding drops a digit's norm, so there every guess,
the attacker's and those it is compared with, has the norm that fits best. The mean digit and whichever other training
digit is nearest are what one has without the update."""
COUNTS = """## Unknowns against equations

An update has one equation for each angle, a digit one unknown for each pixel (one less where its norm leaves no trace).
Where unknowns are more than independent equations (*rank*, of the Jacobian at the true digits), other digits have the
same update and nobody can tell them apart; where they are not, the true digits stand alone near themselves, and what
fails is the attacker's search."""
PROTECTIONS = """## One sample, protected

Under a sum of n clients the attacker looks for all n samples. Noise is Gaussian on every angle, its deviation the
multiplier times the update's own length, as in differential privacy whose clip is met exactly. Shots make every
derivative noisy; the attacker takes the update as it is."""
TAKE = """## What to take from it

- **Without protection**, of one digit and one step:
  {bare}.
- **Large batches**, {most} digits:
  {large}.
- **A sum alone is a larger batch**, {clients} clients:
  {sums}.
- **Noise**, multiplier {multiplier:g}:
  {noise}.
- **Shots**, {shots:,} of every circuit:
  {few}.
- A PSNR near that of the nearest other digit may be no more than what the attacker began with: digits of its own.
- Not tried: unknown labels, a prior in what is minimised, updates of several rounds together, angles after training."""
KEYS = """`results.json` has a list `leakage` of rows with `model`, `protection`, `batch`, `steps`, `unknowns`,
`angles`, and the means over seeds of `rank`, `psnr_db`, `recovered`, `residual` (what the found digits' update is off,
as a share of the update's length), `mean_db` and `nearest_db`, each with `_low` and `_high` (95 %; null for one
seed)."""


def leakage_page(rows: Sequence[Row], study: LeakageStudy) -> str:
    """Return the page."""
    words: dict[str, object] = {**vars(study), "seeds": len(study.seeds), "s": "s" * (len(study.seeds) > 1)}
    words |= {"least": RECOVERED_DB, "guesses": GUESSES}
    bare = chosen(rows, protection="none")
    kept = [row for row in rows if row["protection"] != "none"]
    parts = (
        "# What an update gives away",
        SET_UP.format(**words),
        "![quality of what is found again, over batch and protection](leakage.png)",
        COUNTS,
        _table(bare, ("batch", "steps")),
        PROTECTIONS,
        _table([*chosen(bare, batch=1, steps=1), *kept], ("protection",)),
        TAKE.format(**_take(rows, study)),
        KEYS,
    )
    return "\n\n".join(parts)


def _table(rows: Sequence[Row], settings: tuple[str, ...]) -> str:
    head = ("model", *settings, "unknowns", "angles", "rank", "PSNR, dB", "recovered", "nearest, dB", "mean, dB")
    lines = [
        [
            row["model"],
            *(str(row[key]) for key in settings),
            str(row["unknowns"]),
            str(row["angles"]),
            f"{row['rank']:.3g}",
            _cell(row),
            f"{100 * row['recovered']:.3g} %",
            f"{row['nearest_db']:.1f}",
            f"{row['mean_db']:.1f}",
        ]
        for row in sorted(rows, key=lambda row: list(dict.fromkeys(r["model"] for r in rows)).index(row["model"]))
    ]
    return table(head, lines, words=1 + ("protection" in settings))


def _cell(row: Row) -> str:
    low, high = row["psnr_db_low"], row["psnr_db_high"]
    return f"{row['psnr_db']:.1f}" if low is None else f"{row['psnr_db']:.1f} ± {(high - low) / 2:.1f}"


def _take(rows: Sequence[Row], study: LeakageStudy) -> dict[str, object]:
    """Return what each point says, from the rows."""
    most, clients, multiplier = max(study.batches), max(study.sums), max(study.noise)
    bare = {"protection": "none", "steps": min(study.steps)}
    return {
        "bare": _said(rows, study, **bare, batch=min(study.batches)),
        "most": most,
        "large": _said(rows, study, **bare, batch=most),
        "clients": clients,
        "sums": _said(rows, study, protection=f"sum of {clients} clients"),
        "shots": min(study.shots),
        "few": _said(rows, study, protection=f"{min(study.shots):,} shots"),
        "multiplier": multiplier,
        "noise": _said(rows, study, protection=f"noise multiplier {multiplier:g}"),
    }


def _said(rows: Sequence[Row], study: LeakageStudy, **wanted: object) -> str:
    told = []
    for model in study.models:
        for row in chosen(rows, model=model, **wanted)[:1]:
            told.append(f"{model} {row['psnr_db']:.1f} dB (nearest other digit {row['nearest_db']:.1f})")
    return ";\n  ".join(told)

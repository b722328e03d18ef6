"""The page of membership inference: areas and members found, and what to take from them."""

from collections.abc import Sequence

from qfl.studies.markdown import table

from .grouped import Row, chosen
from .membership_measure import LABELS, VIEWS
from .membership_settings import MembershipStudy

SET_UP = """Was this digit among those that were trained on? {federations} federations, each of {clients} clients that
share a random half of {pool} digits ({rounds} rounds of FedAvg, {steps} local steps on all of a client's digits), are
attacked one after the other by LiRA (Carlini et al., arXiv:2112.03570), the others being its shadows: few, so one
variance for all digits. The attacker knows model, initial angles and settings, and about half of its shadows saw the
digit. {seeds} seed{s}. From the *last model* it takes the confidence in the digit's label; from *a client's update* of
the last round, which a server without masked sums sees, by how much the client that may hold the digit raised that
confidence.

**Labels drawn by chance are the control**: nothing but the digits themselves can tell them, so who learns them has
learned them by heart, and an attack that sees nothing there has no power. Chance is an area of 0.5 and {alarms:g} %
found."""
TAKE = """## What to take from it

- **True labels**: {true}.
- **Labels drawn by chance**: {control}.
- Accuracy on digits trained on less that on the others, with true labels: {gaps}.
- Few shadows and small federations; more shadows may find more. No defence was measured here."""
KEYS = """`results.json` has a list `membership` of rows with `model`, `entries`, `labels`, `view`, and the means over
seeds of `area`, `found`, and the accuracies `inside` and `outside` what was trained on, each with `_low` and `_high`
(95 %; null for one seed)."""


def membership_page(rows: Sequence[Row], study: MembershipStudy) -> str:
    """Return the page."""
    words = {**vars(study), "seeds": len(study.seeds), "s": "s" * (len(study.seeds) > 1)}
    parts = (
        "# Who was trained on: membership inference",
        SET_UP.format(**words, alarms=100 * study.false_alarms),
        "![area, and members found](membership.png)",
        _table(rows, study),
        _take(rows, study),
        KEYS,
    )
    return "\n\n".join(parts)


def _table(rows: Sequence[Row], study: MembershipStudy) -> str:
    found = f"found at {100 * study.false_alarms:g} %"
    head = ("model (entries)", "labels", "from", "area", found, "accuracy inside", "outside")
    lines = [
        [
            f"{row['model']} ({row['entries']})",
            row["labels"],
            row["view"],
            _cell(row, "area", 1),
            _cell(row, "found", 100) + " %",
            f"{row['inside']:.3f}",
            f"{row['outside']:.3f}",
        ]
        for row in rows
    ]
    return table(head, lines, words=3)


def _cell(row: Row, key: str, factor: float) -> str:
    digits = 3 if factor == 1 else 1
    text = f"{factor * row[key]:.{digits}f}"
    low, high = row[f"{key}_low"], row[f"{key}_high"]
    return text if low is None else f"{text} ± {factor * (high - low) / 2:.{digits}f}"


def _take(rows: Sequence[Row], study: MembershipStudy) -> str:
    told = {
        labels: "; ".join(
            f"{model}, area {_areas(chosen(rows, model=model, labels=labels))} ({' and '.join(VIEWS)})"
            for model in study.models
        )
        for labels in LABELS
    }
    first = chosen(rows, labels=LABELS[0], view=VIEWS[0])
    gaps = ", ".join(f"{row['model']} {row['inside'] - row['outside']:+.3f}" for row in first)
    return TAKE.format(true=told[LABELS[0]], control=told[LABELS[1]], gaps=gaps)


def _areas(rows: Sequence[Row]) -> str:
    return " and ".join(f"{row['area']:.3f}" for row in rows)

"""The numbers of the theory: means over the seeds with their 95 % intervals, by circuit, loss and size."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from qfl.spread import mean
from qfl.studies.bands import interval

from .theory_measure import lemma_1_counts
from .theory_settings import Theory

Row = dict[str, Any]
KEYS = {
    "gradients": ("reading", "loss", "layers", "neurons"),
    "extended": (),
    "inputs": ("neurons",),
    "rates": ("method",),
    "exchanges": ("circuit",),
}
LARGEST = ("most", "largest_loss", "moved", "spread", "used", "angles", "entries")


def averaged(rows: Iterable[Mapping[str, Any]], keys: Sequence[str]) -> list[Row]:
    """Return one row for each value of the keys: mean, low and high of every number, of some the largest.

    Args:
        rows: With a ``seed`` each.
        keys: Columns that tell the groups apart.

    Example:
        >>> averaged([{"seed": 1, "rate": 1.0, "most": 2.0}, {"seed": 2, "rate": 1.0, "most": 3.0}], ())
        [{'rate': {'mean': 1.0, 'low': 1.0, 'high': 1.0}, 'most': 3.0}]
    """
    groups: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault(tuple(row[key] for key in keys), []).append(row)
    return [dict(zip(keys, values, strict=True)) | _numbers(own, keys) for values, own in groups.items()]


def _numbers(own: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> Row:
    found: Row = {}
    for name in own[0]:
        if name in (*keys, "seed"):
            continue
        values = [row[name] for row in own]
        low, high = interval(values)
        found[name] = max(values) if name in LARGEST else {"mean": mean(values), "low": low, "high": high}
    return found


def numbers_of(study: Theory, measured: Mapping[str, list[Row]]) -> dict[str, Any]:
    """Return all numbers but the claims.

    ::

        gradients.N        reading, loss, layers, neurons; mean, low, high; most
        extended           the same of the extended cloud, and its entries
        inputs.N           neurons; single_neuron, x_as_a_number, largest_loss
        rates.METHOD       min_rate, sum_rate: mean, low, high
        exchanges.CIRCUIT  moved, spread, angles, used
        counts.N           circuit, layers, neurons; qubits, angles, lie*, depth*
        lemma_1.N          layers, neurons; lemma, proof

    Args:
        study: Sizes.
        measured: Rows by table.
    """
    means = {name: averaged(measured[name], keys) for name, keys in KEYS.items()}
    return {
        "seeds": len(study.seeds),
        "draws": study.draws,
        "trials": study.trials,
        "gradients": means["gradients"],
        "extended": means["extended"][0],
        "inputs": means["inputs"],
        "rates": {row.pop("method"): row for row in means["rates"]},
        "exchanges": {row.pop("circuit"): row for row in means["exchanges"]},
        "counts": measured["counts"],
        "lemma_1": [
            {"layers": layers, "neurons": neurons} | lemma_1_counts(layers, neurons)
            for layers in study.layers
            for neurons in study.neurons
        ],
    }

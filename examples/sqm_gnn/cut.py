"""What it takes to run trained stars on few qubits: circuits of the exact cut, and what shots cost whole and cut.

Shots are binomial draws with the exact probabilities, along X, Y and Z of a whole star and along X and Y of the groups
of one that is cut, as many for each circuit; so the cut model's bill is larger by its number of circuits.
"""

from dataclasses import replace
from typing import Any

import torch
from numpy.typing import NDArray

from qfl.models.star_count import circuits_per_node, num_qubits
from qfl.models.star_gnn import StarGnn
from qfl.models.star_layer import Execute, exact, sampled
from qfl.models.star_product import multiplied
from qfl.quantum.noise import NoiseModel
from qfl.quantum.star_cut import GROUP
from qfl.quantum.star_phase import commutes
from qfl.spread import or_none
from qfl.tasks.d2d import D2dBatch
from qfl.wireless.d2d_rates import sum_rate

SHOTS = (100, 1000, 10000)  # per circuit and axis


def needs(model: Any, pairs: int) -> dict[str, int]:
    """Return what a model trains, and what a network of star circuits runs on in a network of so many pairs."""
    numbers = {"numbers": len(model.layout)}
    if not isinstance(model, StarGnn):
        return numbers
    return numbers | {"qubits": num_qubits(model, pairs), "circuits_per_node": circuits_per_node(model, pairs)}


def run_cut(model: Any, angles: NDArray, batch: D2dBatch, base: float, seed: int) -> dict[str, Any] | None:
    """Return what a trained model gives whole and cut, as % of ``base``; None if its stars are no products.

    Args:
        model: What was trained.
        angles: Its entries.
        batch: Channels to test it on.
        base: Sum rate in bit/s/Hz that is 100 %.
        seed: Of the shots.
    """
    if not isinstance(model, StarGnn) or not commutes(model.convolution):
        return None
    pairs = batch.snr.shape[-1]
    whole, cut = replace(model, cut=0), replace(model, cut=GROUP)
    ways: dict[str, Execute] = {"exact": exact, "cut exact": multiplied(lambda group: exact)}
    for shots in SHOTS:
        ways[f"{shots} shots"] = sampled(NoiseModel(), shots, seed)
        ways[f"cut {shots} shots"] = _shots_of_groups(shots, seed)
    powers = {name: _powers(model, angles, batch, execute) for name, execute in ways.items()}
    percent = {name: _percent(batch, found, base) for name, found in powers.items()}
    return {
        "whole": needs(whole, pairs),
        "cut": needs(cut, pairs),
        "largest_difference_of_powers": float((powers["exact"] - powers["cut exact"]).abs().max()),
        "percent_of_wmmse": percent,
        "realisations": len(batch.snr),
    }


def _shots_of_groups(shots: int, seed: int) -> Execute:
    return multiplied(lambda group: sampled(NoiseModel(), shots, (seed, group)))


def _powers(model: StarGnn, angles: NDArray, batch: D2dBatch, execute: Execute) -> torch.Tensor:
    snr, entries = batch.snr.double(), torch.from_numpy(angles).double()[None]
    with torch.no_grad():
        stars = model.stars(snr[None], batch.alpha[None].double())
        return model.outputs(entries, stars, execute).view(snr.shape[:2])


def _percent(batch: D2dBatch, powers: torch.Tensor, base: float) -> float | None:
    return or_none(100 * float(sum_rate(batch.snr.double(), powers, batch.alpha.double()).mean()) / base)
